// Package bulk captures many people, one after the other, while nobody waits: a
// job that shows what it may cost before it begins, how far it is, stops when it
// is told to, and continues after a restart where it was.
//
// Every row is a capture under a key of its own, so a row that was paid for when
// the server died is not paid for again. A job that runs out of credits is
// paused, and continues after a refill only if it was told so.
package bulk

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
)

// MaxRows bounds the people of one job.
const MaxRows = 10_000

// Statuses of a job.
const (
	Waiting   = "waiting" // for somebody to confirm what it may cost
	Running   = "running"
	Paused    = "paused" // for lack of credits, at its cap, or because its member may not spend
	Cancelled = "cancelled"
	Done      = "done"
)

// Statuses of a row.
const (
	RowWaiting  = "waiting"
	RowCaptured = "captured" // its outcome says the outcome of each field
	RowNobody   = "nobody"   // nobody matches; nothing was charged
	RowFailed   = "failed"   // the message says why; nothing was charged
)

// Bulk is the bulk captures of a server.
type Bulk struct {
	Store    *store.Store
	Captures *capture.Service
	Accounts *account.Accounts
	// Clock is the machine's, for leases.
	Clock func() time.Time
	// Lease is how long after a server died another one takes its jobs up.
	Lease time.Duration

	owner string
	wake  chan struct{}
	mu    sync.Mutex
	runs  map[string]*run
}

// New makes the bulk captures of a server.
func New(st *store.Store, captures *capture.Service, accounts *account.Accounts, clock func() time.Time) *Bulk {
	return &Bulk{Store: st, Captures: captures, Accounts: accounts, Clock: clock, Lease: usualLease, owner: ident.New("run"), wake: make(chan struct{}, 1), runs: map[string]*run{}}
}

// Ask is a job to be begun.
type Ask struct {
	Member string // who spends; checked against who asks
	People []Person
	Fields []lead.Field // none: as a capture that names none
	List   string
	// Cap bounds what the job may charge, per credit type; a type that is not named
	// has no bound.
	Cap map[string]credits.Amount
	// ConfirmAbove is from what most on, in any credit type, a job waits to be
	// confirmed; Confirmed says that it was.
	ConfirmAbove credits.Amount
	Confirmed    bool
	// GoesOn lets a job that ran out of credits continue by itself after the refill.
	GoesOn bool
	// File is the upload that the people were read from; empty: none.
	File        string
	Key         string
	Fingerprint []byte
}

// Person is one row: whom it means, or why it means nobody.
type Person struct {
	Reference lead.Reference
	Problem   string

	kept   store.BulkRow // an earlier estimate's row, of which somebody was chosen
	looked bool          // an earlier estimate looked them up
}

// Job is a bulk capture as it is now.
type Job struct {
	ID, Member, Status, Message string
	Fields                      []lead.Field
	List                        string
	Rows, Done                  int64
	Estimate                    map[string]capture.Estimate
	Cap, Charged                map[string]credits.Amount
	Counts                      map[string]int64 // outcomes of fields, and rows by status
	Found                       map[string]int64 // rows by what the estimate found of them
	File                        string           // the upload that it was read from; empty: none
	GoesOn                      bool
	GoesOnAt                    time.Time // zero: not known
	CreatedAt, UpdatedAt        time.Time
}

// nudge lets the worker look for jobs at once.
func (b *Bulk) nudge() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func jobOf(j store.BulkJob) (Job, error) {
	out := Job{
		ID: j.ID, Member: j.Member, Status: j.Status, Message: j.Message, List: j.List, Rows: j.Rows, Done: j.Done, GoesOn: j.GoesOn, File: j.File,
		CreatedAt: time.UnixMicro(j.CreatedAt).UTC(), UpdatedAt: time.UnixMicro(j.UpdatedAt).UTC(),
	}
	if j.GoesOnAt != 0 {
		out.GoesOnAt = time.UnixMicro(j.GoesOnAt).UTC()
	}
	for _, m := range []struct {
		from string
		into any
	}{{j.Fields, &out.Fields}, {j.Cap, &out.Cap}, {j.Estimate, &out.Estimate}, {j.Counts, &out.Counts}, {j.Charged, &out.Charged}, {j.Found, &out.Found}} {
		if err := json.Unmarshal([]byte(m.from), m.into); err != nil {
			return out, fmt.Errorf("bulk: job %s: %w", j.ID, err)
		}
	}
	return out, nil
}

func nobody() error { return fault.New(fault.NotFound, "There is no such bulk capture.") }

// read reads a job whose spender the principal may see.
func (b *Bulk) read(ctx context.Context, s *account.Scope, id string) (j store.BulkJob, err error) {
	sight, err := b.Accounts.Visible(ctx, s)
	if err != nil {
		return j, err
	}
	err = b.Store.View(ctx, func(tx *store.Tx) error {
		found := false
		if j, found, err = tx.BulkJobs().ByID(s.Workspace.ID, id); err == nil && (!found || !sight.Sees(j.Member) || expired(s, j)) {
			err = nobody()
		}
		return err
	})
	return j, err
}

// Job reads a job.
func (b *Bulk) Job(ctx context.Context, s *account.Scope, id string) (Job, error) {
	j, err := b.read(ctx, s, id)
	if err != nil {
		return Job{}, err
	}
	list, err := b.show(ctx, s, j)
	if err != nil {
		return Job{}, err
	}
	return list[0], nil
}

