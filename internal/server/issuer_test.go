package server_test

import (
	"crypto/rand"
	"crypto/rsa"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/signin"
)

// vouched runs fn on each engine on a server with an issuer called Okta.
func vouched(t *testing.T, change func(c *server.Config), fn func(w *world, i *issuer, clock *hands)) {
	t.Helper()
	var clock *hands
	i := newIssuer(t, func() time.Time { return clock.now() })
	gated(t, func(c *server.Config) {
		c.PublicURL = publicURL
		c.Issuers = []signin.IssuerConfig{{ID: "okta", Name: "Okta", URL: i.URL, ClientID: issuerClient, Secret: seal.Hide(issuerSecret), Domains: []string{"acme.example"}}}
		if change != nil {
			change(c)
		}
	}, func(w *world, hands *hands) {
		i.set(func() { clock, i.claims, i.by, i.refuse, i.down = hands, nil, i.key, "", false })
		fn(w, i, hands)
	})
}

const withOkta = "/sign-in/with/okta"

// Somebody whom the issuer vouches for comes in as the member with that verified
// address, and is known by what the issuer calls them from then on.
func TestIssuer(t *testing.T) {
	vouched(t, nil, func(w *world, i *issuer, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		v := w.visitor()
		v.get("/sign-in")
		if !strings.Contains(v.page, `href="/sign-in/with/okta"`) {
			t.Error("no button")
		}
		v.get(withOkta + "?next=/usage").at("/usage")
		v.get("/settings/sign-in").has("Okta")
		w.same("bound", w.audits(ws, "identity.bound"), 1)
		w.mailed("mel@acme.example", "You can sign in with Okta now", `(Okta)`)

		// Another address there, the same person: bound to the subject.
		i.says(is{"email": "mel.married@acme.example"})
		other := w.visitor()
		other.get(withOkta).at("/leads")
		// Another subject there, the same address: not the same person.
		i.says(is{"sub": "u-2"})
		other = w.visitor()
		other.get(withOkta).at("/sign-in")
		other.has("Okta calls you by another name than before.")
		other.wantIn(false)
		// What the issuer says is one proof: an app of one's own is asked for as well.
		i.says(nil)
		secret, _ := v.setUp("/settings/sign-in/app", clock)
		other.get(withOkta).at("/sign-in/second")
		other.wantIn(false)
		clock.move(time.Minute)
		other.post("/sign-in/second", "code", w.codeAt(secret, clock.now())).at("/leads")

		// Disconnected, it is matched by the address again.
		v.post("/settings/identities/end", "issuer", i.URL).has("Disconnected.")
		w.same("removed", w.audits(ws, "identity.removed"), 1)
		i.says(is{"sub": "u-2"})
		other = w.visitor()
		other.get(withOkta).at("/sign-in/second")

		// Anyone who is removed is a stranger.
		w.call(w.operator, http.MethodDelete, client.In(ws, "members", mel), nil, 204)
		other = w.visitor()
		other.get(withOkta).at("/sign-in")
		other.has("you are not a member of a workspace that it signs people in to")

		// The invited have come, by whichever way.
		chief := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Bo", "admin"))
		chief.post("/team", "email", "nia@acme.example", "name", "Nia", "role", "member").has("invited Mar 2")
		i.says(is{"sub": "u-3", "email": "Nia@ACME.example"})
		w.visitor().get(withOkta).at("/leads")
		chief.get("/team").lacks("invited Mar 2")

		// Of two workspaces one is chosen.
		w.newMember(w.plainWorkspace("South"), "nia@acme.example", "Nia", "member")
		nia := w.visitor()
		nia.get(withOkta).at("/sign-in/choose")
		nia.has("South member")
		nia.wantIn(false)
	})
}

func whatItSays(w *world, i *issuer, claims is) *visitor {
	i.says(claims)
	v := w.visitor()
	v.get(withOkta)
	return v
}

