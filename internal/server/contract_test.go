package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
)

// Bad input names the field and what would be right, and changes nothing.
func TestBadInput(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("starter", 1, nil)
		for _, c := range []struct {
			path, field string
			body        any
		}{
			{"/v1/workspaces", "name", is{"plan": "free"}},
			{"/v1/workspaces", "plan", is{"name": "x", "plan": "gold"}},
			{"/v1/workspaces", "seats", is{"name": "x", "plan": "free", "seats": 0}},
			{"/v1/workspaces", "time_zone", is{"name": "x", "plan": "free", "time_zone": "Mars/Olympus"}},
			{"/v1/workspaces", "anchor", is{"name": "x", "plan": "free", "anchor": 8}},
			{"/v1/workspaces", "anchor", is{"name": "x", "plan": "starter", "anchor": 32}},
			{"/v1/workspaces", "price_book", is{"name": "x", "plan": "free", "price_book": "none"}},
			{"/v1/workspaces", "test_clock", is{"name": "x", "plan": "free", "test_clock": "clock_none"}},
			{"/v1/workspaces", "color", is{"name": "x", "plan": "free", "color": "red"}},
			{client.In(ws, "members"), "email", is{"email": "nobody", "name": "N"}},
			{client.In(ws, "members"), "role", is{"email": "a@b.example", "name": "N", "role": "king"}},
			{client.In(ws, "keys"), "member", is{"role": "member"}},
			{client.In(ws, "grants"), "amount", is{"credit": "standard", "amount": -1, "kind": "once"}},
			{client.In(ws, "grants"), "credit", is{"credit": "gold", "amount": 1, "kind": "once"}},
			{client.In(ws, "charges"), "amount", is{"credit": "standard", "amount": "1"}},
			{client.In(ws, "charges"), "amount", is{"credit": "standard", "amount": 0.1234567}},
			{client.In(ws, "captures"), "person", is{"person": is{}}},
			{client.In(ws, "captures"), "fields[0]", is{"person": is{"id": "per_1"}, "fields": []string{"fax"}}},
			{client.In(ws, "captures"), "fields", is{"person": is{"id": "per_1"}, "fields": []string{}}},
			{client.In(ws, "captures"), "mode", is{"person": is{"id": "per_1"}, "mode": "peek"}},
		} {
			got := w.post(w.operator, c.path, c.body, 400)
			errors := got["errors"].([]client.Field)
			if got["code"] != "invalid_request" || len(errors) == 0 || errors[0].Field != c.field {
				w.Errorf("%s %v: says %v %v, want the field %s", c.path, c.body, got["detail"], errors, c.field)
			}
		}
	})
}

// status is how a request is answered.
func (w *world) status(c *client.Client, method, path string, body any) int {
	w.Helper()
	var raw []byte
	_, err := c.Do(ctx, method, path, "", body, &raw)
	if p, ok := err.(*client.Problem); ok {
		return p.Status
	}
	if err != nil {
		w.Fatal(err)
	}
	if method == http.MethodPost && path != "" && !strings.HasSuffix(path, "/cancel") {
		return 201
	}
	return 200
}

// Charges in a batch are answered each for itself, in order; a key counts once
// however it comes.
func TestBatchAndHeaders(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("free", 1, nil)
		charges := []is{
			{"credit": "standard", "amount": 10, "idempotency_key": "a"}, {"credit": "standard", "amount": 10, "idempotency_key": "b"},
			{"credit": "gold", "amount": 1}, {"credit": "standard", "amount": 5, "idempotency_key": "c"}, {"credit": "standard", "amount": 10, "idempotency_key": "a"},
		}
		for range 2 {
			results := w.post(w.operator, client.In(ws, "charges", "batch"), is{"charges": charges}, 200)["results"].([]any)
			for n, want := range []int{201, 402, 400, 201, 201} {
				w.same("status of line "+fmt.Sprint(n), results[n].(is)["status"], want)
			}
			w.same("code", results[1].(is)["code"], "insufficient_credits")
			w.same("the same charge", results[4].(is)["id"], results[0].(is)["id"])
		}
		w.same("used", w.credit(ws, "standard")["used"], 15)
		w.post(w.operator, client.In(ws, "charges", "batch"), is{"charges": []is{}}, 400)

		pro := w.workspace("pro", 1, nil)
		var out is
		h, err := w.operator.Do(ctx, http.MethodPost, client.In(pro, "charges"), "k", is{"credit": "standard", "amount": 0.5, "description": "a report"}, &out)
		if err != nil {
			w.Fatal(err)
		}
		w.same("Credits-Charged", h.Get("Credits-Charged"), "standard=0.5")
		w.same("Credits-Remaining", h.Get("Credits-Remaining"), "standard=499.5")
		w.same("balance", out["balance"].(is)["available"], 499.5)
		key := client.NewKey()
		for range 2 {
			b, err := w.operator.Charge(ctx, pro, key, "standard", credits.Credit)
			if err != nil {
				w.Fatal(err)
			}
			w.same("by the client, once", b.Available.Amount, 4985*credits.Credit/10)
		}
	})
}

