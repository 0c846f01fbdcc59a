package bench

import (
	"context"
	"errors"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/peer"
	"github.com/leadmeter/leadmeter/internal/store"
)

// servers are ledgers of one database, each with connections of its own, as those of several
// processes are.
type servers []*bench

// several opens the servers that share a database; none, if there is to be one.
func (b *bench) several(ctx context.Context) (list servers, err error) {
	if b.Servers < 2 {
		return nil, nil
	}
	if b.store.Engine() != "postgres" {
		return nil, errors.New("bench: --servers needs Postgres: one process owns an SQLite database")
	}
	for range b.Servers {
		st, err := store.Open(ctx, b.Database)
		if err != nil {
			return list, err
		}
		one := &bench{Options: b.Options, store: st, ledger: credits.New(st, credits.ShippedBooks()), ids: b.ids}
		list = append(list, one)
		if b.Apart {
			continue
		}
		if one.peers, err = peer.Open(ctx, st, one.ledger, "127.0.0.1:0", "bench"); err != nil {
			return list, err
		}
	}
	for range 2 { // the second time they see that the others run
		for _, one := range list {
			if one.peers == nil {
				continue
			}
			if err := one.peers.Look(ctx); err != nil {
				return list, err
			}
		}
	}
	return list, nil
}

// ours is the n-th charge of a round, by one of the servers; a caller keeps to one where their number is a multiple.
func (s servers) ours(ctx context.Context, n int) error {
	return s[n%len(s)].ours(ctx, n)
}

func (s servers) close() {
	for _, b := range s {
		b.close()
	}
}
