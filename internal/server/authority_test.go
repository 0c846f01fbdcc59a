package server_test

import (
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// staff is a workspace with two admins, of whom the first is about to lose something.
type staff struct {
	*world
	ws, boss, deputy, mel string
	as                    map[string]*client.Client // a key that each made in their own session
}

func newStaff(w *world) *staff {
	s := &staff{world: w, ws: w.workspace("pro", 5, nil), as: map[string]*client.Client{}}
	add := func(name, role string) string {
		return w.post(w.operator, client.In(s.ws, "members"), is{"email": name + "@acme.example", "name": name, "role": role}, 201)["id"].(string)
	}
	s.boss, s.deputy, s.mel = add("boss", "admin"), add("deputy", "admin"), add("mel", "member")
	for _, id := range []string{s.boss, s.deputy} {
		s.as[id] = s.made(id, account.NewKey{Name: "theirs", Role: account.Admin})
	}
	return s
}

// made makes a key as a member does on the settings page.
func (s *staff) made(by string, n account.NewKey) *client.Client {
	s.Helper()
	secret := ""
	s.inScope(by, func(scope *account.Scope) error {
		return s.server.Store.Update(ctx, func(tx *store.Tx) (err error) {
			_, secret, err = s.server.Accounts.CreateKey(tx, scope, n)
			return err
		})
	})
	return s.world.as(secret)
}

func (s *staff) inScope(member string, fn func(scope *account.Scope) error) {
	s.Helper()
	scope, err := s.server.Accounts.EnterAs(ctx, s.ws, member, account.SeeWorkspace)
	if err == nil {
		err = fn(scope)
	}
	if err != nil {
		s.Fatal(err)
	}
}

func (s *staff) role(member, role string) {
	s.Helper()
	s.call(s.operator, "PATCH", client.In(s.ws, "members", member), is{"role": role}, 200)
}

// A key acts at most with the rights that the person behind it has at that moment, and
// ends with them; what it could make before it cannot make then (rules A1 and A2).
func TestKeysNeverOutrankTheirMaker(t *testing.T) {
	start(t, func(w *world) {
		s := newStaff(w)
		mine := s.as[s.boss]
		s.post(mine, client.In(s.ws, "members"), is{"email": "new@acme.example", "name": "New", "role": "member"}, 201)
		child := w.as(s.post(mine, client.In(s.ws, "keys"), is{"role": "admin"}, 201)["key"].(string))
		reading := s.made(s.boss, account.NewKey{Name: "r", Role: account.Admin, ReadOnly: true})
		acting := s.made(s.boss, account.NewKey{Name: "m", Role: account.Regular, Member: s.boss})
		s.get(reading, client.In(s.ws, "keys"))

		s.role(s.boss, "member")
		for name, key := range map[string]*client.Client{"made in a session": mine, "made by that key": child} {
			s.post(key, client.In(s.ws, "members"), is{"email": "x@acme.example", "name": "X", "role": "admin"}, 403)
			s.post(key, client.In(s.ws, "keys"), is{"role": "admin"}, 403)
			got := s.post(key, client.In(s.ws, "charges"), is{"credit": "standard", "amount": 1}, 201)
			w.same("the member that a key "+name+" spends as", got["member"], s.boss)
		}
		s.call(reading, "GET", client.In(s.ws, "keys"), nil, 403)
		s.get(acting, client.In(s.ws, "balance"))

		s.call(s.operator, "DELETE", client.In(s.ws, "members", s.boss), nil, 204)
		for name, key := range map[string]*client.Client{"made in a session": mine, "made by that key": child, "to read": reading, "acting as them": acting} {
			if got := w.status(key, "GET", client.In(s.ws), nil); got != 401 {
				t.Errorf("a removed admin's key %s: %d, want 401", name, got)
			}
		}
	})
}

// A key with a member is that member's, no matter who makes it.
func TestAMembersKeyIsTheirs(t *testing.T) {
	start(t, func(w *world) {
		s := newStaff(w)
		mel := s.made(s.boss, account.NewKey{Name: "mel's", Role: account.Regular, Member: s.mel})
		s.call(s.operator, "DELETE", client.In(s.ws, "members", s.boss), nil, 204)
		s.post(mel, client.In(s.ws, "charges"), is{"credit": "standard", "amount": 1}, 201)
		s.call(s.operator, "DELETE", client.In(s.ws, "members", s.mel), nil, 204)
		w.same("the key of a removed member", w.status(mel, "GET", client.In(s.ws), nil), 401)
	})
}

// A service key passes at once to the admin who is there longest, and to the operator
// when there is none; the operator's keys are service keys.
func TestServiceKeysPassOn(t *testing.T) {
	start(t, func(w *world) {
		s := newStaff(w)
		service := s.made(s.boss, account.NewKey{Name: "crm", Role: account.Admin, Service: true})
		operators := w.as(s.post(s.operator, client.In(s.ws, "keys"), is{"role": "admin", "name": "sales"}, 201)["key"].(string))
		owner := func(name string) (string, bool) {
			for _, one := range s.get(s.operator, client.In(s.ws, "keys"))["data"].([]any) {
				if k := one.(is); k["name"] == name {
					return k["owner"].(string), k["service"].(bool)
				}
			}
			return "", false
		}
		if who, is := owner("sales"); who != "operator" || !is {
			t.Errorf("the operator's key belongs to %q, service %v", who, is)
		}
		s.role(s.boss, "manager")
		if who, _ := owner("crm"); who != s.deputy {
			t.Errorf("a demoted admin's service key belongs to %q, not the other admin", who)
		}
		s.post(service, client.In(s.ws, "members"), is{"email": "n@acme.example", "name": "N", "role": "member"}, 201)
		s.role(s.boss, "admin")
		s.call(s.operator, "DELETE", client.In(s.ws, "members", s.deputy), nil, 204)
		if who, _ := owner("crm"); who != s.boss {
			t.Errorf("a removed admin's service key belongs to %q, not the other admin", who)
		}
		w.same("service keys that passed on, in the audit log", w.audits(s.ws, "key.passed-on"), 2)
		for _, key := range []*client.Client{service, operators} {
			s.get(key, client.In(s.ws, "keys"))
		}
		s.post(s.operator, client.In(s.ws, "keys"), is{"role": "member", "member": s.mel, "service": true}, 400)
	})
}

// A sign-in link and an invitation are good while who made them may make one.
func TestLinksEndWithTheirMaker(t *testing.T) {
	for _, lose := range []string{"removed", "demoted", "key revoked"} {
		start(t, func(w *world) {
			s := newStaff(w)
			by := account.Principal{Role: account.Admin, Workspace: s.ws, Member: s.boss}
			keys := s.get(s.operator, client.In(s.ws, "keys"))["data"].([]any)
			if lose == "key revoked" {
				p, err := w.server.Accounts.Authenticate(ctx, s.as[s.boss].Key)
				if err != nil {
					t.Fatal(err)
				}
				by = p
			}
			scope, err := w.server.Accounts.Enter(ctx, by, s.ws)
			if err != nil {
				t.Fatal(err)
			}
			code, _, err := w.server.Accounts.CreateLink(ctx, scope, s.deputy)
			if err != nil {
				t.Fatal(err)
			}
			path := ""
			if err := w.server.Store.Update(ctx, func(tx *store.Tx) error {
				m, err := w.server.Accounts.AddMember(tx, scope, account.NewMember{Email: "i@acme.example", Name: "I", Role: account.Admin})
				if err != nil {
					return err
				}
				path, err = w.server.SignIn.Invite(tx, scope, m)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			token := strings.TrimPrefix(path, "/join?token=")
			if _, found, err := w.server.SignIn.Invited(ctx, token); err != nil || !found {
				t.Fatalf("the invitation is not good: %v", err)
			}
			switch lose {
			case "removed":
				s.call(s.operator, "DELETE", client.In(s.ws, "members", s.boss), nil, 204)
			case "demoted":
				s.role(s.boss, "member")
			default:
				for _, one := range keys {
					if k := one.(is); k["owner"] == s.boss {
						s.call(s.operator, "DELETE", client.In(s.ws, "keys", k["id"].(string)), nil, 204)
					}
				}
			}
			if _, err := w.server.SignIn.ByCode(ctx, code); err == nil {
				t.Errorf("%s: the link still signs in as another admin", lose)
			}
			if _, found, _ := w.server.SignIn.Invited(ctx, token); found {
				t.Errorf("%s: the invitation is still good", lose)
			}
			if _, err := w.server.SignIn.ByInvitation(ctx, token, ""); err == nil {
				t.Errorf("%s: the invitation still lets somebody in", lose)
			}
		})
	}
}

// A job stops before its next row when the key that began it is revoked, and when its
// member goes; an admin may take it over.
func TestJobsEndWithTheirMaker(t *testing.T) {
	start(t, func(w *world) {
		s := newStaff(w)
		w.load("text/csv", people)
		key := s.made(s.boss, account.NewKey{Name: "job", Role: account.Admin})
		job := s.post(key, client.In(s.ws, "bulk-captures"), is{"people": []is{{"linkedin_url": "https://linkedin.com/in/ada"}}, "confirm_above": 0}, 202)
		id := job["id"].(string)
		w.same("status", job["status"], "waiting")
		for _, one := range s.get(s.operator, client.In(s.ws, "keys"))["data"].([]any) {
			if k := one.(is); k["name"] == "job" {
				s.call(s.operator, "DELETE", client.In(s.ws, "keys", k["id"].(string)), nil, 204)
			}
		}
		// It runs as if it had been confirmed in time.
		if err := w.server.Store.Update(ctx, func(tx *store.Tx) error {
			j, _, err := tx.BulkJobs().ByID(s.ws, id)
			if err != nil {
				return err
			}
			j.Status = "running"
			_, err = tx.BulkJobs().Move(j, "waiting")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		w.working(func() {
			got := w.until(s.operator, client.In(s.ws, "bulk-captures", id), status("paused"))
			if text, _ := got["message"].(string); !strings.Contains(text, "revoked") {
				t.Errorf("paused because %q", text)
			}
			w.same("used", w.credit(s.ws, "standard")["used"], 0)
			s.post(s.operator, client.In(s.ws, "bulk-captures", id, "resume"), nil, 200)
			w.until(s.operator, client.In(s.ws, "bulk-captures", id), status("done"))
		})
	})
}
