package browser_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestSignInByLinkOnce(t *testing.T) {
	w := start(t, "pro")
	code := w.code(w.admin)
	tab := w.tab()
	tab.goTo("/sign-in#code=" + code)
	tab.wait(`location.pathname == "/sign-in/code/look"`)
	tab.has("h1", "Sign in to")
	tab.has("main", "This code signs you in as Bo Boss.")
	tab.follow(`form[action="/sign-in/code"] button`)
	tab.wait(`location.pathname == "/leads"`)
	if hash := tab.js(`location.href`); strings.Contains(hash, code) {
		t.Errorf("the code is still in the address %s", hash)
	}
	tab.has(".who", "Bo Boss admin")
	tab.wantLeft("1,000", "100")

	again := w.tab()
	again.expect(http.StatusUnauthorized)
	again.goTo("/sign-in?next=/usage#code=" + code)
	again.has("#code-form .problem", "The code is unknown, used or too old. Ask for a new one.")
	again.wait(`location.pathname == "/sign-in/code/look" && location.hash == ""`)
	if value := again.js(`document.querySelector("#code").value`); value != "" {
		t.Errorf("the used code stands in the form: %q", value)
	}
	// The way back survives the second try.
	again.fill("#code", w.code(w.member))
	again.follow("#code-form button")
	again.follow(`form[action="/sign-in/code"] button`)
	again.wait(`location.pathname == "/usage"`)
	again.has(".who", "Mel Member member")
}

// A link signs in whom it names, also where somebody else is signed in.
func TestSignInLinkWhileSignedIn(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	tab.useCode(w.code(w.member))
	tab.wait(`location.pathname == "/leads"`)
	tab.has(".who", "Mel Member")
}

func TestSignInByPassword(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.member)
	tab.expect(http.StatusUnauthorized, http.StatusUnprocessableEntity)
	tab.goTo("/settings")
	tab.has("main", "Password not set")
	tab.follow(`a.button[href="/settings/sign-in"]`)
	tab.js(`document.querySelector("#new-password").removeAttribute("minlength")`)
	tab.fill("#new-password", "short")
	tab.follow(`form[action="/settings/password"] button`)
	tab.has("#new-password-problem", "Must have 10 to 200 characters.")
	tab.fill("#new-password", "correct horse battery")
	tab.follow(`form[action="/settings/password"] button`)
	tab.has("#notices", "The password is set.")

	// Anyone who finds the browser open cannot change it.
	tab.fill("#current", "a guess")
	tab.fill("#new-password", "another password")
	tab.follow(`form[action="/settings/password"] button`)
	tab.has("#current-problem", "This is not your current password.")

	tab.follow(`form[action="/sign-out"] button`)
	tab.wait(`location.pathname == "/sign-in"`)
	tab.goTo("/leads?q=ada")
	tab.wait(`location.pathname == "/sign-in"`)
	tab.fill("#email", "mel@acme.example")
	tab.fill("#password", "correct horse bakery")
	tab.follow(`form[action="/sign-in"] button`)
	tab.has("#password-problem", "The email address or the password is wrong.")
	tab.fill("#password", "correct horse battery")
	tab.follow(`form[action="/sign-in"] button`)
	tab.wait(`location.pathname == "/leads" && location.search == "?q=ada"`)
	tab.has(".who", "Mel Member")
}

func TestSignOutEndsTheSession(t *testing.T) {
	w := start(t, "pro")
	tab := w.signedIn(w.admin)
	old := tab.cookie()
	tab.follow(`form[action="/sign-out"] button`)
	tab.wait(`location.pathname == "/sign-in"`)
	if where := location(t, w.base+"/leads", old); where != "/sign-in?next=%2Fleads" {
		t.Errorf("the old session still leads to %q", where)
	}
}

func TestSignedOutSeesNothing(t *testing.T) {
	w := start(t, "pro")
	for _, path := range []string{"/leads", "/capture", "/usage", "/team", "/settings", "/help", "/leads/lead_1", "/leads.csv", "/usage.csv", "/entries.csv", "/operator", "/operator/workspaces/" + w.ws, "/operator/imports", "/"} {
		if where := location(t, w.base+path, nil); !strings.HasPrefix(where, "/sign-in") {
			t.Errorf("%s leads to %q", path, where)
		}
	}
}

// location is where a page sends a visitor with this session.
func location(t *testing.T, url string, session *http.Cookie) string {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if session != nil {
		r.AddCookie(session)
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	answer, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	return answer.Header.Get("Location")
}
