package spending

import (
	"net/url"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// usageTables are the charts and tables of a range.
func (v *visit) usageTables(p *UsagePage, view *credits.View, d days, cube *usage.Cube) error {
	q := d.query(view.Current.Zone())
	p.Days = daySeries(cube.Report("day", nil), view, d)
	p.Fields = usageLines(cube.Report("field", nil), view, q, "field", func(key string) string {
		if key == "" {
			return "Other charges"
		}
		return words.FieldLabel(key)
	})
	p.Channels = usageLines(cube.Report("channel", nil), view, q, "channel", func(key string) string {
		if key == "" {
			return "None"
		}
		return words.ChannelName(key)
	})
	saved := map[string]unit.Amount{}
	for _, g := range cube.Report("outcome", nil).Data {
		line := OutcomeLine{Outcome: g.Key, Used: inOrder(view, g.Credits), Link: frame.WithQuery("/usage/entries", q, "outcome", orNone(g.Key))}
		for _, n := range g.Outcomes {
			line.Count += int(n)
		}
		for _, c := range view.Book.Credits {
			if g.Saved[c] != 0 {
				line.Saved = append(line.Saved, words.Cost{Type: c, Amount: g.Saved[c]})
				saved[c] += g.Saved[c]
			}
		}
		if len(line.Saved) > 0 {
			p.SavedOf += line.Count
		}
		p.Outcomes = append(p.Outcomes, line)
	}
	p.Saved = frame.Costs(view.Book, saved)
	names, err := v.App.Accounts.MemberNames(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	p.Members, err = v.memberUsage(cube.Report("member", names), view, q)
	return err
}

// orNone is how the entries without a value are asked for.
func orNone(key string) string {
	if key == "" {
		return store.None
	}
	return key
}

func inOrder(view *credits.View, amounts map[string]unit.Amount) []unit.Amount {
	var list []unit.Amount
	for _, c := range view.Book.Credits {
		list = append(list, amounts[c])
	}
	return list
}

func usageLines(r *usage.Report, view *credits.View, q url.Values, by string, label func(key string) string) []UsageLine {
	var lines []UsageLine
	for _, g := range r.Data {
		line := UsageLine{Label: label(g.Key), Used: inOrder(view, g.Credits), Link: frame.WithQuery("/usage/entries", q, by, orNone(g.Key))}
		for _, n := range g.Outcomes {
			line.Count += int(n)
		}
		lines = append(lines, line)
	}
	return lines
}

// daySeries has every day of the range, those without use too.
func daySeries(r *usage.Report, view *credits.View, d days) []DaySeries {
	byDay := map[string]usage.Group{}
	for _, g := range r.Data {
		byDay[g.Key] = g
	}
	var series []DaySeries
	for _, c := range view.Book.Credits {
		s := DaySeries{Type: c}
		day := d.from.In(view.Current.Zone())
		for day.Before(d.to) {
			date := day.Format(time.DateOnly)
			s.Days = append(s.Days, DayUsage{
				Label: day.Format("Mon 2 Jan"), Used: byDay[date].Credits[c],
				Link: frame.WithQuery("/usage/entries", url.Values{"from": {date}, "to": {date}}, "credit", c),
			})
			y, m, n := day.Date()
			day = time.Date(y, m, n+1, 0, 0, 0, 0, day.Location())
		}
		series = append(series, s)
	}
	return series
}

// memberUsage is a row for each member whose usage is seen, and one for what the
// workspace itself spent.
func (v *visit) memberUsage(r *usage.Report, view *credits.View, q url.Values) ([]MemberUsage, error) {
	members, err := v.App.Accounts.Members(v.Context(), v.Scope, "", 500)
	if err != nil {
		return nil, err
	}
	sight, err := v.App.Accounts.Visible(v.Context(), v.Scope)
	if err != nil {
		return nil, err
	}
	members = slices.DeleteFunc(members, func(m store.Member) bool { return !sight.Sees(m.ID) })
	full, err := v.Look(frame.SeenMembers(members, sight)...)
	if err != nil {
		return nil, err
	}
	spent := map[string]usage.Group{}
	for _, g := range r.Data {
		spent[g.Key] = g
	}
	var rows []MemberUsage
	for _, m := range members {
		row := MemberUsage{Name: m.Name, Link: frame.WithQuery("/usage/entries", q, "member", m.ID)}
		for n, c := range view.Book.Credits {
			of := full.Members[m.ID][n]
			row.Credits = append(row.Credits, MemberCredit{Type: c, Mode: of.Mode, Amount: of.Amount, Used: spent[m.ID].Credits[c], Held: of.Held})
		}
		delete(spent, m.ID)
		rows = append(rows, row)
	}
	for _, g := range r.Data {
		if _, left := spent[g.Key]; !left {
			continue
		}
		row := MemberUsage{Name: g.Name, Removed: g.Key != "", Link: frame.WithQuery("/usage/entries", q, "member", orNone(g.Key))}
		if g.Key == "" {
			row.Name = "The workspace itself"
		}
		for _, c := range view.Book.Credits {
			row.Credits = append(row.Credits, MemberCredit{Type: c, Mode: unit.FromPool, Used: g.Credits[c]})
		}
		rows = append(rows, row)
	}
	return rows, nil
}
