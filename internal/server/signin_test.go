package server_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
)

const password = "correct horse battery"

// Somebody sees where they are signed in and how they came, ends one or all others, and
// nobody else's.
func TestSessions(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel, boss := w.newMember(ws, "mel@acme.example", "Mel", "member"), w.newMember(ws, "boss@acme.example", "Bo", "admin")
		one := w.signedInAs(ws, mel)
		clock.move(time.Minute)
		two := w.visitor()
		two.agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
		two.byCode(ws, mel)
		third := w.signedInAs(ws, mel)

		one.get("/settings").has("3 places")
		one.get("/settings/sign-in")
		for _, want := range []string{"Firefox on Linux this one", "Safari on iPhone", "from this machine", "Sign-in code", "Signed in Mar 2, 2026, 09:00"} {
			one.has(want)
		}
		// An id of somebody else's ends nothing.
		chief := w.signedInAs(ws, boss)
		for _, s := range w.sessions(ws, mel) {
			chief.post("/settings/sessions/" + s.ID + "/end")
		}
		w.same("Mel's sessions", len(w.sessions(ws, mel)), 3)
		for _, s := range w.sessions(ws, mel) {
			if s.Browser == "Safari on iPhone" {
				one.post("/settings/sessions/" + s.ID + "/end").has("Signed out there.")
				one.post("/settings/sessions/" + s.ID + "/end").at("/settings/sign-in") // twice is once
			}
		}
		two.wantIn(false)
		third.wantIn(true)
		one.post("/settings/sessions/end-others").has("You are signed in here alone.")
		third.wantIn(false)
		one.wantIn(true)

		// A new password ends the others, and leaves this one.
		third.byCode(ws, mel)
		one.post("/settings/password", "password", password).has("The password is set.")
		third.wantIn(false)
		one.wantIn(true)

		// Signing out, and in again in the same browser, leaves nothing behind.
		one.byCode(ws, mel)
		w.same("sessions", len(w.sessions(ws, mel)), 1)
		one.post("/sign-out")
		w.same("sessions", len(w.sessions(ws, mel)), 0)
		if n := w.audits(ws, "session.ended"); n < 4 {
			t.Errorf("%d ended sessions in the audit log", n)
		}
		w.same("passwords set", w.audits(ws, "password.set"), 1)
	})
}

// An admin ends a member's and no other workspace's; a removed member's end; none lasts
// longer than thirty days.
func TestSessionsOfAMember(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel, boss := w.newMember(ws, "mel@acme.example", "Mel", "member"), w.newMember(ws, "boss@acme.example", "Bo", "admin")
		one, chief := w.visitor(), w.signedInAs(ws, boss)
		// An admin ends a member's; the member may not end an admin's.
		one.byCode(ws, mel)
		if one.post("/team/" + boss + "/sessions/end"); one.status != http.StatusForbidden {
			t.Errorf("a member ends an admin's sessions: %d", one.status)
		}
		if one.get("/team/" + boss + "/sign-in"); one.status != http.StatusForbidden {
			t.Errorf("a member sees an admin's sessions: %d", one.status)
		}
		chief.get("/team/" + mel + "/sign-in").has("Firefox on Linux")
		chief.post("/team/" + mel + "/sessions/end").has("Signed out in 1 place.")
		one.wantIn(false)

		// Removed is signed out.
		one.byCode(ws, mel)
		w.call(w.operator, http.MethodDelete, client.In(ws, "members", mel), nil, 204)
		one.wantIn(false)
		w.same("sessions", len(w.sessions(ws, mel)), 0)
		// The operator's are a list of their own.
		operator := w.signedInAs("", "")
		operator.get("/settings/sign-in").has("Firefox on Linux this one")
		again := w.signedInAs("", "")
		operator.post("/settings/sessions/end-others")
		again.wantIn(false)

		// Another workspace's admin sees nothing.
		other := w.plainWorkspace("Other")
		stranger := w.signedInAs(other, w.newMember(other, "x@other.example", "X", "admin"))
		if stranger.get("/team/" + boss + "/sign-in"); stranger.status != http.StatusNotFound {
			t.Errorf("another workspace's admin is answered with %d", stranger.status)
		}
		if stranger.post("/team/" + boss + "/sessions/end"); stranger.status != http.StatusNotFound {
			t.Errorf("another workspace's admin is answered with %d", stranger.status)
		}
		chief.wantIn(true)

		// Thirty days, and no more, however often it is used.
		clock.move(29 * 24 * time.Hour)
		chief.wantIn(true)
		clock.move(25 * time.Hour)
		chief.wantIn(false)
	})
}

// What is changed about how somebody signs in asks for a sign-in of the last hour.
func TestStaleSessionChangesNothing(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		v := w.signedInAs(ws, mel)
		clock.move(61 * time.Minute)
		v.get("/settings/sign-in").has("sign in once more")
		v.get("/settings/sign-in/app").has("Sign in once more to change this.")
		v.post("/settings/password", "password", password).has("Sign in once more to set a password.")
		v.post("/settings/passkeys/ask")
		v.has("Sign in once more")
		v.post("/sign-in", "email", "mel@acme.example", "password", password).has("The email address or the password is wrong.")
		v.byCode(ws, mel)
		v.get("/settings/sign-in").lacks("sign in once more")
		v.post("/settings/password", "password", password).has("The password is set.")
		v.post("/sign-out")
		v.post("/sign-in", "email", "mel@acme.example", "password", password).at("/leads")
		// Who knows a password changes it by it.
		v.post("/settings/password", "password", "another password", "current", "a guess").has("This is not your current password.")
		v.post("/settings/password", "password", "another password", "current", password).has("The password is set.")
		// A link or a code replaces the old one, once.
		v.byCode(ws, mel)
		v.post("/settings/password", "password", "a third password").has("The password is set.")
		v.post("/settings/password", "password", "a fourth password").has("This is not your current password.")
		v.byCode(ws, mel)
		clock.move(16 * time.Minute)
		v.post("/settings/password", "password", "a fourth password").has("This is not your current password.")
	})
}

