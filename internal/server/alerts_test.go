package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
)

// sorted counts the mails that hold a text.
func (w *world) mailsWith(text string) (n int) {
	w.Helper()
	for _, m := range w.mails() {
		if strings.Contains(unfold(m), text) {
			n++
		}
	}
	return n
}

// unfold takes the soft line breaks of quoted-printable out.
func unfold(mail string) string {
	return strings.ReplaceAll(strings.ReplaceAll(mail, "=\r\n", ""), "\r\n ", " ")
}

// look makes the server look at a workspace's alerts at once, by several at a time.
func (w *world) look(ws string) {
	w.Helper()
	var all sync.WaitGroup
	for range 3 {
		all.Go(func() {
			if err := w.server.Alerts.Look(ctx, ws); err != nil {
				w.Error(err)
			}
		})
	}
	all.Wait()
}

func (w *world) crossings(ws string) string {
	w.Helper()
	var list []string
	for _, a := range w.get(w.operator, client.In(ws, "alerts"))["recent"].([]any) {
		list = append(list, fmt.Sprint(a.(is)["credit"], " ", a.(is)["percent"], " x", a.(is)["times"]))
	}
	return strings.Join(list, ", ")
}

// Rule S4: a share of the allowance is told once for each crossing and period, by
// the ledger's own numbers, however many look at once; a top-up that moves the mark
// lets it be crossed again; the next period begins again by itself.
func TestAlerts(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		ws, e := w.workspace("starter", 1, nil), listen(w.T) // 250 standard, 25 premium
		w.post(w.operator, client.In(ws, "members"), is{"email": "boss@acme.example", "name": "Boss", "role": "admin"}, 201)
		w.member(ws, "Tom")
		w.hook(ws, e.URL, "credits.low", "credits.exhausted")
		spend := func(credit string, amount float64) {
			w.Helper()
			w.post(w.operator, client.In(ws, "charges"), is{"credit": credit, "amount": amount}, 201)
			w.look(ws)
		}
		is := func(want string) {
			w.Helper()
			w.same("crossings", w.crossings(ws), want)
		}
		is("")
		spend("standard", 199.999999)
		is("")
		spend("standard", 0.000001)
		is("standard 80 x1")
		w.look(ws)
		spend("standard", 10)
		is("standard 80 x1")
		hold := w.post(w.operator, client.In(ws, "holds"), map[string]any{"credit": "premium", "amount": 24, "expires_in": "60s"}, 201)["id"].(string)
		w.look(ws)
		is("standard 80 x1") // what is held is not used
		w.post(w.operator, client.In(ws, "holds", hold, "release"), map[string]any{}, 200)

		w.post(w.operator, client.In(ws, "grants"), map[string]any{"credit": "standard", "amount": 2, "kind": "once"}, 201)
		spend("standard", 1)
		is("standard 80 x1") // of 252 as well more than 80 were used before: nothing was crossed
		w.post(w.operator, client.In(ws, "grants"), map[string]any{"credit": "standard", "amount": 248, "kind": "once"}, 201)
		w.look(ws)
		is("standard 80 x1")
		spend("standard", 188) // 399 of 500
		is("standard 80 x1")
		spend("standard", 1)
		is("standard 80 x2")
		w.advance(w.now.Add(time.Hour))
		spend("standard", 100)
		is("standard 100 x1, standard 80 x2")

		reaches(w.T, w.server)
		w.wait(e, "credits.exhausted", 1)
		w.wait(e, "credits.low", 2)
		w.poll(func() bool { return len(w.mails()) >= 3 })
		w.same("events", len(e.all()), 3)
		w.same("mails", len(w.mails()), 3)
		w.same("to the admin", w.mailsWith("boss@acme.example"), 3)
		w.same("to members", w.mailsWith("tom@acme.example"), 0)
		w.same("all used", w.mailsWith("has used all of its standard credits"), 1)
		last := w.wait(e, "credits.exhausted", 1)[0].data
		w.same("used", last["used"], 500)
		w.same("refills", last["refills_at"], "2026-04-01T00:00:00Z")

		w.advance(time.Date(2026, 4, 2, 0, 0, 0, 0, time.UTC))
		spend("standard", 250) // both marks at once: two events, one mail
		w.wait(e, "credits.exhausted", 2)
		w.wait(e, "credits.low", 3)
		w.poll(func() bool { return len(w.mails()) >= 4 })
		is("standard 100 x1, standard 80 x1, standard 100 x1, standard 80 x2")
		w.same("mails", len(w.mails()), 4)

		w.call(w.operator, http.MethodPut, client.In(ws, "alerts"), map[string]any{"percents": map[string]any{"premium": []int{50, 20, 50}, "standard": []int{}}}, 200)
		_, mia := w.member(ws, "Mia")
		w.call(mia, http.MethodGet, client.In(ws, "alerts"), nil, 403) // as on the page
		set := w.get(w.operator, client.In(ws, "alerts"))["percents"].(map[string]any)
		w.same("premium", fmt.Sprint(set["premium"]), "[20 50]")
		spend("premium", 12.5)
		w.wait(e, "credits.low", 5)
		w.advance(time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC))
		spend("standard", 250) // of which nobody wants to hear
		w.post(w.operator, client.In(ws, "cancel"), map[string]any{"at": "now"}, 200)
		w.look(ws)
		w.same("events", len(e.all()), 7)
		for field, percents := range map[string]any{"percents.gold": map[string]any{"gold": []int{50}}, "percents.premium": map[string]any{"premium": []int{0}}} {
			got := w.call(w.operator, http.MethodPut, client.In(ws, "alerts"), map[string]any{"percents": percents}, 400)
			w.same("wrong", got["errors"].([]client.Field)[0].Field, field)
		}
	})
}

