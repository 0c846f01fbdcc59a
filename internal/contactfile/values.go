package contactfile

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// reading is what all values of a row have in common.
type reading struct {
	source  string
	options *Options
	read    func(string) ([]lead.Number, []error) // every value of a text, and what is left out
}

func readEmails(s string) (list []lead.Number, left []error) {
	addresses, left := lead.Emails(s)
	for _, a := range addresses {
		list = append(list, lead.Number{Value: a})
	}
	return list, left
}

// values reads the values of a field, each once. Without a field each value's own
// kind is found out.
func (r *Record) values(raw *rawRow, c column, f lead.Field, how reading) {
	cell := cellText(raw.known[c])
	if cell == "" {
		return
	}
	parts, more := listed(cell)
	if more {
		r.say(raw.label(c), fmt.Sprintf("has more than %d values; the others are left out", MaxValues))
	}
	for i, part := range parts {
		values, left := how.read(part)
		for _, err := range left {
			r.say(raw.label(c), err.Error())
		}
		for n, said := range values {
			status := noStatus
			if n == 0 && len(left) == 0 {
				status = raw.statusOf(c, i, len(parts))
			}
			r.value(raw, c, f, said, how, status)
		}
	}
}

// noStatus is of an address that the columns beside it do not speak of.
const noStatus = -1

// statusOf is which of the statuses beside an address column speaks of the address at a
// place among all: of as many statuses as addresses each of its own, and a single one
// of the first. To call another one verified would be to sell a guess.
func (r *rawRow) statusOf(c column, at, all int) int {
	statuses := strings.Count(r.known[workEmailStatus], ";") + 1
	switch {
	case c != workEmail && (c != email || cellText(r.known[workEmail]) != ""):
	case statuses == all, statuses == 1 && at == 0:
		return at
	}
	return noStatus
}

// nth is a part of a cell that has one for each value; of one for all it is the cell.
func nth(cell string, n int) string {
	parts := strings.Split(cell, ";")
	if n < len(parts) {
		return cellText(parts[n])
	}
	return ""
}

// value takes one value. Status is the place of its status in the column of them, or
// noStatus.
func (r *Record) value(raw *rawRow, c column, f lead.Field, said lead.Number, how reading, status int) {
	v := lead.Value{Field: f, Value: said.Value, Source: how.source, LastSeen: how.options.Now}
	if v.Field == "" && !r.classify(raw, c, said.Kind, &v) {
		return
	}
	if v.Field.IsEmail() {
		v.Status = lead.Unverified
		if status != noStatus {
			r.verification(raw, &v, how.options.Now, status)
		}
		r.mailbox(raw, c, &v)
		r.reachable(raw, c, &v, how.options.Mail)
	}
	if !r.has(v) && len(r.Person.ValuesOf(v.Field)) < MaxValues {
		r.Person.Values = append(r.Person.Values, v)
	}
}

// has tells whether the row gave the value before: under the same field, or where
// its kind was only guessed, under any.
func (r *Record) has(v lead.Value) bool {
	for _, known := range r.Person.Values {
		if known.Value == v.Value && known.Field == v.Field {
			return true
		}
	}
	return false
}

// classify finds out what kind of address or number a value is that comes without
// one. False: it is none of a person's own, and was put where it belongs.
func (r *Record) classify(raw *rawRow, c column, kind string, v *lead.Value) bool {
	for _, known := range r.Person.Values { // its kind is said in another column
		if known.Value == v.Value {
			return false
		}
	}
	if c == email {
		v.Field = lead.WorkEmail
		if lead.MailboxOf(v.Value) == lead.PersonalBox {
			v.Field = lead.PersonalEmail
		}
		return true
	}
	switch line := lead.LineOf(v.Value); {
	case line == lead.LineMobile, line == lead.LineUnknown && kind == "mobile":
		v.Field = lead.MobilePhone
	case c == homePhone, kind == "home": // a family's line is nobody's direct dial
		raw.keep("home_phone", v.Value)
		r.Person.Extra = raw.extra
		return false
	case line == lead.LineShared, kind == "main":
		if r.Person.CompanyPhone == "" {
			r.Person.CompanyPhone = v.Value
		} else {
			r.say(raw.label(c), fmt.Sprintf("%.64q is a line that many share; it is not kept as a direct dial", v.Value))
		}
		return false
	default:
		v.Field = lead.WorkPhone
	}
	return true
}

// mailbox marks addresses that are nobody's own, and says so of one that was verified.
func (r *Record) mailbox(raw *rawRow, c column, v *lead.Value) {
	was := v.Status
	*v = lead.InMailbox(*v)
	if was != lead.Verified || v.Status == was {
		return
	}
	kind := "a shared"
	if v.Mailbox == lead.DisposableBox {
		kind = "a disposable"
	}
	r.say(raw.label(c), fmt.Sprintf("%.64q is %s mailbox; it is kept as %s, not as verified", v.Value, kind, v.Status))
}

// reachable doubts an address whose domain cannot take mail, as far as is known. It
// is kept, as unverified: its sender may know better.
func (r *Record) reachable(raw *rawRow, c column, v *lead.Value, mail *MailCheck) {
	_, domain, _ := strings.Cut(v.Value, "@")
	wrong := wrongSuffix(domain)
	if wrong == "" && mail != nil && v.Status != lead.Bounced && !mail.Takes(context.Background(), domain) {
		wrong = "takes no mail: it has neither a mail exchanger nor an address"
	}
	if wrong == "" {
		return
	}
	if v.Status != lead.Bounced {
		v.Status, v.VerifiedAt = lead.Unverified, time.Time{}
	}
	r.say(raw.label(c), fmt.Sprintf("the domain of %.64q %s; it is kept as %s", v.Value, wrong, v.Status))
}

func (r *Record) verification(raw *rawRow, v *lead.Value, now time.Time, at int) {
	if s := nth(cellText(raw.known[workEmailStatus]), at); s != "" {
		status, ok := lead.VerifierStatus(s)
		if !ok {
			r.say(raw.label(workEmailStatus), fmt.Sprintf("%.64q is not one of verified, likely, unverified, bounced, nor a verifier's word for one", s))
			status = lead.Unverified
		}
		v.Status = status
	}
	if s := nth(cellText(raw.known[workEmailVerifiedAt]), at); s != "" {
		at, err := lead.Date(s)
		if err != nil {
			r.say(raw.label(workEmailVerifiedAt), err.Error()+" or 01.03.2026; the address counts as verified at an unknown time, so it is charged")
			return
		}
		if v.VerifiedAt = at; !now.IsZero() && at.After(now) {
			r.say(raw.label(workEmailVerifiedAt), fmt.Sprintf("%.64q is in the future; it is taken as now", s))
			v.VerifiedAt = now
		}
	}
	if v.Status == lead.Bounced && v.VerifiedAt.IsZero() {
		v.VerifiedAt = now // it is news
	}
}
