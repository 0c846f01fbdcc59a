package credits

import (
	"slices"

	"github.com/leadmeter/leadmeter/internal/store"
)

// acceptPools puts the account's own pools into its state.
func (s *state) acceptPools() error {
	pools, err := store.ParsePools(s.acct.Workspace, s.acct.Pools)
	s.pools = s.pools[:0]
	for _, p := range pools {
		s.pools = append(s.pools, &poolRow{Pool: p, exists: true, own: true})
	}
	return err
}

func (s *state) findPool(start int64, credit string) *poolRow {
	for _, p := range s.pools {
		if p.PeriodStart == start && p.Credit == credit {
			return p
		}
	}
	return nil
}

// before is the newest pool before p: as loaded, or as decided in this batch.
func (s *state) before(p *poolRow) *poolRow {
	return newest(s.pools, func(q *poolRow) bool { return q.exists && q.Credit == p.Credit && q.PeriodStart < p.PeriodStart })
}

// newest is the account's own pool of a credit type, as the last batch left it.
func (s *state) newest(credit string) *poolRow {
	return newest(s.pools, func(p *poolRow) bool { return p.own && p.Credit == credit })
}

func newest(pools []*poolRow, among func(p *poolRow) bool) (last *poolRow) {
	for _, p := range pools {
		if among(p) && (last == nil || p.PeriodStart > last.PeriodStart) {
			last = p
		}
	}
	return last
}

// writePools divides the pools that changed: the newest of each credit type is the account's own,
// and one that a newer one follows moves to a row of its own, once.
func (s *state) writePools(past []store.Pool) []store.Pool {
	if !slices.ContainsFunc(s.pools, func(p *poolRow) bool { return p.dirty }) {
		return past
	}
	var own []store.Pool
	written := func(p *poolRow) bool { return p.own || p.dirty }
	for _, p := range s.pools {
		switch {
		case !written(p):
		case p == newest(s.pools, func(q *poolRow) bool { return written(q) && q.Credit == p.Credit }):
			own = append(own, p.Pool)
		default:
			past = append(past, p.Pool)
		}
	}
	for _, p := range s.pools { // only now: what is written decides which is the newest
		p.own = slices.ContainsFunc(own, func(o store.Pool) bool { return o.Credit == p.Credit && o.PeriodStart == p.PeriodStart })
	}
	s.acct.Pools, s.dirty = store.PoolsText(own), true
	return past
}
