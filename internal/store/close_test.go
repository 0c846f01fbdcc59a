package store_test

import (
	"testing"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A store may be closed again, as its server does at its own end, and says what it is.
func TestCloseTwice(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		for range 2 {
			if err := st.Close(); err != nil {
				t.Fatal(err)
			}
			if err := st.View(t.Context(), func(*store.Tx) error { return nil }); !fault.Is(err, fault.Overloaded) {
				t.Errorf("a closed store says %v", err)
			}
		}
	})
}
