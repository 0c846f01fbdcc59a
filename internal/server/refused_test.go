package server_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/store"
)

// A refused capture changes nothing: no lead, no list, no tag, no merge that ends, no
// entry, whatever the refusal. The people are a lead of their own, a lead that was
// merged into another, and somebody who is not on the sheet (rules C7, C8).
func TestRefusedCaptureChangesNothing(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", `id,full_name,company,linkedin_url,work_phones,personal_emails,mobile_phones
r1,Rae Own,Refused,https://linkedin.com/in/rae-own,+442079460301,,+12025550301
r2,Rae Merged,Refused,https://linkedin.com/in/rae-merged,+442079460302,rae@mail.example,+12025550302
r3,Rae New,Refused,https://linkedin.com/in/rae-new,+442079460303,,+12025550303
r4,Rae Twice,Refused,https://linkedin.com/in/rae-twice,,,
r5,Rae Twice,Refused,https://linkedin.com/in/rae-twice-2,,,
`)
		ws := w.workspace("starter", 1, nil)
		captures := client.In(ws, "captures")
		m, ada := w.member(ws, "Ada")
		_, bob := w.member(ws, "Bob")
		reader := w.as(w.post(w.operator, client.In(ws, "keys"), is{"name": "reader", "role": "admin", "read_only": true}, 201)["key"].(string))
		take := func(who string) string {
			return w.post(ada, captures, is{"person": profile(who), "fields": []string{"work_phone"}, "list": "first"}, 200)["lead"].(string)
		}
		own, merged := take("rae-own"), take("rae-merged")
		w.call(ada, http.MethodPatch, client.In(ws, "leads", own), is{"tags": []string{"hot"}}, 200)
		w.post(w.operator, client.In(ws, "leads", own, "merge"), is{"other": merged}, 200)
		w.callOnce(w.operator, "POST", captures, "used", is{"person": profile("rae-own"), "fields": []string{"work_phone"}}, 200)
		w.call(w.operator, "PUT", client.In(ws, "members", m, "allocations"), is{"standard": is{"mode": "limit", "amount": 0}, "premium": is{"mode": "limit", "amount": 0}}, 200)

		refused := func(name string, by *client.Client, key string, body is, status int) {
			before := w.sheetState(ws)
			w.callOnce(by, "POST", captures, key, body, status)
			if after := w.sheetState(ws); after != before {
				w.Errorf("%s changed\n%s\nto\n%s", name, before, after)
			}
		}
		for _, who := range []string{"rae-own", "rae-merged", "rae-new"} {
			body := func(more is) is {
				b := is{"person": profile(who), "fields": []string{"mobile_phone"}, "list": "second"}
				for k, v := range more {
					b[k] = v
				}
				return b
			}
			refused(who+": 402", ada, "", body(nil), 402)
			refused(who+": 402, all or nothing", ada, "", body(is{"fields": []string{"work_phone", "mobile_phone"}, "all_or_nothing": true}), 402)
			refused(who+": 402 with a key", ada, "poor-"+who, body(nil), 402)
			refused(who+": 402 again", ada, "poor-"+who, body(nil), 402)
			refused(who+": 403 as another member", bob, "", body(is{"member": m}), 403)
			refused(who+": 403 with a key that reads", reader, "", body(nil), 403)
			refused(who+": 404 as a member who is not there", w.operator, "", body(is{"member": "mem_gone"}), 404)
			refused(who+": 400", ada, "", body(is{"fields": []string{"shoe_size"}}), 400)
			refused(who+": 422", w.operator, "used", body(nil), 422)
		}
		refused("404", w.operator, "", is{"person": profile("nobody-at-all"), "list": "second"}, 404)
		refused("409, several", w.operator, "", is{"person": is{"full_name": "Rae Twice", "company": "Refused"}, "list": "second"}, 409)
		w.post(w.operator, client.In(ws, "cancel"), is{"at": "now"}, 200)
		for _, who := range []string{"rae-own", "rae-merged", "rae-new"} {
			refused(who+": 409, cancelled", w.operator, "", is{"person": profile(who), "fields": []string{"mobile_phone"}, "list": "second"}, 409)
		}

		// What is allowed does all of it.
		w.post(w.operator, client.In(ws, "reactivate"), is{"plan": "starter"}, 200)
		out := w.post(w.operator, captures, is{"person": profile("rae-merged"), "fields": []string{"mobile_phone"}, "list": "second"}, 200)
		w.same("the merged lead", out["lead"], own)
		if lists := fmt.Sprint(w.get(w.operator, client.In(ws, "leads", own))["lists"]); lists != "[first second]" {
			w.Errorf("it is on %s", lists)
		}
	})
}

// sheetState is everything that a capture may write of a workspace, as a text.
func (w *world) sheetState(ws string) string {
	w.Helper()
	text := fmt.Sprint(w.get(w.operator, client.In(ws, "leads")+"?limit=500")["data"], w.get(w.operator, client.In(ws, "balance"))["credits"])
	err := w.server.Store.View(ctx, func(tx *store.Tx) error {
		lists, err := tx.Labels().Lists(ws)
		if err != nil {
			return err
		}
		tags, err := tx.Labels().Tags(ws)
		if err != nil {
			return err
		}
		rows, err := tx.Leads().List(store.LeadFilter{Workspace: ws, Sort: "captured", Limit: 500})
		if err != nil {
			return err
		}
		text += fmt.Sprint("\n", lists, tags)
		for _, l := range rows {
			merges, err := tx.Merges().Of(ws, []string{l.ID})
			if err != nil {
				return err
			}
			text += fmt.Sprint("\n", l)
			for _, m := range merges { // what it was is a pointer as well
				text += fmt.Sprint("\n", m.Person, m.Lead, m.At)
			}
		}
		return tx.Entries().EachUp(ws, func(e store.Entry) error {
			text += fmt.Sprint("\n", e.Seq)
			return nil
		})
	})
	if err != nil {
		w.Fatal(err)
	}
	return text
}
