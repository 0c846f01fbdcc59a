package screen

import (
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/credits"
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
		{"Work email", "1 standard; free if already in the directory, verified in the last 90 days", "1 standard; free if already in the directory, verified in the last 30 days"},
		{"Personal email", "1 standard", ""},
		{"Mobile", "1 premium; unlocked with its own button", "2 premium; unlocked with its own button"},
		{"Owned after a charge", "365 days", "not at all"},
		{"Free", "15 standard a seat, no premium each week", "15 standard a seat, of which 5 may roll over, no premium each week"},
		{"Team", "", "9,000 standard, no premium each year"},
	}
	if got := diffBooks(classic, other); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
