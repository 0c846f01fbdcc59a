package server_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// narrow is a price book that sells no mobile phones.
const narrow = `name: narrow
credits: [standard]
owned_days: 365
prices:
  - {name: work_email,     fields: [work_email],     credit: standard, price: 1, verified_free_days: 90}
  - {name: work_phone,     fields: [work_phone],     credit: standard, price: 1}
  - {name: personal_email, fields: [personal_email], credit: standard, price: 1}
plans:
  small: {interval: month, credits: {standard: {amount: 10}}}
`

// channel asks for fields of a person, and says the outcome of the last of them;
// of a request that was refused as a whole, the refusal.
type channel func(w *world, ws, member, who string, fields ...string) string

func byAPI(w *world, ws, member, who string, fields ...string) string {
	var out is
	_, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "captures"), "", is{"member": member, "person": profile(who), "fields": fields}, &out)
	return answered(w, out, err, fields)
}

// byUnlock unlocks a lead that is on the sheet.
func byUnlock(w *world, ws, member, who string, fields ...string) string {
	id := ""
	for _, l := range w.get(w.operator, client.In(ws, "leads"))["data"].([]any) {
		if strings.HasSuffix(fmt.Sprint(l.(is)["person"].(is)["linkedin_url"]), "/"+who) {
			id = l.(is)["id"].(string)
		}
	}
	if id == "" && who == "zed" {
		return "suppressed" // on no sheet, so there is nothing to unlock
	}
	if id == "" {
		w.Fatalf("%s is not on the sheet", who)
	}
	var out is
	_, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "leads", id, "unlock"), "", is{"member": member, "fields": fields}, &out)
	return answered(w, out, err, fields)
}

func answered(w *world, out is, err error, fields []string) string {
	if p, ok := err.(*client.Problem); ok {
		return p.Code
	}
	if err != nil {
		w.Fatal(err)
	}
	return w.outcome(out, fields[len(fields)-1])
}

func byBulk(w *world, ws, member, who string, fields ...string) string {
	job := w.post(w.operator, client.In(ws, "bulk-captures"), is{"member": member, "people": []is{profile(who)}, "fields": fields, "confirmed": true}, 202)
	path := client.In(ws, "bulk-captures", job["id"].(string))
	w.working(func() { job = w.until(w.operator, path, func(j is) bool { return j["status"] != "running" }) })
	if job["status"] == "paused" {
		if strings.Contains(job["message"].(string), "cancelled") {
			return "subscription_cancelled"
		}
		return "insufficient_credits"
	}
	rows := w.results(path)
	if len(rows) == 0 { // whose row it is stands in no list; the counts have its outcome
		return fmt.Sprint(slices.Collect(maps.Keys(job["outcomes"].(is))))
	}
	return rows[0][fields[len(fields)-1]+"_outcome"]
}

// said is what a page says of each outcome.
var said = map[string]string{
	"charged": "1 standard", "not_found": "not found · free", "same_as_main_line": "free · main line", "verified_in_directory": "free · verified in directory",
	"not_verified": "free · not verified", "already_owned": "free · already owned", "suppressed": "withheld · free", "provider_error": "no answer · free",
	"insufficient_credits": "not enough credits", "subscription_cancelled": "subscription is cancelled", "not_allowed": "daily cap reached",
}

