package store

import (
	"fmt"
	"sync"
)

// place is where a workspace's entries and receipts are. SQLite finds a row by one
// number with half the work that a text and a number cost, so there an account has a
// number, entries are numbered by that and their own number together, and receipts hold
// it instead of the workspace's id. Postgres goes by the id, which a distributed one
// needs: the zero place.
type place struct{ number int64 }

// ownBits are for an entry's own number; what is before them is the account's.
const ownBits = 38

// nowhere is the place of a workspace that has no account: no row is there.
var nowhere = place{-1}

// seq is the number of an entry in the database, of its own one.
func (p place) seq(own int64) int64 { return p.number<<ownBits | own }

// own is an entry's own number.
func own(seq int64) int64 { return seq & (1<<ownBits - 1) }

// newest is a number that no entry is above.
func (p place) newest() int64 { return p.seq(1<<ownBits - 1) }

// of is the workspace as a receipt names it.
func (p place) of(ws string) any {
	if p.number == 0 {
		return ws
	}
	return p.number
}

// numbers remembers places that are committed; a number is given once, for ever.
type numbers struct{ sync.Map }

func (q *sqliteQuerier) place(ws string) (place, error) {
	if known, ok := q.numbers.Load(ws); ok {
		return known.(place), nil
	}
	p := nowhere
	err := q.query(`SELECT number FROM account_numbers WHERE workspace_id = $1`, func(scan scanner) error { return scan(&p.number) }, ws)
	if err == nil && p != nowhere && q.committed {
		q.numbers.Store(ws, p)
	}
	return p, err
}

// places are where the rows of a batch are to go.
func (q *sqliteQuerier) places(n int, ws func(i int) string) ([]place, error) {
	list := make([]place, n)
	for i := range list {
		if i > 0 && ws(i) == ws(i-1) {
			list[i] = list[i-1]
			continue
		}
		p, err := q.place(ws(i))
		if err == nil && p == nowhere {
			err = fmt.Errorf("store: workspace %s has no account", ws(i))
		}
		if err != nil {
			return nil, err
		}
		list[i] = p
	}
	return list, nil
}

func (*postgresQuerier) place(string) (place, error) { return place{}, nil }

func (*groupQuerier) place(string) (place, error) { return place{}, nil }

// number gives a new account its number.
func (q *sqliteQuerier) number(ws string) error {
	_, err := q.exec(`INSERT INTO account_numbers (workspace_id) VALUES ($1)`, ws)
	return err
}
