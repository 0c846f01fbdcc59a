package server_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// field are the files of internal/contactfile/testdata/field, and what must come of
// each: who is found by what, and what is known of them then. A person is named as a
// caller would: an email, a profile, or "name @ company".
var field = map[string][][2]string{
	"01-duplicate-column.csv":   {{"Nora Fall @ Birch", "work_email nora.fall@birch.example.com, work_phone +12025550142, work_phone +12025550143"}},
	"02-linkedin-de.csv":        {{"https://www.linkedin.com/in/klara-tannhof-x1", "Klara Tannhof, work_email klara@tannhof.example.com, title Leiterin Einkauf, company Tannhof GmbH"}},
	"04-outlook-en.csv":         {{"Tom Ashgrove @ Ashgrove", "title Buyer, country GB, work_phone +441134960001, line +441134960000, work_email tom@ashgrove.example.com, work_email t.ashgrove@ashgrove.example.com"}},
	"05-outlook-de.csv":         {{"Jana Wiesental @ Wiesental AG", "title Einkauf, country DE, work_phone +49305550123, line +49305550100, mobile_phone +4915112345670, work_email jana@wiesental.example.com"}},
	"06-apollo.csv":             {{"Iris Lowmoor @ lowmoor.example.com", "work_email iris@lowmoor.example.com/verified, work_phone +12025550161, mobile_phone +12025550162, line +12025550160, domain lowmoor.example.com"}},
	"07-salesnav-phantom.csv":   {{"https://www.linkedin.com/sales/lead/ACwAAAXyz01Q", "Gus Penhale"}, {"https://www.linkedin.com/in/gus-penhale-x7", "Gus Penhale"}},
	"08-excel-short-rows.csv":   {{"per@reedco.example.com", "Per Sand, company Reedco"}},
	"09-trailing-delimiter.csv": {{"quin@larkco.example.com", "Quin Lark"}, {"ria@larkco.example.com", "Ria Lark"}},
	"10-cp1250-polish.csv":      {{"lucja@zrodlo.example.com", "Łucja Żółkiewska, company Źródło sp. z o.o."}, {"Lucja Zolkiewska @ Zrodlo", "Łucja Żółkiewska"}},
	"10b-cp1250-declared.csv":   {{"lucja2@zrodlo.example.com", "Łucja Żółkiewska, company Źródło sp. z o.o."}},
	"100-name-vorname.csv":      {{"Lena Kranz @ Kranz & Partner", "work_phone +49305550199, mobile_phone +4915112345699, work_email lena@kranz.example.com, country DE"}},
	"102-thunderbird.csv":       {{"bram@ouse.example.com", "Bram Ouse, personal_email b.ouse@gmail.com, work_phone +442079460021, mobile_phone +447911123421"}},
	"103-zoominfo.csv":          {{"https://www.linkedin.com/in/cora-pell-x103", "Cora Pell, work_phone +12025550122, mobile_phone +12025550123, line +12025550100, domain pell.example.com"}},
	"104-hunter.csv":            {{"Dan Quarr @ quarr.example.com", "work_email dan@quarr.example.com/verified, title Sales Lead"}, {"", "the row names a company and no person"}},
	"109-odoo-xlsx-csv.csv":     {{"ida@vell.example.com", "work_phone +442079460028, mobile_phone +447911123428"}, {"", "no column is read as people's names"}},
	"110-phone-placeholders.csv": {{"Pp a @ P110", "no phone"}, {"Pp b @ P110", "no phone"}, {"Pp c @ P110", "no phone"}, {"Pp d @ P110", "no phone"}, {"Pp e @ P110", "no phone"}, {"Pp f @ P110", "no phone"},
		{"Pp g @ P110", "no phone"}, {"Pp h @ P110", "no phone"}, {"Pp i @ P110", "no phone"}, {"Pp j @ P110", "no phone"}, {"Pp k @ P110", "no phone"},
		{"", `work_phones: "000-000-0000" is a placeholder`}, {"", `work_phones: "123-456-7890" is a placeholder`}},
	"111-same-line-many.csv":         {{"Sl 0 @ S111", "work_phone +442079460111"}, {"Sl 5 @ S111", "work_phone +442079460111"}, {"", `6 people of "S111" share the number "+442079460111"`}},
	"12-hyperlink-cells.csv":         {{"https://www.linkedin.com/in/sol-vance-x12", "Sol Vance, work_email sol@vanceco.example.com"}},
	"17-emails-comma.csv":            {{"b.dole@doleco.example.com", "Bea Dole, work_email bea@doleco.example.com"}, {"cal@eadsco.example.com", "Cal Eads"}, {"dot@finnco.example.com", "Dot Finn"}, {"eli@gageco.example.com", "Eli Gage"}},
	"18-lusha.csv":                   {{"https://www.linkedin.com/in/fay-hart-x18", "Fay Hart, work_phone +12025550181, mobile_phone +12025550182, work_email fay@hartco.example.com, personal_email fay@gmail.com"}},
	"21-phone-float.csv":             {{"Ph One @ P21a", "work_phone +447911123456"}, {"Ph Two @ P21b", "work_phone +4915112345678"}, {"Ph Three @ P21c", "work_phone +12025550123"}, {"Ph Four @ P21d", "work_phone +436641234567"}, {"Ph Five @ P21e", "work_phone +390612345678"}, {"Ph Six @ P21f", "work_phone +4930123456"}},
	"22-phone-words.csv":             {{"Ph One @ P22a", "work_phone +4930123456"}, {"Ph Two @ P22b", "work_phone +43158858"}, {"Ph Three @ P22c", "work_phone +4930123456"}, {"Ph Four @ P22d", "work_phone +5493516315733"}, {"Ph Five @ P22e", "work_phone +442079460001"}, {"Ph Six @ P22f", "no phone"}, {"Ph Seven @ P22g", "work_phone +49301234567"}, {"Ph Eight @ P22h", "work_phone +4930123456"}, {"Ph Nine @ P22i", "work_phone +12025550123"}, {"Ph Ten @ P22j", "work_phone +3906123456"}},
	"24-phone-invisible.csv":         {{"Ph One @ P24a", "work_phone +442079460001"}, {"Ph Two @ P24b", "work_phone +442079460001"}, {"Ph Three @ P24c", "work_phone +442079460001"}, {"Ph Four @ P24d", "work_phone +201001234567"}, {"Ph Five @ P24e", "work_phone +442079460001"}, {"Ph Six @ P24f", "work_phone +442079460001"}, {"Ph Seven @ P24g", "work_phone +442079460001"}, {"Ph Eight @ P24h", "work_phone +442079460001"}, {"Ph Nine @ P24i", "work_phone +447911123456"}, {"Ph Ten @ P24j", "work_phone +447911123456"}},
	"34-profile-zwsp.csv":            {{"https://www.linkedin.com/in/kit-mole-x34", "Kit Mole"}, {"kit@mole.example.com", "Kit Mole"}, {"https://www.linkedin.com/in/les-nye-x34", "Les Nye"}, {"les@nye.example.com", "Les Nye"}},
	"37-email-forms.csv":             {{"o'em.five@e37.example.com", "work_email o'em.five@e37.example.com/verified"}, {"em.six@e37.example.com", "work_email em.six@e37.example.com/likely"}, {"em.eight@e37.example.com", "work_email em.eight@e37.example.com/verified"}},
	"40-names.csv":                   {{"Bob Quill @ N40 a", "Robert (Bob) Quill"}, {"Lars Qvist @ N40 m", "Lars Qvist | Hiring! | Ex-Google"}, {"Juergen Quoell @ N40 k", "Jürgen Quöll"}, {"Jurgen Quoll @ N40 k", "Jürgen Quöll"}, {"高橋健 @ クオン", "高橋 健"}, {"Petra Quinn @ N40 d", "Petra Quinn, CFA, CAIA"}, {"John Quirke @ N40 g", "nobody"}, {"Jonathan Quarles @ N40 o", "nobody"}},
	"40a-nickname.csv":               {{"Bob Quill @ n40a.example.com", "Robert (Bob) Quill"}, {"Robert Quill @ n40a.example.com", "Robert (Bob) Quill"}},
	"40b-pronouns.csv":               {{"Anna Quist @ N40 b", "Anna Quist (she/her)"}},
	"40d-german-titles.csv":          {{"Greta Quast @ N40 e", "Frau Prof. Dr. med. Dr. h.c. Greta Quast"}, {"Uwe Quandt @ N40 f", "Dipl.-Ing. Uwe Quandt"}},
	"41-companies.csv":               {{"Co One @ Braendle & Soehne", "work_phone +41441234501"}, {"Co Two @ Acme", "work_phone +12025550111"}, {"Co Four @ Tata Consultancy Services Private Limited", "work_phone +912261234567"}, {"Co Five @ Ромашка", "work_phone +74951234567"}},
	"50-vcard-outlook-latin1-qp.vcf": {{"joerg@vc50.example.com", "Jörg Mühlbäch, work_phone +41441234501"}},
	"58-vcard-phone-dot.vcf":         {{"osk@vc58.example.com", "no phone"}, {"", "PHONE.WORK: is no property of a vCard"}},
	"61-array.ndjson":                {{"", "the file is a JSON array and not NDJSON"}},
	"62-pretty.ndjson":               {{"", "the file is pretty-printed JSON and not NDJSON"}},
	"96-mexico-521.csv":              {{"Mx One @ M96", "mobile_phone +525512345678"}, {"Mx Two @ M96", "mobile_phone +525512345678"}, {"Mx Three @ M96", "mobile_phone +525512345678"}, {"Mx Four @ M96", "mobile_phone +525512345678"}},
	"97-verified-dates.csv": {{"vd1@v97.example.com", "work_email vd1@v97.example.com/verified at 2026-11-20T10:00:00Z"}, {"vd3@v97.example.com", "work_email vd3@v97.example.com/verified at 2026-11-20T10:00:00Z"},
		{"vd4@v97.example.com", "work_email vd4@v97.example.com/verified at 2026-11-20T00:00:00Z"}, {"vd6@v97.example.com", "work_email vd6@v97.example.com/verified at 2026-11-20T10:00:00Z"}, {"", `work_email_verified_at: "11/20/2026" is not a date`}},
}