// Jobs lists a page of the jobs whose spender the principal may see before an id,
// newest first.
func (b *Bulk) Jobs(ctx context.Context, s *account.Scope, before string, limit int) ([]Job, error) {
	sight, err := b.Accounts.Visible(ctx, s)
	if err != nil {
		return nil, err
	}
	var rows []store.BulkJob
	err = b.Store.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.BulkJobs().Of(s.Workspace.ID, sight, before, unstarted(s), limit)
		return err
	})
	if err != nil {
		return nil, err
	}
	return b.show(ctx, s, rows...)
}

// show makes jobs of rows. None waits for a refill that does not come any more, since the
// subscription was cancelled.
func (b *Bulk) show(ctx context.Context, s *account.Scope, rows ...store.BulkJob) ([]Job, error) {
	list, waits := make([]Job, 0, len(rows)), false
	for _, r := range rows {
		j, err := jobOf(r)
		if err != nil {
			return nil, err
		}
		if r.Status == Waiting {
			if j, err = b.withoutHidden(ctx, s, r, j); err != nil {
				return nil, err
			}
		}
		list, waits = append(list, j), waits || !j.GoesOnAt.IsZero()
	}
	if !waits {
		return list, nil
	}
	view, err := b.Captures.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, account.FromRefusal(err)
	}
	if view.Refill().At == nil {
		for n := range list {
			list[n].GoesOnAt = time.Time{}
		}
	}
	return list, nil
}

// may admits those who manage the workspace, and the job's own member.
func may(s *account.Scope, j store.BulkJob) error {
	if err := s.May(account.CaptureMany); err != nil {
		return err
	}
	if !s.Manages() && (j.Member == "" || j.Member != s.Member) {
		return fault.New(fault.NotAllowed, "Only who began a bulk capture and an admin may start or stop it.")
	}
	return nil
}

// Order is a change of a job's status, once for a key.
type Order struct {
	Key         string
	Fingerprint []byte
	// Cap replaces the job's; nil: it stays.
	Cap map[string]credits.Amount
}

// Go starts a job that waits to be confirmed, or one that is paused.
func (b *Bulk) Go(ctx context.Context, s *account.Scope, id string, o Order) (Job, error) {
	return b.move(ctx, s, id, o, Running, Waiting, Paused)
}

// Cancel stops a job before its next row. What is under way is finished first, so
// that nothing is charged after Cancel returns.
func (b *Bulk) Cancel(ctx context.Context, s *account.Scope, id string, o Order) (Job, error) {
	j, err := b.move(ctx, s, id, o, Cancelled, Waiting, Running, Paused)
	if err != nil {
		return j, err
	}
	if err := b.ended(ctx, s, id); err != nil {
		return j, err
	}
	return b.Job(ctx, s, id)
}

func (b *Bulk) move(ctx context.Context, s *account.Scope, id string, o Order, to string, from ...string) (Job, error) {
	j, err := b.read(ctx, s, id)
	if err != nil {
		return Job{}, err
	}
	if err := may(s, j); err != nil {
		return Job{}, err
	}
	was := j.Status
	if was == to {
		return jobOf(j)
	}
	if !slices.Contains(from, was) {
		return Job{}, fault.New(fault.Conflict, "The bulk capture is %s.", was)
	}
	j.Status, j.Message, j.GoesOnAt, j.UpdatedAt = to, "", 0, s.Now.UnixMicro()
	if to == Running {
		j.MadeBy = s.Authority() // who lets it continue answers for it
	}
	if was == Paused {
		j.Attempt++ // what was refused under a key stays refused under it
	}
	if o.Cap != nil {
		text, err := json.Marshal(o.Cap)
		if err != nil {
			return Job{}, err
		}
		j.Cap = string(text)
	}
	_, replayed, err := b.Store.Once(ctx, s.Workspace.ID, o.Key, o.Fingerprint, s.Now.UnixMicro(), func(tx *store.Tx) ([]byte, error) {
		moved, err := tx.BulkJobs().Move(j, was)
		if err == nil && !moved {
			err = fault.New(fault.Conflict, "The bulk capture changed meanwhile; look again.")
		}
		if err == nil && to == Cancelled {
			err = b.tell(tx, j)
		}
		if err == nil && j.File != "" && was == Waiting { // it was read
			err = tx.BulkJobs().DropFile(j.Workspace, j.File)
		}
		return []byte(id), err
	})
	if err != nil {
		return Job{}, err
	}
	if replayed {
		return b.Job(ctx, s, id)
	}
	b.nudge()
	return jobOf(j)
}

// tell notes that a job is over, as far as it came.
func (b *Bulk) tell(tx *store.Tx, j store.BulkJob) error {
	data := map[string]any{"bulk_capture": j.ID, "member": j.Member, "status": j.Status, "rows": j.Rows, "done": j.Done, "charged": json.RawMessage(j.Charged), "counts": json.RawMessage(j.Counts)}
	return outbox.Event(tx, j.Workspace, "bulk.finished", time.UnixMicro(j.UpdatedAt), b.Clock(), data)
}

// ended waits until no server works on a job any more.
func (b *Bulk) ended(ctx context.Context, s *account.Scope, id string) error {
	b.mu.Lock()
	r := b.runs[s.Workspace.ID+"/"+id]
	b.mu.Unlock()
	if r != nil {
		r.stop()
		select {
		case <-r.done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	again := time.NewTicker(100 * time.Millisecond)
	defer again.Stop()
	for {
		j, err := b.read(ctx, s, id)
		if err != nil || j.LeaseUntil <= b.Clock().UnixMicro() {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// key is the idempotency key of a row: another one after each pause.
func key(j store.BulkJob, row int64) string { return fmt.Sprintf("%s:%d:%d", j.ID, row, j.Attempt) }

func fingerprint(key string) []byte {
	sum := sha256.Sum256([]byte("bulk\x00" + key))
	return sum[:16]
}
