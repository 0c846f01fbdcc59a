package web

import (
	"bytes"
	"encoding/base64"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

const leadsPerPage = 50

func leadID(person string) string { return ident.Lead(person) }

// leadFilter reads the search above the sheet.
func (v *visit) leadFilter() store.LeadFilter {
	q := v.URL.Query()
	f := store.LeadFilter{Query: q.Get("q"), List: q.Get("list"), Member: q.Get("member"), Sort: "captured", Down: true, Limit: leadsPerPage + 1}
	if field, ok := lead.ParseField(q.Get("has")); ok {
		f.Has = string(field)
	}
	return f
}

func (a *App) leadsPage(v *visit) error {
	f := v.leadFilter()
	cursor := v.URL.Query().Get("cursor")
	if cursor != "" {
		text, err := base64.RawURLEncoding.DecodeString(cursor)
		if err != nil {
			return fault.New(fault.NotFound, "This page of the sheet is not there any more.")
		}
		if err := capture.After(&f, string(text)); err != nil {
			return err
		}
	}
	leads, err := a.Desk.Leads(v.Context(), v.scope, f)
	if err != nil {
		return err
	}
	more := len(leads) > leadsPerPage
	leads = leads[:min(len(leads), leadsPerPage)]
	total, err := a.Desk.CountLeads(v.Context(), v.scope, f)
	if err != nil {
		return err
	}
	bar, err := v.captureBar()
	if err != nil {
		return err
	}
	p := LeadsPage{Page: v.page, Bar: bar, Total: total, Filtered: f.Query+f.Has+f.List+f.Member != ""}
	if p.Rows, err = v.leadRows(leads); err != nil {
		return err
	}
	p.Bar.Shown = len(p.Rows) > 0
	if p.Search, err = v.leadSearch(f); err != nil {
		return err
	}
	q := v.URL.Query()
	q.Del("cursor")
	p.Exports = exportFormats
	for name, values := range q {
		p.Filter = append(p.Filter, Option{Value: values[0], Label: name})
	}
	if cursor != "" {
		p.First = "/leads?" + q.Encode()
	}
	if more {
		q.Set("cursor", base64.RawURLEncoding.EncodeToString([]byte(capture.Cursor(f.Sort, leads[len(leads)-1]))))
		p.Next = "/leads?" + q.Encode()
	}
	p.Page.Title, p.Page.Nav = "Leads", "leads"
	return v.show(http.StatusOK, Leads(p))
}

// captureBar is the form on top of the sheet, with what it may spend.
func (v *visit) captureBar() (CaptureBar, error) {
	view, err := v.look()
	if err != nil {
		return CaptureBar{}, err
	}
	auto, err := v.app.Accounts.AutoUnlocks(v.Context(), v.scope, v.who.Member)
	return CaptureBar{Key: newKey(), AtMost: captureCost(view.Book, auto)}, err
}

func (v *visit) leadSearch(f store.LeadFilter) (LeadSearch, error) {
	s := LeadSearch{Query: f.Query}
	for _, field := range lead.Fields {
		s.Has = append(s.Has, Option{string(field), fieldLabel(string(field)), f.Has == string(field)})
	}
	members, err := v.app.Accounts.Members(v.Context(), v.scope, "", 500)
	if err != nil {
		return s, err
	}
	for _, m := range members {
		s.Members = append(s.Members, Option{m.ID, m.Name, f.Member == m.ID})
	}
	lists, err := v.app.Desk.ListNames(v.Context(), v.scope)
	for _, l := range lists {
		s.Lists = append(s.Lists, Option{l, l, f.List == l})
	}
	return s, err
}

// leadRows writes leads as the sheet shows them, each missing field with its price.
func (v *visit) leadRows(leads []capture.Lead) ([]LeadRow, error) {
	view, err := v.look(v.who.Member)
	if err != nil {
		return nil, err
	}
	names, err := v.app.Accounts.MemberNames(v.Context(), v.scope)
	if err != nil {
		return nil, err
	}
	var rows []LeadRow
	for _, l := range leads {
		cells, err := v.cells(view, l)
		if err != nil {
			return nil, err
		}
		row := LeadRow{ID: l.ID, Name: l.Person.FullName, Title: l.Person.Title, Company: l.Person.Company, Owner: ownerName(names, l.Member), Fields: cells}
		row.Captured, row.ISO = shortDay(l.CapturedAt, view), l.CapturedAt.Format(time.RFC3339)
		rows = append(rows, row)
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
func (v *visit) cells(view *credits.View, l capture.Lead) ([]FieldCell, error) {
	prices, err := v.app.Desk.Prices(v.Context(), v.scope, view.Book, l)
	if err != nil {
		return nil, err
	}
	var cells []FieldCell
	for _, f := range lead.Fields {
		known, seen := l.Fields[f]
		cell := FieldCell{Field: string(f), Label: fieldLabel(string(f)), Outcome: string(known.Outcome)}
		cell.Values = fieldValues(string(f), known.Values)
		if item := view.Book.Item(string(f)); item != nil {
			cell.Type = item.Credit
			if known.Outcome == credits.Charged {
				cell.Amount = item.Price().Ceil()
			}
			verdict := prices[f]
			if !seen && verdict.Outcome != credits.Charged && (verdict.Outcome == credits.NotFound || verdict.Outcome == credits.Suppressed) {
				cell.Outcome, seen = string(verdict.Outcome), true // nothing is there to be unlocked
			}
			retry := known.Outcome == credits.NotFound && verdict.Outcome == credits.Charged
			if verdict.Item != nil && (!seen || retry || known.Outcome == credits.ProviderError) {
				cell.Unlock = v.unlockButton(view, verdict, item)
			}
		}
		cells = append(cells, cell)
	}
	return cells, nil
}

// fieldValues are values for reading. Only a work email is graded.
func fieldValues(field string, values []lead.Value) (list []FieldValue) {
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
	u := &Unlock{Key: newKey(), Price: []Cost{{item.Credit, 0}}}
	if verdict.Outcome != credits.Charged {
		return u
	}
	price := item.Price().Ceil()
	u.Price[0].Amount = price
	for n, c := range view.Credits {
		of := view.Members[v.who.Member]
		if c.Credit != item.Credit || len(of) <= n || of[n].Available.Covers(price) {
			continue
		}
		u.Blocked = "Needs " + costText(u.Price) + ", " + quota(of[n].Available) + " left."
		if view.Current.Cancelled {
			u.Blocked = "The subscription is cancelled."
		} else if c.Allowance.Amount > 0 {
			u.Blocked += " Refills " + shortDay(view.Current.Period.End, view) + "."
		}
	}
	return u
}

func (a *App) leadPage(v *visit) error {
	p, err := v.leadDetail(v.PathValue("lead"))
	if err != nil {
		return err
	}
	p.Page = v.page
	p.Page.Title, p.Page.Nav = p.Lead.Name, "leads"
	return v.show(http.StatusOK, Lead(p))
}

// leadDetail is a lead with every credit that was spent on it.
func (v *visit) leadDetail(id string) (p LeadPage, err error) {
	l, err := v.app.Desk.Lead(v.Context(), v.scope, id)
	if err != nil {
		return p, err
	}
	view, err := v.look(v.who.Member)
	if err != nil {
		return p, err
	}
	names, err := v.app.Accounts.MemberNames(v.Context(), v.scope)
	if err != nil {
		return p, err
	}
	d := LeadDetail{
		ID: l.ID, Name: l.Person.FullName, Title: l.Person.Title, Company: l.Person.Company, Domain: l.Person.CompanyDomain, Location: l.Person.Location,
		Profile: l.Person.LinkedInURL, Owner: ownerName(names, l.Member), Captured: longTime(l.CapturedAt, view), ISO: l.CapturedAt.Format(time.RFC3339),
		Notes: l.Notes, Tags: strings.Join(l.Tags, ", "), Key: newKey(), ReadOnly: v.who.ReadOnly,
	}
	if d.Fields, err = v.cells(view, *l); err != nil {
		return p, err
	}
	lists, err := v.app.Desk.ListNames(v.Context(), v.scope)
	if err != nil {
		return p, err
	}
	on := map[string]bool{}
	for _, name := range l.Lists {
		on[name] = true
	}
	for _, name := range lists {
		d.Lists = append(d.Lists, Option{name, name, on[name]})
	}
	var rows []store.Entry
	err = v.app.Store.View(v.Context(), func(tx *store.Tx) error {
		rows, err = tx.Entries(store.EntryFilter{Workspace: v.scope.Workspace.ID, Person: l.Person.ID, Limit: 200})
		return err
	})
	if err != nil {
		return p, err
	}
	spent := map[string]credits.Amount{}
	for _, e := range rows {
		switch e.Kind {
		case credits.KindCharge:
			spent[e.Credit] += credits.Amount(e.Amount)
		case credits.KindRefund:
			spent[e.Credit] -= credits.Amount(e.Amount)
		}
	}
	d.Spent = costs(view.Book, spent)
	d.Entries = v.entriesOf(rows, view, names, map[string]string{l.Person.ID: l.Person.FullName})
	p.Lead = d
	return p, nil
}

func (a *App) changeLead(v *visit) error {
	if err := v.ParseForm(); err != nil {
		return fault.New(fault.Invalid, "The form did not arrive whole; nothing was changed.")
	}
	notes, tags, lists := v.PostFormValue("notes"), []string{}, []string{}
	for tag := range strings.SplitSeq(v.PostFormValue("tags"), ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	lists = append(lists, v.PostForm["list"]...)
	change := capture.Change{Notes: &notes, Tags: &tags, Lists: &lists}
	if _, err := a.Desk.ChangeLead(v.Context(), v.scope, v.PathValue("lead"), change); err != nil {
		return err
	}
	return v.to("/leads/"+url.PathEscape(v.PathValue("lead")), "success", "Saved.")
}

// unlock pays for one field of a lead and shows the lead anew, in the sheet or on
// its own page.
func (a *App) unlock(v *visit) error {
	id := v.PathValue("lead")
	field, ok := lead.ParseField(v.PostFormValue("field"))
	if !ok {
		return fault.New(fault.Invalid, "That field is not one that can be unlocked.")
	}
	key, print := v.once()
	answer, err := a.Desk.Unlock(v.Context(), v.scope, id, capture.Ask{Member: v.who.Member, Fields: []lead.Field{field}, Channel: "sheet", Key: key, Fingerprint: print})
	notice := Notice{Kind: "success"}
	switch {
	case err != nil:
		text, refused := refusalText(err)
		if !refused {
			return err
		}
		notice = Notice{Kind: "warning", Text: text}
	default:
		notice.Text = fieldSentence(answer.Fields[0])
	}
	if !v.htmx() {
		back := v.sheet()
		if v.PostFormValue("view") == "lead" {
			back = "/leads/" + url.PathEscape(id)
		}
		return v.to(back, notice.Kind, notice.Text)
	}
	return v.unlocked(id, notice)
}

// sheet is the page of the lead sheet that the form was on, with its filters.
func (v *visit) sheet() string {
	if from, err := url.Parse(v.Referer()); err == nil && from.Host == v.Host && from.Path == "/leads" && from.RawQuery != "" {
		return "/leads?" + from.RawQuery
	}
	return "/leads"
}

// unlocked answers htmx with the row or the lead, the balance and the notice.
func (v *visit) unlocked(id string, notice Notice) error {
	view, err := v.look(v.who.Member)
	if err != nil {
		return err
	}
	beside := []templ.Component{Balance(headerBalance(view, v.who.Member), true), Notices([]Notice{notice}, true)}
	if v.PostFormValue("view") == "lead" {
		p, err := v.leadDetail(id)
		if err != nil {
			return err
		}
		return v.show(http.StatusOK, templ.Join(append([]templ.Component{LeadDetailView(p.Lead)}, beside...)...))
	}
	l, err := v.app.Desk.Lead(v.Context(), v.scope, id)
	if err != nil {
		return err
	}
	rows, err := v.leadRows([]capture.Lead{*l})
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, templ.Join(append([]templ.Component{LeadRowView(rows[0])}, beside...)...))
}

func (a *App) leadsCSV(v *visit) error {
	return v.csv("leads.csv", "", func(write export.Row) error {
		return a.Export.Leads(v.Context(), v.scope, v.leadFilter(), write)
	})
}

// exportFormats are the files that the sheet can be had as.
var exportFormats = []Option{
	{Value: "csv", Label: "CSV"}, {Value: "xlsx", Label: "Excel workbook"}, {Value: "excel", Label: "CSV for Excel"}, {Value: "salesforce", Label: "CSV for Salesforce"},
	{Value: "hubspot", Label: "CSV for HubSpot"}, {Value: "google", Label: "CSV for Google Contacts"}, {Value: "vcard", Label: "vCards"},
}

func (a *App) exportLeads(v *visit) error {
	format := v.FormValue("format")
	switch _, known := export.Dialects[format]; {
	case format == "xlsx":
		return v.file("leads.xlsx", export.SheetType, func(w io.Writer) error { return a.Export.Sheet(v.Context(), v.scope, v.leadFilter(), w) })
	case format == "vcard":
		return v.file("leads.vcf", export.CardType, func(w io.Writer) error { return a.Export.Cards(v.Context(), v.scope, v.leadFilter(), w) })
	case known || format == "csv":
		return v.csv("leads.csv", export.Mark(format), func(write export.Row) error {
			return a.Export.LeadsFor(v.Context(), v.scope, format, v.leadFilter(), write)
		})
	}
	return fault.Wrong("format", "must be one of the list's")
}

// file sends what is made whole first, so that a refusal is still a page.
func (v *visit) file(name, kind string, write func(w io.Writer) error) error {
	var whole bytes.Buffer
	if err := write(&whole); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
	_, _ = whole.WriteTo(v.w) // the reader may have gone
	return nil
}

// csv streams an export.
func (v *visit) csv(name, mark string, rows func(write export.Row) error) error {
	begun, err := export.CSV(v.w, func() error {
		v.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		v.w.Header().Set("Content-Disposition", `attachment; filename="`+name+`"`)
		_, err := io.WriteString(v.w, mark)
		return err
	}, rows)
	if err != nil && begun {
		panic(http.ErrAbortHandler) // half a file must not look whole
	}
	return err
}

// firstLeads is the sheet's first page, unfiltered.
func (v *visit) firstLeads() store.LeadFilter {
	return store.LeadFilter{Sort: "captured", Down: true, Limit: leadsPerPage}
}
