package web

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/credits"
)

func TestBarFillsItsWidthExactly(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.Int64Range(0, int64(credits.MaxAmount))
		parts := []credits.Amount{credits.Amount(part.Draw(t, "used")), credits.Amount(part.Draw(t, "held")), credits.Amount(part.Draw(t, "left"))}
		x := 0
		segments := splitBar(barUnits, []string{"used", "held", "left"}, parts...)
		for _, s := range segments {
			if s.X != x || s.W <= 0 {
				t.Fatalf("%+v in %+v", s, segments)
			}
			x += s.W
		}
		if total := parts[0] + parts[1] + parts[2]; total > 0 && x != barUnits {
			t.Fatalf("%d of %d units", x, barUnits)
		}
	})
}

func TestBarShowsWhatIsSmall(t *testing.T) {
	s := splitBar(barUnits, []string{"used", "held", "left"}, 1, 0, credits.MaxAmount)
	if len(s) != 2 || s[0].W < 4 || s[0].W+s[1].W != barUnits {
		t.Errorf("%+v", s)
	}
	if s := splitBar(barUnits, []string{"used"}, 0); s != nil {
		t.Errorf("nothing is drawn as %+v", s)
	}
}

func TestColumnsStayInTheChart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s DaySeries
		for _, n := range rapid.SliceOfN(rapid.Int64Range(-5, int64(credits.MaxAmount)), 0, 500).Draw(t, "days") {
			s.Days = append(s.Days, DayUsage{Label: "1 Nov", Used: credits.Amount(n)})
		}
		c := drawColumns(s)
		if len(c.Columns) > chartColumns {
			t.Fatalf("%d columns", len(c.Columns))
		}
		for _, b := range c.Columns {
			if b.X < 0 || b.X+b.W > c.Width || b.Y < 0 || b.H < 0 || b.Y+b.H != c.Height {
				t.Fatalf("%+v leaves %d×%d", b, c.Width, c.Height)
			}
		}
	})
}

func TestAxisEndsOnAShortNumber(t *testing.T) {
	for most, want := range map[credits.Amount]credits.Amount{
		0: 2 * whole, whole / 2: 2 * whole, 2 * whole: 2 * whole, 3 * whole: 4 * whole, 9 * whole: 10 * whole,
		11 * whole: 20 * whole, 101 * whole: 200 * whole, 820 * whole: 1000 * whole,
	} {
		if got := niceTop(most); got != want {
			t.Errorf("niceTop(%s) = %s, want %s", most, got, want)
		}
	}
	if top := niceTop(1<<62 + 1<<61); top < 1<<62 {
		t.Errorf("an enormous amount ends the axis at %s", top)
	}
}

func TestHeaderBarOfUnlimitedIsFull(t *testing.T) {
	if leftBar(HeaderBalance{Available: credits.Unlimited, Allowance: credits.Unlimited}) != barUnits {
		t.Error("unlimited is not full")
	}
	if leftBar(HeaderBalance{Available: of(1), Allowance: of(4)}) != barUnits/4 {
		t.Error("a quarter is not a quarter")
	}
	if leftBar(HeaderBalance{}) != 0 {
		t.Error("nothing is not nothing")
	}
}
