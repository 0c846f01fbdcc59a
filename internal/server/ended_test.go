package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/signin"
)

// end ends all sign-ins of a member, as an admin does.
func (w *world) end(ws, member string) {
	w.Helper()
	s, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, ws)
	if err == nil {
		_, err = w.server.Accounts.EndMemberSessions(ctx, s, member)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// Who was signed out while they waited for a hash, or for a lock, changes nothing in how
// somebody signs in; nor does who is half signed in and was removed (rule A1).
func TestEndedSessionsChangeNothing(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		in, accounts := w.server.SignIn, w.server.Accounts
		begin := func() account.Principal {
			p, err := accounts.Begin(ctx, account.Principal{Workspace: ws, Member: mel, Proved: clock.now().UnixMicro()}, account.Arrival{How: "Password"})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		v := w.signedInAs(ws, mel)
		v.post("/settings/password", "password", password)
		secret, recovery := v.setUp("/settings/sign-in/app", clock)
		codes := 0
		code := func() string {
			codes++
			clock.move(time.Minute)
			return w.codeAt(secret, clock.now())
		}
		changes := map[string]func(p account.Principal) error{
			"password": func(p account.Principal) error {
				return in.SetPassword(ctx, p, "mel@acme.example", "a longer password 2")
			},
			"code":            func(p account.Principal) error { _, err := in.CheckSecond(ctx, p, code()); return err },
			"recovery code":   func(p account.Principal) error { _, err := in.CheckSecond(ctx, p, recovery[0]); return err },
			"recovery codes":  func(p account.Principal) error { _, err := in.NewRecoveryCodes(ctx, p, code()); return err },
			"app off":         func(p account.Principal) error { return in.TurnOffApp(ctx, p, code()) },
			"passkey renamed": func(p account.Principal) error { return in.RenamePasskey(ctx, p, "pk_1", "x") },
			"passkey removed": func(p account.Principal) error { return in.RemovePasskey(ctx, p, "pk_1") },
			"issuer":          func(p account.Principal) error { return in.Unbind(ctx, p, "https://okta.example") },
			"a session":       func(p account.Principal) error { return accounts.EndSession(ctx, p, p.SignIn) },
			"other sessions":  func(p account.Principal) error { _, err := accounts.EndOtherSessions(ctx, p); return err },
		}
		half := func() account.Principal {
			return signin.Entry{Memberships: []signin.Membership{{Workspace: ws, Member: mel}}, At: clock.now().UnixMicro()}.Principal()
		}
		for name, change := range changes {
			for how, p := range map[string]account.Principal{"signed in": begin(), "half signed in": half()} {
				clock.move(time.Second)
				w.end(ws, mel)
				if err := change(p); !fault.Is(err, fault.Unauthenticated) || !strings.Contains(err.Error(), "ended") {
					t.Errorf("%s, who was %s: %v", name, how, err)
				}
			}
		}
		still := begin()
		for name, change := range changes { // the test can see a change
			if err := change(still); fault.Is(err, fault.Unauthenticated) && strings.Contains(err.Error(), "ended") {
				t.Errorf("%s: %v", name, err)
			}
			still = begin()
		}

		tom := w.newMember(ws, "tom@acme.example", "Tom", "member")
		entry := signin.Entry{Memberships: []signin.Membership{{Workspace: ws, Member: tom}}, At: clock.now().UnixMicro()}
		if _, err := in.Next(ctx, entry); err != nil {
			t.Fatal(err)
		}
		w.call(w.operator, http.MethodDelete, client.In(ws, "members", tom), nil, 204)
		_, kept, err := in.OfferApp(ctx, entry.Principal(), "")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := in.ConfirmApp(ctx, entry.Principal(), kept, "000000"); err == nil {
			t.Error("somebody who was removed sets up a second factor")
		}
		if _, err := in.Next(ctx, entry); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("somebody who was removed continues: %v", err)
		}
	})
}

// What is sent as JSON, a passkey, asks again as well.
func TestPasskeyOfAnEndedSession(t *testing.T) {
	gated(t, named, func(w *world, _ *hands) {
		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		thief := w.signedInAs(ws, mel)
		body := []byte(`{"name":"mine","credential":{}}`)
		m := &matrix{world: w}
		c, r, waits := m.announced("POST /settings/passkeys", len(body), "Cookie: "+cookiesOf(thief), "Content-Type: application/json")
		if !waits {
			t.Fatal("it was answered before its body")
		}
		w.end(ws, mel)
		if status, text := m.finished(c, r, body); status != 401 {
			t.Errorf("%d %s", status, text)
		}
		thief.wantIn(false)
		w.same("complete", func() int {
			status, _ := w.signedInAs(ws, mel).add(newDevice(virtualwebauthn.AuthenticatorOptions{}), "mine")
			return status
		}(), http.StatusOK)
	})
}

