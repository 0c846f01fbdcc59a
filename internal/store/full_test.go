package store_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A full disk refuses charges and loses none: what was acknowledged is there, reads
// continue, and with room again charges continue without a restart.
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
	if _, err := l.Verify(ctx, func(d credits.Difference) { t.Error(d) }); err != nil {
		t.Fatal(err)
	}
}

// A disk that fills up under an import and a bulk capture loses nothing of either: with
// room again both continue by themselves, and what was charged is what was delivered.
func TestFullDiskUnderWork(t *testing.T) {
	testdb.Want(t, "sqlite")
	ctx := t.Context()
	s, err := server.Open(ctx, server.Config{Database: testdb.Address(t, "sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	s.Bulk.Lease = time.Second
	h := httptest.NewServer(s.Handler)
	t.Cleanup(func() {
		h.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	key, err := s.Accounts.CreateOperatorKey(ctx, "test", false)
	if err != nil {
		t.Fatal(err)
	}
	c := &client.Client{Server: h.URL, Key: key, HTTP: h.Client()}
	call := func(method, path string, in any) (out map[string]any) {
		t.Helper()
		if _, err := c.Do(ctx, method, path, "", in, &out); err != nil {
			t.Fatalf("%s %s: %v", method, path, err)
		}
		return out
	}
	until := func(path string, ok func(map[string]any) bool) map[string]any {
		t.Helper()
		for end := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
			state := call(http.MethodGet, path, nil)
			if ok(state) {
				return state
			}
			if time.Now().After(end) {
				t.Fatalf("%s does not get there: %v", path, state)
			}
		}
	}
	load := func(from, n int) string {
		var b strings.Builder
		b.WriteString("id,full_name,company,linkedin_url,work_phones,country\n")
		for i := from; i < from+n; i++ {
			fmt.Fprintf(&b, "f%d,Person Full,Full,https://linkedin.com/in/full-%d,+1202%07d,US\n", i, i, 2000000+i)
		}
		return "/v1/directory/imports/" + call(http.MethodPost, "/v1/directory/imports", client.File{Type: "text/csv", Content: strings.NewReader(b.String())})["id"].(string)
	}
	done := func(state map[string]any) bool { return state["status"] == "done" }
	const people = 400
	until(load(0, people), done)
	ws := call(http.MethodPost, "/v1/workspaces", map[string]any{"name": "Full", "plan": "enterprise"})["id"].(string)
	var asked []map[string]any
	for i := range people {
		asked = append(asked, map[string]any{"linkedin_url": fmt.Sprintf("linkedin.com/in/full-%d", i)})
	}
	job := client.In(ws, "bulk-captures", call(http.MethodPost, client.In(ws, "bulk-captures"), map[string]any{"people": asked, "fields": []string{"work_phone"}, "confirmed": true})["id"].(string))

	pragma := func(text string) int {
		t.Helper()
		value, err := store.WriterPragma(ctx, s.Store, text)
		n, err2 := strconv.Atoi(value)
		if err != nil || err2 != nil {
			t.Fatal(err, err2)
		}
		return n
	}
	pages := pragma("page_count")
	pragma(fmt.Sprintf("max_page_count=%d", pages+100))
	run, stop := context.WithCancel(ctx)
	worker := make(chan struct{})
	go func() {
		defer close(worker)
		s.Bulk.Work(run)
	}()
	t.Cleanup(func() { stop(); <-worker })
	second := load(people, 3000)
	full := func() bool { // nothing more is taken
		var p *client.Problem
		_, err := c.Do(ctx, http.MethodPost, client.In(ws, "charges"), "", map[string]any{"credit": "premium", "amount": 0.000001, "description": strings.Repeat("x", 200)}, nil)
		return errors.As(err, &p) && p.Status == http.StatusServiceUnavailable
	}
	for n := 0; !full(); n++ {
		if n == 50_000 {
			t.Fatal("the disk does not fill up")
		}
	}
	before := call(http.MethodGet, job, nil)
	t.Logf("full after %v of %d rows of the bulk capture and %v rows of the import", before["done"], people, call(http.MethodGet, second, nil)["rows"])
	if before["status"] == "done" {
		t.Error("the bulk capture was done before the disk was full")
	}
	pragma(fmt.Sprintf("max_page_count=%d", pages+10_000))
	state := until(second, func(state map[string]any) bool { return state["status"] != "running" })
	if state["status"] != "done" || state["imported"] != 3000.0 {
		t.Errorf("the import ended as %v", state)
	}
	state = until(job, done)
	if got := state["charged"].(map[string]any)["standard"]; state["done"] != float64(people) || got != float64(people) {
		t.Errorf("%v of %d rows are done, charged %v", state["done"], people, got)
	}
	balance := call(http.MethodGet, client.In(ws, "balance"), nil)["credits"].(map[string]any)["standard"].(map[string]any)
	if balance["used"] != float64(people) || balance["held"] != 0.0 {
		t.Errorf("the ledger says %v", balance)
	}
	if _, err := s.Ledger.Verify(ctx, func(d credits.Difference) { t.Error(d) }); err != nil {
		t.Fatal(err)
	}
}
