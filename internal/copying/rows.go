package copying

import (
	"context"
	"iter"

	"golang.org/x/sync/errgroup"

	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// batchRows and batchBytes bound what is in memory of a table at a time: two batches, one that
	// is read while the other is written.
	batchRows  = 4000
	batchBytes = 4 << 20
	// firstRows is how many rows are read before it is known how large they are.
	firstRows = 200
)

// batch is rows that follow each other in a table's key.
type batch struct {
	rows [][]any
	at   store.Position // of the last
	err  error
}

// batches reads a part of a table from a position on: rows in parts are in order within each, and to
// merge them would take the coordinator of a Citus longer than to read them. The next batch is read
// while the present one is used.
func batches(ctx context.Context, st *store.Store, table store.Table, part int, at store.Position) iter.Seq2[batch, error] {
	return func(yield func(batch, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		ready, ended := make(chan batch), make(chan struct{})
		defer func() { cancel(); <-ended }()
		go func() {
			defer close(ended)
			defer close(ready)
			for limit := firstRows; ; {
				b, bytes := read(ctx, st, table, part, at, limit)
				if b.err == nil && len(b.rows) == 0 {
					return
				}
				select {
				case ready <- b:
				case <-ctx.Done():
					return
				}
				if b.err != nil {
					return
				}
				at, limit = b.at, min(batchRows, max(1, batchBytes*len(b.rows)/max(1, bytes)))
			}
		}()
		for b := range ready {
			if !yield(b, b.err) || b.err != nil {
				return
			}
		}
		if err := ctx.Err(); err != nil {
			yield(batch{}, err)
		}
	}
}

func read(ctx context.Context, st *store.Store, table store.Table, part int, at store.Position, limit int) (b batch, bytes int) {
	view := st.View
	if st.PartsOf(table.Name) > 1 {
		view = func(ctx context.Context, fn func(tx *store.Tx) error) error { return st.ViewPart(ctx, part, fn) }
	}
	b.err = view(ctx, func(tx *store.Tx) error {
		return tx.Tables().Read(table, at, limit, func(row []any, at store.Position) bool {
			b.rows, b.at = append(b.rows, row), at
			bytes += size(row)
			return bytes < batchBytes
		})
	})
	return b, bytes
}

// partsAtOnce bounds the parts of a table that are read at once, with two batches in memory each.
const partsAtOnce = 4

// eachBatch reads a table, several parts of it at once: use is called by several goroutines.
func eachBatch(ctx context.Context, st *store.Store, table store.Table, use func(rows [][]any)) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(partsAtOnce)
	for part := range st.PartsOf(table.Name) {
		group.Go(func() error {
			for b, err := range batches(ctx, st, table, part, nil) {
				if err != nil {
					return err
				}
				use(b.rows)
			}
			return nil
		})
	}
	return group.Wait()
}

// size is about how many bytes of memory a row takes.
func size(row []any) (bytes int) {
	for _, v := range row {
		switch v := v.(type) {
		case string:
			bytes += len(v)
		case []byte:
			bytes += len(v)
		}
		bytes += 32
	}
	return bytes
}
