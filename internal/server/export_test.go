package server_test

import (
	"bytes"
	"encoding/csv"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"github.com/leadmeter/leadmeter/client"
)

// What is owned can be had as any file, for nothing, in the columns that other
// programs import; no cell is a formula, and a number keeps its plus.
func TestLeadsAsFiles(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people+"6,\"=cmd|' /C calc'!A0\",@Boss,\"+Sum, Inc; Co\",sum.example,,https://linkedin.com/in/sum,,,,,+44 20 7946 0018,,GB\n")
		ws := w.workspace("pro", 1, nil)
		for _, who := range []string{"ada", "alan", "grace", "mary", "sum"} {
			w.post(w.operator, client.In(ws, "captures"), is{"person": profile(who), "fields": []string{"work_email", "work_phone", "mobile_phone"}, "list": "Q1; big, ones"}, 200)
		}
		before := w.credit(ws, "standard")["used"]
		get := func(name string) []byte {
			var raw []byte
			if _, err := w.operator.Do(ctx, http.MethodGet, client.In(ws, name[:strings.IndexAny(name+"?", "?")])+name[strings.IndexAny(name+"?", "?"):], "", nil, &raw); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return raw
		}
		for dialect, columns := range map[string][]string{
			"": {"full_name", "work_email", "mobile_phones"}, "excel": {"full_name", "work_email"},
			"salesforce": {"Last Name", "Company", "Mobile Phone"}, "hubspot": {"Email address", "Mobile phone number", "Company name"},
			"google": {"E-mail 1 - Value", "Phone 1 - Value", "Organization Name"},
		} {
			name := "leads.csv"
			if dialect != "" {
				name += "?for=" + dialect
			}
			text := get(name)
			if marked := bytes.HasPrefix(text, []byte("\ufeff")); marked != (dialect == "excel") {
				t.Errorf("%s: a byte order mark: %v", dialect, marked)
			}
			rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(text, []byte("\ufeff")))).ReadAll()
			if err != nil || len(rows) != 6 {
				t.Fatalf("%s: %d rows, %v", dialect, len(rows), err)
			}
			for _, c := range columns {
				if !strings.Contains(strings.Join(rows[0], "|"), c) {
					t.Errorf("%s has no column %s: %v", dialect, c, rows[0])
				}
			}
			plus := false
			for _, row := range rows[1:] {
				for _, cell := range row {
					if cell != "" && strings.ContainsRune("=@", rune(cell[0])) || strings.HasPrefix(cell, "+S") {
						t.Errorf("%s: the cell %q is a formula", dialect, cell)
					}
					plus = plus || strings.HasPrefix(strings.ReplaceAll(cell, " ", ""), "+1202555")
					if dialect == "excel" && strings.HasPrefix(cell, "+1202") {
						t.Errorf("Excel takes %q for a number", cell)
					}
				}
			}
			if !plus {
				t.Errorf("%s: no number kept its plus", dialect)
			}
		}

		book, err := excelize.OpenReader(bytes.NewReader(get("leads.xlsx")))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows("Leads")
		if err != nil || len(rows) != 6 || rows[0][1] != "full_name" {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for r := range rows {
			for c := range rows[r] {
				at, _ := excelize.CoordinatesToCellName(c+1, r+1)
				if formula, _ := book.GetCellFormula("Leads", at); formula != "" {
					t.Errorf("%s is the formula %q", at, formula)
				}
			}
		}

		cards := string(get("leads.vcf"))
		if n := strings.Count(cards, "BEGIN:VCARD\r\n"); n != 5 || strings.Count(cards, "END:VCARD\r\n") != 5 {
			t.Errorf("%d cards", n)
		}
		for _, want := range []string{"FN:Ada Lovelace\r\n", "N:Lovelace;Ada;;;\r\n", "EMAIL;TYPE=INTERNET,WORK;X-EMAIL-STATUS=verified;X-EMAIL-VERIFIED-AT=2026-02-20:ada@engines.example\r\n", "TEL;TYPE=CELL:+12025550121\r\n", `ORG:+Sum\, Inc\; Co`, `CATEGORIES:Q1\; big\, ones` + "\r\n"} {
			if !strings.Contains(strings.ReplaceAll(cards, "\r\n ", ""), want) {
				t.Errorf("the cards lack %q", want)
			}
		}
		for line := range strings.SplitSeq(cards, "\r\n") {
			if len(line) > 75 {
				t.Errorf("a line of %d bytes: %s", len(line), line)
			}
		}
		w.same("exports are free", w.credit(ws, "standard")["used"], before)
		w.call(w.operator, http.MethodGet, client.In(ws, "leads.csv")+"?for=fax", nil, 400)
	})
}

// Exports say of each lead what the directory knows of its employer, and are read back.
func TestExportsSayTheEmployer(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", "full_name,company,linkedin_url,work_phones,industry,company_size\n"+
			"Ada King,Acme,https://linkedin.com/in/ada-king,+1 202-555-0101,Machinery,51-200\n"+
			"Bo Low,Bco,https://linkedin.com/in/bo-low,+1 202-555-0102,,\n")
		ws := w.workspace("pro", 1, nil)
		for _, who := range []string{"ada-king", "bo-low"} {
			w.post(w.operator, client.In(ws, "captures"), is{"person": profile(who), "fields": []string{"work_phone"}}, 200)
		}
		get := func(name string) []byte {
			var raw []byte
			if _, err := w.operator.Do(ctx, http.MethodGet, client.In(ws, name)+"?sort=name", "", nil, &raw); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			return raw
		}
		rows, err := csv.NewReader(bytes.NewReader(get("leads.csv"))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		book, err := excelize.OpenReader(bytes.NewReader(get("leads.xlsx")))
		if err != nil {
			t.Fatal(err)
		}
		cells, err := book.GetRows("Leads")
		if err != nil {
			t.Fatal(err)
		}
		for name, table := range map[string][][]string{"leads.csv": rows, "leads.xlsx": cells} {
			industry, size := slices.Index(table[0], "industry"), slices.Index(table[0], "company_size")
			if industry < 0 || size < 0 {
				t.Fatalf("%s has the columns %v", name, table[0])
			}
			w.same(name+", Ada", table[1][industry]+" "+table[1][size], "Machinery 51-200")
			w.same(name+", Bo", table[2][industry]+table[2][size], "")
		}
	})
}
