package web

import (
	"io"
	"net/http"

	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// file sends what is complete first, so that a refusal is still a page.
func (v *visit) file(name, kind string, write func(w io.Writer) error) error {
	leave, err := v.app.Export.Enter(v.who.Workspace)
	if err != nil {
		return err
	}
	defer leave()
	return export.Spool(write, func(f io.Reader) error {
		v.w.Header().Set("Content-Type", kind)
		v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		_, err := io.Copy(export.While(v.w, v.still), f)
		return err
	})
}

// csv streams an export.
func (v *visit) csv(name, mark string, rows func(write export.Row) error) error {
	leave, err := v.app.Export.Enter(v.who.Workspace)
	if err != nil {
		return err
	}
	defer leave()
	begun, err := export.CSV(export.While(v.w, v.still), func() error {
		v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		_, err := io.WriteString(v.w, mark)
		return err
	}, rows)
	if err != nil && begun {
		panic(http.ErrAbortHandler) // half a file must not look complete
	}
	return err
}

// still asks again whether who reads a download may: a session that was ended, or a role
// that was lost, ends it.
func (v *visit) still() error {
	if v.who.Watching {
		return nil // for an hour at most
	}
	now, err := v.app.Accounts.Refresh(v.Context(), v.who)
	if err == nil && now.Role != v.who.Role {
		err = fault.New(fault.NotAllowed, "Your role changed meanwhile.")
	}
	return err
}
