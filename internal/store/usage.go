package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// UsageCell is what one member spent in a day, by everything that usage is asked
// by: of charges, refunds and free outcomes.
type UsageCell struct {
	Day                                     int64 // the local date, 20260301
	Member, Credit, Field, Channel, Outcome string
	Answers                                 int64
	Used, Waived                            int64 // Used less what was given back
}

const usageCells = `SELECT day, member_id, credit, field, channel, outcome, COUNT(*),
	CAST(SUM(CASE kind WHEN 'charge' THEN amount WHEN 'refund' THEN -amount ELSE 0 END) AS BIGINT), CAST(SUM(waived) AS BIGINT)
	FROM entries WHERE workspace_id = $1 AND kind IN ('charge', 'free', 'refund') AND seq > $2 AND seq <= $3`

const byCell = ` GROUP BY day, member_id, credit, field, channel, outcome`

// cellFilter chooses entries to sum up.
type cellFilter struct {
	sight       Sight
	first, last int64 // local days, both included
}

// anyCell chooses all.
var anyCell = cellFilter{sight: Everybody(), last: 1 << 62}

// chooses tells of an entry what cellsOf asks the database for.
func (f cellFilter) chooses(e *Entry) bool {
	counts := e.Kind == "charge" || e.Kind == "free" || e.Kind == "refund"
	return counts && int64(e.Day) >= f.first && int64(e.Day) <= f.last && f.sight.Sees(e.Member)
}

// cellsOf sums entries after one up to another. A cell may come twice.
func (t Usage) cellsOf(ws string, after, upTo int64, f cellFilter) ([]UsageCell, error) {
	p, err := t.q.place(ws)
	if err != nil {
		return nil, err
	}
	seen, members := t.seen(f.sight, "member_id", 6)
	list, err := t.cells(usageCells+` AND day >= $4 AND day <= $5`+seen+byCell, ws, p.seq(after), p.seq(upTo), f.first, f.last, members)
	if err != nil {
		return nil, err
	}
	old, err := t.tx().Entries().cellsArchived(ws, after, upTo, f)
	return append(list, old...), err
}

func (t Usage) cells(sql string, args ...any) (list []UsageCell, err error) {
	err = t.q.query(sql, func(scan scanner) error {
		var c UsageCell
		err := scan(&c.Day, &c.Member, &c.Credit, &c.Field, &c.Channel, &c.Outcome, &c.Answers, &c.Used, &c.Waived)
		list = append(list, c)
		return err
	}, args...)
	return list, err
}

// OfDays sums whole local days, both included, such as 20260301, of whom the sight
// sees: what is summed up already, and the entries since. A cell may come twice.
func (t Usage) OfDays(ws string, sight Sight, first, last int64) ([]UsageCell, error) {
	mark, newest, err := t.mark(ws)
	if err != nil {
		return nil, err
	}
	seen, members := t.seen(sight, "member_id", 4)
	list, err := t.cells(`SELECT day, member_id, credit, field, channel, outcome, answers, used, waived FROM usage_sums WHERE workspace_id = $1 AND day >= $2 AND day <= $3`+seen, ws, first, last, members)
	if err != nil {
		return nil, err
	}
	since, err := t.cellsOf(ws, mark, newest, cellFilter{sight, first, last})
	return append(list, since...), err
}

// Between sums the entries of [from, to), of whom the sight sees, that fall on a
// local day; 0 is any.
func (t Usage) Between(ws string, sight Sight, from, to, day int64) ([]UsageCell, error) {
	after, upTo, err := t.tx().Entries().Between(ws, from, to)
	if err != nil || after >= upTo {
		return nil, err
	}
	f := cellFilter{sight, day, day}
	if day == 0 {
		f.last = anyCell.last
	}
	return t.cellsOf(ws, after, upTo, f)
}

// mark is up to which entry usage is summed up, and the newest entry.
func (t Usage) mark(ws string) (mark, newest int64, err error) {
	if _, err = t.one(`SELECT seq FROM usage_marks WHERE workspace_id = $1`, []any{&mark}, ws); err != nil {
		return 0, 0, err
	}
	_, err = t.one(`SELECT seq FROM accounts WHERE workspace_id = $1`, []any{&newest}, ws)
	return mark, newest, err
}

