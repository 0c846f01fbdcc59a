package sheet

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

const leadsPerPage = 50

// sheetParameters are what the sheet's address may say, in the order in which it
// is written.
var sheetParameters = []string{"q", "has", "lacks", "member", "list", "tag", "from", "to", "sort", "columns"}

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
func (v *visit) leadFilter(q url.Values) (store.LeadFilter, error) {
	f := store.LeadFilter{Query: q.Get("q"), List: q.Get("list"), Tag: q.Get("tag"), Member: q.Get("member"), Limit: leadsPerPage + 1}
	f.Sort, f.Down = strings.TrimPrefix(q.Get("sort"), "-"), strings.HasPrefix(q.Get("sort"), "-")
	if !slices.ContainsFunc(sheetColumns, func(c SheetColumn) bool { return c.Sort != "" && c.Sort == f.Sort }) {
		f.Sort, f.Down = "captured", true
	}
	if field, ok := lead.ParseField(q.Get("has")); ok || q.Get("has") == store.HasVerifiedEmail {
		if f.Has = string(field); !ok {
			f.Has = store.HasVerifiedEmail
		}
	}
	if field, ok := lead.ParseField(q.Get("lacks")); ok {
		f.Lacks = string(field)
	}
	if q.Get("from")+q.Get("to") == "" {
		return f, nil
	}
	view, err := v.Look()
	if err != nil {
		return f, err
	}
	if f.From, err = dayIn(q.Get("from"), "from", 0, view); err != nil {
		return f, err
	}
	f.To, err = dayIn(q.Get("to"), "to", 1, view)
	return f, err
}

// dayIn is the beginning of a day in the workspace's zone, some days later, in
// microseconds; 0 for no day.
func dayIn(text, field string, later int, view *credits.View) (int64, error) {
	if text == "" {
		return 0, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, view.Current.Zone())
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
	f.AfterID = v.URL.Query().Get("cursor")
	layout, err := v.layout(q.Get("columns"))
	if err != nil {
		return p, err
	}
	p = LeadsPage{Page: v.Page, Layout: layout, Query: q.Encode(), Filter: hiddenOf(q), Exports: exportFormats, Sort: f.Sort, Down: f.Down}
	news, err := v.App.Desk.News(v.Context(), v.Scope, 0, v.Scope.Now.UnixMicro())
	if err != nil {
		return p, err
	}
	p.Seq, p.Since = news.Seq, v.Scope.Now.UnixMicro()
	leads, total, err := v.App.Desk.Sheet(v.Context(), v.Scope, f)
	if err != nil {
		return p, err
	}
	more := len(leads) > leadsPerPage
	leads = leads[:min(len(leads), leadsPerPage)]
	p.Total = total
	if p.Bar, err = v.captureBar(); err != nil {
		return p, err
	}
	if p.Rows, err = v.leadRows(leads, layout); err != nil {
		return p, err
	}
	p.Bar.Shown = len(p.Rows) > 0
	if p.Search, err = v.leadSearch(q); err != nil {
		return p, err
	}
	p.Filtered = len(p.Search.Chips) > 0
	if p.Views, err = v.views(q); err != nil {
		return p, err
	}
	if f.AfterID != "" {
		p.First = "/leads?" + q.Encode()
	}
	if more {
		p.Next = "/leads?" + withParameter(q, "cursor", leads[len(leads)-1].ID)
	}
	p.Page.Title, p.Page.Nav = "Leads", "leads"
	return p, nil
}

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
		text, err = v.App.Desk.Columns(v.Context(), v.Scope)
	}
	return LayoutOf(text), err
}

// captureBar is the form on top of the sheet, with what it may spend.
func (v *visit) captureBar() (CaptureBar, error) {
	view, err := v.Look()
	if err != nil {
		return CaptureBar{}, err
	}
	auto, err := v.App.Accounts.AutoUnlocks(v.Context(), v.Scope, v.Who.Member)
	return CaptureBar{Key: frame.NewKey(), AtMost: frame.CaptureCost(view.Book, auto)}, err
}

func (v *visit) leadSearch(q url.Values) (LeadSearch, error) {
	s := LeadSearch{Query: q.Get("q"), From: q.Get("from"), To: q.Get("to"), Sort: q.Get("sort"), Columns: q.Get("columns")}
	s.Has = append(s.Has, frame.Option{Value: store.HasVerifiedEmail, Label: "Verified work email", Selected: q.Get("has") == store.HasVerifiedEmail})
	for _, field := range lead.Fields {
		s.Has = append(s.Has, frame.Option{Value: string(field), Label: words.FieldLabel(string(field)), Selected: q.Get("has") == string(field)})
		s.Lacks = append(s.Lacks, frame.Option{Value: string(field), Label: words.FieldLabel(string(field)), Selected: q.Get("lacks") == string(field)})
	}
	members, err := v.App.Accounts.Members(v.Context(), v.Scope, "", 500)
	if err != nil {
		return s, err
	}
	for _, m := range members {
		s.Members = append(s.Members, frame.Option{Value: m.ID, Label: m.Name, Selected: q.Get("member") == m.ID})
	}
	if s.Lists, err = v.labels(v.App.Desk.Lists, q.Get("list")); err != nil {
		return s, err
	}
	if s.Tags, err = v.labels(v.App.Desk.Tags, q.Get("tag")); err != nil {
		return s, err
	}
	s.chips(q)
	return s, nil
}

