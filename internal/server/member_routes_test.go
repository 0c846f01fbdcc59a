package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
)

// openToTheTeam are the operations that answer about any member: names, addresses and roles are
// open to the team, and the lead sheet is shared.
var openToTheTeam = map[string]bool{
	"get-member": true, "list-leads": true, "leads-csv": true, "leads-vcf": true,
}

// aboutMembers are the operations that name a member in their path or query, as the document says.
func (w *world) aboutMembers() map[string]string { // to method and path with {member}
	w.Helper()
	found := map[string]string{}
	for path, methods := range w.get(w.operator, "/openapi.json")["paths"].(is) {
		for method, op := range methods.(is) {
			id := op.(is)["operationId"].(string)
			if strings.Contains(path, "{member}") {
				found[id] = strings.ToUpper(method) + " " + path
			}
			params, _ := op.(is)["parameters"].([]any)
			for _, p := range params {
				if method == "get" && p.(is)["name"] == "member" && p.(is)["in"] == "query" {
					found[id] = "GET " + path + "?member={member}"
				}
			}
		}
	}
	return found
}

// Somebody else's usage, limits and settings are as little there as nobody's, with a member's key
// and with their browser extension, however a route names the member (rule S5).
func TestRoutesAboutAMemberTellNothingOfOthers(t *testing.T) {
	start(t, func(w *world) {
		m := newTeam(w)
		w.call(m.of["otto"].key, "PUT", "/v1/workspaces/"+m.ws+"/members/"+m.of["otto"].member+"/settings", is{"auto_unlock": true}, 200)
		about := w.aboutMembers()
		tokens := map[string]string{"a key": m.of["mel"].key.Key, "an extension": w.connected(m.ws, m.of["mel"].member).access}
		for id, route := range about {
			method, path, _ := strings.Cut(strings.ReplaceAll(route, "{ws}", m.ws), " ")
			for by, token := range tokens {
				answer := func(member string) string {
					r, err := http.NewRequestWithContext(ctx, method, w.http.URL+strings.ReplaceAll(path, "{member}", member), strings.NewReader("{}"))
					if err != nil {
						t.Fatal(err)
					}
					r.Header.Set("Content-Type", "application/json")
					answer, err := (&http.Client{Transport: bearerOf(token)}).Do(r)
					if err != nil {
						t.Fatal(err)
					}
					defer answer.Body.Close()
					text, _ := io.ReadAll(answer.Body) // a shorter one differs
					return strings.ReplaceAll(fmt.Sprint(answer.StatusCode, string(text)), member, "…")
				}
				others, nobodys := answer(m.of["otto"].member), answer("mem_nobody")
				if openToTheTeam[id] {
					if strings.Contains(others, "auto_unlock") {
						t.Errorf("%s (%s) tells of a setting: %s", id, by, others)
					}
					continue
				}
				if others != nobodys {
					t.Errorf("%s (%s) answers about another member\n%s\nand about nobody\n%s", id, by, others, nobodys)
				}
			}
		}
		for id := range openToTheTeam {
			if about[id] == "" {
				t.Errorf("%s is not about a member", id)
			}
		}
		if len(about) < 12 {
			t.Errorf("the document has %d operations about a member: %v", len(about), about)
		}
		own := "/v1/workspaces/" + m.ws + "/members/" + m.of["otto"].member + "/settings"
		w.same("one's own", w.get(m.of["otto"].key, own)["auto_unlock"], true)
		w.same("an admin's look", w.get(w.operator, own)["auto_unlock"], true)
		w.call(m.of["gia"].key, "GET", own, nil, 404)
	})
}
