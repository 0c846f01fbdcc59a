package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/store"
)

const linkPath = `(/sign-in/link\?token=[a-z0-9]+)`

// ask asks for a link, and says what somebody sees who asks.
func (v *visitor) ask(email string) string {
	v.Helper()
	v.post("/sign-in/link", "email", email)
	v.at("/sign-in/link/sent")
	return v.found(`(?s)<main[^>]*>(.*?)<form`)
}

// A link signs in once, within 15 minutes, in the browser that asked, and not by being
// opened; the answer never says whether the address is known.
func TestMailLink(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		w.newMember(ws, "mel@acme.example", "Mel", "member")
		v, stranger := w.visitor(), w.visitor()
		if known, unknown := v.ask("Mel@acme.example "), stranger.ask("nobody@acme.example"); known != unknown {
			t.Errorf("the answers differ:\n%s\n%s", known, unknown)
		}
		link := w.mailed("mel@acme.example", "sign-in link", linkPath)

		for range 3 { // a mail scanner opens it, and does not use it up
			scanner := w.visitor()
			scanner.get(link).has("This link works only in the browser that asked for it")
			scanner.post("/sign-in/link/use", "token", token(link))
			scanner.wantIn(false)
			v.get(link).has("You asked for this link in this browser.")
		}
		if got := v.header.Get("Referrer-Policy"); got != "same-origin" {
			t.Errorf("Referrer-Policy is %q", got)
		}
		stranger.post("/sign-in/link/use", "token", token(link)).has("This link is over") // who asked for something too
		stranger.wantIn(false)
		v.wantIn(false)
		v.post("/sign-in/link/use", "token", token(link)).at("/leads")
		v.get("/settings/sign-in").has("Email link")
		// Forgotten password: set without the old one.
		v.post("/settings/password", "password", password).has("The password is set.")
		v.post("/sign-out")
		v.get(link).has("This link is over")
		v.post("/sign-in/link/use", "token", token(link))
		v.wantIn(false)

		// The code, in the browser that asked; in lower case and without its dash too.
		v.ask("mel@acme.example")
		code := w.mailed("mel@acme.example", "sign-in link", `asked: ([A-Z0-9]{4}-[A-Z0-9]{4})`)
		w.poll(func() bool {
			code = w.mailed("mel@acme.example", "sign-in link", `asked: ([A-Z0-9]{4}-[A-Z0-9]{4})`)
			stranger.post("/sign-in/link/code", "code", code)
			v.post("/sign-in/link/code", "code", strings.ToLower(strings.ReplaceAll(code, "-", "")))
			return v.where == "/leads"
		})
		stranger.wantIn(false)
		v.post("/sign-out")
		v.post("/sign-in/link/code", "code", code).has("The code is wrong, used or too old.")

		// Too old.
		v = w.visitor()
		v.ask("mel@acme.example")
		old := link
		w.poll(func() bool { old = w.newest("mel@acme.example"); return old != link })
		clock.move(16 * time.Minute)
		if v.get(old); v.status != http.StatusGone {
			t.Errorf("an old link is answered with %d", v.status)
		}
		v.post("/sign-in/link/use", "token", token(old))
		v.wantIn(false)
	})
}

// newest is the link of the mail written last.
func (w *world) newest(to string) string {
	w.Helper()
	return w.mailed(to, "sign-in link", linkPath)
}

