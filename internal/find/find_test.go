package find

import (
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/lead"
)

func TestTitle(t *testing.T) {
	for title, want := range map[string][2]string{
		"Chief Executive Officer":            {"c_level", ""},
		"CFO":                                {"c_level", "finance"},
		"Chief Information Security Officer": {"c_level", "it"},
		"Co-Founder & CTO":                   {"founder", "engineering"},
		"Vice President of Sales":            {"vp", "sales"},
		"Senior Vice President, Marketing":   {"vp", "marketing"},
		"Head of People":                     {"director", "hr"},
		"Director, Business Development":     {"director", "sales"},
		"Product Manager":                    {"manager", "product"},
		"Sr. Software Engineer":              {"senior", "engineering"},
		"Staff Engineer (Node.js)":           {"senior", "engineering"},
		"Executive Assistant to the CEO":     {"", ""},
		"Office Manager":                     {"manager", "administration"},
		"Working Student Marketing":          {"junior", "marketing"},
		"Geschäftsführer":                    {"c_level", ""},
		"Leiter Einkauf":                     {"director", "procurement"},
		"Vertriebsleiterin DACH":             {"director", "sales"},
		"Softwareentwickler":                 {"", "engineering"},
		"Abteilungsleiter Controlling":       {"director", "finance"},
		"Directrice des ressources humaines": {"director", "hr"},
		"Chef de projet digital":             {"manager", "operations"},
		"Responsable comptabilité":           {"director", "finance"},
		"Director General":                   {"c_level", ""},
		"Jefa de ventas":                     {"director", "sales"},
		"Gerente de recursos humanos":        {"manager", "hr"},
		"Responsabile acquisti":              {"", "procurement"},
		"Amministratore delegato":            {"c_level", ""},
		"Diretora financeira":                {"director", ""},
		"Eigenaar":                           {"founder", ""},
		"Kierownik sprzedaży":                {"director", "sales"},
		"Verkställande direktör":             {"c_level", ""},
		"":                                   {"", ""},
		"Astronaut":                          {"", ""},

		strings.Repeat("very ", 50) + "Sales Manager": {"", ""},
	} {
		if s, f := Title(title); s != want[0] || f != want[1] {
			t.Errorf("%q: %q, %q; want %q", title, s, f, want)
		}
	}
}

// What a search says of a title is told apart from its other words.
func TestTitleIn(t *testing.T) {
	for text, want := range map[string][3]string{
		"Heads of sales in Germany":     {"director", "sales", "germany"},
		"marketing directors":           {"director", "marketing", ""},
		"chief technology officer Acme": {"c_level", "engineering", "acme"},
		"VP":                            {"vp", "", ""},
		"Ada Quill":                     {"", "", "ada quill"},
		"":                              {"", "", ""},
	} {
		if s, f, rest := TitleIn(text); [3]string{s, f, rest} != want {
			t.Errorf("%q: %q, %q, %q; want %q", text, s, f, rest, want)
		}
	}
}

// Every key of the table is offered, every offered key is in the table, and every phrase is
// written as titles are compared.
func TestTitleTable(t *testing.T) {
	seen := map[string]bool{}
	for line := range strings.Lines(titlesText) {
		key, list, found := strings.Cut(strings.TrimSpace(line), ":")
		if !found || key[0] == '#' {
			continue
		}
		if seen[key] || key != cut && !slices.Contains(Seniorities, key) && !slices.Contains(Functions, key) {
			t.Errorf("%q stands twice or is not offered", key)
		}
		seen[key] = true
		for text := range strings.SplitSeq(list, ",") {
			text = strings.TrimSpace(text)
			plain := strings.Join(strings.Fields(strings.ReplaceAll(text, "*", "")), " ")
			if text == "" || strings.Join(split(plain), " ") != plain {
				t.Errorf("%s: %q is read as %q", key, text, split(plain))
			}
		}
	}
	if want := len(Seniorities) + len(Functions) + 1; len(seen) != want {
		t.Errorf("%d keys, want %d", len(seen), want)
	}
}

