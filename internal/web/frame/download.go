package frame

import (
	"io"
	"net/http"

	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// File sends what is complete first, so that a refusal is still a page.
func (v *Visit) File(name, kind string, write func(w io.Writer) error) error {
	leave, err := v.App.Export.Enter(v.Who.Workspace)
	if err != nil {
		return err
	}
	defer leave()
	return export.Spool(write, func(f io.Reader) error {
		v.W.Header().Set("Content-Type", kind)
		v.W.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		_, err := io.Copy(export.While(v.W, v.still), f)
		return err
	})
}

// CSV streams an export.
func (v *Visit) CSV(name, mark string, rows func(write export.Row) error) error {
	leave, err := v.App.Export.Enter(v.Who.Workspace)
	if err != nil {
		return err
	}
	defer leave()
	begun, err := export.CSV(export.While(v.W, v.still), func() error {
		v.W.Header().Set("Content-Type", "text/csv; charset=utf-8")
		v.W.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		_, err := io.WriteString(v.W, mark)
		return err
	}, rows)
	if err != nil && begun {
		panic(http.ErrAbortHandler) // half a file must not look complete
	}
	return err
}

// still asks again whether who reads a download may: a session that was ended, or a role
// that was lost, ends it.
func (v *Visit) still() error {
	if v.Who.Watching {
		return nil // for an hour at most
	}
	now, err := v.App.Accounts.Refresh(v.Context(), v.Who)
	if err == nil && now.Role != v.Who.Role {
		err = fault.New(fault.NotAllowed, "Your role changed meanwhile.")
	}
	return err
}