// chips are the filters that are set, each with the way to take it off.
func (s *LeadSearch) chips(q url.Values) {
	add := func(name, text string) {
		if q.Get(name) != "" {
			s.Chips = append(s.Chips, Chip{Text: text, Without: "/leads?" + withParameter(q, name, "")})
		}
	}
	add("q", "“"+q.Get("q")+"”")
	add("has", "has "+picked(s.Has))
	add("lacks", "lacks "+picked(s.Lacks))
	add("member", "of "+picked(s.Members))
	add("list", "on "+q.Get("list"))
	add("tag", "tagged "+q.Get("tag"))
	add("from", "captured from "+q.Get("from"))
	add("to", "captured until "+q.Get("to"))
}

func picked(options []frame.Option) string {
	for _, o := range options {
		if o.Selected {
			return strings.ToLower(o.Label[:1]) + o.Label[1:]
		}
	}
	return "?"
}

// leadRows writes leads as the sheet shows them, each missing field with its price.
func (v *visit) leadRows(leads []capture.Lead, layout SheetLayout) ([]LeadRow, error) {
	view, err := v.Look(v.Who.Member)
	if err != nil {
		return nil, err
	}
	names, err := v.App.Accounts.MemberNames(v.Context(), v.Scope)
	if err != nil {
		return nil, err
	}
	prices, err := v.App.Desk.Prices(v.Context(), v.Scope, view.Book, leads)
	if err != nil {
		return nil, err
	}
	rows := make([]LeadRow, 0, len(leads))
	for _, l := range leads {
		rows = append(rows, LeadRow{
			ID: l.ID, Name: l.Person.FullName, Title: l.Person.Title, Company: l.Person.Company, Owner: ownerName(names, l.Member), Twin: l.Twin,
			Domain: l.Person.CompanyDomain, Location: l.Person.Location, Lists: l.Lists, Tags: l.Tags, Notes: l.Notes,
			Captured: frame.ShortDay(l.CapturedAt, view.Current.Zone()), ISO: l.CapturedAt.Format(time.RFC3339), Fields: v.cells(view, l, prices[l.ID]), Layout: layout,
		})
	}
	return rows, nil
}

func ownerName(names map[string]string, member string) string {
	if n := names[member]; n != "" {
		return n
	}
	return "Workspace"
}

// cells are a lead's fields: what was delivered, or the button that delivers it.
func (v *visit) cells(view *credits.View, l capture.Lead, prices map[lead.Field]credits.Verdict) (cells []FieldCell) {
	for _, f := range lead.Fields {
		known, seen := l.Fields[f]
		cell := FieldCell{Field: string(f), Label: words.FieldLabel(string(f)), Outcome: string(known.Outcome)}
		cell.Values, cell.Hidden, cell.Days = FieldValues(string(f), known.Values), known.Hidden, FreeDays(view, string(f))
		if item := view.Book.Item(string(f)); item != nil {
			cell.Type = item.Credit
			if known.Outcome == unit.Charged {
				cell.Amount = item.Price().Ceil()
			}
			verdict := prices[f]
			if !seen && verdict.Outcome != unit.Charged && (verdict.Outcome == unit.NotFound || verdict.Outcome == unit.Suppressed) {
				cell.Outcome, seen = string(verdict.Outcome), true // nothing is there to be unlocked
			}
			retry := known.Outcome == unit.NotFound && verdict.Outcome == unit.Charged
			if verdict.Item != nil && v.Who.Can(account.CaptureMany) && (!seen || retry || known.Outcome == unit.ProviderError) {
				cell.Unlock = v.unlockButton(view, verdict, item)
			}
		}
		cells = append(cells, cell)
	}
	return cells
}

// FreeDays is for how long a verified value of a field is free in the directory, in days.
func FreeDays(view *credits.View, field string) int {
	if item := view.Book.Item(field); item != nil {
		return item.VerifiedFreeDays
	}
	return 0
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
func (v *visit) unlockButton(view *credits.View, verdict credits.Verdict, item *credits.Item) *Unlock {
	u := &Unlock{Key: frame.NewKey(), Price: []words.Cost{{Type: item.Credit, Amount: 0}}}
	if verdict.Outcome != unit.Charged {
		return u
	}
	price := item.Price().Ceil()
	u.Price[0].Amount = price
	for n, c := range view.Credits {
		of := view.Members[v.Who.Member]
		if c.Credit != item.Credit || len(of) <= n || of[n].Available.Covers(price) {
			continue
		}
		u.Blocked = "Needs " + words.CostText(u.Price) + ", " + words.Quota(of[n].Available) + " left."
		if view.Current.Cancelled {
			u.Blocked = "The subscription is cancelled."
		} else if text := frame.RefillText(of[n].Refill, view, frame.ShortDay); text != "" {
			u.Blocked += " " + words.Capital(text) + "."
		}
	}
	return u
}

// FirstRows is the sheet's first page, unfiltered, as fragments that replace the rows and
// the count of the sheet that asks, in its columns.
func FirstRows(of *frame.Visit) ([]templ.Component, error) {
	v := &visit{of}
	leads, total, err := v.App.Desk.Sheet(v.Context(), v.Scope, store.LeadFilter{Sort: "captured", Down: true, Limit: leadsPerPage})
	if err != nil {
		return nil, err
	}
	from, _ := v.onSheet()
	layout, err := v.layout(from.Get("columns"))
	if err != nil {
		return nil, err
	}
	rows, err := v.leadRows(leads, layout)
	if err != nil {
		return nil, err
	}
	return []templ.Component{LeadRows(rows, true), leadCount(total, true)}, nil
}
