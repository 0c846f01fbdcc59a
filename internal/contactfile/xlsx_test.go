package contactfile

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// sheets is a workbook of sheets, each a list of rows.
func sheets(t testing.TB, names []string, rows map[string][][]any, styles func(f *excelize.File)) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for n, name := range names {
		if n == 0 {
			f.SetSheetName("Sheet1", name)
		} else if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		for r, row := range rows[name] {
			if err := f.SetSheetRow(name, fmt.Sprintf("A%d", r+1), &row); err != nil {
				t.Fatal(err)
			}
		}
	}
	if styles != nil {
		styles(f)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// A workbook is read as people see it, but for numbers that a column shows rounded
// (https://github.com/dilshod/xlsx2csv/issues/190) and for dates.
func TestWorkbook(t *testing.T) {
	file := sheets(t, []string{"Read me", "People"}, map[string][][]any{
		"Read me": {{"Exported for you"}, {"Name", "means the person"}},
		"People": {
			{"Export of today"},
			{},
			{"Full Name", "Company", "Email", "Email Status", "Verified At", "Mobile", "Country", "LinkedIn", "Plant", "Member", "Gone"},
			{"Ada King", "Acme", "ada@acme.example", "valid", 46346.5, 4915112345678, "DE", nil, 42, true, "#N/A"},
			{},
			{"Bob Ray", "Acme", nil, nil, nil, "+44 7911 123456"},
			{"Cem Su", "Acme", "cem@acme.example", "valid", 46346, 0, "DE"},
			{"Dee Fox", "Acme", nil, nil, nil, nil, nil, nil, nil, nil, nil, "beyond the header"},
			{"Line\r\nBreak", "Acme"},
		},
	}, func(f *excelize.File) {
		style := func(format string) int {
			s, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
		f.SetCellStyle("People", "E4", "E4", style("dd.mm.yyyy hh:mm"))
		f.SetCellStyle("People", "F4", "F4", style("0.00E+00"))
		f.SetCellStyle("People", "I4", "I4", style("0000"))
		short, _ := f.NewStyle(&excelize.Style{NumFmt: 14})
		f.SetCellStyle("People", "E7", "E7", short)
		f.SetCellFormula("People", "H4", `HYPERLINK("https://www.linkedin.com/in/ada-king","Profile")`)
	})
	r, err := Read(bytes.NewReader(file), WorkbookType, Options{Mapping: Mapping{"Verified At": "work_email_verified_at"}})
	if err != nil {
		t.Fatal(err)
	}
	if u := r.Understood(); u.Sheet != "People" || u.HeaderRow != 3 || u.Place() != `header in row 3 of the sheet "People"` || len(u.Columns) != 11 {
		t.Errorf("understood as %+v", u)
	}
	var got []string
	for {
		record, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, described(record))
		p := record.Person
		switch record.Row {
		case 1:
			if at := p.ValuesOf(lead.WorkEmail)[0].VerifiedAt; !at.Equal(time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC)) {
				t.Errorf("verified at %v", at)
			}
			if p.LinkedInURL != "https://www.linkedin.com/in/ada-king" || p.Extra["plant"] != "0042" || p.Extra["member"] != "TRUE" {
				t.Errorf("%+v", p)
			}
		case 4:
			if at := p.ValuesOf(lead.WorkEmail)[0].VerifiedAt; !at.Equal(time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("verified at %v", at)
			}
		}
	}
	want := []string{
		"01 Ada King mobile_phone=+4915112345678 work_email=ada@acme.example/verified",
		"03 Bob Ray mobile_phone=+447911123456",
		`04 Cem Su work_email=cem@acme.example/verified [Mobile: "0" is not a phone number in DE]`,
		"05 rejected [the row has more than 11 cells]",
		"06 Line Break",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// archive is a workbook of the parts, beside those that every workbook has.
func archive(t testing.TB, sheet string, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{
		"_rels/.rels":     `<Relationships><Relationship Id="r1" Type="x/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook xmlns:r="r"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="x/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="rId3" Type="x/styles" Target="styles.xml"/></Relationships>`,
		"xl/sharedStrings.xml":     `<sst><si><t>full_name</t></si><si><r><t>com</t></r><r><t>pany</t></r><rPh><t>no</t></rPh></si></sst>`,
		"xl/styles.xml":            `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml": sheet,
	}
	for name, part := range parts {
		all[name] = part
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		part := all[name]
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(w, part)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

const sheetHead = `<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>`
const sheetEnd = `</sheetData></worksheet>`

func sheetRow(cells string) string { return sheetHead + "<row>" + cells + "</row>" + sheetEnd }

func text1(s string) string { return `<c t="inlineStr"><is><t>` + s + `</t></is></c>` }

// A hostile or broken workbook is one clear error, or a row that is rejected.
func TestHostileWorkbooks(t *testing.T) {
	maxUnpacked = 16 << 20
	defer func() { maxUnpacked = 512 << 20 }()
	const broken = "the file is not an Excel workbook, or it is incomplete; save it as .xlsx again, or as CSV UTF-8"
	good := archive(t, sheetRow(text1("Ada King")+text1("Acme")), nil)
	bomb := `<row>` + strings.Repeat(" ", 1<<20) + `</row>`
	for name, c := range map[string]struct {
		file []byte
		want string
	}{
		"fine":               {good, "01 Ada King"},
		"cut off":            {good[:len(good)-30], broken},
		"no archive":         {[]byte("full_name,company\n"), broken},
		"empty":              {nil, broken},
		"no workbook":        {archive(t, "", map[string]string{"xl/workbook.xml": "<workbook/>"}), broken},
		"an old one":         {[]byte(legacy + "..."), errLegacy.Error()},
		"too large":          {make([]byte, MaxWorkbook+1), errBookLarge.Error()},
		"no rows":            {archive(t, "<worksheet><sheetData></sheetData></worksheet>", nil), "the workbook is empty"},
		"nobody named":       {archive(t, `<worksheet><sheetData><row><c t="str"><v>color</v></c></row></sheetData></worksheet>`, nil), "the header has no column that says who"},
		"end missing":        {archive(t, sheetHead, nil), broken},
		"unpacks for ever":   {archive(t, sheetHead+strings.Repeat(bomb, 17)+sheetEnd, nil), errUnpacked.Error()},
		"one endless text":   {archive(t, sheetRow(text1(strings.Repeat("a", 2<<20))), nil), errTooMuch.Error()},
		"tags in tags":       {archive(t, sheetHead+strings.Repeat("<row>", 100)+sheetEnd, nil), errTooMuch.Error()},
		"endless styles":     {archive(t, sheetHead+sheetEnd, map[string]string{"xl/styles.xml": "<styleSheet>" + strings.Repeat(" ", maxPart) + "</styleSheet>"}), errTooMuch.Error()},
		"too many texts":     {archive(t, sheetHead+sheetEnd, map[string]string{"xl/sharedStrings.xml": "<sst>" + strings.Repeat("<si/>", maxStrings/32+1) + "</sst>"}), errTooMuch.Error()},
		"many columns":       {archive(t, sheetRow(text1("Ada King")+`<c r="XFD2" t="str"><v>x</v></c>`), nil), "01 rejected [the row has more than 500 cells]"},
		"endless columns":    {archive(t, sheetRow(strings.Repeat("<c><v>1</v></c>", 200_000)), nil), "01 rejected [the row has more than 500 cells]"},
		"far down":           {archive(t, sheetHead+`<row r="99999999">`+text1("x")+`</row>`+sheetEnd, nil), "the sheet has more than 1048576 rows"},
		"a long cell":        {archive(t, sheetRow(text1(strings.Repeat("a", 70_000))+text1("Acme")), nil), "01 rejected [the cell in column 1 is longer than 64 KiB]"},
		"rows that go back":  {archive(t, sheetHead+`<row r="1">`+text1("Ada King")+text1("Acme")+`</row>`+sheetEnd, nil), "01 Ada King"},
		"no such text":       {archive(t, sheetRow(`<c t="s"><v>7</v></c>`+text1("Acme")), nil), "rejected"},
		"a workbook as text": {nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			kind := WorkbookType
			if c.want == "" {
				c.file, kind, c.want = good, "text/csv", errArchive.Error()
			}
			if got := account(string(c.file), kind); !strings.Contains(got, c.want) {
				t.Errorf("got %.300s\nwant %s", got, c.want)
			}
		})
	}
}

// Whatever a workbook holds, reading it ends, and its rows are sound.
func FuzzWorkbook(f *testing.F) {
	f.Add([]byte(sheetRow(text1("Ada King")+text1("Acme"))), []byte("<sst/>"), []byte("<styleSheet/>"))
	f.Add([]byte(sheetRow(`<c s="1"><v>46346.5</v></c><c t="e"><v>#N/A</v></c><c t="b"><v>1</v></c><c><f>HYPERLINK("x","y")</f></c>`)),
		[]byte("<sst><si><t>full_name</t></si><si><t>company</t></si></sst>"), []byte(`<styleSheet><numFmts><numFmt numFmtId="200" formatCode="[$-407]d/ m\y &quot;0&quot;"/></numFmts><cellXfs><xf/><xf numFmtId="200"/></cellXfs></styleSheet>`))
	f.Add([]byte(sheetHead+`<row r="9"><c r="ZZZZ1"/><c r="1"><v>1E400</v></c></row><row r="2"/>`), []byte("<sst><si><t>_x0000_</t></si></sst>"), []byte("<"))
	f.Fuzz(func(t *testing.T, sheet, texts, styles []byte) {
		file := archive(t, string(sheet), map[string]string{"xl/sharedStrings.xml": string(texts), "xl/styles.xml": string(styles)})
		r, err := NewReader(bytes.NewReader(file), WorkbookType)
		var format *FormatError
		if err != nil {
			if !errors.As(err, &format) {
				t.Fatalf("%v", err)
			}
			return
		}
		for last := 0; ; {
			record, err := r.Next()
			if err != nil {
				if err != io.EOF && !errors.As(err, &format) {
					t.Fatal(err)
				}
				return
			}
			if record.Row <= last || record.Row > maxSheetRows {
				t.Fatalf("row %d after %d", record.Row, last)
			}
			last = record.Row
			sound(t, record)
		}
	})
}
