package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// The length of a text is counted in characters, as the message says it, no matter how many
// bytes they take.
func TestLengthsAreInCharacters(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("pro", 20, nil)
		in := func(path ...string) string { return client.In(ws, path...) }
		lead := w.post(w.operator, in("captures"), is{"person": is{"linkedin_url": "https://linkedin.com/in/ada"}, "fields": []string{"work_phone"}}, 200)["lead"].(string)
		_, ada := w.member(ws, "Ada")
		unique := 0
		for _, c := range []struct {
			name, method, path, field string
			most                      int
			body                      func(text string) is
		}{
			{"a workspace", http.MethodPost, "/v1/workspaces", "name", 200, func(s string) is {
				return is{"name": s, "plan": "free", "seats": 1, "time_zone": "UTC", "anchor": 1}
			}},
			{"a workspace renamed", http.MethodPatch, in(), "name", 200, func(s string) is { return is{"name": s} }},
			{"a member", http.MethodPost, in("members"), "name", 200, func(s string) is {
				unique++
				return is{"email": fmt.Sprintf("m%d@acme.example", unique), "name": s, "role": "member"}
			}},
			{"a key", http.MethodPost, in("keys"), "name", 200, func(s string) is { return is{"name": s, "role": "admin"} }},
			{"a reason", http.MethodPost, in("credit-requests"), "reason", 1000, func(s string) is { return is{"credit": "standard", "amount": 1, "reason": s} }},
			{"an add-on request's note", http.MethodPost, in("addon-requests"), "note", 500, func(s string) is { return is{"credit": "standard", "amount": 1, "kind": "once", "note": s} }},
			{"notes", http.MethodPatch, in("leads", lead), "notes", 10_000, func(s string) is { return is{"notes": s} }},
			{"a tag", http.MethodPatch, in("leads", lead), "tags", 100, func(s string) is { return is{"tags": []string{s}} }},
			{"a list", http.MethodPatch, in("leads", lead), "lists", 100, func(s string) is { return is{"lists": []string{s}} }},
			{"a bulk capture's list", http.MethodPost, in("bulk-captures"), "list", 100, func(s string) is {
				return is{"people": []is{{"linkedin_url": "https://linkedin.com/in/ada"}}, "list": s}
			}},
		} {
			who := w.operator
			if c.field == "reason" {
				who = ada
			}
			var out is
			if _, err := who.Do(ctx, c.method, c.path, "", c.body(strings.Repeat("ж", c.most)), &out); err != nil {
				t.Errorf("%s of %d characters: %v", c.name, c.most, err)
			}
			_, err := who.Do(ctx, c.method, c.path, "", c.body(strings.Repeat("ж", c.most+1)), &out)
			if err == nil || !strings.Contains(err.Error(), c.field) || !strings.Contains(err.Error(), "invalid_request") {
				t.Errorf("%s of %d characters: %v", c.name, c.most+1, err)
			}
		}
	})
}
