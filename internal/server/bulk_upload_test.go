package server_test

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
)

// twins are two people of one name and company, one whom everybody knows, and one with an address.
const twins = "full_name,title,company,linkedin_url,work_email,work_email_status,work_email_verified_at,mobile_phones\n" +
	"Ada King,CTO,Acme,https://linkedin.com/in/bulk-ada,,,,+4915112345670\n" +
	"Ed Own,CEO,Acme,https://linkedin.com/in/bulk-ed,,,,+4915112345671\n" +
	"Pat Twin,Buyer,Twins,https://linkedin.com/in/bulk-pat-1,,,,+4915112345672\n" +
	"Pat Twin,Seller,Twins,https://linkedin.com/in/bulk-pat-2,,,,+4915112345673\n" +
	"Hal Hidden,Guard,Vault,https://linkedin.com/in/bulk-hal,hal@vault.example,verified,2020-01-01,+4915112345674\n"

// A file whose columns nobody knows is mapped, estimated, chosen in, started and told row by row;
// nothing of it is lost when the columns change.
func TestBulkUploadIsMappedEstimatedAndChosen(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", twins)
		ws := w.workspace("pro", 1, nil)
		member, mia := w.member(ws, "Mia")
		w.post(mia, client.In(ws, "captures"), is{"person": profile("bulk-ed"), "fields": []string{"mobile_phone"}}, 200)
		page := w.signedInAs(ws, member)
		page.upload("/bulk", "wer.csv", "Wer,Bude,Post\nAda King,Acme,\nEd Own,Acme,\nPat Twin,Twins,\nNobody Atall,Nowhere,\n,,hal@vault.example\nOnly Name,,\nAda King,Acme,\nPat Twin,Twins,no address\n")
		columns := page.where
		page.has("No column says who a row is about")
		page.lacks("See what it may cost")

		mapped := []string{"as", "table", "column", "Wer", "field", "full_name", "column", "Bude", "field", "company", "column", "Post", "field", "email"}
		page.post(columns, append(mapped, "fields", "mobile_phone", "list", "Fair", "do", "preview")...)
		page.at(columns)
		for _, text := range []string{"8 of 8 rows. 7 rows say who is meant.", "Ada King", "Name and company", "1 row names an email address", "row does not say who it is about", "“no address”", "See what it may cost", "7 lookups of the 1,000"} {
			page.has(strings.NewReplacer("“", `"`, "”", `"`).Replace(text))
		}
		for _, kept := range []string{`value="full_name" selected`, `value="mobile_phone" checked`, `value="Fair"`} {
			if !strings.Contains(page.page, kept) {
				t.Errorf("the page lost %s", kept)
			}
		}
		w.same("nobody was looked up", meter(w.get(mia, client.In(ws, "fair-use")), "lookups"), 0)
		page.get(strings.Replace(columns, "/columns", "/problems.csv", 1))
		if !strings.Contains(page.raw, "\n6,") || !strings.Contains(page.raw, "Only Name") || strings.Contains(page.raw, "Ada King") {
			t.Errorf("the problems are\n%s", page.raw)
		}

		page.post(columns, append(mapped, "fields", "mobile_phone", "do", "estimate")...)
		first := page.where
		path := client.In(ws, "bulk-captures", strings.TrimPrefix(first, "/bulk/"))
		found := func() string { return fmt.Sprint(w.get(mia, path)["found"]) }
		if got := found(); got != "map[ambiguous:2 decided_at_capture:1 known:2 nobody:1 owned:1 repeated:2]" {
			t.Errorf("found %s", got)
		}
		w.same("at most", w.get(mia, path)["estimate"].(is)["premium"].(is)["max"], 2) // Ada, and who has the address
		for _, text := range []string{"2 Several match", "1 Decided at capture", "1 Already yours", "At least", "Likely", "At most"} {
			page.has(text)
		}
		page.get(first + "?found=nobody")
		page.has("Nobody Atall")
		page.lacks("Ada King")

		page.get(first + "?found=ambiguous")
		page.has("Buyer · Twins")
		buyer := page.found(`name="choice-3" value="(per_[^"]+)"[^>]*>\s*<span>[^<]*<small>Buyer`)
		page.post(first+"/choices", "choice-3", "per_somebody_else", "back", first)
		w.same("somebody whom the row does not mean", page.status, 400)
		page.post(first+"/choices", "choice-3", buyer, "choice-8", buyer, "back", first+"?found=ambiguous")
		page.has("2 chosen, 0 to choose")
		w.same("at most, with Pat once", w.get(mia, path)["estimate"].(is)["premium"].(is)["max"], 3)

		// Other columns, and the choice is still there; the first estimate is given up.
		page.post(columns, append(mapped, "fields", "mobile_phone", "fields", "work_email", "do", "estimate")...)
		if page.where == first {
			t.Fatal("other fields are no other estimate")
		}
		w.call(mia, http.MethodGet, path, nil, 404)
		path = client.In(ws, "bulk-captures", strings.TrimPrefix(page.where, "/bulk/"))
		if got := found(); !strings.Contains(got, "chosen:2") {
			t.Errorf("found %s", got)
		}
		page.post(page.where + "/go")
		w.working(func() { w.until(w.operator, path, status("done")) })
		rows := w.results(path)
		for n, want := range map[int]string{0: "+4915112345670", 1: "+4915112345671", 2: "+4915112345672", 3: "", 4: "+4915112345674", 5: "", 7: "+4915112345672"} {
			w.same(fmt.Sprint("row ", n+1), rows[n]["mobile_phone"], want)
		}
		page.get(page.where + "?outcome=nobody")
		page.has("Nobody Atall")
		page.lacks("Ada King")
		page.get(strings.Replace(page.where, "?", "/results.csv?", 1))
		w.same("rows of the filtered CSV", strings.Count(page.raw, "\n"), 2)
		w.same("the file is dropped", page.get(columns).status, 404)
		w.verify()
	})
}

