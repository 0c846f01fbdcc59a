package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// ImportBody is how far an import is.
type ImportBody struct {
	ID       string        `json:"id"`
	Status   string        `json:"status" enum:"running,done,failed"`
	Rows     int64         `json:"rows" doc:"Rows read so far."`
	Imported int64         `json:"imported"`
	Rejected int64         `json:"rejected"`
	Errors   []ImportError `json:"errors" doc:"Rejected rows, and values that were left out of rows that went in; at most 1,000."`
	Message  string        `json:"message,omitempty" doc:"Why it failed."`
}

// ImportError is something wrong in one row.
type ImportError struct {
	Row     int64  `json:"row"`
	Message string `json:"message"`
}

type importPath struct {
	Import string `path:"import"`
}

type suppression struct {
	Once
	Body struct {
		Email  string `json:"email,omitempty"`
		Domain string `json:"domain,omitempty"`
		Person string `json:"person,omitempty"`
		Phone  string `json:"phone,omitempty" doc:"With its country code."`
	}
}

// SuppressionBody says that a suppression is in force.
type SuppressionBody struct {
	Suppressed bool `json:"suppressed"`
}

type personPath struct {
	Person string `path:"person"`
}

func (a *API) directory(h huma.API, mux *http.ServeMux) {
	mux.HandleFunc("POST /v1/directory/imports", a.beginImport)
	h.OpenAPI().AddOperation(&huma.Operation{
		OperationID: "create-import", Method: http.MethodPost, Path: "/v1/directory/imports", Tags: []string{"directory"},
		Summary: "Import people from CSV or NDJSON; a bad row is reported while the rest goes in",
		Parameters: []*huma.Param{{
			Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: huma.TypeString}, Description: "Imports the file once, for ever.",
		}},
		RequestBody: &huma.RequestBody{Required: true, Content: map[string]*huma.MediaType{
			"text/csv":             {Schema: &huma.Schema{Type: huma.TypeString}},
			"application/x-ndjson": {Schema: &huma.Schema{Type: huma.TypeString}},
		}},
		Responses: map[string]*huma.Response{"202": {Description: "The import runs.", Content: map[string]*huma.MediaType{
			"application/json": {Schema: &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"id": {Type: huma.TypeString}}}},
		}}},
	})
	handle(h, http.MethodGet, "/v1/directory/imports/{import}", "get-import", "How far an import is", 200, func(ctx context.Context, in *importPath) (*Out[ImportBody], error) {
		if p := principal(ctx); !p.IsOperator() {
			return nil, p.MayOperate()
		}
		r, err := a.Directory.Report(ctx, in.Import)
		if err != nil {
			return nil, err
		}
		b := ImportBody{ID: r.ID, Status: r.Status, Rows: r.Rows, Imported: r.Imported, Rejected: r.Rejected, Message: r.Message, Errors: []ImportError{}}
		for _, p := range r.Problems {
			b.Errors = append(b.Errors, ImportError(p))
		}
		return &Out[ImportBody]{Body: b}, nil
	})
	handle(h, http.MethodPost, "/v1/directory/suppressions", "create-suppression", "Never look up, show, charge for or export a person or a domain", 201, func(ctx context.Context, in *suppression) (*Out[SuppressionBody], error) {
		if err := principal(ctx).MayOperate(); err != nil {
			return nil, err
		}
		body, err := once(a, ctx, "", "/v1/directory/suppressions", in.Once, func(tx *store.Tx) (SuppressionBody, error) {
			return SuppressionBody{Suppressed: true}, a.Directory.Suppress(tx, directory.Suppression(in.Body))
		}, nil)
		return &Out[SuppressionBody]{Body: body}, err
	})
	handle(h, http.MethodDelete, "/v1/directory/people/{person}", "erase-person", "Erase a person's data everywhere; they cannot be imported again", 204, func(ctx context.Context, in *personPath) (*None, error) {
		if err := principal(ctx).MayOperate(); err != nil {
			return nil, err
		}
		return nil, a.Directory.Erase(ctx, in.Person)
	})
}

// beginImport takes the file in and lets the import run on after the answer. The
// file is spooled to disk: a slow upload holds up nothing.
func (a *API) beginImport(w http.ResponseWriter, r *http.Request) {
	id, err := a.spool(w, r)
	if err != nil {
		WriteProblem(w, err)
		return
	}
	writeJSON(w, http.StatusAccepted, map[string]string{"id": id})
}

func (a *API) spool(w http.ResponseWriter, r *http.Request) (string, error) {
	p, err := a.authenticateHeader(r.Context(), r.Header.Get("Authorization"), "create-import")
	if err != nil {
		return "", err
	}
	if err := p.MayOperate(); err != nil {
		return "", err
	}
	key := r.Header.Get("Idempotency-Key")
	if len(key) > 200 {
		return "", fault.Wrong("Idempotency-Key", "must have at most 200 characters")
	}
	return a.Directory.Spool(r.Context(), http.MaxBytesReader(w, r.Body, directory.MaxFile), r.Header.Get("Content-Type"), key, a.Background)
}
