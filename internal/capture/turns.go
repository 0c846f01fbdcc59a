package capture

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

// restFor is how many times as long as it worked long work rests between two slices
// while others charge: it has a fifth of a processor's time, and they the rest.
const restFor = 4

// Turns lets charges go ahead of long work that is done in slices.
type Turns struct {
	ledger  *credits.Ledger
	commits int64
	began   time.Time
}

// Turns begins the first slice.
func (svc *Service) Turns() *Turns {
	return &Turns{ledger: svc.Ledger, commits: svc.Ledger.Commits(), began: time.Now()}
}

// Rest ends a slice, leaves the machine to those who charge, if anybody does, and begins
// the next one.
func (t *Turns) Rest(ctx context.Context) error {
	if commits := t.ledger.Commits(); commits != t.commits {
		wait := time.NewTimer(restFor * time.Since(t.began))
		defer wait.Stop()
		select {
		case <-wait.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	t.commits, t.began = t.ledger.Commits(), time.Now()
	return nil
}
