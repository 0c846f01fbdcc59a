package sheet

import (
	"io"

	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

func (v *visit) leadsCSV() error {
	f, err := v.leadFilter(sheetQuery(v.URL.Query()))
	if err != nil {
		return err
	}
	return v.CSV("leads.csv", "", func(write export.Row) error { return v.App.Export.Leads(v.Context(), v.Scope, f, write) })
}

// exportFormats are the files that the sheet can be had as.
var exportFormats = []frame.Option{
	{Value: "csv", Label: "CSV"}, {Value: "xlsx", Label: "Excel workbook"}, {Value: "excel", Label: "CSV for Excel"}, {Value: "salesforce", Label: "CSV for Salesforce"},
	{Value: "hubspot", Label: "CSV for HubSpot"}, {Value: "google", Label: "CSV for Google Contacts"}, {Value: "vcard", Label: "vCards"},
}

func (v *visit) exportLeads() error {
	f, err := v.leadFilter(sheetQuery(v.URL.Query()))
	if err != nil {
		return err
	}
	return v.exportAs(v.FormValue("format"), f)
}

// exportAs sends the leads that a filter chooses as one of the formats.
func (v *visit) exportAs(format string, f capture.Filter) error {
	out := v.App.Export
	switch _, known := export.Dialects[format]; {
	case format == "xlsx":
		return v.File("leads.xlsx", export.SheetType, func(w io.Writer) error { return out.Sheet(v.Context(), v.Scope, f, w) })
	case format == "vcard":
		return v.File("leads.vcf", export.CardType, func(w io.Writer) error { return out.Cards(v.Context(), v.Scope, f, w) })
	case known || format == "csv":
		return v.CSV("leads.csv", export.Mark(format), func(write export.Row) error { return out.LeadsFor(v.Context(), v.Scope, format, f, write) })
	}
	return fault.Wrong("format", "must be one of the list's")
}