// Nobody can have an address flooded, and a removed member is sent nothing.
func TestMailLinkLimits(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		member := w.newMember(ws, "mel@acme.example", "Mel", "member")
		gone := w.newMember(ws, "gone@acme.example", "Gone", "member")
		w.call(w.operator, http.MethodDelete, "/v1/workspaces/"+ws+"/members/"+gone, nil, 204)
		w.visitor().ask("gone@acme.example")
		ask := func(network, known string) {
			if err := w.server.SignIn.AskLink(ctx, "mel@acme.example", signin.Asker{Browser: "a browser", Network: network, Known: known}); err != nil {
				t.Error(err)
			}
		}
		made := func() (n int64) {
			err := w.server.Store.View(ctx, func(tx *store.Tx) error {
				counts, _, err := tx.Effects().Counts()
				for _, some := range counts {
					n += some
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		var all sync.WaitGroup
		for range 12 {
			all.Go(func() { ask("192.0.2.1", "") })
		}
		all.Wait()
		w.same("mails", int(made()), 3)
		clock.move(14 * time.Minute)
		ask("192.0.2.1", "")
		w.same("mails", int(made()), 3)
		clock.move(2 * time.Minute)
		ask("192.0.2.1", "")
		w.same("mails", int(made()), 4)

		// Strangers use up what they have, and never the place of a network that did not ask
		// yet, or of a browser that was signed in before; how many mails go out is bounded.
		for n := range 12 {
			for range 3 {
				ask(fmt.Sprint("198.51.100.", n), "")
			}
		}
		w.same("mails to strangers", int(made()), 4+29+2)
		ask("203.0.113.9", "")
		w.same("mails with the owner's, from elsewhere", int(made()), 4+29+3)
		for n := range 400 {
			ask(fmt.Sprint("2001:db8:", n, "::"), "")
		}
		w.same("mails at most", int(made()), 3+100)
		for range 9 {
			ask("192.0.2.1", "Mel's browser")
		}
		w.same("mails with the known browser's", int(made()), 3+100+3)
		mel := w.signedInAs(ws, member)
		mel.get("/settings/sign-in").has("from this machine")
		for range 9 { // a browser that nobody knows, where she is signed in
			w.visitor().ask("mel@acme.example")
		}
		w.poll(func() bool { return made() >= 3+100+3+3 }) // a page answers before its mail is made
		w.same("mails with the familiar network's", int(made()), 3+100+3+3)
		for range 3 {
			v := w.visitor()
			if v.post("/sign-in/link", "email", "mel@acme.example"); v.status == http.StatusTooManyRequests {
				return
			}
		}
		t.Error("an address can be asked for without end")
	})
}

// An address of several workspaces chooses, whichever way it came; a membership that was not
// opened stays shut.
func TestSeveralWorkspaces(t *testing.T) {
	gated(t, nil, func(w *world, _ *hands) {
		one, two, other := w.plainWorkspace("North"), w.plainWorkspace("South"), w.plainWorkspace("East")
		a, b := w.newMember(one, "ada@acme.example", "Ada", "member"), w.newMember(two, "ada@acme.example", "Ada", "admin")
		c := w.newMember(other, "x@acme.example", "X", "admin")
		v := w.visitor()
		v.ask("ada@acme.example")
		link := w.newest("ada@acme.example")
		v.get(link)
		v.post("/sign-in/link/use", "token", token(link)).at("/sign-in/choose")
		v.has("North member")
		v.has("South admin")
		v.wantIn(false)
		v.post("/sign-in/choose", "membership", other+"/"+c).at("/sign-in/choose")
		v.wantIn(false)
		v.post("/sign-in/choose", "membership", two+"/"+b).at("/leads")
		if !strings.Contains(v.page, "South") {
			t.Error("not in the workspace that was chosen")
		}
		// The same password in both: chosen too. Different ones: straight in.
		v.post("/settings/password", "password", password)
		w.signedInAs(one, a).post("/settings/password", "password", password)
		v.post("/sign-out")
		v.post("/sign-in", "email", "ada@acme.example", "password", password).at("/sign-in/choose")
		v.post("/sign-in/choose", "membership", one+"/"+a).at("/leads")
		v.post("/settings/password", "password", "another password", "current", password)
		v.post("/sign-out")
		v.post("/sign-in", "email", "ada@acme.example", "password", "another password").at("/leads")
		if !strings.Contains(v.page, "North") {
			t.Error("not in the workspace whose password it was")
		}
		// What was proved is soon over.
		v.get("/sign-in/choose").at("/sign-in")
	})
}

// The pages on the way in lead nowhere to those who proved nothing.
func TestStepsNeedTheStepBefore(t *testing.T) {
	gated(t, func(c *server.Config) { c.Mail.Dir = "" }, func(w *world, clock *hands) {
		ws := w.plainWorkspace("North")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "admin")
		v := w.visitor()
		for _, path := range []string{"/sign-in/choose", "/sign-in/second", "/sign-in/set-up"} {
			v.get(path).at("/sign-in")
			v.post(path, "membership", ws+"/"+mel, "code", "123456").at("/sign-in")
		}
		v.wantIn(false)
	})
}
