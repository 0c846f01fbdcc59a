package copying

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash/maphash"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/leadmeter/leadmeter/internal/store"
)

// digest is of a set of rows, whatever their order: how many there are and the sum of their hashes.
type digest struct{ rows, a, b uint64 }

func (d *digest) add(row []any, scratch []byte) []byte {
	scratch = scratch[:0]
	for _, v := range row {
		switch v := v.(type) {
		case nil:
			scratch = append(scratch, '0')
		case int64:
			scratch = binary.AppendVarint(append(scratch, 'n'), v)
		case string:
			scratch = append(binary.AppendUvarint(append(scratch, 't'), uint64(len(v))), v...)
		case []byte:
			scratch = append(binary.AppendUvarint(append(scratch, 'b'), uint64(len(v))), v...)
		}
	}
	sum := sha256.Sum256(scratch)
	d.rows++
	d.a += binary.LittleEndian.Uint64(sum[:])
	d.b += binary.LittleEndian.Uint64(sum[8:])
	return scratch
}

func (d *digest) plus(o digest) {
	d.rows += o.rows
	d.a += o.a
	d.b += o.b
}

// digests are those of each of some rows.
func digests(rows [][]any) []digest {
	list := make([]digest, len(rows))
	var scratch []byte
	for n, row := range rows {
		scratch = list[n].add(row, scratch)
	}
	return list
}

// slots bounds the memory of a comparison: workspaces share them by their hashes, and only those of
// a slot that differs are looked at one by one.
const slots = 1 << 14

var slotSeed = maphash.MakeSeed()

func slotOf(workspace string) int { return int(maphash.String(slotSeed, workspace) % slots) }

func workspaceOf(table store.Table, row []any) string {
	if n := table.Workspace(); n >= 0 {
		return row[n].(string)
	}
	return ""
}

// compare reads a table on both sides and finds each workspace whose rows differ.
func (c *Copy) compare(ctx context.Context, table store.Table, found *Findings) error {
	source, target, err := both(ctx, c, func(ctx context.Context, st *store.Store) (*[slots]digest, error) {
		var mu sync.Mutex
		var list [slots]digest
		err := eachBatch(ctx, st, table, func(rows [][]any) {
			hashes := digests(rows)
			mu.Lock()
			defer mu.Unlock()
			for n, row := range rows {
				list[slotOf(workspaceOf(table, row))].plus(hashes[n])
			}
		})
		return &list, err
	})
	if err != nil || *source == *target {
		return err
	}
	return c.name(ctx, table, found, func(workspace string) bool {
		n := slotOf(workspace)
		return source[n] != target[n]
	})
}

// name finds which of some workspaces differ.
func (c *Copy) name(ctx context.Context, table store.Table, found *Findings, among func(workspace string) bool) error {
	source, target, err := both(ctx, c, func(ctx context.Context, st *store.Store) (map[string]digest, error) {
		var mu sync.Mutex
		list := map[string]digest{}
		err := eachBatch(ctx, st, table, func(rows [][]any) {
			hashes := digests(rows)
			mu.Lock()
			defer mu.Unlock()
			for n, row := range rows {
				if workspace := workspaceOf(table, row); among(workspace) {
					d := list[workspace]
					d.plus(hashes[n])
					list[workspace] = d
				}
			}
		})
		return list, err
	})
	if err != nil {
		return err
	}
	for workspace := range source {
		if source[workspace] != target[workspace] {
			found.add(difference(table.Name, workspace, source[workspace], target[workspace]))
		}
	}
	for workspace := range target {
		if _, there := source[workspace]; !there {
			found.add(difference(table.Name, workspace, digest{}, target[workspace]))
		}
	}
	return nil
}

func difference(table, workspace string, source, target digest) string {
	of := ""
	if workspace != "" {
		of = " of workspace " + workspace
	}
	if source.rows == target.rows {
		return fmt.Sprintf("table %s%s: the same number of rows, %d, with different values", table, of, source.rows)
	}
	return fmt.Sprintf("table %s%s: %d rows in the source, %d in the target", table, of, source.rows, target.rows)
}

// both reads the two databases at once.
func both[T any](ctx context.Context, c *Copy, read func(ctx context.Context, st *store.Store) (T, error)) (source, target T, err error) {
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) { source, err = read(ctx, c.From); return err })
	group.Go(func() (err error) { target, err = read(ctx, c.To); return err })
	return source, target, group.Wait()
}
