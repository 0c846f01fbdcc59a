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

func (v *visit) leadPage() error {
	p, err := v.leadDetail(v.PathValue("lead"))
	if err != nil {
		return err
	}
	p.Page = v.Page
	p.Page.Title, p.Page.Nav = p.Lead.Name, "leads"
	return v.Show(http.StatusOK, Lead(p))
}

// leadDetail is a lead with the credits that were spent on it by whom the visitor sees.
func (v *visit) leadDetail(id string) (p LeadPage, err error) {
	l, err := v.App.Screens.Lead(v.Context(), v.Scope, id)
	if err != nil {
		return p, err
	}
	d := LeadDetail{
		ID: l.ID, Name: l.Person.FullName, Title: l.Person.Title, Company: l.Person.Company, Domain: l.Person.CompanyDomain, Location: l.Person.Location,
		Profile: l.Person.LinkedInURL, Owner: l.Owner, Captured: v.Time(l.CapturedAt), ISO: l.CapturedAt.Format(time.RFC3339),
		Partly: l.Partly, Others: l.Others, Notes: l.Notes, Tags: strings.Join(l.Tags, ", "), Key: frame.NewKey(), ReadOnly: !l.MayEdit,
		Fields: v.cells(l.Cells), Spent: l.Spent, Entries: v.EntryLinesOf(l.Entries),
	}
	for n := range d.Fields {
		d.Fields[n].Report = reportable(d.Entries, d.Fields[n].Label, leadPath(l.ID))
	}
	for n := range d.Entries { // the value has it
		d.Entries[n].ReportKey = ""
		for f := range d.Entries[n].Fields {
			d.Entries[n].Fields[f].ReportKey = ""
		}
	}
	for _, t := range l.Twins {
		d.Twins = append(d.Twins, Twin{ID: t.ID, Name: t.Person.FullName, Title: t.Person.Title, Company: t.Person.Company, Owner: t.Owner, Key: frame.NewKey(), May: t.May})
	}
	for _, person := range l.Merged {
		d.Merged = append(d.Merged, Twin{ID: person, Key: frame.NewKey()})
	}
	for _, name := range l.Lists {
		d.Lists = append(d.Lists, frame.Option{Value: name, Label: name, Selected: slices.Contains(l.Lead.Lists, name)})
	}
	for _, one := range l.Deeds {
		d.Deeds = append(d.Deeds, LeadDeed{ID: one.ID, What: words.DeedName(one.Kind), Who: one.Who, When: v.Time(one.At), ISO: one.At.Format(time.RFC3339)})
	}
	p.Lead = d
	return p, nil
}

// reportable is the newest entry of a field that may be reported as bad.
func reportable(lines []frame.EntryLine, field, back string) *frame.Entry {
	for _, line := range lines {
		for _, e := range append(slices.Clone(line.Fields), line.Entry) {
			if e.Field == field && e.ReportKey != "" {
				e.ReportKey, e.ReportBack = frame.NewKey(), back
				return &e
			}
		}
	}
	return nil
}

func (v *visit) changeLead() error {
	notes, tags, lists := v.PostFormValue("notes"), []string{}, []string{}
	for tag := range strings.SplitSeq(v.PostFormValue("tags"), ",") {
		if tag = strings.TrimSpace(tag); tag != "" {
			tags = append(tags, tag)
		}
	}
	lists = append(lists, v.PostForm["list"]...)
	change := capture.Change{Notes: &notes, Tags: &tags, Lists: &lists}
	if _, err := v.App.Captures.ChangeLead(v.Context(), v.Scope, v.PathValue("lead"), change); err != nil {
		return err
	}
	if v.HTMX() {
		return v.unlocked(v.PathValue("lead"), v.Notice("success", "Saved."))
	}
	return v.To(leadPath(v.PathValue("lead")), "success", "Saved.")
}

