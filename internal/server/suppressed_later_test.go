package server_test

import (
	"context"
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// counted tells whether a workspace's sheet counts a lead: who is on the list is never shown, and is
// counted, searched for and ordered among others until they are hidden.
func (w *world) counted(ws, lead string) (found bool) {
	w.Helper()
	if err := w.server.Store.ViewIn(ctx, ws, func(tx *store.Tx) (err error) {
		_, found, err = tx.Leads().ByID(ws, lead)
		return err
	}); err != nil {
		w.Error(err)
	}
	return found
}

// A suppression that was written and not applied, because the server was stopped in between or a
// write failed, is applied by a server that runs, without another request and without a start
// (rule C12).
func TestSuppressionIsAppliedLater(t *testing.T) {
	if testdb.OnCitus() {
		t.Skip("Citus refuses triggers; TestSuppressWhileANodeIsGone takes its nodes away")
	}
	startAt(t, func(w *world, move func(time.Duration)) {
		recovering, stop := context.WithCancel(ctx)
		defer stop()
		if err := w.server.Directory.Recover(recovering); err != nil {
			w.Fatal(err)
		}
		ws := w.workspace("pro", 1, nil)
		captured := 0
		capture := func(name, email string) (s directory.Suppression, lead, phone string) {
			captured++
			phone = fmt.Sprintf("+4420794604%02d", captured)
			w.load("text/csv", fmt.Sprintf("full_name,company,email,work_phones\n%s,Mco,%s,%s\n", name, email, phone))
			out := w.post(w.operator, client.In(ws, "captures"), is{"person": is{"full_name": name, "company": "Mco"}, "fields": []string{"work_phone"}}, 200)
			w.same("the lead before", w.counted(ws, out["lead"].(string)), true)
			return directory.Suppression{Person: out["person"].(is)["id"].(string)}, out["lead"].(string), phone
		}
		begin := func(s directory.Suppression) { // and is killed
			if err := w.server.Store.Update(ctx, func(tx *store.Tx) error { return w.server.Directory.Suppress(tx, s) }); err != nil {
				w.Fatal(err)
			}
		}
		gone := func(lead string) func() bool { return func() bool { return !w.counted(ws, lead) } }
		later := func(what string, good func() bool) {
			move(11 * time.Second)
			began := time.Now()
			w.poll(good)
			w.Logf("%s: applied after %v", what, time.Since(began).Round(time.Millisecond))
			w.poll(func() bool {
				var left []store.Suppression
				if err := w.server.Store.View(ctx, func(tx *store.Tx) (err error) {
					left, err = tx.Suppressions().Unapplied(w.server.Config.Clock().Add(time.Hour).UnixMicro())
					return err
				}); err != nil {
					w.Fatal(err)
				}
				return len(left) == 0
			})
		}

		who, lead, _ := capture("Ann Lee", "ann@mco.example")
		begin(who)
		later("killed", gone(lead))

		who, lead, _ = capture("Bea Moss", "bea@mco.example")
		allow := refuser{w.T, w.server.Config.Database}.refuse("hidden_people")
		w.post(w.operator, "/v1/directory/suppressions", is{"person": who.Person}, 500)
		w.same("the lead meanwhile", w.counted(ws, lead), true)
		allow()
		later("a write failed", gone(lead))

		// An address that is on the list for one name, and now for another's too.
		who, lead, _ = capture("Cy Dorn", "shared@mco.example")
		w.post(w.operator, "/v1/directory/suppressions", is{"email": "shared@mco.example"}, 201)
		w.same("the lead after a suppression", w.counted(ws, lead), false)
		w.call(w.operator, http.MethodDelete, "/v1/directory/people/"+who.Person, nil, 204)
		_, lead, _ = capture("Walt Ives", "shared@mco.example")
		begin(directory.Suppression{Email: "shared@mco.example"})
		later("put there again", gone(lead))

		// A number of two people is taken out of what was delivered.
		_, lead, phone := capture("Dee Ash", "dee@mco.example")
		w.load("text/csv", "full_name,company,email,work_phones\nIan Orr,Mco,ian@mco.example,"+phone+"\n")
		numbers := func() int {
			return len(w.get(w.operator, client.In(ws, "leads", lead))["fields"].(is)["work_phone"].(is)["values"].([]any))
		}
		begin(directory.Suppression{Phone: phone})
		w.same("numbers meanwhile", numbers(), 1)
		later("a number", func() bool { return numbers() == 0 })
	})
}

// What was put on the list again while it was applied is not taken as applied.
func TestSuppressedAgainWhileItIsApplied(t *testing.T) {
	start(t, func(w *world) {
		list := func(do func(s store.Suppressions) error) {
			w.Helper()
			if err := w.server.Store.Update(ctx, func(tx *store.Tx) error { return do(tx.Suppressions()) }); err != nil {
				w.Fatal(err)
			}
		}
		hash := []byte("somebody")
		var first, again store.Suppression
		list(func(s store.Suppressions) (err error) {
			if err = s.Put("person", hash, 1, false); err == nil {
				first, _, err = s.ByHash("person", hash)
			}
			return err
		})
		list(func(s store.Suppressions) error { _, err := s.Drop("person", hash); return err })
		list(func(s store.Suppressions) (err error) {
			if err = s.Put("person", hash, 2, false); err == nil {
				again, _, err = s.ByHash("person", hash)
			}
			return err
		})
		for _, step := range []struct {
			of   store.Suppression
			left bool
		}{{first, true}, {again, false}} {
			list(func(s store.Suppressions) error {
				if err := s.Applied(step.of); err != nil {
					return err
				}
				left, err := s.AnyUnapplied(3)
				w.same(fmt.Sprintf("left after the one of %d was applied", step.of.At), left, step.left)
				return err
			})
		}
	})
}

// Somebody who is suppressed while a node is gone is looked up and charged for no more, and is off
// every sheet soon after the node is back, without another request. Nobody is erased meanwhile.
func TestSuppressWhileANodeIsGone(t *testing.T) {
	w := openApart(t)
	_, stop := w.another(server.Config{Database: w.address}) // what applies suppressions later
	defer stop()
	for n, fault := range []string{"kill", "freeze", "cut"} {
		email := fmt.Sprintf("ann%d@acme.example", n)
		w.imported("full_name,email,work_email,work_email_status\nAnn "+fault+","+email+","+email+",verified\n", "crm")
		ask, lead, person := is{"person": is{"email": email}}, "", ""
		for _, ws := range []string{w.healthy, w.gone} {
			out := w.post(w.operator, client.In(ws, "captures"), ask, 200)
			lead, person = out["lead"].(string), out["person"].(is)["id"].(string)
		}
		w.harm(fault, w.node)
		w.refusedSoon(fault+": erasing", func() (int, string) {
			_, err := w.operator.Do(ctx, http.MethodDelete, "/v1/directory/people/"+person, "", nil, nil)
			if p, is := err.(*client.Problem); is {
				return p.Status, p.Detail
			}
			return 0, fmt.Sprint(err)
		})
		began := time.Now()
		out := w.post(w.operator, "/v1/directory/suppressions", is{"email": email}, 201)
		if took := time.Since(began); took > 2*failsWithin || out["suppressed"] != true || out["applied"] != false {
			t.Errorf("%s: suppressing was answered with %v after %v", fault, out, took)
		}
		w.post(w.operator, client.In(w.healthy, "captures"), ask, 404)
		w.same("the lead meanwhile", w.counted(w.healthy, lead), true)
		w.harm("back", w.node)
		began = time.Now()
		for (w.counted(w.healthy, lead) || w.counted(w.gone, lead)) && time.Since(began) < time.Minute {
			time.Sleep(100 * time.Millisecond) // the other server's work; bounded
		}
		w.same("the lead of the healthy workspace", w.counted(w.healthy, lead), false)
		w.same("the lead of the other one", w.counted(w.gone, lead), false)
		t.Logf("%s: off the sheets %v after the node's return", fault, time.Since(began).Round(time.Millisecond))
	}
}