// A password counts as proved from before it was looked at, however long its hash waits.
func TestProofsBeginBeforeTheyAreChecked(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		v := w.signedInAs(ws, w.newMember(ws, "mel@acme.example", "Mel", "member"))
		v.post("/settings/password", "password", password)
		in := w.server.SignIn
		hashes := w.server.Accounts.Hashes()
		in.Clock = func() time.Time {
			if w.server.Accounts.Hashes() != hashes {
				return clock.now().Add(time.Hour)
			}
			return clock.now()
		}
		defer func() { in.Clock = clock.now }()
		e, err := in.ByPassword(context.Background(), "mel@acme.example", password)
		if err != nil {
			t.Fatal(err)
		}
		w.same("proved at", e.At, clock.now().UnixMicro())
	})
}

// Who joins with a password comes in, though the password ended all that was before it and time
// passes meanwhile.
func TestJoiningTakesTime(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		boss := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Bo", "admin"))
		boss.post("/team", "email", "tom@acme.example", "name", "Tom", "role", "member")
		link := w.mailed("tom@acme.example", "invites you", `(/join\?token=[a-z0-9_]+)`)
		ticks := func() time.Time { clock.move(time.Millisecond); return clock.now() }
		w.server.SignIn.Clock, w.server.Accounts.Clock = ticks, ticks
		defer func() { w.server.SignIn.Clock, w.server.Accounts.Clock = clock.now, clock.now }()
		tom := w.visitor()
		tom.post("/join", "token", token(link), "password", password).at("/leads")
		tom.wantIn(true)
		tom.post("/settings/password", "current", password, "password", "a longer password 2").has("The password is set.")
		tom.wantIn(true)
		tom.post("/sign-out")
		tom.post("/sign-in", "email", "tom@acme.example", "password", "a longer password 2").at("/leads")
	})
}

// What was made to sign somebody in, a mailed link or an admin's code, ends with their sign-ins;
// what is made afterwards works.
func TestLinksAndCodesEndWithTheSignIns(t *testing.T) {
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			gated(t, nil, func(w *world, clock *hands) {
				one, two := w.plainWorkspace("North"), w.plainWorkspace("South")
				member := w.newMember(one, "mel@acme.example", "Mel", "admin")
				w.newMember(two, "mel@acme.example", "Mel", "member")
				byLink, byCode := w.visitor(), w.visitor()
				byLink.ask("mel@acme.example")
				link := w.newest("mel@acme.example")
				code, err := w.server.Accounts.CreateCode(ctx, one, member)
				if err != nil {
					t.Fatal(err)
				}
				clock.move(time.Second)
				if err := end(w, one, member); err != nil {
					t.Fatal(err)
				}
				byCode.post("/sign-in/code", "code", code)
				byCode.wantIn(false)
				byLink.post("/sign-in/link/use", "token", token(link)).at("/leads") // the other workspace ended nothing
				byLink.get("/settings").has("South")
				w.signedInAs(one, member).wantIn(true)
				again := w.visitor()
				clock.move(16 * time.Minute)
				again.ask("mel@acme.example")
				newer := link
				for late := time.Now().Add(10 * time.Second); newer == link && time.Now().Before(late); { // it is mailed after the answer
					newer = w.newest("mel@acme.example")
				}
				again.post("/sign-in/link/use", "token", token(newer)).has("North")
			})
		})
	}
}

// A form with a file that breaks off, wherever, does nothing and is not answered as if it
// had arrived.
func TestCutFormsDoNothing(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		part := func(name, file, text string) string {
			if file != "" {
				file = `; filename="` + file + `"`
			}
			return fmt.Sprintf("--BB\r\nContent-Disposition: form-data; name=%q%s\r\n\r\n%s\r\n", name, file, text)
		}
		forms := map[string]string{
			"POST /bulk":             part("people", "", "") + part("file", "a.csv", "full_name,company\nBo,Acme") + "--BB--\r\n",
			"POST /operator/imports": part("source", "", "crm") + part("file", "a.csv", "full_name,company\nBo,Acme") + "--BB--\r\n",
		}
		made := func() string {
			rows := w.rowsOf()
			return fmt.Sprint(len(rows["bulk_files"]), " ", len(rows["bulk_file_parts"]), " ", len(rows["imports"]))
		}
		send := func(pattern string, form string, length int) int {
			c := m.raw(pattern, "Cookie: "+m.cookies(pattern), "Content-Type: multipart/form-data; boundary=BB", fmt.Sprint("Content-Length: ", length))
			defer c.Close()
			if _, err := io.WriteString(c, form); err != nil {
				t.Fatal(err)
			}
			if len(form) < length {
				_ = c.(*net.TCPConn).CloseWrite()
			}
			answer := head(c, 10*time.Second)
			if answer == nil {
				return 0
			}
			return answer.StatusCode
		}
		for pattern, form := range forms {
			before := made()
			for cut := 0; cut < len(form)-3; cut += 3 {
				for _, length := range []int{cut, len(form)} {
					if length == cut && cut == 0 {
						continue
					}
					if status := send(pattern, form[:cut], length); status < 400 || status >= 500 {
						if status != http.StatusSeeOther || pattern != "POST /operator/imports" { // the page says so
							t.Errorf("%s cut at %d of %d, which says %d: %d", pattern, cut, len(form), length, status)
						}
					}
				}
			}
			if status := send(pattern, form, len(form)+9); status < 400 || status >= 500 {
				if status != http.StatusSeeOther || pattern != "POST /operator/imports" {
					t.Errorf("%s without its end: %d", pattern, status)
				}
			}
			w.same(pattern+" made", made(), before)
			w.same(pattern+" complete", send(pattern, form, len(form)), http.StatusSeeOther)
			if made() == before {
				t.Errorf("%s: a complete form makes nothing", pattern)
			}
		}
	})
}

