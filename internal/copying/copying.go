// Package copying moves a whole database to another one, of the same engine or the other: every
// row of every table, a bounded number at a time. A copy that was killed continues where it was.
// The source is not served from a copy's first row on, and nothing in it is changed but the setting
// that says so.
package copying

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Copy is a copy of one database to another. Open makes it.
type Copy struct {
	From, To *store.Store
	// Source and Target are the addresses as they may be shown.
	Source, Target string
	// Books are what the target's ledger is verified with.
	Books credits.Books
	// Progress hears about every batch; nil: nobody does.
	Progress func(Progress)

	tables []store.Table
	place  copied
	closed bool // every row was found equal, and the source says that it was moved
}

// Progress is how far a copy is.
type Progress struct {
	Table string
	// Rows of all tables are copied, of Total in the source.
	Rows, Total int64
	Batch       int64 // rows that are new since it was told last
	Comparing   bool  // all are copied, and will be compared
}

// Result is what a copy came to.
type Result struct {
	Rows, Resumed                 int64 // copied by this run, and by those before it
	Tables, Workspaces            int
	Copying, Comparing, Verifying time.Duration
	// Unequal are tables of workspaces whose rows differ from the source's; then the copy failed.
	Unequal Findings
	// Ledger are what does not add up in the target's ledger, and in the source's likewise.
	Ledger Findings
	// Complete says that an earlier run had finished already.
	Complete bool
}

// Findings are sentences, the first of them kept.
type Findings struct {
	N     int
	First []string
	all   digest
}

const findingsKept = 50

func (f *Findings) add(sentence string) {
	f.N++
	f.all.add([]any{sentence}, nil)
	if len(f.First) < findingsKept {
		f.First = append(f.First, sentence)
	}
}

// Run copies what is not there yet, compares every row and verifies the target's ledger. When all
// rows are equal the source says that it was moved. After an error, or when ctx ends, another Run
// continues.
func (c *Copy) Run(ctx context.Context) (r Result, err error) {
	if err := c.prepare(ctx); err != nil {
		return r, err
	}
	r.Tables = len(c.tables)
	if c.closed {
		r.Complete = true
		return r, c.finish(ctx)
	}
	began := time.Now()
	progress, err := c.begin(ctx)
	if err != nil {
		return r, err
	}
	r.Resumed = progress.Rows
	if err := c.copy(ctx, &progress); err != nil {
		return r, err
	}
	r.Rows, r.Copying = progress.Rows-r.Resumed, time.Since(began)
	began = time.Now()
	c.tell(Progress{Rows: progress.Rows, Total: progress.Total, Comparing: true})
	for _, table := range c.tables {
		if err := c.compare(ctx, table, &r.Unequal); err != nil {
			return r, err
		}
	}
	r.Comparing = time.Since(began)
	began = time.Now()
	if err := c.verify(ctx, &r); err != nil {
		return r, err
	}
	r.Verifying = time.Since(began)
	if r.Unequal.N > 0 {
		return r, nil
	}
	return r, c.finish(ctx)
}

// verify checks the target's ledger. What does not add up there is the source's own where it does
// not add up in the source in the same way; else it is the copy's.
func (c *Copy) verify(ctx context.Context, r *Result) (err error) {
	if r.Workspaces, r.Ledger, err = verified(ctx, c.To, c.Books); err != nil || r.Ledger.N == 0 {
		return err
	}
	_, source, err := verified(ctx, c.From, c.Books)
	if err == nil && source.all != r.Ledger.all {
		r.Unequal.add("the ledgers of the source and the target do not add up, each in another way")
	}
	return err
}

func verified(ctx context.Context, st *store.Store, books credits.Books) (workspaces int, f Findings, err error) {
	ledger := credits.New(st, books)
	defer ledger.Close()
	workspaces, err = ledger.Verify(ctx, func(d credits.Difference) { f.add(d.String()) })
	return workspaces, f, err
}

func (c *Copy) tell(p Progress) {
	if c.Progress != nil {
		c.Progress(p)
	}
}

