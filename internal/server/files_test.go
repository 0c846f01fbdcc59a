package server_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/contactfile"
)

const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// workbook is a workbook of one sheet.
func (w *world) workbook(rows ...[]any) string {
	w.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for n, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &row); err != nil {
			w.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		w.Fatal(err)
	}
	return b.String()
}

// bulkFiles are the same people in each format: by an address, a profile, a name with a
// company, an id with its source, and one whom nobody could find.
func (w *world) bulkFiles() map[string]string {
	header := []string{"Nachname", "Vorname", "Firma", "E-Mail-Adresse", "LinkedIn", "id", "source"}
	rows := [][]string{
		{"King", "Ada", "Acme", "ada@files.example", "", "", ""},
		{"", "", "", "", "https://www.linkedin.com/in/bob-files", "", ""},
		{"Su", "Cem", "Files Ltd", "", "", "", ""},
		{"", "", "", "", "", "F4", "crm"},
		{"Nobody", "", "", "", "", "", ""},
	}
	table := [][]any{}
	var text, lines strings.Builder
	for n, row := range append([][]string{header}, rows...) {
		text.WriteString(strings.Join(row, ";") + "\r\n")
		cells, object := make([]any, len(row)), map[string]string{}
		for i, cell := range row {
			if cells[i] = cell; cell != "" {
				object[header[i]] = cell
			}
		}
		table = append(table, cells)
		if line, err := json.Marshal(object); err == nil && n > 0 {
			lines.Write(append(line, '\n'))
		}
	}
	card := func(lines ...string) string {
		return "BEGIN:VCARD\r\nVERSION:3.0\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCARD\r\n"
	}
	return map[string]string{
		"text/csv": text.String(), "application/x-ndjson": lines.String(), workbookType: w.workbook(table...),
		"text/vcard": card("N:King;Ada;;;", "ORG:Acme", "item1.EMAIL:ada@files.example", "item1.X-ABLabel:Work") +
			card("URL:https://www.linkedin.com/in/bob-files") + card("N:Su;Cem;;;", "ORG:Files Ltd") + card("FN:Dee Fox", "EMAIL:dee@files.example") + card("N:Nobody;;;;"),
	}
}

// A bulk capture of a file reads it as an import does: the same people in any format are
// the same rows.
func TestBulkByEachFormat(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", "full_name,company,work_email,linkedin_url,work_phones\nAda King,Acme,ada@files.example,,+442079460011\n"+
			"Bob Ray,Acme,,https://www.linkedin.com/in/bob-files,+442079460012\nCem Su,Files Ltd,cem@files.example,,+442079460013\n")
		w.imported("id,full_name,company,work_email,work_phones\nF4,Dee Fox,Fox Ltd,dee@files.example,+442079460014\n", "crm")
		for kind, file := range w.bulkFiles() {
			ws := w.workspace("pro", 1, nil)
			var job is
			if _, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "bulk-captures")+"?fields=work_phone&confirmed=true", "", client.File{Type: kind, Content: strings.NewReader(file)}, &job); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			path := client.In(ws, "bulk-captures", job["id"].(string))
			w.working(func() { w.until(w.operator, path, status("done")) })
			var raw []byte
			if _, err := w.operator.Do(ctx, http.MethodGet, path+"/results.csv", "", nil, &raw); err != nil {
				t.Fatal(err)
			}
			for n, row := range w.results(path) {
				want := []string{"captured", "captured", "captured", "captured", "failed"}[n]
				w.same(fmt.Sprintf("%s, row %d", kind, n+1), row["status"], want)
				if number := fmt.Sprintf("+44207946001%d", n+1); want == "captured" && row["work_phone"] != number {
					t.Errorf("%s, row %d: %v\n%s", kind, n+1, row, raw)
				}
			}
		}
		ws := w.workspace("pro", 1, nil)
		for kind, says := range map[string]string{"application/pdf": "Content-Type must be application/json, or for a file one of text/csv", workbookType: "not an Excel workbook", "text/vcard": "BEGIN:VCARD"} {
			_, err := w.operator.Do(ctx, http.MethodPost, client.In(ws, "bulk-captures"), "", client.File{Type: kind, Content: strings.NewReader("x")}, nil)
			if err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("%s: %v", kind, err)
			}
		}
	})
}

// An Excel workbook is imported as it is: numbers that are phone numbers with all of
// their digits, however the column shows them, and a bad row is told while the rest
// goes in.
func TestImportOfAWorkbook(t *testing.T) {
	start(t, func(w *world) {
		file := w.workbook([]any{"List of the fair"}, []any{"Name", "Company", "E-mail", "Handy", "Land"},
			[]any{"Ada King", "Acme", "ada@sheet.example", 4915112345678, "Germany"}, []any{}, []any{"Nobody"}, []any{"Bob Ray", "Acme", "bob@sheet.example", "0151 12345679", "DE"})
		send := func(path string) (out is) {
			w.Helper()
			if _, err := w.operator.Do(ctx, http.MethodPost, path, "", client.File{Type: workbookType, Content: strings.NewReader(file)}, &out); err != nil {
				w.Fatal(err)
			}
			return out
		}
		preview := send("/v1/directory/imports/preview")
		w.same("sheet", preview["sheet"], "Sheet1")
		w.same("header", preview["header_row"], 2.0)
		w.same("rows", len(preview["rows"].([]any)), 3)
		path := "/v1/directory/imports/" + send("/v1/directory/imports")["id"].(string)
		w.poll(func() bool { return w.get(w.operator, path)["status"] == "done" })
		report := w.get(w.operator, path)
		w.same("imported", report["imported"], 2.0)
		w.same("rejected", report["rejected"], 1.0)
		w.knows("a workbook", "ada@sheet.example", "Ada King, mobile_phone +4915112345678")
		w.knows("a workbook", "bob@sheet.example", "Bob Ray, mobile_phone +4915112345679")
	})
}

// The pages take every format, and say which.
func TestPagesTakeWorkbooks(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", "full_name,company,work_email\nAda King,Acme,ada@files.example\n")
		ws := w.workspace("pro", 1, nil)
		file := w.workbook([]any{"Name", "E-mail"}, []any{"Ada King", "ada@files.example"}, []any{"Nobody"})
		people, err := bulk.ReadFile([]byte(file), contactfile.ContentTypeOf("List.XLSX"), nil)
		if err != nil || len(people) != 2 || people[0].Reference.Email != "ada@files.example" || people[1].Problem == "" {
			t.Errorf("%+v, %v", people, err)
		}
		member, _ := w.member(ws, "Mia")
		v := w.visitor()
		v.byCode(ws, member)
		if page := v.get("/bulk").page; !strings.Contains(page, `accept="`+contactfile.Endings+`"`) {
			t.Errorf("the form does not ask for a file of people:\n%s", page)
		}
	})
}
