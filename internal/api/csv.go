package api

import (
	"context"
	"io"
	"net/http"
	"path"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/export"
)

// csv registers an export that streams. Nothing is sent before the first row is
// there, so that a refusal is still a problem and not half a file.
func csv[I any](a *API, h huma.API, at, id, summary string, rows func(ctx context.Context, in *I, write export.Row) error) {
	download(a, h, at, id, summary, "text/csv", func(ctx context.Context, in *I, hctx huma.Context) error {
		begun, err := export.CSV(export.While(hctx.BodyWriter(), still(a, hctx, id)), func() error {
			hctx.SetHeader("Content-Type", "text/csv; charset=utf-8")
			hctx.SetHeader("Content-Disposition", `attachment; filename="`+path.Base(at)+`"`)
			mark := ""
			if m, ok := any(in).(interface{ mark() string }); ok {
				mark = m.mark()
			}
			_, err := io.WriteString(hctx.BodyWriter(), mark)
			return err
		}, func(write export.Row) error { return rows(ctx, in, write) })
		if err != nil && begun {
			panic(http.ErrAbortHandler) // cut the answer off: half a file must not look complete
		}
		return err
	})
}

// file registers an export that is complete before it is sent, so that a refusal is
// still a problem.
func file[I any](a *API, h huma.API, at, id, summary, kind string, write func(ctx context.Context, in *I, w io.Writer) error) {
	download(a, h, at, id, summary, kind, func(ctx context.Context, in *I, hctx huma.Context) error {
		return export.Spool(func(w io.Writer) error { return write(ctx, in, w) }, func(f io.Reader) error {
			hctx.SetHeader("Content-Type", kind)
			hctx.SetHeader("Content-Disposition", `attachment; filename="`+path.Base(at)+`"`)
			_, err := io.Copy(export.While(hctx.BodyWriter(), still(a, hctx, id)), f)
			return err
		})
	})
}

// still asks again whether who reads a download may: a key that was revoked ends it.
func still(a *API, hctx huma.Context, id string) func() error {
	header := hctx.Header("Authorization")
	return func() error {
		secret, _ := bearer(header)
		p, err := a.Accounts.Authenticate(hctx.Context(), secret)
		if err == nil {
			err = p.May(verbs[id])
		}
		return err
	}
}

// download registers an operation whose answer is a file. A workspace has so many of
// them at once.
func download[I any](a *API, h huma.API, at, id, summary, kind string, send func(ctx context.Context, in *I, hctx huma.Context) error) {
	op := huma.Operation{OperationID: id, Method: http.MethodGet, Path: at, Summary: summary, Tags: []string{groupOf(at)}}
	op.Responses = map[string]*huma.Response{"200": {Description: "The file", Content: map[string]*huma.MediaType{kind: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}}}}
	a.routes.declare(op, operation{long: true})
	huma.Register(h, op, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
		return &huma.StreamResponse{Body: func(hctx huma.Context) {
			leave, err := a.Export.Enter(hctx.Param("ws"))
			if err == nil {
				defer leave()
				err = send(ctx, in, hctx)
			}
			if err != nil {
				writeProblem(hctx, newProblem(err))
			}
		}}, nil
	})
}
