package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// tries is how often a row is tried that the server is too busy for.
const tries = 5

// capture captures one row, as a scope that was entered for it or nil. Why is what pauses the
// job; again says that nothing became of the row yet.
func (r *run) capture(ctx context.Context, row store.BulkRow, s *account.Scope) (e ended, why error, again bool) {
	var ref lead.Reference
	if err := json.Unmarshal([]byte(row.Reference), &ref); err != nil {
		return r.failed(row, RowFailed, "The row cannot be read."), nil, false
	}
	ref = meant(row, ref)
	var err error
	if s == nil {
		s, err = r.b.scope(ctx, r.job)
	}
	if fault.Is(err, fault.NotFound) {
		return e, fault.New(fault.NotAllowed, "The member whom this captures for is not in the workspace any more."), true
	}
	if fault.Is(err, fault.NotAllowed) {
		return e, err, true
	}
	if err != nil {
		return e, nil, true
	}
	k := key(r.job, row.No)
	ask := capture.Ask{
		Member: r.job.Member, Person: ref, Fields: r.state.Fields, Mode: capture.ModeCapture, List: r.job.List,
		Channel: "bulk", Key: k, OwnKey: true, Fingerprint: fingerprint(k),
	}
	answer, err := r.b.Captures.Capture(ctx, s, ask)
	for try := 0; fault.Is(err, fault.Overloaded) && try < tries && r.may(ctx); try++ {
		time.Sleep(100 * time.Millisecond << try)
		answer, err = r.b.Captures.Capture(ctx, s, ask)
	}
	switch {
	case err == nil:
		return r.captured(row, answer)
	case fault.Is(err, fault.NotFound):
		return r.failed(row, RowNobody, message(err)), nil, false
	case fault.Is(err, fault.Insufficient), fault.Is(err, fault.Cancelled), fault.Is(err, fault.NotAllowed), fault.Is(err, fault.FairUse):
		return e, err, true
	case fault.Is(err, fault.Overloaded):
		return e, nil, true
	}
	return r.failed(row, RowFailed, message(err)), nil, false
}

func message(err error) string {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind != fault.Internal {
		return f.Message
	}
	return "Something failed on the server."
}

func (r *run) failed(row store.BulkRow, status, why string) ended {
	row.Status, row.Message = status, why
	return ended{row: row, counts: map[string]int64{status: 1}}
}

// captured notes an answer. Where a field could not be paid for, the job pauses
// and the row stays waiting: what it was charged for is its workspace's own then.
func (r *run) captured(row store.BulkRow, a *capture.Answer) (ended, error, bool) {
	e := ended{row: row, counts: map[string]int64{}, charged: a.Charged}
	outcome := map[string]string{}
	var why error
	for _, f := range a.Fields {
		outcome[f.Field] = string(f.Outcome)
		if f.Outcome == credits.InsufficientCredits {
			why = fault.New(fault.Insufficient, "The credits ran out: row %d could be paid for in part only.", row.No)
		}
	}
	text, err := json.Marshal(outcome)
	if err != nil {
		return e, err, true
	}
	e.row.Person, e.row.Lead, e.row.Outcome = a.Person.ID, a.Lead, string(text)
	if why == nil {
		e.row.Status = RowCaptured
		e.counts[RowCaptured] = 1
		for _, o := range outcome {
			e.counts[o]++
		}
	}
	return e, why, false
}

// within holds the job's cap: a row begins only when all that it may cost is left. The scope is
// the row's.
func (r *run) within(ctx context.Context, row store.BulkRow, sofar []ended, pause *string) (s *account.Scope, begins bool) {
	s, err := r.b.scope(ctx, r.job)
	if err != nil {
		return nil, false
	}
	var ref lead.Reference
	if json.Unmarshal([]byte(row.Reference), &ref) != nil {
		return s, true // the row fails by itself
	}
	most, err := r.b.Captures.AtMost(ctx, s, r.job.Member, meant(row, ref), r.state.Fields)
	if err != nil {
		return nil, false
	}
	for credit, limit := range r.state.Cap {
		spent := r.state.Charged[credit]
		for _, e := range sofar {
			spent += e.charged[credit]
		}
		if spent+most[credit] > limit {
			*pause = Paused
			r.because(fault.New(fault.Insufficient, "The cap of %s %s is reached: another row may cost more than is left of it.", limit, credit))
			return nil, false
		}
	}
	return s, true
}
