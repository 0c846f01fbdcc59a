package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/store"
)

// ImportBody is how far an import is.
type ImportBody struct {
	ID       string        `json:"id"`
	Status   string        `json:"status" enum:"running,done,failed"`
	Rows     int64         `json:"rows" doc:"Rows read so far."`
	Imported int64         `json:"imported"`
	Added    int64         `json:"added" doc:"Rows of people who were not known."`
	Updated  int64         `json:"updated" doc:"Rows that said something new of somebody known."`
	Joined   int64         `json:"joined" doc:"Rows that showed that several known people are one."`
	Rejected int64         `json:"rejected"`
	Errors   []ImportError `json:"errors" doc:"Rejected rows, and values that were left out of rows that went in; at most 1,000."`
	Problems int64         `json:"problems" doc:"How many errors there were in all. Every rejected row is in rejected.csv."`
	Name     string        `json:"name,omitempty" doc:"The file, as its owner calls it."`
	Source   string        `json:"source,omitempty"`
	Format   string        `json:"format" doc:"What the file was understood as."`
	Encoding string        `json:"encoding" doc:"What the file is written in, as far as it was read."`
	Message  string        `json:"message,omitempty" doc:"Why it failed."`
	Advice   []string      `json:"advice,omitempty" doc:"What would make the next import of this file a better one."`
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
	Applied    bool `json:"applied" doc:"False: a part of the database cannot be reached. Until it is back, and a minute longer at most, lead sheets may count who is on the list, and show a number that several people have. It is done without another request."`
}

type personPath struct {
	Person string `path:"person"`
}

func (a *API) directory(h huma.API) {
	a.imports(h)
	handle(a, h, http.MethodGet, "/v1/directory/imports/{import}", "get-import", "How far an import is", 200, func(ctx context.Context, in *importPath) (*Out[ImportBody], error) {
		r, err := a.Directory.Report(ctx, in.Import)
		if err != nil {
			return nil, err
		}
		b := ImportBody{
			ID: r.ID, Status: r.Status, Rows: r.Rows, Imported: r.Imported, Added: r.Added, Updated: r.Updated, Joined: r.Joined, Rejected: r.Rejected, Message: r.Message, Errors: []ImportError{},
			Problems: r.Import.Problems, Name: r.Name, Source: r.Source, Format: r.Understood.Format, Encoding: r.Understood.Encoding,
			Advice: r.Advice(),
		}
		for _, p := range r.Problems {
			b.Errors = append(b.Errors, ImportError(p))
		}
		return &Out[ImportBody]{Body: b}, nil
	})
	csv(a, h, "/v1/directory/imports/{import}/rejected.csv", "export-rejected-rows", "Every row that an import rejected, with its number, the reason and the row itself, for 30 days", func(ctx context.Context, in *importPath, write export.Row) error {
		return a.Directory.Rejected(ctx, in.Import, write)
	})
	handle(a, h, http.MethodPost, "/v1/directory/suppressions", "create-suppression", "Never look up, show, charge for or export a person or a domain", 201, func(ctx context.Context, in *suppression) (*Out[SuppressionBody], error) {
		body, err := once(a, ctx, "", "/v1/directory/suppressions", in.Once, func(tx *store.Tx) (SuppressionBody, error) {
			return SuppressionBody{Suppressed: true}, a.Directory.Suppress(tx, directory.Suppression(in.Body))
		}, nil)
		if err == nil {
			body.Applied, err = a.Directory.Apply(ctx, directory.Suppression(in.Body))
		}
		return &Out[SuppressionBody]{Body: body}, err
	})
	handle(a, h, http.MethodDelete, "/v1/directory/people/{person}", "erase-person", "Erase a person's data everywhere; they cannot be imported again", 204, func(ctx context.Context, in *personPath) (*None, error) {
		return nil, a.Directory.Erase(ctx, in.Person)
	})
}
