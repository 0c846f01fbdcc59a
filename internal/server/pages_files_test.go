package server_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// upload sends a form with a file, as a browser does.
func (v *visitor) upload(path, name, content string, pairs ...string) {
	v.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	write := func(key, value string) {
		if err := form.WriteField(key, value); err != nil {
			v.Fatal(err)
		}
	}
	write("idempotency_key", client.NewKey())
	for n := 0; n+1 < len(pairs); n += 2 {
		write(pairs[n], pairs[n+1])
	}
	part, err := form.CreateFormFile("file", name)
	if err == nil {
		_, err = io.WriteString(part, content)
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		v.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+path, &body)
	if err != nil {
		v.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("User-Agent", v.agent)
	answer, err := v.client.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.Fatal(err)
	}
	v.status, v.where, v.page, v.header, v.raw = answer.StatusCode, answer.Request.URL.RequestURI(), string(text), answer.Header, string(text)
}

// A workbook that is chosen on the operator's page is previewed and imported with its values:
// numbers with all digits, a leading zero that a format shows, two values in a cell.
func TestAWorkbookOnTheImportPage(t *testing.T) {
	start(t, func(w *world) {
		file := w.workbook([]any{"Vorname", "Nachname", "Firma", "E-Mail", "Status", "Mobil", "Land"},
			[]any{"Ada", "King", "Acme", "ada@page.example", "deliverable", 4915112345678, "Germany"},
			[]any{"Bob", "Ray", "Acme", "bob@page.example; info@page.example", "", "0151 12345679 / 0151 12345680", "DE"})
		ops := w.visitor()
		ops.byCode("", "")
		ops.upload("/operator/imports", "people.xlsx", file, "source", "fair")
		if !strings.HasPrefix(ops.where, "/operator/imports/") || ops.status != 200 {
			t.Fatalf("came to %s (%d):\n%s", ops.where, ops.status, ops.text())
		}
		for _, text := range []string{"Ada King", "+4915112345678", "+4915112345679", "+4915112345680", "bob@page.example", "unverified", "Shown: 2 rows", "Company phone, country", "DE"} {
			ops.has(text)
		}
		id := strings.TrimPrefix(ops.where, "/operator/imports/")
		ops.post("/operator/imports/"+id, "do", "import")
		w.poll(func() bool { return w.get(w.operator, "/v1/directory/imports/"+id)["status"] == "done" })
		report := w.get(w.operator, "/v1/directory/imports/"+id)
		w.same("imported", report["imported"], 2)
		ws := w.workspace("pro", 1, nil)
		for who, want := range map[string]string{"Ada King": "Ada King ada@page.example +4915112345678", "Bob Ray": "Bob Ray bob@page.example info@page.example +4915112345679 +4915112345680"} {
			if got := w.asked(ws, called(who, "Acme")); got != want {
				t.Errorf("%s is %s, want %s", who, got, want)
			}
		}
		ops.upload("/operator/imports", "people.xlsx", "PK\x03\x04 no workbook")
		ops.at("/operator/imports")
		ops.has("The file was not imported")
	})
}

// A workbook that is chosen on the page of bulk captures is captured row by row.
func TestAWorkbookOnTheBulkPage(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", "full_name,company,linkedin_url,mobile_phones\nAda King,Acme,https://www.linkedin.com/in/ada-page,+4915112345678\nBob Ray,Acme,https://www.linkedin.com/in/bob-page,+4915112345679\n")
		ws := w.workspace("pro", 1, nil)
		member, _ := w.member(ws, "Mia")
		page := w.signedInAs(ws, member)
		file := w.workbook([]any{"Name", "Company", "Profile"}, []any{"Ada King", "Acme"}, []any{"", "", "https://www.linkedin.com/in/bob-page"}, []any{"Nobody"})
		page.upload("/bulk", "people.xlsx", file)
		for _, text := range []string{"Ada King", "linkedin.com/in/bob-page", "row does not say who it is about"} {
			page.has(text)
		}
		page.post(page.where, "as", "table", "fields", "mobile_phone", "do", "estimate")
		if !strings.HasPrefix(page.where, "/bulk/bulk_") || page.status != 200 {
			t.Fatalf("came to %s (%d):\n%s", page.where, page.status, page.text())
		}
		id := strings.TrimPrefix(page.where, "/bulk/")
		path := client.In(ws, "bulk-captures", id)
		job := w.get(w.operator, path)
		w.same("rows", job["rows"], 3)
		w.same("it waits", job["status"], "waiting")
		w.same("it may cost", job["estimate"].(is)["premium"].(is)["max"], 2)
		page.post("/bulk/" + id + "/go")
		w.working(func() { w.until(w.operator, path, status("done")) })
		rows := w.results(path)
		for n, number := range []string{"+4915112345678", "+4915112345679", ""} {
			if rows[n]["mobile_phone"] != number {
				t.Errorf("row %d: %v", n+1, rows[n])
			}
		}
		w.same("paid", w.credit(ws, "premium")["used"], 2)
		page.upload("/bulk", "people.xlsx", "PK\x03\x04 no workbook")
		w.same("no workbook", page.status, 422)
		page.has("not an Excel workbook")
	})
}
