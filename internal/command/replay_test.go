package command

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/sample"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Replaying the past under the book that it was charged by changes nothing; under
// a stingier one it stops where the allowance ends, and under a dearer one it
// costs more. It writes nothing.
func TestReplay(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "sample.db")
	srv, err := server.Open(t.Context(), server.Config{Database: "sqlite:" + path})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sample.Fill(t.Context(), srv)
	if err != nil {
		t.Fatal(err)
	}
	now := srv.Accounts.Clock().UTC()
	compare := func(text string) credits.WouldBe {
		book, err := credits.ParseBook([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		var got credits.WouldBe
		w := credits.WhatIf{Book: book, From: now.AddDate(0, 0, -60), To: now.AddDate(0, 0, 1), Workspace: s.Workspace}
		if err := srv.Ledger.Rerun(t.Context(), w, func(r credits.WouldBe) { got = r }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	shipped, err := os.ReadFile("../../credits/books/classic.yaml")
	if err != nil {
		t.Fatal(err)
	}
	before, err := srv.Ledger.Look(t.Context(), s.Workspace, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	same := compare(string(shipped))
	if same.Stops != 0 || same.Was["standard"] == 0 || same.Was["standard"] != same.Would["standard"] || same.Was["premium"] != same.Would["premium"] {
		t.Errorf("under its own book: %+v", same)
	}
	dear := compare(strings.ReplaceAll(string(shipped), "credit: standard, price: 1}", "credit: standard, price: 3}"))
	if dear.Would["standard"] <= same.Would["standard"] {
		t.Errorf("under a dearer book: %v, was %v", dear.Would, dear.Was)
	}
	stingy := compare(strings.ReplaceAll(string(shipped), "standard: {amount: 500, per: seat}", "standard: {amount: 5, per: seat}"))
	if stingy.Stops == 0 || len(stingy.Stopped) == 0 || stingy.Stopped[0].Refusal.LimitedBy == "" || stingy.Would["standard"] >= same.Would["standard"] {
		t.Errorf("under a stingier book: %+v", stingy.Would)
	}
	spender := topSpender(t, srv, s.Workspace)
	limited := func(mode string, amount credits.Amount) (got credits.WouldBe) {
		w := credits.WhatIf{From: now.AddDate(0, 0, -60), To: now.AddDate(0, 0, 1), Workspace: s.Workspace,
			Allocations: map[string]map[string]map[string]credits.Allocation{s.Workspace: {spender: {"standard": {Mode: mode, Amount: amount}}}}}
		if err := srv.Ledger.Rerun(t.Context(), w, func(r credits.WouldBe) { got = r }); err != nil {
			t.Fatal(err)
		}
		return got
	}
	if few := limited(credits.Limited, 2*credits.Credit); few.Stops == 0 || few.Stopped[0].Member != spender || few.Stopped[0].Refusal.LimitedBy != credits.ByMember || few.Would["standard"] >= same.Would["standard"] {
		t.Errorf("with a limit of 2 for %s: %+v", spender, few)
	}
	if free := limited(credits.FromPool, 0); free.Stops != 0 || free.Would["standard"] != same.Would["standard"] {
		t.Errorf("drawing on the pool: %+v", free)
	}
	after, err := srv.Ledger.Look(t.Context(), s.Workspace, nil, now)
	if err != nil {
		t.Fatal(err)
	}
	if before.Seq != after.Seq {
		t.Error("a replay wrote to the ledger")
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	code, out, said := command("replay", "--price-book=../../credits/books/universal.yaml", "--database=sqlite:"+path)
	if code != 0 || !strings.Contains(out, "universal") {
		t.Errorf("exit %d, %q, %q", code, out, said)
	}
	allocations := filepath.Join(dir, "allocations.csv")
	write := func(rows string) {
		if err := os.WriteFile(allocations, []byte("workspace,member,credit,mode,amount\n"+rows), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(s.Workspace + "," + spender + ",standard,limit,2\n")
	code, out, said = command("replay", "--allocations="+allocations, "--database=sqlite:"+path)
	if code != 0 || !strings.Contains(out, "by member") {
		t.Errorf("other allocations: exit %d, %q, %q", code, out, said)
	}
	for row, want := range map[string]string{
		s.Workspace + ",nobody,standard,limit,2":           "member",
		s.Workspace + "," + spender + ",standard,most,2":   "mode",
		s.Workspace + "," + spender + ",standard,limit,-2": "amount",
		s.Workspace + "," + spender + ",standard,limit":    "row 1",
	} {
		write(row + "\n")
		if code, _, said := command("replay", "--allocations="+allocations, "--database=sqlite:"+path); code == 0 || !strings.Contains(said, want) {
			t.Errorf("%s: exit %d, %q", row, code, said)
		}
	}
	if code, _, said := command("replay", "--database=sqlite:"+path); code == 0 || !strings.Contains(said, "--price-book") {
		t.Errorf("with nothing that differs: exit %d, %q", code, said)
	}
	for _, wrong := range [][]string{{"--plan=gold"}, {"--from=yesterday"}, {"--from=2026-05-01", "--to=2026-04-01"}} {
		code, _, said := command(append([]string{"replay", "--price-book=../../credits/books/universal.yaml", "--database=sqlite:" + path}, wrong...)...)
		if code == 0 || !strings.Contains(said, strings.Split(wrong[0], "=")[0]) {
			t.Errorf("%v: exit %d, %q", wrong, code, said)
		}
	}
}

// topSpender is who was charged most.
func topSpender(t *testing.T, srv *server.Server, workspace string) string {
	sums := map[string]int64{}
	err := srv.Store.View(t.Context(), func(tx *store.Tx) error {
		return tx.Entries().EachUp(workspace, func(e store.Entry) error {
			if e.Kind == credits.KindCharge && e.Credit == "standard" && e.Member != "" {
				sums[e.Member] += e.Amount
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	best := ""
	for m, n := range sums {
		if best == "" || n > sums[best] {
			best = m
		}
	}
	return best
}
