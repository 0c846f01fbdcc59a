package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// slice is how many rows are written or dropped in one transaction: a few milliseconds
// of SQLite's one writer, beside charges.
const slice = 25

// Begin estimates a job and begins it, or lets it wait to be confirmed. The job is made
// ready in slices, which nobody sees, and becomes one in the transaction that keeps its
// receipt: what was stopped in between is dropped.
func (b *Bulk) Begin(ctx context.Context, s *account.Scope, ask Ask) (Job, error) {
	member, err := s.Spend(ctx, b.Accounts, ask.Member)
	if err != nil {
		return Job{}, err
	}
	if n := len(ask.People); n == 0 || n > MaxRows {
		return Job{}, fault.Wrong("people", "must be 1 to %d; split what is more", MaxRows)
	}
	if err := fault.Length("list", ask.List, 0, 100); err != nil {
		return Job{}, err
	}
	first, replayed, err := b.Store.Answered(ctx, s.Workspace.ID, ask.Key, ask.Fingerprint)
	if err != nil {
		return Job{}, err
	}
	if replayed {
		return b.again(ctx, s, string(first))
	}
	id := ident.New("bulk")
	rows, refs, looked, err := rowsOf(s.Workspace.ID, id, ask.People)
	if err != nil {
		return Job{}, err
	}
	a, err := b.Captures.Appraise(ctx, s, member, refs, ask.Fields, capture.Lookups{Made: looked})
	if err != nil {
		return Job{}, err
	}
	if err := known(ask.Cap, a.Estimate); err != nil {
		return Job{}, err
	}
	found, err := note(rows, a)
	if err != nil {
		return Job{}, err
	}
	j, err := newJob(s, id, member, ask, a.Estimate, found, int64(len(rows)), int64(len(rows)-len(refs)))
	if err != nil {
		return Job{}, err
	}
	j.Owner = b.owner
	if err := b.prepare(ctx, j, rows); err != nil {
		return Job{}, err
	}
	first, replayed, err = b.Store.Once(ctx, s.Workspace.ID, ask.Key, ask.Fingerprint, s.Now.UnixMicro(), func(tx *store.Tx) ([]byte, error) {
		moved, err := tx.BulkJobs().Move(j, store.BulkPreparing)
		if err == nil && !moved {
			err = lost()
		}
		if err == nil {
			err = tx.BulkJobs().Leave(j)
		}
		return []byte(id), err
	})
	if err != nil || replayed { // the same request came twice in one instant
		err = errors.Join(err, b.drop(context.WithoutCancel(ctx), j))
	}
	if err != nil {
		return Job{}, err
	}
	if replayed {
		return b.again(ctx, s, string(first))
	}
	b.nudge()
	return jobOf(j)
}

// again is the job of a request that is repeated.
func (b *Bulk) again(ctx context.Context, s *account.Scope, id string) (Job, error) {
	j, err := b.Job(ctx, s, id)
	if fault.Is(err, fault.NotFound) {
		err = fault.New(fault.NotFound, "The estimate that this request made was not started within a day and is gone. Send the request with another Idempotency-Key for a new one.")
	}
	return j, err
}

// rowsOf are the rows of people, and of those who can be looked up whom they mean, and whether an
// earlier estimate looked them up.
func rowsOf(ws, id string, people []Person) (rows []store.BulkRow, refs []lead.Reference, looked []bool, err error) {
	rows = make([]store.BulkRow, len(people))
	for n, p := range people {
		text, err := json.Marshal(p.Reference)
		if err != nil {
			return nil, nil, nil, err
		}
		rows[n] = store.BulkRow{Workspace: ws, Job: id, No: int64(n + 1), Status: RowWaiting, Reference: string(text), Person: p.kept.Person, Found: p.kept.Found, People: p.kept.People}
		if p.Problem == "" {
			p.Problem = problem(p.Reference)
		}
		if rows[n].Message = p.Problem; p.Problem != "" {
			rows[n].Status = RowFailed
		} else {
			refs, looked = append(refs, meant(rows[n], p.Reference)), append(looked, p.looked)
		}
	}
	return rows, refs, looked, nil
}

func newJob(s *account.Scope, id, member string, ask Ask, estimate map[string]capture.Estimate, found map[string]int64, rows, failed int64) (store.BulkJob, error) {
	j := store.BulkJob{
		Workspace: s.Workspace.ID, ID: id, File: ask.File, Member: member, MadeBy: s.Authority(), Status: Running, List: ask.List, Rows: rows, Done: failed, Attempt: 1,
		GoesOn: ask.GoesOn, CreatedAt: s.Now.UnixMicro(), UpdatedAt: s.Now.UnixMicro(),
	}
	if !ask.Confirmed && above(estimate, ask.ConfirmAbove) {
		j.Status = Waiting
	}
	counts := map[string]int64{}
	if failed > 0 {
		counts[RowFailed] = failed
	}
	for _, m := range []struct {
		into *string
		from any
	}{{&j.Fields, ask.Fields}, {&j.Cap, ask.Cap}, {&j.Estimate, estimate}, {&j.Counts, counts}, {&j.Charged, map[string]credits.Amount{}}, {&j.Found, found}} {
		text, err := json.Marshal(m.from)
		if err != nil {
			return j, err
		}
		*m.into = string(text)
	}
	return j, nil
}

// prepare writes a job that nobody sees yet, with its rows.
func (b *Bulk) prepare(ctx context.Context, j store.BulkJob, rows []store.BulkRow) error {
	until := func() int64 { return b.Clock().Add(b.Lease).UnixMicro() }
	j.Status, j.LeaseUntil = store.BulkPreparing, until()
	err := b.Store.Update(ctx, func(tx *store.Tx) error { return tx.BulkJobs().Insert(j) })
	turns := b.Captures.Turns()
	for part := range slices.Chunk(rows, slice) {
		if err != nil {
			break
		}
		err = b.Store.Update(ctx, func(tx *store.Tx) error {
			there, err := tx.BulkJobs().AddRows(j.Workspace, j.ID, part, until())
			if err == nil && !there {
				err = lost()
			}
			return err
		})
		if err == nil {
			err = turns.Rest(ctx)
		}
	}
	if err != nil {
		err = errors.Join(err, b.drop(context.WithoutCancel(ctx), j))
	}
	return err
}

func lost() error {
	return fault.New(fault.Overloaded, "The server was too slow to make the bulk capture ready. Nothing was begun; send it again.")
}

// drop takes away a job that did not become one. Should this fail, the next round does.
func (b *Bulk) drop(ctx context.Context, j store.BulkJob) error {
	for more := true; more; {
		err := b.Store.Update(ctx, func(tx *store.Tx) (err error) {
			more, err = tx.BulkJobs().DropRows(j.Workspace, j.ID, slice)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// problem is why a reference cannot be looked up; empty: it can.
func problem(r lead.Reference) string {
	for _, p := range r.Validate() {
		return fmt.Sprintf("%s %s", p.Field, p.Message)
	}
	return ""
}

// known holds that a cap names credit types that the workspace has.
func known(limit map[string]credits.Amount, estimate map[string]capture.Estimate) error {
	for credit, amount := range limit {
		if _, ok := estimate[credit]; !ok || amount < 0 {
			return fault.Wrong("cap."+credit, "must be an amount of 0 or more, of one of %v", slices.Sorted(maps.Keys(estimate)))
		}
	}
	return nil
}

func above(estimate map[string]capture.Estimate, limit credits.Amount) bool {
	for _, e := range estimate {
		if e.Max > limit {
			return true
		}
	}
	return false
}