func TestSize(t *testing.T) {
	for raw, want := range map[string]string{
		"51-200": "51-200", "51–200 employees": "51-200", "1,001-5,000": "1001-5000", "10,001+": "10001+", "10001+": "10001+",
		"120": "51-200", "1": "1-10", "10k+": "10001+", "50-99": "51-200", "1.200": "1001-5000", "1-10": "1-10",
		"": "", "many": "", "self-employed": "", "99999999999999999999": "", "Mittelstand": "", "5000+": "5001-10000", "500 to 1000": "501-1000",
	} {
		if got := Size(raw); got != want {
			t.Errorf("%q: %q, want %q", raw, got, want)
		}
	}
	for _, s := range Sizes {
		if Size(s) != s {
			t.Errorf("%s is read as %s", s, Size(s))
		}
	}
}

// No term comes from an address or a number, wherever it stands, and none is asked for (rule C13).
func TestContactDataIsNoTerm(t *testing.T) {
	p := lead.Person{
		FullName: "ada@acme.com Ada", Title: "CEO, call +491711234567", Company: "0171-1234567 Acme", CompanyDomain: "acme.com",
		Values: []lead.Value{{Field: lead.WorkEmail, Value: "secret.word@acme.com"}, {Field: lead.MobilePhone, Value: "+491719999999"}},
	}
	for _, term := range Terms(p) {
		if strings.ContainsAny(term, "@") || strings.Contains(term, "secret") || strings.Contains(term, "1234567") || strings.Contains(term, "9999999") {
			t.Errorf("%q is a term", term)
		}
	}
	for _, q := range []string{"ada@acme.com", "x ada@acme.com", "+491711234567", "01711234567", "@"} {
		if c, ok := (Query{Text: q}).Condition(); ok || c != nil {
			t.Errorf("%q may be searched for: %v", q, c)
		}
	}
}

// A condition means what a reader of the query would say, and no sign in it is an operator.
func TestConditionHolds(t *testing.T) {
	p := lead.Person{
		FullName: "Zoë Müller-Lüdenscheidt", Title: "Head of Sales (Node.js)", Company: "Acme \"Rockets\" GmbH", CompanyDomain: "acme-rockets.com",
		Location: "Berlin, Germany", Industry: "Computer Software", CompanySize: "51-200",
		Values: []lead.Value{
			{Field: lead.WorkEmail, Value: "z@acme-rockets.com", Status: lead.Verified}, {Field: lead.MobilePhone, Value: "+491711234567"},
			{Field: lead.PersonalEmail, Value: "z@home.example", Status: lead.Bounced},
		},
	}
	for _, c := range []struct {
		q    Query
		want bool
	}{
		{Query{Text: "zoe muller"}, true}, {Query{Text: "ZOË LÜDENSCHEIDT"}, true}, {Query{Text: "zo"}, false},
		{Query{Text: "acme berlin software"}, true}, {Query{Text: "acme paris"}, false},
		{Query{Text: "acme-rockets.com"}, true}, {Query{Text: "rockets.com"}, false}, {Query{Text: "node.js"}, true},
		{Query{Text: `"acme" NEAR(zoe) -berlin muller:`}, false}, {Query{Text: `"acme" -berlin muller: zoe*`}, true},
		{Query{Title: "sales"}, true}, {Query{Title: "acme"}, false}, {Query{Company: "rockets acme"}, true}, {Query{Company: "sales"}, false},
		{Query{Place: "germany"}, true}, {Query{Industry: "software"}, true}, {Query{Industry: "hardware"}, false},
		{Query{Domains: []string{"other.com", "https://www.acme-rockets.com/x"}}, true}, {Query{Domains: []string{"acme.com"}}, false},
		{Query{Seniorities: []string{"vp", "director"}}, true}, {Query{Functions: []string{"hr"}}, false}, {Query{Functions: []string{"hr", "sales"}}, true},
		{Query{Sizes: []string{"51-200"}}, true}, {Query{Sizes: []string{"1-10"}}, false},
		{Query{Has: []string{"work_email", HasVerifiedEmail, "mobile_phone"}}, true}, {Query{Has: []string{"personal_email"}}, false},
	} {
		if cond, ok := c.q.Condition(); !ok || len(cond) == 0 || holds(cond, Terms(p)) != c.want {
			t.Errorf("%+v: %v (%v)", c.q, cond, ok)
		}
	}
	if cond, ok := (Query{Text: " \" ( ) * "}).Condition(); !ok || len(cond) != 0 {
		t.Errorf("signs alone ask for %v", cond)
	}
}

