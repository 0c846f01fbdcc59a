package server_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// halvesChild tells the test binary that it is a server that carries out one change
// and is killed in between; it holds the database's address, the change, the workspace
// and what it is for.
const halvesChild = "LEADMETER_HALVES_CHILD"

// changes are the operations that change two things, each for a workspace and a member
// or a request of it.
var changes = map[string]func(s *server.Server, in *account.Scope, of string) error{
	"remove a member": func(s *server.Server, in *account.Scope, of string) error {
		return s.Accounts.RemoveMember(ctx, in, of)
	},
	"withdraw an invitation": func(s *server.Server, in *account.Scope, of string) error { return s.SignIn.Withdraw(ctx, in, of) },
	"grant a request": func(s *server.Server, in *account.Scope, of string) error {
		_, err := s.Accounts.DecideRequest(ctx, in, requestOf(s, in, of), account.GrantAll())
		return err
	},
	"decline a request": func(s *server.Server, in *account.Scope, of string) error {
		_, err := s.Accounts.DecideRequest(ctx, in, requestOf(s, in, of), account.Decline())
		return err
	},
	"grant an add-on": func(s *server.Server, in *account.Scope, _ string) error {
		return decideAddOn(s, in, credits.Credit)
	},
	"decline an add-on": func(s *server.Server, in *account.Scope, _ string) error { return decideAddOn(s, in, 0) },
	"change plan and name": func(s *server.Server, in *account.Scope, _ string) error {
		name := "Another name"
		return s.Accounts.ChangeWorkspace(ctx, in, &credits.ChangePlan{Request: credits.Request{Workspace: in.Workspace.ID, At: in.Now}, Plan: "pro"}, &name)
	},
	"add and invite a member": func(s *server.Server, in *account.Scope, _ string) error {
		return s.Store.Update(ctx, func(tx *store.Tx) error {
			m, err := s.Accounts.AddMember(tx, in, account.NewMember{Email: "new@acme.example", Name: "New", Role: account.Regular})
			if err == nil {
				_, err = s.SignIn.Invite(tx, in, m)
			}
			return err
		})
	},
}

func requestOf(s *server.Server, in *account.Scope, member string) (id string) {
	_ = s.Store.View(ctx, func(tx *store.Tx) error {
		list, err := tx.CreditRequests().Of(in.Workspace.ID, "", store.Only(member), "", 1)
		if len(list) > 0 {
			id = list[0].ID
		}
		return err
	})
	return id
}

func decideAddOn(s *server.Server, in *account.Scope, grant credits.Amount) error {
	list, err := s.Accounts.AddOnRequests(ctx, in, account.RequestOpen, "", 1)
	if err == nil && len(list) > 0 {
		_, err = s.Accounts.DecideAddOn(ctx, in, list[0], grant, credits.Request{Workspace: in.Workspace.ID, At: in.Now})
	}
	return err
}

func change(s *server.Server, name, ws, of string) error {
	in, err := s.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, ws)
	if err != nil {
		return err
	}
	return changes[name](s, in, of)
}

func runHalvesChild() int {
	runtime.LockOSThread()
	args := strings.Split(os.Getenv(halvesChild), "|")
	s, err := server.Open(ctx, server.Config{Database: args[0]})
	if err == nil {
		err = change(s, args[1], args[2], args[3])
	}
	if err != nil {
		fmt.Println("error", err)
		return 1
	}
	fmt.Println("done")
	return 0
}

