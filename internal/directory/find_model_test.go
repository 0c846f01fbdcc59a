package directory

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/leadmeter/leadmeter/internal/find"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// among is a random one of a list.
func among[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

// somebody is a random person of few words, so that searches find several.
func somebody(r *rand.Rand, n int) lead.Person {
	p := lead.Person{
		SourceID: fmt.Sprint("crm:", n),
		FullName: among(r, "Ada", "Zoë", "José", "李 小", "O'Neil") + " " + among(r, "Müller", "Strauß", "NEAR", "and", "Łoś", "d'Arc"),
		Title:    among(r, "", "Sales Manager", "VP of Sales", "Geschäftsführer", "Node.js Engineer", "Head \"of\" HR", "Engineer -Sales:*", "CEO & Founder"),
		Company:  among(r, "", "Acme", "Acme Rockets GmbH", "Łódź (Foundry)", "AT&T", "R&D: Labs*", "株式会社クオン"),
		Location: among(r, "", "Berlin, Germany", "Paris", "São Paulo", "New York"),
		Industry: among(r, "", "Software", "Oil & Gas", "Health Care"), CompanySize: among(r, "", "1-10", "51-200 employees", "12000", "?"),
	}
	p.Country = among(r, "", "", "DE", "GB", "US", "BR")
	p.CompanyDomain = among(r, "", "acme.com", "acme-rockets.de", "att.com")
	for _, f := range lead.Fields {
		if r.IntN(2) == 0 {
			v := lead.Value{Field: f, Value: fmt.Sprintf("+4917%07d", n)}
			if f.IsEmail() {
				v = lead.Value{Field: f, Value: fmt.Sprintf("p%d@%s.example", n, f), Status: among(r, lead.Verified, lead.Likely, lead.Unverified, lead.Bounced)}
			}
			p.Values = append(p.Values, v)
		}
	}
	return p
}

// asked is a random search.
func asked(r *rand.Rand) (q find.Query) {
	some := func(list ...string) string {
		if r.IntN(3) > 0 {
			return ""
		}
		return among(r, list...)
	}
	several := func(list ...string) (chosen []string) {
		for range r.IntN(4) - 1 {
			chosen = append(chosen, among(r, list...))
		}
		return chosen
	}
	q.Text = some("ada", "ZOE muller", "acme", "acme.com", "node.js", "sales near", `"acme" OR berlin`, "-ada", "NEAR(ada, 2)", "ad*", "title:sales", "李", "r&d", "strauss", "los", "and", "d'arc", "^ada", "{name}: x", "ada germany", "usa")
	q.Title = some("sales", "manager sales", "engineer", "of", "geschaftsfuhrer", `sa"les`)
	q.Company, q.Place = some("acme", "rockets", "at&t", "łódź", "labs*"), some("germany", "new york", "sao paulo", "deutschland", "uk", "united states", "DE", "berlin germany")
	q.Industry = some("software", "gas oil")
	q.Domains, q.Seniorities = several("acme.com", "ATT.com", "nobody's"), several("vp", "manager", "c_level", "x' OR 'y")
	q.Functions, q.Sizes = several("sales", "hr", "engineering"), several(find.Sizes...)
	q.Has = several("work_email", "mobile_phone", "personal_email", find.HasVerifiedEmail)
	return q
}

// placesOf are the texts of a place that a reader of somebody knows, with the names of the country.
func placesOf(p lead.Person) string {
	return p.Location + " " + map[string]string{
		"DE": "Germany Deutschland", "GB": "United Kingdom, UK, Great Britain", "US": "United States of America, USA, US", "BR": "Brazil, Brasil",
	}[p.Country]
}

// plainly tells whether a search finds somebody, by reading their texts and no terms.
func plainly(q find.Query, p lead.Person) bool {
	wordsOf := func(texts ...string) []string {
		return strings.FieldsFunc(lead.Fold(strings.Join(texts, " ")), func(r rune) bool { return !unicode.In(r, unicode.L, unicode.Nd, unicode.No, unicode.Nl, unicode.M) })
	}
	all := func(words, in []string) bool {
		return !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(in, w) })
	}
	for part := range strings.FieldsSeq(q.Text) {
		// As in a text of any kind; the words of a name with a dot stand in one text.
		one := slices.ContainsFunc([]string{p.Name(), p.Title, p.Company, placesOf(p), p.Industry}, func(text string) bool { return all(wordsOf(part), wordsOf(text)) })
		each := all(wordsOf(part), wordsOf(p.Name(), p.Title, p.Company, placesOf(p), p.Industry))
		if dotted := strings.Contains(part, ".") && len(wordsOf(part)) > 1; dotted && !one && p.CompanyDomain != strings.ToLower(part) || !dotted && !each {
			return false
		}
	}
	any := func(list []string, what string) bool {
		return len(list) == 0 || what != "" && slices.Contains(list, what)
	}
	seniority, function := find.Title(p.Title)
	for _, has := range q.Has {
		if !slices.ContainsFunc(p.Values, func(v lead.Value) bool {
			return v.Status != lead.Bounced && (string(v.Field) == has || has == find.HasVerifiedEmail && v.Field == lead.WorkEmail && v.Status == lead.Verified)
		}) {
			return false
		}
	}
	return all(wordsOf(q.Title), wordsOf(p.Title)) && all(wordsOf(q.Company), wordsOf(p.Company)) && (all(wordsOf(q.Place), wordsOf(placesOf(p))) || q.Place != "" && q.Place == p.Country) &&
		all(wordsOf(q.Industry), wordsOf(p.Industry)) && any(q.Seniorities, seniority) && any(q.Functions, function) && any(q.Sizes, find.Size(p.CompanySize)) &&
		(len(q.Domains) == 0 || p.CompanyDomain != "" && slices.ContainsFunc(q.Domains, func(d string) bool { return strings.EqualFold(d, p.CompanyDomain) }))
}

