package web

import (
	"io"
	"net/http"

	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

func (a *App) leadsCSV(v *visit) error {
	f, err := v.leadFilter(sheetQuery(v.URL.Query()))
	if err != nil {
		return err
	}
	return v.csv("leads.csv", "", func(write export.Row) error { return a.Export.Leads(v.Context(), v.scope, f, write) })
}

// exportFormats are the files that the sheet can be had as.
var exportFormats = []Option{
	{Value: "csv", Label: "CSV"}, {Value: "xlsx", Label: "Excel workbook"}, {Value: "excel", Label: "CSV for Excel"}, {Value: "salesforce", Label: "CSV for Salesforce"},
	{Value: "hubspot", Label: "CSV for HubSpot"}, {Value: "google", Label: "CSV for Google Contacts"}, {Value: "vcard", Label: "vCards"},
}

func (a *App) exportLeads(v *visit) error {
	f, err := v.leadFilter(sheetQuery(v.URL.Query()))
	if err != nil {
		return err
	}
	return v.exportAs(v.FormValue("format"), f)
}

// exportAs sends the leads that a filter chooses as one of the formats.
func (v *visit) exportAs(format string, f store.LeadFilter) error {
	out := v.app.Export
	switch _, known := export.Dialects[format]; {
	case format == "xlsx":
		return v.file("leads.xlsx", export.SheetType, func(w io.Writer) error { return out.Sheet(v.Context(), v.scope, f, w) })
	case format == "vcard":
		return v.file("leads.vcf", export.CardType, func(w io.Writer) error { return out.Cards(v.Context(), v.scope, f, w) })
	case known || format == "csv":
		return v.csv("leads.csv", export.Mark(format), func(write export.Row) error { return out.LeadsFor(v.Context(), v.scope, format, f, write) })
	}
	return fault.Wrong("format", "must be one of the list's")
}

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
