package credits_test

import (
	"testing"

	"github.com/leadmeter/leadmeter/credits"
)

// Rule G6: a price is a fraction and is written as the book would.
func TestG6Prices(t *testing.T) {
	for text, want := range map[string]struct {
		written string
		ceil    credits.Amount
	}{
		"1": {"1", 1_000_000}, "0.1": {"0.1", 100_000}, "1/3": {"1/3", 333_334}, "2/6": {"1/3", 333_334}, "3/3": {"1", 1_000_000}, " 1 / 3 ": {"1/3", 333_334},
		"0": {"0", 0}, "0/7": {"0", 0}, "10": {"10", 10_000_000}, "2/3": {"2/3", 666_667}, "0.5/3": {"1/6", 166_667}, "1/1000": {"0.001", 1000},
	} {
		p, err := credits.ParsePrice(text)
		if err != nil || p.String() != want.written || p.Ceil() != want.ceil {
			t.Errorf("%q reads %q, at most %d, %v", text, p, p.Ceil(), err)
		}
	}
	for _, text := range []string{"", "-1", "1/0", "1/-3", "1/1001", "1/3/3", "1/x", "x/3", "/3", "1/", "0.0000001", "1e10"} {
		if p, err := credits.ParsePrice(text); err == nil {
			t.Errorf("%q is taken for %s", text, p)
		}
	}
}