// visible are those of some people who may be seen, in their order.
func (l *land) visible(order []string) (list []lead.Person) {
	if err := l.store.View(context.Background(), func(tx *store.Tx) error {
		people, err := l.People(tx, order)
		for _, id := range order {
			if m := people[id]; m.Person.ID == id && !m.Suppressed {
				list = append(list, m.Person)
			}
		}
		return err
	}); err != nil {
		l.Fatal(err)
	}
	return list
}

func (l *land) search(q find.Query, limit int) (ids []string) {
	l.Helper()
	cond, _ := q.Condition()
	var list []store.Numbered
	err := l.store.View(context.Background(), func(tx *store.Tx) (err error) {
		list, err = tx.People().Find(store.PeopleFilter{Condition: cond}, limit)
		return err
	})
	if err != nil {
		l.Fatalf("%+v: %v", q, err)
	}
	for _, n := range list {
		ids = append(ids, n.ID)
	}
	return ids
}

func (l *land) putAll(people ...lead.Person) (ids []string) {
	l.Helper()
	err := l.store.Update(context.Background(), func(tx *store.Tx) (err error) {
		ids, err = l.Put(tx, people)
		return err
	})
	if err != nil {
		l.Fatal(err)
	}
	return ids
}

// A search finds exactly those whom a plain reading of every person finds, in the order in which
// they came, through changes, joins, suppression, lifting it and erasure; and the same again when
// the index was lost and rebuilt.
func TestSearchesFindWhomReadingFinds(t *testing.T) {
	ctx := context.Background()
	eachLand(t, func(l *land) {
		r := rand.New(rand.NewPCG(19, 7))
		var order []string
		add := func(n int) {
			l.now = l.now.Add(1e9)
			for _, id := range l.putAll(somebody(r, n)) {
				if id != "" && !slices.Contains(order, id) {
					order = append(order, id)
				}
			}
		}
		for n := range 150 {
			add(n)
		}
		check := func(when string) {
			l.Helper()
			found, people := 0, l.visible(order)
			for range 150 {
				q := asked(r)
				var want []string
				if cond, searchable := q.Condition(); searchable && len(cond) > 0 {
					for _, p := range slices.Backward(people) {
						if plainly(q, p) {
							want = append(want, p.ID)
						}
					}
				}
				got := l.search(q, 1000)
				found += len(want)
				if !slices.Equal(got, want) {
					l.Fatalf("%s: %+v\nfound  %v\nwanted %v", when, q, got, want)
				}
			}
			if found < 50 {
				l.Errorf("%s: the searches find %d people in all: they test nothing", when, found)
			}
		}
		check("new")
		for n := range 60 { // some of them get other titles, companies and values; of another name they are somebody else
			add(n * 2)
		}
		check("changed")
		var hidden []Suppression
		for n := range 10 {
			s := Suppression{Person: order[n*7]}
			if n == 9 {
				s = Suppression{Domain: "acme.com"}
			}
			hidden = append(hidden, s)
			if _, err := l.ChangeList(ctx, "", nil, s, false); err != nil {
				l.Fatal(err)
			}
		}
		check("suppressed")
		for _, n := range []int{3, 11, 40} {
			if err := l.Erase(ctx, order[n]); err != nil {
				l.Fatal(err)
			}
		}
		check("erased")
		if _, err := l.ChangeList(ctx, "", nil, hidden[9], true); err != nil {
			l.Fatal(err)
		}
		check("lifted")
		for _, sql := range []string{`DELETE FROM people_words`, `UPDATE people SET number = 0`} {
			if _, err := l.db.Exec(sql); err != nil {
				l.Fatal(err)
			}
		}
		if got := l.search(find.Query{Company: "acme"}, 1000); len(got) != 0 {
			l.Fatalf("%d people are found without an index", len(got))
		}
		if err := l.Index(ctx); err != nil {
			l.Fatal(err)
		}
		slices.Sort(order) // the index is made in the order of ids
		check("rebuilt")
		l.now = l.now.Add(1e9)
		order = append(order, l.putAll(lead.Person{SourceID: "crm:new", FullName: "Ada New", Company: "Acme"})...)
		check("and one who came after it")
	})
}