// fieldTypes are the content types of files whose ending does not say it.
var fieldTypes = map[string]string{".vcf": "text/vcard", ".ndjson": "application/x-ndjson", ".csv": "text/csv", "10b-cp1250-declared.csv": "text/csv; charset=windows-1250"}

// Every file that was read wrongly once is imported over HTTP, and who is stored then
// is found by what callers say.
func TestFieldFiles(t *testing.T) {
	start(t, func(w *world) {
		for _, name := range slices.Sorted(maps.Keys(field)) { // in one database: who is asked for by name must be alone in it
			wants := field[name]
			content, err := os.ReadFile("../contactfile/testdata/field/" + name)
			if err != nil {
				t.Fatal(err)
			}
			report := w.field(name, string(content))
			for _, want := range wants {
				if want[0] == "" {
					if !strings.Contains(report, want[1]) {
						t.Errorf("%s: %q is not in the report:\n%s", name, want[1], report)
					}
					continue
				}
				w.knows(name, want[0], want[1])
			}
		}
	})
}

// field imports a file and returns its report, or why it was refused.
func (w *world) field(name, content string) string {
	w.Helper()
	kind := fieldTypes[name]
	if kind == "" {
		kind = fieldTypes[name[strings.LastIndexByte(name, '.'):]]
	}
	var out is
	if _, err := w.operator.Do(ctx, "POST", "/v1/directory/imports", "field "+name, client.File{Type: kind, Content: strings.NewReader(content)}, &out); err != nil {
		return err.Error()
	}
	path := "/v1/directory/imports/" + out["id"].(string)
	w.poll(func() bool { return w.get(w.operator, path)["status"] == "done" })
	return strings.ReplaceAll(fmt.Sprint(w.get(w.operator, path)), `\"`, `"`)
}