// What cannot be believed lets nobody in, and is said for what it is.
func TestIssuerIsNotBelieved(t *testing.T) {
	vouched(t, nil, func(w *world, i *issuer, clock *hands) {
		ws := w.plainWorkspace("Acme")
		w.newMember(ws, "mel@acme.example", "Mel", "member")
		const unchecked = "What Okta said could not be checked."
		now := clock.now()
		for name, c := range map[string]struct {
			claims is
			says   string
		}{
			"another nonce":       {is{"nonce": "another sign-in's"}, unchecked},
			"no nonce":            {is{"nonce": ""}, unchecked},
			"another audience":    {is{"aud": "somebody-else"}, unchecked},
			"another issuer":      {is{"iss": "https://evil.example"}, unchecked},
			"expired":             {is{"exp": now.Add(-time.Minute).Unix()}, unchecked},
			"an unverified email": {is{"email_verified": false}, "Okta has not verified your email address"},
			"no word of it":       {is{"email_verified": nil}, "Okta has not verified your email address"},
			"a stranger":          {is{"email": "nobody@acme.example"}, "you are not a member of a workspace that it signs people in to"},
		} {
			v := whatItSays(w, i, c.claims)
			v.at("/sign-in")
			if !strings.Contains(v.text(), c.says) {
				t.Errorf("%s: says %s", name, v.text())
			}
			v.wantIn(false)
		}
		// Signed by somebody else.
		thief, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		i.set(func() { i.by = thief })
		whatItSays(w, i, nil).has(unchecked)
		i.set(func() { i.by = i.key })
		// It refuses, and says why in a word.
		i.set(func() { i.refuse = "access_denied" })
		whatItSays(w, i, nil).has("Okta did not let you in (access_denied).")
		i.set(func() { i.refuse = "<b>call this number</b>" })
		whatItSays(w, i, nil).has("Okta did not let you in (unknown error).")
		i.set(func() { i.refuse = "" })

		// A text for a truth is what a few issuers write; the address may stand in the user info.
		whatItSays(w, i, is{"email_verified": "true"}).at("/leads")
		i.set(func() {
			i.noMail, i.user = true, is{"sub": "u-1", "email": "mel@acme.example", "email_verified": true}
		})
		whatItSays(w, i, nil).at("/leads")
		i.set(func() { i.user = is{"sub": "u-9", "email": "mel@acme.example", "email_verified": true} })
		whatItSays(w, i, nil).has(unchecked)
		i.set(func() { i.noMail = false })
		w.same("bound", w.audits(ws, "identity.bound"), 1)
	})
}

// What one browser began, another does not finish; nothing is finished twice, or late.
func TestIssuerOfAnotherBrowser(t *testing.T) {
	vouched(t, nil, func(w *world, i *issuer, clock *hands) {
		ws := w.plainWorkspace("Acme")
		w.newMember(ws, "mel@acme.example", "Mel", "member")
		// back is where the issuer sends a browser, which does not go there yet.
		back := func(v *visitor) string {
			t.Helper()
			stop := *v.client
			at := ""
			stop.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
				if strings.HasPrefix(r.URL.Path, withOkta+"/back") {
					at = r.URL.RequestURI()
					return http.ErrUseLastResponse
				}
				return nil
			}
			answer, err := stop.Get(v.base + withOkta)
			if err != nil {
				t.Fatal(err)
			}
			answer.Body.Close()
			return at
		}
		const other = "This sign-in began in another browser, or too long ago."
		mel, thief := w.visitor(), w.visitor()
		at := back(mel)
		thief.get(at).has(other)
		back(thief) // one of its own under way does not help
		thief.get(at).has(other)
		thief.wantIn(false)
		mel.get(at).at("/leads")
		mel.post("/sign-out")
		mel.get(at).has(other)
		mel.wantIn(false)
		at = back(mel)
		clock.move(16 * time.Minute)
		mel.get(at).has(other)
		mel.get(withOkta + "/back").has(other)
		mel.get(withOkta + "/back?error=access_denied").has(other)
		at = back(mel)
		mel.get(at + "&iss=https://evil.example").has("Somebody else than Okta answered.")
		if mel.get("/sign-in/with/nobody"); mel.status != http.StatusNotFound {
			t.Errorf("an unknown issuer is answered with %d", mel.status)
		}
		// A code that the issuer does not know.
		at = back(mel)
		mel.get(strings.Replace(at, "code=", "code=x", 1)).has("could not be checked")
	})
}

