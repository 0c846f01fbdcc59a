package store_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// leadsToTest is how many leads the workspace has; LEADMETER_TEST_LEADS=100000
// is what docs/benchmarks-pages.md tells of.
func leadsToTest(t *testing.T) int {
	if text := os.Getenv("LEADMETER_TEST_LEADS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	return 3000
}

func sheetLead(n int) store.LeadRow {
	first := []string{"Ada", "Zoë", "Łukasz", "Mary", "Ödön", "Hedy", "Alan"}[n%7]
	return store.LeadRow{
		Workspace: "ws_sheet", ID: fmt.Sprintf("lead_%08d", n*7919%1_000_003), Person: fmt.Sprintf("per_%08d", n), Member: fmt.Sprintf("mem_%d", n%20),
		FullName: fmt.Sprintf("%s Person%d", first, n*31%50_021), Title: []string{"Head of Sales", "VP Engineering", "Buyer"}[n%3],
		Company: fmt.Sprintf("Company %d", n*17%9_001), Domain: fmt.Sprintf("company%d.example", n*17%9_001), Location: "Berlin", At: int64(n) * 1_000_003,
	}
}

// fill writes the sheet; one in 500 has a mobile number, one in ten is on a list.
func fillSheet(t *testing.T, st *store.Store, leads int) {
	t.Helper()
	const batch = 5000
	for from := 0; from < leads; from += batch {
		err := st.Update(t.Context(), func(tx *store.Tx) error {
			for n := from; n < min(from+batch, leads); n++ {
				l := sheetLead(n)
				if err := tx.Reveals().Put(store.Reveal{Workspace: l.Workspace, Person: l.Person, Field: "work_email", Outcome: []string{"charged", "not_found"}[n%2], At: l.At, Values: "[{}]"}); err != nil {
					return err
				}
				if n%500 == 0 {
					if err := tx.Reveals().Put(store.Reveal{Workspace: l.Workspace, Person: l.Person, Field: "mobile_phone", Outcome: "charged", At: l.At, Values: "[{}]"}); err != nil {
						return err
					}
				}
				if err := tx.Leads().Put(l); err != nil {
					return err
				}
				if n%10 == 0 {
					if err := tx.Labels().AddList(l.Workspace, l.ID, "fair"); err != nil {
						return err
					}
				}
				if n%1000 == 0 {
					if err := tx.Labels().AddTag(l.Workspace, l.ID, "key account"); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		// Postgres learns from autovacuum, a minute later, that its tables grew. A fill
		// in one go is over by then: with the plans that were made for empty tables each
		// lead costs more than the one before.
		if err := st.Analyze(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
}

// sheetFilters are what people ask of a sheet, with how many of n leads match.
var sheetFilters = []struct {
	name string
	f    store.LeadFilter
	of   func(n int) int
}{
	{"everything, newest first", store.LeadFilter{Sort: "captured", Down: true}, func(n int) int { return n }},
	{"by name", store.LeadFilter{Sort: "name"}, func(n int) int { return n }},
	{"by title, backwards", store.LeadFilter{Sort: "title", Down: true}, func(n int) int { return n }},
	{"by company", store.LeadFilter{Sort: "company"}, func(n int) int { return n }},
	{"has a mobile number", store.LeadFilter{Has: "mobile_phone", Sort: "name"}, func(n int) int { return (n + 499) / 500 }},
	{"lacks a work email", store.LeadFilter{Lacks: "work_email", Sort: "captured", Down: true}, func(n int) int { return n / 2 }},
	{"verified work email, by company", store.LeadFilter{Has: store.HasVerifiedEmail, Sort: "company"}, func(n int) int { return n - n/2 }},
	{"a common word", store.LeadFilter{Query: "sales", Sort: "name"}, func(n int) int { return (n + 2) / 3 }},
	{"a word that nobody has", store.LeadFilter{Query: "zyzzyva", Sort: "name"}, func(int) int { return 0 }},
	{"a list, by name", store.LeadFilter{List: "fair", Sort: "name"}, func(n int) int { return (n + 9) / 10 }},
	{"a rare tag", store.LeadFilter{Tag: "key account", Sort: "captured", Down: true}, func(n int) int { return (n + 999) / 1000 }},
	{"an owner, by company", store.LeadFilter{Member: "mem_3", Sort: "company"}, func(n int) int { return (n + 16) / 20 }},
	{"a title", store.LeadFilter{Title: "engineering", Sort: "captured", Down: true}, func(n int) int { return (n + 1) / 3 }},
	{"two words of a title", store.LeadFilter{Title: "sales HEAD", Sort: "title"}, func(n int) int { return (n + 2) / 3 }},
	{"a title that is a place", store.LeadFilter{Title: "berlin", Sort: "name"}, func(int) int { return 0 }},
	{"a company that is a place", store.LeadFilter{Company: "berlin", Sort: "name"}, func(int) int { return 0 }},
	{"a company or its domain", store.LeadFilter{Company: ".example", Sort: "company"}, func(n int) int { return n }},
	{"a place", store.LeadFilter{Place: "Berl", Sort: "captured", Down: true}, func(n int) int { return n }},
	{"a place that is a company", store.LeadFilter{Place: "company", Sort: "name"}, func(int) int { return 0 }},
	{"what a pattern would take for anything", store.LeadFilter{Title: "%_!", Sort: "name"}, func(int) int { return 0 }},
	{"a verified email", store.LeadFilter{Status: store.StatusVerified, Sort: "name"}, func(n int) int { return n - n/2 }},
	{"an email that is not verified", store.LeadFilter{Status: store.StatusUnverified, Sort: "name"}, func(int) int { return 0 }},
	{"a mobile number was paid for", store.LeadFilter{Paid: []string{"mobile_phone"}, Sort: "name"}, func(n int) int { return (n + 499) / 500 }},
	{"anything was paid for", store.LeadFilter{Paid: []string{"mobile_phone", "work_email"}, Sort: "captured", Down: true}, func(n int) int { return n - n/2 }},
	{"nothing was paid for", store.LeadFilter{Free: true, Sort: "company"}, func(n int) int { return n / 2 }},
	{"by owner", store.LeadFilter{Sort: store.ByOwner}, func(n int) int { return n }},
	{"by owner, backwards, with a filter", store.LeadFilter{Sort: store.ByOwner, Down: true, Has: "work_email"}, func(n int) int { return n - n/2 }},
	{"two filters and a word", store.LeadFilter{Member: "mem_3", Lacks: "mobile_phone", Query: "buyer", Sort: "name"}, nil},
}

// TestSheet holds that each filter finds what it should, in the order that it
// should, page after page; and logs what it took and the plans.
func TestSheet(t *testing.T) {
	n := leadsToTest(t)
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			st := testdb.Open(t, engine)
			fillSheet(t, st, n)
			for _, c := range sheetFilters {
				t.Run(c.name, func(t *testing.T) { checkFilter(t, st, c.f, n, c.of) })
			}
		})
	}
}

func checkFilter(t *testing.T, st *store.Store, f store.LeadFilter, n int, of func(int) int) {
	f.Workspace, f.Limit = "ws_sheet", 51
	var times []time.Duration
	var page []store.Lead
	var total int
	for range 20 {
		begun := time.Now()
		err := st.View(t.Context(), func(tx *store.Tx) (err error) {
			page, total, err = tx.Leads().Sheet(f)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		times = append(times, time.Since(begun))
	}
	slices.Sort(times)
	if of != nil && total != of(n) {
		t.Errorf("%d leads, want %d", total, of(n))
	}
	if len(page) != min(51, total) {
		t.Errorf("a page of %d of %d", len(page), total)
	}
	walked := walk(t, st, f)
	if walked != total {
		t.Errorf("page after page there are %d, of %d", walked, total)
	}
	var plans []string
	if err := st.View(t.Context(), func(tx *store.Tx) (err error) { plans, err = tx.Leads().SheetPlans(f); return err }); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d of %d leads: median %v, 95th percentile %v\n%s", total, n, times[len(times)/2], times[len(times)*19/20], strings.Join(plans, "\n"))
	if all := strings.Join(plans, "\n"); n >= 100_000 && strings.Contains(all, "SCAN l\n") {
		t.Errorf("a scan of the table:\n%s", all)
	}
}

// walk reads the whole list page by page and counts it: nothing twice, all in order.
func walk(t *testing.T, st *store.Store, f store.LeadFilter) int {
	t.Helper()
	seen := map[string]bool{}
	f.Limit = 1000
	var before *store.Lead
	for {
		var page []store.Lead
		err := st.View(t.Context(), func(tx *store.Tx) (err error) { page, err = tx.Leads().List(f); return err })
		if err != nil {
			t.Fatal(err)
		}
		for i := range page {
			l := &page[i]
			if seen[l.ID] {
				t.Fatalf("%s comes twice", l.ID)
			}
			seen[l.ID] = true
			if before != nil && !store.SheetOrdered(*before, *l, f) {
				t.Fatalf("%q comes before %q", before.FullName, l.FullName)
			}
			before = l
		}
		if len(page) < f.Limit {
			return len(seen)
		}
		last := page[len(page)-1]
		f.AfterID, f.AfterAt, f.AfterKey = last.ID, last.At, map[string]string{"name": last.FullName, "title": last.Title, "company": last.Company, store.ByOwner: last.Member}[f.Sort]
	}
}

// What comes before a row is what was read until it, the other way round.
func TestSheetGoesBack(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			st := testdb.Open(t, engine)
			fillSheet(t, st, 300)
			for _, f := range []store.LeadFilter{{Sort: "captured", Down: true}, {Sort: "name"}, {Sort: "company", Down: true, List: "fair"}, {Sort: store.ByOwner}} {
				f.Workspace, f.Limit = "ws_sheet", 1000
				read := func(f store.LeadFilter) (ids []string, list []store.Lead) {
					if err := st.View(t.Context(), func(tx *store.Tx) (err error) { list, _, err = tx.Leads().Sheet(f); return err }); err != nil {
						t.Fatal(err)
					}
					for _, l := range list {
						ids = append(ids, l.ID)
					}
					return ids, list
				}
				all, list := read(f)
				at := len(list) - 7
				f.AfterID, f.AfterAt, f.AfterKey = list[at].ID, list[at].At, map[string]string{"name": list[at].FullName, "company": list[at].Company, store.ByOwner: list[at].Member}[f.Sort]
				f.Back, f.Limit = true, 10
				before, _ := read(f)
				slices.Reverse(before)
				if want := all[at-10 : at]; !slices.Equal(before, want) {
					t.Errorf("by %s: before %s are %v, want %v", f.Sort, list[at].ID, before, want)
				}
			}
		})
	}
}
