package sheet

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

const leadsPerPage = 50

// sheetParameters are what the sheet's address may say, in the order in which it
// is written.
var sheetParameters = []string{"q", "title", "company", "place", "has", "lacks", "status", "cost", "member", "list", "tag", "from", "to", "sort", "columns"}

// sheetQuery is what an address says of the sheet, without what means nothing and
// without the page: two addresses of one sheet are one text.
func sheetQuery(given url.Values) url.Values {
	q := url.Values{}
	for _, name := range sheetParameters {
		if value := strings.TrimSpace(given.Get(name)); value != "" && !(name == "sort" && value == usualSort) {
			q.Set(name, value)
		}
	}
	return q
}

const usualSort = "-captured"

// leadFilter reads the search above the sheet. Days are the workspace's.
func (v *visit) leadFilter(q url.Values) (capture.Filter, error) {
	f := capture.Filter{Query: q.Get("q"), List: q.Get("list"), Tag: q.Get("tag"), Member: q.Get("member"), Limit: leadsPerPage}
	f.Sort, f.Down = strings.TrimPrefix(q.Get("sort"), "-"), strings.HasPrefix(q.Get("sort"), "-")
	if !slices.ContainsFunc(sheetColumns, func(c SheetColumn) bool { return c.Sort != "" && c.Sort == f.Sort }) {
		f.Sort, f.Down = "captured", true
	}
	if field, ok := lead.ParseField(q.Get("has")); ok || q.Get("has") == capture.HasVerifiedEmail {
		if f.Has = string(field); !ok {
			f.Has = capture.HasVerifiedEmail
		}
	}
	if field, ok := lead.ParseField(q.Get("lacks")); ok {
		f.Lacks = string(field)
	}
	f.Title, f.Company, f.Place, f.Status = q.Get("title"), q.Get("company"), q.Get("place"), q.Get("status")
	if err := v.costFilter(q.Get("cost"), &f); err != nil {
		return f, err
	}
	if q.Get("from")+q.Get("to") == "" {
		return f, nil
	}
	var err error
	if f.From, err = dayIn(q.Get("from"), "from", 0, v.Zone); err != nil {
		return f, err
	}
	f.To, err = dayIn(q.Get("to"), "to", 1, v.Zone)
	return f, err
}

// costFilter asks for leads by what was paid for them: a credit type, or nothing.
func (v *visit) costFilter(cost string, f *capture.Filter) error {
	if cost == "" {
		return nil
	}
	if cost == capture.CostFree {
		f.Free = true
		return nil
	}
	of, err := v.App.Screens.Credits(v.Context(), v.Scope)
	f.Paid = []string{}
	for _, item := range of.Items {
		if item.Type == cost {
			f.Paid = append(f.Paid, item.Fields...)
		}
	}
	return err
}

// dayIn is the beginning of a day in the workspace's zone, some days later, in
// microseconds; 0 for no day.
func dayIn(text, field string, later int, zone *time.Location) (int64, error) {
	if text == "" {
		return 0, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, zone)
	if err != nil {
		return 0, fault.Wrong(field, "must be a day such as 2026-03-01")
	}
	return day.AddDate(0, 0, later).UnixMicro(), nil
}

func (v *visit) leadsPage() error {
	p, err := v.sheetPage()
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Leads(p))
}

// sheetPage is the sheet as the address says.
func (v *visit) sheetPage() (p LeadsPage, err error) {
	q := sheetQuery(v.URL.Query())
	f, err := v.leadFilter(q)
	if err != nil {
		return p, err
	}
	f.Cursor = v.OpenCursor(sheetName(q), v.URL.Query().Get("cursor"))
	if before := v.OpenCursor(sheetName(q), v.URL.Query().Get("before")); before != "" {
		f.Cursor, f.Back = before, true
	}
	layout, err := v.layout(q.Get("columns"))
	if err != nil {
		return p, err
	}
	views := v.views(q, layout)
	v.Page.Title, v.Page.Nav, v.Page.Wide = "Leads", "leads", true
	p = LeadsPage{Page: v.Page, Views: views, Layout: layout, Query: q.Encode(), Filter: hiddenOf(q), Exports: exportFormats, Sort: f.Sort, Down: f.Down}
	of, err := v.App.Screens.Sheet(v.Context(), v.Scope, f)
	if err != nil {
		return p, err
	}
	p.Seq, p.Since, p.Total = of.Seq, v.Scope.Now.UnixMicro(), of.Total
	p.Rows = v.leadRows(of.Rows, layout)
	p.Bar = CaptureBar{Key: frame.NewKey(), AtMost: of.AtMost, Shown: len(p.Rows) > 0}
	p.Search = searchOf(q, of)
	p.Filtered = len(p.Search.Chips) > 0
	if of.Before {
		p.First = "/leads?" + q.Encode()
		if p.Previous, err = v.continued(q, "before", of.Previous); err != nil {
			return p, err
		}
	}
	if of.More {
		p.Next, err = v.continued(q, "cursor", of.Next)
	}
	return p, err
}

