package web

import (
	"io"

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
