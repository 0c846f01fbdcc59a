package contactfile

import (
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// Bounds of vCards.
const (
	maxCardLines = 10_000
	maxCardText  = 64 << 10 // bytes that are kept of a card to be put right
)

// vcardRows reads one person a card: vCard 3.0 and 4.0, and 2.1 as old telephones
// and Outlook write it.
//
// No library is used: the one that is maintained, github.com/emersion/go-vcard,
// holds a line of any length in memory, passes over lines that it cannot read
// without a word, and knows neither quoted-printable nor the types of 2.1.
type vcardRows struct {
	lines   vcardLines
	mapping map[string]column
	begun   bool // the next card's BEGIN was read
}

func newVCards(r io.Reader, mapping map[string]column) (*vcardRows, error) {
	v := &vcardRows{lines: vcardLines{window: window{src: r}}, mapping: mapping}
	for {
		line, err := v.lines.peekPlain()
		if err == io.EOF {
			return nil, formatError("the file is empty; it must begin with BEGIN:VCARD")
		}
		if err != nil {
			return nil, err
		}
		if line == "" {
			continue
		}
		if !strings.EqualFold(line, "BEGIN:VCARD") {
			return nil, formatError("the file is no vCard; it must begin with BEGIN:VCARD")
		}
		v.begun = true
		return v, nil
	}
}

func (v *vcardRows) describe(u *Understood) { u.Format = FormatVCard }

// next reads one card. Whatever stands between cards is passed over.
func (v *vcardRows) next(raw *rawRow) (advance int, err error) {
	for !v.begun {
		line, err := v.lines.peekPlain()
		if err != nil {
			return 0, err
		}
		v.begun = strings.EqualFold(line, "BEGIN:VCARD")
	}
	v.begun = false
	card := vcard{raw: raw, mapping: v.mapping}
	v.lines.keep()
	defer func() { raw.cells = []string{v.lines.kept()} }()
	var nested agent
	for n := 0; ; n++ {
		p, err := v.lines.property()
		if err == io.EOF {
			return 1, badRow("the card is not ended by END:VCARD")
		}
		if err != nil {
			return 1, err
		}
		switch {
		case n > maxCardLines:
			return 1, badRow("the card has more than %d lines", maxCardLines)
		case nested.has(&p):
		case p.name == "END" && strings.EqualFold(p.value, "VCARD"):
			return 1, card.end()
		case p.name == "BEGIN" && strings.EqualFold(p.value, "VCARD"):
			v.begun = true
			return 1, badRow("the card is not ended by END:VCARD")
		default:
			card.take(&p)
		}
	}
}

// agent passes over the cards within a card, which AGENT of 2.1 has: they are of
// somebody else.
type agent struct {
	depth int
	due   bool // the line before was an AGENT without a value
}

// has tells whether a line is part of a card within the card, or begins one.
func (a *agent) has(p *vcardProperty) bool {
	value := strings.TrimSpace(p.value)
	begins := p.name == "BEGIN" && strings.EqualFold(value, "VCARD")
	switch {
	case a.depth > 0 && p.name == "END" && strings.EqualFold(value, "VCARD"):
		a.depth--
	case a.depth > 0 && begins, a.due && begins, p.name == "AGENT" && strings.EqualFold(value, "BEGIN:VCARD"):
		a.depth++
	case a.depth == 0:
		a.due = p.name == "AGENT" && value == ""
		return a.due
	}
	a.due = false
	return true
}

// vcard is one card while it is read.
type vcard struct {
	raw             *rawRow
	mapping         map[string]column
	kind            string
	company         bool // Apple's mark of a card that is a company's
	broken          int  // lines that are no property
	long            string
	nul             bool
	labels          map[string]string // what a group's values are called: item1 → Work Fax
	statuses, dates []string          // of the work emails, each in its place
	later           []vcardProperty   // numbers and addresses of groups, whose label may follow
}

// Parameters of an EMAIL by which our own cards say how sure the address is, and since when.
const (
	StatusParam   = "X-EMAIL-STATUS"
	VerifiedParam = "X-EMAIL-VERIFIED-AT"
)

// param is the value of a parameter; empty: there is none.
func (p *vcardProperty) param(name string) string {
	for _, param := range strings.Split(p.params, ";") {
		if key, value, found := strings.Cut(param, "="); found && strings.EqualFold(strings.TrimSpace(key), name) {
			return strings.Trim(strings.TrimSpace(value), `"`)
		}
	}
	return ""
}

// ignored are properties that say nothing that the directory keeps.
var ignored = []string{"VERSION", "PRODID", "REV", "NOTE", "PHOTO", "LOGO", "SOUND", "KEY", "BDAY", "ANNIVERSARY", "GENDER", "LANG", "TZ", "GEO", "MAILER",
	"NICKNAME", "SORT-STRING", "CLASS", "AGENT", "MEMBER", "RELATED", "LABEL", "SOURCE", "NAME", "PROFILE", "XML", "CLIENTPIDMAP",
	"FBURL", "CALURI", "CALADRURI", "IMPP", "X-ABUID", "X-ABADR", "PRONOUNS", "GRAMGENDER", "CREATED", "LANGUAGE"}

// take understands one property.
func (c *vcard) take(p *vcardProperty) {
	c.nul = c.nul || strings.Contains(p.value, "\x00")
	switch {
	case p.name == "":
		c.broken++
		return
	case p.long && slices.Contains(ignored, p.name):
		return
	case p.long:
		c.long = p.name
		return
	}
	if to, ok := c.mapping[columnName(p.name)]; ok {
		c.put(p, to, p.text())
		return
	}
	switch p.name {
	case "KIND", "X-ADDRESSBOOKSERVER-KIND":
		c.kind = strings.ToLower(p.text())
	case "X-ABSHOWAS":
		c.company = strings.EqualFold(p.value, "COMPANY")
	case "UID":
		c.put(p, id, p.text())
	case "FN":
		c.put(p, fullName, p.text())
	case "N":
		parts := p.parts()
		c.put(p, lastName, parts[0])
		c.put(p, firstName, strings.TrimSpace(parts[1]))
	case "ORG":
		c.put(p, company, p.parts()[0])
	case "TITLE", "ROLE":
		c.put(p, title, p.text())
	case "EMAIL", "TEL":
		if p.group != "" && !p.long {
			c.later = append(c.later, *p)
			return
		}
		c.typed(p, p.types())
	case "CATEGORIES":
		c.categories(p)
	case "X-ABLABEL":
		if c.labels == nil {
			c.labels = map[string]string{}
		}
		c.labels[p.group] = strings.NewReplacer("_$!<", "", ">!$_", "").Replace(p.text())
	case "URL", "X-SOCIALPROFILE", "SOCIALPROFILE":
		c.url(p)
	case "ADR":
		parts := p.parts()
		c.put(p, city, parts[3])
		c.put(p, region, parts[4])
		c.put(p, country, parts[6])
	default:
		if !slices.Contains(ignored, p.name) {
			c.unknown(p)
		}
	}
}

// typed takes a number or an address of the kind that its types and its label say.
func (c *vcard) typed(p *vcardProperty, types string) {
	if p.name == "EMAIL" {
		to := kindOf(email, types)
		c.put(p, to, p.text())
		if to == workEmail {
			c.statuses, c.dates = append(c.statuses, p.param(StatusParam)), append(c.dates, p.param(VerifiedParam))
		}
		return
	}
	number := p.text()
	if len(number) > 4 && strings.EqualFold(number[:4], "tel:") {
		number = number[4:]
	}
	c.put(p, kindOf(phone, types), waited.ReplaceAllString(number, "$1,$2"))
}

// waited is a number with the digits that a telephone dials when it was answered, behind
// the signs by which telephones write a pause.
var waited = regexp.MustCompile(`^(.*\d) ?[;pPwW] ?(\d{1,6})#?$`)

// categories keeps a list of names as one text, as a cell of a list is written.
func (c *vcard) categories(p *vcardProperty) {
	var names []string
	value, begin := p.decoded(), 0
	for i := 0; i <= len(value); i++ {
		switch {
		case i < len(value) && value[i] == '\\':
			i++
		case i >= len(value) || value[i] == ',':
			if name := strings.Join(strings.Fields(unescape(value[begin:min(i, len(value))])), " "); name != "" {
				names = append(names, name)
			}
			begin = i + 1
		}
	}
	if before := c.raw.extra["categories"]; before != "" && len(names) > 0 {
		names = append([]string{before}, QuoteNames(names))
		c.raw.keep("categories", strings.Join(names, ";"))
		return
	}
	c.raw.keep("categories", QuoteNames(names))
}

// QuoteNames writes a list of names in one cell, with semicolons between them; a name
// that holds a semicolon or a quote is put in quotes, doubled inside, as RFC 4180
// writes cells.
func QuoteNames(names []string) string {
	quoted := make([]string, len(names))
	for n, name := range names {
		if quoted[n] = name; strings.ContainsAny(name, `;"`) {
			quoted[n] = `"` + strings.ReplaceAll(name, `"`, `""`) + `"`
		}
	}
	return strings.Join(quoted, ";")
}

// unknown keeps a property that no standard has, and tells of one that looks as if it
// were ours: PHONE.WORK.
func (c *vcard) unknown(p *vcardProperty) {
	value, name := cellText(p.text()), p.name
	if p.group != "" {
		name = strings.ToUpper(p.group) + "." + p.name
	}
	_, err := lead.Email(value)
	if err == nil || looksLikePhone(value) {
		c.raw.problems = append(c.raw.problems, Problem{Column: name, Message: "is no property of a vCard and not read, though it looks like a number or an address; TEL and EMAIL are"})
	}
	c.raw.keep(strings.ToLower(p.name), value)
}

func (c *vcard) put(p *vcardProperty, to column, value string) {
	switch {
	case to == extra:
		c.raw.keep(strings.ToLower(p.name), cellText(value))
	case len(value) > maxCell:
		c.long = p.name
	default:
		c.raw.put(to, p.name, value)
	}
}

// url is a profile, a company's site, or something of the person's own.
func (c *vcard) url(p *vcardProperty) {
	address := p.text()
	key, err := lead.ProfileURL(address)
	switch {
	case err == nil && (strings.HasPrefix(key, "linkedin.com/") || strings.Contains(p.types(), "profile")):
		c.put(p, linkedInURL, address)
	case p.name == "URL" && strings.Contains(p.types(), "work"):
		c.put(p, website, address)
	default:
		c.raw.keep(strings.ToLower(p.name), cellText(address))
	}
}

// namesCompany tells a card without a person's name that has a company's, which some
// address books write as the name of the card.
func (c *vcard) namesCompany() bool {
	known := &c.raw.known
	name := strings.TrimSpace(known[fullName])
	if name == "" && (known[email]+known[workEmail]+known[personalEmails] != "" || len(c.raw.profiles) > 0) {
		return false // an address or a profile may say whose card it is
	}
	return known[company] != "" && known[firstName] == "" && known[lastName] == "" && (name == "" || name == strings.TrimSpace(known[company]))
}

// end is what is wrong with the card as a whole.
func (c *vcard) end() error {
	for i := range c.later {
		p := &c.later[i]
		c.typed(p, p.types()+" "+c.labels[p.group])
	}
	if statuses := strings.Join(c.statuses, ";"); strings.Trim(statuses, ";") != "" {
		c.raw.put(workEmailStatus, StatusParam, statuses)
		c.raw.put(workEmailVerifiedAt, VerifiedParam, strings.Join(c.dates, ";"))
	}
	switch {
	case c.nul:
		return badRow("the card holds a NUL character")
	case c.kind == "group" || c.kind == "org" || c.kind == "location" || c.kind == "device" || c.kind == "application":
		return badRow("the card is of a %s and not of a person", c.kind)
	case c.company:
		return badRow("the card is of a company and not of a person")
	case c.namesCompany():
		return badRow("the card names a company and nobody there")
	}
	if len(c.raw.extra) > MaxExtras {
		names := make([]string, 0, len(c.raw.extra))
		for name := range c.raw.extra {
			names = append(names, name)
		}
		slices.Sort(names)
		for _, name := range names[MaxExtras:] {
			delete(c.raw.extra, name)
		}
		c.raw.problems = append(c.raw.problems, Problem{Column: names[MaxExtras], Message: tooManyExtras})
	}
	if c.long != "" {
		c.raw.problems = append(c.raw.problems, Problem{Column: c.long, Message: "is longer than 64 KiB and left out"})
	}
	if c.broken > 0 {
		c.raw.problems = append(c.raw.problems, Problem{Message: "the card has a line that is no property; it is left out"})
	}
	return nil
}
