package contactfile

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/leadmeter/leadmeter/internal/lead"
	"golang.org/x/text/unicode/norm"
)

//go:embed aliases.txt
var aliasesText string

// Columns that only a header's name leads to, and that arrange makes one of ours.
const (
	called     column = columnCount + 1 + iota // the full name, or the family name beside a first name
	given                                      // the full name, or the first name beside a family name
	link                                       // a profile or a site, cell by cell
	salutation                                 // kept as it is
)

// aliases are the names by which people and products head columns that we know,
// of aliases.txt.
var aliases = sync.OnceValue(func() map[string]column {
	special := map[string]column{"called": called, "given": given, "link": link, "salutation": salutation, "left": left}
	names := make(map[string]column, 1200)
	for line := range strings.Lines(aliasesText) {
		to, list, found := strings.Cut(line, ":")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		c, ok := special[to]
		if !ok {
			c = column(slices.Index(columnNames[:], to))
		}
		for alias := range strings.FieldsSeq(list) {
			names[alias] = c
		}
	}
	return names
})

// squash is a header's name without anything but its letters and digits, in
// lower case and without accents: "E-mail Address" is emailaddress.
func squash(name string) string {
	plain := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, norm.NFKD.String(name))
	return norm.NFC.String(strings.ReplaceAll(plain, "ß", "ss"))
}

// entities are the things that products put before a column's name: "Person - Email".
var entities = []string{"person", "contact", "lead", "people", "prospect", "member", "candidate", "employee", "kontakt", "contatto", "contacto", "contato", "persona", "pessoa", "persoon"}

// aliased finds a column by what its name means in any of the languages that we
// know. extra: it means nothing to us.
func aliased(header string) column {
	name := squash(header)
	if c, ok := aliases()[name]; ok {
		return c
	}
	for _, entity := range entities {
		if rest, found := strings.CutPrefix(name, entity); found && rest != "" {
			if c, ok := aliases()[rest]; ok && c != left {
				return c
			}
		}
	}
	bare := strings.TrimFunc(strings.Map(func(r rune) rune { // "Phone 2", "E-mail 2 Address"
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, name), func(r rune) bool { return r == '.' })
	if bare != name && bare != "" {
		switch c, ok := aliases()[bare]; {
		case ok && (c.isList() || c == linkedInURL || c == website || c == link || c == left):
			return c
		}
		if c := columnNamed(bare); c != extra && c.isList() {
			return c
		}
	}
	return byWords(header)
}

// What words make a column one of phone numbers or of addresses, and what other
// words say nothing of which.
var (
	phoneWords = wordSet("phone phones telephone tel telefon telefono telefone telefoon telefonnummer rufnummer puhelin numero number mobilephone")
	emailWords = wordSet("email emails emailadresse emailaddress mail courriel correo epost eposta")
	someWords  = wordSet("address addresses number numbers nr no num nummer adresse primary secondary other additional alternate alternative preferred person people " +
		"contact lead prospect the of de del du da di do value main2 default best first second third intl international enriched found valid a b")
	companyWords = wordSet("company corporate hq headquarters main switchboard organization organisation account zentrale central firma entreprise empresa azienda")
)

func wordSet(words string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(words) {
		set[word] = true
	}
	return set
}

// headerWords are a header's words in lower case without accents; "e-mail" is one,
// and so are the words of WorkEmail.
func headerWords(header string) []string {
	var spaced strings.Builder
	before := ' '
	for _, r := range header {
		if unicode.IsUpper(r) && unicode.IsLower(before) {
			spaced.WriteByte(' ')
		}
		spaced.WriteRune(r)
		before = r
	}
	text := strings.NewReplacer("E-mail", "Email", "e-mail", "email", "E-Mail", "Email", "E-MAIL", "EMAIL", "E mail", "Email").Replace(spaced.String())
	var words []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) }) {
		words = append(words, squash(word))
	}
	return words
}

// byWords understands a header such as "Person - Email - Work" or "Phone (Mobile)",
// in which every word is one of a column of numbers or addresses.
func byWords(header string) column {
	words := headerWords(header)
	if len(words) < 2 || len(words) > 7 {
		return extra
	}
	base := extra
	for _, word := range words {
		switch {
		case emailWords[word]:
			base = email
		case base == extra && (phoneWords[word] && word != "number" && word != "numero" || len(word) > 3 && lead.PhoneKind(word) == "mobile"):
			base = phone
		}
	}
	if base == extra {
		return extra
	}
	for _, word := range words {
		known := emailWords[word] || phoneWords[word] || someWords[word] || companyWords[word] || len(word) > 1 && lead.PhoneKind(word) != ""
		if !known {
			return extra
		}
	}
	return kindOf(base, strings.Join(words, " "))
}

// FieldOf is the name of our column that a header of somebody else's file means, as
// Columns has it, or empty where it means none. A column whose meaning depends on
// those beside it is read as if it stood alone.
func FieldOf(header string) string {
	switch c := columnNamed(columnName(header)); c {
	case extra:
	default:
		return c.name()
	}
	switch c := aliased(header); c {
	case extra, left, salutation:
		return ""
	case called, given:
		return fullName.name()
	case link:
		return linkedInURL.name()
	default:
		return c.name()
	}
}
