package store

import "context"

// snapshotKey is where a context keeps the snapshot that its reads share.
type snapshotKey struct{ store *Store }

// Snapshot runs fn with a context whose views and looks of the ledger all read one
// consistent state of the database, on one connection. It is for one goroutine. What is
// written meanwhile, by fn too, is not seen in it; and fn must wait for nobody outside.
func (s *Store) Snapshot(ctx context.Context, fn func(ctx context.Context) error) error {
	if s.snapshotOf(ctx) != nil {
		return fn(ctx)
	}
	s.reads.Add(1)
	return s.engine.view(ctx, func(q querier) error {
		return fn(context.WithValue(ctx, snapshotKey{s}, q))
	})
}

// InSnapshot tells whether the context's reads share a snapshot: what is written then is
// not seen in it.
func (s *Store) InSnapshot(ctx context.Context) bool { return s.snapshotOf(ctx) != nil }

// snapshotOf is the snapshot that a context reads from; nil: each view is one.
func (s *Store) snapshotOf(ctx context.Context) querier {
	q, _ := ctx.Value(snapshotKey{s}).(querier)
	return q
}