func meter(fairUse is, kind string) any { return fairUse["member"].(is)[kind].(is)["used"] }

// What is pasted is read as it looks: people a line, cells of a spreadsheet with a header or
// without one; and as it is told to.
func TestBulkPastesAreReadAsTheyLook(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		member, _ := w.member(ws, "Mia")
		page := w.signedInAs(ws, member)
		for _, c := range []struct{ pasted, as, has string }{
			{"Ada King, Acme\nhttps://linkedin.com/in/ada\nada@acme.example\nAda\n", "lines", "3 rows say who is meant"},
			{"Full name\tCompany\nAda King\tAcme\n", "table", "1 row says who is meant"},
			{"Ada King\tAcme\thttps://linkedin.com/in/ada\nBob\tBco\t\n", "rows", "2 rows say who is meant"},
			{"ada@acme.example,Ada King,Acme\n", "rows", "1 row says who is meant"},
		} {
			page.post("/bulk", "people", c.pasted)
			page.has(c.has)
			if !strings.Contains(page.page, `value="`+c.as+`" selected`) {
				t.Errorf("%q is not read as %s", c.pasted, c.as)
			}
		}
		page.post(page.where, "as", "table", "fields", "work_email", "do", "preview")
		page.has("There are no rows.")
		page.upload("/bulk", "empty.csv", "full_name,company\n")
		page.has("There is a header and no rows. Add a row for each person, and upload the file again.")
		page.lacks("Every row says who is meant")
		page.post("/bulk", "people", " \n")
		w.same("nobody pasted", page.status, 422)
		page.upload("/bulk", "a.csv", "full_name,company\nBo,Acme\n", "people", "Ada King, Acme")
		w.same("both", page.status, 422)

		for _, name := range []string{"a\xff.csv", strings.Repeat("long", 500) + ".csv", " .csv"} {
			page.upload("/bulk", name, "full_name,company\nBo,Acme\n")
			page.has("1 row says who is meant")
		}

		eve, _ := w.member(ws, "Eve")
		page.post("/bulk", "people", "Ada King, Acme")
		other := w.signedInAs(ws, eve)
		w.same("somebody else's", other.get(page.where).status, 404)
		other.post(page.where, "as", "lines", "do", "preview")
		w.same("changed by somebody else", other.status, 404)
	})
}

