package server_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
)

// Usage shows the period before beside this one: of each member and of all, as far as the viewer
// sees it.
func TestUsageShowsThePeriodBefore(t *testing.T) {
	start(t, func(w *world) {
		w.now = time.Date(2026, 1, 20, 9, 0, 0, 0, time.UTC)
		ws := w.workspace("pro", 3, is{"time_zone": "Europe/Berlin"})
		ada, adas := w.member(ws, "Ada")
		_, bobs := w.member(ws, "Bob")
		old, olds := w.member(ws, "Old")
		charge := func(who *client.Client, credit string, amount int) {
			w.post(who, client.In(ws, "charges"), is{"credit": credit, "amount": amount}, 201)
		}
		charge(adas, "standard", 100) // in January, which nothing below is compared with
		w.advance(time.Date(2026, 2, 1, 9, 0, 0, 0, time.UTC))
		charge(adas, "standard", 29)
		charge(bobs, "standard", 8)
		w.advance(time.Date(2026, 2, 9, 22, 30, 0, 0, time.UTC)) // Feb 9 in Berlin
		charge(olds, "premium", 3)
		w.advance(time.Date(2026, 2, 10, 23, 30, 0, 0, time.UTC)) // Feb 11 there
		charge(bobs, "premium", 50)
		w.call(w.operator, "DELETE", client.In(ws, "members", old), nil, 204)
		w.advance(time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC))
		charge(adas, "standard", 41)
		charge(bobs, "standard", 5)
		charge(bobs, "premium", 2)
		charge(w.operator, "standard", 1)

		boss := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin")).get("/usage")
		boss.has("Before: Feb 1 – 10, 2026, the same days of the period before")
		row := func(v *visitor, name string) string {
			m := regexp.MustCompile(`(?s)<tr><th scope="row" class="name">(?:<a [^>]*>)?` + name + `\b.*?</tr>`).FindString(v.page)
			m, _, _ = strings.Cut(m, `<td class="row-links">`)
			return spaces.ReplaceAllString(tags.ReplaceAllString(m, " "), " ")
		}
		w.same("all", row(boss, "Total"), " Total 47 37 before, 10 more 2 3 before, 1 fewer ")
		w.same("Ada", row(boss, "Ada"), " Ada 41 87 % of 1,500 in the pool 29 before, 12 more 0 of 150 in the pool ")
		w.same("Bob", row(boss, "Bob"), " Bob 5 11 % of 1,500 in the pool 8 before, 3 fewer 2 100 % of 150 in the pool 0 before, 2 more ")
		w.same("who was removed", row(boss, "Old"), " Old removed 0 from the pool 0 from the pool 3 before, 3 fewer ")
		w.same("the workspace", row(boss, "The workspace"), " The workspace itself 1 2 % from the pool 0 before, 1 more 0 from the pool ")
		adaSees := w.signedInAs(ws, ada).get("/usage")
		w.same("all that Ada sees", row(adaSees, "Total"), " Total 41 29 before, 12 more 0 ")

		boss.get("/usage?period=2026-02-01").has("Before: Jan 1 – 31, 2026, the period before; the workspace was made on Jan 20")
		w.same("in February", row(boss, "Total"), " Total 37 100 before, 63 fewer 53 0 before, 53 more ")
		boss.get("/usage?from=2026-02-10&to=2026-02-11").has("Before: Feb 8 – 9, 2026, as many days just before")
		w.same("in two days", row(boss, "Total"), " Total 0 50 3 before, 47 more ")
		boss.get("/usage?period=2026-01-01").lacks("Before:")
		w.same("in the first period", row(boss, "Total"), " Total 100 0 ")
	})
}
