package capturing

import (
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

const (
	// maxBulk bounds the form with its file, and inMemory what of the file is not on the disk, in
	// bytes. To that net/http adds 10 MB for text: then all of a form may be text, and the bound
	// that is told is the route's.
	maxBulk  = 16 << 20
	inMemory = maxBulk - 9<<20
	// jobsShown bounds the list.
	jobsShown = 20
)

func (v *visit) bulkPage() error { return v.showBulk(http.StatusOK, "", "") }

func (v *visit) showBulk(status int, pasted, wrong string) error {
	p := BulkPage{Page: v.Page, Key: frame.NewKey(), Pasted: pasted, Error: wrong}
	jobs, err := v.App.Screens.Jobs(v.Context(), v.Scope, jobsShown)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		p.Jobs = append(p.Jobs, BulkLine{Link: frame.BulkPath(j.ID), When: v.Time(j.CreatedAt), Who: j.Who, Status: j.Status, Rows: int(j.Rows), Done: int(j.Done), Charged: j.Charged})
	}
	p.Page.Title, p.Page.Nav = "Capture many", "capture"
	return v.Show(status, Bulk(p))
}

// keepBulk keeps a file, or what was pasted, and shows how it is read.
func (v *visit) keepBulk() error {
	if err := v.ParseMultipartForm(inMemory); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return frame.Unread(err)
	}
	if err := v.Arrived(); err != nil {
		return frame.Unread(err)
	}
	if err := frame.CleanForm(v.Form); err != nil {
		return err
	}
	pasted := v.PostFormValue("people")
	name, kind, body, err := v.bulkFile()
	if err != nil {
		return err
	}
	switch {
	case strings.TrimSpace(pasted) == "" && len(body) == 0:
		return v.showBulk(http.StatusUnprocessableEntity, pasted, "Paste at least one person, or choose a file.")
	case strings.TrimSpace(pasted) != "" && len(body) > 0:
		return v.showBulk(http.StatusUnprocessableEntity, pasted, "You pasted people and chose a file. Send one of them at a time.")
	case len(body) == 0:
		name, kind, body = "Pasted people", bulk.Pasted, []byte(pasted)
	}
	form, err := v.App.Screens.CaptureForm(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	u, err := v.App.Bulk.Keep(v.Context(), v.Scope, name, kind, body, bulk.Settings{Fields: form.Plain})
	if text, wrong := invalidText(err); wrong {
		return v.showBulk(http.StatusUnprocessableEntity, pasted, text)
	}
	if err != nil {
		return err
	}
	return v.To(bulkColumnsPath(u.ID), "", "")
}

// invalidText is what is wrong with an upload, as a sentence.
func invalidText(err error) (string, bool) {
	var f *fault.Error
	if !errors.As(err, &f) || f.Kind != fault.Invalid {
		return "", false
	}
	return sentence(f.Message), true
}

// bulkFile is the file of the form; empty: there is none.
func (v *visit) bulkFile() (name, kind string, body []byte, err error) {
	file, header, err := v.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart) || err == nil && header.Size == 0 {
		return "", "", nil, nil
	}
	if err != nil {
		return "", "", nil, fault.New(fault.Invalid, "The file was incomplete. Choose it again.")
	}
	defer file.Close()
	body, err = io.ReadAll(file)
	return uploadName(header.Filename), contactfile.ContentTypeOf(header.Filename), body, err
}

// uploadName is a file's name as it can be kept and shown.
func uploadName(name string) string {
	const most = 120
	runes := []rune(strings.TrimSpace(name))
	switch {
	case len(runes) == 0 || !fault.Clean(name):
		return "Uploaded file"
	case len(runes) > most:
		return string(runes[:most-1]) + "…"
	}
	return name
}

func bulkColumnsPath(id string) string { return "/bulk/" + url.PathEscape(id) + "/columns" }

func (v *visit) bulkColumns() error { return v.showBulkColumns(http.StatusOK, "", "") }

