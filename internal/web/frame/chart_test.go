package frame

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/credits/unit"
)

func TestBarFillsItsWidthExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.Int64Range(0, int64(unit.MaxAmount))
		parts := []unit.Amount{unit.Amount(part.Draw(t, "used")), unit.Amount(part.Draw(t, "held")), unit.Amount(part.Draw(t, "left"))}
		x := 0
		segments := SplitBar(BarUnits, []string{"used", "held", "left"}, parts...)
		for _, s := range segments {
			if s.X != x || s.W <= 0 {
				t.Fatalf("%+v in %+v", s, segments)
			}
			x += s.W
		}
		if total := parts[0] + parts[1] + parts[2]; total > 0 && x != BarUnits {
			t.Fatalf("%d of %d units", x, BarUnits)
		}
	})
}

func TestBarShowsWhatIsSmall(t *testing.T) {
	s := SplitBar(BarUnits, []string{"used", "held", "left"}, 1, 0, unit.MaxAmount)
	if len(s) != 2 || s[0].W < 4 || s[0].W+s[1].W != BarUnits {
		t.Errorf("%+v", s)
	}
	if s := SplitBar(BarUnits, []string{"used"}, 0); s != nil {
		t.Errorf("nothing is drawn as %+v", s)
	}
}

func TestHeaderBarOfUnlimitedIsFull(t *testing.T) {
	if leftBar(HeaderBalance{Available: unit.Unlimited, Allowance: unit.Unlimited}) != BarUnits {
		t.Error("unlimited is not full")
	}
	if leftBar(HeaderBalance{Available: unit.Of(unit.Credit), Allowance: unit.Of(4 * unit.Credit)}) != BarUnits/4 {
		t.Error("a quarter is not a quarter")
	}
	if leftBar(HeaderBalance{}) != 0 {
		t.Error("nothing is not nothing")
	}
}