// An estimate that is not started, and a file that is not estimated, are gone after a day by the
// workspace's clock, with every row; what was started stays.
func TestBulkEstimatesExpireAfterADay(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", twins)
		ws := w.workspace("pro", 1, nil)
		member, mia := w.member(ws, "Mia")
		page := w.signedInAs(ws, member)
		page.post("/bulk", "people", "Ada King, Acme")
		file := page.where
		ask := is{"people": []is{profile("bulk-ada")}, "fields": []string{"mobile_phone"}, "confirm_above": 0}
		var first is
		if _, err := mia.Do(ctx, http.MethodPost, client.In(ws, "bulk-captures"), "expires", ask, &first); err != nil {
			t.Fatal(err)
		}
		path := client.In(ws, "bulk-captures", first["id"].(string))
		started := client.In(ws, "bulk-captures", w.post(mia, client.In(ws, "bulk-captures"), ask, 202)["id"].(string))
		w.post(mia, started+"/resume", nil, 200)
		kept := func() string {
			rows := w.rowsOf()
			return fmt.Sprint(len(rows["bulk_jobs"]), len(rows["bulk_rows"]), len(rows["bulk_files"]), len(rows["bulk_file_parts"]))
		}
		sweep := func() {
			if err := w.server.Bulk.Sweep(ctx); err != nil {
				t.Fatal(err)
			}
		}
		w.advance(w.now.Add(24*time.Hour - time.Second))
		sweep()
		w.same("kept for a day", kept(), "2 2 1 1")
		w.get(mia, path)
		w.advance(w.now.Add(time.Second))
		w.call(mia, http.MethodGet, path, nil, 404) // at once, whenever it is swept
		w.post(mia, path+"/resume", nil, 404)
		w.same("listed", len(w.get(mia, client.In(ws, "bulk-captures"))["data"].([]any)), 1)
		w.same("the file", page.get(file).status, 404)
		sweep()
		w.same("after a day", kept(), "1 1 0 0")
		w.get(mia, started)
		_, err := mia.Do(ctx, http.MethodPost, client.In(ws, "bulk-captures"), "expires", ask, nil)
		if p, ok := err.(*client.Problem); !ok || p.Status != 404 || !strings.Contains(p.Detail, "another Idempotency-Key") {
			t.Errorf("the request again: %v", err)
		}
	})
}

// Without credits for anything Start is not offered: the page says which limit, until when, and
// how to ask for more. What is free can be started.
func TestBulkWithoutCreditsIsNotStarted(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", twins)
		ws := w.workspace("pro", 1, nil)
		member, mia := w.member(ws, "Mia")
		page := w.signedInAs(ws, member)
		estimate := func(people string) {
			page.post("/bulk", "people", people)
			page.post(page.where, "as", "lines", "fields", "mobile_phone", "do", "estimate")
		}
		estimate("https://linkedin.com/in/bulk-ada")
		page.has("Start · 1 premium") // exactly
		page.has("Cost, exactly")
		page.lacks("At least")
		w.post(mia, client.In(ws, "captures"), is{"person": profile("bulk-ed"), "fields": []string{"mobile_phone"}}, 200)
		w.call(w.operator, http.MethodPut, client.In(ws, "members", member, "allocations"), is{"premium": is{"mode": "limit", "amount": 1}}, 200)
		page.get(page.where)
		for _, text := range []string{"Not enough premium credits", "your own limit", "Refills", "Ask your admin for a higher limit"} {
			page.has(text)
		}
		page.lacks("Start ·")
		if !regexp.MustCompile(`<form[^>]+action="/ask"`).MatchString(page.page) {
			t.Errorf("nobody can be asked:\n%s", page.text())
		}
		estimate("https://linkedin.com/in/bulk-ada\nhttps://linkedin.com/in/bulk-ed")
		page.has("Start ·") // Ed is the workspace's own
		page.has("more than the 0 premium left")
		estimate("Nobody Atall, Nowhere")
		page.lacks("Start ·")
	})
}

