package directory

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/testdb"
)

// How precise matching is on people whom nobody tuned it to: generated with collisions that
// happen, exported three times, each time broken differently. LEADMETER_TEST_PRECISION=20000
// and LEADMETER_TEST_SEEDS=1,2,3 measure it at large; docs/imports.md has the numbers.
func TestPrecision(t *testing.T) {
	people, seeds := 1500, []uint64{20260301}
	if text := os.Getenv("LEADMETER_TEST_PRECISION"); text != "" {
		var err error
		if people, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	if text := os.Getenv("LEADMETER_TEST_SEEDS"); text != "" {
		seeds = nil
		for word := range strings.SplitSeq(text, ",") {
			seed, err := strconv.ParseUint(word, 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			seeds = append(seeds, seed)
		}
	}
	for _, seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			testdb.Want(t, "sqlite")
			l := landAt(t, "sqlite", testdb.Address(t, "sqlite"))
			c := newTown(seed, people)
			for n, file := range c.exports() {
				l.now = l.now.Add(time.Minute) // files of one instant would be one file
				i, err := l.BeginFile(context.Background(), File{Content: strings.NewReader(file), ContentType: "text/csv", Source: [...]string{"crm", "network", ""}[n]})
				if err != nil {
					t.Fatal(err)
				}
				if _, err := i.Run(context.Background()); err != nil {
					t.Fatal(err)
				}
			}
			wrong, missed, pairs := c.judge(l)
			t.Logf("seed %d: %d people in %d rows: %d false joins; %d of %d pairs that share a strong key missed (%.2f %%)", seed, people, len(c.rows), wrong, missed, pairs, 100*float64(missed)/float64(max(1, pairs)))
			if wrong > 0 || missed*50 > pairs {
				t.Errorf("%d false joins, %d of %d missed", wrong, missed, pairs)
			}
		})
	}
}

// townsman is one of the people that rows are of. Nothing of it is told to the directory but
// by rows.
type townsman struct {
	given, nick, family, married string
	firm, next                   int    // employers; next: -1, or whom they moved to
	profile, member              string // the profile's address, and its id
	mail, nextMail, home         string
}

type town struct {
	r      *rand.Rand
	people []townsman
	rows   []townRow
}

type townRow struct {
	person int
	keys   []string // strong ones, as a careful reader sees them
}

var townNames = [][2]string{{"Robert", "Bob"}, {"William", "Bill"}, {"Elizabeth", "Liz"}, {"Katharina", "Kathi"}, {"Alexander", "Alex"}, {"José", "Pepe"}, {"Francisco", "Paco"}, {"Giuseppe", "Beppe"},
	{"Jürgen", "Juergen"}, {"Jörg", "Joerg"}, {"Søren", "Soren"}, {"Zoë", "Zoe"}, {"Margaret", "Peggy"}, {"Dmitry", "Dima"}, {"Natalia", "Natasha"}, {"Wojciech", "Wojtek"}, {"Małgorzata", "Gosia"},
	{"Johannes", "Hans"}, {"Thomas", "Tom"}, {"Michael", "Mike"}, {"Susan", "Sue"}, {"Patricia", "Pat"}, {"Andrew", "Andy"}, {"Christopher", "Chris"}, {"Ada", ""}, {"Oto", ""}, {"Ingrid", ""}, {"Ravi", ""}, {"Mei", ""}, {"Yusuf", ""}}

var townFamilies = strings.Fields("King Müller Schröder Nowak García Rossi Jensen Smith Young Lee Kim Patel Ivanova Silva Dubois Moreau Weiß Bauer Olsen Byrne Costa Novák Horvat Yılmaz Khan Lopez Fischer Wagner Stone Reed")

