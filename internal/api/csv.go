package api

import (
	"bytes"
	"context"
	"io"
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
			begun, err := export.CSV(hctx.BodyWriter(), func() error {
				hctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
				hctx.SetHeader("Content-Disposition", `attachment; filename="`+path.Base(at)+`"`)
				mark := ""
				if m, ok := any(in).(interface{ mark() string }); ok {
					mark = m.mark()
				}
				_, err := io.WriteString(hctx.BodyWriter(), mark)
				return err
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

// file registers an export that is made whole before it is sent, so that a refusal
// is still a problem.
func file[I any](h huma.API, at, id, summary, kind string, write func(ctx context.Context, in *I, w io.Writer) error) {
	op := huma.Operation{OperationID: id, Method: http.MethodGet, Path: at, Summary: summary, Tags: []string{tag(at)}}
	op.Responses = map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
	huma.Register(h, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hctx huma.Context) {
			var whole bytes.Buffer
			if err := write(ctx, in, &whole); err != nil {
				writeProblem(hctx, newProblem(err))
				return
			}
			hctx.SetHeader("Content-Type", kind)
			hctx.SetHeader("Content-Disposition", `attachment; filename="`+path.Base(at)+`"`)
			_, _ = whole.WriteTo(hctx.BodyWriter()) // the caller may have gone
		}}, nil
	})
}
