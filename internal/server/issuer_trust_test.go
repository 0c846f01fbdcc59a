package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/signin"
)

// An issuer signs people in to the workspaces that it names and nowhere else, also those whom
// it was bound to before.
func TestIssuerServesWhatItNames(t *testing.T) {
	for name, bind := range map[string]func(i *signin.Issuer, ws string){
		"workspaces": func(i *signin.Issuer, ws string) { i.Workspaces, i.Domains = []string{ws}, nil },
		"domains":    func(i *signin.Issuer, _ string) { i.Workspaces, i.Domains = nil, []string{"acme.example"} },
		"both":       func(i *signin.Issuer, ws string) { i.Workspaces, i.Domains = []string{ws}, []string{"acme.example"} },
	} {
		t.Run(name, func(t *testing.T) {
			vouched(t, nil, func(w *world, i *issuer, _ *hands) {
				acme, other := w.plainWorkspace("Acme"), w.plainWorkspace("Other")
				w.newMember(acme, "mel@acme.example", "Mel", "member")
				boss := w.newMember(other, "boss@other.example", "Bo", "admin")
				bind(w.server.SignIn.Issuers[0], acme)
				whatItSays(w, i, nil).at("/leads")
				// The admin of another customer, whom the issuer says to know.
				v := whatItSays(w, i, is{"sub": "u-2", "email": "boss@other.example"})
				v.at("/sign-in")
				v.wantIn(false)
				// Known to it before it was bound: no more.
				w.server.SignIn.Issuers[0].Workspaces, w.server.SignIn.Issuers[0].Domains = []string{other}, nil
				whatItSays(w, i, is{"sub": "u-2", "email": "boss@other.example"}).at("/leads")
				bind(w.server.SignIn.Issuers[0], acme)
				v = whatItSays(w, i, is{"sub": "u-2", "email": "boss@other.example"})
				v.at("/sign-in")
				v.wantIn(false)
				v = whatItSays(w, i, is{"sub": "u-2", "email": "x", "email_verified": nil})
				v.wantIn(false)
				// It knows them under an address that it may vouch for: they are still outside.
				v = whatItSays(w, i, is{"sub": "u-2", "email": "bo@acme.example"})
				v.wantIn(false)
				// A workspace that it does not serve neither offers nor demands it.
				if name != "domains" {
					chief := w.signedInAs(other, boss)
					chief.get("/settings/sign-in").lacks("Sign in with Okta only")
					chief.post("/settings/sign-in/policy", "sso_only", "on").has("no issuer configured for your workspace")
					chief.post("/settings/sign-in/policy", "accepted", i.URL).has("does not sign people in to your workspace")
				}
			})
		})
	}
}

// The start refuses an issuer that names neither workspaces nor domains.
func TestIssuerMustNameWhatItServes(t *testing.T) {
	_, err := signin.NewIssuers([]signin.IssuerConfig{{ID: "okta", URL: "https://o.example", ClientID: "x", Secret: seal.Hide("y")}}, "https://l.example")
	if err == nil || !strings.Contains(err.Error(), "okta") || !strings.Contains(err.Error(), "workspaces") || !strings.Contains(err.Error(), "domains") {
		t.Errorf("says %v", err)
	}
	for _, c := range []signin.IssuerConfig{{Workspaces: []string{"acme"}}, {Domains: []string{" @"}}, {Workspaces: []string{"ws_1"}, Domains: []string{"acme.example"}, Join: "ws_2"}} {
		c.ID, c.URL, c.ClientID = "okta", "https://o.example", "x"
		if _, err := signin.NewIssuers([]signin.IssuerConfig{c}, "https://l.example"); err == nil {
			t.Errorf("%+v is taken", c)
		}
	}
}

// A workspace that demands a second factor gets one after single sign-on too, until its admin
// accepts the issuer's word for it.
func TestIssuerAndTheSecondFactor(t *testing.T) {
	vouched(t, nil, func(w *world, i *issuer, clock *hands) {
		ws := w.plainWorkspace("Acme")
		w.newMember(ws, "mel@acme.example", "Mel", "member")
		chief := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Bo", "admin"))
		whatItSays(w, i, nil).at("/leads")
		chief.post("/settings/sign-in/policy", "second_factor", "on").has("Saved.")
		v := whatItSays(w, i, nil)
		v.at("/sign-in/set-up")
		v.wantIn(false)
		secret, _ := v.setUp("/sign-in/set-up", clock)
		v.wantIn(true)
		v = whatItSays(w, i, nil)
		v.at("/sign-in/second")
		v.wantIn(false)
		clock.move(time.Minute)
		v.get("/sign-in/second")
		v.post("/sign-in/second", "code", w.codeAt(secret, clock.now())).at("/leads")

		chief.post("/settings/sign-in/policy", "second_factor", "on", "accepted", "https://evil.example").has("does not sign people in to your workspace")
		set := w.audits(ws, "sign-in-policy.set")
		chief.post("/settings/sign-in/policy", "second_factor", "on", "accepted", i.URL).has("Saved.")
		w.same("noted", w.audits(ws, "sign-in-policy.set"), set+1)
		whatItSays(w, i, nil).at("/leads")
		// Another way in is asked for it still, and taking it back counts.
		w.signedInAs(ws, w.newMember(ws, "nia@acme.example", "Nia", "member")).at("/sign-in/set-up")
		chief.post("/settings/sign-in/policy", "second_factor", "on").has("Saved.")
		whatItSays(w, i, nil).at("/sign-in/second")
	})
}
