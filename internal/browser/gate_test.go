package browser_test

import (
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"
	"github.com/pquerna/otp/totp"

	"github.com/leadmeter/leadmeter/internal/server"
)

// gated is a world with mail in a directory and a key to seal with, at a name that
// browsers keep passkeys for.
func gated(t *testing.T) *world {
	t.Helper()
	key := filepath.Join(t.TempDir(), "secret.key")
	if err := os.WriteFile(key, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	w := startWith(t, "pro", func(c *server.Config) {
		c.SecretKeyFile = key
		c.Mail.Dir, c.Mail.Base = filepath.Join(t.TempDir(), "mails"), "https://leads.example.com"
	})
	w.base = strings.Replace(w.base, "127.0.0.1", "localhost", 1)
	w.runs(slices.Collect(maps.Values(w.server.Senders()))...)
	return w
}

// mailed waits for a mail that holds a text, and gives the pattern's parentheses.
func (w *world) mailed(text, pattern string) string {
	w.Helper()
	find := regexp.MustCompile(pattern)
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) { // another goroutine's work, bounded
		files, _ := filepath.Glob(filepath.Join(w.server.Config.Mail.Dir, "*.eml"))
		for _, f := range files {
			mail, err := os.ReadFile(f)
			if err != nil {
				w.Fatal(err)
			}
			plain := strings.ReplaceAll(strings.ReplaceAll(string(mail), "=\r\n", ""), "=3D", "=")
			if m := find.FindStringSubmatch(plain); m != nil && strings.Contains(plain, text) {
				return m[1]
			}
		}
	}
	w.Fatalf("no mail says %q", text)
	return ""
}

// device gives the tab's browser an authenticator that knows who holds it.
func (t *tab) device() webauthn.AuthenticatorID {
	t.Helper()
	if _, err := chromedp.Call(t.ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	made, err := chromedp.Call(t.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Ctap2version: "ctap2_1", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}})
	if err != nil {
		t.Fatal(err)
	}
	return made.AuthenticatorID
}

const (
	addPasskey  = `button[data-passkey="add"]`
	usePasskey  = `button[data-passkey="sign-in"]`
	signOut     = `form[action="/sign-out"] button`
	setPassword = `form[action="/settings/password"] button`
)

// A passkey is made, named, used to sign in without a password, and removed, in a real
// browser.
func TestPasskey(t *testing.T) {
	w := gated(t)
	tab := w.signedIn(w.member)
	device := tab.device()
	tab.goTo("/settings/sign-in")
	tab.fill("#passkey-name", "My laptop")
	tab.click(addPasskey)
	tab.has("#notices", "The passkey is added.")
	tab.wantJS(`document.querySelector(".keys input[name=name]").value`, "My laptop")

	// A browser that has one offers it beside the email field; this device takes the offer.
	if got := tab.js(`localStorage.getItem("passkey")`); got != "yes" {
		t.Errorf("the browser remembers %q", got)
	}
	tab.post("/sign-out", "") // the page that one lands on would sign in at once
	tab.goTo("/usage")
	tab.wait(`location.pathname == "/usage"`)
	tab.has(".who", "Mel Member member")

	// And by the button, where the browser does not know of any.
	forget := func() {
		tab.js(`localStorage.clear()`)
		tab.follow(signOut)
	}
	forget()
	tab.goTo("/usage")
	tab.wait(`location.pathname == "/sign-in"`)
	tab.click(usePasskey)
	tab.wait(`location.pathname == "/usage"`)
	tab.has(".who", "Mel Member member")
	tab.goTo("/settings/sign-in")
	tab.has("#sessions", "Passkey")

	// Another one of the same device is not made.
	tab.click(addPasskey)
	tab.has("#passkeys .problem", "This device has a passkey of yours already.")
	tab.fill(".keys input[name=name]", "Old laptop")
	tab.follow(".keys .inline-form button")
	tab.wantJS(`document.querySelector(".keys input[name=name]").value`, "Old laptop")
	tab.follow(`.keys form[action$="/remove"] button`)
	tab.has("#notices", "Removed.")
	if got := tab.asked(); !strings.Contains(got, "Remove Old laptop?") {
		t.Errorf("asked %q", got)
	}
	forget()
	tab.expect(http.StatusUnauthorized)
	tab.click(usePasskey)
	tab.has(".ways .problem", "This passkey is unknown here, or was removed.")

	// Who cancels is told that nothing happened.
	if _, err := chromedp.Call(tab.ctx, webauthn.SetUserVerified, webauthn.SetUserVerifiedParams{AuthenticatorID: device, IsUserVerified: false}); err != nil {
		t.Fatal(err)
	}
	tab.click(usePasskey)
	tab.has(".ways .problem", "It was cancelled, or took too long.")
}

