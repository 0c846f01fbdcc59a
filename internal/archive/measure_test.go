package archive_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// TestMeasureArchive says what docs/scale.md tells of an archive of so many entries of one workspace:
//
//	LEADMETER_TEST_ARCHIVED=1000000 go test ./internal/archive -run TestMeasureArchive -v -timeout 1h
func TestMeasureArchive(t *testing.T) {
	entries, err := strconv.Atoi(os.Getenv("LEADMETER_TEST_ARCHIVED"))
	if err != nil {
		t.Skip("LEADMETER_TEST_ARCHIVED is not a number of entries")
	}
	eachLedger(t, func(t *testing.T, l *ledger) {
		l.add(t, "none", 2000)
		began := time.Now()
		l.fill(t, "many", entries)
		t.Logf("filled in %s", time.Since(began).Round(time.Second))
		t.Logf("hot: %.0f bytes an entry", float64(l.size(t, "entries"))/float64(entries))
		t.Logf("receipts, which stay: %.0f bytes each, the answer of a capture %d", float64(l.size(t, "receipts"))/float64(l.exec(t, "SELECT count(*) FROM receipts")),
			l.exec(t, "SELECT cast(avg(length(answer)) AS BIGINT) FROM receipts WHERE length(answer) > 40"))
		l.costs(t, "none", 0)
		l.costs(t, "many", 1)
		charging := l.charging(t, "none")
		began = time.Now()
		r, err := l.archive(0).Run(t.Context(), "many", now.AddDate(0, -2, 0))
		if err != nil || len(r.Left) > 0 {
			t.Fatal(r, err)
		}
		took := time.Since(began)
		t.Logf("a charge meanwhile: %s", charging())
		t.Logf("archived %d in %s, %.0f entries/s; values %.1f, packed %.1f, stored %.1f bytes an entry", r.Entries, took.Round(time.Millisecond), float64(r.Entries)/took.Seconds(),
			float64(r.Values)/float64(r.Entries), float64(r.Packed)/float64(r.Entries), float64(l.size(t, "entry_archive"))/float64(r.Entries))
		l.costs(t, "none", 2)
		l.costs(t, "many", 3)
		began = time.Now()
		if d := l.differences(t); len(d) > 0 {
			t.Error(d)
		}
		t.Logf("verified in %s", time.Since(began).Round(time.Millisecond))
		began = time.Now()
		if r, err = l.archive(0).Restore(t.Context(), "many"); err != nil {
			t.Fatal(r, err)
		}
		t.Logf("restored %d in %s", r.Entries, time.Since(began).Round(time.Millisecond))
	})
}

// fill adds a workspace with entries as a server makes them, over the year before now: one of
// two charges has a description, the others are captures of two fields.
func (l *ledger) fill(t *testing.T, ws string, entries int) {
	l.add(t, ws, 0)
	const batch = 2000
	from := now.AddDate(0, -12, 0)
	for n := 0; n < entries; {
		var commands []credits.Command
		for range batch {
			step := now.Sub(from) / time.Duration(entries)
			at := from.Add(step*time.Duration(n) + rand.N(step))
			r := credits.Request{Workspace: ws, Member: fmt.Sprint("mem_06f", n%7), At: at, Key: ident.New("key"), Fingerprint: []byte("12345678"), Channel: "api"}
			if n%4 == 0 {
				person := ident.New("per")
				r.Capture = ident.New("cap")
				r.Keep = fmt.Appendf(nil, `{"id":%q,"mode":"capture","person":%q,"lead":%q}`, r.Capture, person, ident.Lead(person))
				commands = append(commands, &credits.Capture{Request: r, Person: person, Findings: []credits.Finding{{Field: "work_email", Values: 1}, {Field: "mobile_phone"}}})
				n += 2
				continue
			}
			commands = append(commands, &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit / 1000, Note: fmt.Sprintf("Simulation %d of 40", n%40)})
			n++
		}
		if _, err := l.DoAll(t.Context(), commands); err != nil {
			t.Fatal(err)
		}
	}
}

// size is how many bytes a table takes on disk, its indexes included.
func (l *ledger) size(t *testing.T, table string) int64 {
	if l.store.Engine() == "sqlite" {
		return l.exec(t, `SELECT coalesce(sum(pgsize), 0) FROM dbstat WHERE name IN (SELECT name FROM sqlite_schema WHERE tbl_name = $1)`, table)
	}
	return l.exec(t, `SELECT pg_total_relation_size($1::text::regclass)`, table)
}

// charging charges a workspace, one after the other, until it is asked how long that took.
func (l *ledger) charging(t *testing.T, ws string) (stop func() string) {
	var took []time.Duration
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for n := 0; ctx.Err() == nil; n++ {
			began := time.Now()
			if _, err := l.Do(t.Context(), command(ws, 50_000_000+3*n+1, now)); err != nil {
				t.Error(err)
				return
			}
			took = append(took, time.Since(began))
		}
	}()
	return func() string {
		cancel()
		<-ended
		slices.Sort(took)
		return fmt.Sprintf("median %s, 99 %% within %s, the slowest %s of %d", took[len(took)/2], took[len(took)*99/100], took[len(took)-1], len(took))
	}
}

// costs are medians of what a workspace pays often.
func (l *ledger) costs(t *testing.T, ws string, round int) {
	t.Helper()
	median := func(times int, work func(n int) error) time.Duration {
		var took []time.Duration
		for n := range times {
			began := time.Now()
			if err := work(n); err != nil {
				t.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		slices.Sort(took)
		return took[times/2].Round(time.Microsecond)
	}
	list := func(f store.EntryFilter) func(int) error {
		f.Workspace, f.Sight = ws, store.Everybody()
		return func(int) error {
			return l.store.View(t.Context(), func(tx *store.Tx) error { _, err := tx.Entries().List(f); return err })
		}
	}
	charge := median(300, func(n int) error {
		_, err := l.Do(t.Context(), command(ws, 1_000_000*(round+1)+3*n+1, now))
		return err
	})
	day := now.AddDate(0, -6, 0)
	t.Logf("%s: a charge %s, the first page %s, a page of a day half a year ago %s, the entries of a person who has none %s", ws, charge,
		median(100, list(store.EntryFilter{Limit: 51})),
		median(20, list(store.EntryFilter{Limit: 51, From: day.UnixMicro(), To: day.AddDate(0, 0, 1).UnixMicro()})),
		median(3, list(store.EntryFilter{Limit: 51, Person: ident.New("per")})))
}
