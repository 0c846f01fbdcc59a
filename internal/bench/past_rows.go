package bench

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// rowsAtOnce is how many rows of a table a transaction of the filler adds.
	rowsAtOnce = 10_000
	// chargesAtOnce are sorted by workspace before they are written, which spares an index most of the
	// pages that it would read: on disk they lie in the order of time, up to so many.
	chargesAtOnce = 1_000_000
)

// into collects rows of a table and adds them a batch at a time, from a goroutine of its own.
type into struct {
	table store.Table
	at    []int // the place in a row of each column that add is given
	rows  [][]any
	full  chan [][]any
	ended chan error
}

// into begins to add to a table, all of whose columns are named.
func (f *filler) into(ctx context.Context, table string, columns ...string) (*into, error) {
	w := &into{table: f.tables[table], full: make(chan [][]any, 1), ended: make(chan error, 1)}
	for _, c := range columns {
		at := slices.IndexFunc(w.table.Columns, func(of store.Column) bool { return of.Name == c })
		w.at = append(w.at, at)
	}
	if len(columns) != len(w.table.Columns) || slices.Contains(w.at, -1) {
		return nil, fmt.Errorf("bench: table %s has other columns than %v", table, columns)
	}
	go func() {
		var err error
		for rows := range w.full {
			if err == nil {
				err = f.store.Update(ctx, func(tx *store.Tx) error { return tx.Tables().Insert(w.table, rows) })
			}
		}
		w.ended <- err
	}()
	return w, nil
}

// add takes the values of a row, in the order of the columns that were named.
func (w *into) add(values ...any) {
	row := make([]any, len(values))
	for n, v := range values {
		row[w.at[n]] = v
	}
	if w.rows = append(w.rows, row); len(w.rows) == rowsAtOnce {
		w.full <- w.rows
		w.rows = make([][]any, 0, rowsAtOnce)
	}
}

// close adds the last rows.
func (w *into) close() error {
	if len(w.rows) > 0 {
		w.full <- w.rows
	}
	close(w.full)
	return <-w.ended
}

// table fills one with what rows adds.
func (f *filler) table(ctx context.Context, table string, columns []string, rows func(add func(values ...any))) error {
	w, err := f.into(ctx, table, columns...)
	if err != nil {
		return err
	}
	rows(w.add)
	return w.close()
}

// workspaceRows adds the workspaces, each with an owner who has a password, and an API key. Alerts
// were looked at for all, as a server that ran has done.
func (f *filler) workspaceRows(ctx context.Context) error {
	began := f.began.UnixMicro()
	for _, t := range []struct {
		name    string
		columns []string
		row     func(n int, add func(values ...any))
	}{
		{"accounts", []string{"workspace_id", "seq", "terms_version", "last_at", "next_expiry", "pools"}, func(n int, add func(...any)) {
			last, pools := began, ""
			if f.counts[n] > 0 {
				at := f.at(f.last[n])
				last, pools = at.UnixMicro(), store.PoolsText([]store.Pool{f.pool(at, f.newest[n])})
			}
			add(f.ids[n], int64(f.counts[n]), int64(1), last, int64(0), pools)
		}},
		{"subscriptions", []string{"workspace_id", "terms"}, func(n int, add func(...any)) { add(f.ids[n], string(f.terms)) }},
		{"workspaces", []string{"workspace_id", "name", "clock_id", "auto_unlock", "auto_cap", "created_at", "usage_visible_to"}, func(n int, add func(...any)) {
			add(f.ids[n], workspaceName(n), "", "member", nil, began, "managers")
		}},
		{"members", []string{"workspace_id", "member_id", "email", "name", "role", "auto_unlock", "created_at", "removed_at"}, func(n int, add func(...any)) {
			add(f.ids[n], f.members[n], ownerEmail(n), fmt.Sprint("Owner ", n), "admin", int64(0), began, int64(0))
		}},
		{"member_emails", []string{"email", "workspace_id", "member_id"}, func(n int, add func(...any)) { add(ownerEmail(n), f.ids[n], f.members[n]) }},
		{"logins", []string{"email", "workspace_id", "member_id", "password"}, func(n int, add func(...any)) {
			add(ownerEmail(n), f.ids[n], f.members[n], f.password)
		}},
		{"api_keys", []string{"workspace_id", "key_id", "hash", "last4", "name", "role", "member_id", "read_only", "created_at", "revoked_at", "owner", "service"}, func(n int, add func(...any)) {
			secret := ident.Secret() // which nobody knows
			add(f.ids[n], ident.New("key"), ident.Hash(secret), secret[:4], "Software", "admin", "", int64(0), began, int64(0), "operator", int64(1))
		}},
		{"alert_cursors", []string{"workspace_id", "seq", "terms_version"}, func(n int, add func(...any)) { add(f.ids[n], int64(f.counts[n]), int64(1)) }},
	} {
		f.report.begin(t.name, f.workspaces)
		if err := f.table(ctx, t.name, t.columns, func(add func(...any)) {
			for n := range f.workspaces {
				t.row(n, add)
				f.report.done(n + 1)
			}
		}); err != nil {
			return err
		}
	}
	return f.report.err
}