// continued is the address of the page at a cursor, which is sealed.
func (v *visit) continued(q url.Values, name, cursor string) (string, error) {
	sealed, err := v.SealCursor(sheetName(q), cursor)
	return "/leads?" + withParameter(q, name, sealed), err
}

// sheetName is the list that a cursor belongs to, whatever columns it shows.
func sheetName(q url.Values) string { return "leads?" + withParameter(q, "columns", "") }

// withParameter is a query with one parameter changed; an empty value takes it out.
func withParameter(q url.Values, name, value string) string {
	with := url.Values{}
	for k, values := range q {
		with[k] = values
	}
	if with.Set(name, value); value == "" {
		with.Del(name)
	}
	return with.Encode()
}

func hiddenOf(q url.Values) (list []frame.Option) {
	for _, name := range sheetParameters {
		if q.Get(name) != "" {
			list = append(list, frame.Option{Value: q.Get(name), Label: name})
		}
	}
	return list
}

// layout is what an address says of the columns, else what the member chose last.
func (v *visit) layout(text string) (SheetLayout, error) {
	var err error
	if text == "" {
		text, err = v.App.Captures.Columns(v.Context(), v.Scope)
	}
	return LayoutOf(text), err
}

// leadRows writes leads as the sheet shows them, each missing field with its price.
func (v *visit) leadRows(leads []screen.Row, layout SheetLayout) []LeadRow {
	rows := make([]LeadRow, 0, len(leads))
	for _, l := range leads {
		rows = append(rows, LeadRow{
			ID: l.ID, Name: l.Person.FullName, Title: l.Person.Title, Company: l.Person.Company, Owner: l.Owner, Twin: l.Twin,
			Domain: l.Person.CompanyDomain, Location: l.Person.Location, Lists: l.Lists, Tags: l.Tags, Notes: l.Notes,
			Captured: v.Day(l.CapturedAt), ISO: l.CapturedAt.Format(time.RFC3339), Fields: v.cells(l.Cells), Layout: layout,
		})
	}
	return rows
}

// cells are a lead's fields: what was delivered, or the button that delivers it.
func (v *visit) cells(list []screen.Cell) (cells []FieldCell) {
	for _, c := range list {
		cell := FieldCell{
			Field: c.Field, Label: words.FieldLabel(c.Field), Values: FieldValues(c.Field, c.Values), Outcome: string(c.Outcome), Type: c.Type, Amount: c.Amount,
			Hidden: c.Hidden, Days: c.FreeDays,
		}
		if c.Unlock != nil {
			cell.Unlock = v.unlockButton(c.Unlock)
		}
		cells = append(cells, cell)
	}
	return cells
}

// FieldValues are values for reading. Only a work email is graded.
func FieldValues(field string, values []lead.Value) (list []FieldValue) {
	for _, value := range values {
		one := FieldValue{Value: value.Value}
		if field == string(lead.WorkEmail) {
			one.Status = value.Status
		}
		list = append(list, one)
	}
	return list
}

// unlockButton says what revealing a field costs at most.
func (v *visit) unlockButton(of *screen.Unlock) *Unlock {
	u := &Unlock{Key: frame.NewKey(), Price: []words.Cost{of.AtMost}}
	switch short := of.Short; {
	case short == nil:
	case short.Cancelled:
		u.Blocked, u.Left = words.Cancelled, "cancelled"
	default:
		u.Blocked, u.Left = words.Needs(of.AtMost, short.Left), words.Left(short.Left)
		if text := frame.RefillText(short.Refill, v.Day); text != "" {
			u.Blocked += " " + words.Capital(text) + "."
		}
	}
	return u
}

// FirstRows is the sheet's first page, unfiltered, as fragments that replace the rows, the count
// and the link to the next page of the sheet that asks, in its columns.
func FirstRows(of *frame.Visit) ([]templ.Component, error) {
	v := &visit{of}
	sheet, err := v.App.Screens.Sheet(v.Context(), v.Scope, capture.Filter{Sort: "captured", Down: true, Limit: leadsPerPage})
	if err != nil {
		return nil, err
	}
	from, _ := v.onSheet()
	layout, err := v.layout(from.Get("columns"))
	if err != nil {
		return nil, err
	}
	var p LeadsPage
	if sheet.More {
		if p.Next, err = v.continued(sheetQuery(url.Values{"columns": from["columns"]}), "cursor", sheet.Next); err != nil {
			return nil, err
		}
	}
	return []templ.Component{LeadRows(v.leadRows(sheet.Rows, layout), true), leadCount(sheet.Total, true), sheetPages(p, true)}, nil
}
