package server_test

import (
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
)

// Usage, its entries and both of their files know the same days by the same parameters.
func TestPagesOfUsageShareTheirDays(t *testing.T) {
	start(t, func(w *world) {
		w.now = time.Date(2026, 1, 20, 9, 0, 0, 0, time.UTC)
		ws := w.workspace("pro", 1, is{"time_zone": "America/New_York"})
		charge := func(at time.Time, amount int) {
			w.advance(at)
			w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": amount}, 201)
		}
		charge(time.Date(2026, 2, 3, 12, 0, 0, 0, time.UTC), 1)
		charge(time.Date(2026, 2, 20, 12, 0, 0, 0, time.UTC), 2)
		charge(time.Date(2026, 3, 4, 4, 30, 0, 0, time.UTC), 4)  // Mar 3 there
		charge(time.Date(2026, 3, 4, 5, 30, 0, 0, time.UTC), 8)  // Mar 4
		charge(time.Date(2026, 3, 11, 3, 0, 0, 0, time.UTC), 16) // Mar 10
		v := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin"))
		for _, c := range []struct{ query, shown, days, spent string }{
			{"", `aria-current="true">This period<`, "Mar 1 – 31, 2026", "28"},
			{"?range=last-period", `aria-current="true">Last period<`, "Feb 1 – 28, 2026", "3"},
			{"?range=7-days", `aria-current="true">Last 7 days<`, "Mar 4 – 10, 2026", "24"},
			{"?range=30-days", `aria-current="true">Last 30 days<`, "Feb 9 – Mar 10, 2026", "30"},
			{"?period=2026-02-01", `aria-current="true">Last period<`, "Feb 1 – 28, 2026", "3"},
			{"?from=2026-02-20&to=2026-03-03", `<summary class="current">`, "Feb 20 – Mar 3, 2026", "6"},
		} {
			for _, path := range []string{"/usage", "/usage/entries"} {
				v.get(path + c.query).has(c.days)
				if strings.Count(v.page, c.shown) != 1 {
					w.Errorf("%s%s does not mark %s", path, c.query, c.shown)
				}
			}
			v.has("answers, " + c.spent + " standard")
			v.get("/usage.csv" + c.query)
			if !strings.Contains(v.raw, ",member,,,credits,standard,"+c.spent+"\n") {
				w.Errorf("the usage of %q is not %s: %s", c.query, c.spent, v.raw)
			}
		}
		v.get("/usage?range=tomorrow").has("Choose this period, the last one, or days.")
		v.get("/usage?range=last-period").lacks("No credits were used in that period.")
		w.advance(time.Date(2026, 5, 2, 12, 0, 0, 0, time.UTC))
		v.get("/usage?range=last-period").has("No credits were used in that period.")
	})
}
