package testdb

import (
	"context"
	"os"
	"testing"

	"github.com/leadmeter/leadmeter/internal/store"
)

func TestMain(m *testing.M) { os.Exit(Main(m)) }

func clock(t *testing.T, st *store.Store, id string) (now int64, found bool) {
	t.Helper()
	err := st.View(context.Background(), func(tx *store.Tx) (err error) {
		now, found, err = tx.Workspaces().Clock(id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return now, found
}

func insert(t *testing.T, st *store.Store, id string, now int64) {
	t.Helper()
	if err := st.Update(context.Background(), func(tx *store.Tx) error { return tx.Workspaces().InsertClock(id, now) }); err != nil {
		t.Fatal(err)
	}
}

// Every test has a migrated database of its own.
func TestEachTestHasItsOwnDatabase(t *testing.T) {
	for range 2 {
		Each(t, func(t *testing.T, st *store.Store) {
			if _, found := clock(t, st, "clock_1"); found {
				t.Fatal("another test's row is here")
			}
			insert(t, st, "clock_1", 42)
			if now, _ := clock(t, st, "clock_1"); now != 42 {
				t.Fatalf("read %d, wrote 42", now)
			}
		})
	}
}

// A cluster of a test's own keeps what it acknowledged through signal 9.
func TestCrashedClusterKeepsItsRows(t *testing.T) {
	c := NewCluster(t)
	address := c.CreateDatabase(t, "crash")
	st := OpenAt(t, address)
	insert(t, st, "clock_1", 7)
	c.Crash()
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	if now, found := clock(t, OpenAt(t, address), "clock_1"); !found || now != 7 {
		t.Fatalf("after the crash: %d, %v", now, found)
	}
}

// Closing waits for a reader that is under way, and twice is as good as once.
func TestCloseWaitsForReaders(t *testing.T) {
	Each(t, func(t *testing.T, st *store.Store) {
		reading, read, closed := make(chan bool), make(chan error), make(chan error)
		go func() {
			read <- st.View(context.Background(), func(tx *store.Tx) error {
				reading <- true
				<-reading
				_, _, err := tx.Workspaces().Clock("clock_1")
				return err
			})
		}()
		<-reading
		go func() { closed <- st.Close() }()
		reading <- true
		if err := <-read; err != nil {
			t.Error(err)
		}
		if err := <-closed; err != nil {
			t.Error(err)
		}
		if err := st.Close(); err != nil {
			t.Error(err)
		}
		if err := st.View(context.Background(), func(*store.Tx) error { return nil }); err == nil {
			t.Error("a closed database was read")
		}
	})
}
