package operator

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

func (v *visit) imports() (list ImportList, err error) {
	rows, err := v.App.Directory.Imports(v.Context(), 10)
	for _, i := range rows {
		when := unit.InstantText(time.UnixMicro(i.CreatedAt), time.UTC)
		line := ImportLine{ID: i.ID, Name: i.Name, When: when, Status: i.Status, Rows: int(i.Rows), Imported: int(i.Imported), Rejected: int(i.Rejected), Came: came(i.Added, i.Updated, i.Joined)}
		if line.Name == "" {
			line.Name, line.When = when, ""
		}
		report, err := v.App.Directory.Report(v.Context(), i.ID)
		if err != nil {
			return list, err
		}
		if report.Message != "" {
			line.Problems = append(line.Problems, ImportProblem{Message: report.Message})
		}
		for _, advice := range report.Advice() {
			line.Problems = append(line.Problems, ImportProblem{Message: advice})
		}
		for _, p := range report.Problems {
			if len(line.Problems) == 20 {
				break
			}
			line.Problems = append(line.Problems, ImportProblem{Row: int(p.Row), Message: p.Message})
		}
		line.More = max(0, int(report.Import.Problems)-20)
		list.Imports = append(list.Imports, line)
	}
	return list, err
}

// came says what an import's rows were to the directory.
func came(added, updated, joined int64) string {
	var parts []string
	for _, part := range []struct {
		n    int64
		word string
	}{{added, "new"}, {updated, "updated"}, {joined, "joined"}} {
		if part.n > 0 {
			parts = append(parts, words.Count(int(part.n))+" "+part.word)
		}
	}
	return strings.Join(parts, " · ")
}

// directoryPath is where the directory's pages begin, and where its forms lead back to.
const directoryPath = "/operator/imports"

// directoryPage imports people; while an import runs, its list asks for itself again.
func (v *visit) directoryPage() error {
	list, err := v.imports()
	if err != nil {
		return err
	}
	if v.HTMX() {
		return v.Show(http.StatusOK, Imports(list))
	}
	v.Page.Title, v.Page.Nav, v.Page.Notices = "Directory", "directory", v.Notices()
	return v.Show(http.StatusOK, Directory(DirectoryPage{Page: v.Page, Import: newImport(), Imports: list}))
}

// newImport is the form for a file, and what it may be.
func newImport() ImportForm {
	return ImportForm{Key: frame.NewKey(), Limit: "CSV, vCard or NDJSON, at most 4 GiB; Excel, at most 32 MiB."}
}

// importFile takes a file in and shows what it would be imported as.
func (v *visit) importFile() error {
	reader, err := v.MultipartReader()
	if err != nil {
		return fault.New(fault.Invalid, "Your form was incomplete. Nothing was imported.")
	}
	source := ""
	for {
		part, err := reader.NextPart()
		if err != nil && !errors.Is(err, io.EOF) {
			return edge.Unread(err)
		}
		if err != nil {
			return fault.New(fault.Invalid, "The form has no file; nothing was imported.")
		}
		switch part.FormName() {
		case "source": // it stands before the file
			text, err := io.ReadAll(io.LimitReader(part, 1000))
			if err == nil {
				source, err = contactfile.SourceName(string(text))
			}
			if err != nil {
				return v.To(directoryPath, "danger", "The file was not imported: "+err.Error()+".")
			}
		case "file":
			id, err := v.App.Directory.Draft(v.Context(), directory.File{
				Content: v.Last(part), ContentType: contactfile.ContentTypeOf(part.FileName()), Name: part.FileName(), Source: source,
			})
			return v.afterImport(err, directoryPath+"/"+url.PathEscape(id), "", "")
		}
	}
}

// afterImport continues to a page, or back to the directory with what is wrong.
func (v *visit) afterImport(err error, path, kind, text string) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind != fault.Internal && f.Kind != fault.Unauthenticated && f.Kind != fault.NotAllowed {
		return v.To(directoryPath, "danger", "The file was not imported: "+f.Message)
	}
	if err != nil {
		return err
	}
	return v.To(path, kind, text)
}

func (v *visit) importPage() error { return v.showImport(http.StatusOK, nil, "") }