// Password and code; the recovery codes; and nothing without the code.
func TestPasswordAndCode(t *testing.T) {
	w := gated(t)
	tab := w.signedIn(w.member)
	tab.goTo("/settings/sign-in")
	tab.fill("#new-password", "correct horse battery")
	tab.follow(setPassword)
	tab.follow(`a[href="/settings/sign-in/app"]`)
	tab.wait(`document.querySelector("svg.qr path").getBBox().width > 20`)
	secret := strings.ReplaceAll(tab.text("code.secret"), " ", "")
	code := func(at time.Time) string {
		text, err := totp.GenerateCode(secret, at)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	tab.fill("#app-code", code(w.now()))
	tab.follow(`form[action="/settings/sign-in/app"] button`)
	tab.wantJS(`document.querySelectorAll(".recovery code").length`, "10")
	recovery := tab.text(".recovery li:nth-child(2) code")
	tab.follow("main a.button")
	tab.has("#second-factor", "10 recovery codes are left.")

	tab.follow(signOut)
	tab.fill("#email", "mel@acme.example")
	tab.fill("#password", "correct horse battery")
	tab.follow(`form[action="/sign-in"] button.primary`)
	tab.wait(`location.pathname == "/sign-in/second"`)
	tab.standsUp("/sign-in/second")
	if where := location(t, w.base+"/leads", tab.cookie()); where != "/sign-in?next=%2Fleads" {
		t.Errorf("half signed in leads to %q", where)
	}
	tab.expect(http.StatusUnauthorized)
	tab.fill("#second", "000000")
	tab.follow(`form[action="/sign-in/second"] button`)
	tab.has("#second-problem", "This code is wrong")
	tab.fill("#second", code(w.now().Add(30*time.Second))) // the step after, as the one before was used
	tab.follow(`form[action="/sign-in/second"] button`)
	tab.wait(`location.pathname == "/leads"`)
	tab.has(".who", "Mel Member")

	lost := w.tab()
	lost.useCode(w.code(w.member))
	lost.wait(`location.pathname == "/sign-in/second"`)
	lost.fill("#second", recovery)
	lost.follow(`form[action="/sign-in/second"] button`)
	lost.wait(`location.pathname == "/leads"`)
	lost.goTo("/settings/sign-in")
	lost.has("#second-factor", "9 recovery codes are left.")
	lost.has("#sessions", "Sign-in code and recovery code")
}

// A link from a mail, opened where it was asked for; its code, where it was not.
func TestLinkFromAMail(t *testing.T) {
	w := gated(t)
	tab := w.tab()
	tab.goTo("/usage")
	tab.wait(`location.pathname == "/sign-in"`)
	tab.fill("#email", "mel@acme.example")
	tab.follow(`button[formaction="/sign-in/link"]`)
	tab.has("h1", "Look into your mail")
	tab.standsUp("/sign-in/link/sent")
	link := w.mailed("sign-in link", `(/sign-in/link\?token=[a-z0-9]+)`)

	phone := w.tab()
	phone.goTo(link)
	phone.has("h1", "Open it where you asked")
	tab.goTo(link)
	tab.has("h1", "Sign in to leadmeter")
	tab.standsUp("/sign-in/link")
	tab.follow("main form button")
	tab.wait(`location.pathname == "/usage" && !location.search`)
	tab.has(".who", "Mel Member")
	// Forgotten password: the old one is not asked for.
	tab.goTo("/settings/sign-in")
	tab.fill("#new-password", "correct horse battery")
	tab.follow(setPassword)
	tab.has("#notices", "The password is set.")
	phone.expect(http.StatusGone)
	phone.goTo(link)
	phone.has("h1", "This link is over")
}

// An invitation from its mail to the sheet, by keyboard; and the sessions after it.
func TestInvitationFromAMail(t *testing.T) {
	w := gated(t)
	tab := w.signedIn(w.admin)
	tab.goTo("/team")
	tab.fill("#add-email", "nia@acme.example")
	tab.fill("#add-name", "Nia New")
	tab.follow(`form[action="/team"] button`)
	tab.has("#notices", "Nia New is invited by mail.")
	tab.has("#allocations", "invited Mar 10, good until Mar 17")
	link := w.mailed("invites you to Acme", `(/join\?token=[a-z0-9_]+)`)

	nia := w.tab()
	nia.goTo(link)
	nia.has("h1", "Join Acme")
	nia.standsUp("/join")
	nia.js(`document.querySelector("#join-password").focus()`)
	if err := chromedp.Do(nia.ctx, chromedp.KeyEvent("correct horse battery")); err != nil {
		t.Fatal(err)
	}
	nia.press("Enter")
	nia.wait(`location.pathname == "/leads"`)
	nia.has(".who", "Nia New member")

	// Seen by the admin, and ended.
	tab.goTo("/team")
	tab.lacks("#allocations", "invited Mar 10")
	tab.follow(tab.mark("#allocations tbody tr", "Nia New", `a[href$="/sign-in"]`))
	tab.has("main", "Chrome on Linux")
	tab.follow(`form[action$="/sessions/end"] button`)
	tab.has("#notices", "Signed out in 1 place.")
	nia.goTo("/leads")
	nia.wait(`location.pathname == "/sign-in"`)

	// One's own: two browsers, one ended from the other.
	nia.fill("#email", "nia@acme.example")
	nia.fill("#password", "correct horse battery")
	nia.follow(`form[action="/sign-in"] button.primary`)
	home := w.tab()
	home.goTo("/sign-in")
	home.fill("#email", "nia@acme.example")
	home.fill("#password", "correct horse battery")
	home.follow(`form[action="/sign-in"] button.primary`)
	home.goTo("/settings")
	home.has("main", "2 places")
	home.follow(`a.button[href="/settings/sign-in"]`)
	home.wantJS(`document.querySelectorAll(".sessions li").length`, "2")
	home.follow(`.sessions form button`)
	home.has("#notices", "Signed out there.")
	nia.goTo("/leads")
	nia.wait(`location.pathname == "/sign-in"`)
}

// The pages on the way in fit a phone, in both themes.
func TestGateOnAPhone(t *testing.T) {
	w := gated(t)
	tab := w.signedIn(w.admin)
	tab.device()
	tab.goTo("/settings/sign-in")
	tab.click(addPasskey)
	tab.has("#notices", "The passkey is added.")
	for _, scheme := range []string{"light", "dark"} {
		tab.look(390, scheme)
		for _, path := range []string{"/sign-in", "/sign-in/link/sent", "/settings", "/settings/sign-in", "/settings/sign-in/app", "/team", "/team/" + w.member + "/sign-in"} {
			tab.goTo(path)
			tab.fits(path)
		}
	}
}
