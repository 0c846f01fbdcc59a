package bulk

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"maps"
	"sync"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/job"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// jobsAtOnce and rowsAtOnce bound what one server works on.
	jobsAtOnce = 4
	rowsAtOnce = 8
	// perWorkspace is how many of them are of one workspace: who begins many holds up
	// nobody else.
	perWorkspace = 2
	// chunk is how many rows end in one transaction.
	chunk = 40
	// usualLease is how long a server has a job to itself without saying so again.
	usualLease = 30 * time.Second
	// looked is how often jobs are looked for that nobody announced.
	looked = time.Second
	// kept is how long the rows of an ended job say whom they were about.
	kept = 30 * 24 * time.Hour
)

// Recover takes jobs back from the process that had the database before: right for
// a database that one process owns.
func (b *Bulk) Recover(ctx context.Context) error {
	return b.Store.Update(ctx, func(tx *store.Tx) error { return tx.BulkJobs().Free() })
}

// Work runs jobs until ctx ends; rows that are under way are finished.
func (b *Bulk) Work(ctx context.Context) {
	q := &job.Queue[store.BulkJob]{
		OfWorkspaces: true,
		Name:         "bulk captures", Store: b.Store, Rows: jobs{b}, Clock: b.Clock, Lease: b.Lease,
		Every: looked, Wake: b.wake, AtOnce: jobsAtOnce, PerTarget: perWorkspace,
	}
	var beside sync.WaitGroup
	beside.Go(func() { b.tend(ctx) })
	q.Work(ctx)
	beside.Wait()
}

// jobs are the rows of jobs that run.
type jobs struct{ *Bulk }

func (jobs) Due(tx *store.Tx, now time.Time, without []string, room int) ([]store.BulkJob, error) {
	return tx.BulkJobs().Open(Running, now.UnixMicro(), without, room)
}

func (b jobs) Claim(tx *store.Tx, j store.BulkJob, now, until time.Time) (store.BulkJob, bool, error) {
	mine, err := tx.BulkJobs().Take(j, b.owner, now.UnixMicro(), until.UnixMicro())
	j.Owner, j.LeaseUntil = b.owner, until.UnixMicro()
	return j, mine, err
}

func (jobs) Target(j store.BulkJob) string { return j.Workspace }

func (b jobs) Run(ctx context.Context, j store.BulkJob) { b.run(ctx, j) }

// tend drops jobs whose server was stopped before they were ready, and lets those continue
// whose refill has come, until ctx ends.
func (b *Bulk) tend(ctx context.Context) {
	every := time.NewTicker(looked)
	defer every.Stop()
	for {
		if err := b.tendOnce(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("paused bulk captures could not be looked for", "error", err)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

func (b *Bulk) tendOnce(ctx context.Context) error {
	var paused []store.BulkJob
	err := b.Store.View(ctx, func(tx *store.Tx) (err error) {
		paused, err = tx.BulkJobs().Open(Paused, b.Clock().UnixMicro(), nil, 100)
		return err
	})
	if err == nil {
		err = b.dropHalf(ctx)
	}
	for _, j := range paused {
		if err == nil {
			err = b.goOn(ctx, j)
		}
	}
	return err
}

// goOn lets a paused job run that was told to continue after the refill, once its
// workspace's clock shows that.
func (b *Bulk) goOn(ctx context.Context, j store.BulkJob) error {
	if !j.GoesOn || j.GoesOnAt == 0 {
		return nil
	}
	s, err := b.scope(ctx, j)
	if err != nil || s.Now.UnixMicro() < j.GoesOnAt {
		return nil // who is gone spends nothing
	}
	_, err = b.Go(ctx, s, j.ID, Order{})
	return err
}

// scope admits who began the job, with the rights that they have now, and holds that
// they may still spend as its member. Faults: NotAllowed, NotFound.
func (b *Bulk) scope(ctx context.Context, j store.BulkJob) (*account.Scope, error) {
	s, err := b.Accounts.EnterAs(ctx, j.Workspace, j.MadeBy, account.CaptureMany)
	if err == nil {
		_, err = s.Spend(ctx, b.Accounts, j.Member)
	}
	return s, err
}

// run is one job under way on this server.
type run struct {
	b        *Bulk
	job      store.BulkJob // as it was taken up
	mu       sync.Mutex    // the watcher writes beside the rows
	state    Job           // as it stands
	message  string        // why it pauses, and when a refill lets it continue
	goesOnAt int64
	done     chan struct{}
	hold     *job.Hold
}

func (r *run) stop() { r.hold.Lose() }

// may tells whether another row may begin.
func (r *run) may(ctx context.Context) bool { return ctx.Err() == nil && r.hold.Sure() }

func (b *Bulk) run(ctx context.Context, j store.BulkJob) {
	r := &run{b: b, job: j, done: make(chan struct{}), hold: job.NewHold(b.Lease)}
	var err error
	if r.state, err = jobOf(j); err != nil {
		slog.Error("a bulk capture cannot be read", "job", j.ID, "error", err)
		return
	}
	name := j.Workspace + "/" + j.ID
	r.hold.Keep(ctx, r.renew)
	b.mu.Lock()
	b.runs[name] = r
	b.mu.Unlock()
	if err := r.rows(ctx); err != nil && ctx.Err() == nil {
		slog.Warn("a bulk capture was interrupted; it continues later", "job", j.ID, "error", err)
	}
	r.hold.End()
	if err := b.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error { return tx.BulkJobs().Leave(r.job) }); err != nil {
		slog.Warn("a bulk capture was not given back; its lease will end", "job", j.ID, "error", err)
	}
	b.mu.Lock()
	delete(b.runs, name)
	b.mu.Unlock()
	close(r.done)
}

// renew writes the lease, unless the job was stopped.
func (r *run) renew(ctx context.Context) (mine bool, err error) {
	var status string
	err = r.b.Store.View(ctx, func(tx *store.Tx) error {
		j, _, err := tx.BulkJobs().ByID(r.job.Workspace, r.job.ID)
		status = j.Status
		return err
	})
	if err != nil || status != Running {
		return false, err
	}
	err = r.advance(ctx, nil, "")
	return err == nil, err
}

// rows captures every waiting row, a chunk at a time.
func (r *run) rows(ctx context.Context) error {
	last := int64(0)
	for r.may(ctx) {
		var rows []store.BulkRow
		err := r.b.Store.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.BulkJobs().Rows(r.job.Workspace, r.job.ID, store.BulkFilter{Status: RowWaiting}, last, chunk)
			return err
		})
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			return r.advance(ctx, nil, Done)
		}
		ended, pause := r.chunk(ctx, rows)
		if err := r.advance(context.WithoutCancel(ctx), ended, pause); err != nil || pause != "" {
			return err
		}
		last = rows[len(rows)-1].No
		if len(ended) < len(rows) { // some are to be tried again
			last = 0
			select {
			case <-time.After(looked):
			case <-ctx.Done():
			}
		}
	}
	return nil
}

