package store_test

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A full disk refuses charges and loses none: what was acknowledged is there, reads
// go on, and with room again charges go on without a restart.
func TestFullDisk(t *testing.T) {
	testdb.Want(t, "sqlite")
	ctx := context.Background()
	st := testdb.Open(t, "sqlite")
	books := credits.ShippedBooks()
	l := credits.New(st, books)
	defer l.Close()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	terms, err := credits.NewTerms(books["classic"], "enterprise", 1, "UTC", 1, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Subscribe(ctx, "ws_1", terms, now); err != nil {
		t.Fatal(err)
	}
	pragma := func(text string) int {
		t.Helper()
		value, err := store.WriterPragma(ctx, st, text)
		if err != nil {
			t.Fatal(err)
		}
		n, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	pages := pragma("page_count")
	pragma(fmt.Sprintf("max_page_count=%d", pages+10)) // SQLITE_FULL, as a full disk answers

	charge := func(n int) error {
		r := credits.Request{Workspace: "ws_1", At: now, Key: fmt.Sprint("key ", n)}
		_, err := l.Do(ctx, &credits.Charge{Request: r, Credit: "standard", Amount: credits.Credit, Note: strings.Repeat("x", 500)})
		return err
	}
	acknowledged := 0
	for acknowledged < 10_000 {
		if err = charge(acknowledged); err != nil {
			break
		}
		acknowledged++
	}
	if !fault.Is(err, fault.Overloaded) || acknowledged == 0 {
		t.Fatalf("after %d charges: %v", acknowledged, err)
	}
	used := func() credits.Amount {
		t.Helper()
		v, err := l.Look(ctx, "ws_1", nil, now)
		if err != nil {
			t.Fatal(err)
		}
		c, _ := v.Credit("standard")
		return c.Used
	}
	if got := used(); got != credits.Amount(acknowledged)*credits.Credit {
		t.Errorf("%d were acknowledged, used is %s", acknowledged, got)
	}
	pragma(fmt.Sprintf("max_page_count=%d", pages+10_000))
	// The same request again: it was not done before, and is done once now.
	for range 2 {
		if err := charge(acknowledged); err != nil {
			t.Fatalf("with room again: %v", err)
		}
	}
	if got := used(); got != credits.Amount(acknowledged+1)*credits.Credit {
		t.Errorf("%d were acknowledged, used is %s", acknowledged+1, got)
	}
	if _, err := credits.Verify(ctx, st, books, func(d credits.Difference) { t.Error(d) }); err != nil {
		t.Fatal(err)
	}
}
