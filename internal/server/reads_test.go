package server_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// work is what something did to the database: views, transactions that may write, batches of the
// ledger and, on SQLite, statements.
type work struct{ reads, updates, batches, statements int64 }

func (w *world) workNow() work {
	return work{w.server.Store.Reads(), w.server.Store.Updates(), w.server.Ledger.Commits(), w.server.Store.Statements()}
}

func (a work) minus(b work, times int64) work {
	return work{a.reads - b.reads*times, a.updates - b.updates*times, a.batches - b.batches*times, a.statements - b.statements*times}
}

// took is what fn did.
func (w *world) took(fn func()) work {
	before := w.workNow()
	fn()
	return w.workNow().minus(before, 1)
}

// parts is how many parts the database has: who looks for work reads each.
func (w *world) parts() int64 { return int64(w.server.Store.PartsOf("accounts")) }

// within holds what something took to a bound. Statements are counted on SQLite alone.
func (w *world) within(what string, took, most work) {
	w.Helper()
	w.Logf("%s: %+v", what, took)
	for _, of := range []struct {
		name       string
		took, most int64
	}{{"reads", took.reads, most.reads}, {"transactions", took.updates, most.updates}, {"batches", took.batches, most.batches}, {"statements", took.statements, most.statements}} {
		if of.took > of.most {
			w.Errorf("%s took %d %s, at most %d", what, of.took, of.name, of.most)
		}
	}
}

// A chunk of an import is one transaction, whatever its rows say.
func TestReadsOfAnImportChunk(t *testing.T) {
	start(t, func(w *world) {
		load := func(text string) {
			begun, err := w.server.Directory.Begin(ctx, strings.NewReader(text), "text/csv")
			if err == nil {
				_, err = begun.Run(ctx)
			}
			if err != nil {
				w.Fatal(err)
			}
		}
		load(crowd(3))
		one, more := w.took(func() { load(crowd(1)) }), w.took(func() { load(crowd(60)) })
		w.within("an import of one row", one, work{updates: 4, statements: 25})
		w.within("an import of a chunk of new people", more, work{updates: 4, statements: 175})
	})
}

// A row of a bulk capture reads who may, the person and its receipt, and is one command of the
// ledger; how far the job is is written once a slice.
func TestReadsOfABulkRow(t *testing.T) {
	start(t, func(w *world) {
		const rows = 80 // two slices
		w.load("text/csv", crowd(3*rows))
		ws := w.workspace("enterprise", 1, nil)
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		w.working(func() { w.run(ws, mel, 1) })
		var job work
		w.working(func() { job = w.run(ws, mel, rows) })
		w.within(fmt.Sprint(rows, " bulk rows"), job, work{reads: 5*rows + 20*w.parts(), updates: 12, batches: rows, statements: 33 * rows})
	})
}

// run is what a job of so many people took from its start to its end.
func (w *world) run(ws, member string, n int) work {
	w.Helper()
	var people []is
	for i := range n {
		people = append(people, is{"linkedin_url": fmt.Sprintf("linkedin.com/in/crowd-%d", 3*i)}) // each has a direct dial
	}
	id := w.post(w.operator, client.In(ws, "bulk-captures"), is{"member": member, "people": people, "fields": []string{"work_phone"}, "confirm_above": 0}, 202)["id"].(string)
	status := func() (status string) {
		if err := w.server.Store.View(ctx, func(tx *store.Tx) error {
			j, _, err := tx.BulkJobs().ByID(ws, id)
			status = j.Status
			return err
		}); err != nil {
			w.Fatal(err)
		}
		return status
	}
	look := w.took(func() { status() })
	looks, began := int64(0), w.workNow()
	w.post(w.operator, client.In(ws, "bulk-captures", id, "resume"), is{}, 200)
	for end := time.Now().Add(time.Minute); status() != "done"; looks++ {
		if time.Now().After(end) {
			w.Fatalf("the job is %s", status())
		}
		time.Sleep(5 * time.Millisecond) // between two looks at what another goroutine does
	}
	return w.workNow().minus(began, 1).minus(look, looks+1)
}

// An entry becomes a delivery in one transaction, and the delivery is claimed and its outcome
// written in one each.
func TestReadsOfAWebhook(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		e := listen(t)
		id, _ := w.hook(ws, e.URL, "capture.settled", "charge.created")
		w.charge(w.operator, ws, "standard", 1, 200)
		if err := w.server.Webhooks.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		w.charge(w.operator, ws, "standard", 1, 200)
		derived := w.took(func() {
			if err := w.server.Webhooks.CatchUp(ctx); err != nil {
				t.Fatal(err)
			}
		})
		w.within("what follows from an entry", derived, work{reads: w.parts(), updates: 1, statements: 14})

		sent := func() bool {
			list := w.effects(ws, id)
			return len(list) == 2 && list[0].Status == store.EffectSent && list[1].Status == store.EffectSent
		}
		look := w.took(func() { sent() })
		looks, began := int64(0), w.workNow()
		run, stop := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.server.Outbox.Work(run)
		}()
		w.poll(func() bool { looks++; return sent() })
		stop()
		<-done
		w.within("two deliveries", w.workNow().minus(began, 1).minus(look, looks), work{reads: 8 * w.parts(), updates: 4, statements: 40})
	})
}
