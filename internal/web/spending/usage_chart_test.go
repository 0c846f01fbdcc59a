package spending

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/credits/unit"
)

func TestColumnsStayInTheChart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var s DaySeries
		for _, n := range rapid.SliceOfN(rapid.Int64Range(-5, int64(unit.MaxAmount)), 0, 500).Draw(t, "days") {
			s.Days = append(s.Days, DayUsage{Label: "Nov 1", Used: unit.Amount(n)})
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
	for most, want := range map[unit.Amount]unit.Amount{
		0: 2 * unit.Credit, unit.Credit / 2: 2 * unit.Credit, 2 * unit.Credit: 2 * unit.Credit, 3 * unit.Credit: 4 * unit.Credit, 9 * unit.Credit: 10 * unit.Credit,
		11 * unit.Credit: 20 * unit.Credit, 101 * unit.Credit: 200 * unit.Credit, 820 * unit.Credit: 1000 * unit.Credit,
	} {
		if got := niceTop(most); got != want {
			t.Errorf("niceTop(%s) = %s, want %s", most, got, want)
		}
	}
	if top := niceTop(1<<62 + 1<<61); top < 1<<62 {
		t.Errorf("an enormous amount ends the axis at %s", top)
	}
}
