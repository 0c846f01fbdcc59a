package server_test

import (
	"net/url"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// The sheet finds a lead by an address or a number that was paid for, also after two
// leads were merged, and by none that was not: a hit would confirm it.
func TestSheetFindsByContact(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", `id,full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,work_phones,mobile_phones,country
s1,Ida Dial,Calls,https://linkedin.com/in/ida-dial,ida@calls.example,verified,2020-01-01,+49 30 1234567,+49 151 23456789,DE
s2,Ida Dial,Calls,https://linkedin.com/in/ida-dial-2,ida.dial@calls.example,verified,2020-01-01,+49 40 7654321,,DE
`)
		ws := w.workspace("pro", 1, nil)
		find := func(q string) (ids []string) {
			for _, l := range w.get(w.operator, client.In(ws, "leads")+"?q="+url.QueryEscape(q))["data"].([]any) {
				ids = append(ids, l.(is)["id"].(string))
			}
			return ids
		}
		finds := func(q string, want ...string) {
			t.Helper()
			got := find(q)
			if len(got) != len(want) || len(got) == 1 && got[0] != want[0] {
				w.Errorf("%q finds %v, want %v", q, got, want)
			}
		}
		take := func(who string, fields ...string) string {
			return w.post(w.operator, client.In(ws, "captures"), is{"person": profile(who), "fields": fields}, 200)["lead"].(string)
		}
		first, second := take("ida-dial", "work_phone"), take("ida-dial-2", "work_email", "work_phone")
		finds("+49 30 1234567", first)
		finds("030/1234567", first)
		finds("0049301234567", first)
		finds("234567", first)
		finds("+49 151 23456789") // not paid for
		finds("ida@calls.example")
		finds("ida.dial@calls.example", second)
		finds("12345") // too few digits for a number, and nobody's name
		take("ida-dial", "mobile_phone")
		finds("0151 23456789", first)
		w.post(w.operator, client.In(ws, "leads", first, "merge"), is{"other": second}, 200)
		finds("ida.dial@calls.example", first)
		finds("+49407654321", first)
		other := w.workspace("pro", 1, nil)
		if got := w.get(w.operator, client.In(other, "leads")+"?q=%2B49301234567")["data"].([]any); len(got) != 0 {
			w.Errorf("another workspace finds %v", got)
		}
	})
}
