package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

const numbers = `full_name,company,linkedin_url,mobile_phones
Ann Colley,Nco,https://linkedin.com/in/n-ann,+4915112370001
Bob Dovecot,Nco,https://linkedin.com/in/n-bob,+4915112370001;+4915112370002
Cy Lone,Nco,https://linkedin.com/in/n-cy,+4915112370003
Di Twice,Nco,https://linkedin.com/in/n-di,+4915112370004
Diana Twice,Other,https://linkedin.com/in/n-diana,+4915112370004
`

// everywhere is all that a workspace's sheet says of its leads: the list, each lead, a search
// and the export.
func (w *world) everywhere(ws, search string) string {
	w.Helper()
	text := ""
	for _, path := range []string{client.In(ws, "leads"), client.In(ws, "leads.csv"), client.In(ws, "leads") + "?q=" + search} {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, w.http.URL+path, nil)
		if err != nil {
			w.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+w.operator.Key)
		answer, err := w.http.Client().Do(r)
		if err != nil {
			w.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != 200 {
			w.Fatalf("%s: %d, %v", path, answer.StatusCode, err)
		}
		text += string(body)
	}
	return text + w.shown(ws)
}

// A suppressed number is nobody's any more, and means a person only while one alone has it:
// the others who share it stay (rule C12).
func TestSuppressedNumberIsAValue(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", numbers)
		ws, other := w.workspace("pro", 1, nil), w.workspace("pro", 1, nil)
		buy := func(ws, who string, status int) is {
			w.Helper()
			return w.post(w.operator, client.In(ws, "captures"), is{"person": profile(who), "fields": []string{"mobile_phone"}}, status)
		}
		for _, who := range []string{"n-ann", "n-bob", "n-cy", "n-di"} {
			w.same(who, w.outcome(buy(ws, who, 200), "mobile_phone"), "charged")
		}
		suppress := func(number string) {
			w.Helper()
			w.post(w.operator, "/v1/directory/suppressions", is{"phone": number}, 201)
			if all := w.everywhere(ws, number[5:]); strings.Contains(all, number[1:]) {
				t.Errorf("%s is still shown: %s", number, all)
			}
		}
		has := func() int {
			w.Helper()
			return len(w.get(w.operator, client.In(ws, "leads")+"?has=mobile_phone")["data"].([]any))
		}
		before := w.shown(ws)
		suppress("+4915112370001")
		w.same("leads", strings.Count(w.shown(ws), "\n")+1, 4)
		w.same("leads that have a mobile", has(), 3)
		if got := w.shown(ws); !strings.Contains(got, "Ann Colley:\n") && !strings.HasSuffix(got, "Ann Colley:") || !strings.Contains(got, "Bob Dovecot: +4915112370002") {
			t.Errorf("the two who share it are %s", got)
		}
		look := w.post(w.operator, client.In(other, "lookups"), is{"person": profile("n-ann")}, 200)
		w.same("there to be bought", look["has"].(is)["mobile_phone"], false)
		w.same("not sold", w.outcome(buy(other, "n-ann", 200), "mobile_phone"), "not_found")
		w.same("owned", w.outcome(buy(ws, "n-ann", 200), "mobile_phone"), "already_owned")
		if got := fmt.Sprint(buy(other, "n-bob", 200)["fields"]); strings.Contains(got, "70001") || !strings.Contains(got, "70002") {
			t.Errorf("another workspace is sold %s", got)
		}

		suppress("+4915112370003")
		buy(ws, "n-cy", 404)
		w.same("leads", strings.Count(w.shown(ws), "\n")+1, 3)
		suppress("+4915112370004") // two records of one person, as far as names say
		buy(ws, "n-di", 404)
		buy(ws, "n-diana", 404)

		report := w.load("text/csv", `full_name,company,linkedin_url,mobile_phones
Zoe Other,Nco,https://linkedin.com/in/n-zoe,+4915112370003
Cy Lone,Elsewhere,https://linkedin.com/in/n-cy-2,+4915112370003
`)
		w.same("imported of the two who have the number", report["imported"], 1)
		w.same("without the number", w.outcome(buy(ws, "n-zoe", 200), "mobile_phone"), "not_found")
		buy(ws, "n-cy-2", 404)
		w.call(w.operator, http.MethodDelete, client.In(ws, "leads", w.leadOf(ws, "Zoe Other")), nil, 204)

		ops := w.visitor()
		ops.byCode("", "")
		for n := range 4 {
			ops.post("/operator/suppressions", "kind", "phone", "value", fmt.Sprint("+491511237000", n+1), "do", "remove")
		}
		before = strings.Replace(before, "+4915112370001 +4915112370002", "+4915112370002 +4915112370001", 1) // the last to come
		w.same("lifted", w.shown(ws), before)
		w.same("leads that have a mobile", has(), 4)
		if rows := w.rowsOf()["withheld_values"]; len(rows) > 0 {
			t.Errorf("kept aside: %v", rows)
		}
	})
}

func (w *world) leadOf(ws, name string) string {
	w.Helper()
	for _, one := range w.get(w.operator, client.In(ws, "leads"))["data"].([]any) {
		if one.(is)["person"].(is)["full_name"] == name {
			return one.(is)["id"].(string)
		}
	}
	w.Fatalf("%s is not on the sheet", name)
	return ""
}

// The address of a shared mailbox that nobody has yet means nobody who will come with it, and
// is shown of none.
func TestSuppressedDeskIsAValue(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		w.post(w.operator, "/v1/directory/suppressions", is{"email": "info@dco.example"}, 201)
		w.load("text/csv", `full_name,company,linkedin_url,work_email
Ann Colley,Dco,https://linkedin.com/in/d-ann,info@dco.example
Bob Dovecot,Dco,https://linkedin.com/in/d-bob,info@dco.example
`)
		for _, who := range []string{"d-ann", "d-bob"} {
			a := w.post(w.operator, client.In(ws, "captures"), is{"person": profile(who), "fields": []string{"work_email"}}, 200)
			w.same(who, w.outcome(a, "work_email"), "not_found")
		}
		w.post(w.operator, client.In(ws, "captures"), is{"person": is{"email": "info@dco.example"}, "fields": []string{"work_email"}}, 404)
	})
}
