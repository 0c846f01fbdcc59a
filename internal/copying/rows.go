package copying

import (
	"context"
	"iter"

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

// batches reads a table from a position on. The next batch is read while the present one is used.
func batches(ctx context.Context, st *store.Store, table store.Table, at store.Position) iter.Seq2[batch, error] {
	return func(yield func(batch, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		ready, ended := make(chan batch), make(chan struct{})
		defer func() { cancel(); <-ended }()
		go func() {
			defer close(ended)
			defer close(ready)
			for limit := firstRows; ; {
				b, bytes := read(ctx, st, table, at, limit)
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

func read(ctx context.Context, st *store.Store, table store.Table, at store.Position, limit int) (b batch, bytes int) {
	b.err = st.View(ctx, func(tx *store.Tx) error {
		return tx.Tables().Read(table, at, limit, func(row []any, at store.Position) bool {
			b.rows, b.at = append(b.rows, row), at
			bytes += size(row)
			return bytes < batchBytes
		})
	})
	return b, bytes
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
