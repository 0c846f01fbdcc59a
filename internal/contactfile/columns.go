package contactfile

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// column is one that the directory knows, or extra.
type column int

const (
	extra column = iota - 1
	id
	fullName
	firstName
	lastName
	title
	company
	companyDomain
	companyPhone
	linkedInURL
	location
	workEmail
	workEmailStatus
	workEmailVerifiedAt
	personalEmails
	workPhones
	mobilePhones
	country
	industry
	companySize
	source
	// What follows is understood from a row as a whole: which kind of address or
	// number it is, and where somebody lives. Only a mapping leads there, for a
	// file of ours may have such columns of its own.
	email
	phone
	city
	region
	website
	homePhone
	columnCount

	left = columnCount // of a column that is left out
)

// plainColumns is how many columns a file names by their own names.
const plainColumns = email

var columnNames = [columnCount]string{"id", "full_name", "first_name", "last_name", "title", "company", "company_domain", "company_phone",
	"linkedin_url", "location", "work_email", "work_email_status", "work_email_verified_at", "personal_emails", "work_phones",
	"mobile_phones", "country", "industry", "company_size", "source", "email", "phone", "city", "region", "website", "home_phone"}

// Columns are the names that a mapping may lead to, beside "extra" and "".
func Columns() []string { return columnNames[:] }

// columnNamed finds a column by its normalised name. The names of the fields
// themselves, which are in the singular, are taken for their columns.
func columnNamed(name string) column {
	switch name {
	case "personal_email":
		return personalEmails
	case "work_phone":
		return workPhones
	case "mobile_phone":
		return mobilePhones
	}
	return column(slices.Index(columnNames[:plainColumns], name))
}

func (c column) name() string {
	switch c {
	case extra:
		return "extra"
	case left:
		return ""
	}
	return columnNames[c]
}

// columnName is a name as people head their columns with, in the directory's
// manner: " Full Name" is full_name.
func columnName(raw string) string {
	raw = strings.TrimSpace(strings.TrimPrefix(raw, "\ufeff"))
	return strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u00a0' {
			return '_'
		}
		return r
	}, strings.ToLower(raw))
}

// tooManyExtras is said of what a file or a row brings beyond MaxExtras.
const tooManyExtras = "is not kept: there may be 50 columns that the directory does not know"

// rawRow is one row as it is written, by column.
type rawRow struct {
	known    [columnCount]string
	labels   [columnCount]string // the file's own name of the column, where it is another
	profiles []address
	extra    map[string]string
	problems []Problem // without their row
	cells    []string  // the row as it stood, for the one who is to put it right
}

// address is one of the addresses of a person's profiles as it is written.
type address struct{ label, text string }

// put lays a cell under a known column. Lists and profiles grow; of two texts the
// first that is not empty stays, and false says so of the second.
func (r *rawRow) put(c column, label, cell string) bool {
	if c == left || strings.TrimSpace(cell) == "" {
		return true
	}
	if target, text, ok := hyperlink(cell); ok {
		cell = text
		if c.isLink() && strings.Contains(target, ".") && (!c.isList() || strings.Contains(target, "@")) || c == phone && strings.HasPrefix(target, "tel:") {
			cell = target
		}
	}
	switch {
	case c == linkedInURL && len(r.profiles) < maxProfiles:
		r.profiles = append(r.profiles, address{label, cell})
	case r.known[c] == "":
		r.known[c], r.labels[c] = cell, label
	case c.isList():
		if len(r.known[c])+len(cell) < maxCell {
			r.known[c] += ";" + cell
		}
	default:
		return r.known[c] == cell
	}
	return true
}

// maxProfiles bounds the profiles of one person that are read.
const maxProfiles = 5

// isLink tells columns of addresses, of which a link's target counts and not its text.
func (c column) isLink() bool {
	switch c {
	case linkedInURL, website, companyDomain, email, workEmail, personalEmails:
		return true
	}
	return false
}

// hyperlinked is a spreadsheet's formula for a link, which exports may leave in a
// cell, in the languages of its function.
var hyperlinked = regexp.MustCompile(`(?i)^=(?:HYPERLINK|LIEN_HYPERTEXTE|HIPERVINCULO|HIPERLINK|HIPERLIGACAO|COLLEG\.IPERTESTUALE)\(\s*"((?:[^"]|"")*)"\s*(?:[,;]\s*"((?:[^"]|"")*)"\s*)?\)$`)

func hyperlink(cell string) (target, text string, ok bool) {
	if cell = strings.TrimSpace(cell); !strings.HasPrefix(cell, "=") {
		return "", "", false
	}
	m := hyperlinked.FindStringSubmatch(cell)
	if m == nil {
		return "", "", false
	}
	target, text = strings.ReplaceAll(m[1], `""`, `"`), strings.ReplaceAll(m[2], `""`, `"`)
	if text == "" {
		text = target
	}
	return target, text, true
}

// label is the name by which the file's sender knows the column.
func (r *rawRow) label(c column) string {
	if r.labels[c] != "" {
		return r.labels[c]
	}
	return columnNames[c]
}

// keep sets an unknown column aside.
func (r *rawRow) keep(name, value string) {
	switch {
	case value == "":
	case len(value) > maxExtra:
		r.problems = append(r.problems, Problem{Column: name, Message: "is longer than 4 KiB and not kept"})
	case len(r.extra) >= MaxExtras:
		r.problems = append(r.problems, Problem{Column: name, Message: tooManyExtras})
	default:
		if r.extra == nil {
			r.extra = make(map[string]string)
		}
		r.extra[name] = value
	}
}

// cellText is a cell without the space around it and without the apostrophe by
// which spreadsheets and careful exports mark text that would else be taken for
// a formula: '+1 415 555 0123. Any other apostrophe is part of the text ('t Hooft).
func cellText(s string) string {
	s = strings.TrimSpace(s)
	if _, text, ok := hyperlink(s); ok {
		s = text
	}
	if len(s) > 1 && s[0] == '\'' {
		r, _ := utf8.DecodeRuneInString(s[1:])
		if strings.ContainsRune("=+-@\t\r＝＋－＠", r) {
			return strings.TrimSpace(s[1:])
		}
	}
	return s
}