// reference is a person as a caller names them.
func reference(text string) lead.Reference {
	name, company, found := strings.Cut(text, " @ ")
	switch {
	case found && strings.Contains(company, ".") && !strings.Contains(company, " "):
		return lead.Reference{FullName: name, CompanyDomain: company}
	case found:
		return lead.Reference{FullName: name, Company: company}
	case strings.Contains(text, "@"):
		return lead.Reference{Email: text}
	}
	return lead.Reference{LinkedInURL: text}
}

// knows asks for a person and compares what is stored of them.
func (w *world) knows(file, who, want string) {
	w.Helper()
	m, err := w.server.Directory.Find(ctx, reference(who))
	if want == "nobody" {
		if err == nil {
			w.Errorf("%s: %s is %s", file, who, m.Person.Name())
		}
		return
	}
	if err != nil {
		w.Errorf("%s: %s: %v", file, who, err)
		return
	}
	facts := facts(m.Person)
	if slices.Contains(facts, want) { // a name with a comma in it
		return
	}
	for part := range strings.SplitSeq(want, ", ") {
		if !slices.Contains(facts, part) {
			w.Errorf("%s: %s: %q is not among %q", file, who, part, facts)
		}
	}
}

// facts are what is stored of a person, one by one.
func facts(p lead.Person) []string {
	list := []string{p.Name(), "title " + p.Title, "company " + p.Company, "domain " + p.CompanyDomain, "line " + p.CompanyPhone, "country " + p.Country}
	phones := 0
	for _, v := range p.Values {
		fact := string(v.Field) + " " + v.Value
		if v.Field.IsPhone() {
			phones++
		}
		if v.Status != "" && v.Status != lead.Unverified {
			fact += "/" + v.Status
		}
		list = append(list, fact, fact+" at "+v.VerifiedAt.Format("2006-01-02T15:04:05Z07:00"))
	}
	if phones == 0 {
		list = append(list, "no phone")
	}
	return list
}