func workspaceName(n int) string { return fmt.Sprint("Workspace ", n) }

// charges adds the entries and receipts, and at each month's end its pools.
func (f *filler) charges(ctx context.Context) error {
	draw := f.draws()
	f.report.begin("entries", f.total)
	for month, done := f.began, 0; done < f.total && f.report.err == nil; {
		end := month.AddDate(0, 1, 0)
		for done < f.total && f.at(int64(done)).Before(end) {
			var drawn []uint64 // the workspace, and after it the charge's number
			for from := done; len(drawn) < chargesAtOnce && done < f.total && f.at(int64(done)).Before(end); done++ {
				drawn = append(drawn, uint64(draw())<<32|uint64(done-from))
			}
			slices.Sort(drawn)
			if err := f.write(ctx, drawn, done-len(drawn), month); err != nil {
				return err
			}
		}
		if err := f.pools(ctx, month); err != nil {
			return err
		}
		month = end
	}
	return f.report.err
}

// write adds charges of a month, the first of which has a number.
func (f *filler) write(ctx context.Context, drawn []uint64, first int, month time.Time) error {
	entries, err := f.into(ctx, "entries", "workspace_id", "seq", "at", "day", "period_start", "kind", "credit", "amount", "waived", "balance_after",
		"member_id", "person_id", "field", "outcome", "channel", "hold_id", "grant_id", "note", "capture_id")
	if err != nil {
		return err
	}
	receipts, err := f.into(ctx, "receipts", "workspace_id", "key", "fingerprint", "at", "answer")
	if err != nil {
		return err
	}
	start, done := any(month.UnixMicro()), f.total-f.report.left
	for n, d := range drawn {
		at, ws := f.at(int64(first)+int64(uint32(d))), d>>32
		f.seq[ws]++
		f.used[ws]++
		seq, used, micros := int64(f.seq[ws]), int64(f.used[ws])*int64(credits.Credit), any(at.UnixMicro())
		y, m, day := at.Date()
		entries.add(f.ids[ws], seq, micros, int64(y*10000+int(m)*100+day), start, credits.KindCharge, "standard", int64(credits.Credit), int64(0), f.allowance-used,
			"", "", "", "charged", "api", "", "", "", "")
		receipts.add(f.ids[ws], receiptKey(at, f.random), []byte{}, micros, f.answer(seq, used))
		if f.report.done(done + n + 1); f.report.err != nil {
			break
		}
	}
	var both errgroup.Group
	both.Go(entries.close)
	both.Go(receipts.close)
	return both.Wait()
}

// receiptKey is a key in the order of time, as a client makes them, in the form of the database.
func receiptKey(at time.Time, r *rand.Rand) []byte {
	key := make([]byte, 17)
	binary.BigEndian.PutUint64(key[1:], uint64(at.UnixMilli())<<16|0x7000|r.Uint64()&0xfff)
	binary.BigEndian.PutUint64(key[9:], 1<<63|r.Uint64()>>2)
	return key
}

