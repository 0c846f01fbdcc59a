package server_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A body of a megabyte that is wrong in a hundred thousand places is answered in a few
// kilobytes, on every operation, with a key or without.
func TestWrongBodiesHaveShortAnswers(t *testing.T) {
	testdb.Slow(t)
	start(t, func(w *world) {
		m := newMatrix(w)
		members := `{` + strings.TrimSuffix(strings.Repeat(`"`+strings.Repeat("m", 30)+`%":1,`, 20_000), ",") + `}`
		var unlike strings.Builder
		for n, part := range strings.SplitAfter(members, "%") {
			unlike.WriteString(strings.Replace(part, "%", string(rune('a'+n%26))+string(rune('a'+n/26%26))+string(rune('a'+n/676%26))+string(rune('a'+n/17576)), 1))
		}
		list := strings.TrimSuffix(strings.Repeat("{},", 150_000), ",")
		bodies := []string{unlike.String(), `{"amount":` + strings.Repeat("9", 5000) + `,"credit":"standard"}`, strings.Repeat("[", 400_000)}
		for _, name := range []string{"charges", "lines", "people", "leads", "events", "fields"} {
			bodies = append(bodies, `{"`+name+`":[`+list+`]}`, `{"`+name+`":[`+strings.TrimSuffix(strings.Repeat("{},", 9_000), ",")+`]}`)
		}
		for _, route := range m.writing() {
			if !strings.Contains(route.Pattern, " /v1/") || strings.Contains(route.Pattern, "/directory/imports") {
				continue
			}
			method, path := m.path(route.Pattern, m.members["m"])
			for n, body := range bodies {
				r, err := http.NewRequestWithContext(ctx, method, w.http.URL+path, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				r.Header.Set("Authorization", "Bearer "+w.operator.Key)
				r.Header.Set("Content-Type", "application/json")
				answer, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Fatal(err)
				}
				text, err := io.ReadAll(answer.Body)
				answer.Body.Close()
				if err != nil || answer.StatusCode >= 500 || len(text) > 16<<10 {
					t.Errorf("%s with body %d: %d with %d bytes, %v", route.Pattern, n, answer.StatusCode, len(text), err)
				}
			}
		}
	})
}

// Names of members count as they are written where huma does not read them too, and a
// batch has one key or its lines have theirs.
func TestCaseIsNotPassedOver(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		w.load("text/csv", people)
		ada := `[{"linkedin_url":"https://linkedin.com/in/ada"}]`
		for _, body := range []string{
			`{"PEOPLE":` + ada + `}`, `{"people":[{"LINKEDIN_URL":"https://linkedin.com/in/ada"}]}`, `{"people":` + ada + `,"cap":{"standard":0},"CAP":{"standard":100}}`,
			`{"people":` + ada + `,"confirmed":false,"CONFIRMED":true}`, `{"people":` + ada + `,"nobody":1}`, `{"people":"ada"}`, `[]`, `{"people":` + ada + `} {}`,
		} {
			r, err := http.NewRequestWithContext(ctx, "POST", w.http.URL+client.In(ws, "bulk-captures"), strings.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+w.operator.Key)
			r.Header.Set("Content-Type", "application/json")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			if answer.StatusCode != 400 {
				t.Errorf("%s: %d", body, answer.StatusCode)
			}
		}
		charge := is{"credit": "standard", "amount": 1}
		w.callOnce(w.operator, "POST", client.In(ws, "charges", "batch"), "b1", is{"charges": []is{{"credit": "standard", "amount": 1, "idempotency_key": "k"}}}, 400)
		w.callOnce(w.operator, "POST", client.In(ws, "charges", "batch"), "b1", is{"charges": []is{charge}}, 200)
		w.callOnce(w.operator, "POST", client.In(ws, "charges", "batch"), "b1", is{"charges": []is{charge, charge}}, 422)
		w.callOnce(w.operator, "POST", client.In(ws, "charges"), "b1", charge, 422)
		w.callOnce(w.operator, "POST", client.In(ws, "charges", "batch"), "b1", is{"charges": []is{charge}}, 200)
		w.same("used", w.credit(ws, "standard")["used"], 1)
	})
}

