package server_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/throttle"
)

// behindProxy trusts the tests' own address as a proxy.
func behindProxy(c *server.Config) {
	proxies, err := throttle.ParseProxies([]string{"127.0.0.0/8", "::1"})
	if err != nil {
		panic(err)
	}
	c.TrustedProxies = proxies
}

const wrong = "the wrong password"

// signsIn tries a password.
func (v *visitor) signsIn(email, password string) int {
	v.Helper()
	v.post("/sign-in", "email", email, "password", password)
	return v.status
}

// However an address is written, it is one account with one counter. Anyone who uses it up locks
// out neither other accounts, nor the owner elsewhere, nor a browser that was signed in before.
func TestGuessingIsCountedByTheAccount(t *testing.T) {
	gated(t, behindProxy, func(w *world, _ *hands) {
		ws := w.plainWorkspace("Acme")
		mel, nia := w.newMember(ws, "mel@acme.example", "Mel", "member"), w.newMember(ws, "nia@acme.example", "Nia", "member")
		known := w.visitor()
		known.from = "203.0.113.1"
		known.byCode(ws, mel)
		known.post("/settings/password", "password", password).has("The password is set.")
		known.post("/sign-out")
		known.signsIn("mel@acme.example", password) // a code proves nothing of the owner's
		known.post("/sign-out")
		w.signedInAs(ws, nia).post("/settings/password", "password", password)

		thief := w.visitor()
		thief.from = "203.0.113.1" // the same office
		forms := []string{"mel@acme.example", "1 <mel@acme.example>", "mailto:mel@acme.example", "MEL@Acme.Example.", " mel@acme.example\t", "<mel@acme.example>", "mailto:mel@acme.example?x=" + strings.Repeat("y", 200),
			strings.Repeat("x", 300) + " <mel@acme.example>"}
		refused := 0
		for n := range 4 * len(forms) {
			if thief.signsIn(forms[n%len(forms)], wrong) == http.StatusTooManyRequests {
				refused++
			}
		}
		if tried := 4*len(forms) - refused; tried > 11 {
			t.Errorf("%d guesses of one account in as many dresses", tried)
		}
		thief.from = "198.51.100.1, 203.0.113.1" // what it writes itself does not count
		if got := thief.signsIn("mel@acme.example", password); got != http.StatusTooManyRequests {
			t.Errorf("with a made-up address the guess is answered with %d", got)
		}
		known.signsIn("mel@acme.example", password)
		known.at("/leads")
		elsewhere := w.visitor()
		elsewhere.from = "203.0.113.2"
		elsewhere.signsIn("mel@acme.example", password)
		elsewhere.at("/leads")
		elsewhere.get("/settings/sign-in").has("from 203.0.113.x")
		colleague := w.visitor()
		colleague.from = "203.0.113.1"
		colleague.signsIn("nia@acme.example", password)
		colleague.at("/leads")
	})
}

// Guesses from many addresses are counted by the account that they are for.
func TestGuessingFromManyAddresses(t *testing.T) {
	gated(t, behindProxy, func(w *world, _ *hands) {
		ws := w.plainWorkspace("Acme")
		w.newMember(ws, "mel@acme.example", "Mel", "member")
		guesses := 0
		for n := range 12 {
			thief := w.visitor()
			thief.from = fmt.Sprintf("198.51.100.%d", n+1)
			for range 5 { // each address has ten of its own
				if thief.signsIn("mel@acme.example", wrong) != http.StatusTooManyRequests {
					guesses++
				}
			}
		}
		if guesses < 20 || guesses > 45 {
			t.Errorf("%d guesses of one account from twelve addresses", guesses)
		}
	})
}

// Strangers who have links mailed use up neither the owner's, nor the owner's tries to sign in.
func TestStrangersLeaveTheOwnerTheirLinks(t *testing.T) {
	gated(t, behindProxy, func(w *world, _ *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		known := w.visitor()
		known.from = "203.0.113.1"
		known.byCode(ws, mel)
		known.post("/settings/password", "password", password)
		known.post("/sign-out")
		known.signsIn("mel@acme.example", password)
		known.post("/sign-out")
		for n := range 40 {
			stranger := w.visitor()
			stranger.from = fmt.Sprint("198.51.100.", n)
			stranger.post("/sign-in/link", "email", "mel@acme.example")
		}
		w.poll(func() bool { return len(w.mails()) >= 30 })
		tried := map[string]bool{} // a link that is opened again and again counts as guessing
		for _, link := range w.links("mel@acme.example") {
			tried[link] = true
		}
		known.ask("mel@acme.example")
		w.poll(func() bool { // mails go out two at a time, a stranger's last perhaps after it
			for _, link := range w.links("mel@acme.example") {
				if !tried[link] {
					tried[link] = true
					known.get(link)
				}
				if strings.Contains(known.page, "You asked for this link in this browser.") {
					return true
				}
			}
			return false
		})
		known.signsIn("mel@acme.example", password)
		known.at("/leads")
	})
}

