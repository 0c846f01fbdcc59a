package server_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// codeAt is what an authenticator app shows at an instant.
func (w *world) codeAt(secret string, at time.Time) string {
	w.Helper()
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), at)
	if err != nil {
		w.Fatal(err)
	}
	return code
}

// setUp sets an app up and gives its secret and the recovery codes.
func (v *visitor) setUp(page string, clock *hands) (secret string, recovery []string) {
	v.Helper()
	v.get(page)
	secret = v.found(`<code class="secret">([A-Z2-7 ]+)</code>`)
	v.has("Scan this")
	v.get(page)
	if again := v.found(`<code class="secret">([A-Z2-7 ]+)</code>`); again != secret {
		v.Error("looking again makes another secret")
	}
	v.post(page, "code", "000000").has("This code is wrong")
	v.post(page, "code", v.codeAt(secret, clock.now()))
	v.has("Your recovery codes")
	for _, m := range regexp.MustCompile(`<li><code>([a-z0-9-]{19})</code>`).FindAllStringSubmatch(v.page, -1) {
		recovery = append(recovery, m[1])
	}
	v.same("recovery codes", len(recovery), 10)
	return secret, recovery
}

// An app is asked for after the password, a link and a code; each of its codes works
// once, and each recovery code.
func TestSecondFactor(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		v := w.signedInAs(ws, mel)
		v.post("/settings/password", "password", password)
		secret, _ := v.setUp("/settings/sign-in/app", clock)
		w.same("on", w.audits(ws, "second-factor.on"), 1)
		w.mailed("mel@acme.example", "authenticator app was set up", `(second factor)`)
		v.post("/settings/sign-in/app", "code", w.codeAt(secret, clock.now())).has("10 recovery codes are left.") // the form sent twice
		w.same("on", w.audits(ws, "second-factor.on"), 1)

		// Nothing is kept that would open it.
		err := w.server.Store.View(ctx, func(tx *store.Tx) error {
			f, _, err := tx.Credentials().SecondFactor(ws, mel)
			if strings.Contains(f.Secret, strings.ReplaceAll(secret, " ", "")) || !strings.HasPrefix(f.Secret, "seal") {
				t.Errorf("the secret is kept as %q", f.Secret)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}

		other := w.visitor()
		enter := func() {
			t.Helper()
			other.post("/sign-out")
			other.post("/sign-in", "email", "mel@acme.example", "password", password)
			other.at("/sign-in/second")
			other.wantIn(false)
		}
		enter()
		// The code that set it up is used.
		if other.post("/sign-in/second", "code", w.codeAt(secret, clock.now())); other.status != http.StatusUnauthorized {
			t.Errorf("a used code is answered with %d", other.status)
		}
		clock.move(30 * time.Second)
		before := w.audits(ws, "signed-in")
		other.post("/sign-in/second", "code", w.codeAt(secret, clock.now())).at("/leads")
		w.same("signed in", w.audits(ws, "signed-in"), before+1)
		other.get("/settings/sign-in").has("Password and code")
		// The same code again, within its window, from another browser.
		thief := w.visitor()
		thief.post("/sign-in", "email", "mel@acme.example", "password", password)
		thief.post("/sign-in/second", "code", w.codeAt(secret, clock.now())).has("wrong or used")
		thief.wantIn(false)
		// A step early and late is taken, two are not.
		for _, drift := range []struct {
			by   time.Duration
			good bool
		}{{-61 * time.Second, false}, {61 * time.Second, false}, {30 * time.Second, true}} {
			clock.move(5 * time.Minute)
			enter()
			other.post("/sign-in/second", "code", w.codeAt(secret, clock.now().Add(drift.by)))
			if other.in() != drift.good {
				t.Errorf("a code %s off: in is %v", drift.by, !drift.good)
			}
		}

		// After a link, and after an admin's code.
		other.post("/sign-out")
		other.ask("mel@acme.example")
		link := w.newest("mel@acme.example")
		other.post("/sign-in/link/use", "token", token(link)).at("/sign-in/second")
		other.wantIn(false)
		other.byCode(ws, mel)
		other.at("/sign-in/second")
		other.wantIn(false)
	})
}

// Recovery codes work once each, however they are typed; new ones end the old; the
// second factor goes by a code alone.
func TestRecoveryCodes(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		v := w.signedInAs(ws, mel)
		v.post("/settings/password", "password", password)
		secret, recovery := v.setUp("/settings/sign-in/app", clock)
		other := w.visitor()
		enter := func() {
			t.Helper()
			other.post("/sign-out")
			other.post("/sign-in", "email", "mel@acme.example", "password", password)
			other.at("/sign-in/second")
		}
		enter()
		// Recovery codes: each once, typed as one likes.
		other.post("/sign-in/second", "code", strings.ToUpper(strings.ReplaceAll(recovery[3], "-", " "))).at("/leads")
		other.get("/settings/sign-in").has("9 recovery codes are left.")
		enter()
		other.post("/sign-in/second", "code", recovery[3]).has("This code is wrong or used.")
		other.post("/sign-in/second", "code", "aaaa-bbbb-cccc-dddd")
		other.wantIn(false)
		w.same("recovery codes used", w.audits(ws, "recovery-code.used"), 1)

		// New codes end the old ones.
		clock.move(5 * time.Minute)
		v.post("/settings/sign-in/recovery", "code", "000000").has("This code is wrong")
		v.post("/settings/sign-in/recovery", "code", w.codeAt(secret, clock.now())).has("Your recovery codes")
		fresh := v.found(`<li><code>([a-z0-9-]{19})</code>`)
		w.same("made", w.audits(ws, "recovery-codes.made"), 1)
		enter()
		other.post("/sign-in/second", "code", recovery[5])
		other.wantIn(false)
		other.post("/sign-in/second", "code", fresh)
		other.wantIn(true)

		// Off, by a code alone.
		v.post("/settings/sign-in/app/off", "code", "123456").has("This code is wrong")
		clock.move(5 * time.Minute)
		v.post("/settings/sign-in/app/off", "code", w.codeAt(secret, clock.now())).has("The second factor is off.")
		w.same("off", w.audits(ws, "second-factor.off"), 1)
		other.post("/sign-out")
		other.post("/sign-in", "email", "mel@acme.example", "password", password).at("/leads")
	})
}

