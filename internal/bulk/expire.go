package bulk

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// EstimateFor is how long an estimate, and a file that was not estimated, wait to be used. They
// hold people's data, and what they say of prices and of the directory becomes wrong.
const EstimateFor = 24 * time.Hour

// unstarted is until when what waits was made that has expired by now, by the workspace's clock.
func unstarted(s *account.Scope) int64 { return s.Now.Add(-EstimateFor).UnixMicro() }

func expired(s *account.Scope, j store.BulkJob) bool {
	return j.Status == Waiting && j.CreatedAt <= unstarted(s)
}

// Sweep drops what expired, and forgets whom jobs that ended long ago were about.
func (b *Bulk) Sweep(ctx context.Context) error {
	var workspaces []string
	err := b.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if err = tx.BulkJobs().ForgetReferences(b.Clock().Add(-kept).UnixMicro()); err == nil {
			workspaces, err = tx.BulkJobs().Unstarted()
		}
		return err
	})
	for _, ws := range workspaces {
		if err == nil {
			err = b.expire(ctx, ws)
		}
	}
	if err == nil {
		err = b.dropHalf(ctx)
	}
	return err
}

// expire drops a workspace's files that expired, and gives up its estimates.
func (b *Bulk) expire(ctx context.Context, ws string) error {
	s, err := b.Accounts.Enter(ctx, account.Principal{Role: account.Operator}, ws)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var files []store.BulkFile
	err = b.Store.Update(ctx, func(tx *store.Tx) (err error) {
		if err = tx.BulkJobs().DiscardUnstarted(ws, unstarted(s)); err == nil {
			files, err = tx.BulkJobs().FilesBefore(ws, unstarted(s))
		}
		return err
	})
	for _, f := range files {
		if err == nil {
			err = b.Store.Update(ctx, func(tx *store.Tx) error { return tx.BulkJobs().DropFile(ws, f.ID) })
		}
	}
	return err
}

// dropHalf drops jobs that are not ready and that no server makes ready.
func (b *Bulk) dropHalf(ctx context.Context) error {
	for {
		var half []store.BulkJob
		err := b.Store.View(ctx, func(tx *store.Tx) (err error) {
			half, err = tx.BulkJobs().Open(store.BulkPreparing, b.Clock().UnixMicro(), nil, jobsAtOnce)
			return err
		})
		if err != nil || len(half) == 0 {
			return err
		}
		for _, j := range half {
			if err := b.drop(ctx, j); err != nil {
				return err
			}
		}
	}
}
