package store

import "strings"

// EntryFilter chooses ledger entries of one workspace.
type EntryFilter struct {
	Workspace            string
	Member, Credit, Kind string // empty: any
	Person               string
	From, To             int64 // at >= From, at < To; 0: open
	Before               int64 // seq below; 0: from the newest
	Limit                int
}

const entryColumns = `seq, at, day, period_start, kind, credit, amount, waived, balance_after, member_id, person_id, field, outcome, channel, hold_id, grant_id, note`

func scanEntry(scan scanner, e *Entry) error {
	return scan(&e.Seq, &e.At, &e.Day, &e.PeriodStart, &e.Kind, &e.Credit, &e.Amount, &e.Waived, &e.BalanceAfter, &e.Member, &e.Person, &e.Field,
		&e.Outcome, &e.Channel, &e.Hold, &e.Grant, &e.Note)
}

// where writes the filter's conditions; its parameters come back in order.
func (f EntryFilter) where() (string, []any) {
	cond, args := []string{"workspace_id = $1"}, []any{f.Workspace}
	add := func(column, op string, v any) {
		args = append(args, v)
		cond = append(cond, column+" "+op+" $"+itoa(len(args)))
	}
	for _, c := range []struct{ column, value string }{{"member_id", f.Member}, {"credit", f.Credit}, {"kind", f.Kind}, {"person_id", f.Person}} {
		if c.value != "" {
			add(c.column, "=", c.value)
		}
	}
	if f.From != 0 {
		add("at", ">=", f.From)
	}
	if f.To != 0 {
		add("at", "<", f.To)
	}
	if f.Before != 0 {
		add("seq", "<", f.Before)
	}
	return strings.Join(cond, " AND "), args
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// Entries lists entries, newest first.
func (t *Tx) Entries(f EntryFilter) ([]Entry, error) {
	var list []Entry
	err := t.EachEntry(f, func(e Entry) error {
		list = append(list, e)
		return nil
	})
	return list, err
}

// EachEntry hands over entries one by one, newest first.
func (t *Tx) EachEntry(f EntryFilter, each func(e Entry) error) error {
	where, args := f.where()
	args = append(args, f.Limit)
	return t.q.query(`SELECT `+entryColumns+` FROM entries WHERE `+where+` ORDER BY seq DESC LIMIT $`+itoa(len(args)), func(scan scanner) error {
		e := Entry{Workspace: f.Workspace}
		if err := scanEntry(scan, &e); err != nil {
			return err
		}
		return each(e)
	}, args...)
}

// UsageRow is one group of a usage report.
type UsageRow struct {
	Key             string
	Credit, Outcome string
	Count           int64
	Used, Waived    int64
}

// usageKeys are what usage can be grouped by.
var usageKeys = map[string]string{
	"member": "member_id", "day": "day", "field": "field", "outcome": "outcome", "channel": "channel",
}

// UsageGroup reports whether usage can be grouped by this.
func UsageGroup(by string) bool { return usageKeys[by] != "" }

// Usage sums charges, refunds and free outcomes of [from, to) by a group, credit
// type and outcome.
func (t *Tx) Usage(ws, by, member string, from, to int64) ([]UsageRow, error) {
	column := usageKeys[by]
	var list []UsageRow
	err := t.q.query(`SELECT CAST(`+column+` AS TEXT), credit, outcome, COUNT(*),
		CAST(SUM(CASE kind WHEN 'charge' THEN amount WHEN 'refund' THEN -amount ELSE 0 END) AS BIGINT), CAST(SUM(waived) AS BIGINT)
		FROM entries WHERE workspace_id = $1 AND at >= $2 AND at < $3 AND kind IN ('charge', 'free', 'refund') AND ($4 = '' OR member_id = $4)
		GROUP BY `+column+`, credit, outcome ORDER BY `+column+`, credit, outcome`, func(scan scanner) error {
		var r UsageRow
		err := scan(&r.Key, &r.Credit, &r.Outcome, &r.Count, &r.Used, &r.Waived)
		list = append(list, r)
		return err
	}, ws, from, to, member)
	return list, err
}

// Hold reads a hold; false: there is none.
func (t *Tx) Hold(ws, id string) (h Hold, found bool, err error) {
	h.Workspace = ws
	err = t.q.query(sqlHold, func(scan scanner) error {
		found = true
		return scanHold(scan, &h)
	}, ws, id)
	return h, found, err
}

// PeopleSince are those of whom entries after a number tell, at most limit.
func (t *Tx) PeopleSince(ws string, after int64, limit int) (people []string, err error) {
	err = t.q.query(`SELECT DISTINCT person_id FROM entries WHERE workspace_id = $1 AND seq > $2 AND person_id <> '' LIMIT `+itoa(limit), func(scan scanner) error {
		var p string
		err := scan(&p)
		people = append(people, p)
		return err
	}, ws, after)
	return people, err
}
