package api

import (
	"net/http"
	"net/url"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// PreviewBody is what a file would be imported as.
type PreviewBody struct {
	Format    string          `json:"format"`
	Encoding  string          `json:"encoding"`
	Delimiter string          `json:"delimiter,omitempty"`
	Sheet     string          `json:"sheet,omitempty"`
	HeaderRow int             `json:"header_row,omitempty"`
	Columns   []PreviewColumn `json:"columns"`
	Rows      []PreviewRow    `json:"rows"`
	Problems  []string        `json:"problems"`
	Fields    []string        `json:"fields"` // what a mapping may lead to
}

// PreviewColumn is a column of the file and where it leads.
type PreviewColumn struct {
	Name  string `json:"name"`
	Field string `json:"field"`
}

// PreviewRow is one of the first rows, as it was understood.
type PreviewRow struct {
	Row      int         `json:"row"`
	Rejected bool        `json:"rejected"`
	Person   lead.Person `json:"person"`
	Problems []string    `json:"problems"`
}

// imports registers the operations whose body is a file. They stand beside huma,
// which would hold a body in memory.
func (a *API) imports(h huma.API) {
	text := &huma.Schema{Type: huma.TypeString}
	file := &huma.RequestBody{Required: true, Content: files()}
	param := func(name, in, about string) *huma.Param {
		return &huma.Param{Name: name, In: in, Schema: text, Description: about}
	}
	mapping := param("mapping", "query", "What columns are, as a JSON object: a column's name in the file to a column of the directory, to extra, or to the empty string to leave it out.")
	source := param("source", "query", "Who supplied the file, such as crm-export. Kept with every value; ids of different sources are told apart.")
	upload(a, h, directory.MaxFile, a.beginImport, huma.Operation{
		OperationID: "create-import", Method: http.MethodPost, Path: "/v1/directory/imports", Tags: []string{"directory"},
		Summary:     "Import people from CSV, Excel, vCard or NDJSON; a bad row is reported while the rest goes in",
		Parameters:  []*huma.Param{param("Idempotency-Key", "header", "Imports the file once, for ever."), mapping, source},
		RequestBody: file,
		Responses: map[string]*huma.Response{"202": {Description: "The import runs.", Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"id": text}}},
		}}},
	})
	upload(a, h, directory.MaxFile, a.previewImport, huma.Operation{
		OperationID: "preview-import", Method: http.MethodPost, Path: "/v1/directory/imports/preview", Tags: []string{"directory"},
		Summary:     "What a file would be imported as, by its first mebibyte; nothing is written",
		Parameters:  []*huma.Param{mapping, source},
		RequestBody: file,
		Responses: map[string]*huma.Response{"200": {Description: "The columns, and the first rows as they are understood.", Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Type: huma.TypeObject}},
		}}},
	})
}

// files are the bodies by which people are sent as a file.
func files() map[string]*huma.MediaType {
	content := map[string]*huma.MediaType{}
	for _, media := range contactfile.Types {
		schema := &huma.Schema{Type: huma.TypeString}
		if contactfile.IsWorkbook(media) {
			schema.Format = "binary"
		}
		content[media] = &huma.MediaType{Schema: schema}
	}
	return content
}

// beginImport takes the file in and lets the import run on after the answer. The
// file is spooled to disk: a slow upload holds up nothing.
func (a *API) beginImport(w http.ResponseWriter, r *http.Request) {
	f, err := importOf(r)
	f.Key = r.Header.Get("Idempotency-Key")
	id := ""
	if err == nil {
		id, err = a.Directory.Spool(r.Context(), f, a.Background)
	}
	if err != nil {
		WriteProblem(w, err)
		return
	}
	writeJSON(w, http.StatusAccepted, map[string]string{"id": id})
}

func (a *API) previewImport(w http.ResponseWriter, r *http.Request) {
	f, err := importOf(r)
	var p *directory.Preview
	if err == nil {
		p, err = a.Directory.PreviewFile(f)
	}
	if err != nil {
		WriteProblem(w, err)
		return
	}
	b := PreviewBody{
		Format: p.Format, Encoding: p.Encoding, Delimiter: p.Delimiter, Sheet: p.Sheet, HeaderRow: p.HeaderRow,
		Columns: []PreviewColumn{}, Rows: []PreviewRow{}, Problems: sentences(p.Problems), Fields: contactfile.Columns(),
	}
	for _, c := range p.Columns {
		b.Columns = append(b.Columns, PreviewColumn(c))
	}
	for _, row := range p.Rows {
		b.Rows = append(b.Rows, PreviewRow{Row: row.Row, Rejected: row.Rejected, Person: row.Person, Problems: sentences(row.Problems)})
	}
	writeJSON(w, http.StatusOK, b)
}

func sentences(problems []contactfile.Problem) []string {
	list := []string{}
	for _, p := range problems {
		list = append(list, p.String())
	}
	return list
}

// importOf is the file of a request.
func importOf(r *http.Request) (f directory.File, err error) {
	f = directory.File{Content: r.Body, ContentType: r.Header.Get("Content-Type")}
	query := r.URL.Query()
	if f.Mapping, err = mappingIn(query); err != nil {
		return f, err
	}
	if f.Source, err = contactfile.SourceName(query.Get("source")); err != nil {
		return f, fault.Wrong("source", "%s", err)
	}
	return f, nil
}

// mappingIn is what the query of a request with a file says of its columns.
func mappingIn(query url.Values) (m contactfile.Mapping, err error) {
	if text := query.Get("mapping"); text != "" {
		if err := strictJSON([]byte(text), &m); err != nil {
			return nil, fault.Wrong("mapping", `must be a JSON object of texts, such as {"Mobile":"mobile_phones","Notes":""}`)
		}
	}
	return m, nil
}
