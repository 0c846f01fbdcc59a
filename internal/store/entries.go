package store

import "strings"

// None in a filter chooses what has no value there.
const None = "-"

// EntryFilter chooses ledger entries of one workspace.
type EntryFilter struct {
	Workspace            string
	Sight                Sight
	Member, Credit, Kind string // empty: any
	Person               string
	Field, Channel       string // empty: any; None: those without one
	Outcome              string
	From, To             int64 // at >= From, at < To; 0: open
	After                int64 // seq above; 0: to the oldest
	Before               int64 // seq below; 0: from the newest
	Limit                int
}

const entryColumns = `seq, at, day, period_start, kind, credit, amount, waived, balance_after, member_id, person_id, field, outcome, channel, hold_id, grant_id, note, capture_id`

func scanEntry(scan scanner, e *Entry) error {
	err := scan(&e.Seq, &e.At, &e.Day, &e.PeriodStart, &e.Kind, &e.Credit, &e.Amount, &e.Waived, &e.BalanceAfter, &e.Member, &e.Person, &e.Field,
		&e.Outcome, &e.Channel, &e.Hold, &e.Grant, &e.Note, &e.Capture)
	e.Seq = own(e.Seq)
	return err
}

// where writes the filter's conditions but for its instants, which Entries turns
// into numbers; the parameters come back in order.
func (t Entries) where(f EntryFilter) (string, []any, error) {
	p, err := t.q.place(f.Workspace)
	if err != nil {
		return "", nil, err
	}
	upTo := p.newest()
	if f.Before != 0 {
		upTo = p.seq(f.Before - 1)
	}
	cond, args := []string{"workspace_id = $1 AND seq > $2 AND seq <= $3"}, []any{f.Workspace, p.seq(f.After), upTo}
	add := func(column, op string, v any) {
		args = append(args, v)
		cond = append(cond, column+" "+op+" $"+itoa(len(args)))
	}
	for _, c := range []struct{ column, value string }{{"member_id", f.Member}, {"credit", f.Credit}, {"kind", f.Kind}, {"person_id", f.Person},
		{"field", f.Field}, {"channel", f.Channel}, {"outcome", f.Outcome}} {
		switch c.value {
		case "":
		case None:
			add(c.column, "=", "")
		default:
			add(c.column, "=", c.value)
		}
	}
	seen, members := t.seen(f.Sight, "member_id", len(args)+1)
	return strings.Join(cond, " AND ") + seen, append(args, members), nil
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

// List lists entries, newest first.
func (t Entries) List(f EntryFilter) (list []Entry, err error) {
	if f.From != 0 || f.To != 0 {
		to := f.To
		if to == 0 {
			to = 1 << 62
		}
		after, upTo, err := t.Between(f.Workspace, f.From, to)
		if err != nil {
			return nil, err
		}
		f.After, f.From, f.To = max(f.After, after), 0, 0
		if f.Before == 0 || f.Before > upTo {
			f.Before = upTo + 1
		}
	}
	where, args, err := t.where(f)
	if err != nil {
		return nil, err
	}
	args = append(args, f.Limit)
	err = t.q.query(`SELECT `+entryColumns+` FROM entries WHERE `+where+` ORDER BY seq DESC LIMIT $`+itoa(len(args)), func(scan scanner) error {
		e := Entry{Workspace: f.Workspace}
		if err := scanEntry(scan, &e); err != nil {
			return err
		}
		list = append(list, e)
		return nil
	}, args...)
	return list, err
}

// Hold reads a hold; false: there is none.
func (t Accounts) Hold(ws, id string) (h Hold, found bool, err error) {
	h.Workspace = ws
	err = t.q.query(sqlHold, func(scan scanner) error {
		found = true
		return scanHold(scan, &h)
	}, ws, id)
	return h, found, err
}

// PeopleSince are those of whom entries after a number tell, at most limit.
func (t Entries) PeopleSince(ws string, after int64, limit int) (people []string, err error) {
	p, err := t.q.place(ws)
	if err != nil {
		return nil, err
	}
	err = t.q.query(`SELECT DISTINCT person_id FROM entries WHERE workspace_id = $1 AND seq > $2 AND seq <= $3 AND person_id <> '' LIMIT `+itoa(limit), func(scan scanner) error {
		var p string
		err := scan(&p)
		people = append(people, p)
		return err
	}, ws, p.seq(after), p.newest())
	return people, err
}
