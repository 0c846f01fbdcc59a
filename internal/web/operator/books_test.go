package operator

import (
	"slices"
	"testing"

	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// A total is drawn beside the other one, and its change said in percent while that says anything.
func TestPastTotals(t *testing.T) {
	got := pastTotals([]screen.Total{{Type: "a", Was: 100, Would: 50}, {Type: "b", Was: 100, Would: 125}, {Type: "c", Was: 100, Would: 400}, {Type: "d", Would: 5}, {Type: "e", Was: 7, Would: 7}})
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