// A member whom an admin removed does not come back by an issuer whose people join, and
// people whom an issuer gives no name of their own are nobody.
func TestIssuerBringsNobodyBack(t *testing.T) {
	ws := ""
	vouched(t, func(c *server.Config) { ws = joined(t, c) }, func(w *world, i *issuer, _ *hands) {
		i.says(is{"sub": "u-9", "email": "nia@acme.example", "name": "Nia"})
		v := w.visitor()
		v.get(withOkta).at("/leads")
		for _, m := range w.get(w.operator, client.In(ws, "members"))["data"].([]any) {
			if m := m.(is); m["email"] == "nia@acme.example" {
				w.call(w.operator, http.MethodDelete, client.In(ws, "members", m["id"].(string)), nil, 204)
			}
		}
		v = w.visitor()
		v.get(withOkta).at("/sign-in")
		v.has("An admin of the workspace removed you")
		w.newMember(ws, "nia@acme.example", "Nia", "member") // invited again
		w.visitor().get(withOkta).at("/leads")
	})
	for name, claims := range map[string]is{
		"without a subject":                  {"sub": ""},
		"made for another client":            {"aud": []string{"other", issuerClient}, "azp": "other"},
		"made for several, and another's":    {"aud": []string{issuerClient, "other"}, "azp": "other"},
		"without a subject, another address": {"sub": "", "email": "tom@acme.example"},
	} {
		t.Run(name, func(t *testing.T) {
			vouched(t, nil, func(w *world, i *issuer, _ *hands) {
				acme := w.plainWorkspace("Acme")
				w.newMember(acme, "mel@acme.example", "Mel", "member")
				w.newMember(acme, "tom@acme.example", "Tom", "member")
				v := whatItSays(w, i, claims)
				v.has("could not be checked")
				v.wantIn(false)
			})
		})
	}
}

// Anyone who loses their rights while a source is asked is neither charged nor shown what it found
// (rule A1).
func TestRightsEndWhileASourceIsAsked(t *testing.T) {
	for name, end := range map[string]func(w *world, ws, member, key string){
		"the member is removed": func(w *world, ws, member, _ string) {
			w.call(w.operator, http.MethodDelete, client.In(ws, "members", member), nil, 204)
		},
		"the key is revoked": func(w *world, ws, _, key string) {
			w.call(w.operator, http.MethodDelete, client.In(ws, "keys", key), nil, 204)
		},
	} {
		t.Run(name, func(t *testing.T) {
			withSources(t, func(w *world, u *upstream) {
				w.load("text/csv", people)
				ws := w.workspace("pro", 2, nil)
				member := w.post(w.operator, client.In(ws, "members"), is{"email": "ada@acme.example", "name": "Ada", "role": "member"}, 201)["id"].(string)
				key := w.post(w.operator, client.In(ws, "keys"), is{"name": "Ada", "role": "member", "member": member}, 201)
				u.says = func(is) (int, string) {
					end(w, ws, member, key["id"].(string))
					return 200, `{"state":"done","private":"mary@home.example"}`
				}
				var out is
				_, err := w.as(key["key"].(string)).Do(ctx, http.MethodPost, client.In(ws, "captures"), "", is{"person": profile("mary"), "fields": []string{"personal_email"}}, &out)
				var no *client.Problem
				if !errors.As(err, &no) || no.Status != http.StatusForbidden {
					t.Errorf("answered with %v %v", out, err)
				}
				w.same("sources asked", u.count(), 1)
				w.same("used", w.credit(ws, "standard")["used"], 0)
				w.same("leads", len(w.get(w.operator, client.In(ws, "leads"))["data"].([]any)), 0)
				w.idle(ws)
			})
		})
	}
}

// A server that is to be set up prints a link at each start, and the newest is the only one.
func TestSetUpLinksOfEarlierStartsEnd(t *testing.T) {
	start(t, func(w *world) {
		var codes []string
		for range 2 {
			code, err := w.server.Accounts.CreateSetUpCode(ctx)
			if err != nil {
				t.Fatal(err)
			}
			codes = append(codes, code)
		}
		if _, err := w.server.Accounts.SignInByCode(ctx, codes[0]); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("an earlier start's link signs in: %v", err)
		}
		if _, err := w.server.Accounts.SignInByCode(ctx, codes[1]); err != nil {
			t.Errorf("the newest link: %v", err)
		}
	})
}