// Who came after a number, and before one, are told apart; and a list is cut where it is long.
func TestSearchesAreBounded(t *testing.T) {
	eachLand(t, func(l *land) {
		var order []string
		for n := range 40 {
			order = append(order, l.putAll(lead.Person{SourceID: fmt.Sprint("crm:", n), FullName: fmt.Sprint("Ada ", n), Company: "Acme"})...)
		}
		slices.Reverse(order)
		cond, _ := find.Query{Company: "acme"}.Condition()
		pages := []string{}
		f := store.PeopleFilter{Condition: cond}
		var middle int64
		for n := 0; ; n++ {
			var page []store.Numbered
			if err := l.store.View(context.Background(), func(tx *store.Tx) (err error) {
				page, err = tx.People().Find(f, 7)
				return err
			}); err != nil {
				l.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, p := range page {
				pages = append(pages, p.ID)
			}
			if f.Before = page[len(page)-1].Number; n == 1 {
				middle = f.Before
			}
		}
		if !slices.Equal(pages, order) {
			l.Errorf("pages hold %v, want %v", pages, order)
		}
		var after []store.Numbered
		if err := l.store.View(context.Background(), func(tx *store.Tx) (err error) {
			after, err = tx.People().Find(store.PeopleFilter{Condition: cond, After: middle}, 100)
			return err
		}); err != nil || len(after) != 13 {
			l.Errorf("%d came after the 14th newest, want 13 (%v)", len(after), err)
		}
	})
}

// Columns that an earlier version kept among the further ones become the directory's own, also
// where several names tell of one person.
func TestFurtherColumnsArePromoted(t *testing.T) {
	eachLand(t, func(l *land) {
		ids := l.putAll(lead.Person{SourceID: "crm:1", FullName: "Ada Quill", Company: "Acme", Extra: map[string]string{"x": "y"}})
		if _, err := l.db.Exec(`UPDATE people SET number = 0, extra = '{"x":"y","industry":"Software","company_size":"51-200"}'`); err != nil {
			l.Fatal(err)
		}
		if _, err := l.db.Exec(`DELETE FROM people_words`); err != nil {
			l.Fatal(err)
		}
		if err := l.Index(context.Background()); err != nil {
			l.Fatal(err)
		}
		if got := l.search(find.Query{Industry: "software", Sizes: []string{"51-200"}}, 10); !slices.Equal(got, ids) {
			l.Errorf("found %v, want %v", got, ids)
		}
		var extra, industry, size string
		if err := l.db.QueryRow(`SELECT extra, industry, company_size FROM people`).Scan(&extra, &industry, &size); err != nil || extra != `{"x":"y"}` || industry != "Software" || size != "51-200" {
			l.Errorf("%s, %s, %s (%v)", extra, industry, size, err)
		}
		l.now = l.now.Add(1e9)
		l.putAll(lead.Person{SourceID: "crm:1", FullName: "Ada Quill", Company: "Other", CompanyDomain: "other.example", AsOf: l.now})
		if m, err := l.Get(context.Background(), ids[0]); err != nil || m.Person.Industry != "" || m.Person.CompanySize != "" {
			l.Errorf("at another employer: %+v (%v)", m.Person, err)
		}
	})
}

// People of before countries were words of a place are found by them when the server has put them
// into the index again, and not twice.
func TestPeopleOfBeforeCountriesAreIndexedAgain(t *testing.T) {
	eachLand(t, func(l *land) {
		ids := l.putAll(
			lead.Person{SourceID: "crm:1", FullName: "Ada Quill", Company: "Acme", Country: "DE", Location: "Berlin"},
			lead.Person{SourceID: "crm:2", FullName: "Bo Reed", Company: "Acme", Location: "Paris"},
		)
		up, err := os.ReadFile("../store/migrations/0112_countries." + l.store.Engine() + ".sql")
		if err != nil {
			l.Fatal(err)
		}
		if _, err := l.db.Exec(string(up)); err != nil {
			l.Fatal(err)
		}
		if got := l.search(find.Query{Company: "acme"}, 10); len(got) != 0 {
			l.Fatalf("%v are found before the job", got)
		}
		if err := l.Index(context.Background()); err != nil {
			l.Fatal(err)
		}
		if got := l.search(find.Query{Company: "acme"}, 10); len(got) != 2 {
			l.Errorf("found %v, want two", got)
		}
		if got := l.search(find.Query{Place: "Germany"}, 10); !slices.Equal(got, ids[:1]) {
			l.Errorf("found %v in Germany, want %v", got, ids[:1])
		}
	})
}