const (
	// usageTail is how many entries are left to be summed while reading.
	usageTail = 1000
	// usageStep is how many are summed up in one transaction: a few milliseconds of
	// the one writer that SQLite has.
	usageStep = 5000
)

var errSummed = fault.New(fault.Conflict, "Somebody else summed this up.")

// SumUsage sums up a step of the entries that were not yet; more is true while there
// are others. Nothing is lost when it fails or two do it at once: what is not summed
// up is added while reading.
func (s *Store) SumUsage(ctx context.Context, ws string) (more bool, err error) {
	return s.sumUsage(ctx, ws, usageTail, 1<<62)
}

// sumUsageTo sums up everything up to an entry.
func (s *Store) sumUsageTo(ctx context.Context, ws string, seq int64) error {
	for {
		var mark, newest int64
		err := s.View(ctx, func(tx *Tx) (err error) {
			mark, newest, err = tx.Usage().mark(ws)
			return err
		})
		if err != nil || mark >= seq {
			return err
		}
		if newest < seq { // no step would come to it
			return fmt.Errorf("the account counts %d entries, and there is entry %d; run leadmeter verify", newest, seq)
		}
		if _, err := s.sumUsage(ctx, ws, 0, seq); err != nil {
			return err
		}
	}
}

func (s *Store) sumUsage(ctx context.Context, ws string, tail, last int64) (more bool, err error) {
	var mark, upTo, newest int64
	var cells []UsageCell
	err = s.View(ctx, func(tx *Tx) (err error) {
		mark, newest, err = tx.Usage().mark(ws)
		if newest = min(newest, last); err != nil || newest-mark <= tail {
			return err
		}
		upTo = min(mark+usageStep, newest)
		cells, err = tx.Usage().cellsOf(ws, mark, upTo, anyCell)
		return err
	})
	if err != nil || upTo == 0 {
		return false, err
	}
	err = s.Update(ctx, func(tx *Tx) error {
		n, err := tx.q.exec(`INSERT INTO usage_marks (workspace_id, seq) VALUES ($1, $2)
			ON CONFLICT (workspace_id) DO UPDATE SET seq = excluded.seq WHERE usage_marks.seq = $3`, ws, upTo, mark)
		if err == nil && n == 0 {
			err = errSummed
		}
		if err != nil {
			return err
		}
		for _, c := range cells {
			if _, err := tx.q.exec(`INSERT INTO usage_sums (workspace_id, day, member_id, credit, field, channel, outcome, answers, used, waived)
				VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)
				ON CONFLICT (workspace_id, day, member_id, credit, field, channel, outcome) DO UPDATE SET
				answers = usage_sums.answers + excluded.answers, used = usage_sums.used + excluded.used, waived = usage_sums.waived + excluded.waived`,
				ws, c.Day, c.Member, c.Credit, c.Field, c.Channel, c.Outcome, c.Answers, c.Used, c.Waived); err != nil {
				return err
			}
		}
		return nil
	})
	if fault.Is(err, fault.Conflict) {
		return false, nil
	}
	return newest-upTo > tail, err
}

// Pools lists a workspace's pools of the periods that began in [from, to), newest first.
func (t Usage) Pools(ws string, from, to int64, limit int) (list []Pool, err error) {
	own, err := Accounts(t).own(ws)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(own, func(p Pool) bool { return p.PeriodStart < from || p.PeriodStart >= to })
	err = t.q.query(sqlPastPools+` AND period_start >= $2 AND period_start < $3 ORDER BY period_start DESC, credit LIMIT $4`, func(scan scanner) error {
		p, err := scanPool(ws, scan)
		list = append(list, p)
		return err
	}, ws, from, to, limit)
	slices.SortFunc(list, func(x, y Pool) int {
		return cmp.Or(cmp.Compare(y.PeriodStart, x.PeriodStart), strings.Compare(x.Credit, y.Credit))
	})
	return list[:min(len(list), limit)], err
}