// A wrong password costs one hash, whatever is known of the address.
func TestAWrongPasswordCostsTheSame(t *testing.T) {
	gated(t, nil, func(w *world, _ *hands) {
		one, two, three := w.plainWorkspace("North"), w.plainWorkspace("South"), w.plainWorkspace("East")
		for ws, people := range map[string][]string{one: {"one@acme.example", "two@acme.example", "three@acme.example"}, two: {"two@acme.example", "three@acme.example"}, three: {"three@acme.example", "none@acme.example"}} {
			for _, email := range people {
				if id := w.newMember(ws, email, "A", "member"); email != "none@acme.example" {
					w.signedInAs(ws, id).post("/settings/password", "password", password+" "+ws).has("The password is set.")
				}
			}
		}
		cost := func(email, password string) int64 {
			before := w.server.Accounts.Hashes()
			w.visitor().signsIn(email, password)
			return w.server.Accounts.Hashes() - before
		}
		for _, email := range []string{"nobody@acme.example", "none@acme.example", "one@acme.example", "two@acme.example", "three@acme.example", "no address", ""} {
			for _, tried := range []string{wrong, "", strings.Repeat("long", 60)} {
				if n := cost(email, tried); n != 1 {
					t.Errorf("%q with a password of %d characters costs %d hashes", email, len(tried), n)
				}
			}
		}
		// Each workspace's own password still leads to it alone.
		v := w.visitor()
		v.signsIn("three@acme.example", password+" "+two)
		v.at("/leads")
		if !strings.Contains(v.page, "South") {
			t.Error("the password of one workspace leads to another")
		}
		// An invitation that was made up costs nothing.
		before := w.server.Accounts.Hashes()
		w.visitor().post("/join", "token", "abc_def", "password", password)
		w.same("hashes", int(w.server.Accounts.Hashes()-before), 0)
	})
}

