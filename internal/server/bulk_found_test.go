package server_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// An address that the workspace does not own raises what a row costs at most by its own field,
// whosever it is, and what the capture charges stays within that (rules C13, U3).
func TestBulkEstimatesCoverAddresses(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", twins)
		for name, row := range map[string]is{
			"beside a name":           {"full_name": "Hal Hidden", "company": "Vault", "email": "hal@vault.example"},
			"beside a profile":        {"linkedin_url": "https://linkedin.com/in/bulk-hal", "email": "hal@vault.example"},
			"beside another company":  {"full_name": "Hal Hidden", "company": "Elsewhere", "email": "hal@vault.example"},
			"alone":                   {"email": "hal@vault.example"},
			"of nobody beside a name": {"full_name": "Hal Hidden", "company": "Vault", "email": "nobody@vault.example"},
		} {
			ws := w.workspace("pro", 1, nil)
			_, mia := w.member(ws, "Mia")
			job := w.post(mia, client.In(ws, "bulk-captures"), is{"people": []is{row}, "fields": []string{"mobile_phone"}, "confirm_above": 0}, 202)
			most := job["estimate"].(is)
			w.same(name+": the address", most["standard"].(is)["max"], 1)
			w.same(name+": the number", most["premium"].(is)["max"], 1)
			path := client.In(ws, "bulk-captures", job["id"].(string))
			w.post(mia, path+"/resume", nil, 200)
			w.working(func() { job = w.until(mia, path, status("done")) })
			for credit, charged := range job["charged"].(is) {
				if charged.(float64) > most[credit].(is)["max"].(float64) {
					t.Errorf("%s: charged %v %s of at most %v", name, charged, credit, most[credit])
				}
			}
		}
	})
}

// Somebody on the suppression list is no choice, is in no list of rows, and counts as nobody
// (rule C12).
func TestBulkChoicesLeaveTheSuppressedOut(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", twins+"Pat Twin,Owner,Twins,https://linkedin.com/in/bulk-pat-3,,,,+4915112345675\n")
		ws := w.workspace("pro", 1, nil)
		member, mia := w.member(ws, "Mia")
		page := w.signedInAs(ws, member)
		hidden := func(who string) {
			w.post(w.operator, "/v1/directory/suppressions", is{"person": w.post(mia, client.In(ws, "lookups"), is{"person": profile(who)}, 200)["person"].(is)["id"]}, 201)
		}
		estimate := func() string {
			page.post("/bulk", "people", "Pat Twin, Twins\nAda King, Acme\n")
			page.post(page.where, "as", "lines", "fields", "mobile_phone", "do", "estimate")
			return page.where
		}
		hidden("bulk-pat-1")
		first := estimate()
		page.has("Seller · Twins")
		page.has("Owner · Twins")
		page.lacks("Buyer")
		chosen := page.found(`name="choice-1" value="(per_[^"]+)"[^>]*>\s*<span>[^<]*<small>Owner`)
		page.post(first+"/choices", "choice-1", chosen, "back", first)
		path := client.In(ws, "bulk-captures", strings.TrimPrefix(first, "/bulk/"))
		w.same("with a choice", fmt.Sprint(w.get(mia, path)["found"]), "map[ambiguous:1 chosen:1 known:1]")
		hidden("bulk-pat-3")
		w.same("with nobody chosen", fmt.Sprint(w.get(mia, path)["found"]), "map[known:1 nobody:1]")
		page.get(first)
		page.lacks("Owner")
		page.post(first + "/go")
		w.working(func() { w.until(mia, path, status("done")) })
		w.same("rows that are told", len(w.results(path)), 1)
		w.same("charged", w.get(mia, path)["charged"].(is)["premium"], 1)
		estimate()
		page.has("Pat Twin Seller · Twins Known") // one Pat is left
		hidden("bulk-pat-2")
		estimate()
		page.has("1 Nobody")
	})
}

// With the API a mapping says what columns are, as in an import.
func TestBulkMappingByTheAPI(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", twins)
		ws := w.workspace("pro", 1, nil)
		send := func(mapping string) (job is, err error) {
			at := client.In(ws, "bulk-captures") + "?fields=mobile_phone&confirm_above=0&mapping=" + url.QueryEscape(mapping)
			_, err = w.operator.Do(ctx, http.MethodPost, at, "", client.File{Type: "text/csv", Content: strings.NewReader("Wer,Bude\nAda King,Acme\n")}, &job)
			return job, err
		}
		job, err := send(`{"Wer":"full_name","Bude":"company"}`)
		if err != nil || fmt.Sprint(job["found"]) != "map[known:1]" {
			t.Errorf("mapped: %v, %v", job, err)
		}
		for mapping, says := range map[string]string{`x`: "must be a JSON object", `{"Who":"full_name"}`: "names no column of the file", `{"Wer":"nobody"}`: "it must be one of"} {
			_, err := send(mapping)
			if p, ok := err.(*client.Problem); !ok || p.Status != 400 || !strings.Contains(p.Detail+fmt.Sprint(p.Errors), says) {
				t.Errorf("%s: %v", mapping, err)
			}
		}
	})
}
