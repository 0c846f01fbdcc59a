package screen

import (
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/store"
)

// rowsOf reads "a2 - b1": two fields of the capture a, an entry of no capture, one field of b;
// "h:a" is a hold for a.
func rowsOf(text string) (rows []store.Entry) {
	add := func(e store.Entry) {
		e.Seq = int64(1000 - len(rows))
		rows = append(rows, e)
	}
	for word := range strings.FieldsSeq(text) {
		switch of, held := strings.CutPrefix(word, "h:"); {
		case word == "-":
			add(store.Entry{Kind: "charge"})
		case held:
			add(store.Entry{Kind: "hold", Capture: of})
		default:
			for range int(word[1] - '0') {
				add(store.Entry{Kind: "charge", Capture: word[:1], Field: "work_email"})
			}
		}
	}
	return rows
}

func TestPagesOfLinesCutNoCapture(t *testing.T) {
	for _, c := range []struct {
		rows        string
		limit, most int
		lines       []int // how many entries each has
		older       bool
	}{
		{"", 3, 16, nil, false},
		{"a3 b1 - c2", 5, 24, []int{3, 1, 1, 2}, false},
		{"a3 b1 - c2", 3, 16, []int{3, 1, 1}, true},
		{"a3 b1 - c2", 4, 20, []int{3, 1, 1, 2}, false},
		{"- - -", 3, 16, []int{1, 1, 1}, false},
		{"a2 h:a", 3, 16, []int{2, 1}, false},
		{"h:a h:a a2", 3, 16, []int{1, 1, 2}, false},
		{"a4 b4 c4", 2, 12, []int{4, 4}, true}, // c may have more that were not read
		{"a2 a2", 1, 8, []int{4}, false},
		{"a9", 1, 9, []int{9}, true}, // more than a capture has: kept together
		{"a9 b9", 3, 18, []int{9}, true},
	} {
		lines, older := pageOfLines(rowsOf(c.rows), c.limit, c.most)
		var got []int
		for _, l := range lines {
			got = append(got, len(l))
		}
		if !slices.Equal(got, c.lines) || older != c.older {
			t.Errorf("%q by %d: %v, older %v; want %v, %v", c.rows, c.limit, got, older, c.lines, c.older)
		}
	}
}

func TestCaptureLinesAddUp(t *testing.T) {
	rows := rowsOf("a4 -")
	entry := func(id, kind string, amount, after unit.Amount) Entry {
		return Entry{ID: id, Type: kind, Amount: amount * unit.Credit, After: unit.Of(after * unit.Credit)}
	}
	lines := entryLines(rows, []Entry{entry("5", "standard", 2, 7), entry("4", "premium", 1, 3), entry("3", "standard", 0, 9), entry("2", "standard", 1, 9), entry("1", "standard", 5, 10)})
	if len(lines) != 2 || len(lines[1].Fields) != 0 || lines[1].Amount != 5*unit.Credit {
		t.Fatalf("the lines are %+v", lines)
	}
	var order []string
	for _, f := range lines[0].Fields {
		order = append(order, f.ID)
	}
	if !slices.Equal(order, []string{"2", "3", "4", "5"}) {
		t.Errorf("the fields are in the order %v, not as they were asked for", order)
	}
	want := []Spent{{"standard", 3 * unit.Credit, unit.Of(7 * unit.Credit)}, {"premium", unit.Credit, unit.Of(3 * unit.Credit)}}
	if !slices.Equal(lines[0].Spent, want) || lines[0].Amount != 0 {
		t.Errorf("the capture spent %+v, want %+v", lines[0].Spent, want)
	}
}
