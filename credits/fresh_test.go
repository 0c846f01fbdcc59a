package credits_test

import (
	"testing"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// Rules P1, P3, C8: the first charges of a period are decided ahead of the database
// like any others, since a period that began after all that the account went
// through has no rows yet; and when another server was there first, they are not.
func TestP3FirstChargesOfAPeriodAhead(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		p := openPair(t, st.Engine(), 20)
		p.warm()
		period := func(at string) {
			p.check()
			p.now = mustTime(t, at)
			clear(p.spent)
		}
		period("2026-04-01T00:00:00Z")
		commits, ahead := p.a.Commits(), p.a.Ahead()
		p.must(p.a, p.everywhere(credits.Credit)...)
		if commits, ahead = p.a.Commits()-commits, p.a.Ahead()-ahead; ahead == 0 || ahead != commits {
			t.Errorf("%d of %d batches were decided ahead", ahead, commits)
		}
		p.must(p.a, p.everywhere(credits.Credit)...)

		// The other server is first in May, and takes all but one credit.
		period("2026-05-01T00:00:00Z")
		for _, ws := range p.workspaces {
			p.must(p.b, p.charge(ws, p.left(p.b, ws)-credits.Credit, p.key()))
		}
		for n, answer := range together(p.a, p.everywhere(2*credits.Credit)) {
			if r := refusal(t, answer.Err); r == nil || r.Code != credits.Insufficient {
				t.Errorf("workspace %d: two credits were charged of one", n)
			}
		}
		p.must(p.a, p.everywhere(credits.Credit)...)

		// A refusal of a period's first charge leaves nothing behind for the other.
		period("2026-06-01T00:00:00Z")
		for n, answer := range together(p.a, p.everywhere(credits.MaxAmount)) {
			if r := refusal(t, answer.Err); r == nil || r.Code != credits.Insufficient {
				t.Errorf("workspace %d: more was charged than the month allows", n)
			}
		}
		p.must(p.b, p.everywhere(credits.Credit)...)
		p.must(p.a, p.everywhere(credits.Credit)...)

		// A pool that this server does not remember, in a period that is not new.
		premium := func(l *credits.Ledger) {
			for _, ws := range p.workspaces {
				c := p.charge(ws, credits.Credit, p.key())
				c.Credit = "premium"
				if _, err := l.Do(ctx, c); err != nil {
					t.Fatal(err)
				}
			}
		}
		premium(p.b)
		p.warm()
		premium(p.a)
		p.check()
	})
}