// Passwords that were written before those of an address shared their salt still work, and
// share it once somebody signed in with them.
func TestPasswordsFromBefore(t *testing.T) {
	gated(t, nil, func(w *world, _ *hands) {
		one, two := w.plainWorkspace("North"), w.plainWorkspace("South")
		for n, ws := range []string{one, two} {
			id := w.newMember(ws, "ada@acme.example", "Ada", "member")
			encoded, err := w.server.Accounts.EncodePassword(ctx, fmt.Sprint("salt", n, "@acme.example"), password)
			if err == nil {
				err = w.server.Store.Update(ctx, func(tx *store.Tx) error {
					return tx.Logins().Put(store.Login{Email: "ada@acme.example", Workspace: ws, Member: id, Password: encoded})
				})
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for _, hashes := range []int{2, 1} {
			before := w.server.Accounts.Hashes()
			v := w.visitor()
			v.signsIn("ada@acme.example", password)
			v.at("/sign-in/choose")
			w.same("hashes", int(w.server.Accounts.Hashes()-before), hashes)
			v.has("North")
			v.has("South")
		}
	})
}

// Common passwords are refused wherever one is set, and say why.
func TestCommonPasswordsAreRefusedOnPages(t *testing.T) {
	gated(t, nil, func(w *world, _ *hands) {
		ws := w.plainWorkspace("Analytical Engines")
		chief := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Bo", "admin"))
		for _, bad := range []string{"Password123!", "analyticalengines1", "boss@acme.example", "Leadmeter2026"} {
			if chief.post("/settings/password", "password", bad); chief.status != http.StatusUnprocessableEntity {
				t.Errorf("%q is answered with %d", bad, chief.status)
			}
		}
		chief.post("/settings/password", "password", "qwertyuiop1").has("Is among the passwords that are guessed first")
		chief.post("/team", "email", "nia@acme.example", "name", "Nia New", "role", "member")
		link := w.mailed("nia@acme.example", "invites you", `(/join\?token=[a-z0-9_]+)`)
		nia := w.visitor()
		nia.post("/join", "token", token(link), "password", "Nia@acme.example1").has("Is easy to guess from your email address")
		nia.post("/join", "token", token(link), "password", password).at("/leads")
	})
}

// Following a link signs nobody in: a code asks first and names the workspace, and another
// site's link to an issuer leads to the page with the button.
func TestNoLinkSignsIn(t *testing.T) {
	vouched(t, nil, func(w *world, i *issuer, _ *hands) {
		ws := w.plainWorkspace("Attacker’s")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		code, err := w.server.Accounts.CreateCode(ctx, ws, mel)
		if err != nil {
			t.Fatal(err)
		}
		v := w.visitor()
		for range 2 { // looking uses nothing up
			v.post("/sign-in/code/look", "code", code, "next", "/usage").has("Sign in to Attacker’s")
			v.has("This code signs you in as Mel.")
			v.wantIn(false)
		}
		if got := v.post("/sign-in/code/look", "code", "made up"); got.status != http.StatusUnauthorized {
			t.Errorf("a made-up code is answered with %d", got.status)
		}
		v.get("/sign-in?code=" + code)
		v.wantIn(false)
		v.post("/sign-in/code", "code", code, "next", "/usage").at("/usage")
		if v.get("/sign-in"); strings.Contains(v.page, `action="/sign-in/code"`) {
			t.Error("the page that a link leads to has a form that signs in by itself")
		}
		ops, err := w.server.Accounts.CreateCode(ctx, "", "")
		if err != nil {
			t.Fatal(err)
		}
		w.visitor().post("/sign-in/code/look", "code", ops).has("the operator’s pages")

		for _, site := range []string{"cross-site", "same-site", "none"} {
			v = w.visitor()
			v.site = site
			v.get(withOkta + "?next=/usage").at("/sign-in")
			v.site = ""
			v.wantIn(false)
		}
		v.site = "same-origin"
		v.get(withOkta + "?next=/usage").at("/usage")
	})
}

// No parameter sends a browser to another site, whichever form takes it.
func TestRedirectsStayHere(t *testing.T) {
	vouched(t, nil, func(w *world, i *issuer, _ *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		w.signedInAs(ws, mel).post("/settings/password", "password", password)
		for _, next := range []string{"/\t/evil.example", "//evil.example", `/\evil.example`, "/%09/evil.example", "https://evil.example", "/\n/evil.example", "javascript:alert(1)"} {
			code, err := w.server.Accounts.CreateCode(ctx, ws, mel)
			if err != nil {
				t.Fatal(err)
			}
			for name, do := range map[string]func(v *visitor){
				"code":     func(v *visitor) { v.post("/sign-in/code", "code", code, "next", next) },
				"password": func(v *visitor) { v.post("/sign-in", "email", "mel@acme.example", "password", password, "next", next) },
				"issuer": func(v *visitor) {
					v.get(withOkta + "?next=" + strings.NewReplacer("\t", "%09", "\n", "%0A", `\`, "%5C", "%", "%25").Replace(next))
				},
			} {
				v := w.visitor()
				do(v)
				if v.where != "/leads" && v.status != http.StatusTooManyRequests {
					t.Errorf("%s with next=%q leads to %s (%d)", name, next, v.where, v.status)
				}
			}
		}
	})
}

// An answer of a passkey counts once, though what was asked is kept by the browser.
func TestPasskeyAnswersCountOnce(t *testing.T) {
	gated(t, named, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		laptop := newDevice(virtualwebauthn.AuthenticatorOptions{})
		w.signedInAs(ws, w.newMember(ws, "mel@acme.example", "Mel", "member")).add(laptop, "My laptop")
		v, thief := w.visitor(), w.visitor()
		_, _, raw := v.json("/sign-in/passkey/ask", is{})
		options, err := virtualwebauthn.ParseAssertionOptions(`{"publicKey":` + raw + `}`)
		if err != nil {
			t.Fatal(err)
		}
		home, err := url.Parse(v.base)
		if err != nil {
			t.Fatal(err)
		}
		thief.client.Jar.SetCookies(home, v.client.Jar.Cookies(home)) // the thief has all that the browser has
		answer := is{"credential": json.RawMessage(virtualwebauthn.CreateAssertionResponse(laptop.party, laptop.screen, laptop.key, *options))}
		clock.move(time.Second)
		if status, out, _ := v.json("/sign-in/passkey", answer); status != http.StatusOK {
			t.Fatal(out)
		}
		v.wantIn(true)
		if status, _, _ := thief.json("/sign-in/passkey", answer); status != http.StatusUnauthorized {
			t.Errorf("an answer that came twice is answered with %d", status)
		}
		thief.wantIn(false)
		// What was asked is over after an hour.
		_, _, raw = thief.json("/sign-in/passkey/ask", is{})
		if options, err = virtualwebauthn.ParseAssertionOptions(`{"publicKey":` + raw + `}`); err != nil {
			t.Fatal(err)
		}
		clock.move(61 * time.Minute)
		answer = is{"credential": json.RawMessage(virtualwebauthn.CreateAssertionResponse(laptop.party, laptop.screen, laptop.key, *options))}
		if status, _, _ := thief.json("/sign-in/passkey", answer); status != http.StatusUnauthorized {
			t.Errorf("an answer after an hour is answered with %d", status)
		}
	})
}