// showImport is a draft as a mapping understands it. wrong is why it was not begun.
func (v *visit) showImport(status int, mapping contactfile.Mapping, wrong string) error {
	id := v.PathValue("import")
	preview, file, err := v.App.Directory.PreviewDraft(v.Context(), id, mapping)
	if fault.Is(err, fault.Conflict) {
		return v.To(directoryPath, "success", "The import runs. Its progress is below.")
	}
	if err != nil {
		return err
	}
	v.Page.Title, v.Page.Nav = "Import", "directory"
	p := ImportPage{Page: v.Page, ID: id, Key: frame.NewKey(), Name: file.Name, ReadAs: readAs(preview)}
	if p.Name == "" {
		p.Name = "Import"
	}
	if wrong != "" {
		p.Problems = append(p.Problems, wrong)
	}
	for _, problem := range preview.Problems {
		if text := words.Capital(problem.String()) + "."; text != wrong {
			p.Problems = append(p.Problems, text)
		}
	}
	var cells [][]string
	for _, r := range preview.Rows {
		cells = append(cells, r.Cells)
		p.Rows = append(p.Rows, importRow(r))
	}
	p.Columns = frame.MappedColumns(preview.Columns, cells, importFields)
	return v.Show(status, Import(p))
}

func readAs(p *directory.Preview) string {
	text := "Read as " + strings.ReplaceAll(p.Format, "_", " ") + ", " + p.Encoding
	if place := p.Place(); place != "" {
		text += ", " + place
	}
	return text + "."
}

func importFields(chosen string) []frame.Option {
	list := []frame.Option{{Value: "", Label: "leave out", Selected: chosen == ""}, {Value: "extra", Label: "keep as it is", Selected: chosen == "extra"}}
	for _, name := range contactfile.Columns() {
		list = append(list, frame.Option{Value: name, Label: strings.ReplaceAll(name, "_", " "), Selected: name == chosen})
	}
	return list
}

func importRow(r contactfile.Record) ImportRow {
	values := func(fields ...lead.Field) string {
		var list []string
		for _, f := range fields {
			for _, value := range r.Person.ValuesOf(f) {
				list = append(list, value.Value+" ("+f.Label()+")")
			}
		}
		return strings.Join(list, ", ")
	}
	row := ImportRow{
		Row: r.Row, Name: r.Person.Name(), Rejected: r.Rejected, Emails: values(lead.WorkEmail, lead.PersonalEmail), Phones: values(lead.WorkPhone, lead.MobilePhone),
		Work: strings.Join(slices.DeleteFunc([]string{r.Person.Title, r.Person.Company}, func(s string) bool { return s == "" }), ", "),
	}
	for _, part := range []string{r.Person.CompanyPhone, r.Person.Country} {
		if part != "" {
			row.Company = strings.TrimPrefix(row.Company+", "+part, ", ")
		}
	}
	for _, v := range r.Person.ValuesOf(lead.WorkEmail) {
		row.Verified = append(row.Verified, verifiedText(v))
	}
	for _, p := range r.Problems {
		row.Problems = append(row.Problems, p.String())
	}
	return row
}

// verifiedText is the status of a work email and since when it has it.
func verifiedText(v lead.Value) string {
	text := v.Status
	if !v.VerifiedAt.IsZero() {
		text += ", " + words.FullDay(v.VerifiedAt, time.UTC)
	} else if v.Status == lead.Verified {
		text += ", nobody knows when"
	}
	return text
}

// startImport previews a draft by another mapping, or imports it.
func (v *visit) startImport() error {
	mapping := frame.MappingOf(v.PostForm)
	if v.PostFormValue("do") != "import" {
		return v.showImport(http.StatusOK, mapping, "")
	}
	err := v.App.Directory.Start(v.Context(), v.PathValue("import"), mapping, v.App.Background)
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		return v.showImport(http.StatusUnprocessableEntity, mapping, words.Capital(f.Message)+".")
	}
	if fault.Is(err, fault.Conflict) { // the button was pressed twice
		err = nil
	}
	return v.afterImport(err, directoryPath, "success", "The import runs. Its progress is below.")
}

// rejectedCSV downloads an import's rejected rows.
func (v *visit) rejectedCSV() error {
	return v.CSV("rejected.csv", "", func(write export.Row) error {
		return v.App.Directory.Rejected(v.Context(), v.PathValue("import"), write)
	})
}
