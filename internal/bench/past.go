package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// pastMonths is how long the past is that entries are spread over, with the month that runs.
const pastMonths = 12

// filled is what a database was filled with, as one of its settings says.
type filled struct {
	Workspaces, Entries int
	Groups              []sample
}

// sample is workspaces of about one size, whose pages are measured.
type sample struct {
	Name string
	Of   []subject
}

// subject is a workspace whose pages are measured.
type subject struct {
	Workspace, Owner string // and its only member
	Number           int    // of its owner's address
	Entries, Leads   int
}

func (s subject) email() string { return ownerEmail(s.Number) }

func ownerEmail(n int) string { return fmt.Sprintf("owner%d@pages.example", n) }

const filledSetting = "bench pages"

// pastOf reads what a database was filled with; false: it is empty.
func pastOf(ctx context.Context, st *store.Store, o Options) (f filled, found bool, err error) {
	var text string
	err = st.View(ctx, func(tx *store.Tx) error {
		if text, err = tx.Settings().Get(filledSetting); err != nil || text != "" {
			return err
		}
		list, err := tx.Tables().List()
		if err != nil {
			return err
		}
		some, err := tx.Tables().Any(list[0]) // accounts
		if err == nil && some {
			err = errors.New("bench: the database has workspaces already, and not those of --pages; name an empty one")
		}
		return err
	})
	if err != nil || text == "" {
		return f, false, err
	}
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return f, false, err
	}
	if f.Workspaces != o.Workspaces || f.Entries != o.Entries {
		err = fmt.Errorf("bench: the database was filled with %d workspaces and %d entries; measure it with these numbers, or name an empty one", f.Workspaces, f.Entries)
	}
	return f, true, err
}

// filler fills an empty database with a year of charges, each by the workspace's own key, as the
// ledger would have written them: in order of time, with their receipts and pools. Which workspace
// charges follows Zipf's law, and has nothing to do with the order of their ids.
type filler struct {
	store             *store.Store
	workspaces, total int
	began, until      time.Time
	terms             []byte
	allowance         int64
	password          string // all owners' one, hashed
	ids               []any  // boxed once: each is in several rows of each charge
	members           []string
	counts, seq, used []int32 // of each workspace: all its entries, those written, those of the month
	last              []int64 // the number of its newest charge
	newest            []int32 // the charges of that month
	report            *progress
	tables            map[string]store.Table
	random            *rand.Rand
	groups            []sample
}

// fillPast fills the database once.
func fillPast(ctx context.Context, st *store.Store, o Options, out io.Writer) (filled, error) {
	f, found, err := pastOf(ctx, st, o)
	if err != nil || found {
		return f, err
	}
	fill, err := newFiller(ctx, st, o, out)
	if err != nil {
		return f, err
	}
	began := time.Now()
	for _, step := range []func(context.Context) error{fill.workspaceRows, fill.charges, fill.sheets} {
		if err := step(ctx); err != nil {
			return f, fmt.Errorf("bench: filling the database: %w", err)
		}
	}
	if err := tidy(ctx, o.Database); err != nil {
		return f, err
	}
	f = filled{Workspaces: o.Workspaces, Entries: o.Entries, Groups: fill.groups}
	text, err := json.Marshal(f)
	if err != nil {
		return f, err
	}
	fmt.Fprintf(out, "Filled in %s.\n", time.Since(began).Round(time.Second))
	return f, st.Update(ctx, func(tx *store.Tx) error { return tx.Settings().Put(filledSetting, string(text)) })
}

func newFiller(ctx context.Context, st *store.Store, o Options, out io.Writer) (*filler, error) {
	now := time.Now().UTC()
	began := time.Date(now.Year(), now.Month()-pastMonths, 1, 0, 0, 0, 0, time.UTC)
	books := credits.ShippedBooks()
	terms, err := credits.NewTerms(books["classic"], "starter", credits.MaxSeats, "UTC", 1, began)
	if err != nil {
		return nil, err
	}
	accounts := account.New(st, nil, time.Now)
	password, err := accounts.EncodePassword(ctx, ownerEmail(0), ownersPassword)
	if err != nil {
		return nil, err
	}
	n := o.Workspaces
	f := &filler{
		store: st, workspaces: n, total: o.Entries, began: began, until: now, terms: terms.Encode(), password: password,
		allowance: int64(books["classic"].Plans["starter"].Credits["standard"].Amount.Amount) * credits.MaxSeats,
		ids:       make([]any, n), members: make([]string, n), counts: make([]int32, n), seq: make([]int32, n), used: make([]int32, n), last: make([]int64, n), newest: make([]int32, n),
		report: &progress{out: out, disk: diskOf(o.Database), free: freeOn}, random: rand.New(rand.NewPCG(7, 11)), tables: map[string]store.Table{},
	}
	for i := range n {
		f.ids[i], f.members[i] = ident.Small("ws"), ident.Small("mem")
	}
	f.random.Shuffle(n, func(i, j int) { f.ids[i], f.ids[j] = f.ids[j], f.ids[i] })
	draw := f.draws()
	month, first := f.began, 0 // the number of its first charge
	for t := range f.total {
		if !f.at(int64(t)).Before(month.AddDate(0, 1, 0)) {
			month, first = month.AddDate(0, 1, 0), t
		}
		at := draw()
		if f.last[at] < int64(first) {
			f.newest[at] = 0
		}
		f.counts[at]++
		f.newest[at]++
		f.last[at] = int64(t)
	}
	f.choose()
	return f, st.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Tables().List()
		for _, t := range list {
			f.tables[t.Name] = t
		}
		return err
	})
}

// draws is which workspace charges next, the same each time.
func (f *filler) draws() func() int {
	zipf := rand.NewZipf(rand.New(rand.NewPCG(1, 2)), 1.1, 1, uint64(f.workspaces-1))
	return func() int { return int(zipf.Uint64()) }
}

// at is when the n-th charge was made.
func (f *filler) at(n int64) time.Time {
	return f.began.Add(f.until.Sub(f.began) / time.Duration(f.total) * time.Duration(n))
}

// sampled bounds a sample.
const sampled = 20

// choose takes the samples: the largest workspace, some of about a thousand entries, which are of one
// size in a large and a small database, some in the middle, and the smallest.
func (f *filler) choose() {
	ranks := make([]int, 0, f.workspaces)
	for n, count := range f.counts {
		if count > 0 {
			ranks = append(ranks, n)
		}
	}
	slices.SortStableFunc(ranks, func(a, b int) int { return int(f.counts[b] - f.counts[a]) })
	size := max(1, min(sampled, len(ranks)/8))
	add := func(name string, from, size int) {
		g := sample{Name: name}
		for _, n := range ranks[from : from+size] {
			leads := min(10_000, int(f.counts[n])/3+1)
			g.Of = append(g.Of, subject{Workspace: f.ids[n].(string), Owner: f.members[n], Number: n, Entries: int(f.counts[n]), Leads: leads})
		}
		f.groups = append(f.groups, g)
	}
	thousand := 1
	for thousand < len(ranks) && f.counts[ranks[thousand]] > 1000 {
		thousand++
	}
	add("the largest", 0, 1)
	add("a thousand", max(1, min(thousand-size/2, len(ranks)/2-size)), size)
	add("in the middle", len(ranks)/2, size)
	add("the smallest", len(ranks)-size, size)
}
