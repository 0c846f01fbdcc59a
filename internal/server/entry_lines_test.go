package server_test

import (
	"fmt"
	"html"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

var (
	captureLine = regexp.MustCompile(`(?s)<details class="capture-line" id="capture-(ent_\d+)">.*?</ul></details>`)
	capturedOne = regexp.MustCompile(`<li><b>([^<]+)</b>`)
	olderPage   = regexp.MustCompile(`<a class="button" href="([^"]+)" rel="next">`)
)

// entryPages walks the pages of the ledger from one on, and counts by the id of its first field how
// many fields each capture has; lines are the rows of each page.
func (v *visitor) entryPages(path string) (fields map[string]int, lines []int) {
	v.Helper()
	fields = map[string]int{}
	for path != "" {
		v.get(path)
		lines = append(lines, strings.Count(v.raw, "e-when"))
		for _, m := range captureLine.FindAllStringSubmatch(v.raw, -1) {
			if fields[m[1]] != 0 {
				v.Errorf("the capture of %s is shown twice", m[1])
			}
			fields[m[1]] = len(capturedOne.FindAllString(m[0], -1))
		}
		path = ""
		if m := olderPage.FindStringSubmatch(v.raw); m != nil {
			path = html.UnescapeString(m[1])
		}
	}
	return fields, lines
}

// A capture is one line of the ledger with all of its fields, on whichever page it is; files
// and the API keep its entries.
func TestCapturesAreLinesOfTheLedger(t *testing.T) {
	start(t, func(w *world) {
		var people strings.Builder
		people.WriteString("full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,mobile_phones,country\n")
		for n := range 63 {
			fmt.Fprintf(&people, "Person%d Row,Rowco%d,https://linkedin.com/in/row-%d,p%d@rowco%d.example,verified,2025-01-01,+1917555%04d,US\n", n, n, n, n, n, n)
		}
		w.load("text/csv", people.String())
		ws := w.workspace("pro", 2, nil)
		want, fields := map[string]int{}, []string{"work_email", "mobile_phone", "personal_email", "work_phone"}
		for n := range 63 {
			w.post(w.operator, client.In(ws, "captures"), is{"person": profile(fmt.Sprintf("row-%d", n)), "fields": fields[:1+n%4]}, 200)
			if n%7 == 0 {
				w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 1}, 201)
			}
		}
		others, charged := 0, map[string]int{}
		all := w.get(w.operator, client.In(ws, "entries")+"?limit=500")["data"].([]any)
		slices.Reverse(all)
		first := map[string]string{}
		for _, one := range all {
			e := one.(is)
			id, of := e["id"].(string), ""
			if of, _ = e["capture"].(string); of == "" {
				others++
				continue
			}
			if first[of] == "" {
				first[of] = id
			}
			want[first[of]]++
			if e["kind"] == "charge" && e["field"] == "mobile_phone" {
				charged[id] = 1
			}
		}
		v := w.signedInAs(ws, w.newMember(ws, "rea@acme.example", "Rea", "admin"))
		got, lines := v.entryPages("/usage/entries")
		w.same("fields of captures", fmt.Sprint(got), fmt.Sprint(want))
		total := 0
		for n, l := range lines {
			if total += l; n < len(lines)-1 {
				w.same("lines of a page", l, 50)
			}
		}
		w.same("lines", total, 63+others)
		// What a filter leaves out is no part of a line.
		got, _ = v.entryPages("/usage/entries?field=mobile_phone&kind=charge")
		w.same("mobiles", fmt.Sprint(got), fmt.Sprint(charged))
		v.get("/usage/entries?field=mobile_phone").has("A capture shows only its fields that match.")
		v.get("/usage/entries?channel=api").lacks("only its fields that match")
		v.get("/usage").has("Work email, Mobile, Personal email")
		v.get("/entries.csv")
		w.same("rows of the file", strings.Count(strings.TrimSpace(v.raw), "\n"), len(all))
	})
}
