package credits_test

import (
	"reflect"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Where entries are kept is no part of the model: whatever is archived or restored between two
// commands, everything must be as if it had not been.

// archive archives entries of the periods before the one that runs, in blocks of any size.
func (m *machine) archive(t *rapid.T) {
	view, err := m.l.Look(ctx, m.workspace, nil, m.model.now)
	if err != nil {
		t.Fatal(err)
	}
	most := rapid.IntRange(1, 20).Draw(t, "most")
	m.moved(t, func() (store.Moved, error) {
		return m.st.ArchiveNext(ctx, m.workspace, view.Current.Period.Start.UnixMicro(), most)
	})
}

func (m *machine) restore(t *rapid.T) {
	m.moved(t, func() (store.Moved, error) { return m.st.RestoreLast(ctx, m.workspace) })
}

// moved makes one step, and compares all entries before and after it.
func (m *machine) moved(t *rapid.T, step func() (store.Moved, error)) {
	before := readLedger(t, m.st, m.workspace).entries
	moved, err := step()
	if err != nil {
		t.Fatal(err)
	}
	if moved.Entries == 0 {
		t.Skip("nothing is to be moved")
	}
	if after := readLedger(t, m.st, m.workspace).entries; !reflect.DeepEqual(after, before) {
		t.Fatalf("the entries differ after %d of them were moved", moved.Entries)
	}
}
