package server_test

import (
	"context"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// A bulk capture or a push that a killed server left half made is nobody's: it is in no
// list, does not run, and is dropped by itself with its rows.
func TestHalfMadeJobsAreDropped(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		past := time.Now().Add(-time.Hour).UnixMicro()
		job := store.BulkJob{Workspace: ws, ID: "bulk_half", Status: store.BulkPreparing, Fields: "null", Cap: "null", Estimate: "{}", Counts: "{}", Charged: "{}", Rows: 9, Attempt: 1, LeaseUntil: past}
		err := w.server.Store.Update(ctx, func(tx *store.Tx) error {
			if err := tx.BulkJobs().Insert(job); err != nil {
				return err
			}
			if _, err := tx.BulkJobs().AddRows(ws, job.ID, []store.BulkRow{{Workspace: ws, Job: job.ID, No: 1, Status: bulk.RowWaiting, Reference: `{"email":"ada@example.com"}`}}, past); err != nil {
				return err
			}
			p := store.Push{Workspace: ws, ID: "push_half", Kind: "hubspot", Total: 9, PreparingUntil: past}
			if err := tx.Pushes().Insert(p); err != nil {
				return err
			}
			return tx.Pushes().AddRows(p, []store.PushRow{{No: 1, Lead: "lead_1"}})
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, list := range []string{"bulk-captures", "pushes"} {
			w.same(list, len(w.get(w.operator, client.In(ws, list))["data"].([]any)), 0)
		}
		w.call(w.operator, "GET", client.In(ws, "bulk-captures", job.ID), nil, 404)
		w.post(w.operator, client.In(ws, "bulk-captures", job.ID)+"/resume", nil, 404)
		w.call(w.operator, "GET", client.In(ws, "pushes", "push_half"), nil, 404)
		if err := w.server.Pushes.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.working(func() {
			w.poll(func() bool {
				rows, pushed := 0, 0
				err := w.server.Store.View(ctx, func(tx *store.Tx) error {
					list, err := tx.BulkJobs().Rows(ws, job.ID, store.BulkFilter{}, 0, 10)
					if err != nil {
						return err
					}
					sent, err := tx.Pushes().Rows(ws, "push_half", 0, 10)
					rows, pushed = len(list), len(sent)
					return err
				})
				return err == nil && rows+pushed == 0
			})
		})
		w.same("used", w.credit(ws, "standard")["used"], 0)
	})
}

// A begun job is all or nothing for its key: stopped at any moment, it leaves nothing,
// and the same request afterwards makes it once.
func TestBeginningABulkCaptureIsAllOrNothing(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		s, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, ws)
		if err != nil {
			t.Fatal(err)
		}
		ask := bulk.Ask{Key: "k1", Fingerprint: []byte("same"), ConfirmAbove: -1}
		for n := range 2000 {
			ask.People = append(ask.People, bulk.Person{Reference: lead.Reference{FullName: "Person " + string(rune('a'+n%26)), Company: client.NewKey()}})
		}
		stopped := 0
		for after := 2 * time.Millisecond; ; after *= 2 {
			some, cancel := context.WithTimeout(ctx, after)
			_, err := w.server.Bulk.Begin(some, s, ask)
			cancel()
			if err == nil {
				break
			}
			stopped++
			w.same("jobs after it was stopped", len(w.get(w.operator, client.In(ws, "bulk-captures"))["data"].([]any)), 0)
		}
		if stopped < 2 {
			t.Errorf("it was stopped %d times only", stopped)
		}
		again, err := w.server.Bulk.Begin(ctx, s, ask)
		if err != nil || again.Rows != 2000 {
			t.Errorf("again: %v, %v", again.Rows, err)
		}
		w.same("jobs in the end", len(w.get(w.operator, client.In(ws, "bulk-captures"))["data"].([]any)), 1)
	})
}