func newTown(seed uint64, n int) *town {
	c := &town{r: rand.New(rand.NewPCG(seed, 11))}
	firms := n/12 + 1
	for i := range n {
		name := townNames[c.r.IntN(len(townNames))]
		p := townsman{given: name[0], nick: name[1], family: c.family(), firm: c.r.IntN(firms), next: -1, profile: fmt.Sprintf("p%d-%x", i, c.r.Uint32()), member: fmt.Sprint(1_000_000 + i)}
		if i > 0 && c.chance(8) { // a sibling at the same company
			p.family, p.firm = c.people[i-1].family, c.people[i-1].firm
			for p.given == c.people[i-1].given {
				name = townNames[c.r.IntN(len(townNames))]
				p.given, p.nick = name[0], name[1]
			}
		}
		local := fmt.Sprintf("%s%d", strings.ToLower(p.member[:3]), i)
		p.mail = fmt.Sprintf("u%s@firm%d.example", local, p.firm)
		p.home = fmt.Sprintf("h%s@gmail.com", local)
		if c.chance(10) {
			p.next = c.r.IntN(firms)
			p.nextMail = fmt.Sprintf("u%s@firm%d.example", local, p.next)
		}
		if c.chance(5) {
			p.married = c.family()
		}
		if p.nick == "" {
			p.nick = p.given
		}
		c.people = append(c.people, p)
	}
	return c
}

// family is one of some 400 family names: with thirty given names there are two or three people
// of each full name in 20,000.
func (c *town) family() string {
	return townFamilies[c.r.IntN(len(townFamilies))] + [...]string{"", "", "son", "mann", "ez", "ski", "berg", "wood", "ini", "poulos", "stein", "feld", "ton", "ley"}[c.r.IntN(14)]
}

func (c *town) chance(percent int) bool { return c.r.IntN(100) < percent }

// role is an address that many of a company write instead of their own; few are on any list
// of roles.
func (c *town) role(firm int) string {
	return fmt.Sprintf("%s@firm%d.example", [...]string{"info", "ventas", "halle3", "buro.nord", "front2", "familie"}[c.r.IntN(6)], firm)
}

// exports are a CRM's, a network's and a list that somebody bought.
func (c *town) exports() []string {
	var crm, network, list strings.Builder
	crm.WriteString("id,full_name,company,company_domain,work_email,mobile_phones\n")
	network.WriteString("full_name,company,linkedin_url,email,mobile_phones\n")
	list.WriteString("id,first_name,last_name,company,email,linkedin_url,mobile_phones\n")
	order := c.r.Perm(len(c.people))
	for _, i := range order {
		if p := &c.people[i]; c.chance(75) {
			mail := c.maybe(p.mail, 85, c.role(p.firm), 10, "none@none.com")
			fmt.Fprintf(&crm, "C%d,%s,Firm %d,firm%d.example,%s,+447911%06d\n", i, c.crmName(p), p.firm, p.firm, mail, c.row(i, mail, "crm:C"+fmt.Sprint(i)))
		}
	}
	for _, i := range c.r.Perm(len(c.people)) {
		if p := &c.people[i]; c.chance(75) {
			firm, family, mail := p.firm, p.family, c.maybe(p.home, 30, p.mail, 40, "")
			if p.next >= 0 {
				firm, mail = p.next, c.maybe(p.nextMail, 60, p.mail, 20, "")
			}
			if p.married != "" && c.chance(50) {
				family = p.married
			}
			url := c.profileURL(p)
			fmt.Fprintf(&network, "%s %s,Firm %d,%s,%s,+447911%06d\n", c.spelled(p.given), c.spelled(family), firm, url, mail, c.row(i, mail, c.profileKey(url)))
		}
	}
	for n, i := range c.r.Perm(len(c.people)) {
		if p := &c.people[i]; c.chance(60) {
			mail := c.maybe(p.mail, 60, p.home, 20, c.role(p.firm))
			if c.chance(3) {
				mail = "email_not_unlocked@domain.com"
			}
			url := ""
			if c.chance(50) {
				url = c.profileURL(p)
			}
			given := c.maybe(p.nick, 40, string([]rune(p.given)[:1])+".", 20, p.given)
			fmt.Fprintf(&list, "%d,%s,%s,Firm %d,%s,%s,+447911%06d\n", n, given, c.spelled(p.family), p.firm, mail, url, c.row(i, mail, c.profileKey(url)))
		}
	}
	return []string{crm.String(), network.String(), list.String()}
}

func (c *town) maybe(a string, first int, b string, then int, rest string) string {
	switch n := c.r.IntN(100); {
	case n < first:
		return a
	case n < first+then:
		return b
	}
	return rest
}