// showBulkColumns shows how an upload is read; wrong and fields are what keeps it from being
// estimated: of the upload, and of the fields asked for.
func (v *visit) showBulkColumns(status int, wrong, fields string) error {
	id := v.PathValue("bulk")
	read, err := v.App.Bulk.Preview(v.Context(), v.Scope, id)
	if err != nil {
		return err
	}
	form, err := v.captureForm("", append([]lead.Field{}, read.Fields...))
	if err != nil {
		return err
	}
	p := BulkColumnsPage{
		Page: v.Page, Path: bulkColumnsPath(id), Key: form.Key, Name: read.Name, Expires: v.Time(read.ExpiresAt), ReadAs: readAsText(read),
		As: readingOptions(read), Fields: form.Fields, FieldsError: fields, List: read.List, GoesOn: read.GoesOn, Refills: form.Refills,
		Total: read.Rows, Usable: read.Rows - read.Rejected, Addresses: read.Addresses, WithBad: read.WithBad, ProblemsCSV: "/bulk/" + url.PathEscape(id) + "/problems.csv",
	}
	if wrong != "" {
		p.Problems = append(p.Problems, wrong)
	}
	if read.Rows > bulk.MaxRows {
		p.Usable, p.Problems = 0, append(p.Problems, "There are more than "+words.Count(bulk.MaxRows)+" rows. Split the file.")
	}
	p.Named = read.Understood.Names()
	switch {
	case !p.Named:
		p.Problems = append(p.Problems, "No column says who a row is about. Choose which one holds names, profiles or email addresses.")
	case p.Usable == 0:
		p.Problems = append(p.Problems, "No row says who is meant. Choose what the columns are, or how the rows are read.")
	}
	for _, problem := range read.Problems {
		if p.Named {
			p.Problems = append(p.Problems, sentence(problem.String()))
		}
	}
	var cells [][]string
	for _, r := range read.First {
		cells = append(cells, r.Cells)
		p.Rows = append(p.Rows, bulkReadRow(r))
	}
	p.Columns = frame.MappedColumns(read.Understood.Columns, cells, bulkFields)
	for _, r := range read.Bad {
		p.Bad = append(p.Bad, bulkProblemsOf(r)...)
	}
	if p.Lookups, err = v.lookupsText(p.Usable); err != nil {
		return err
	}
	p.Page.Title, p.Page.Nav = read.Name, "capture"
	return v.Show(status, BulkColumns(p))
}

// readAsText says what the upload was taken for.
func readAsText(p *bulk.Preview) string {
	rows := words.Plural(p.Rows, "row", "rows")
	if p.Rows > bulk.MaxRows {
		rows = "More than " + words.Count(bulk.MaxRows) + " rows"
	}
	if p.As == bulk.ReadLines {
		return rows + ", a person a line."
	}
	u := &p.Understood
	text := rows + ", read as " + strings.ReplaceAll(u.Format, "_", " ") + ", " + u.Encoding
	if place := u.Place(); place != "" {
		text += ", " + place
	}
	return text + "."
}

// readingOptions are the ways in which an upload may be read; none for a form that has but one.
func readingOptions(p *bulk.Preview) (list []frame.Option) {
	if p.ContentType != "text/csv" && p.ContentType != bulk.Pasted {
		return nil
	}
	for _, o := range []frame.Option{
		{Value: bulk.ReadTable, Label: "A table; the first row names its columns"}, {Value: bulk.ReadRows, Label: "A table; the first row is a person"}, {Value: bulk.ReadLines, Label: "A person a line"},
	} {
		o.Selected = o.Value == p.As
		list = append(list, o)
	}
	return list
}

// bulkColumnNames are what a column may be taken for that says who is meant.
var bulkColumnNames = []frame.Option{
	{Value: "", Label: "not used"}, {Value: "full_name", Label: "Name"}, {Value: "first_name", Label: "First name"}, {Value: "last_name", Label: "Last name"},
	{Value: "company", Label: "Company"}, {Value: "company_domain", Label: "Company domain"}, {Value: "website", Label: "Company website"}, {Value: "linkedin_url", Label: "LinkedIn profile"},
	{Value: "work_email", Label: "Work email"}, {Value: "personal_emails", Label: "Personal email"}, {Value: "email", Label: "Email, work or personal"},
	{Value: "id", Label: "Id at a source"}, {Value: "source", Label: "Name of that source"},
}

