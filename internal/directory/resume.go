package directory

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// How long what imports leave behind is kept.
const (
	// RejectsKept is how long rejected rows can be downloaded.
	RejectsKept = 30 * 24 * time.Hour
	draftsKept  = 24 * time.Hour
	strayFiles  = 48 * time.Hour // older ones that no import names are dropped
	foreignFile = time.Hour      // how long another machine may take to come back for its file

	// resumedAtOnce is how many stopped imports one server continues at a time.
	resumedAtOnce = 2
)

// goneMessage is what an import fails with that nobody can continue.
const goneMessage = "The server stopped while this ran; the rows counted are in. Import the file again: nobody is added twice."

// Recover continues imports that a stopped server left running, now and as
// their leases end, applies suppressions that are not, and drops what is past its time, until ctx
// ends. It returns when it has looked once; imports run on in the background. A part of the
// database that is gone keeps nobody from the others: who is to be hidden on its sheets is hidden
// when it is back.
func (d *Directory) Recover(ctx context.Context) error {
	err := d.hideListedWithin(ctx)
	if err != nil && !unreached(ctx, err) {
		return err
	}
	d.logged(ctx, "suppressions are applied later", err)
	go d.hideLater(ctx, err != nil)
	if err := d.stopped.Begin(ctx); err != nil {
		return err
	}
	go d.stopped.Work(ctx)
	go func() { d.logged(ctx, "people were not made searchable", d.Index(ctx)) }()
	go func() {
		for {
			d.logged(ctx, "old imports were not swept", d.sweep(ctx))
			if sleep(ctx, 24*time.Hour) != nil {
				return
			}
		}
	}()
	return nil
}

const (
	// hideWithin is how long a start waits for suppressions to be applied.
	hideWithin = 5 * time.Second
	// hideEvery is how often ones are looked for that were not applied, and hideAfter how old one
	// must be: until then the request that wrote it is at it.
	hideEvery = 2 * time.Second
	hideAfter = 10 * time.Second
	// hideAgain is how long one waits that could not be applied though every part answered.
	hideAgain = time.Minute
)

func (d *Directory) hideListedWithin(ctx context.Context) error {
	if d.store.Parts() == 0 { // all of it answers, or nothing does
		return d.HideListed(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, hideWithin)
	defer cancel()
	return d.HideListed(ctx)
}

// hideLater applies what was not applied, until ctx ends; again tells that a start could not.
// While there is nothing to do, or a part of the database is gone, a look costs a row or a ping.
func (d *Directory) hideLater(ctx context.Context, again bool) {
	for wait := hideEvery; sleep(ctx, wait) == nil; {
		wait = hideEvery
		err := d.hideLeft(ctx, again)
		again = again && err != nil
		if err != nil && !unreached(ctx, err) {
			d.logged(ctx, "suppressions were not applied", err)
			wait = hideAgain
		}
	}
}

// hideLeft is one look of hideLater.
func (d *Directory) hideLeft(ctx context.Context, again bool) error {
	left, before := again, d.clock().Add(-hideAfter).UnixMicro()
	if !again {
		if err := d.store.View(ctx, func(tx *store.Tx) (err error) {
			left, err = tx.Suppressions().AnyUnapplied(before)
			return err
		}); err != nil {
			return err
		}
	}
	if !left {
		return nil
	}
	if err := d.store.AllAnswer(ctx); err != nil { // before everybody is looked at
		return err
	}
	if again {
		return d.HideListed(ctx)
	}
	return d.hideBefore(ctx, before)
}

// unreached tells that a part of the database did not answer.
func unreached(ctx context.Context, err error) bool {
	return ctx.Err() == nil && (fault.Is(err, fault.Overloaded) || errors.Is(err, context.DeadlineExceeded))
}

func (d *Directory) logged(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		slog.Warn(what, "error", err)
	}
}

// stopped is an import whose reader is gone.
type stopped struct{ store.Import }

// stoppedImports are the rows of imports that run and whose lease has ended.
type stoppedImports struct{ *Directory }

func (stoppedImports) Due(tx *store.Tx, now time.Time, _ []string, room int) (list []stopped, err error) {
	running, err := tx.Imports().InStatus(Running)
	for _, state := range running {
		ended := time.UnixMicro(state.LeaseUntil)
		if len(list) == room || now.Before(ended) || elsewhere(state) && now.Before(ended.Add(foreignFile)) {
			continue
		}
		list = append(list, stopped{state})
	}
	return list, err
}