// prepare finds out whether the one may be copied to the other, and whether that has begun.
func (c *Copy) prepare(ctx context.Context) error {
	var source moved
	err := c.From.View(ctx, func(tx *store.Tx) (err error) {
		if err = current(tx, "source"); err != nil {
			return err
		}
		if c.tables, err = tx.Tables().List(); err == nil {
			_, err = setting(tx, store.SettingMovedTo, &source)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := c.inspect(ctx, source.ID); err != nil {
		return err
	}
	if c.closed = source.Done; c.closed {
		if c.place.ID == "" {
			err = fmt.Errorf("the source was moved to %s already; to copy it again, run leadmeter copy --undo --from ADDRESS first", source.To)
		}
		return err
	}
	fresh := source.ID == ""
	if fresh {
		source.ID = ident.New("copy")
	}
	source.To = c.Target
	if err := c.mark(ctx, source); err != nil {
		return err
	}
	// First the mark, then the question: a server that starts now sees the one or is seen.
	if err := c.unserved(ctx); err != nil {
		if fresh {
			_, undo := Undo(ctx, c.From)
			err = errors.Join(err, undo)
		}
		return err
	}
	if c.place.ID == "" {
		first := copied{ID: source.ID, From: c.Source, Table: c.tables[0].Name, Parts: c.From.Parts()}
		return c.advance(ctx, first, func(*store.Tx) error { return nil })
	}
	if !c.place.Done && c.place.Parts != c.From.Parts() {
		return errors.New("the source's tables were divided in another way since the copy began, so it cannot continue; copy to an empty database")
	}
	return nil
}

// current refuses a schema that is not this program's.
func current(tx *store.Tx, which string) error {
	want, err := store.SchemaVersion()
	if err != nil {
		return err
	}
	version, err := tx.Tables().Version()
	if err == nil && version != want {
		err = fmt.Errorf("the %s has version %d of the schema and this program version %d; start its server with this program once, so that both are the same", which, version, want)
	}
	return err
}

// inspect refuses a target that holds anything but this copy.
func (c *Copy) inspect(ctx context.Context, id string) error {
	return c.To.Update(ctx, func(tx *store.Tx) error {
		if err := current(tx, "target"); err != nil {
			return err
		}
		tables, err := tx.Tables().List()
		if err != nil {
			return err
		}
		if !reflect.DeepEqual(tables, c.tables) {
			return errors.New("the source and the target do not have the same tables and columns, although their schemas have one version; somebody changed one by hand")
		}
		text, err := tx.Settings().GetForUpdate(store.SettingCopiedFrom) // see advance
		if err != nil {
			return err
		}
		found, err := parse(store.SettingCopiedFrom, text, &c.place)
		if err != nil {
			return err
		}
		if found && c.place.ID == id {
			return nil
		}
		if found {
			return fmt.Errorf("the target holds a copy of another database, or of this one before that was used again (it says: %s); choose an empty database", c.place.From)
		}
		for _, table := range tables {
			if some, err := tx.Tables().Any(table); err != nil {
				return err
			} else if some {
				return fmt.Errorf("the target is not empty: table %s has rows; choose an empty database", table.Name)
			}
		}
		return nil
	})
}

// unserved refuses databases that a server is connected to.
func (c *Copy) unserved(ctx context.Context) error {
	for _, side := range []struct {
		st      *store.Store
		address string
	}{{c.From, c.Source}, {c.To, c.Target}} {
		err := side.st.View(ctx, func(tx *store.Tx) error {
			n, err := tx.Tables().Servers()
			if err == nil && n > 0 {
				err = fmt.Errorf("a leadmeter process is connected to %s (%d connections); stop it first", side.address, n)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *Copy) mark(ctx context.Context, m moved) error {
	return c.From.Update(ctx, func(tx *store.Tx) error { return put(tx, store.SettingMovedTo, m) })
}

// finish closes the source and opens the target, if the source is still as the copy left it: who
// took it back meanwhile, or serves it, has made the copy worthless. Between the two neither is
// served, and another run does the second.
func (c *Copy) finish(ctx context.Context) error {
	if err := c.unserved(ctx); err != nil {
		return err
	}
	err := c.From.Update(ctx, func(tx *store.Tx) error {
		var source moved
		text, err := tx.Settings().GetForUpdate(store.SettingMovedTo)
		if err != nil {
			return err
		}
		if _, err := parse(store.SettingMovedTo, text, &source); err != nil {
			return err
		}
		if source.ID != c.place.ID {
			return errors.New("the source was taken back with leadmeter copy --undo since the copy began, and may have changed; copy it to an empty database")
		}
		return put(tx, store.SettingMovedTo, moved{ID: c.place.ID, To: c.Target, Done: true})
	})
	if err != nil || c.place.Done {
		return err
	}
	complete := c.place
	complete.Done = true
	return c.advance(ctx, complete, func(*store.Tx) error { return nil })
}

// begin counts what there is and what was copied before.
func (c *Copy) begin(ctx context.Context) (p Progress, err error) {
	reached := false
	err = c.From.View(ctx, func(tx *store.Tx) error {
		for _, table := range c.tables {
			n, err := tx.Tables().Count(table)
			if err != nil {
				return err
			}
			p.Total += n
			switch {
			case table.Name == c.place.Table:
				reached = true
				p.Rows += c.place.Rows
			case !reached:
				p.Rows += n
			}
		}
		return nil
	})
	return p, err
}

// copy copies the tables from the place on.
func (c *Copy) copy(ctx context.Context, p *Progress) error {
	reached := false
	for _, table := range c.tables {
		place := copied{ID: c.place.ID, From: c.place.From, Table: table.Name, Parts: c.place.Parts}
		if table.Name == c.place.Table {
			reached, place = true, c.place
		}
		if !reached {
			continue
		}
		for ; place.Part < c.From.PartsOf(table.Name); place.Part, place.After = place.Part+1, nil {
			if err := c.copyPart(ctx, table, &place, p); err != nil {
				return err
			}
		}
	}
	return nil
}

// copyPart copies a part of a table from the place on.
func (c *Copy) copyPart(ctx context.Context, table store.Table, place *copied, p *Progress) error {
	for b, err := range batches(ctx, c.From, table, place.Part, store.Position(place.After)) {
		if err != nil {
			return err
		}
		place.Rows += int64(len(b.rows))
		place.After = after(b.at)
		if err := c.advance(ctx, *place, func(tx *store.Tx) error { return tx.Tables().Insert(table, b.rows) }); err != nil {
			return fmt.Errorf("table %s: %w", table.Name, err)
		}
		p.Table, p.Batch = table.Name, int64(len(b.rows))
		p.Rows += p.Batch
		c.tell(*p)
	}
	return nil
}
