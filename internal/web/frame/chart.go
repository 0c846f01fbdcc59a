package frame

import "github.com/leadmeter/leadmeter/credits/unit"

// BarUnits is how wide a bar's drawing is. The page stretches it to the room
// there is, so a unit is a tenth of a percent.
const BarUnits = 1000

// Segment is one part of a bar, from X on, W wide.
type Segment struct {
	X, W int
	Look string // its class
}

// SplitBar shares the width out in proportion, exactly: the parts' widths come
// to the width, and what is not nothing stays visible.
func SplitBar(width int, looks []string, parts ...unit.Amount) []Segment {
	var total unit.Amount
	for _, p := range parts {
		total += max(0, p)
	}
	if total == 0 || width <= 0 {
		return nil
	}
	segments := make([]Segment, 0, len(parts))
	widest, used := -1, 0
	for i, p := range parts {
		if p <= 0 {
			continue
		}
		w := max(unit.Share(p, total, width), min(4, width/len(parts)))
		segments = append(segments, Segment{W: w, Look: looks[i]})
		used += w
		if widest < 0 || w > segments[widest].W {
			widest = len(segments) - 1
		}
	}
	segments[widest].W += width - used
	x := 0
	for i := range segments {
		segments[i].X = x
		x += segments[i].W
	}
	return segments
}

// leftBar is the small bar in the header: what is left of the allowance.
func leftBar(b HeaderBalance) int {
	if b.Available.Unlimited || b.Allowance.Unlimited {
		return BarUnits
	}
	return unit.Share(b.Available.Amount, b.Allowance.Amount, BarUnits)
}
