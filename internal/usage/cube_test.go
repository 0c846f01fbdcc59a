package usage_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
	"github.com/leadmeter/leadmeter/internal/usage"
)

var ctx = context.Background()

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

var now = time.Date(2026, 3, 29, 20, 0, 0, 0, time.UTC) // the clocks changed this morning

// ledgerOf is a workspace in Berlin whose ledger has n entries, spread over
// February and March. It was written past the ledger, to be quick.
func ledgerOf(t testing.TB, engine string, n int) (*usage.Reports, *account.Scope, []store.Entry) {
	t.Helper()
	s, err := server.Open(ctx, server.Config{Database: testdb.Address(t, engine), Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	scope := &account.Scope{Principal: account.Principal{Role: account.Operator}, Now: now}
	err = s.Store.Update(ctx, func(tx *store.Tx) (err error) {
		scope.Workspace, err = s.Accounts.CreateWorkspace(tx, account.NewWorkspace{Name: "Acme", Plan: "pro", TimeZone: "Europe/Berlin", PriceBook: "classic", Seats: 50, Anchor: 1})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	entries := someEntries(scope.Workspace.ID, n)
	err = s.Store.Ledger(ctx, scope.Workspace.ID, func(tx store.LedgerTx) (*store.Writes, error) {
		rows, err := tx.Load(&store.Want{Accounts: []store.AccountKey{{Workspace: scope.Workspace.ID}}})
		if err != nil {
			return nil, err
		}
		a := rows.Accounts[0]
		a.Seq, a.LastAt = int64(n), entries[n-1].At
		return &store.Writes{Accounts: []store.Account{a}, Entries: entries}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return &usage.Reports{Store: s.Store, Ledger: s.Ledger, Accounts: s.Accounts}, scope, entries
}

func someEntries(ws string, n int) (list []store.Entry) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	begin := time.Date(2026, 2, 1, 0, 0, 0, 0, berlin)
	step := now.Sub(begin) / time.Duration(n)
	for i := range n {
		at := begin.Add(step * time.Duration(i))
		y, m, d := at.In(berlin).Date()
		e := store.Entry{
			Workspace: ws, Seq: int64(i + 1), At: at.UnixMicro(), Day: y*10000 + int(m)*100 + d, Kind: "charge", Credit: "standard", Amount: 1_000_000,
			Member: fmt.Sprintf("mem_%d", i*7%12), Person: fmt.Sprintf("per_%d", i/3), Field: []string{"work_email", "work_phone", "personal_email"}[i%3],
			Outcome: "charged", Channel: []string{"page", "api", "extension"}[i/5%3],
		}
		switch {
		case i%4 == 1:
			e.Kind, e.Amount, e.Outcome = "free", 0, "not_found"
		case i%9 == 2:
			e.Kind, e.Amount, e.Waived, e.Outcome = "free", 0, 1_000_000, "already_owned"
		case i%50 == 3:
			e.Kind, e.Outcome = "refund", "bounced"
		case i%31 == 5:
			e.Kind, e.Outcome = "hold", ""
		}
		list = append(list, e)
	}
	return list
}

// Whatever was summed up already, a report is the sum of the ledger's entries.
func TestUsageIsTheSumOfTheEntries(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			reports, scope, entries := ledgerOf(t, engine, 14_000)
			rapid.Check(t, func(t *rapid.T) {
				if rapid.Bool().Draw(t, "sum") {
					if _, err := reports.Store.SumUsage(ctx, scope.Workspace.ID); err != nil {
						t.Fatal(err)
					}
				}
				from := now.Add(-time.Duration(rapid.IntRange(0, 60*24).Draw(t, "hours before")) * time.Hour)
				to := from.Add(time.Duration(rapid.IntRange(0, 40*24*60).Draw(t, "minutes")) * time.Minute)
				if rapid.Bool().Draw(t, "whole days") {
					from, to = midnight(from), midnight(to)
				}
				by := rapid.SampledFrom(usage.Groups).Draw(t, "by")
				want := map[string]int64{}
				for _, e := range entries {
					if e.At < from.UnixMicro() || e.At >= to.UnixMicro() {
						continue
					}
					key := map[string]string{"member": e.Member, "field": e.Field, "outcome": e.Outcome, "channel": e.Channel, "day": fmt.Sprintf("%d-%02d-%02d", e.Day/10000, e.Day/100%100, e.Day%100)}[by]
					switch e.Kind {
					case "charge":
						want[key] += e.Amount
					case "refund":
						want[key] -= e.Amount
					case "free":
						want[key] += 0
					}
				}
				r, err := reports.Report(ctx, scope, usage.Ask{GroupBy: by, From: from, To: to})
				if err != nil {
					t.Fatal(err)
				}
				if len(r.Data) != len(want) {
					t.Fatalf("%d groups, want %d", len(r.Data), len(want))
				}
				for _, g := range r.Data {
					if int64(g.Credits["standard"]) != want[g.Key] {
						t.Fatalf("%s: %d, want %d", g.Key, g.Credits["standard"], want[g.Key])
					}
				}
			})
		})
	}
}

func midnight(t time.Time) time.Time {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		panic(err)
	}
	y, m, d := t.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, zone)
}

// Entries of a time are found by their numbers, from either end.
func TestEntriesOfATime(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			reports, scope, entries := ledgerOf(t, engine, 900)
			rapid.Check(t, func(t *rapid.T) {
				n, m := rapid.IntRange(0, 899).Draw(t, "from"), rapid.IntRange(0, 899).Draw(t, "to")
				from, to := entries[min(n, m)].At, entries[max(n, m)].At
				var got []store.Entry
				err := reports.Store.View(ctx, func(tx *store.Tx) (err error) {
					got, err = tx.Entries().List(store.EntryFilter{Workspace: scope.Workspace.ID, Sight: store.Everybody(), From: from, To: to, Limit: 1000})
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				if len(got) != max(n, m)-min(n, m) || len(got) > 0 && (got[0].Seq != int64(max(n, m)) || got[len(got)-1].Seq != int64(min(n, m)+1)) {
					t.Fatalf("%d entries between %d and %d", len(got), min(n, m), max(n, m))
				}
			})
		})
	}
}

// What the usage page asks of a period with 100,000 entries, after the first visit.
func BenchmarkUsagePage(b *testing.B) {
	for _, engine := range testdb.Engines {
		b.Run(engine, func(b *testing.B) {
			testdb.Want(b, engine)
			reports, scope, _ := ledgerOf(b, engine, 200_000)
			for {
				more, err := reports.Store.SumUsage(ctx, scope.Workspace.ID)
				if err != nil {
					b.Fatal(err)
				}
				if !more {
					break
				}
			}
			view, err := reports.Ledger.Look(ctx, scope.Workspace.ID, nil, now)
			if err != nil {
				b.Fatal(err)
			}
			for b.Loop() {
				cube, err := reports.Cube(ctx, scope, usage.Ask{})
				if err != nil {
					b.Fatal(err)
				}
				for _, by := range usage.Groups {
					cube.Report(by, nil)
				}
				if _, err := reports.Outlooks(ctx, scope, view); err != nil {
					b.Fatal(err)
				}
				err = reports.Store.View(ctx, func(tx *store.Tx) error {
					_, err := tx.Entries().List(store.EntryFilter{Workspace: scope.Workspace.ID, Sight: store.Everybody(), Member: "mem_3", Outcome: "bounced", From: view.Current.Period.Start.UnixMicro(), To: view.Current.Period.End.UnixMicro(), Limit: 51})
					return err
				})
				if err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
