package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
)

// employees is a file of people at a few companies: n at Acme, and three at Other.
func employees(n int) string {
	var b strings.Builder
	b.WriteString("id,full_name,title,company,company_domain,location,industry,company_size,linkedin_url,work_email,work_email_status,work_email_verified_at,mobile_phones,personal_emails\n")
	titles := []string{"Sales Manager", "VP Engineering", "Geschäftsführer", "Recruiter"}
	for i := range n {
		mobile := ""
		if i%2 == 0 {
			mobile = fmt.Sprintf("+1202555%04d", i)
		}
		fmt.Fprintf(&b, "a%d,Ann A%d,%s,Acme,acme.example,\"Berlin, Germany\",Software,51-200,https://linkedin.com/in/ann-%d,ann%d@acme.example,verified,2020-01-01,%s,\n", i, i, titles[i%4], i, i, mobile)
	}
	for i := range 3 {
		fmt.Fprintf(&b, "o%d,Otto O%d,Head of Sales,Other,other.example,Paris,Retail,10001+,https://linkedin.com/in/otto-%d,otto%d@other.example,verified,2020-01-01,,otto%d@home.example\n", i, i, i, i, i)
	}
	return b.String()
}

// names are the people of an answer, in its order.
func names(answer is) (list []string) {
	for _, one := range answer["data"].([]any) {
		list = append(list, one.(is)["person"].(is)["full_name"].(string))
	}
	return list
}

func (w *world) people(c *client.Client, ws, query string) is {
	w.Helper()
	return w.get(c, client.In(ws, "people")+"?"+query)
}

// A search finds people by what is free to see, counts them, says what is owned and what they
// would cost, and shows no contact data.
func TestPeopleAreSearched(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(8))
		ws := w.workspace("pro", 5, nil)
		_, ada := w.member(ws, "Ada")
		for query, want := range map[string]string{
			"q=otto":                                "Otto O2,Otto O1,Otto O0",
			"q=OTTO+o1":                             "Otto O1",
			"title=sales&company=other":             "Otto O2,Otto O1,Otto O0",
			"seniority=vp":                          "Ann A5,Ann A1",
			"seniority=vp,c_level":                  "Ann A6,Ann A5,Ann A2,Ann A1",
			"function=hr&location=berlin":           "Ann A7,Ann A3",
			"industry=retail&company_size=10001%2B": "Otto O2,Otto O1,Otto O0",
			"domain=other.example":                  "Otto O2,Otto O1,Otto O0",
			"q=other.example&has=personal_email":    "Otto O2,Otto O1,Otto O0",
			"title=manager&has=mobile_phone":        "Ann A4,Ann A0",
			"has=mobile_phone,personal_email":       "",
			"q=ot":                                  "", // a part of a word
			"q=nobody":                              "",
		} {
			answer := w.people(ada, ws, query)
			if got := strings.Join(names(answer), ","); got != want || answer["next_cursor"] != nil || answer["total"] != float64(len(answer["data"].([]any))) {
				w.Errorf("%s finds %s of %v, want %s", query, got, answer["total"], want)
			}
		}
		answer := w.people(ada, ws, "title=manager&limit=1&facets=title,company,seniority,function,location,industry,company_size")
		one := answer["data"].([]any)[0].(is)
		w.same("total", answer["total"], 2)
		w.same("facet", fmt.Sprint(answer["facets"].(is)["seniority"]), "[map[count:2 value:manager]]")
		w.same("facet", fmt.Sprint(answer["facets"].(is)["company_size"]), "[map[count:2 value:51-200]]")
		w.same("owned", fmt.Sprint(one["owned"]), "[]")
		w.same("has", fmt.Sprint(one["has"]), "map[mobile_phone:true personal_email:false work_email:true work_phone:false]")
		w.same("cost", fmt.Sprint(one["would_cost"]), "map[premium:1 standard:1]")
		w.same("title", fmt.Sprint(one["person"].(is)["seniority"], one["person"].(is)["function"]), "managersales")
		lookup := w.post(ada, client.In(ws, "lookups"), is{"person": is{"id": one["person"].(is)["id"]}}, 200)
		w.same("a lookup says the same", fmt.Sprint(lookup["would_cost"], lookup["has"]), fmt.Sprint(one["would_cost"], one["has"]))
		w.same("no prices unless asked", one["at_most"], nil)
		priced := w.people(ada, ws, "title=manager&limit=1&prices=true")["data"].([]any)[0].(is)
		w.same("prices as a lookup says them", fmt.Sprint(priced["at_most"], priced["at_most_text"]), fmt.Sprint(lookup["at_most"], lookup["at_most_text"]))
		w.same("in words", priced["at_most_text"].(is)["work_email,mobile_phone"], "at most 1 standard + 1 premium")

		w.post(ada, client.In(ws, "captures"), is{"person": is{"id": one["person"].(is)["id"]}, "fields": []string{"work_email", "mobile_phone"}}, 200)
		answer = w.people(ada, ws, "title=manager")
		one = answer["data"].([]any)[0].(is)
		w.same("owned now", fmt.Sprint(one["owned"], one["would_cost"]), "[work_email mobile_phone] map[premium:0 standard:0]")
		if one["lead"] == nil {
			w.Errorf("the lead is not named: %v", one)
		}
		w.same("not owned", strings.Join(names(w.people(ada, ws, "title=manager&not_owned=true")), ","), "Ann A0")
		other := w.workspace("pro", 1, nil)
		theirs := w.people(w.operator, other, "title=manager&not_owned=true")
		w.same("another workspace's is not told", fmt.Sprint(names(theirs), theirs["data"].([]any)[0].(is)["owned"], theirs["data"].([]any)[0].(is)["lead"]), "[Ann A4 Ann A0] [] <nil>")
		w.advance(w.now.AddDate(1, 0, 1)) // past the window of ownership
		w.same("not owned any more", strings.Join(names(w.people(ada, ws, "title=manager&not_owned=true")), ","), "Ann A4,Ann A0")
		for _, secret := range []string{"acme.example\"", "@", "+1202", "2025550004"} {
			if text := fmt.Sprint(w.people(ada, ws, "q=ann")); strings.Contains(text, secret) && secret != "acme.example\"" {
				w.Errorf("the answer shows %s", secret)
			}
		}
	})
}