// revoking is a reader whose key is revoked while they read slowly.
type revoking struct {
	*httptest.ResponseRecorder
	revoke func()
	at     time.Time
}

func (r *revoking) Write(p []byte) (int, error) {
	if r.revoke != nil {
		r.revoke()
		r.revoke, r.at = nil, time.Now()
	}
	time.Sleep(time.Until(r.at.Add(1100 * time.Millisecond))) // as slow as the next look at the key
	return r.ResponseRecorder.Write(p)
}

// A download ends when the key or the session behind it does.
func TestDownloadsEndWithTheirReader(t *testing.T) {
	testdb.Slow(t)
	start(t, func(w *world) {
		m := newMatrix(w)
		batch := make([]is, 900)
		for n := range batch {
			batch[n] = is{"credit": "standard", "amount": 0.000001, "description": strings.Repeat("x", 190)}
		}
		for range 3 {
			w.post(w.operator, client.In(m.ws, "charges", "batch"), is{"charges": batch}, 200)
		}
		list := w.get(w.operator, client.In(m.ws, "keys"))["data"].([]any)
		try := func(name string, ends bool, r *http.Request, revoke func()) {
			rec := &revoking{ResponseRecorder: httptest.NewRecorder(), revoke: revoke}
			func() {
				defer func() {
					if p := recover(); p != nil && p != http.ErrAbortHandler {
						panic(p)
					}
				}()
				w.server.Handler.ServeHTTP(rec, r)
			}()
			if n := bytes.Count(rec.Body.Bytes(), []byte("\n")); (n < 2000) != ends {
				t.Errorf("%s: %d with %d rows, %.200s", name, rec.Code, n, rec.Body)
			}
		}
		byKey := httptest.NewRequest("GET", client.In(m.ws, "entries.csv"), nil)
		byKey.Header.Set("Authorization", "Bearer "+m.keys["a"].Key)
		try("by a key that is good", false, byKey.Clone(ctx), func() {})
		try("by a key", true, byKey, func() {
			for _, k := range list {
				if k.(is)["role"] == "admin" {
					w.call(w.operator, "DELETE", client.In(m.ws, "keys", k.(is)["id"].(string)), nil, 204)
				}
			}
		})
		bySession := httptest.NewRequest("GET", "/entries.csv", nil)
		home, err := url.Parse(w.http.URL)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range m.pages["g"].Jar.Cookies(home) {
			bySession.AddCookie(c)
		}
		try("by a session", true, bySession, func() {
			w.call(w.operator, "DELETE", client.In(m.ws, "members", m.members["g"]), nil, 204)
		})
	})
}

// A browser is known to an address by what its owner alone can prove: an admin of a
// workspace that has the address lifts no throttle on guessing it by links and passwords
// of their own.
func TestKnownBrowsersAreTheOwners(t *testing.T) {
	start(t, func(w *world) {
		theirs, mine := w.workspace("pro", 1, nil), w.workspace("free", 1, nil)
		victim := w.post(w.operator, client.In(theirs, "members"), is{"email": "vic@acme.example", "name": "Vic", "role": "admin"}, 201)["id"].(string)
		puppet := w.post(w.operator, client.In(mine, "members"), is{"email": "vic@acme.example", "name": "Not Vic", "role": "member"}, 201)["id"].(string)
		k := &walk{world: w}
		k.signIn(theirs, victim)
		k.form("/settings/password", url.Values{"password": {"a quite long passphrase of Vic"}})
		k = &walk{world: w}
		k.signIn(mine, puppet) // by a code that the attacker made
		k.form("/settings/password", url.Values{"password": {"the attackers own passphrase"}})
		known := k.pages
		guess := func(password string) int {
			answer, err := known.PostForm(w.http.URL+"/sign-in", url.Values{"email": {"vic@acme.example"}, "password": {password}})
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			return answer.StatusCode
		}
		if got := guess("the attackers own passphrase"); got != 303 {
			t.Fatalf("the attacker's own password: %d", got)
		}
		checked := 0
		for range 60 {
			if guess("a wrong guess") == http.StatusUnauthorized {
				checked++
			}
		}
		if checked > 10 {
			t.Errorf("%d guesses at a stranger's password were checked", checked)
		}
	})
}