// A country's code finds its people by the names that people write, in the place and in the
// search box. In the search box a code is a word: "IT" there is the function and not Italy.
func TestCountriesAreFound(t *testing.T) {
	for _, c := range []struct {
		country, location string
		q                 Query
		want              bool
	}{
		{"DE", "Berlin", Query{Place: "Germany"}, true}, {"DE", "", Query{Place: "berlin deutschland"}, false}, {"DE", "Berlin", Query{Place: "Berlin, Deutschland"}, true},
		{"de", "", Query{Text: "sales germany"}, true}, {"DEU", "", Query{Place: "DE"}, true}, {"DE", "", Query{Place: "deu"}, true},
		{"GB", "", Query{Place: "UK"}, true}, {"GB", "", Query{Text: "united kingdom"}, true}, {"GB", "", Query{Place: "England"}, false}, {"GB", "", Query{Place: "ireland"}, false},
		{"US", "", Query{Text: "USA"}, true}, {"US", "", Query{Place: "United States"}, true}, {"AE", "", Query{Text: "uae"}, true}, {"AT", "", Query{Place: "ÖSTERREICH"}, true},
		{"JP", "", Query{Place: "日本"}, true}, {"FR", "", Query{Place: "Germany"}, false}, {"", "Berlin", Query{Place: "Germany"}, false}, {"nowhere", "", Query{Place: "nowhere"}, false},
		{"IT", "", Query{Text: "IT sales"}, false}, {"IT", "", Query{Place: "it"}, true}, {"US", "Fresno, CA", Query{Place: "CA"}, true}, {"CA", "Toronto", Query{Place: "CA"}, true},
	} {
		p := lead.Person{FullName: "Ada Quill", Title: "Sales Manager", Location: c.location, Country: c.country}
		if cond, ok := c.q.Condition(); !ok || holds(cond, Terms(p)) != c.want {
			t.Errorf("%s in %q: %+v is found: %v", c.country, c.location, c.q, !c.want)
		}
	}
}

// A country's names are a handful of words, and every country of today has some.
func TestCountriesHaveFewTerms(t *testing.T) {
	named := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code, _ := lead.Country(string(a) + string(b))
			n := len(countryTerms(code))
			if named += min(n, 1); n > 12 {
				t.Errorf("%s has %d terms: %v", code, n, countryTerms(code))
			}
		}
	}
	if named < 245 { // ISO 3166 has 249
		t.Errorf("%d countries have names", named)
	}
}

// Terms hold nothing at which either engine would part or quote them.
func FuzzTerms(f *testing.F) {
	f.Add("Ada \"Countess\" O'Neil", "acme.com", "51-200\x00")
	f.Add(strings.Repeat("\x80", 60), strings.Repeat("\xff", 60), strings.Repeat("\xe2\x82", 30))
	f.Fuzz(func(t *testing.T, text, domain, more string) {
		q := Query{Text: text, Title: more, Domains: []string{domain}, Sizes: []string{more}, Seniorities: []string{text}}
		terms := Terms(lead.Person{FullName: text, Title: more, CompanyDomain: domain, CompanySize: more, Industry: text})
		cond, _ := q.Condition()
		for _, part := range cond {
			for _, all := range part {
				terms = append(terms, all...)
			}
		}
		for _, term := range terms {
			if strings.ContainsAny(term, " \t\n\r\x00'\"\\:&|!()*<>") || len(term) < 2 {
				t.Errorf("%q is a term", term)
			}
		}
	})
}

// holds tells whether terms fulfil a condition.
func holds(c Condition, terms []string) bool {
	return !slices.ContainsFunc(c, func(part [][]string) bool {
		return !slices.ContainsFunc(part, func(all []string) bool {
			return !slices.ContainsFunc(all, func(term string) bool { return !slices.Contains(terms, term) })
		})
	})
}
