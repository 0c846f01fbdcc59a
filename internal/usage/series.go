package usage

import (
	"context"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// historyDays is how far a forecast looks back: six weeks, so that a weekday is seen
// six times and last quarter's pace is forgotten.
const historyDays = 42

// maxPools bounds the periods that are looked at for a forecast.
const maxPools = 500

// Outlooks forecasts each credit type of the period that runs. The pace is the whole
// team's, so only who sees all of it is given any.
func (r *Reports) Outlooks(ctx context.Context, s *account.Scope, v *credits.View) (map[string]Outlook, error) {
	if sight, err := r.Accounts.Visible(ctx, s); err != nil || !sight.All() {
		return nil, err
	}
	zone := v.Current.Zone()
	today := unit.Date(s.Now, zone)
	first := today.AddDate(0, 0, -historyDays)
	if made := unit.Date(time.UnixMicro(s.Workspace.CreatedAt), zone); made.After(first) {
		first = made
	}
	var cells []store.UsageCell
	var pools []store.Pool
	err := r.Store.View(ctx, func(tx *store.Tx) (err error) {
		if cells, err = tx.Usage().OfDays(s.Workspace.ID, store.Everybody(), number(first), number(today)); err != nil {
			return err
		}
		pools, err = tx.Usage().Pools(s.Workspace.ID, s.Now.AddDate(-1, 0, 0).UnixMicro(), v.Current.Period.Start.UnixMicro(), maxPools)
		return err
	})
	if err != nil {
		return nil, err
	}
	spent := map[string]map[int64]credits.Amount{}
	for _, c := range cells {
		if spent[c.Credit] == nil {
			spent[c.Credit] = map[int64]credits.Amount{}
		}
		spent[c.Credit][c.Day] += credits.Amount(c.Used)
	}
	last := unit.Date(v.Current.Period.End.Add(-time.Microsecond), zone)
	out := map[string]Outlook{}
	for _, c := range v.Credits {
		h := History{
			Today: max(0, spent[c.Credit][number(today)]), Weekday: today.Weekday(), Available: c.Available,
			Ahead: int(last.Sub(today).Hours()/24) + 1,
		}
		for day := first; day.Before(today); day = day.AddDate(0, 0, 1) {
			h.Past = append(h.Past, Spent{day.Weekday(), spent[c.Credit][number(day)]})
		}
		h.Past = drySpells(h.Past, first, c.Credit, pools, zone)
		out[c.Credit] = Forecast(h)
	}
	return out, nil
}

// drySpells leaves out the days at the end of earlier periods on which less was left
// than a usual day takes: that nothing was used then says nothing about what the team
// would have used.
func drySpells(past []Spent, first time.Time, credit string, pools []store.Pool, zone *time.Location) []Spent {
	out := make([]bool, len(past))
	for _, p := range pools {
		from, last := unit.Date(time.UnixMicro(p.PeriodStart), zone), unit.Date(time.UnixMicro(p.PeriodEnd-1), zone)
		if p.Credit != credit || p.Allowance <= 0 || credits.Amount(p.Allowance-p.Used-p.Held) >= usualDay(past, from.Sub(first), last.Sub(first)) {
			continue
		}
		for day := last; !day.Before(from); day = day.AddDate(0, 0, -1) {
			n := int(day.Sub(first).Hours() / 24)
			if n >= len(past) {
				continue
			}
			if n < 0 || past[n].Amount > 0 {
				break
			}
			out[n] = true
		}
	}
	n := -1
	return slices.DeleteFunc(past, func(Spent) bool { n++; return out[n] })
}

// usualDay is the median of the days with use, of those so long after the first.
func usualDay(past []Spent, from, to time.Duration) credits.Amount {
	var used []credits.Amount
	for n := max(0, int(from.Hours()/24)); n <= int(to.Hours()/24) && n < len(past); n++ {
		if past[n].Amount > 0 {
			used = append(used, past[n].Amount)
		}
	}
	if len(used) == 0 {
		return 1 // nothing at all was left
	}
	slices.Sort(used)
	return used[len(used)/2]
}

func number(day time.Time) int64 { return dayOf(day, time.UTC) }