// byPage fills in the form of the capture page, signed in as the member.
func byPage(w *world, ws, member, who string, fields ...string) string {
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	code, err := w.server.Accounts.CreateCode(ctx, ws, member)
	if err != nil {
		w.Fatal(err)
	}
	send := func(path string, form url.Values) string {
		answer, err := browser.PostForm(w.http.URL+path, form)
		if err != nil {
			w.Fatal(err)
		}
		defer answer.Body.Close()
		text, err := io.ReadAll(answer.Body)
		if err != nil {
			w.Fatal(err)
		}
		return string(text)
	}
	send("/sign-in/code", url.Values{"code": {code}})
	text := send("/capture", url.Values{"from": {"capture"}, "who": {"https://linkedin.com/in/" + who}, "fields": fields, "key": {client.NewKey()}})
	_, result, found := strings.Cut(text, `id="capture-answer"`)
	if !found {
		result = text
	}
	var all []string // a page says of every field its outcome
	for outcome, words := range said {
		if strings.Contains(strings.ToLower(result), strings.ToLower(words)) {
			all = append(all, outcome)
		}
	}
	if len(all) == 0 {
		w.Fatalf("the page does not say its outcome:\n%s", result)
	}
	return strings.Join(all, " ")
}

// Every row of rule C10 is reached through each channel: the API, the page, a bulk
// capture, an unlock.
func TestEveryOutcomeByEveryChannel(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			book := filepath.Join(t.TempDir(), "narrow.yaml")
			if err := os.WriteFile(book, []byte(narrow), 0o600); err != nil {
				t.Fatal(err)
			}
			u := newUpstream(t)
			w := openWith(t, server.Config{Database: testdb.Address(t, engine), Sources: u.settings(), PriceBooks: []string{book}})
			w.load("text/csv", people)
			channels := map[string]channel{"api": byAPI, "unlock": byUnlock, "bulk": byBulk, "page": byPage}
			type place struct{ ws, member string }
			full, bare := map[string]place{}, map[string]place{}
			for name := range channels {
				one := w.workspace("pro", 1, nil)
				m, _ := w.member(one, "Ada")
				full[name] = place{one, m}
				two := w.workspace("small", 1, is{"price_book": "narrow"})
				m, _ = w.member(two, "Ada")
				bare[name] = place{two, m}
				for _, who := range []string{"ada", "alan", "grace", "mary"} { // onto the sheet, for nothing
					field := map[string]string{"ada": "work_email", "alan": "personal_email", "grace": "work_phone", "mary": "work_phone"}[who]
					w.post(w.operator, client.In(one, "captures"), is{"person": profile(who), "fields": []string{field}}, 200)
				}
				w.post(w.operator, client.In(two, "captures"), is{"person": profile("ada"), "fields": []string{"work_phone"}}, 200)
			}
			for name, ask := range channels {
				expect := func(p place, want, who string, fields ...string) {
					t.Helper()
					if got := ask(w, p.ws, p.member, who, fields...); !slices.Contains(strings.Fields(strings.Trim(got, "[]")), want) {
						t.Errorf("%s, %s of %s: %s, want %s", name, fields, who, got, want)
					}
				}
				p := full[name]
				u.nothing()
				expect(p, "charged", "ada", "personal_email")
				expect(p, "already_owned", "ada", "personal_email")
				expect(p, "not_found", "mary", "personal_email")
				expect(p, "same_as_main_line", "alan", "work_phone")
				expect(p, "not_verified", "grace", "work_email")
				u.say(500, `{}`)
				expect(p, "provider_error", "mary", "work_email")
				u.say(451, `{}`)
				expect(p, "suppressed", "mary", "work_email")
				u.nothing()
				q := bare[name]
				expect(q, "verified_in_directory", "ada", "work_email")
				expect(q, "not_allowed", "ada", "work_email", "mobile_phone")
				w.post(w.operator, client.In(q.ws, "charges"), is{"credit": "standard", "amount": 9}, 201)
				expect(q, "insufficient_credits", "ada", "work_email", "personal_email")
				w.post(w.operator, client.In(q.ws, "cancel"), is{"at": "now"}, 200)
				expect(q, "subscription_cancelled", "ada", "personal_email")
				w.idle2(p.ws, q.ws)
			}
			w.verify()
		})
	}
}

// idle2 holds that two workspaces have nothing set aside.
func (w *world) idle2(workspaces ...string) {
	w.Helper()
	for _, ws := range workspaces {
		w.same("held", w.credit(ws, "standard")["held"], 0)
	}
}
