package directory

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/find"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// maxProblemsKept is how many problems of one import are kept to be shown; all are
// counted.
const maxProblemsKept = 1000

// The states of an import. A draft is a file that waits for its mapping.
const (
	Draft   = "draft"
	Running = "running"
	Done    = "done"
	Failed  = "failed"
)

// Import is an import of one file while it runs. It is for one goroutine.
type Import struct {
	directory   *Directory
	state       store.Import
	reader      *contactfile.Reader
	pace        pace
	checkpoints checkpoints

	lines sharedLines

	understood contactfile.Understood
	encoding   string // as it was guessed
	guess      bool   // whether it was
	reported   bool   // and that was reported
}

// plan is how a file is to be read, as it is kept with its import.
type plan struct {
	ContentType string              `json:"content_type"`
	Mapping     contactfile.Mapping `json:"mapping,omitempty"`
}

// Begin opens an import: a file that cannot be read at all is refused here,
// before anything is written.
func (d *Directory) Begin(ctx context.Context, r io.Reader, contentType string) (*Import, error) {
	return d.BeginFile(ctx, File{Content: r, ContentType: contentType})
}

// BeginFile is Begin with all that can be said of a file. It is nil where the file's key began
// an import before.
func (d *Directory) BeginFile(ctx context.Context, f File) (*Import, error) {
	i, _, err := d.begin(ctx, f, f.Print, "")
	return i, err
}

// begin is BeginFile under an idempotency key, of a file that is kept: first is the
// id of the import that the same request began before.
func (d *Directory) begin(ctx context.Context, f File, fingerprint []byte, spool string) (begun *Import, first string, err error) {
	now := d.clock()
	i := &Import{directory: d, state: store.Import{
		ID: ident.New("imp"), Status: Running, Name: f.Name, Source: f.Source, Host: host(), Spool: spool, CreatedAt: now.UnixMicro(), UpdatedAt: now.UnixMicro(),
	}}
	if err := i.open(f); err != nil {
		return nil, "", err
	}
	i.state.LeaseUntil = now.Add(lease).UnixMicro()
	id, replayed, err := d.store.Once(ctx, "", f.Key, fingerprint, now.UnixMicro(), func(tx *store.Tx) ([]byte, error) {
		i.state.Problems = 0
		for _, p := range i.reader.Problems() {
			if err := i.problem(tx, p); err != nil {
				return nil, err
			}
		}
		return []byte(i.ID()), tx.Imports().Put(i.state)
	})
	if err != nil || replayed {
		return nil, string(id), err
	}
	return i, "", nil
}

// open begins to read the import's file.
func (i *Import) open(f File) (err error) {
	i.reader, err = contactfile.Read(f.Content, f.ContentType, contactfile.Options{Mapping: f.Mapping, Source: f.Source, Upload: i.state.ID, Now: i.since(), Mail: i.directory.Mail, Person: true})
	if err != nil {
		return refusal(err)
	}
	text, err := json.Marshal(plan{f.ContentType, f.Mapping})
	i.state.Plan = string(text)
	i.pace.shared = i.directory.store.Engine() == "sqlite"
	i.understood = *i.reader.Understood()
	i.guess, i.encoding = i.understood.Guessed, i.understood.Encoding
	i.readAs()
	return err
}

// readAs notes what the file was understood as.
func (i *Import) readAs() {
	if i.guess {
		i.understood.Encoding, i.understood.Guessed = i.encoding, true
	}
	text, err := json.Marshal(i.understood)
	if err != nil {
		panic(err) // texts and numbers
	}
	i.state.ReadAs = string(text)
}

// since is when the import began: what it brings was seen then, however long it
// takes and however often it is resumed.
func (i *Import) since() time.Time { return time.UnixMicro(i.state.CreatedAt).UTC() }

// ID is the import's id.
func (i *Import) ID() string { return i.state.ID }

// State is how far the import is.
func (i *Import) State() store.Import { return i.state }

// errTaken ends an import that another server continues.
var errTaken = errors.New("directory: another server has taken the import over")

// Run reads the file to its end. A bad row is reported with its number while the
// rest goes in; rows that are in stay in when the file breaks off. An import whose
// file is kept is left running when the server stops, or when a part of the database is gone that
// holds what its rows change: the next reader continues.
func (i *Import) Run(ctx context.Context) (store.Import, error) {
	err := i.run(ctx)
	i.checkpoints.wait()
	if errors.Is(err, errTaken) {
		return i.state, err
	}
	if i.state.Spool != "" && (ctx.Err() != nil || i.directory.store.Parts() > 0 && unreached(ctx, err)) {
		return i.state, errors.Join(err, i.release(context.WithoutCancel(ctx)))
	}
	var summary []contactfile.Problem
	if i.state.Status = Done; err == nil {
		summary = i.reader.Summary()
	}
	if err != nil {
		i.state.Status = Failed
		i.state.Message = fmt.Sprintf("The file broke off after row %d; the rows before it are in. Import it again: nobody is added twice.", i.state.Rows)
	}
	i.directory.settle(ctx)
	// The outcome is written even when the caller has gone.
	if err2 := i.save(context.WithoutCancel(ctx), summary...); err == nil {
		err = err2
	}
	return i.state, err
}