// Ten wrong codes, and none is taken for a quarter of an hour, whichever browser asks.
func TestSecondFactorIsNotGuessed(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		secret, _ := w.signedInAs(ws, mel).setUp("/settings/sign-in/app", clock)
		clock.move(20 * time.Minute)
		for range 10 {
			v := w.visitor()
			v.byCode(ws, mel)
			if v.post("/sign-in/second", "code", "000000"); v.status != http.StatusUnauthorized {
				t.Fatalf("a wrong code is answered with %d", v.status)
			}
		}
		// The throttle in memory would refuse too; the row in the database does by itself.
		_, err := w.server.SignIn.CheckSecond(ctx, principal(ws, mel), w.codeAt(secret, clock.now()))
		if err == nil || !strings.Contains(err.Error(), "Too many wrong codes") {
			t.Errorf("the eleventh is answered with %v", err)
		}
		clock.move(16 * time.Minute)
		if _, err := w.server.SignIn.CheckSecond(ctx, principal(ws, mel), w.codeAt(secret, clock.now())); err != nil {
			t.Error(err)
		}
	})
}

// Where the workspace asks for one, who has none sets it up before they are in.
func TestSecondFactorRequired(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel, boss := w.newMember(ws, "mel@acme.example", "Mel", "member"), w.newMember(ws, "boss@acme.example", "Bo", "admin")
		chief := w.signedInAs(ws, boss)
		member := w.signedInAs(ws, mel)
		if member.post("/settings/sign-in/policy", "second_factor", "on"); member.status != http.StatusForbidden {
			t.Errorf("a member sets the policy: %d", member.status)
		}
		member.get("/settings/sign-in").lacks("Ask everybody for a second factor")
		chief.post("/settings/sign-in/policy", "second_factor", "on").has("It counts from everybody's next sign-in on.")
		w.same("set", w.audits(ws, "sign-in-policy.set"), 1)
		member.wantIn(true)

		v := w.visitor()
		v.byCode(ws, mel)
		v.at("/sign-in/set-up")
		v.has("Your workspace asks everybody for one.")
		v.wantIn(false)
		// Who knows a password may see a secret here, and never the one that Mel sets up.
		thief := w.visitor()
		thief.byCode(ws, mel)
		thief.get("/sign-in/set-up")
		seen := thief.found(`<code class="secret">([A-Z2-7 ]+)</code>`)
		secret, _ := v.setUp("/sign-in/set-up", clock)
		if seen == secret {
			t.Error("two browsers were shown one secret")
		}
		thief.post("/sign-in/set-up", "code", w.codeAt(seen, clock.now())).at("/sign-in/second")
		thief.wantIn(false)
		v.wantIn(true)
		w.same("on", w.audits(ws, "second-factor.on"), 1)
		v.get("/settings/sign-in").has("Sign-in code and code")
		clock.move(time.Minute)
		v.post("/settings/sign-in/app/off", "code", w.codeAt(secret, clock.now())).has("Your workspace asks everybody for a second factor.")

		// A lost phone: an admin resets it, and they are led to a new one.
		if member.post("/team/" + mel + "/reset"); member.status != http.StatusForbidden {
			t.Errorf("a member resets a second factor: %d", member.status)
		}
		chief.get("/team/" + mel + "/sign-in").has("authenticator app, 10 recovery codes left")
		chief.post("/team/" + mel + "/reset").has("Reset.")
		w.same("reset", w.audits(ws, "second-factor.reset"), 1)
		v.wantIn(false)
		v.byCode(ws, mel)
		v.at("/sign-in/set-up")

		// Not asked for any more.
		chief.post("/settings/sign-in/policy").has("Saved.")
		v.byCode(ws, mel)
		v.at("/leads")
		// The operator has one of their own.
		operator := w.signedInAs("", "")
		operator.setUp("/settings/sign-in/app", clock)
		again := w.visitor()
		again.byCode("", "")
		again.at("/sign-in/second")
	})
}

// Without a key to seal with, it is said why there is no second factor.
func TestSecondFactorNeedsAKey(t *testing.T) {
	gated(t, func(c *server.Config) { c.SecretKeyFile = "" }, func(w *world, _ *hands) {
		ws := w.plainWorkspace("Acme")
		chief := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Bo", "admin"))
		chief.get("/settings/sign-in").has("An authenticator app cannot be set up: this server has no secret_key_file")
		chief.get("/settings/sign-in/app").has("cannot be set up")
		chief.post("/settings/sign-in/app", "code", "123456").has("cannot be set up")
		chief.post("/settings/sign-in/policy", "second_factor", "on").has("this server has no secret_key_file")
		w.same("set", w.audits(ws, "sign-in-policy.set"), 0)
	})
}
