package server_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
)

func day(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 0, 0, 0, 0, time.UTC) }

func (w *world) charge(c *client.Client, ws, credit string, amount any, status int) is {
	w.Helper()
	return w.post(c, client.In(ws, "charges"), is{"credit": credit, "amount": amount}, status)
}

// Plans, seats and add-ons by the API: rules G1, G2, G3, G4, P1.
func TestPlansAndAddOns(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("starter", 2, is{"time_zone": "America/New_York", "anchor": 31})
		got := w.get(w.operator, client.In(ws))
		w.same("starts", got["period"].(is)["starts_at"], "2026-02-28T05:00:00Z")
		w.same("ends", got["period"].(is)["ends_at"], "2026-03-31T04:00:00Z")
		w.same("status", got["status"], "active")
		w.same("seats count", w.credit(ws, "standard")["allowance"], 500)
		w.charge(w.operator, ws, "standard", 30, 201)

		once := w.post(w.operator, client.In(ws, "grants"), is{"credit": "standard", "amount": 10.5, "kind": "once", "note": "sorry"}, 201)
		every := w.post(w.operator, client.In(ws, "grants"), is{"credit": "premium", "amount": 7, "kind": "recurring", "note": "renewal"}, 201)
		w.same("note", once["note"], "sorry")
		w.same("with the gift", w.credit(ws, "standard")["allowance"], 510.5)
		w.same("apart from the plan", w.credit(ws, "standard")["parts"].(is)["once"], 10.5)
		w.same("with the add-on", w.credit(ws, "premium")["allowance"], 57)

		up := w.call(w.operator, http.MethodPatch, client.In(ws), is{"plan": "pro", "seats": 3}, 200)
		w.same("plan", up["plan"], "pro")
		w.same("raised at once", w.credit(ws, "standard")["allowance"], 1510.5)
		w.same("used stays used", w.credit(ws, "standard")["used"], 30)
		down := w.call(w.operator, http.MethodPatch, client.In(ws), is{"seats": 1}, 200)
		w.same("not yet", down["seats"], 3)
		w.same("waits", down["next"].(is)["seats"], 1)
		w.call(w.operator, http.MethodDelete, client.In(ws, "grants", every["id"].(string)), nil, 200)
		w.same("until the period ends", w.credit(ws, "premium")["allowance"], 157)

		w.advance(time.Date(2026, 3, 31, 4, 0, 0, 0, time.UTC))
		w.same("fewer seats now", w.get(w.operator, client.In(ws))["seats"], 1)
		w.same("refilled, nothing accumulated", w.credit(ws, "standard")["available"], 500)
		w.same("the add-on ended", w.credit(ws, "premium")["allowance"], 50)

		w.same("cancels later", w.post(w.operator, client.In(ws, "cancel"), is{"at": "period_end"}, 200)["status"], "active")
		w.charge(w.operator, ws, "standard", 1, 201)
		w.advance(time.Date(2026, 4, 30, 4, 0, 0, 0, time.UTC))
		w.same("refused", w.charge(w.operator, ws, "standard", 1, 409)["code"], "subscription_cancelled")
		w.same("nothing left", w.credit(ws, "standard")["available"], 0)
		w.same("status", w.get(w.operator, client.In(ws))["status"], "cancelled")
		fresh := w.post(w.operator, client.In(ws, "reactivate"), is{"plan": "starter"}, 200)
		w.same("fresh from now", fresh["period"].(is)["starts_at"], "2026-04-30T04:00:00Z")
		w.same("the plan's allowance", w.credit(ws, "standard")["available"], 250)
		w.post(w.operator, client.In(ws, "reactivate"), is{"plan": "starter"}, 409)
	})
}

