package contactfile

import (
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// kinds finds the columns that say what kind another column's value is.
func (l *layout) kinds() {
	at := map[string]int{}
	for i, p := range l.places {
		name := strings.ToLower(p.written)
		at[name] = i
		if value, found := strings.CutSuffix(name, " - value"); found {
			at[value] = i
		}
	}
	for i := range l.places {
		m := typeColumn.FindStringSubmatch(strings.ToLower(l.places[i].written))
		if m == nil {
			continue
		}
		if of, ok := at[m[1]]; ok && slices.Contains([]column{phone, email, website}, l.places[of].to) {
			l.places[of].kind, l.places[i].to = i, left
		}
	}
}

// customs finds Google's custom fields and the labels beside them.
func (l *layout) customs() {
	at := map[string]int{}
	for i := range l.places {
		p := &l.places[i]
		m := customColumn.FindStringSubmatch(strings.ToLower(p.written))
		switch {
		case m == nil || p.to != extra:
		case m[2] != "value":
			at[m[1]], p.custom = i+1, -1
		default:
			p.custom = at[m[1]]
		}
	}
}

// ownField is the column of ours that a custom field is, by its label: the status of addresses,
// and when they were verified. Of the label itself, whether it is one of these.
func ownField(label string, custom int, cell string) column {
	if custom < 0 {
		label = cell
	}
	if c := aliased(label); c == workEmailStatus || c == workEmailVerifiedAt {
		return c
	}
	return extra
}

// kindOf is the column for a number or address that is said to be of a kind: "Mobile",
// "* Work", "Home Fax", "Privat"; and for a site that is said to be a profile.
func kindOf(c column, kind string) column {
	if c == website && squash(kind) == "profile" {
		return linkedInURL
	}
	if c != phone && c != email {
		return c
	}
	found := map[string]bool{}
	for _, word := range headerWords(kind) {
		if of := lead.PhoneKind(word); len(word) > 1 && of != "" {
			found[of] = true
		}
		switch {
		case companyWords[word] && c == phone:
			found["main"] = true
		case companyWords[word] && word != "main":
			found["work"] = true
		case slices.Contains([]string{"workfax", "homefax", "otherfax", "pager", "telex", "modem", "bbs", "tty", "tdd", "ttytdd", "isdn"}, word):
			found["fax"] = true
		}
	}
	switch {
	case c == email && found["work"]:
		return workEmail
	case c == email && found["home"]:
		return personalEmails
	case c == email:
	case found["fax"]:
		return left
	case found["mobile"]:
		return mobilePhones
	case found["main"] && !found["direct"]:
		return companyPhone
	case found["home"]:
		return homePhone
	case found["work"] || found["direct"]:
		return workPhones
	}
	return c
}
