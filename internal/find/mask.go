package find

import (
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// masked replaces an address or a number in a name, a title or a company.
const masked = "…"

// Mask is a text without what may be an address or a number in it: only names, titles, companies and
// places are free to see (rule C13), and a file may have had anything in their columns.
func Mask(text string) string {
	clean := true
	for part := range strings.FieldsSeq(text) {
		clean = clean && !contact(part)
	}
	if clean {
		return text
	}
	parts := strings.Fields(text)
	for n, part := range parts {
		if contact(part) {
			parts[n] = masked
		}
	}
	return strings.Join(parts, " ")
}

// MaskPerson is a person as a lookup may show them.
func MaskPerson(p lead.Person) lead.Person {
	for _, text := range []*string{&p.FullName, &p.FirstName, &p.LastName, &p.Title, &p.Company, &p.Location, &p.Industry} {
		*text = Mask(*text)
	}
	if Size(p.CompanySize) == "" {
		p.CompanySize = Mask(p.CompanySize)
	}
	return p
}
