package usage

import (
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

// History is what a forecast is made from: one credit type's use, day by day.
type History struct {
	// Past are whole local days up to yesterday, oldest first.
	Past []Spent
	// Today is what was used today so far.
	Today credits.Amount
	// Weekday is today's.
	Weekday time.Weekday
	// Ahead is how many days the period still has, today included.
	Ahead int
	// Available is what can still be used until the period ends.
	Available credits.Quota
}

// Spent is one day's use: charges less what was given back. What is added to an
// allowance is no part of it.
type Spent struct {
	Weekday time.Weekday
	Amount  credits.Amount
}

// Outlook is how the rest of a period is likely to go. Days are counted from today,
// which is 0; Never means not in this period.
type Outlook struct {
	// Known is false where there is not enough history; then nothing else is said.
	Known bool
	// Days is how many days of history were used.
	Days int
	// Chance is how many of a hundred courses run out before the period ends.
	Chance int
	// Early, Likely and Late are when a tenth, half and nine tenths of all courses
	// have run out.
	Early, Likely, Late int
	// Least, Middle and Most are what a tenth, half and nine tenths of all courses
	// would use until the period ends, if there were no limit.
	Least, Middle, Most credits.Amount
}

// Never is a day that does not come in this period.
const Never = -1

const (
	// enoughDays is how much history a forecast needs: every weekday once.
	enoughDays = 7
	// enoughOfOne is how often a weekday must have been seen to speak for itself.
	enoughOfOne = 3
	// courses are how many futures are drawn. A quantile of a tenth is then known to
	// about two in a hundred.
	courses = 500
	// maxAhead bounds how far is looked, in days.
	maxAhead = 366
)

// Forecast says when credits run out and how sure that is.
//
// The method is a seasonal bootstrap: five hundred courses of the rest of the period
// are drawn, each day of a course being one of the past days of the same weekday,
// because teams that sell to businesses rest at weekends. A weekday that was seen
// less than three times is drawn from all working days, or all days of weekends. The
// spread of the courses is the spread of the days that were seen, whatever its
// shape, which is why no normal distribution is assumed: use comes in bursts. See
// R. J. Hyndman and G. Athanasopoulos, Forecasting: Principles and Practice, 3rd
// edition, section 5.5 (bootstrapped prediction intervals) and 5.2 (the seasonal
// naive method), https://otexts.com/fpp3/.
//
// What it does not know: days are drawn one by one, so if whole weeks are busy or
// quiet the true range is wider; and it sees no trend. It is a pure function: the
// draws are the same for the same history, so more credits never run out earlier.
func Forecast(h History) Outlook {
	past := trimmed(h.Past)
	if len(past) < enoughDays || h.Ahead <= 0 {
		return Outlook{Days: len(past)}
	}
	pools := byWeekday(past)
	ahead := min(h.Ahead, maxAhead)
	out := Outlook{Known: true, Days: len(past)}
	ends, totals := make([]int, courses), make([]credits.Amount, courses)
	for n := range courses {
		ends[n], totals[n] = course(h, pools, n, ahead)
		if ends[n] < ahead {
			out.Chance++
		}
	}
	out.Chance = (out.Chance*100 + courses/2) / courses
	slices.Sort(ends)
	slices.Sort(totals)
	out.Early, out.Likely, out.Late = within(ends[courses/10], ahead), within(ends[courses/2], ahead), within(ends[courses*9/10], ahead)
	out.Least, out.Middle, out.Most = totals[courses/10], totals[courses/2], totals[courses*9/10]
	return out
}

// course is one future: the day on which the credits are used up, or ahead where
// none is, and what would be used in all.
func course(h History, pools [7][]credits.Amount, n, ahead int) (end int, total credits.Amount) {
	end = ahead
	if !h.Available.Unlimited && h.Available.Amount <= 0 {
		end = 0
	}
	for day := range ahead {
		pool := pools[(int(h.Weekday)+day)%7]
		use := pool[draw(n, day)%uint64(len(pool))]
		if day == 0 { // the rest of a day that has begun
			use = max(0, use-h.Today)
		}
		total += use
		if end == ahead && !h.Available.Unlimited && total >= h.Available.Amount {
			end = day
		}
	}
	return end, total
}

func within(day, ahead int) int {
	if day >= ahead {
		return Never
	}
	return day
}

// trimmed leaves out the days before anything was used.
func trimmed(past []Spent) []Spent {
	for n, d := range past {
		if d.Amount > 0 {
			return past[n:]
		}
	}
	return nil
}

func weekend(d time.Weekday) bool { return d == time.Saturday || d == time.Sunday }

// byWeekday are the days that each weekday is drawn from. What was given back on a
// day beyond what was used makes that day nothing, never less.
func byWeekday(past []Spent) (pools [7][]credits.Amount) {
	var seen [7]int
	for _, d := range past {
		seen[d.Weekday]++
	}
	for w := range pools {
		day := time.Weekday(w)
		for _, d := range past {
			if d.Weekday == day || seen[w] < enoughOfOne && weekend(d.Weekday) == weekend(day) {
				pools[w] = append(pools[w], max(0, d.Amount))
			}
		}
	}
	return pools
}

// draw is a number as good as random that only depends on which it is (SplitMix64,
// G. L. Steele, D. Lea and C. H. Flood, 2014).
func draw(course, day int) uint64 {
	z := uint64(course)*maxAhead + uint64(day) + 1
	z *= 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return (z ^ z>>31) >> 1
}
