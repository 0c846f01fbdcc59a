package spending

import (
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// allowanceBar is the picture of one credit type: used, held and available.
// An unlimited allowance has no end to draw to, so only what was used shows.
func allowanceBar(c CreditUsage) []frame.Segment {
	looks := []string{"used", "held", "left"}
	if c.Allowance.Unlimited {
		return frame.SplitBar(frame.BarUnits, looks, c.Used, c.Held, 0)
	}
	return frame.SplitBar(frame.BarUnits, looks, c.Used, c.Held, c.Available.Amount)
}

// memberBar draws one member's part of what they may use; nothing where that has no end, or is
// not known because the member is gone.
func memberBar(c screen.MemberCredit) []frame.Segment {
	if c.Of.Unlimited || c.Of.Amount <= 0 {
		return nil
	}
	used, held := unit.Share(c.Used, c.Of.Amount, frame.BarUnits), unit.Share(c.Held, c.Of.Amount, frame.BarUnits)
	bars := make([]frame.Segment, 0, 2)
	if c.Used > 0 {
		bars = append(bars, frame.Segment{X: 0, W: max(used, 6), Look: "used"})
	}
	if c.Held > 0 {
		bars = append(bars, frame.Segment{X: used, W: max(held, 6), Look: "held"})
	}
	return bars
}

// lineScale is the amount that the widest line's bar of one type shows.
func lineScale(lines []UsageLine, i int) (most unit.Amount) {
	for _, l := range lines {
		most = max(most, amountAt(l.Used, i))
	}
	return most
}

// lineBar draws one line on that scale.
func lineBar(used, scale unit.Amount) []frame.Segment {
	if used <= 0 {
		return nil
	}
	return []frame.Segment{{W: max(6, unit.Share(used, scale, frame.BarUnits)), Look: "used"}}
}

// countBar draws how many answers had an outcome.
func countBar(n int, all []OutcomeLine) []frame.Segment {
	most := 0
	for _, l := range all {
		most = max(most, l.Count)
	}
	return lineBar(unit.Amount(n), unit.Amount(most))
}

// columnChart is the geometry of one series by day, in units that the page
// stretches; labels stand beside it in HTML, where text keeps its size.
type columnChart struct {
	Width, Height int
	Columns       []column
	Lines         []int    // the y of each grid line, top first
	Ticks         []string // their labels, top first
	Dates         []string // labels below: first, middle and last
}

// column is one day.
type column struct {
	X, Y, W, H int
	Name       string // "Nov 3: 12 standard"
	Link       string
}

const (
	columnStep   = 20 // units a day takes
	columnWidth  = 14 // of which the column fills
	chartHeight  = 160
	chartColumns = 400 // most days that are drawn
)

// drawColumns lays out one series.
func drawColumns(s DaySeries) columnChart {
	days := s.Days
	if len(days) > chartColumns {
		days = days[len(days)-chartColumns:]
	}
	var most unit.Amount
	for _, d := range days {
		most = max(most, d.Used)
	}
	top := niceTop(most)
	c := columnChart{
		Width:  max(1, len(days)) * columnStep,
		Height: chartHeight,
		Lines:  []int{0, chartHeight / 2, chartHeight},
		Ticks:  []string{words.Num(top), words.Num(top / 2), "0"},
	}
	for i, d := range days {
		h := unit.Share(d.Used, top, chartHeight)
		if d.Used > 0 {
			h = max(h, 2)
		}
		c.Columns = append(c.Columns, column{
			X: i*columnStep + (columnStep-columnWidth)/2, Y: chartHeight - h, W: columnWidth, H: h,
			Name: d.Label + ": " + words.Num(max(0, d.Used)) + " " + s.Type, Link: d.Link,
		})
	}
	switch n := len(days); {
	case n > 2:
		c.Dates = []string{days[0].Label, days[n/2].Label, days[n-1].Label}
	case n > 0:
		for _, d := range days {
			c.Dates = append(c.Dates, d.Label)
		}
	}
	return c
}

// niceTop is the axis's end: the next of 2, 4, 6, 8 or 10 times a power of
// ten, so that its half is a short number too. At least two credits.
func niceTop(most unit.Amount) unit.Amount {
	step := unit.Credit
	for {
		for _, n := range []unit.Amount{2, 4, 6, 8, 10} {
			if most <= n*step {
				return n * step
			}
		}
		if step > 1<<58 {
			return most
		}
		step *= 10
	}
}

// hasUse tells whether a series is worth drawing.
func hasUse(s DaySeries) bool {
	for _, d := range s.Days {
		if d.Used > 0 {
			return true
		}
	}
	return false
}

// amountAt reads a row that may be shorter than the head.
func amountAt(list []unit.Amount, i int) unit.Amount {
	if i < len(list) {
		return list[i]
	}
	return 0
}