// What a server that died did not look at, the next one does.
func TestAlertsAfterACrash(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		ws := w.workspace("starter", 1, nil)
		w.post(w.operator, client.In(ws, "charges"), is{"credit": "premium", "amount": 25}, 201)
		w.server.Ledger.Changed() // forgotten, as by a crash
		reaches(w.T, w.server)
		w.poll(func() bool { return w.crossings(ws) == "premium 100 x1, premium 80 x1" })
		other := w.workspace("enterprise", 1, nil)
		w.post(w.operator, client.In(other, "charges"), is{"credit": "standard", "amount": 10_000}, 201) // unlimited
		w.post(w.operator, client.In(other, "charges"), is{"credit": "premium", "amount": 80}, 201)
		w.poll(func() bool { return w.crossings(other) == "premium 80 x1" }) // at once, by this process
	})
}

// A wish for more credits is mailed to the admins, its answer to the member.
func TestRequestMails(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		reaches(w.T, w.server)
		ws := w.workspace("starter", 2, nil)
		w.post(w.operator, client.In(ws, "members"), is{"email": "boss@acme.example", "name": "Boss", "role": "admin"}, 201)
		ada, adas := w.member(ws, "Ada")
		w.call(w.operator, http.MethodPut, client.In(ws, "members", ada, "allocations"), is{"standard": is{"mode": "limit", "amount": 5}}, 200)
		for n, grant := range []int{3, 0} {
			id := w.post(adas, client.In(ws, "credit-requests"), is{"credit": "standard", "amount": 4, "reason": "the fair in Lyon"}, 201)["id"].(string)
			w.poll(func() bool { return w.mailsWith("Subject: Ada asks for 4 standard credits") == n+1 })
			w.post(w.operator, client.In(ws, "credit-requests", id, "decide"), is{"grant": grant}, 200)
		}
		w.poll(func() bool { return len(w.mails()) == 4 })
		w.same("to the admin", w.mailsWith("To: \"Boss\" <boss@acme.example>"), 2)
		w.same("why", w.mailsWith("the fair in Lyon"), 2)
		w.same("granted", w.mailsWith("Subject: You have 3 more standard credits"), 1)
		w.same("declined", w.mailsWith("Subject: Your request for standard credits was declined"), 1)
		w.poll(func() bool {
			for _, e := range w.effects(ws, "") {
				if e.Kind == "mail" && len(e.Payload) > 0 {
					return false
				}
			}
			return true
		})
	})
}