// A charge is one request under its key by itself, in a batch and in a stream, however plainly
// each is written: the first one's charge is every other's answer.
func TestAKeyIsOneChargeOnEveryRoad(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		s := w.stream(w.operator, ws)
		defer s.to.Close()
		credit := map[bool]string{true: "standard", false: "st\\u0061ndard"} // plainly, and not
		entry := func(road, key string, plain bool) string {
			w.Helper()
			body := `{"amount":1.5,"description":"a call","credit":"` + credit[plain] + `"}`
			line := `{"idempotency_key":"` + key + `",` + body[1:]
			var out is
			read := func(text string) {
				if err := json.Unmarshal([]byte(text), &out); err != nil {
					t.Fatalf("%s: %v", text, err)
				}
			}
			switch road {
			case "single":
				_, _, text := w.wire(client.In(ws, "charges"), w.operator.Key, key, "application/json", body)
				read(text)
			case "batch":
				_, _, text := w.wire(client.In(ws, "charges", "batch"), w.operator.Key, "", "application/json", `{"charges":[`+line+`]}`)
				read(text)
				out = out["results"].([]any)[0].(is)
			case "stream":
				s.send("%s", line)
				return s.next().Entry
			}
			return fmt.Sprint(out["entry"])
		}
		roads, charged := []string{"single", "batch", "stream"}, 0
		for _, first := range roads {
			for _, plain := range []bool{true, false} {
				key := client.NewKey()
				want := entry(first, key, plain)
				charged++
				for _, road := range roads {
					w.same(first+", then "+road, entry(road, key, plain), want)
					w.same(first+", then "+road+", written otherwise", entry(road, key, !plain), want)
				}
			}
		}
		w.same("used", w.credit(ws, "standard")["used"], 1.5*float64(charged))
		status, _, text := w.wire(client.In(ws, "charges", "batch"), w.operator.Key, "", "application/json", `{"charges":[{"credit":"standard","amount":1,"idempotency_key":""}]}`)
		w.same("an empty key", fmt.Sprint(status, strings.Contains(text, "charges[0].idempotency_key")), "400 true")
	})
}

// Lists continue by their cursor, without a gap or a repetition; exports are whole.
func TestListsAndExports(t *testing.T) {
	start(t, func(w *world) {
		text, rows := senators(w.T)
		w.load("text/csv", text)
		ws := w.workspace("starter", 1, nil)
		for _, row := range rows[:40] {
			ask := phoneOf(row[1])
			ask.List = "Senate"
			if _, err := w.operator.Capture(ctx, ws, "", ask); err != nil {
				w.Fatal(err)
			}
		}
		for _, list := range []string{"entries?kind=charge", "leads?sort=name", "leads?sort=-captured", "leads?list=Senate&sort=-company"} {
			seen, cursor := map[string]bool{}, ""
			for range 10 {
				page := w.get(w.operator, client.In(ws)+"/"+list+"&limit=7"+cursor)
				for _, one := range page["data"].([]any) {
					id := one.(is)["id"].(string)
					if seen[id] {
						w.Fatalf("%s: %s came twice", list, id)
					}
					seen[id] = true
				}
				next, _ := page["next_cursor"].(string)
				if next == "" {
					break
				}
				cursor = "&cursor=" + next
			}
			w.same(list, len(seen), 40)
		}
		for _, name := range []string{"leads.csv", "entries.csv"} {
			var raw []byte
			if _, err := w.operator.Do(ctx, http.MethodGet, client.In(ws, name), "", nil, &raw); err != nil {
				w.Fatal(err)
			}
			w.same("lines of "+name, strings.Count(string(raw), "\n"), 41)
			if strings.Contains(string(raw), "'+1") {
				w.Errorf("%s: a number is no formula", name)
			}
		}
		w.same("search", len(w.get(w.operator, client.In(ws, "leads")+"?q=cantwell")["data"].([]any)), 1)
		w.same("a wildcard is text", len(w.get(w.operator, client.In(ws, "leads")+"?q=%25")["data"].([]any)), 0)
	})
}