// unlock pays for one field of a lead and shows the lead again, in the sheet or on
// its own page.
func (v *visit) unlock() error {
	id := v.PathValue("lead")
	field, ok := lead.ParseField(v.PostFormValue("field"))
	if !ok {
		return fault.New(fault.Invalid, "That field is not one that can be unlocked.")
	}
	once := v.Once()
	answer, err := v.App.Captures.Unlock(v.Context(), v.Scope, id, capture.Ask{Member: v.Who.Member, Fields: []lead.Field{field}, Channel: "sheet", Key: once.Key, Fingerprint: once.Print})
	notice := frame.Notice{Kind: "success"}
	switch {
	case err != nil:
		text, refused := frame.RefusalText(err)
		if !refused {
			return err
		}
		notice = frame.Notice{Kind: "warning", Text: text}
		if stopped := screen.StoppedBy(err); stopped != nil {
			notice.Ask = v.MayAsk(stopped)
			if stopped.LimitedBy != "" {
				refills := ""
				if stopped.Refills != nil {
					refills = v.Time(*stopped.Refills)
				}
				notice.Text = stopped.Text(refills) + " " + stopped.Advice(notice.Ask != nil && notice.Ask.Link != "")
			}
		}
	default:
		of, err := v.App.Screens.Credits(v.Context(), v.Scope)
		if err != nil {
			return err
		}
		notice.Text = fieldSentence(answer.Fields[0], of.Items.FreeDays(string(field)))
	}
	if !v.HTMX() {
		back := v.sheet()
		if v.PostFormValue("view") == "lead" {
			back = leadPath(id)
		}
		return v.To(back, notice.Kind, notice.Text)
	}
	return v.unlocked(id, notice)
}

// sheet is the page of the lead sheet that the form was on, with its filters.
func (v *visit) sheet() string {
	if from, err := url.Parse(v.Referer()); err == nil && from.Host == v.Host && from.Path == "/leads" && from.RawQuery != "" {
		if to := frame.LocalTarget("/leads?" + from.RawQuery); to != "" {
			return to
		}
	}
	return "/leads"
}

// unlocked answers htmx with the row or the lead, the balance and the notice.
func (v *visit) unlocked(id string, notice frame.Notice) error {
	balance, err := v.BalanceNow()
	if err != nil {
		return err
	}
	beside := []templ.Component{frame.Balance(balance, true), frame.Notices([]frame.Notice{notice}, true)}
	if v.PostFormValue("view") == "lead" {
		p, err := v.leadDetail(id)
		if err != nil {
			return err
		}
		answer := append([]templ.Component{LeadDetailView(p.Lead)}, beside...)
		if from, ok := v.onSheet(); ok { // in the drawer: its row is behind it
			row, err := v.leadRow(id, from)
			if err != nil {
				return err
			}
			answer = append(answer, LeadRowBeside(row))
		}
		return v.Show(http.StatusOK, templ.Join(answer...))
	}
	from, _ := v.onSheet()
	row, err := v.leadRow(id, from)
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, templ.Join(append([]templ.Component{LeadRowView(row)}, beside...)...))
}

// onSheet is what the address of the sheet says that a fragment is asked from;
// false: it is asked from another page.
func (v *visit) onSheet() (url.Values, bool) {
	from, err := url.Parse(v.Header.Get("HX-Current-URL"))
	if err != nil || from.Path != "/leads" {
		return nil, false
	}
	return sheetQuery(from.Query()), true
}

// leadRow is one row as the sheet shows it.
func (v *visit) leadRow(id string, sheet url.Values) (LeadRow, error) {
	layout, err := v.layout(sheet.Get("columns"))
	if err != nil {
		return LeadRow{}, err
	}
	l, err := v.App.Captures.Lead(v.Context(), v.Scope, id)
	if err != nil {
		return LeadRow{}, err
	}
	rows, err := v.rowsNow([]capture.Lead{*l}, layout)
	if err != nil {
		return LeadRow{}, err
	}
	return rows[0], nil
}

// rowsNow writes leads that were read for a fragment.
func (v *visit) rowsNow(leads []capture.Lead, layout SheetLayout) ([]LeadRow, error) {
	rows, err := v.App.Screens.Rows(v.Context(), v.Scope, leads)
	return v.leadRows(rows, layout), err
}

// drawer is a lead beside the sheet.
func (v *visit) drawer() error {
	p, err := v.leadDetail(v.PathValue("lead"))
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, LeadDrawer(p.Lead))
}

func leadPath(id string) string { return "/leads/" + url.PathEscape(id) }

// merge says that two leads are one person.
func (v *visit) merge() error {
	id := v.PathValue("lead")
	if err := v.App.Captures.Merge(v.Context(), v.Scope, id, v.PostFormValue("other")); err != nil {
		return err
	}
	return v.To(leadPath(id), "success", "Merged. What was delivered of both is here; nothing was charged.")
}

// split takes a merge back.
func (v *visit) split() error {
	id := v.PathValue("lead")
	if err := v.App.Captures.Split(v.Context(), v.Scope, id, v.PostFormValue("person")); err != nil {
		return err
	}
	return v.To(leadPath(id), "success", "Taken apart again: they are two leads.")
}