func (c *town) crmName(p *townsman) string {
	switch c.r.IntN(5) {
	case 0:
		return fmt.Sprintf("%q", p.family+", "+p.given)
	case 1:
		return strings.ToUpper(p.family) + " " + p.given
	case 2:
		return "Dr. " + p.given + " Q. " + p.family
	}
	return p.given + " " + p.family
}

// spelled is a name as somebody without the right keyboard writes it, now and then.
func (c *town) spelled(name string) string {
	if c.chance(70) {
		return name
	}
	return strings.NewReplacer("ü", "ue", "ö", "oe", "ß", "ss", "ø", "o", "ł", "l", "é", "e", "í", "i", "ë", "e", "ı", "i", "á", "a").Replace(name)
}

func (c *town) profileURL(p *townsman) string {
	switch c.r.IntN(10) {
	case 0:
		return "https://www.linkedin.com/profile/view?id=" + p.member
	case 1:
		return "https://www.linkedin.com/in/undefined"
	case 2:
		return "https://www.linkedin.com/search/results/people/headless?keywords=" + p.profile
	case 3:
		return "<https://de.linkedin.com/in/" + strings.ToUpper(p.profile) + "/?trk=x>"
	}
	return "https://www.linkedin.com/in/" + p.profile
}

// profileKey is what a careful reader takes a profile for.
func (c *town) profileKey(url string) string {
	if strings.Contains(url, "undefined") || strings.Contains(url, "headless") || url == "" {
		return ""
	}
	if _, id, found := strings.Cut(url, "id="); found {
		return "view:" + id
	}
	_, slug, _ := strings.Cut(strings.ToLower(url), "/in/")
	slug, _, _ = strings.Cut(slug, "/")
	return "in:" + slug
}

// row notes whose row it is and what strong keys it has: an address that is one person's own
// in truth, a profile or an id of a source.
func (c *town) row(person int, mail, key string) int {
	p := &c.people[person]
	r := townRow{person: person}
	if mail != "" && (mail == p.mail || mail == p.nextMail || mail == p.home) {
		r.keys = append(r.keys, mail)
	}
	if key != "" {
		r.keys = append(r.keys, key)
	}
	c.rows = append(c.rows, r)
	return len(c.rows) - 1
}

// judge counts people of whom rows of two were made one, and among the pairs of rows of one
// person that share a strong key those that were not.
func (c *town) judge(l *land) (wrong, missed, pairs int) {
	l.Helper()
	of := map[int]string{}
	number := regexp.MustCompile(`\+447911(\d{6})`) // each row has its own
	for line := range strings.SplitSeq(l.rows(`SELECT person_id, details FROM people`), "\n") {
		id, details, _ := strings.Cut(line, " ")
		whose := map[int]bool{}
		for _, m := range number.FindAllStringSubmatch(details, -1) {
			n, err := strconv.Atoi(m[1])
			if err != nil {
				l.Fatal(err)
			}
			of[n], whose[c.rows[n].person] = id, true
		}
		if len(whose) > 1 {
			wrong++
			if wrong <= 10 {
				l.Logf("one person of %v: %s", slices.Sorted(maps.Keys(whose)), l.rows(`SELECT full_name, company, details, parts FROM people WHERE person_id = '`+id+`'`))
			}
		}
	}
	if len(of) != len(c.rows) {
		l.Fatalf("%d of %d rows are found again", len(of), len(c.rows))
	}
	by := map[string][]int{}
	for n, r := range c.rows {
		for _, k := range r.keys {
			by[k] = append(by[k], n)
		}
	}
	for _, list := range by {
		for i, a := range list {
			for _, b := range list[:i] {
				if c.rows[a].person == c.rows[b].person {
					pairs++
					if of[a] != of[b] {
						if missed++; testing.Verbose() && missed <= 3 {
							l.Logf("apart: %s / %s", l.rows(`SELECT full_name, company, linkedin_url, details FROM people WHERE person_id = '`+of[a]+`'`), l.rows(`SELECT full_name, company, linkedin_url, details FROM people WHERE person_id = '`+of[b]+`'`))
						}
					}
				}
			}
		}
	}
	return wrong, missed, pairs
}
