package spending

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/credits"
)

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
		0: 2 * credits.Credit, credits.Credit / 2: 2 * credits.Credit, 2 * credits.Credit: 2 * credits.Credit, 3 * credits.Credit: 4 * credits.Credit, 9 * credits.Credit: 10 * credits.Credit,
		11 * credits.Credit: 20 * credits.Credit, 101 * credits.Credit: 200 * credits.Credit, 820 * credits.Credit: 1000 * credits.Credit,
	} {
		if got := niceTop(most); got != want {
			t.Errorf("niceTop(%s) = %s, want %s", most, got, want)
		}
	}
	if top := niceTop(1<<62 + 1<<61); top < 1<<62 {
		t.Errorf("an enormous amount ends the axis at %s", top)
	}
}
