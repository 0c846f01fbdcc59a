package server_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/archive"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// past is a workspace with a year behind it, and what was asked of it with keys.
type past struct {
	*world
	ws, other string
	members   []string
	asked     []onceAsked
	charges   []string
	visitor   *visitor
}

type onceAsked struct {
	path string
	body is
	key  string
}

// Whether old entries are archived is not to be seen: pages, files, usage, reports, verify, what
// would have been, and answers to requests that are sent again are the same to the byte.
func TestNobodySeesThatEntriesAreArchived(t *testing.T) {
	testdb.Slow(t)
	start(t, func(w *world) {
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		p := w.aYear(rand.New(rand.NewPCG(seed, 1)))
		a := &archive.Archive{Store: w.server.Store, Ledger: w.server.Ledger, Accounts: w.server.Accounts, Clock: time.Now, Most: 60}
		before := p.everything()
		same := func(when string) {
			t.Helper()
			after := p.everything()
			if len(after) != len(before) {
				t.Fatalf("%s: %d answers, %d before", when, len(after), len(before))
			}
			for n := range after {
				if after[n] != before[n] {
					t.Errorf("%s:\n got %.300s\nwant %.300s", when, after[n], before[n])
				}
			}
		}
		same("nothing archived") // or the rest would prove nothing
		for _, day := range []time.Time{w.now.AddDate(0, -9, -3), w.now.AddDate(0, -4, 0), w.now} {
			r, err := a.Run(ctx, "", day)
			if err != nil || len(r.Left) > 0 || r.Entries == 0 {
				t.Fatalf("archive before %s: %+v, %v", day, r, err)
			}
			same(fmt.Sprintf("%d entries before %s archived", r.Entries, day))
		}
		if r, err := a.Restore(ctx, ""); err != nil || r.Entries == 0 {
			t.Fatalf("restore: %+v, %v", r, err)
		}
		same("restored")
	})
}

// aYear makes a workspace that spends for a year, and another one beside it.
func (w *world) aYear(random *rand.Rand) *past {
	const people = 40
	var csv strings.Builder
	csv.WriteString("full_name,company,linkedin_url,work_email,mobile_phones,work_phones,country\n")
	for n := range people {
		fmt.Fprintf(&csv, "Person%d Old,Oldco%d,https://linkedin.com/in/old-%d,p%d@oldco%d.example,+1917555%04d,+1212555%04d,US\n", n, n, n, n, n, n, n)
	}
	w.load("text/csv", csv.String())
	p := &past{world: w, ws: w.workspace("pro", 3, is{"time_zone": "America/New_York"}), other: w.workspace("starter", 1, nil)}
	for n := range 3 {
		p.members = append(p.members, w.newMember(p.ws, fmt.Sprintf("old%d@acme.example", n), fmt.Sprintf("Old %d", n), "member"))
	}
	for month := range 12 {
		for n := range 12 {
			p.spend(random, fmt.Sprintf("%d-%d", month, n))
		}
		w.advance(w.now.AddDate(0, 1, random.IntN(3)))
	}
	for n := range 5 {
		p.spend(random, fmt.Sprintf("last-%d", n))
	}
	p.visitor = w.signedInAs(p.ws, w.newMember(p.ws, "boss@acme.example", "Boss", "admin"))
	return p
}

// spend spends something, and moves the clock by some hours.
func (p *past) spend(random *rand.Rand, key string) {
	p.Helper()
	member := p.members[random.IntN(len(p.members))]
	ws := p.ws
	if random.IntN(5) == 0 {
		ws, member = p.other, ""
	}
	switch random.IntN(4) {
	case 0:
		p.once([]string{"charges"}, ws, key, is{"credit": "standard", "amount": 0.25 * float64(1+random.IntN(8)), "description": "Größe " + key}, member)
	case 1:
		hold := p.once([]string{"holds"}, ws, key, is{"credit": "standard", "amount": 2, "expires_in": "60s"}, member)["id"].(string)
		if random.IntN(2) == 0 {
			p.once([]string{"holds", hold, "release"}, ws, key+"r", is{}, "")
		} else {
			p.once([]string{"holds", hold, "settle"}, ws, key+"s", is{"lines": []is{{"outcome": "charged", "amount": 1.5}}, "final": true}, "")
		}
	default:
		fields := [][]string{{"work_email"}, {"work_email", "mobile_phone"}, {"work_phone", "personal_email"}}[random.IntN(3)]
		p.once([]string{"captures"}, ws, key, is{"person": profile(fmt.Sprint("old-", random.IntN(40))), "fields": fields}, member)
	}
	if random.IntN(6) == 0 {
		p.report(ws, random)
	}
	p.advance(p.now.Add(time.Duration(random.IntN(30)) * time.Hour))
}

// once sends a request with a key.
func (p *past) once(path []string, ws, key string, body is, member string) is {
	p.Helper()
	if member != "" {
		body["member"] = member
	}
	r := onceAsked{client.In(ws, path...), body, "key-" + key}
	p.asked = append(p.asked, r)
	status := 201
	if path[0] == "captures" || len(path) > 1 {
		status = 200
	}
	return p.callOnce(p.operator, http.MethodPost, r.path, r.key, r.body, status)
}

// report reports one of the newest charges as bad data.
func (p *past) report(ws string, random *rand.Rand) {
	for _, e := range p.get(p.operator, client.In(ws, "entries")+"?kind=charge&limit=5")["data"].([]any) {
		if field, _ := e.(is)["field"].(string); field != "" && random.IntN(3) == 0 {
			p.answer(http.MethodPost, client.In(ws, "entries", e.(is)["id"].(string), "report"), "report-"+e.(is)["id"].(string), is{"reason": "other"})
			return
		}
	}
}

