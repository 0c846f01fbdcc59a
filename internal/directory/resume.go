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

	"github.com/leadmeter/leadmeter/internal/store"
)

// How long what imports leave behind is kept.
const (
	// RejectsKept is how long rejected rows can be downloaded.
	RejectsKept = 30 * 24 * time.Hour
	draftsKept  = 24 * time.Hour
	strayFiles  = 48 * time.Hour // older ones that no import names are dropped
	foreignFile = time.Hour      // how long another machine may take to come back for its file
)

// goneMessage is what an import fails with that nobody can go on with.
const goneMessage = "The server stopped while this ran; the rows counted are in. Import the file again: nobody is added twice."

// Recover goes on with imports that a stopped server left running, now and as
// their leases end, and drops what is past its time, until ctx ends. It returns
// when it has looked once; imports run on in the background.
func (d *Directory) Recover(ctx context.Context) error {
	if err := d.HideListed(ctx); err != nil {
		return err
	}
	if err := d.resumeAll(ctx); err != nil {
		return err
	}
	go func() {
		swept := time.Time{}
		for {
			if time.Since(swept) > 24*time.Hour {
				swept = time.Now()
				d.logged(ctx, "old imports were not swept", d.sweep(ctx))
			}
			if sleep(ctx, lease/3) != nil {
				return
			}
			d.logged(ctx, "stopped imports were not resumed", d.resumeAll(ctx))
		}
	}()
	return nil
}

func (d *Directory) logged(ctx context.Context, what string, err error) {
	if err != nil && ctx.Err() == nil {
		slog.Warn(what, "error", err)
	}
}

// resumeAll goes on with every import whose reader is gone.
func (d *Directory) resumeAll(ctx context.Context) error {
	var list []store.Import
	err := d.store.View(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.ImportsIn(Running)
		return err
	})
	if err != nil {
		return err
	}
	for _, state := range list {
		if err := d.resume(ctx, state); err != nil {
			return err
		}
	}
	return nil
}

// resume goes on with one import, if its reader's lease has ended and its file is
// here.
func (d *Directory) resume(ctx context.Context, state store.Import) error {
	now := d.clock()
	ended := time.UnixMicro(state.LeaseUntil)
	if now.Before(ended) {
		return nil
	}
	file, err := os.Open(state.Spool)
	if err != nil && state.Spool != "" && state.Host != host() && now.Before(ended.Add(foreignFile)) {
		return nil // it may be on a machine that comes back
	}
	until := now.Add(lease).UnixMicro()
	mine := false
	err = d.store.Update(ctx, func(tx *store.Tx) error {
		var err error
		if mine, err = tx.HoldImport(state.ID, state.LeaseUntil, until); err != nil || !mine || file != nil {
			return err
		}
		state.Status, state.Message, state.UpdatedAt = Failed, goneMessage, now.UnixMicro()
		return tx.PutImport(state)
	})
	if err != nil || !mine || file == nil {
		if file != nil {
			file.Close()
		}
		return err
	}
	state.LeaseUntil = until
	d.resumed.Go(func() { d.goOn(ctx, state, file) })
	return nil
}

// Wait returns when the imports that Recover went on with have ended, or have
// stopped with its context.
func (d *Directory) Wait() { d.resumed.Wait() }

// goOn reads past what is in and imports the rest.
func (d *Directory) goOn(ctx context.Context, state store.Import, file *os.File) {
	defer file.Close()
	i := &Import{directory: d, state: state}
	err := i.reopen(file)
	if err == nil {
		slog.Info("an import goes on after a restart", "import", state.ID, "row", state.Rows)
		if state, _ = i.Run(ctx); state.Status != Running {
			os.Remove(file.Name())
		}
		return
	}
	i.state.Status, i.state.Message = Failed, goneMessage
	d.logged(ctx, "an import could not go on", errors.Join(err, i.save(ctx)))
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
	i.told = i.guess && i.state.Rows > 0
	return nil
}

// sweep drops rejected rows, drafts and files that are past their time. Each
// transaction is short.
func (d *Directory) sweep(ctx context.Context) error {
	now := d.clock()
	for more := true; more; {
		err := d.store.Update(ctx, func(tx *store.Tx) (err error) {
			more, err = tx.DropImportRejects(now.Add(-RejectsKept).UnixMicro())
			return err
		})
		if err != nil {
			return err
		}
	}
	named, dropped := map[string]bool{}, []string{}
	err := d.store.Update(ctx, func(tx *store.Tx) error {
		for _, status := range []string{Draft, Running} {
			list, err := tx.ImportsIn(status)
			if err != nil {
				return err
			}
			for _, i := range list {
				if status == Draft && now.Sub(time.UnixMicro(i.CreatedAt)) > draftsKept {
					if err := tx.DropImport(i.ID); err != nil {
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
