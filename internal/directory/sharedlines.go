package directory

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// sharedLines counts how many people of one company have the same number as a direct dial:
// so many that it is rather the company's line. It is for the report alone.
type sharedLines struct {
	people map[dialled][]string // of each number the first few who have it
	more   map[dialled]int      // and how many there are beyond those
}

// dialled is a number of a company.
type dialled struct{ company, number string }

const (
	linesCounted = 50_000 // numbers that are counted in one file
	suspicious   = 4      // people who share a number
	linesTold    = 20
)

func (l *sharedLines) count(rows []record) {
	if l.people == nil {
		l.people, l.more = map[dialled][]string{}, map[dialled]int{}
	}
	for n := range rows {
		p := &rows[n].Person
		company := cmp.Or(p.Company, p.CompanyDomain)
		if rows[n].placed == "" || company == "" {
			continue
		}
		for _, v := range p.Values {
			k := dialled{company, v.Value}
			have := l.people[k]
			switch {
			case v.Field != lead.WorkPhone || p.IsMainLine(v.Value) || slices.Contains(have, rows[n].placed):
			case len(have) >= suspicious:
				l.more[k]++
			case len(have) > 0 || len(l.people) < linesCounted:
				l.people[k] = append(have, rows[n].placed)
			}
		}
	}
}

// told is what the report says of numbers that many share.
func (l *sharedLines) told() (messages []string) {
	for k, people := range l.people {
		if len(people) >= suspicious {
			messages = append(messages, fmt.Sprintf("work_phones: %d people of %.64q share the number %q; if it is the company's line, give it as company_phone", len(people)+l.more[k], k.company, k.number))
		}
	}
	slices.Sort(messages)
	return messages[:min(len(messages), linesTold)]
}