// The same upload estimated again looks nobody up a second time (rule C13), whatever else of it
// changed; rows that were not looked up before are.
func TestBulkUploadIsLookedUpOnce(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", twins)
		ws := w.workspace("pro", 1, nil)
		member, mia := w.member(ws, "Mia")
		page := w.signedInAs(ws, member)
		page.upload("/bulk", "people.csv", "Name,Firm,Other\nAda King,Acme,Ada King\nEd Own,Acme,Hal Hidden\nNobody Atall,Nowhere,Ed Own\n")
		columns := page.where
		looked := func() any { return meter(w.get(mia, client.In(ws, "fair-use")), "lookups") }
		estimate := func(name, other string, fields ...string) {
			form := []string{"as", "table", "column", "Name", "field", name, "column", "Firm", "field", "company", "column", "Other", "field", other, "do", "estimate"}
			for _, f := range fields {
				form = append(form, "fields", f)
			}
			page.post(columns, form...)
			page.has("Bulk capture")
		}
		estimate("full_name", "", "mobile_phone")
		w.same("the first estimate", looked(), 3)
		estimate("full_name", "", "mobile_phone", "work_phone")
		w.same("with another field", looked(), 3)
		estimate("", "full_name", "mobile_phone")
		w.same("with other names", looked(), 5) // Ada is known from before
		estimate("", "full_name", "mobile_phone")
		w.same("and again", looked(), 5)
	})
}

// Who is suppressed after an estimate is counted in it no more (rule C12), on the page and by API;
// lifted, they are again.
func TestBulkEstimateForgetsTheSuppressed(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", twins)
		ws := w.workspace("pro", 1, nil)
		member, mia := w.member(ws, "Mia")
		page := w.signedInAs(ws, member)
		page.post("/bulk", "people", "Ada King, Acme\nEd Own, Acme\nPat Twin, Twins\n")
		page.post(page.where, "as", "lines", "fields", "mobile_phone", "do", "estimate")
		job := page.where
		path := client.In(ws, "bulk-captures", strings.TrimPrefix(job, "/bulk/"))
		said := func() string {
			j := w.get(mia, path)
			list := w.get(mia, client.In(ws, "bulk-captures"))["data"].([]any)[0].(is)
			if one, other := fmt.Sprint(j["estimate"], j["found"]), fmt.Sprint(list["estimate"], list["found"]); one != other {
				t.Errorf("the job says %s, the list %s", one, other)
			}
			return fmt.Sprint(j["estimate"].(is)["premium"].(is)["max"], " ", j["found"])
		}
		first := said()
		w.same("before", first, "2 map[ambiguous:1 known:2]")
		ed := w.people(w.operator, ws, "q=ed+own")["data"].([]any)[0].(is)["person"].(is)["id"].(string)
		w.post(w.operator, "/v1/directory/suppressions", is{"person": ed}, 201)
		w.same("with Ed suppressed", said(), "1 map[ambiguous:1 known:1 nobody:1]")
		page.get(job)
		page.has("Start · 1 premium")
		page.lacks("Ed Own")
		w.signedInAs("", "").post("/operator/suppressions", "kind", "person", "value", ed, "do", "remove")
		w.same("lifted", said(), first)
		w.verify()
	})
}
