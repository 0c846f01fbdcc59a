package spending

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Pace is how a period goes and is likely to end.
type Pace struct {
	Says string // when the credits run out, in a sentence
	Sure string // how sure that is, and what it was computed from
	Tone string // "", warning or danger
	// The drawing, in units that the page stretches; Drawn false leaves it out.
	Drawn         bool
	Width         int
	Ticks         []string // top first
	Limit         int      // y of the allowance; -1 draws none
	Line          string   // the points of what was used so far
	Fan           string   // the corners of where it is likely to end
	Middle        string   // the points of the likeliest course
	First, Last   string   // the period's days
	Described     string   // the same in words
	LimitAt, Used string   // "500", "214"
}

// pace writes an outlook and draws it.
func (v *visit) pace(u screen.Usage, c screen.Credit) *Pace {
	today := v.Scope.Now.In(v.Zone)
	p := &Pace{}
	p.say(u.Outlooks[c.Credit], c, v.Day(u.Period.End.Add(-time.Microsecond)), func(day int) string { return v.Day(today.AddDate(0, 0, day)) })
	p.draw(u, c, today)
	return p
}

func (p *Pace) say(o usage.Outlook, c screen.Credit, end string, day func(int) string) {
	spread := fmt.Sprintf("%s more are used by %s, between %s and %s", about(o.Middle), end, about(o.Least), about(o.Most))
	from := fmt.Sprintf("Computed from the last %s, weekday by weekday", words.Plural(o.Days, "day", "days"))
	switch {
	case !c.Allowance.Unlimited && c.Allowance.Amount == 0:
		p.Says = "Nothing is available in this period."
		return
	case !c.Available.Unlimited && c.Available.Amount == 0:
		p.Says, p.Tone = "Used up until "+end+".", "danger"
		return
	case !o.Known:
		p.Says = "Not enough history for a forecast."
		p.Sure = fmt.Sprintf("It needs 7 whole days since the first use; there %s.", are(o.Days))
		return
	case c.Available.Unlimited:
		p.Says = "At this pace " + spread + "."
		p.Sure = from + "; 80 % of simulations end within these."
		return
	case o.Late != usage.Never && o.Early == o.Late:
		p.Says, p.Tone = "Runs out on "+day(o.Early)+".", "warning"
	case o.Late != usage.Never:
		p.Says, p.Tone = "Runs out between "+day(o.Early)+" and "+day(o.Late)+", most likely by "+day(o.Likely)+".", "warning"
	case o.Early != usage.Never:
		p.Says, p.Tone = fmt.Sprintf("May run out, from %s on: %d %% of simulations do before the period ends.", day(o.Early), o.Chance), "warning"
	default:
		p.Says = "Lasts until the period ends. At this pace " + spread + "."
	}
	switch {
	case o.Early == o.Late && o.Late == usage.Never:
		p.Sure = fmt.Sprintf("%s; %d %% of simulations last.", from, 100-o.Chance)
	case o.Late != usage.Never && o.Early == o.Late:
		p.Sure = from + "; at least 80 % of simulations end on that day."
	case o.Late != usage.Never:
		p.Sure = from + "; 80 % of simulations end between these days."
	default:
		p.Sure = from + "; " + spread + "."
	}
}

func are(n int) string {
	if n == 1 {
		return "is 1"
	}
	return "are " + strconv.Itoa(n)
}

// about rounds a forecast to what it can know: whole credits from ten on.
func about(a unit.Amount) string {
	if a >= 10*unit.Credit {
		a = (a + unit.Credit/2) / unit.Credit * unit.Credit
	}
	return words.Num(a)
}

// draw lays out what was used so far, day by day, and where it is likely to end.
func (p *Pace) draw(u screen.Usage, c screen.Credit, today time.Time) {
	o := u.Outlooks[c.Credit]
	first, last := u.Period.Start.In(today.Location()), u.Period.End.Add(-time.Microsecond).In(today.Location())
	var sums []unit.Amount // at the end of each day, today's so far
	var total unit.Amount
	days := 0
	for day := noon(first); !day.After(noon(last)) && days < screen.MaxDays; day = day.AddDate(0, 0, 1) {
		days++
		if !day.After(noon(today)) {
			total += u.Spent[day.Format(time.DateOnly)][c.Credit]
			sums = append(sums, max(0, total))
		}
	}
	if days < 2 || len(sums) == 0 {
		return
	}
	top := max(total, unit.Credit)
	if !c.Allowance.Unlimited {
		top = max(top, c.Allowance.Amount)
	}
	if o.Known {
		top = max(top, total+o.Most)
	}
	top = niceTop(top)
	y := func(a unit.Amount) int { return chartHeight - unit.Share(max(0, a), top, chartHeight) }
	p.Drawn, p.Width, p.Limit = true, days*columnStep, -1
	p.Ticks = []string{words.Num(top), words.Num(top / 2), "0"}
	p.First, p.Last = words.Day(first, today, today.Location()), words.Day(last, today, today.Location())
	points := []string{point(0, chartHeight)}
	for n, sum := range sums {
		points = append(points, point((n+1)*columnStep, y(sum)))
	}
	p.Line = strings.Join(points, " ")
	p.Used = words.Num(max(0, total))
	if !c.Allowance.Unlimited {
		p.Limit, p.LimitAt = y(c.Allowance.Amount), words.Quota(c.Allowance)
	}
	now, end := len(sums)*columnStep, days*columnStep
	if o.Known && now < end {
		p.Fan = strings.Join([]string{point(now, y(total)), point(end, y(total+o.Most)), point(end, y(total+o.Least))}, " ")
		p.Middle = point(now, y(total)) + " " + point(end, y(total+o.Middle))
	}
	p.Described = fmt.Sprintf("%s used up to %s, day %d of %d", p.Used, words.Day(today, today, today.Location()), len(sums), days)
	if p.LimitAt != "" {
		p.Described += ", of an allowance of " + p.LimitAt
	}
}

func noon(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 12, 0, 0, 0, time.UTC)
}

func point(x, y int) string { return strconv.Itoa(x) + "," + strconv.Itoa(y) }