// An invitation goes by mail, is good once and for a week, can be sent again and
// withdrawn, and is seen until they come.
func TestInvitations(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		chief := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Bo Boss", "admin"))
		const path = `(/join\?token=[a-z0-9_]+)`
		chief.post("/team", "email", "nia@acme.example", "name", "Nia New", "role", "member").has("Nia New is invited by mail.")
		chief.has("invited Mar 2, good until Mar 9")
		link := w.mailed("nia@acme.example", "Bo Boss invites you to Acme", path)
		nia := w.visitor()
		for range 2 { // opening it uses nothing up
			nia.get(link).has("Join Acme")
		}
		nia.has("You sign in as nia@acme.example.")
		nia.post("/join", "token", token(link), "password", "short").has("Must have 10 to 200 characters.")

		// Sent again, the first link is over.
		clock.move(time.Hour)
		id := chief.get("/team").found(`/team/(mem_[a-z0-9]+)/invite`)
		chief.post("/team/" + id + "/invite").has("invited again by mail")
		again := ""
		w.poll(func() bool {
			again = w.mailed("nia@acme.example", "Bo Boss invites you to Acme", path)
			return again != link
		})
		if nia.get(link); nia.status != http.StatusGone {
			t.Errorf("the link before it is answered with %d", nia.status)
		}
		nia.post("/join", "token", token(link), "password", password).has("This invitation is over")
		nia.get(again)
		nia.post("/join", "token", token(again), "password", password).at("/leads")
		nia.get("/settings/sign-in").has("Invitation")
		late := w.visitor()
		if late.post("/join", "token", token(again), "password", "another password"); late.status != http.StatusGone {
			t.Errorf("a used invitation is answered with %d", late.status)
		}
		late.wantIn(false)
		late.post("/sign-in", "email", "Nia@Acme.example", "password", password).at("/leads")
		chief.get("/team").lacks("invited Mar 2")
		chief.post("/team/" + id + "/withdraw").has("Nia New came already.")
		w.same("joined", w.audits(ws, "member.joined"), 1)

		// Withdrawn, and too old.
		chief.post("/team", "email", "tom@acme.example", "name", "Tom", "role", "member")
		toms := w.mailed("tom@acme.example", "invites you", path)
		tom := chief.get("/team").found(`/team/(mem_[a-z0-9]+)/withdraw`)
		chief.post("/team/" + tom + "/withdraw").has("Withdrawn.")
		chief.lacks("tom@acme.example")
		w.visitor().get(toms).has("This invitation is over")
		chief.post("/team", "email", "una@acme.example", "name", "Una", "role", "member")
		unas := w.mailed("una@acme.example", "invites you", path)
		clock.move(8 * 24 * time.Hour)
		w.visitor().get(unas).has("This invitation is over")
		chief.get("/team").has("too old now")
		// The invited come another way too: then the invitation is over.
		una := w.signedInAs(ws, chief.found(`/team/(mem_[a-z0-9]+)/invite`))
		una.wantIn(true)
		chief.get("/team").lacks("too old now")
		// Over the API, where it is asked for.
		w.post(w.operator, client.In(ws, "members"), is{"email": "api@acme.example", "name": "Api", "role": "member", "invite": true}, 201)
		w.mailed("api@acme.example", "Your team invites you to Acme", path)
		// A member invites nobody.
		if nia.post("/team/" + tom + "/invite"); nia.status == http.StatusOK {
			t.Error("a member sent an invitation")
		}
	})
}

func token(link string) string {
	_, token, _ := strings.Cut(link, "token=")
	return token
}

// Without mail the admin is given the link.
func TestInvitationWithoutMail(t *testing.T) {
	gated(t, func(c *server.Config) { c.Mail.Dir = "" }, func(w *world, _ *hands) {
		ws := w.plainWorkspace("Acme")
		chief := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Bo Boss", "admin"))
		chief.post("/team", "email", "nia@acme.example", "name", "Nia New", "role", "member").has("Invitation for Nia New")
		link := chief.found(`value="(http://[^"]+/join\?token=[a-z0-9_]+)"`)
		nia := w.visitor()
		nia.get(link).has("Join Acme")
		nia.post("/join", "token", token(link), "without", "yes").at("/settings/sign-in")
		nia.has("How you sign in")
		nia.get("/sign-in").lacks("Email me a sign-in link")
		w.post(w.operator, client.In(ws, "members"), is{"email": "api@acme.example", "name": "Api", "role": "member", "invite": true}, 400)
		if w.visitor().post("/sign-in/link", "email", "nia@acme.example"); len(w.mails()) != 0 {
			t.Error("a mail was written where there is none")
		}
	})
}