// run reads ahead while it writes: understanding a file and storing it are each a
// processor's work.
func (i *Import) run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ahead := make(chan batch, readAhead)
	go i.read(ctx, ahead)
	var waiting []record
	var size int
	for b := range ahead {
		waiting, size = append(waiting, b.records...), size+b.size
		if b.guess {
			i.guess, i.encoding = true, b.encoding
		}
		for len(waiting) >= i.pace.rows() || b.end || size > maxWaiting {
			n := min(len(waiting), i.pace.rows())
			if err := i.write(ctx, waiting[:n]); err != nil {
				return err
			}
			if waiting = waiting[n:]; len(waiting) == 0 {
				waiting, size = nil, 0
				break
			}
		}
		if b.end {
			return b.err
		}
	}
	return ctx.Err()
}

// What is held of a file in memory, understood and not yet written.
const (
	readAhead  = 16        // batches: a transaction takes about ten
	batchRows  = 100       // rows of a batch
	batchSize  = 256 << 10 // bytes of a batch, but for the row that reaches it
	maxWaiting = 4 << 20   // bytes that wait for a transaction
)

// record is a row of a file and, unless it is rejected, the person, ready to be
// placed.
type record struct {
	contactfile.Record
	arrival arrival
	placed  string // who it was
}

// batch is a few rows as they were understood.
type batch struct {
	records  []record
	size     int  // bytes in the file
	guess    bool // its encoding was guessed
	encoding string
	end      bool
	err      error // why the file ended; nil at its end
}

func (i *Import) read(ctx context.Context, ahead chan<- batch) {
	defer close(ahead)
	for {
		b := i.batch()
		select {
		case ahead <- b:
		case <-ctx.Done():
			return
		}
		if b.end {
			return
		}
	}
}

func (i *Import) batch() (b batch) {
	defer func() { b.encoding, b.guess = i.reader.Encoding() }()
	for len(b.records) < batchRows && b.size < batchSize {
		r, err := i.reader.Next()
		if errors.Is(err, io.EOF) {
			b.end = true
			return b
		}
		if err != nil {
			b.end, b.err = true, err
			return b
		}
		for _, cell := range r.Cells {
			b.size += len(cell)
		}
		row := record{Record: r}
		if !r.Rejected {
			row.arrival = arrive(r.Person, r.Keys)
			row.arrival.row = r.Row
			row.arrival.terms = find.Terms(r.Person) // here, where no transaction waits for it
		}
		b.records = append(b.records, row)
	}
	return b
}

// write puts rows in with what they came to and how far the import is by that, all
// in one transaction. A database that is busy is tried again for a while.
func (i *Import) write(ctx context.Context, rows []record) error {
	for try := 0; ; try++ {
		before := i.state
		asked := time.Now()
		begun := asked
		err := i.directory.store.Update(ctx, func(tx *store.Tx) error {
			begun = time.Now()
			i.state = before
			return i.paced(tx, func() error { return i.writeIn(tx, rows) })
		})
		if err == nil {
			i.reported = i.guess
			i.lines.count(rows)
			return i.rest(ctx, begun.Sub(asked), time.Since(begun), len(rows))
		}
		i.state = before
		if !fault.Is(err, fault.Overloaded) || try >= maxTries {
			return err
		}
		if err := sleep(ctx, firstPause<<try); err != nil {
			return err
		}
	}
}

// paced notes whether others wrote since the last time.
func (i *Import) paced(tx *store.Tx, write func() error) error {
	changes, err := tx.People().Changes()
	if err != nil {
		return err
	}
	i.pace.sees(changes)
	if err := write(); err != nil {
		return err
	}
	if err := tx.People().Flush(); err != nil {
		return err
	}
	i.pace.changes, err = tx.People().Changes()
	return err
}

// How a busy database is tried again: after 0.1 s, 0.2 s … 12.8 s.
const (
	maxTries   = 8
	firstPause = 100 * time.Millisecond
)

func (i *Import) writeIn(tx *store.Tx, rows []record) error {
	set := make([]arrival, 0, len(rows))
	for n := range rows {
		if !rows[n].Rejected {
			set = append(set, rows[n].arrival)
		}
	}
	outcomes, err := i.directory.place(tx, set, i.since())
	if err != nil {
		return err
	}
	var rejects []Reject
	for n := range rows {
		r := &rows[n]
		i.state.Rows++
		if !r.Rejected {
			o := outcomes[0]
			outcomes = outcomes[1:]
			if o.suppressed { // of somebody who must not be kept nothing is
				i.state.Rejected++
				rejects = append(rejects, Reject{Row: r.Row, Reason: suppressedReason})
				if err := i.problem(tx, contactfile.Problem{Row: r.Row, Message: suppressedReason}); err != nil {
					return err
				}
				continue
			}
			i.state.Imported++
			switch o.came {
			case added:
				i.state.Added++
			case updated:
				i.state.Updated++
			case joined:
				i.state.Joined++
			}
			r.placed = o.id
			for _, message := range o.problems {
				r.Problems = append(r.Problems[:len(r.Problems):len(r.Problems)], contactfile.Problem{Row: r.Row, Message: message})
			}
		} else {
			i.state.Rejected++
			rejects = append(rejects, Reject{Row: r.Row, Reason: r.Problems[len(r.Problems)-1].Message, Cells: r.Cells})
		}
		for _, p := range r.Problems {
			if err := i.problem(tx, p); err != nil {
				return err
			}
		}
	}
	if err := i.tellEncoding(tx); err != nil {
		return err
	}
	if err := i.keepRejects(tx, rejects); err != nil {
		return err
	}
	return i.advance(tx)
}