// Limits and assigned amounts by the API: rules D1 to D5, D7.
func TestAllocations(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("free", 1, nil) // 15 standard
		ada, adaKey := w.member(ws, "Ada")
		alan, alanKey := w.member(ws, "Alan")
		put := func(member string, body any, status int) is {
			return w.call(w.operator, http.MethodPut, client.In(ws, "members", member, "allocations"), body, status)
		}
		set := put(ada, is{"standard": is{"mode": "assigned", "amount": 10}}, 200)
		w.same("mode", set["standard"].(is)["mode"], "assigned")
		w.same("amount", set["standard"].(is)["amount"], 10)
		w.same("the rest draws on the pool", set["premium"].(is)["mode"], "pool")
		refused := put(alan, is{"standard": is{"mode": "assigned", "amount": 6}}, 409)
		if p := refused["problem"].(*client.Problem); p.Detail != "The assigned amounts would exceed the allowance: 5 standard credits are free to assign." {
			w.Errorf("says %q", p.Detail)
		}
		w.charge(alanKey, ws, "standard", 5, 201)
		stopped := w.charge(alanKey, ws, "standard", 1, 402)
		w.same("stopped by", stopped["limited_by"], "pool")
		w.charge(adaKey, ws, "standard", 4, 201)
		put(ada, is{"standard": is{"mode": "limit", "amount": 4}}, 200)
		stopped = w.charge(adaKey, ws, "standard", 1, 402)
		w.same("stopped by", stopped["limited_by"], "member")
		put(ada, is{"standard": is{"mode": "limit", "amount": 0}}, 200)
		of := w.get(w.operator, client.In(ws, "balance")+"?member="+ada)["member"].(is)["standard"].(is)
		w.same("never less than none", of["available"], 0)
		w.same("used stays used", of["used"], 4)
		put(ada, is{"standard": is{"mode": "assigned", "amount": 10}}, 200)
		w.same("set aside", w.charge(alanKey, ws, "standard", 1, 402)["limited_by"], "pool")
		w.call(w.operator, http.MethodDelete, client.In(ws, "members", ada), nil, 204)
		w.charge(alanKey, ws, "standard", 6, 201) // what Ada had left is back
		w.same("all used", w.charge(alanKey, ws, "standard", 1, 402)["limited_by"], "workspace")
		w.post(adaKey, client.In(ws, "charges"), is{"credit": "standard", "amount": 1}, 401)
		put(alan, is{"standard": is{"mode": "limit"}}, 400)
		put(alan, is{"standard": is{"mode": "pool", "amount": 3}}, 400)
		put(alan, is{"gold": is{"mode": "pool"}}, 400)
		names := map[any]bool{} // members of one millisecond come in any order
		for _, row := range w.get(w.operator, client.In(ws, "usage"))["data"].([]any) {
			names[row.(is)["name"]] = true
		}
		if !names["Ada"] || !names["Alan"] || len(names) != 2 {
			w.Errorf("usage is listed of %v", names)
		}
	})
}

// Unlocking premium: rules U1, U2.
func TestUnlockAndAutoUnlock(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		ws := w.workspace("starter", 1, nil)
		ada, adaKey := w.member(ws, "Ada")
		plain := func(who string) is { return is{"person": is{"linkedin_url": "linkedin.com/in/" + who}} }
		a := w.post(adaKey, client.In(ws, "captures"), plain("ada"), 200)
		if a["fields"].(is)["mobile_phone"] != nil {
			w.Fatal("a plain capture asked for premium")
		}
		lead := a["lead"].(string)
		a = w.post(adaKey, client.In(ws, "leads", lead, "unlock"), is{"fields": []string{"mobile_phone"}}, 200)
		w.same("unlocked", a["fields"].(is)["mobile_phone"].(is)["outcome"], "charged")
		w.same("on the sheet", len(w.get(adaKey, client.In(ws, "leads", lead))["fields"].(is)["mobile_phone"].(is)["values"].([]any)), 3)

		own := client.In(ws, "members", ada, "settings")
		w.call(adaKey, http.MethodPut, own, is{"auto_unlock": true}, 200)
		a = w.post(adaKey, client.In(ws, "captures"), plain("mary"), 200)
		w.same("by her switch", a["fields"].(is)["mobile_phone"].(is)["outcome"], "charged")
		w.call(w.operator, http.MethodPut, client.In(ws, "settings"), is{"auto_unlock": "off"}, 200)
		a = w.post(adaKey, client.In(ws, "captures"), plain("mary"), 200)
		if a["fields"].(is)["mobile_phone"] != nil {
			w.Fatal("the policy is off and premium was asked for")
		}
		w.call(w.operator, http.MethodPut, client.In(ws, "settings"), is{"auto_unlock": "on", "auto_unlock_daily_cap": 1}, 200)
		other := w.workspace("starter", 1, nil)
		w.call(w.operator, http.MethodPut, client.In(other, "settings"), is{"auto_unlock": "on", "auto_unlock_daily_cap": 1}, 200)
		a = w.post(w.operator, client.In(other, "captures"), plain("ada"), 200)
		w.same("within the cap", a["fields"].(is)["mobile_phone"].(is)["outcome"], "charged")
		a = w.post(w.operator, client.In(other, "captures"), plain("mary"), 200)
		w.same("past the cap", a["fields"].(is)["mobile_phone"].(is)["outcome"], "not_allowed")
		w.advance(w.now.Add(24 * time.Hour))
		a = w.post(w.operator, client.In(other, "captures"), plain("mary"), 200)
		w.same("the next day", a["fields"].(is)["mobile_phone"].(is)["outcome"], "charged")
		w.call(adaKey, http.MethodPut, client.In(ws, "settings"), is{"auto_unlock": "on"}, 403)
	})
}