// ended is the outcome of a row. One that is to be tried again is not among them;
// one that was partly paid for stays waiting.
type ended struct {
	row     store.BulkRow
	counts  map[string]int64
	charged map[string]credits.Amount
}

// chunk captures rows, several at once; one at a time where a cap must hold.
// Pause is Paused when the job cannot continue.
func (r *run) chunk(ctx context.Context, rows []store.BulkRow) (all []ended, pause string) {
	width := rowsAtOnce
	if len(r.state.Cap) > 0 {
		width = 1
	}
	var mu sync.Mutex
	var wg sync.WaitGroup
	slots := make(chan struct{}, width)
	for _, row := range rows {
		slots <- struct{}{}
		mu.Lock()
		var s *account.Scope // where the cap was asked about already
		begins := pause == "" && r.may(ctx)
		if begins && len(r.state.Cap) > 0 {
			s, begins = r.within(ctx, row, all, &pause)
		}
		mu.Unlock()
		if !begins {
			<-slots
			break
		}
		wg.Go(func() {
			defer func() { <-slots }()
			e, why, again := r.capture(context.WithoutCancel(ctx), row, s)
			mu.Lock()
			defer mu.Unlock()
			if why != nil && pause == "" {
				pause = Paused
				r.because(why)
			}
			if !again {
				all = append(all, e)
			}
		})
	}
	wg.Wait()
	return all, pause
}

// because notes why the job is paused, and when a refill would let it continue.
func (r *run) because(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var f *fault.Error
	r.message, r.goesOnAt = "Something failed on the server.", 0
	if errors.As(err, &f) {
		r.message = f.Message
	}
	var refusal *credits.Refusal
	if errors.As(err, &refusal) && refusal.RefillsAt != nil {
		r.goesOnAt = refusal.RefillsAt.UnixMicro()
	}
	var frees capture.FreesAt
	if errors.As(err, &frees) {
		r.goesOnAt = time.Time(frees).UnixMicro()
	}
}

// advance writes the outcome of rows, how far the job is and, where it changes,
// its status, in one transaction.
func (r *run) advance(ctx context.Context, all []ended, status string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	j, state := r.job, r.state
	j.Done = state.Done
	counts, charged := maps.Clone(state.Counts), maps.Clone(state.Charged)
	for _, e := range all {
		for name, n := range e.counts {
			counts[name] += n
		}
		for credit, amount := range e.charged {
			charged[credit] += amount
		}
		if e.row.Status != RowWaiting {
			j.Done++
		}
	}
	now := r.b.Clock()
	j.LeaseUntil, j.UpdatedAt = now.Add(r.b.Lease).UnixMicro(), now.UnixMicro()
	for _, m := range []struct {
		into *string
		from any
	}{{&j.Counts, counts}, {&j.Charged, charged}} {
		text, err := json.Marshal(m.from)
		if err != nil {
			return err
		}
		*m.into = string(text)
	}
	err := r.b.Store.Update(ctx, func(tx *store.Tx) error {
		mine, err := tx.BulkJobs().Advance(j)
		if err != nil {
			return err
		}
		if !mine {
			return errNotMine
		}
		for _, e := range all {
			if e.row.Status == RowWaiting {
				continue
			}
			if _, err := tx.BulkJobs().EndRow(e.row); err != nil {
				return err
			}
		}
		if status == "" {
			return nil
		}
		if j.Status = status; status == Paused {
			j.Message, j.GoesOnAt = r.message, r.goesOnAt
		}
		moved, err := tx.BulkJobs().Move(j, Running) // one that was cancelled stays so
		if err == nil && moved && status == Done {
			err = r.b.tell(tx, j)
		}
		return err
	})
	if err != nil {
		r.stop()
		return err
	}
	if len(all) > 0 { // the watcher only renews
		r.state.Done, r.state.Counts, r.state.Charged = j.Done, counts, charged
	}
	r.hold.Renewed()
	return nil
}

var errNotMine = errors.New("bulk: another server has the job")
