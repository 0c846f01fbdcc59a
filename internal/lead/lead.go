// Package lead is the vocabulary of people: what is known of a person, in
// which fields, and how a caller names the person they mean.
//
// It also brings what people write into one form, so that two ways of writing
// the same number, address, profile or name compare equal. Every normaliser is
// pure and total: it reads no clock and does no I/O, takes any bytes without
// panicking, bounds what it looks at, and changes nothing in what it returned
// before. The errors are sentences fit for the one who sent the value.
//
// It knows nothing of credits, storage or HTTP, and imports nothing of ours.
package lead

import (
	"strings"
	"time"
)

// Field is a kind of contact data, the unit in which a person is sold.
type Field string

// The fields. Their names are those of the API, the ledger and the price book.
const (
	WorkEmail     Field = "work_email"
	PersonalEmail Field = "personal_email"
	WorkPhone     Field = "work_phone" // a direct dial
	MobilePhone   Field = "mobile_phone"
)

// Fields lists every field in the order in which they are shown and paid for.
// It is not to be changed.
var Fields = []Field{WorkEmail, WorkPhone, PersonalEmail, MobilePhone}

// ParseField reads a field's name. False means that there is no such field.
func ParseField(s string) (Field, bool) {
	switch f := Field(s); f {
	case WorkEmail, PersonalEmail, WorkPhone, MobilePhone:
		return f, true
	}
	return "", false
}

// IsEmail tells whether the field's values are email addresses.
func (f Field) IsEmail() bool { return f == WorkEmail || f == PersonalEmail }

// IsPhone tells whether the field's values are telephone numbers.
func (f Field) IsPhone() bool { return f == WorkPhone || f == MobilePhone }

// Label is the field in words, lower case: "work email".
func (f Field) Label() string { return strings.ReplaceAll(string(f), "_", " ") }

// What is known of an email address. A telephone number has no status.
const (
	Verified   = "verified"
	Likely     = "likely"
	Unverified = "unverified"
	Bounced    = "bounced"
	// Former is an address at an employer whom the person has left since.
	Former = "former"
)

// EmailStatus reads an email's status as a source writes it, in any case.
// Nothing said means Unverified; false means a word that is no status. Other
// vocabularies ("valid", "deliverable") are refused rather than guessed at,
// because Verified is what costs money.
func EmailStatus(raw string) (string, bool) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return Unverified, true
	}
	for _, status := range []string{Verified, Likely, Unverified, Bounced} {
		if strings.EqualFold(raw, status) {
			return status, true
		}
	}
	return "", false
}

// Value is one address or number of a person. Value is normalised as by Email
// or Phone. Status is one of the above for an email and empty for a phone. A
// zero VerifiedAt means that nobody said when, which is longer ago than any
// window (rule C5); of a bounced address VerifiedAt is when it was known to
// bounce, of a former one when the person was known to have left. Source names who supplied it, LastSeen is when it was last supplied, and
// Mailbox tells addresses that are nobody's own (MailboxOf).
type Value struct {
	Field      Field     `json:"field"`
	Value      string    `json:"value"`
	Status     string    `json:"status,omitempty"`
	VerifiedAt time.Time `json:"verified_at,omitzero"`
	Source     string    `json:"source,omitempty"`
	LastSeen   time.Time `json:"last_seen,omitzero"`
	Mailbox    Mailbox   `json:"mailbox,omitempty"`
}

// Reaches tells that the value may reach its person: it is not an address that bounced, or one of
// a former employer's.
func (v Value) Reaches() bool { return v.Status != Former && v.Status != Bounced }

// Person is what is known of one person. ID is ours, SourceID that of the one who
// supplied them. CompanyDomain, CompanyPhone, Country and the values are
// normalised; the other texts are as they were written. Extra holds what a
// source said beyond this, by the source's own names.
type Person struct {
	ID            string            `json:"id,omitempty"`
	SourceID      string            `json:"source_id,omitempty"`
	FullName      string            `json:"full_name,omitempty"`
	FirstName     string            `json:"first_name,omitempty"`
	LastName      string            `json:"last_name,omitempty"`
	Title         string            `json:"title,omitempty"`
	Company       string            `json:"company,omitempty"`
	CompanyDomain string            `json:"company_domain,omitempty"`
	CompanyPhone  string            `json:"company_phone,omitempty"`
	LinkedInURL   string            `json:"linkedin_url,omitempty"`
	Location      string            `json:"location,omitempty"`
	Country       string            `json:"country,omitempty"`
	Industry      string            `json:"industry,omitempty"`
	CompanySize   string            `json:"company_size,omitempty"`
	Values        []Value           `json:"values,omitempty"`
	AsOf          time.Time         `json:"-"` // when the employer was stated
	Extra         map[string]string `json:"extra,omitempty"`
}

// Name is the person's full name, put together where only its parts are known.
func (p Person) Name() string {
	if p.FullName != "" {
		return p.FullName
	}
	return strings.TrimSpace(p.FirstName + " " + p.LastName)
}

// ValuesOf is the person's values of one field, in their order. Nil means that
// the person has none.
func (p Person) ValuesOf(f Field) []Value {
	var values []Value
	for _, v := range p.Values {
		if v.Field == f {
			values = append(values, v)
		}
	}
	return values
}

// IsMainLine tells whether a number is the line of the person's company, an
// extension on it included (rule C4). The two are compared in E.164, however
// they were written.
func (p Person) IsMainLine(value string) bool {
	main := line(p.CompanyPhone, p.Country)
	return main != "" && line(value, p.Country) == main
}

// MainLineOnly tells whether the person has work phones and every one of them
// is the company's main line, so that there is no direct dial to sell (rule C4).
func (p Person) MainLineOnly() bool {
	found := false
	for _, v := range p.Values {
		if v.Field != WorkPhone {
			continue
		}
		if !p.IsMainLine(v.Value) {
			return false
		}
		found = true
	}
	return found
}

// clip shortens a value for a message, so that no message grows with what was sent.
func clip(s string) string {
	const most = 64 // bytes
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
