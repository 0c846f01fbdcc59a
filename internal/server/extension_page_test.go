package server_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// The panel and the approval page show one code, which another connection does not have; the
// name that the asker chose is said to be that.
func TestExtensionShowsACode(t *testing.T) {
	start(t, func(w *world) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		mine, theirs := w.begin(), w.begin()
		if mine.code == theirs.code || !regexp.MustCompile(`^[0-9A-Z]{4}-[0-9A-Z]{4}$`).MatchString(mine.code) {
			t.Errorf("the codes are %q and %q", mine.code, theirs.code)
		}
		v := w.signedInAs(ws, mel)
		v.get("/connect/extension?id=" + mine.id).has(mine.code)
		v.has("Calls itself “Chrome on Linux”")
		v.lacks("Who asks")
		v.get("/connect/extension?id=" + theirs.id).lacks(mine.code)
		v.post("/connect/extension", "id", mine.id, "answer", "approve").has("The extension that calls itself “Chrome on Linux” is connected.")
		mine.fetch(mine.verifier, 200)
	})
}

// Who is not signed in is sent to sign in, and back.
func TestExtensionIsApprovedBySomebody(t *testing.T) {
	start(t, func(w *world) {
		x := w.begin()
		c := *w.http.Client()
		c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		answer, err := c.Get(w.http.URL + x.approve)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		w.same("where to", answer.Header.Get("Location"), "/sign-in?next="+url.QueryEscape("/connect/extension?id="+x.id))
		answer, err = c.PostForm(w.http.URL+"/connect/extension", url.Values{"id": {x.id}, "answer": {"approve"}})
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		w.same("where to", answer.Header.Get("Location"), "/sign-in")
		x.fetch(x.verifier, 202)
	})
}

// An extension's token opens what its panel needs. Every other operation that is
// registered refuses it, an admin's too, by every road.
func TestExtensionMayLittle(t *testing.T) {
	start(t, func(w *world) {
		ws := w.post(w.operator, "/v1/workspaces", is{"name": "Acme", "plan": "pro"}, 201)["id"].(string)
		theirs := w.post(w.operator, "/v1/workspaces", is{"name": "Theirs", "plan": "pro"}, 201)["id"].(string)
		boss := w.post(w.operator, client.In(ws, "members"), is{"email": "boss@acme.example", "name": "Bo", "role": "admin"}, 201)["id"].(string)
		mem, _ := w.member(ws, "Mel")
		x := w.connected(ws, boss)
		may := map[string]bool{
			"lookup": true, "search-people": true, "capture": true, "get-balance": true, "get-prices": true, "add-amounts": true, "list-lists": true, "get-member-settings": true,
			"set-member-settings": true, "end-extension": true, "ask-for-more": true, "begin-extension": true, "connect-extension": true, "renew-extension": true,
		}
		fill := strings.NewReplacer("{ws}", ws, "{member}", boss)
		refused := 0
		for path, methods := range w.get(w.operator, "/openapi.json")["paths"].(is) {
			if !strings.HasPrefix(path, "/v1/") {
				continue
			}
			for method, op := range methods.(is) {
				id := op.(is)["operationId"].(string)
				var body any
				if method == "post" || method == "put" || method == "patch" {
					body = is{}
				}
				status, out := w.ask(x.access, strings.ToUpper(method), fill.Replace(path), body)
				if may[id] {
					if status == 403 {
						t.Errorf("%s is refused", id)
					}
					delete(may, id)
					continue
				}
				refused++
				if status != 403 || out["code"] != "not_allowed" {
					t.Errorf("%s %s (%s): %d %v", method, path, id, status, out)
				}
			}
		}
		if len(may) > 0 || refused < 40 {
			t.Errorf("not registered: %v; %d operations refused", may, refused)
		}
		status, _ := w.ask(x.access, "POST", client.In(ws, "charges"), is{"credit": "standard", "amount": 1}) // the fast path
		w.same("a charge", status, 403)
		status, _ = w.ask(x.access, "POST", client.In(ws, "captures"), is{"member": mem, "person": is{"id": "per_1"}})
		w.same("a capture as somebody else", status, 403)
		status, _ = w.ask(x.access, "PUT", client.In(ws, "members", mem, "settings"), is{"auto_unlock": true})
		w.same("somebody else's switch", status, 403)
		x2 := w.connected(ws, boss)
		for _, path := range []string{"balance", "prices", "lists"} {
			status, _ = w.ask(x2.access, "GET", client.In(theirs, path), nil)
			w.same("another workspace's "+path, status, 404)
		}
		w.same("used", w.credit(ws, "standard")["used"], 0)
	})
}