// office is a fresh workspace with an invited member who holds an assignment, a key, a
// group and an open request.
func (w *world) office() (ws, member string) {
	w.Helper()
	ws = w.workspace("starter", 2, nil)
	member, _ = w.member(ws, "Ada")
	w.call(w.operator, "PUT", client.In(ws, "members", member, "allocations"), is{"standard": is{"mode": "assigned", "amount": 100}}, 200)
	w.post(w.operator, client.In(ws, "credit-requests"), is{"member": member, "credit": "standard", "amount": 5}, 201)
	w.post(w.operator, client.In(ws, "addon-requests"), is{"credit": "standard", "amount": 5, "kind": "once"}, 201)
	in, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, ws)
	if err != nil {
		w.Fatal(err)
	}
	err = w.server.Store.Update(ctx, func(tx *store.Tx) error {
		m, _, err := tx.Members().ByID(ws, member)
		if err != nil {
			return err
		}
		if _, err := w.server.Accounts.SaveGroup(tx, in, store.Group{Name: "Group", Members: []string{member}}); err != nil {
			return err
		}
		_, err = w.server.SignIn.Invite(tx, in, m)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return ws, member
}

// stateOf is what the changes change of a workspace, without what differs between two
// workspaces.
func (w *world) stateOf(ws string) string {
	w.Helper()
	var b strings.Builder
	err := w.server.Store.View(ctx, func(tx *store.Tx) error {
		in, _, err := tx.Workspaces().ByID(ws)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "name %s\n", in.Name)
		members, err := tx.Members().Of(ws, "", 100, true)
		if err != nil {
			return err
		}
		for _, m := range members {
			fmt.Fprintf(&b, "%s removed %v\n", m.Name, m.RemovedAt != 0)
			requests, err := tx.CreditRequests().Of(ws, "", store.Only(m.ID), "", 10)
			if err != nil {
				return err
			}
			for _, r := range requests {
				fmt.Fprintf(&b, "request %s %d\n", r.Status, r.Granted)
			}
		}
		asked, err := tx.AddOnRequests().Of(ws, "", "", 10)
		if err != nil {
			return err
		}
		for _, r := range asked {
			fmt.Fprintf(&b, "add-on %s %d %v\n", r.Status, r.Granted, r.Grant != "")
		}
		grants, err := tx.Accounts().Grants(ws, 10)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%d grants\n", len(grants))
		allocations, err := tx.Accounts().Allocations(ws)
		if err != nil {
			return err
		}
		for _, a := range allocations {
			fmt.Fprintf(&b, "%s %s %d\n", a.Credit, a.Mode, a.Amount)
		}
		keys, err := tx.APIKeys().Of(ws, "", 100)
		if err != nil {
			return err
		}
		invited, err := tx.Members().Invitations(ws)
		if err != nil {
			return err
		}
		groups, err := tx.Groups().Of(ws)
		if err != nil {
			return err
		}
		fmt.Fprintf(&b, "%d keys, %d invitations, %d in the group\n", len(keys), len(invited), len(groups[0].Members))
		rows, err := tx.AuditLog().List(store.AuditFilter{Workspace: ws, Limit: 100})
		for _, a := range rows {
			fmt.Fprintln(&b, a.Action)
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	v, err := w.server.Ledger.Look(ctx, ws, nil, w.now)
	if err != nil {
		w.Fatal(err)
	}
	fmt.Fprintf(&b, "plan %s, assigned %s", v.Current.Plan.Name, v.Credits[0].Assigned)
	return b.String()
}

// halves is each change as it begins and as it ends.
func (w *world) halves(each func(name, before, after string)) {
	w.Helper()
	for name := range changes {
		ws, of := w.office()
		before := w.stateOf(ws)
		if err := change(w.server, name, ws, of); err != nil {
			w.Fatalf("%s: %v", name, err)
		}
		after := w.stateOf(ws)
		if before == after {
			w.Fatalf("%s changes nothing", name)
		}
		if name == "remove a member" && (!strings.Contains(after, "assigned 0") || !strings.Contains(after, "removed true") || !strings.Contains(after, "request declined")) {
			w.Fatalf("after %s:\n%s", name, after)
		}
		each(name, before, after)
	}
}

// One change is one transaction: with any of the writes of any table refused, it is
// done or it is not.
func TestNoChangeByHalvesWhenAWriteIsRefused(t *testing.T) {
	testdb.Slow(t)
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			if engine == "postgres" {
				testdb.NotOnCitus(t, "it refuses triggers, by which this test refuses writes")
			}
			address := testdb.Address(t, engine)
			w := open(t, address)
			tables := refuser{t, address}.tables()
			refusals := 0
			w.halves(func(name, before, after string) {
				ws, of := w.office()
				for _, table := range tables {
					allow := refuser{t, address}.refuse(table)
					err := change(w.server, name, ws, of)
					allow()
					state := w.stateOf(ws)
					switch {
					case err != nil && state == before:
						refusals++
					case err == nil && state == after:
						ws, of = w.office()
					default:
						t.Errorf("%s, with %s refused (%v), leaves\n%s", name, table, err, state)
						ws, of = w.office()
					}
				}
				if err := change(w.server, name, ws, of); err != nil {
					t.Errorf("%s in the end: %v", name, err)
				}
			})
			if refusals < 2*len(changes) {
				t.Errorf("only %d changes were refused", refusals)
			}
			w.verify()
		})
	}
}