// answer is what the ledger keeps of a charge of one credit.
func (f *filler) answer(seq, used int64) []byte {
	b := []byte{1}
	for _, n := range [...]int64{seq, int64(credits.Credit), used, 0, f.allowance + 1} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return append(b, "standard"...)
}

// pool is the one of a charge's month, with so many credits used.
func (f *filler) pool(at time.Time, used int32) store.Pool {
	start := time.Date(at.Year(), at.Month(), 1, 0, 0, 0, 0, time.UTC)
	return store.Pool{PeriodStart: start.UnixMicro(), Credit: "standard", PeriodEnd: start.AddDate(0, 1, 0).UnixMicro(), Used: int64(used) * int64(credits.Credit), Allowance: f.allowance}
}

// pools adds those of a month that newer ones follow, and begins to count the next.
func (f *filler) pools(ctx context.Context, month time.Time) error {
	columns := []string{"workspace_id", "period_start", "credit", "period_end", "used", "held", "reserved", "allowance", "rolled", "carry_num", "carry_den"}
	return f.table(ctx, "past_pools", columns, func(add func(...any)) {
		for n, used := range f.used {
			if used > 0 && !f.at(f.last[n]).Before(month.AddDate(0, 1, 0)) {
				p := f.pool(month, used)
				add(f.ids[n], p.PeriodStart, p.Credit, p.PeriodEnd, p.Used, p.Held, p.Reserved, p.Allowance, p.Rolled, p.CarryNum, p.CarryDen)
			}
			f.used[n] = 0
		}
	})
}

// sheets puts leads on the sheets of the samples, and sums their usage up, as its readers would have.
func (f *filler) sheets(ctx context.Context) error {
	for _, g := range f.groups {
		for _, s := range g.Of {
			if err := f.sheet(ctx, s); err != nil {
				return err
			}
			for more := true; more; {
				var err error
				if more, err = f.store.SumUsage(ctx, s.Workspace); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (f *filler) sheet(ctx context.Context, s subject) error {
	for from := 0; from < s.Leads; from += 2000 {
		w := &store.Writes{}
		for n := from; n < min(from+2000, s.Leads); n++ {
			l := leadOf(s, n, f.began.Add(time.Duration(n)*time.Minute))
			w.Leads = append(w.Leads, l)
			reveal := store.Reveal{Workspace: s.Workspace, Person: l.Person, Field: "work_email", Outcome: "charged", At: l.At, Values: fmt.Sprintf(`[{"value":"person%d@%s","status":"verified"}]`, n, l.Domain)}
			w.Reveals = append(w.Reveals, reveal)
			if n%2 == 0 {
				reveal.Field, reveal.Values = "work_phone", fmt.Sprintf(`[{"value":"+1212555%04d"}]`, n%10_000)
				w.Reveals = append(w.Reveals, reveal)
			}
		}
		if err := f.store.Ledger(ctx, s.Workspace, func(store.LedgerTx) (*store.Writes, error) { return w, nil }); err != nil {
			return err
		}
	}
	return nil
}

func leadOf(s subject, n int, at time.Time) store.LeadRow {
	name, domain := firm(n * 17 % 9001)
	return store.LeadRow{
		Workspace: s.Workspace, ID: fmt.Sprintf("lead_%08d", n*7919%1_000_003), Person: fmt.Sprintf("per_%08d", n), Member: s.Owner,
		FullName: leadName(s, n), Title: roles[n%len(roles)], Company: name, Domain: domain, Location: places[n%len(places)],
		Profile: fmt.Sprintf("https://www.linkedin.com/in/person-%d", n), At: at.UnixMicro(), List: []string{"", "", "Autumn outreach", "Conference"}[n%4],
	}
}

// leadName names a lead by its workspace too, so that it is seen whose page was answered.
func leadName(s subject, n int) string {
	return fmt.Sprintf("%s Person%dof%d", givenNames[n%len(givenNames)], n, s.Number)
}