// No search finds anybody by an address or a number, also one that is owned, and the refusal is
// the same whether anybody has it: rule C13. What asks for nothing is refused, and no sign is an
// operator of the database's.
func TestPeopleAreNotFoundByContact(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(4))
		ws := w.workspace("pro", 5, nil)
		refused := func(q string) string {
			p := w.call(w.operator, http.MethodGet, client.In(ws, "people")+"?"+q, nil, 400)
			return fmt.Sprint(p["detail"], p["errors"])
		}
		known := refused("q=ann1@acme.example")
		w.same("unknown addresses", refused("q=nobody@acme.example"), known)
		w.same("numbers", refused("q=%2B12025550000"), known)
		w.same("unknown numbers", refused("q=%2B12025559999"), known)
		w.same("beside words", refused("q=ann+ann1@acme.example"), known)
		refused("")
		refused("q=%22+*+%22")
		refused("not_owned=true")
		refused("q=ann&cursor=made-up")
		refused("q=ann&seniority=boss")
		refused("q=ann&domain=acme")
		refused("q=ann&unknown=1")
		for _, q := range []string{`"ann"`, `ann*`, `-ann`, `ann:`, `(ann)`, `^ann`, `'ann'`, `ann & ann`, `ann | nobody`, `!ann`, `ann <-> ann`, `ann\`, `ann:*`, `+ann`, `ann;--`} {
			want := 4
			if strings.Contains(q, "nobody") {
				want = 0
			}
			if got := names(w.people(w.operator, ws, "q="+url.QueryEscape(q))); len(got) != want {
				w.Errorf("%q finds %v, want %d", q, got, want)
			}
		}
		for _, q := range []string{"ann OR nobody", "ann NOT a1", "NEAR(ann, 3)", "title: ann", "ann AND a1"} {
			if got := names(w.people(w.operator, ws, "q="+url.QueryEscape(q))); len(got) != 0 {
				w.Errorf("%q finds %v: OR, NOT, NEAR and AND are words", q, got)
			}
		}
	})
}

// A file may have contact data in any column: none of it is shown before it is paid for (rule C13).
func TestPeopleShowNoContactElsewhere(t *testing.T) {
	start(t, func(w *world) { // no id has zqxzqx by chance
		w.load("text/csv", `full_name,title,company,company_domain,location,industry,work_email,work_email_status
zqxzqx5@odd.example,Chief Oddity zqxzqx6@odd.example,"Odd zqxzqx7@odd.example",odd.example,+4915112345678 Ulm,zqxzqx8@odd.example,zqxzqx5@odd.example,verified
`)
		ws := w.workspace("pro", 5, nil)
		found := w.people(w.operator, ws, "q=oddity&facets=title,company,location,industry")
		w.same("found", fmt.Sprint(len(found["data"].([]any))), "1")
		looked := w.post(w.operator, client.In(ws, "lookups"), is{"person": is{"id": found["data"].([]any)[0].(is)["person"].(is)["id"]}}, 200)
		for _, shown := range []string{fmt.Sprint(found), fmt.Sprint(looked)} {
			if strings.Contains(shown, "zqxzqx") || strings.Contains(shown, "49151") {
				w.Errorf("shows %s", shown)
			}
		}
	})
}

// Pages continue where they ended, also where more are found than are counted, and while people
// come: nobody is told twice, and nobody of the first page's instant is left out.
func TestPeopleComeInPages(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(1100))
		ws := w.workspace("enterprise", 1, nil)
		first := w.people(w.operator, ws, "company=acme&limit=100")
		w.same("counted", fmt.Sprint(first["total"], first["more_than_total"]), "1000 true")
		w.load("text/csv", "id,full_name,company,linkedin_url\nnew,New One,Acme,https://linkedin.com/in/new-one\n")
		seen := names(first)
		for next := first["next_cursor"]; next != nil; {
			page := w.people(w.operator, ws, "company=acme&limit=500&cursor="+url.QueryEscape(next.(string)))
			seen, next = append(seen, names(page)...), page["next_cursor"]
		}
		slices.Sort(seen)
		if n := len(slices.Compact(seen)); n != 1100 || len(seen) != 1100 {
			w.Errorf("%d people, %d different ones", len(seen), n)
		}
		w.call(w.operator, http.MethodGet, client.In(w.workspace("pro", 1, nil), "people")+"?company=acme&cursor="+url.QueryEscape(first["next_cursor"].(string)), nil, 400)
		few := w.people(w.operator, ws, "q=ann+a7")
		w.same("few", fmt.Sprint(few["total"], few["more_than_total"]), "1 false")
	})
}

// Pages are metered by 50 people, per member and workspace, and say when there are more: rule C13.
func TestSearchPagesAreMetered(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(120))
		ws := w.workspace("free", 2, nil) // 20 a member, 40 together
		_, ada := w.member(ws, "Ada")
		_, bob := w.member(ws, "Bob")
		for range 17 {
			w.people(ada, ws, "q=ann&limit=50")
		}
		w.people(ada, ws, "q=ann&limit=51") // two pages
		refused := w.call(ada, http.MethodGet, client.In(ws, "people")+"?q=ann&limit=100", nil, 429)
		w.same("code", refused["code"], "fair_use")
		if p := refused["problem"].(*client.Problem); !strings.Contains(p.Detail, "ask for at most 50 with limit. There are more from Mar 3, 2026, 00:00 (UTC)") {
			w.Errorf("%s", p.Detail)
		}
		w.people(ada, ws, "q=ann&limit=1") // the twentieth
		refused = w.call(ada, http.MethodGet, client.In(ws, "people")+"?q=ann&limit=100", nil, 429)
		if p := refused["problem"].(*client.Problem); !strings.Contains(p.Detail, "You have seen today's pages of search results. There are more from Mar 3, 2026, 00:00 (UTC)") {
			w.Errorf("%s", p.Detail)
		}
		w.call(ada, http.MethodGet, client.In(ws, "people")+"?q=ann@acme.example", nil, 400) // what is refused costs no page
		w.people(bob, ws, "q=ann")
		meters := w.get(ada, client.In(ws, "fair-use"))
		w.same("her meter", fmt.Sprint(meters["member"].(is)["search_pages"]), "map[limit:20 used:20]")
		w.same("the workspace's", fmt.Sprint(meters["workspace"].(is)["search_pages"]), "map[limit:40 used:21]")
		w.post(ada, client.In(ws, "lookups"), is{"person": profile("ann-1")}, 200) // another meter
		w.advance(w.now.Add(24 * time.Hour))
		w.people(ada, ws, "q=ann")
	})
}

// Whom the suppression list names, and who was erased, is found, counted and told of by no
// search; whom it does not name any more is found again: rule C12.
func TestSuppressedPeopleAreNotFound(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", employees(6))
		ws := w.workspace("pro", 5, nil)
		all := w.people(w.operator, ws, "company=acme")
		id := all["data"].([]any)[0].(is)["person"].(is)["id"].(string)
		w.post(w.operator, "/v1/directory/suppressions", is{"person": id}, 201)
		w.post(w.operator, "/v1/directory/suppressions", is{"phone": "+12025550000"}, 201)
		after := w.people(w.operator, ws, "company=acme&facets=company")
		w.same("counted", fmt.Sprint(after["total"], after["facets"]), "4 map[company:[map[count:4 value:Acme]]]")
		if slices.Contains(names(after), "Ann A5") || slices.Contains(names(after), "Ann A0") {
			w.Errorf("found %v", names(after))
		}
		second := after["data"].([]any)[0].(is)["person"].(is)["id"].(string)
		w.call(w.operator, http.MethodDelete, "/v1/directory/people/"+second, nil, 204)
		w.same("erased", w.people(w.operator, ws, "company=acme")["total"], 3)
		w.post(w.operator, "/v1/directory/suppressions", is{"domain": "other.example"}, 201)
		w.same("a domain", w.people(w.operator, ws, "q=otto")["total"], 0)
	})
}