// A server that is killed before any write or flush of its database, one run for each,
// has done a change or has not.
func TestNoChangeByHalvesWhenKilled(t *testing.T) {
	testdb.Want(t, "sqlite")
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("takes a run of the server, under strace, for each write")
	}
	if _, err := exec.LookPath("strace"); err != nil {
		t.Fatal("this test kills a process at each of its system calls with strace, which is not installed here: `make setup` installs it")
	}
	address := testdb.Address(t, "sqlite")
	w := open(t, address)
	log := filepath.Join(t.TempDir(), "strace")
	points := 0
	w.halves(func(name, before, after string) {
		ws, of := w.office()
		for _, call := range []string{"pwrite64", "fdatasync"} {
			for n, lived := 1, 0; lived < 2; n++ { // twice, for strace counts each thread apart
				if n > 100 {
					t.Fatalf("%s: still killed at %s number %d", name, call, n)
				}
				child := exec.Command("strace", "-f", "-q", "-o", log, "-e", "trace="+call, "-e", fmt.Sprintf("inject=%s:signal=SIGKILL:when=%d", call, n), os.Args[0], "-test.run=^$")
				child.Env = append(os.Environ(), halvesChild+"="+strings.Join([]string{address, name, ws, of}, "|"), "GOMAXPROCS=1")
				said, _ := child.Output()
				seen, _ := os.ReadFile(log)
				killed, done := bytes.Contains(seen, []byte("killed by SIGKILL")), bytes.Contains(said, []byte("done"))
				if !killed && !done {
					t.Fatalf("%s: the child said %q", name, said)
				}
				state := w.stateOf(ws)
				if state != after && (done || state != before) {
					t.Fatalf("%s, killed before %s number %d, leaves\n%s", name, call, n, state)
				}
				if state == after {
					ws, of = w.office()
				}
				if killed {
					points++
				} else {
					lived++
				}
			}
		}
	})
	t.Logf("%d points", points)
	if points < 3*len(changes) {
		t.Errorf("only %d points: the child was not traced", points)
	}
	w.verify()
}

// A member who is removed and still has an assigned amount is something that no change
// leaves behind: verify names them.
func TestVerifyNamesRemovedMembers(t *testing.T) {
	start(t, func(w *world) {
		ws, gone := w.office()
		err := w.server.Store.Update(ctx, func(tx *store.Tx) error {
			m, _, err := tx.Members().ByID(ws, gone)
			m.RemovedAt = w.now.UnixMicro()
			if err == nil {
				err = tx.Members().Update(m)
			}
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
		var differences []string
		if _, err := w.server.Ledger.Verify(ctx, func(d credits.Difference) { differences = append(differences, d.String()) }); err != nil {
			w.Fatal(err)
		}
		if len(differences) != 1 || !strings.Contains(differences[0], gone) {
			w.Errorf("verify says %q of what %s still has", differences, gone)
		}
		err = w.server.Store.Update(ctx, func(tx *store.Tx) error { // as it was, for the check at the end
			m, _, err := tx.Members().ByID(ws, gone)
			m.RemovedAt = 0
			if err == nil {
				err = tx.Members().Update(m)
			}
			return err
		})
		if err != nil {
			w.Fatal(err)
		}
	})
}