// Usage is mailed at the turn of the workspace's own weeks and months, computed by
// its clock, once however many servers look, with the numbers of the usage report.
func TestUsageMails(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		ws := w.workspace("starter", 1, is{"time_zone": "America/New_York", "anchor": 15}) // the clock shows Monday 2 March 2026
		boss := w.post(w.operator, client.In(ws, "members"), is{"email": "boss@acme.example", "name": "Boss", "role": "admin"}, 201)["id"].(string)
		chief := w.post(w.operator, client.In(ws, "members"), is{"email": "chief@acme.example", "name": "Chief", "role": "admin"}, 201)["id"].(string)
		tom, toms := w.member(ws, "Tom")
		w.call(w.operator, http.MethodPut, client.In(ws, "members", boss, "usage-mail"), is{"every": "week"}, 200)
		w.call(w.operator, http.MethodPut, client.In(ws, "members", chief, "usage-mail"), is{"every": "month"}, 200)
		w.call(w.operator, http.MethodPut, client.In(ws, "members", tom, "usage-mail"), is{"every": "week"}, 409)
		w.call(toms, http.MethodPut, client.In(ws, "members", tom, "usage-mail"), is{"every": "never"}, 403)
		w.post(toms, client.In(ws, "charges"), is{"credit": "standard", "amount": 7.5}, 201)
		turn := func(to time.Time) {
			w.Helper()
			w.advance(to)
			var all sync.WaitGroup
			for range 3 {
				all.Go(func() {
					if err := w.server.Alerts.MailUsage(ctx); err != nil {
						w.Error(err)
					}
				})
			}
			all.Wait()
		}
		reaches(w.T, w.server)
		// On Sunday 8 March the clocks go forward: Monday begins at 04:00 UTC.
		turn(time.Date(2026, 3, 9, 3, 59, 59, 999_999_000, time.UTC))
		w.same("before the turn", len(w.effects(ws, "")), 0)
		turn(time.Date(2026, 3, 9, 4, 0, 0, 0, time.UTC))
		w.poll(func() bool { return len(w.mails()) == 1 })
		w.same("to", w.mailsWith("boss@acme.example"), 1)
		w.same("span", w.mailsWith("Mar 2, 2026 to Mar 8, 2026"), 1)
		w.same("total", w.mailsWith("standard: 7.5 used"), 1)
		w.same("by member", w.mailsWith("Tom: 7.5 standard"), 1)
		w.same("file", w.mailsWith(`filename="usage-2026-03-02.csv"`), 1)
		turn(time.Date(2026, 3, 15, 4, 0, 0, 0, time.UTC)) // the plan's month turns on the 15th
		w.poll(func() bool { return len(w.mails()) == 2 })
		w.same("to the chief", w.mailsWith("chief@acme.example"), 1)
		w.same("the month", w.mailsWith("to Mar 14, 2026"), 1)
		turn(time.Date(2026, 4, 8, 0, 0, 0, 0, time.UTC)) // slept through three Mondays
		w.poll(func() bool { return len(w.mails()) == 3 })
		w.same("the last week", w.mailsWith("Mar 30, 2026 to Apr 5, 2026"), 1)
		w.call(w.operator, http.MethodPatch, client.In(ws, "members", boss), is{"role": "member"}, 200)
		turn(time.Date(2026, 4, 14, 0, 0, 0, 0, time.UTC)) // who is no admin any more is mailed no more
		turn(time.Date(2026, 4, 15, 4, 0, 0, 0, time.UTC))
		w.poll(func() bool { return len(w.mails()) == 4 })
		w.same("to the boss", w.mailsWith("boss@acme.example"), 2)
	})
}
