package browser_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// What the operator refuses costs what it cost; what belongs to the operator alone is
// shut to everybody else.
func TestOperatorDeclinesAndOthersMayNot(t *testing.T) {
	w := start(t, "pro")
	mel := w.signedIn(w.member)
	mel.capture(ada)
	mel.has("#lead-rows", "Ada Byron")
	w.review()
	tab := w.signedIn("")
	tab.goTo("/operator/reviews")
	tab.follow(`.requests button[value=decline]`)
	tab.has("#notices", "Declined.")
	tab.has("main", "Nothing waits.")
	w.wantUsed(3, 0)

	tab.goTo("/operator/server")
	tab.has("section[aria-labelledby=sources-title]", "No sources yet.")
	tab.fill("#kind-add", "email")
	tab.fill("#value-add", "not an address")
	tab.expect(http.StatusUnprocessableEntity)
	tab.follow(`form[aria-label=Suppress] button`)
	tab.has(`form[aria-label=Suppress]`, "Nothing was changed")
	tab.goTo("/operator/server")
	tab.fill("#kind-remove", "domain")
	tab.fill("#value-remove", "never.example")
	tab.follow(`form[aria-label="Take off the list"] button`)
	tab.has("#notices .danger", "Nothing was changed: that is not on the list.")

	boss := w.signedIn(w.admin)
	boss.expect(http.StatusForbidden)
	for _, path := range []string{"/operator", "/operator/reviews", "/operator/server", "/operator/workspaces/" + w.ws} {
		boss.goTo(path)
		boss.has("h1", "You may not do this")
	}
	for _, path := range []string{"/operator/suppressions", "/operator/reviews/" + w.ws + "/e_1", "/operator/workspaces", "/operator/workspaces/" + w.ws + "/grants"} {
		if got := boss.post(path, "kind=email&value=x@y.example&do=add&answer=accept").StatusCode; got != http.StatusForbidden {
			t.Errorf("POST %s by an admin is answered with %d", path, got)
		}
	}
}

// connection begins the connecting of an extension and says where it is approved.
func (w *world) connection() string {
	w.Helper()
	sum := sha256.Sum256([]byte("verifier"))
	answer, err := http.Post(w.base+"/v1/extension/connections", "application/json", strings.NewReader(`{"name":"Chrome on Linux","challenge":"`+base64.RawURLEncoding.EncodeToString(sum[:])+`"}`))
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	var out struct{ ID string }
	if err := json.NewDecoder(answer.Body).Decode(&out); err != nil || out.ID == "" {
		w.Fatal("no connection was begun: ", err)
	}
	return "/connect/extension?id=" + out.ID
}

// A connection says who asks and what it may do, is approved or denied once, and is
// over then; what somebody else answered is not answered again.
func TestConnectPage(t *testing.T) {
	w := start(t, "pro")
	mel, boss := w.signedIn(w.member), w.signedIn(w.admin)
	path := w.connection()
	mel.goTo(path)
	mel.has("main dl", "Calls itself “Chrome on Linux”")
	mel.has("main dl", "Acts as Mel Member")
	mel.has("main", "capture and unlock them, which spends your credits")
	mel.follow(`button[value=approve]`)
	mel.has("h1", "Connected")
	mel.goTo(path)
	mel.has("h1", "Connected")
	boss.expect(http.StatusGone, http.StatusNotFound)
	boss.goTo(path)
	boss.lacks("main", "Chrome on Linux")
	boss.post("/connect/extension", "id="+strings.TrimPrefix(path, "/connect/extension?id=")+"&answer=deny")
	mel.goTo(path) // a second answer, of somebody else, changes nothing
	mel.has("h1", "Connected")
	mel.lacks("h1", "Not connected")

	other := w.connection()
	mel.goTo(other)
	mel.follow(`button[value=deny]`)
	mel.has("h1", "Not connected")
	mel.goTo(other)
	mel.lacks("main", "Approve")
	mel.expect(http.StatusNotFound)
	mel.goTo("/connect/extension?id=ext_none")
	mel.has("h1", "This request is over")
	out := w.tab()
	out.goTo(w.connection())
	out.wait(`location.pathname == "/sign-in"`)
}
