package job

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// Hold keeps a lease while long work runs. What it does only while Sure is true was done
// while no other server had the row.
type Hold struct {
	lease   time.Duration
	renewed atomic.Int64 // microseconds of the process's own clock
	lost    atomic.Bool
	end     context.CancelFunc
	watch   sync.WaitGroup
}

// NewHold is the hold of a lease that was just taken.
func NewHold(lease time.Duration) *Hold {
	h := &Hold{lease: lease}
	h.Renewed()
	return h
}

// Keep renews the lease until End, six times in its length and at least once a second.
// Renew writes it, and reports whether the row is still this server's and is still to be
// run.
func (h *Hold) Keep(ctx context.Context, renew func(ctx context.Context) (mine bool, err error)) {
	ctx, h.end = context.WithCancel(context.WithoutCancel(ctx))
	h.watch.Go(func() {
		every := time.NewTicker(min(time.Second, h.lease/6))
		defer every.Stop()
		for {
			select {
			case <-every.C:
			case <-ctx.Done():
				return
			}
			began := time.Now()
			switch mine, err := renew(ctx); {
			case err != nil: // tried again; Sure turns false by itself
			case !mine:
				h.Lose()
			default:
				h.renewed.Store(began.UnixMicro())
			}
		}
	})
}

// Renewed notes that the lease was written by the work itself.
func (h *Hold) Renewed() { h.renewed.Store(time.Now().UnixMicro()) }

// Lose ends the work: the row is another server's, or was stopped.
func (h *Hold) Lose() { h.lost.Store(true) }

// Sure tells whether more work may begin: not when the lease could not be renewed for
// half of its length.
func (h *Hold) Sure() bool {
	return !h.lost.Load() && time.Since(time.UnixMicro(h.renewed.Load())) < h.lease/2
}

// End stops renewing.
func (h *Hold) End() {
	h.end()
	h.watch.Wait()
}
