package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// Whichever way an engine looks for people, it finds those whose terms fulfil the condition, the
// newest first, between the bounds and up to the limit.
func TestFindFindsAllWays(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			st := testdb.Open(t, engine)
			r := rand.New(rand.NewPCG(5, 19))
			words := []string{"ta", "tb", "tc", "d.x-y", "z10001+", "nü"}
			terms := map[string][]string{}
			var order []string
			if err := st.Update(t.Context(), func(tx *store.Tx) error {
				for n := range 120 {
					p := store.PersonPut{PersonRow: store.PersonRow{ID: fmt.Sprintf("per_%03d", n), Details: "[]", Extra: "{}"}}
					for _, w := range words {
						if r.IntN(2) == 0 {
							p.Terms = append(p.Terms, w)
						}
					}
					if p.Terms == nil {
						p.Terms = []string{"none"}
					}
					terms[p.ID], order = p.Terms, append([]string{p.ID}, order...)
					if err := tx.People().Add([]store.PersonPut{p}, 1000); err != nil {
						return err
					}
				}
				return tx.Suppressions().Hide([]store.HiddenPerson{{Person: "per_050", Lead: "lead_050"}})
			}); err != nil {
				t.Fatal(err)
			}
			order = slices.DeleteFunc(order, func(id string) bool { return id == "per_050" })
			for _, newest := range []int{0, 1, 30, 1000} {
				if newest > 0 {
					defer store.FindAmongNewest(newest)()
				}
				for range 60 {
					f, limit := store.PeopleFilter{}, 1+r.IntN(130)
					for range 1 + r.IntN(3) {
						part := [][]string{{words[r.IntN(len(words))]}}
						if r.IntN(2) == 0 {
							part = append(part, []string{words[r.IntN(len(words))], words[r.IntN(len(words))]})
						}
						f.Condition = append(f.Condition, part)
					}
					if r.IntN(3) == 0 {
						f.After, f.Before = 1000+int64(r.IntN(60)), 1060+int64(r.IntN(60))
					}
					var want []string
					for _, id := range order {
						var n int64
						_, _ = fmt.Sscanf(id, "per_%d", &n) // written above
						if n += 1000; holds(f.Condition, terms[id]) && (f.Before == 0 || n > f.After && n < f.Before) && len(want) < limit {
							want = append(want, id)
						}
					}
					if got := found(t, st, f, limit); !slices.Equal(got, want) {
						t.Fatalf("of the newest %d: %+v, at most %d\nfound  %v\nwanted %v", newest, f, limit, got, want)
					}
				}
			}
		})
	}
}

func found(t *testing.T, st *store.Store, f store.PeopleFilter, limit int) (ids []string) {
	t.Helper()
	if err := st.View(context.Background(), func(tx *store.Tx) error {
		list, err := tx.People().Find(f, limit)
		for _, n := range list {
			ids = append(ids, n.ID)
		}
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return ids
}

func holds(condition [][][]string, terms []string) bool {
	return !slices.ContainsFunc(condition, func(part [][]string) bool {
		return !slices.ContainsFunc(part, func(all []string) bool {
			return !slices.ContainsFunc(all, func(term string) bool { return !slices.Contains(terms, term) })
		})
	})
}
