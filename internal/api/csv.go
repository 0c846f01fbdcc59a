package api

import (
	"context"
	"net/http"
	"path"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/export"
)

// csv registers an export that streams. Nothing is sent before the first row is
// there, so that a refusal is still a problem and not half a file.
func csv[I any](h huma.API, at, id, summary string, rows func(ctx context.Context, in *I, write export.Row) error) {
	op := huma.Operation{OperationID: id, Method: http.MethodGet, Path: at, Summary: summary, Tags: []string{tag(at)}}
	op.Responses = map[string]*huma.Response{"200": {Description: "CSV, RFC 4180, UTF-8", Content: map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}}}}}
	huma.Register(h, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hctx huma.Context) {
			begun, err := export.CSV(hctx.BodyWriter(), func() {
				hctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
				hctx.SetHeader("Content-Disposition", `attachment; filename="`+path.Base(at)+`"`)
			}, func(write export.Row) error { return rows(ctx, in, write) })
			switch {
			case err != nil && !begun:
				writeProblem(hctx, newProblem(err))
			case err != nil:
				panic(http.ErrAbortHandler) // cut the answer off: half a file must not look whole
			}
		}}, nil
	})
}
