package store

import (
	"slices"
	"strings"
)

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

// filterColumns are the columns that a filter has a value for.
var filterColumns = []struct {
	column string
	wanted func(f *EntryFilter) string
	has    func(e *Entry) string
}{
	{"member_id", func(f *EntryFilter) string { return f.Member }, func(e *Entry) string { return e.Member }},
	{"credit", func(f *EntryFilter) string { return f.Credit }, func(e *Entry) string { return e.Credit }},
	{"kind", func(f *EntryFilter) string { return f.Kind }, func(e *Entry) string { return e.Kind }},
	{"person_id", func(f *EntryFilter) string { return f.Person }, func(e *Entry) string { return e.Person }},
	{"field", func(f *EntryFilter) string { return f.Field }, func(e *Entry) string { return e.Field }},
	{"channel", func(f *EntryFilter) string { return f.Channel }, func(e *Entry) string { return e.Channel }},
	{"outcome", func(f *EntryFilter) string { return f.Outcome }, func(e *Entry) string { return e.Outcome }},
}

// chooses tells of an entry between After and Before what where asks the database for.
func (f *EntryFilter) chooses(e *Entry) bool {
	for _, c := range filterColumns {
		switch wanted := c.wanted(f); wanted {
		case "":
		case None:
			if c.has(e) != "" {
				return false
			}
		default:
			if c.has(e) != wanted {
				return false
			}
		}
	}
	return f.Sight.Sees(e.Member)
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
	for _, c := range filterColumns {
		switch value := c.wanted(&f); value {
		case "":
		case None:
			add(c.column, "=", "")
		default:
			add(c.column, "=", value)
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
	if err != nil || len(list) >= f.Limit || reaches(list, f.After) {
		return list, err
	}
	return t.listArchived(f, list)
}

// reaches tells that entries, newest first, have the one after a number: there is nothing older.
func reaches(list []Entry, after int64) bool {
	return len(list) > 0 && list[len(list)-1].Seq == after+1
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
	if err != nil || len(people) >= limit {
		return people, err
	}
	return people, t.eachBlock(ws, after, own(p.newest()), true, "", func(of []Entry) (bool, error) {
		for n := len(of) - 1; n >= 0 && len(people) < limit; n-- {
			if who := of[n].Person; who != "" && !slices.Contains(people, who) {
				people = append(people, who)
			}
		}
		return len(people) < limit, nil
	})
}

// EachUp hands over a workspace's entries in the order of their numbers.
func (t Entries) EachUp(ws string, each func(e Entry) error) error {
	p, err := t.q.place(ws)
	if err != nil {
		return err
	}
	if err := t.eachBlock(ws, 0, own(p.newest()), false, "", func(of []Entry) (bool, error) {
		for _, e := range of {
			if err := each(e); err != nil {
				return false, err
			}
		}
		return true, nil
	}); err != nil {
		return err
	}
	return t.q.query(`SELECT `+entryColumns+` FROM entries WHERE workspace_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq`, func(scan scanner) error {
		e := Entry{Workspace: ws}
		if err := scanEntry(scan, &e); err != nil {
			return err
		}
		return each(e)
	}, ws, p.seq(0), p.newest())
}

// Head is the number of a workspace's newest entry and of its terms.
func (t Entries) Head(ws string) (seq, terms int64, err error) {
	_, err = t.one(`SELECT seq, terms_version FROM accounts WHERE workspace_id = $1`, []any{&seq, &terms}, ws)
	return seq, terms, err
}

// After lists entries after one up to another, oldest first.
func (t Entries) After(ws string, after, to int64, limit int) (list []Entry, err error) {
	here, err := t.unarchived(ws, after, to, limit)
	if err != nil || len(here) > 0 && here[0].Seq == after+1 {
		return here, err
	}
	before := to
	if len(here) > 0 {
		before = here[0].Seq - 1
	}
	err = t.eachBlock(ws, after, before, false, "", func(of []Entry) (bool, error) {
		list = append(list, of...)
		return len(list) < limit, nil
	})
	list = append(list, here...)
	return list[:min(limit, len(list))], err
}

// unarchived is After of the entries that are not archived.
func (t Entries) unarchived(ws string, after, to int64, limit int) (list []Entry, err error) {
	p, err := t.q.place(ws)
	if err != nil {
		return nil, err
	}
	err = t.q.query(`SELECT `+entryColumns+` FROM entries WHERE workspace_id = $1 AND seq > $2 AND seq <= $3 ORDER BY seq LIMIT $4`, func(scan scanner) error {
		e := Entry{Workspace: ws}
		err := scanEntry(scan, &e)
		list = append(list, e)
		return err
	}, ws, p.seq(after), p.seq(to), limit)
	return list, err
}

// Between finds the entries of [from, to): those whose number is above after
// and not above upTo. An account's time never goes back, so numbers are in the
// order of time, and a few reads by number find what an index by time would.
func (t Entries) Between(ws string, from, to int64) (after, upTo int64, err error) {
	_, newest, err := t.tx().Usage().mark(ws)
	if err != nil {
		return 0, 0, err
	}
	if after, err = t.before(ws, from, newest); err != nil {
		return 0, 0, err
	}
	upTo, err = t.before(ws, to, newest)
	return after, upTo, err
}

// before counts the entries before an instant. It looks at the newest entry first: pages mostly ask for
// a period that is not over.
func (t Entries) before(ws string, at, newest int64) (int64, error) {
	p, err := t.q.place(ws)
	if err != nil {
		return 0, err
	}
	low, high := int64(0), newest
	for middle := newest; low < high; middle = low + (high-low+1)/2 {
		var then int64
		found, err := t.one(`SELECT at FROM entries WHERE workspace_id = $1 AND seq = $2`, []any{&then}, ws, p.seq(middle))
		if err != nil {
			return 0, err
		}
		switch {
		case found && then < at:
			low = middle
		case found:
			high = middle - 1
		default:
			b, archived, err := t.blockOf(ws, middle)
			if err != nil {
				return 0, err
			}
			if !archived {
				high = middle - 1
			} else if low, high, err = t.step(ws, b, at, low, high); err != nil {
				return 0, err
			}
		}
	}
	return low, nil
}
