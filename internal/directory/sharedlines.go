package directory

import (
	"cmp"
	"fmt"
	"hash/maphash"
	"slices"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// sharedLines counts how many people of one company have the same number as a direct dial:
// so many that it is rather the company's line. It is for the report alone.
type sharedLines struct {
	seed  maphash.Seed
	lines map[uint64]*sharedLine // by the hash of company and number
}

// sharedLine is a number of a company. What it is called is kept of those that many share.
type sharedLine struct {
	first           [suspicious]uint64 // hashes of the first few who have it
	people          int
	company, number string
}

const (
	linesCounted = 50_000 // numbers that are counted in one file
	suspicious   = 4      // people who share a number
	linesTold    = 20
)

func (l *sharedLines) count(rows []record) {
	if l.lines == nil {
		l.lines, l.seed = map[uint64]*sharedLine{}, maphash.MakeSeed()
	}
	for n := range rows {
		p := &rows[n].Person
		company := cmp.Or(p.Company, p.CompanyDomain)
		if rows[n].placed == "" || company == "" {
			continue
		}
		who := maphash.String(l.seed, rows[n].placed)
		for _, v := range p.Values {
			if v.Field != lead.WorkPhone || p.IsMainLine(v.Value) {
				continue
			}
			k := maphash.String(l.seed, company+"\x00"+v.Value)
			line := l.lines[k]
			if line == nil {
				if len(l.lines) >= linesCounted {
					continue
				}
				line = &sharedLine{}
				l.lines[k] = line
			}
			line.add(who, company, v.Value)
		}
	}
}

func (s *sharedLine) add(who uint64, company, number string) {
	if slices.Contains(s.first[:min(s.people, suspicious)], who) {
		return
	}
	if s.people < suspicious {
		s.first[s.people] = who
	}
	if s.people++; s.people == suspicious {
		s.company, s.number = fmt.Sprintf("%.64q", company), fmt.Sprintf("%q", number)
	}
}

// messages are what the report says of numbers that many share.
func (l *sharedLines) messages() (list []string) {
	for _, s := range l.lines {
		if s.people >= suspicious {
			list = append(list, fmt.Sprintf("work_phones: %d people of %s share the number %s; if it is the company's line, give it as company_phone", s.people, s.company, s.number))
		}
	}
	slices.Sort(list)
	return list[:min(len(list), linesTold)]
}