func bulkFields(chosen string) []frame.Option {
	list := slices.Clone(bulkColumnNames)
	if !slices.ContainsFunc(list, func(o frame.Option) bool { return o.Value == chosen }) {
		chosen = "" // what it holds says nothing of who is meant
	}
	for n := range list {
		list[n].Selected = list[n].Value == chosen
	}
	return list
}

func bulkReadRow(r bulk.Row) BulkReadRow {
	of := r.Reference
	row := BulkReadRow{Row: r.No, Name: of.FullName, Company: joined(of.Company, of.CompanyDomain), Profile: of.LinkedInURL, Email: of.Email, LeftOut: r.Rejected}
	var by []string
	for _, k := range of.Keys() {
		name := map[string]string{lead.KindSource: "id", lead.KindProfile: "profile", lead.KindEmail: "email", lead.KindName: "name and company"}[k.Kind]
		if !slices.Contains(by, name) {
			by = append(by, name)
		}
	}
	row.By = words.Capital(strings.Join(by, ", "))
	return row
}

func bulkProblemsOf(r bulk.Row) (list []BulkProblem) {
	for n, p := range r.Problems {
		list = append(list, BulkProblem{Row: r.No, Column: p.Column, Message: sentence(p.Message), LeftOut: r.Rejected && n == len(r.Problems)-1})
	}
	return list
}

// lookupsText says what estimating so many rows takes of the day's lookups (rule C13).
func (v *visit) lookupsText(rows int) (string, error) {
	left, limited, err := v.App.Screens.LookupsLeft(v.Context(), v.Scope)
	if err != nil || rows == 0 || !limited {
		return "", err
	}
	if rows > left {
		return "It takes " + words.Plural(rows, "lookup", "lookups") + " and " + words.Count(left) + " are left today. The other rows are estimated without looking, at their full price.", nil
	}
	return "It takes at most " + words.Plural(rows, "lookup", "lookups") + " of the " + words.Count(left) + " that are left today.", nil
}

// changeBulk keeps how an upload is to be read, and reads it again or estimates it.
func (v *visit) changeBulk() error {
	id := v.PathValue("bulk")
	settings := bulk.Settings{
		Reading: bulk.Reading{As: v.PostFormValue("as"), Mapping: frame.MappingOf(v.PostForm)}, List: strings.TrimSpace(v.PostFormValue("list")), GoesOn: v.PostFormValue("goes_on") == "on",
	}
	if !slices.Contains([]string{bulk.ReadTable, bulk.ReadRows, bulk.ReadLines}, settings.As) {
		return fault.Wrong("as", "must be one of the choices of the page")
	}
	for _, name := range v.PostForm["fields"] {
		if f, ok := lead.ParseField(name); ok {
			settings.Fields = append(settings.Fields, f)
		}
	}
	err := v.App.Bulk.Change(v.Context(), v.Scope, id, settings)
	if text, wrong := invalidText(err); wrong {
		return v.showBulkColumns(http.StatusUnprocessableEntity, text, "")
	}
	if err != nil {
		return err
	}
	if v.PostFormValue("do") != "estimate" {
		return v.To(bulkColumnsPath(id), "", "")
	}
	if len(settings.Fields) == 0 {
		return v.showBulkColumns(http.StatusUnprocessableEntity, "", "Choose at least one field to ask for.")
	}
	once := v.Once()
	// The same choices are the same estimate; others make another.
	j, err := v.App.Bulk.BeginUpload(v.Context(), v.Scope, id, bulk.Ask{
		Member: v.Who.Member, Key: once.Key + " " + hex.EncodeToString(once.Print), Fingerprint: once.Print, ConfirmAbove: -1,
	})
	if text, wrong := invalidText(err); wrong {
		return v.showBulkColumns(http.StatusUnprocessableEntity, text, "")
	}
	if err != nil {
		return err
	}
	return v.To(frame.BulkPath(j.ID), "", "")
}

func (v *visit) bulkProblemsCSV() error {
	return v.CSV("problems.csv", "", func(write export.Row) error {
		return v.App.Bulk.Problems(v.Context(), v.Scope, v.PathValue("bulk"), write)
	})
}
