package server_test

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// wire sends a body as it is written and returns the answer, without what differs
// from one answer to the next.
func (w *world) wire(path, key, once, contentType, body string) (int, http.Header, string) {
	w.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, w.http.URL+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	if once != "" {
		r.Header.Set("Idempotency-Key", once)
	}
	answer, err := w.http.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		w.Fatal(err)
	}
	return answer.StatusCode, answer.Header, string(text)
}

// A charge that is written plainly is read on a road of its own. Nobody can tell
// from the answer, and the two are one request under one key.
func TestLeanChargeAnswersAlike(t *testing.T) {
	start(t, func(w *world) {
		free, key := w.workspace("free", 1, nil), w.operator.Key
		pairs := []struct{ name, fast, common string }{
			{"a charge", `{"credit":"standard","amount":1.5}`, `{"credit":"st\u0061ndard","amount":1.5}`},
			{"more than there is", `{"credit":"standard","amount":100}`, `{"credit":"st\u0061ndard","amount":100}`},
			{"no such credit type", `{"credit":"gold","amount":1}`, `{"credit":"g\u006fld","amount":1}`},
			{"a bad amount", `{"credit":"standard","amount":0}`, `{"credit":"st\u0061ndard","amount":0}`},
			{"too many decimals", `{"credit":"standard","amount":0.1234567}`, `{"credit":"st\u0061ndard","amount":0.1234567}`},
			{"no such member", `{"credit":"standard","amount":1,"member":"mem_1"}`, `{"credit":"standard","amount":1,"member":"mem_\u0031"}`},
		}
		volatile := regexp.MustCompile(`"(id|entry)":"[a-z]+_\d+"|"(used|available)":[0-9.]+`)
		for _, p := range pairs {
			status, header, text := w.wire(client.In(free, "charges"), key, "", "application/json", p.fast)
			status2, header2, text2 := w.wire(client.In(free, "charges"), key, "", "application/json", p.common)
			if plain := func(s string) string { return volatile.ReplaceAllString(s, "") }; status != status2 || plain(text) != plain(text2) {
				w.Errorf("%s: %d %s\nand      %d %s", p.name, status, text, status2, text2)
			}
			for _, name := range []string{"Content-Type", "Credits-Charged", "Retry-After"} {
				w.same(p.name+": "+name, header.Get(name), header2.Get(name))
			}
		}
		for _, bad := range []string{"", "lm_operator_wrong", "nonsense"} {
			status, _, text := w.wire(client.In(free, "charges"), bad, "", "application/json", pairs[0].fast)
			status2, _, text2 := w.wire(client.In(free, "charges"), bad, "", "application/json", pairs[0].common)
			if status != 401 || status2 != 401 || text != text2 {
				w.Errorf("key %q: %d %s and %d %s", bad, status, text, status2, text2)
			}
		}
		var first string
		for n, body := range []string{pairs[0].fast, pairs[0].common, " {\"amount\": 1.5,\n\"credit\":\"standard\"} "} {
			status, _, text := w.wire(client.In(free, "charges"), key, "once", "application/json", body)
			if n == 0 {
				first = text
			}
			if status != 201 || text != first {
				w.Errorf("the same request, written as %s: %d %s, not %s", body, status, text, first)
			}
		}
		if status, _, _ := w.wire(client.In(free, "charges"), key, "once", "application/json", `{"amount":1.25,"credit":"standard"}`); status != 422 {
			w.Errorf("another amount under the key: %d", status)
		}
	})
}

// A key that is revoked, and one of a member who was removed, is refused from
// then on, however lately it was used; another server notices within a second.
func TestRevokedKeysEnd(t *testing.T) {
	start(t, func(w *world) {
		real := w.post(w.operator, "/v1/workspaces", is{"name": "No test clock", "plan": "pro"}, 201)["id"].(string)
		charge := is{"credit": "standard", "amount": 1}
		made := w.post(w.operator, client.In(real, "keys"), is{"name": "till", "role": "admin"}, 201)
		till := w.as(made["key"].(string))
		m, memberKey := w.member(real, "Ada")
		for range 3 {
			w.post(till, client.In(real, "charges"), charge, 201)
			w.post(memberKey, client.In(real, "charges"), charge, 201)
		}
		w.call(w.operator, http.MethodDelete, client.In(real, "keys", made["id"].(string)), nil, 204)
		w.post(till, client.In(real, "charges"), charge, 401)
		w.call(w.operator, http.MethodDelete, client.In(real, "members", m), nil, 204)
		w.post(memberKey, client.In(real, "charges"), charge, 401)
		w.same("used", w.credit(real, "standard")["used"], 6)
	})
}

func TestRevokedKeysEndOnAnotherServer(t *testing.T) {
	address := testdb.Address(t, "postgres")
	here, there := open(t, address), open(t, address)
	ws := here.post(here.operator, "/v1/workspaces", is{"name": "Two servers", "plan": "pro"}, 201)["id"].(string)
	made := here.post(here.operator, client.In(ws, "keys"), is{"name": "till", "role": "admin"}, 201)
	till := there.as(made["key"].(string))
	charge := is{"credit": "standard", "amount": 0.0001}
	there.post(till, client.In(ws, "charges"), charge, 201)
	here.call(here.operator, http.MethodDelete, client.In(ws, "keys", made["id"].(string)), nil, 204)
	revoked := time.Now()
	for {
		sent := time.Now()
		_, err := till.Do(ctx, http.MethodPost, client.In(ws, "charges"), "", charge, nil)
		if p, ok := err.(*client.Problem); ok && p.Status == 401 {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		if late := sent.Sub(revoked); late > 2*time.Second {
			t.Fatalf("the key still works %v after another server revoked it", late)
		}
	}
	here.verify()
}
