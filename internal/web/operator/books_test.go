package operator

import (
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// What two books have differently is every line that reads differently, and nothing else.
func TestDiffBooks(t *testing.T) {
	classic := credits.ShippedBooks()["classic"]
	if got := diffBooks(classic, classic); len(got) != 0 {
		t.Errorf("a book differs from itself: %v", got)
	}
	text := classic.Source()
	for _, change := range [][2]string{
		{"[mobile_phone],   credit: premium,  price: 1, unlock", "[mobile_phone],   credit: premium,  price: 2, unlock"},
		{"verified_free_days: 90", "verified_free_days: 30"},
		{"owned_days: 365", "owned_days: 0"},
		{"standard: {amount: 15, per: seat}", "standard: {amount: 15, per: seat, rollover_cap: 5}"},
		{"  - {name: personal_email, fields: [personal_email], credit: standard, price: 1}\n", ""},
		{"  pro:\n", "  team:\n    interval: year\n    credits:\n      standard: {amount: 9000}\n  pro:\n"},
	} {
		if !strings.Contains(text, change[0]) {
			t.Fatalf("the classic book has no %q", change[0])
		}
		text = strings.Replace(text, change[0], change[1], 1)
	}
	other, err := credits.ParseBook([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := []BookChange{
		{"Work email", "1 standard; free where the directory held it verified, 90 days", "1 standard; free where the directory held it verified, 30 days"},
		{"Personal email", "1 standard", ""},
		{"Mobile", "1 premium; has its own button", "2 premium; has its own button"},
		{"Owned after a charge", "365 days", "not at all"},
		{"Free", "15 standard a seat, no premium each week", "15 standard a seat, of which 5 may roll over, no premium each week"},
		{"Team", "", "9,000 standard, no premium each year"},
	}
	if got := diffBooks(classic, other); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

// A total is drawn beside the other one, and its change said in percent while that says anything.
func TestPastTotals(t *testing.T) {
	got := pastTotals(map[string]unit.Amount{"a": 100, "b": 100, "c": 100, "e": 7}, map[string]unit.Amount{"a": 50, "b": 125, "c": 400, "d": 5, "e": 7})
	var said []string
	for _, p := range got {
		said = append(said, p.Credit+" "+p.Change)
	}
	if want := []string{"a −50 %", "b +25 %", "c +0.0003", "d none before", "e the same"}; !slices.Equal(said, want) {
		t.Errorf("got %q, want %q", said, want)
	}
	if got[0].WasW != frame.BarUnits || got[0].IsW != frame.BarUnits/2 {
		t.Errorf("drawn as %d and %d", got[0].WasW, got[0].IsW)
	}
}
