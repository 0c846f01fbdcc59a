package directory

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/store"
)

const suppressedReason = "is on the suppression list"

// tellEncoding reports once that the file is not written as it should be.
func (i *Import) tellEncoding(tx *store.Tx) error {
	if i.reported || !i.guess {
		return nil
	}
	i.readAs()
	return i.problem(tx, contactfile.Problem{Message: "the file is not UTF-8 text; it was read as " + i.encoding})
}

// advance writes how far the import is, if it is still this reader's.
func (i *Import) advance(tx *store.Tx) error {
	now := i.directory.clock()
	until := now.Add(lease).UnixMicro()
	held, err := tx.Imports().Hold(i.state.ID, i.state.LeaseUntil, until)
	if err != nil {
		return err
	}
	if !held {
		return errTaken
	}
	i.state.LeaseUntil, i.state.UpdatedAt = until, now.UnixMicro()
	return tx.Imports().Put(i.state)
}

// release lets another reader continue at once.
func (i *Import) release(ctx context.Context) error {
	return i.directory.store.Update(ctx, func(tx *store.Tx) error {
		_, err := tx.Imports().Hold(i.state.ID, i.state.LeaseUntil, 0)
		return err
	})
}

func (i *Import) problem(tx *store.Tx, p contactfile.Problem) error {
	i.state.Problems++
	if i.state.Problems > maxProblemsKept {
		return nil
	}
	return tx.Imports().AddProblem(i.state.ID, i.state.Problems, store.ImportProblem{Row: int64(p.Row), Message: p.String()})
}

// save writes how far the import is, with what is said of the file as a whole.
func (i *Import) save(ctx context.Context, problems ...contactfile.Problem) error {
	before := i.state
	return i.directory.store.Update(ctx, func(tx *store.Tx) error {
		i.state = before
		for _, message := range i.lines.messages() {
			problems = append(problems, contactfile.Problem{Message: message})
		}
		for _, p := range problems {
			if err := i.problem(tx, p); err != nil {
				return err
			}
		}
		return i.advance(tx)
	})
}

// sleep waits, or ends with the context.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