// An issuer that does not answer is said to be away, at the start and at the end, and
// works again when it does.
func TestIssuerIsAway(t *testing.T) {
	vouched(t, nil, func(w *world, i *issuer, _ *hands) {
		ws := w.plainWorkspace("Acme")
		w.newMember(ws, "mel@acme.example", "Mel", "member")
		i.set(func() { i.down = true })
		v := w.visitor()
		v.get(withOkta).at("/sign-in")
		v.has("Okta cannot be reached just now.")
		i.set(func() { i.down = false })
		v.get(withOkta).at("/leads")
	})
}

// joined makes a workspace that the issuer's people join, before the server knows of it.
func joined(t *testing.T, c *server.Config) (ws string) {
	t.Helper()
	first, err := server.Open(ctx, server.Config{Database: c.Database})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, server: first, http: httptest.NewServer(first.Handler)}
	key, err := first.Accounts.CreateOperatorKey(ctx, "test", false)
	if err != nil {
		t.Fatal(err)
	}
	w.operator = w.as(key)
	ws = w.plainWorkspace("Acme")
	w.http.Close()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	c.Issuers[0].Domains, c.Issuers[0].Join = []string{"@Acme.example"}, ws
	return ws
}

// Only the domains that it may vouch for; new people where the configuration says so.
func TestIssuerJoins(t *testing.T) {
	var ws string
	join := func(c *server.Config) { ws = joined(t, c) }
	vouched(t, join, func(w *world, i *issuer, _ *hands) {
		v := whatItSays(w, i, nil)
		v.at("/leads")
		if !strings.Contains(v.page, "Mel Member") {
			t.Error("another name")
		}
		w.same("added", w.audits(ws, "member.added"), 1)
		members := w.get(w.operator, client.In(ws, "members"))["data"].([]any)
		w.same("members", len(members), 1)
		w.same("role", members[0].(is)["role"], account.Regular)
		whatItSays(w, i, nil).at("/leads")
		w.same("members", len(w.get(w.operator, client.In(ws, "members"))["data"].([]any)), 1)
		whatItSays(w, i, is{"sub": "u-7", "email": "eve@evil.example"}).has("Okta may not vouch for addresses of this domain here.")
		whatItSays(w, i, is{"sub": "u-8", "email": "new@acme.example", "email_verified": false}).has("has not verified")
		// Bound once, and of another domain now.
		whatItSays(w, i, is{"email": "mel@evil.example"}).has("may not vouch")
	})
}

// A workspace may take only what its issuer says; anyone who switches that on came that way.
func TestSSOOnly(t *testing.T) {
	vouched(t, nil, func(w *world, i *issuer, _ *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "admin")
		nia := w.newMember(ws, "nia@acme.example", "Nia", "member")
		w.signedInAs(ws, nia).post("/settings/password", "password", password)
		chief := w.signedInAs(ws, mel)
		chief.post("/settings/sign-in/policy", "sso_only", "on").has("you would lock yourself out")
		whatItSays(w, i, nil).at("/leads")
		chief.post("/settings/sign-in/policy", "sso_only", "on").has("Saved.")
		v := w.visitor()
		v.post("/sign-in", "email", "nia@acme.example", "password", password).at("/sign-in")
		v.has("Acme signs in with Okta only.")
		v.wantIn(false)
		v.ask("nia@acme.example")
		v.post("/sign-in/link/use", "token", token(w.newest("nia@acme.example"))).at("/sign-in")
		v.wantIn(false)
		// What an admin makes still works: the issuer may be broken.
		v.byCode(ws, nia)
		v.wantIn(true)
		chief.post("/team", "email", "tom@acme.example", "name", "Tom", "role", "member")
		link := w.mailed("tom@acme.example", "invites you", `(/join\?token=[a-z0-9_]+)`)
		tom := w.visitor()
		tom.get(link).has("Continue with Okta")
		tom.lacks("Choose a password")
		tom.post("/join", "token", token(link), "password", password).lacks("signed in")
		tom.wantIn(false)
		i.says(is{"sub": "u-5", "email": "tom@acme.example"})
		tom.get(withOkta).at("/leads")
	})
}
