package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// The results of a job are read in slices of rows: a row of whom nothing is known yet costs no
// reading of its own, and one who is on the suppression list is left out (rule C12). An address
// that was typed stays, whether it is on the list or nobody's (rule C13).
func TestResultsAreReadInSlices(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("enterprise", 1, nil)
		var file strings.Builder
		file.WriteString("full_name,company,linkedin_url,work_phones\n")
		const size = 150
		for n := range size {
			fmt.Fprintf(&file, "Pat No%s,Bco,https://linkedin.com/in/results-%d,+4420794%05d\n", letters(n+1), n, n)
		}
		w.load("text/csv", file.String())
		hidden := w.post(w.operator, client.In(ws, "captures"), is{"person": profile("results-3"), "fields": []string{"work_phone"}}, 200)["person"].(is)["id"].(string)
		w.post(w.operator, "/v1/directory/suppressions", is{"person": hidden}, 201)
		w.post(w.operator, "/v1/directory/suppressions", is{"email": "gone@elsewhere.example"}, 201)
		reads := func(rows int) int64 {
			people := []is{{"email": "gone@elsewhere.example"}}
			for n := range rows - 1 {
				people = append(people, profile(fmt.Sprint("results-", n)))
			}
			job := w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": people, "fields": []string{"work_phone"}, "confirm_above": 0}, 202)
			w.same("status", job["status"], "waiting")
			least := int64(1 << 40)
			for range 3 { // the server reads by itself too
				before := w.server.Store.Reads()
				var raw []byte
				if _, err := w.operator.Do(ctx, http.MethodGet, client.In(ws, "bulk-captures", job["id"].(string), "results.csv"), "", nil, &raw); err != nil {
					w.Fatal(err)
				}
				least = min(least, w.server.Store.Reads()-before)
				w.same("rows, of which one is suppressed", strings.Count(string(raw), "\n"), rows-1+1)
				if !strings.Contains(string(raw), "gone@") || strings.Contains(string(raw), "results-3,") {
					w.Errorf("the results of %d rows have somebody who is suppressed", rows)
				}
			}
			return least
		}
		few, many := reads(10), reads(size)
		if many > few {
			w.Errorf("the results of 10 rows took %d reads, of %d rows %d", few, size, many)
		}
	})
}