// answer is what the server says, with its status.
func (p *past) answer(method, path, key string, body is) string {
	p.Helper()
	var in io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			p.Fatal(err)
		}
		in = strings.NewReader(string(text))
	}
	r, err := http.NewRequestWithContext(context.Background(), method, p.http.URL+path, in)
	if err != nil {
		p.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+p.operator.Key)
	r.Header.Set("Content-Type", "application/json")
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	out, err := p.http.Client().Do(r)
	if err != nil {
		p.Fatal(err)
	}
	defer out.Body.Close()
	text, err := io.ReadAll(out.Body)
	if err != nil {
		p.Fatal(err)
	}
	return fmt.Sprintf("%s %s: %d %s %s", method, path, out.StatusCode, out.Header.Get("Idempotent-Replayed"), text)
}

// everything is what the server answers to all that reads entries.
func (p *past) everything() (list []string) {
	p.Helper()
	day := func(back int) string { return p.now.AddDate(0, 0, -back).Format(time.RFC3339) }
	for _, ws := range []string{p.ws, p.other} {
		for _, q := range []url.Values{
			{}, {"limit": {"7"}}, {"limit": {"500"}}, {"kind": {"charge"}}, {"kind": {"refund"}}, {"kind": {"release"}}, {"credit": {"premium"}}, {"member": {p.members[0]}},
			{"from": {day(400)}, "to": {day(200)}}, {"from": {day(250)}, "to": {day(249)}}, {"from": {day(90)}}, {"to": {day(300)}}, {"limit": {"13"}, "to": {day(100)}, "kind": {"charge"}},
		} {
			list = append(list, p.walk(client.In(ws, "entries"), q)...)
			q.Del("limit")
			list = append(list, p.answer(http.MethodGet, client.In(ws, "entries.csv")+"?"+q.Encode(), "", nil))
		}
		for _, by := range []string{"member", "outcome", "day", "field"} {
			for _, days := range [][2]int{{500, 0}, {300, 200}, {201, 200}, {90, 10}} {
				q := url.Values{"from": {day(days[0])}, "to": {day(days[1])}, "group_by": {by}}
				list = append(list, p.answer(http.MethodGet, client.In(ws, "usage")+"?"+q.Encode(), "", nil))
			}
		}
		// Ranges that cut days with entries: within a day, and over weeks.
		entries := p.get(p.operator, client.In(ws, "entries")+"?limit=500")["data"].([]any)
		for n := 0; n < len(entries); n += 11 {
			at, err := time.Parse(time.RFC3339Nano, entries[n].(is)["at"].(string))
			if err != nil {
				p.Fatal(err)
			}
			for _, after := range []time.Duration{time.Hour, 700 * time.Hour} {
				q := url.Values{"from": {at.Format(time.RFC3339Nano)}, "to": {at.Add(after).Format(time.RFC3339Nano)}, "group_by": {"outcome"}}
				list = append(list, p.answer(http.MethodGet, client.In(ws, "usage")+"?"+q.Encode(), "", nil))
			}
		}
		list = append(list, p.answer(http.MethodGet, client.In(ws, "usage.csv")+"?"+url.Values{"from": {day(400)}}.Encode(), "", nil),
			p.answer(http.MethodGet, client.In(ws, "reports"), "", nil), p.answer(http.MethodGet, client.In(ws, "balance"), "", nil))
	}
	for _, r := range p.asked {
		list = append(list, p.answer(http.MethodPost, r.path, r.key, r.body))
	}
	for n := 1; n < 100; n += 9 { // too late, or no charge: refused, which changes nothing
		list = append(list, p.answer(http.MethodPost, client.In(p.ws, "entries", fmt.Sprint("ent_", n), "report"), "", is{"reason": "other"}))
	}
	for _, path := range []string{"/usage/entries?from=2026-03-01&to=2027-06-01", "/usage/entries?from=2026-05-01&to=2026-06-10&kind=charge", "/usage?from=2026-04-01&to=2026-08-15"} {
		p.visitor.get(path)
		list = append(list, path+": "+p.visitor.text())
	}
	for _, l := range p.get(p.operator, client.In(p.ws, "leads")+"?limit=20")["data"].([]any) {
		path := "/leads/" + l.(is)["id"].(string)
		p.visitor.get(path)
		list = append(list, path+": "+p.visitor.text())
	}
	return append(list, p.ledger()...)
}

// walk reads a list to its end by its cursors, which are sealed each time in another way.
func (p *past) walk(path string, q url.Values) (list []string) {
	defer q.Del("cursor")
	what := path + "?" + q.Encode()
	for {
		page := p.get(p.operator, path+"?"+q.Encode())
		text, err := json.Marshal(page["data"])
		if err != nil {
			p.Fatal(err)
		}
		list = append(list, what+": "+string(text))
		next, _ := page["next_cursor"].(string)
		if next == "" {
			return list
		}
		q.Set("cursor", next)
	}
}

// ledger is what verify says, and how the past would have been with other limits.
func (p *past) ledger() (list []string) {
	verified, err := p.server.Ledger.Verify(ctx, func(d credits.Difference) { list = append(list, d.String()) })
	list = append(list, fmt.Sprint(verified, err))
	none := map[string]credits.Allocation{"standard": {Mode: credits.Limited, Amount: credits.Credit}}
	what := credits.WhatIf{From: p.now.AddDate(-2, 0, 0), To: p.now, Allocations: map[string]map[string]map[string]credits.Allocation{p.ws: {p.members[0]: none}}}
	err = p.server.Ledger.Rerun(ctx, what, func(r credits.WouldBe) {
		text, err := json.Marshal(r)
		list = append(list, fmt.Sprint(string(text), err))
	})
	return append(list, fmt.Sprint(err))
}