// The server describes itself; every path of the description is served.
func TestOpenAPI(t *testing.T) {
	start(t, func(w *world) {
		doc := w.get(w.operator, "/openapi.json")
		w.same("version", doc["openapi"], "3.1.0")
		for _, path := range []string{
			"/v1/test-clocks", "/v1/test-clocks/{clock}/advance", "/v1/workspaces", "/v1/workspaces/{ws}", "/v1/workspaces/{ws}/cancel", "/v1/workspaces/{ws}/reactivate",
			"/v1/workspaces/{ws}/grants", "/v1/workspaces/{ws}/grants/{grant}", "/v1/workspaces/{ws}/keys", "/v1/workspaces/{ws}/keys/{key}", "/v1/directory/imports",
			"/v1/directory/imports/{import}", "/v1/directory/suppressions", "/v1/directory/people/{person}", "/v1/workspaces/{ws}/members", "/v1/workspaces/{ws}/members/{member}",
			"/v1/workspaces/{ws}/members/{member}/allocations", "/v1/workspaces/{ws}/settings", "/v1/workspaces/{ws}/members/{member}/settings", "/v1/workspaces/{ws}/lookups",
			"/v1/workspaces/{ws}/captures", "/v1/workspaces/{ws}/leads", "/v1/workspaces/{ws}/leads/{lead}", "/v1/workspaces/{ws}/leads/{lead}/unlock", "/v1/workspaces/{ws}/leads.csv",
			"/v1/workspaces/{ws}/balance", "/v1/workspaces/{ws}/usage", "/v1/workspaces/{ws}/usage.csv", "/v1/workspaces/{ws}/entries", "/v1/workspaces/{ws}/entries.csv",
			"/v1/workspaces/{ws}/charges", "/v1/workspaces/{ws}/charges/batch", "/v1/workspaces/{ws}/holds", "/v1/workspaces/{ws}/holds/{hold}/settle",
			"/v1/workspaces/{ws}/holds/{hold}/release", "/v1/workspaces/{ws}/holds/{hold}/extend",
			"/v1/extension/connections", "/v1/extension/connections/{connection}", "/v1/extension/connections/{connection}/token", "/v1/extension/token",
			"/v1/workspaces/{ws}/prices", "/v1/workspaces/{ws}/totals", "/v1/workspaces/{ws}/lists",
			"/v1/workspaces/{ws}/webhooks", "/v1/workspaces/{ws}/webhooks/{webhook}", "/v1/workspaces/{ws}/webhooks/{webhook}/rotate", "/v1/workspaces/{ws}/webhooks/{webhook}/test",
			"/v1/workspaces/{ws}/webhooks/{webhook}/deliveries", "/v1/workspaces/{ws}/webhooks/{webhook}/deliveries/{delivery}/redeliver", "/v1/workspaces/{ws}/alerts",
			"/v1/workspaces/{ws}/members/{member}/usage-mail",
		} {
			if doc["paths"].(is)[path] == nil {
				w.Errorf("%s is not described", path)
			}
		}
		for _, path := range []string{"/healthz", "/readyz"} {
			r, err := w.http.Client().Get(w.http.URL + path)
			if err != nil {
				w.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, r.Body)
			r.Body.Close()
			w.same(path, r.StatusCode, 200)
		}
	})
}

// Every POST that makes something makes it once for a key, sent by many at once
// too (rule C9).
func TestMadeOnce(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("starter", 1, nil)
		for _, c := range []struct {
			path string
			body is
			id   string
		}{
			{"/v1/workspaces", is{"name": "Twin", "plan": "free"}, "id"},
			{"/v1/test-clocks", is{"now": "2026-01-01T00:00:00Z"}, "id"},
			{client.In(ws, "members"), is{"email": "twin@acme.example", "name": "Twin"}, "id"},
			{client.In(ws, "keys"), is{"role": "admin"}, "id"},
			{client.In(ws, "grants"), is{"credit": "standard", "amount": 3, "kind": "once"}, "id"},
			{client.In(ws, "holds"), is{"credit": "standard", "amount": 3, "expires_in": "60s"}, "id"},
			{client.In(ws, "charges"), is{"credit": "standard", "amount": 2}, "entry"},
		} {
			ids := make(chan any, 8)
			for range cap(ids) {
				go func() {
					out := is{}
					if _, err := w.operator.Do(ctx, http.MethodPost, c.path, "key "+c.path, c.body, &out); err != nil {
						ids <- err
						return
					}
					ids <- out[c.id]
				}()
			}
			first := <-ids
			for range cap(ids) - 1 {
				if id := <-ids; id != first {
					w.Errorf("POST %s: %v and %v", c.path, first, id)
				}
			}
		}
		imported := func(text string) (string, error) {
			var out struct{ ID string }
			_, err := w.operator.Do(ctx, http.MethodPost, "/v1/directory/imports", "a file", client.File{Type: "text/csv", Content: strings.NewReader(text)}, &out)
			return out.ID, err
		}
		first, err := imported(people)
		if err != nil {
			w.Fatal(err)
		}
		again, err := imported(people)
		if err != nil || again != first {
			w.Errorf("the same file under one key: %q and %q, %v", first, again, err)
		}
		if _, err := imported(people + "\n"); err == nil || err.(*client.Problem).Status != 422 {
			w.Errorf("another file under the same key: %v", err)
		}
		w.same("charged once", w.credit(ws, "standard")["used"], 2)
		w.same("held once", w.credit(ws, "standard")["held"], 3)
		w.same("given once", w.credit(ws, "standard")["allowance"], 253)
	})
}