// Holds by the API: rules C8, P4, S2, S3.
func TestHolds(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("starter", 1, nil)
		holds := client.In(ws, "holds")
		hold := w.post(w.operator, holds, is{"credit": "standard", "amount": 10, "expires_in": "60s"}, 201)
		id := hold["id"].(string)
		w.same("held", w.credit(ws, "standard")["held"], 10)
		w.same("available", w.credit(ws, "standard")["available"], 240)
		settled := w.post(w.operator, client.In(ws, "holds", id, "settle"), is{"lines": []is{{"outcome": "charged", "amount": 3}, {"outcome": "not_found"}}}, 200)
		w.same("charged", settled["charged"].(is)["standard"], 3)
		w.same("left", settled["remaining"], 7)
		w.post(w.operator, client.In(ws, "holds", id, "settle"), is{"lines": []is{{"outcome": "charged", "amount": 8}}}, 400)
		w.post(w.operator, client.In(ws, "holds", id, "extend"), is{"expires_in": "1h"}, 200)
		w.advance(w.now.Add(30 * time.Minute))
		w.post(w.operator, client.In(ws, "holds", id, "settle"), is{"lines": []is{{"outcome": "charged", "amount": 2}}, "final": true}, 200)
		w.same("used", w.credit(ws, "standard")["used"], 5)
		w.same("given back", w.credit(ws, "standard")["held"], 0)
		w.post(w.operator, client.In(ws, "holds", id, "release"), nil, 409)

		late := w.post(w.operator, holds, is{"credit": "premium", "amount": 5, "expires_in": "24h"}, 201)["id"].(string)
		w.advance(w.now.Add(25 * time.Hour))
		w.same("expired", w.credit(ws, "premium")["held"], 0)
		w.post(w.operator, client.In(ws, "holds", late, "settle"), is{"final": true}, 409)

		w.advance(day(2026, 3, 31).Add(23 * time.Hour))
		over := w.post(w.operator, holds, is{"credit": "standard", "amount": 4, "expires_in": "48h"}, 201)["id"].(string)
		w.advance(day(2026, 4, 1).Add(time.Hour))
		w.same("nothing held in April", w.credit(ws, "standard")["held"], 0)
		w.post(w.operator, client.In(ws, "holds", over, "settle"), is{"lines": []is{{"outcome": "charged", "amount": 4}}, "final": true}, 200)
		w.same("charged to March", w.credit(ws, "standard")["used"], 0)
		for _, wrong := range []is{
			{"credit": "standard", "amount": 0, "expires_in": "60s"}, {"credit": "standard", "amount": 1, "expires_in": "soon"},
			{"credit": "gold", "amount": 1, "expires_in": "60s"}, {"credit": "standard", "amount": 1.0000001, "expires_in": "60s"},
		} {
			w.post(w.operator, holds, wrong, 400)
		}
		entries := w.get(w.operator, client.In(ws, "entries")+"?limit=500")["data"].([]any)
		for n, e := range entries {
			w.same("seq", e.(is)["seq"], len(entries)-n)
		}
	})
}
