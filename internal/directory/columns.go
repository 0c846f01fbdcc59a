package directory

import (
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
	columnCount
)

var columnNames = [columnCount]string{"id", "full_name", "first_name", "last_name", "title", "company", "company_domain", "company_phone",
	"linkedin_url", "location", "work_email", "work_email_status", "work_email_verified_at", "personal_emails", "work_phones",
	"mobile_phones", "country"}

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
	return column(slices.Index(columnNames[:], name))
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

// tooManyExtras is said of what a file or a row brings beyond maxExtras.
const tooManyExtras = "is not kept: there may be 50 columns that the directory does not know"

// rawRow is one row as it is written, by column.
type rawRow struct {
	known    [columnCount]string
	extra    map[string]string
	problems []Problem // without their row
}

// keep sets an unknown column aside.
func (r *rawRow) keep(name, value string) {
	switch {
	case value == "":
	case len(value) > maxExtra:
		r.problems = append(r.problems, Problem{Column: name, Message: "is longer than 4 KiB and not kept"})
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
	if len(s) > 1 && s[0] == '\'' {
		r, _ := utf8.DecodeRuneInString(s[1:])
		if strings.ContainsRune("=+-@\t\r＝＋－＠", r) {
			return strings.TrimSpace(s[1:])
		}
	}
	return s
}
