package api_test

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

// importer is a server with an operator's key.
type importer struct {
	*testing.T
	http *httptest.Server
	key  string
}

func eachEngine(t *testing.T, fn func(d *importer)) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			ctx := context.Background()
			s, err := server.Open(ctx, server.Config{Database: testdb.Address(t, engine)})
			if err != nil {
				t.Fatal(err)
			}
			s.Directory.Spools = t.TempDir()
			d := &importer{T: t, http: httptest.NewServer(s.Handler)}
			t.Cleanup(func() {
				d.http.Close()
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			if d.key, err = s.Accounts.CreateOperatorKey(ctx, "test", false); err != nil {
				t.Fatal(err)
			}
			fn(d)
		})
	}
}

// send is an answer to the operator.
func (d *importer) send(method, path, contentType, body string, status int) string {
	d.Helper()
	r, err := http.NewRequest(method, d.http.URL+path, strings.NewReader(body))
	if err != nil {
		d.Fatal(err)
	}
	r.Header.Set("Content-Type", contentType)
	if d.key != "" {
		r.Header.Set("Authorization", "Bearer "+d.key)
	}
	answer, err := d.http.Client().Do(r)
	if err != nil {
		d.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != status {
		d.Fatalf("%s %s: %d, want %d: %s, %v", method, path, answer.StatusCode, status, text, err)
	}
	return string(text)
}

func (d *importer) json(text string, into any) {
	d.Helper()
	if err := json.Unmarshal([]byte(text), into); err != nil {
		d.Fatalf("%v in %s", err, text)
	}
}

// A file is looked at, mapped, imported, and its rejected rows come back.
func TestImportByAPI(t *testing.T) {
	eachEngine(t, func(d *importer) {
		const imports = "/v1/directory/imports"
		file := "Wer,Bude,Rufnummer,Notiz\nAda King,Acme,+44 7911 123456,=1+1\n,Acme,,\"=2+2\"\n"
		var preview struct {
			Format, Encoding, Delimiter string
			HeaderRow                   int `json:"header_row"`
			Columns                     []struct{ Name, Field string }
			Rows                        []struct {
				Row      int
				Rejected bool
				Person   struct {
					FullName string `json:"full_name"`
				}
				Problems []string
			}
			Problems, Fields []string
		}
		d.json(d.send("POST", imports+"/preview", "text/csv", file, 200), &preview)
		if preview.Format != "table" || preview.Encoding != "UTF-8" || len(preview.Columns) != 4 || len(preview.Problems) != 1 || !preview.Rows[0].Rejected || len(preview.Fields) < 20 {
			t.Errorf("%+v", preview)
		}
		mapping := "?source=Fair+2026&mapping=" + url.QueryEscape(`{"Wer":"full_name","Bude":"company","Rufnummer":"phone"}`)
		d.json(d.send("POST", imports+"/preview"+mapping, "text/csv", file, 200), &preview)
		if preview.Rows[0].Rejected || preview.Rows[0].Person.FullName != "Ada King" || preview.Columns[2].Field != "phone" || !preview.Rows[1].Rejected {
			t.Errorf("%+v", preview)
		}
		for _, wrong := range []struct{ path, contentType, body, says string }{
			{imports + "?mapping=x", "text/csv", file, "mapping must be a JSON object"},
			{imports + "?mapping=" + url.QueryEscape(`{"Wer":"fullname"}`), "text/csv", file, `mapping: the column \"Wer\" leads to \"fullname\"; it must be one of id, full_name`},
			{imports + "?mapping=" + url.QueryEscape(`{"Who":"full_name"}`), "text/csv", file, "names no column of the file"},
			{imports + "?source=" + url.QueryEscape("a/b"), "text/csv", file, "source"},
			{imports, "text/csv", file, "the header has no column that says who a row is about"},
			{imports, "application/json", "{}", "Content-Type must be one of text/csv"},
			{imports + "/preview", "text/vcard", "x", "must begin with BEGIN:VCARD"},
		} {
			if text := d.send("POST", wrong.path, wrong.contentType, wrong.body, 400); !strings.Contains(text, wrong.says) {
				t.Errorf("%s says %s, want %s", wrong.path, text, wrong.says)
			}
		}
		var begun struct{ ID string }
		d.json(d.send("POST", imports+mapping, "text/csv", file, 202), &begun)
		var state struct {
			Status, Source, Format string
			Rows, Imported         int
			Rejected, Problems     int
			Errors                 []struct{ Row int }
		}
		for state.Status != "done" {
			if d.json(d.send("GET", imports+"/"+begun.ID, "", "", 200), &state); state.Status == "failed" {
				t.Fatalf("%+v", state)
			}
		}
		if state.Rows != 2 || state.Imported != 1 || state.Rejected != 1 || state.Problems != 1 || len(state.Errors) != 1 || state.Source != "fair-2026" || state.Format != "table" {
			t.Errorf("%+v", state)
		}
		rows, err := csv.NewReader(strings.NewReader(d.send("GET", imports+"/"+begun.ID+"/rejected.csv", "", "", 200))).ReadAll()
		if err != nil || len(rows) != 2 || strings.Join(rows[0], ",") != "row,reason,Wer,Bude,Rufnummer,Notiz" || rows[1][0] != "2" || rows[1][5] != "'=2+2" {
			t.Errorf("%q, %v", rows, err)
		}
		d.send("GET", imports+"/imp_none/rejected.csv", "", "", 404)
		d.key = ""
		d.send("GET", imports+"/"+begun.ID+"/rejected.csv", "", "", 401)
		d.send("POST", imports+"/preview", "text/csv", file, 401)
	})
}

// A vCard by its content type.
func TestImportVCardByAPI(t *testing.T) {
	eachEngine(t, func(d *importer) {
		card := "BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Ada King\r\nORG:Acme\r\nEMAIL:ada@acme.example\r\nEND:VCARD\r\n"
		var begun struct{ ID string }
		d.json(d.send("POST", "/v1/directory/imports", "text/vcard", card, 202), &begun)
		for state := (struct {
			Status   string
			Imported int
		}{}); state.Status != "done"; {
			if d.json(d.send("GET", "/v1/directory/imports/"+begun.ID, "", "", 200), &state); state.Status == "done" && state.Imported != 1 {
				t.Errorf("%+v", state)
			}
		}
	})
}