// elsewhere tells that an import's file may be on another machine, which comes back.
func elsewhere(state store.Import) bool {
	if state.Spool == "" || state.Host == host() {
		return false
	}
	_, err := os.Stat(state.Spool)
	return err != nil
}

// Claim takes an import over; one whose file is gone has failed.
func (d stoppedImports) Claim(tx *store.Tx, s stopped, now, until time.Time) (stopped, bool, error) {
	mine, err := tx.Imports().Hold(s.ID, s.LeaseUntil, until.UnixMicro())
	if err != nil || !mine {
		return s, false, err
	}
	s.LeaseUntil = until.UnixMicro()
	if _, err := os.Stat(s.Spool); s.Spool != "" && err == nil {
		return s, true, nil
	}
	s.Status, s.Message, s.UpdatedAt = Failed, goneMessage, now.UnixMicro()
	return s, false, tx.Imports().Put(s.Import)
}

func (stoppedImports) Target(stopped) string { return "" }

func (d stoppedImports) Run(ctx context.Context, s stopped) {
	file, err := os.Open(s.Spool)
	if err != nil { // it is looked for again when the lease ends
		d.logged(ctx, "an import's file does not open", err)
		return
	}
	d.goOn(ctx, s.Import, file)
}

// Wait returns when the imports that Recover went on with have ended, or have
// stopped with its context.
func (d *Directory) Wait() { d.stopped.Wait() }

// goOn reads past what is in and imports the rest.
func (d *Directory) goOn(ctx context.Context, state store.Import, file *os.File) {
	defer file.Close()
	i := &Import{directory: d, state: state}
	err := i.reopen(file)
	if err == nil {
		slog.Info("an import continues", "import", state.ID, "row", state.Rows)
		if state, err = i.Run(ctx); state.Status != Running {
			os.Remove(file.Name())
		} else {
			d.logged(ctx, "an import waits for a part of the database", err)
		}
		return
	}
	i.state.Status, i.state.Message = Failed, goneMessage
	d.logged(ctx, "an import could not continue", errors.Join(err, i.save(ctx)))
	os.Remove(file.Name())
}

// reopen brings the reader to where the import was.
func (i *Import) reopen(file io.Reader) error {
	var how plan
	if err := json.Unmarshal([]byte(i.state.Plan), &how); err != nil {
		return err
	}
	if err := i.open(File{Content: file, ContentType: how.ContentType, Mapping: how.Mapping, Source: i.state.Source}); err != nil {
		return err
	}
	if err := i.reader.Skip(i.state.Rows); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	i.understood = *i.reader.Understood()
	i.guess, i.encoding = i.understood.Guessed, i.understood.Encoding
	i.reported = i.guess && i.state.Rows > 0
	return nil
}

// sweep drops rejected rows, drafts and files that are past their time. Each
// transaction is short.
func (d *Directory) sweep(ctx context.Context) error {
	now := d.clock()
	for more := true; more; {
		err := d.store.Update(ctx, func(tx *store.Tx) (err error) {
			more, err = tx.Imports().DropRejects(now.Add(-RejectsKept).UnixMicro())
			return err
		})
		if err != nil {
			return err
		}
	}
	named, dropped := map[string]bool{}, []string{}
	err := d.store.Update(ctx, func(tx *store.Tx) error {
		for _, status := range []string{Draft, Running} {
			list, err := tx.Imports().InStatus(status)
			if err != nil {
				return err
			}
			for _, i := range list {
				if status == Draft && now.Sub(time.UnixMicro(i.CreatedAt)) > draftsKept {
					if err := tx.Imports().Drop(i.ID); err != nil {
						return err
					}
					dropped = append(dropped, i.Spool)
					continue
				}
				named[i.Spool] = true
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, file := range dropped {
		os.Remove(file) // or it is on another machine, whose stray it becomes
	}
	return d.dropStray(now, named)
}

// dropStray removes files that a crash left between their arrival and the import's
// beginning.
func (d *Directory) dropStray(now time.Time, named map[string]bool) error {
	entries, err := os.ReadDir(d.Spools)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		info, err := e.Info()
		path := filepath.Join(d.Spools, e.Name())
		if err == nil && strings.HasPrefix(e.Name(), "import-") && !named[path] && now.Sub(info.ModTime()) > strayFiles {
			os.Remove(path)
		}
	}
	return err
}
