package server_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// extension is a browser extension as its worker behaves.
type extension struct {
	*world
	id, code, approve, verifier, access, refresh string
}

// startAt is start with a machine's clock that the test moves.
func startAt(t *testing.T, fn func(w *world, move func(time.Duration))) {
	t.Helper()
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			var passed atomic.Int64
			begun := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
			w := openWith(t, server.Config{Database: testdb.Address(t, engine), Clock: func() time.Time { return begun.Add(time.Duration(passed.Load())) }})
			fn(w, func(d time.Duration) { passed.Add(int64(d)) })
			w.verify()
		})
	}
}

// ask sends a request with a token, which may be empty.
func (w *world) ask(token, method, path string, in any) (int, is) {
	w.Helper()
	var body bytes.Buffer
	if in != nil {
		if err := json.NewEncoder(&body).Encode(in); err != nil {
			w.Fatal(err)
		}
	}
	r, err := http.NewRequestWithContext(ctx, method, w.http.URL+path, &body)
	if err != nil {
		w.Fatal(err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	answer, err := w.http.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	out := is{}
	_ = json.NewDecoder(answer.Body).Decode(&out) // some answers have no body
	if h := answer.Header.Get("Access-Control-Allow-Origin"); h != "" {
		w.Errorf("%s %s lets pages of %s read it", method, path, h)
	}
	return answer.StatusCode, out
}

// begin asks for a connection.
func (w *world) begin() *extension {
	w.Helper()
	x := &extension{world: w, verifier: strings.Repeat("verifier", 5)}
	hash := sha256.Sum256([]byte(x.verifier))
	status, out := w.ask("", "POST", "/v1/extension/connections", is{"name": "Chrome on Linux", "challenge": base64.RawURLEncoding.EncodeToString(hash[:])})
	w.same("a connection is asked for", status, 201)
	x.id, x.code, x.approve = out["id"].(string), out["code"].(string), out["approve_url"].(string)
	return x
}

// decide answers for a member, as the page does.
func (x *extension) decide(ws, member string, approve bool) error {
	x.Helper()
	s, err := x.server.Accounts.Enter(ctx, account.Principal{Role: account.Regular, Workspace: ws, Member: member}, ws)
	if err != nil {
		x.Fatal(err)
	}
	return x.server.Accounts.DecideConnection(ctx, s, x.id, approve)
}

// fetch asks for the first tokens.
func (x *extension) fetch(verifier string, want int) is {
	x.Helper()
	status, out := x.ask("", "POST", "/v1/extension/connections/"+x.id+"/token", is{"verifier": verifier})
	x.same("fetching tokens", status, want)
	if status == 200 {
		x.access, x.refresh = out["access_token"].(string), out["refresh_token"].(string)
	}
	return out
}

// renew asks for new tokens with a refresh token.
func (x *extension) renew(refresh string, want int) {
	x.Helper()
	status, out := x.ask("", "POST", "/v1/extension/token", is{"refresh_token": refresh})
	x.same("renewing", status, want)
	if status == 200 {
		x.access, x.refresh = out["access_token"].(string), out["refresh_token"].(string)
	}
}

// works is how the token is answered where it may ask.
func (x *extension) works(ws, token string, want int) {
	x.Helper()
	status, _ := x.ask(token, "GET", client.In(ws, "prices"), nil)
	x.same("a request with the token", status, want)
}

// connected is an extension of a member, connected.
func (w *world) connected(ws, member string) *extension {
	w.Helper()
	x := w.begin()
	if err := x.decide(ws, member, true); err != nil {
		w.Fatal(err)
	}
	x.fetch(x.verifier, 200)
	return x
}

func TestExtensionConnects(t *testing.T) {
	startAt(t, func(w *world, move func(time.Duration)) {
		w.load("text/csv", people)
		ws := w.post(w.operator, "/v1/workspaces", is{"name": "Acme", "plan": "pro"}, 201)["id"].(string)
		mem, _ := w.member(ws, "Mel")
		x := w.begin()
		w.same("where it is approved", x.approve, "/connect/extension?id="+x.id)
		w.same("before", x.fetch(x.verifier, 202)["status"], "waiting")
		x.fetch(x.verifier+"x", 401)
		if err := x.decide(ws, mem, true); err != nil {
			t.Fatal(err)
		}
		if err := x.decide(ws, mem, true); err == nil {
			t.Error("approved twice")
		}
		x.fetch("another verifier", 401)
		lost := x.fetch(x.verifier, 200)
		if out := x.fetch(x.verifier, 200); out["expires_in"] != 900.0 || out["workspace"].(is)["name"] != "Acme" || out["member"].(is)["id"] != mem {
			t.Errorf("the tokens are %v", out)
		}
		x.works(ws, lost["access_token"].(string), 401)
		x.works(ws, x.access, 200)
		x.fetch(x.verifier, 410) // what was used is not given again

		prices := w.get(w.as(x.access), client.In(ws, "prices"))["fields"].(is)
		w.same("a mobile's credit", prices["mobile_phone"].(is)["credit"], "premium")
		w.same("a mobile's own button", prices["mobile_phone"].(is)["unlock"], true)
		w.same("an email's price", prices["work_email"].(is)["amount"], 1)
		settings := client.In(ws, "members", mem, "settings")
		w.same("managed", w.get(w.as(x.access), settings)["managed"], nil)
		w.same("own switch", w.call(w.as(x.access), "PUT", settings, is{"auto_unlock": true}, 200)["auto_unlock"], true)
		w.call(w.operator, "PUT", client.In(ws, "settings"), is{"auto_unlock": "off"}, 200)
		w.same("managed", w.get(w.as(x.access), settings)["managed"], "off")

		captured := w.post(w.as(x.access), client.In(ws, "captures"), is{"member": mem, "person": is{"email": "ada@engines.example"}, "list": "Fair", "channel": "api"}, 200)
		if captured["lead"] == nil {
			t.Errorf("captured %v", captured)
		}
		w.same("lists", w.get(w.as(x.access), client.In(ws, "lists"))["data"].([]any)[0].(is)["name"], "Fair")
		for _, e := range w.get(w.operator, client.In(ws, "entries"))["data"].([]any) {
			w.same("channel", e.(is)["channel"], "extension")
			w.same("member", e.(is)["member"], mem)
		}
		move(account.AccessLife + time.Second)
		for late := time.Now(); w.status(w.as(x.access), "GET", client.In(ws, "prices"), nil) != 401; {
			if time.Since(late) > 2*time.Second { // one of them it is taken at its word
				t.Fatal("the token works after its time")
			}
		}
		x.renew(x.refresh, 200)
		x.works(ws, x.access, 200)
	})
}

func TestExtensionIsRefusedOrLate(t *testing.T) {
	startAt(t, func(w *world, move func(time.Duration)) {
		ws := w.post(w.operator, "/v1/workspaces", is{"name": "Acme", "plan": "pro"}, 201)["id"].(string)
		mem, _ := w.member(ws, "Mel")
		denied := w.begin()
		if err := denied.decide(ws, mem, false); err != nil {
			t.Fatal(err)
		}
		denied.fetch(denied.verifier, 403)
		if err := denied.decide(ws, mem, true); err == nil {
			t.Error("approved after it was denied")
		}
		late, unfetched := w.begin(), w.begin()
		if err := unfetched.decide(ws, mem, true); err != nil {
			t.Fatal(err)
		}
		move(account.ConnectWithin)
		late.fetch(late.verifier, 410)
		unfetched.fetch(unfetched.verifier, 410)
		if err := late.decide(ws, mem, true); err == nil {
			t.Error("approved too late")
		}
		(&extension{world: w, id: "ext_none"}).fetch("x", 404)
		for field, body := range map[string]is{
			"name":      {"name": "\u202eevil", "challenge": strings.Repeat("A", 43)},
			"challenge": {"name": "Chrome", "challenge": "short"},
		} {
			status, out := w.ask("", "POST", "/v1/extension/connections", body)
			w.same("a bad "+field, status, 400)
			w.same("the field", out["errors"].([]any)[0].(is)["field"], field)
		}
		limited := 0
		for range 110 {
			if status, _ := w.ask("", "POST", "/v1/extension/connections", is{"name": "x", "challenge": "short"}); status == 429 {
				limited++
			}
		}
		if limited == 0 {
			t.Error("one address may ask without end")
		}
	})
}

// The refresh token before is good until the access token after was used; then two
// hold it, and the connection ends.
func TestExtensionRenewsAndNoticesTheft(t *testing.T) {
	start(t, func(w *world) {
		ws := w.post(w.operator, "/v1/workspaces", is{"name": "Acme", "plan": "pro"}, 201)["id"].(string)
		mem, _ := w.member(ws, "Mel")
		x := w.connected(ws, mem)
		x.works(ws, x.access, 200)
		first := x.refresh
		x.renew(first, 200)
		unheard := x.access
		x.renew(first, 200) // the answer was lost
		x.works(ws, unheard, 401)
		x.works(ws, x.access, 200)
		second := x.refresh
		x.renew(second, 200)
		x.renew(first, 401) // too old to mean anything
		x.works(ws, x.access, 200)
		x.renew(second, 401)
		x.works(ws, x.access, 401)
		x.renew(x.refresh, 401)
		for _, bad := range []string{"", "lmr_", "lmr__", "lmr_x_y", second[:len(second)-1] + "!", strings.Repeat("x", 201)} {
			if status, _ := w.ask("", "POST", "/v1/extension/token", is{"refresh_token": bad}); status != 401 && status != 400 {
				t.Errorf("refresh token %q: %d", bad, status)
			}
		}
	})
}

// Anyone who ends a connection ends it at once, even if it was just used.
func TestExtensionEnds(t *testing.T) {
	start(t, func(w *world) {
		ws := w.post(w.operator, "/v1/workspaces", is{"name": "Acme", "plan": "pro"}, 201)["id"].(string)
		mem, _ := w.member(ws, "Mel")
		other, _ := w.member(ws, "Otto")
		out, web, gone, stays := w.connected(ws, mem), w.connected(ws, mem), w.connected(ws, mem), w.connected(ws, other)
		for _, x := range []*extension{out, web, gone, stays} {
			x.works(ws, x.access, 200)
		}
		status, _ := w.ask(out.access, "DELETE", "/v1/extension/connections/"+web.id, nil)
		w.same("ending another", status, 404)
		status, _ = w.ask(out.access, "DELETE", "/v1/extension/connections/"+out.id, nil)
		w.same("signing out", status, 204)
		out.works(ws, out.access, 401)
		out.renew(out.refresh, 401)
		web.works(ws, web.access, 200)
		if err := w.server.Accounts.EndConnection(ctx, account.Principal{Role: account.Regular, Workspace: ws, Member: other}, web.id); err == nil {
			t.Error("somebody else's connection was ended")
		}
		if err := w.server.Accounts.EndConnection(ctx, account.Principal{Role: account.Regular, Workspace: ws, Member: mem}, web.id); err != nil {
			t.Error(err)
		}
		web.works(ws, web.access, 401)
		w.call(w.operator, http.MethodDelete, client.In(ws, "members", mem), nil, 204)
		gone.works(ws, gone.access, 401)
		gone.renew(gone.refresh, 401)
		stays.works(ws, stays.access, 200)
	})
}

// Another server notices within a second, as it does with keys.
func TestExtensionEndsOnAnotherServer(t *testing.T) {
	address := testdb.Address(t, "postgres")
	here, there := open(t, address), open(t, address)
	ws := here.post(here.operator, "/v1/workspaces", is{"name": "Two servers", "plan": "pro"}, 201)["id"].(string)
	mem, _ := here.member(ws, "Mel")
	x := here.connected(ws, mem)
	there.same("on the other server", there.status(there.as(x.access), "GET", client.In(ws, "prices"), nil), 200)
	if status, _ := here.ask(x.access, "DELETE", "/v1/extension/connections/"+x.id, nil); status != 204 {
		t.Fatal(status)
	}
	for ended := time.Now(); there.status(there.as(x.access), "GET", client.In(ws, "prices"), nil) != 401; {
		if late := time.Since(ended); late > 2*time.Second {
			t.Fatalf("the token still works %v after another server ended it", late)
		}
	}
}
