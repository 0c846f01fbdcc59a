package operator

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/spending"
	"github.com/leadmeter/leadmeter/internal/words"
)

// maxReviews bounds the reports of bad data on one page.
const maxReviews = 100

// workspaceList is a page of the operator's list: one statement for the workspaces
// and one look at all their balances, however many workspaces there are.
func (v *visit) workspaceList(p *OperatorPage) error {
	p.Search = strings.TrimSpace(v.URL.Query().Get("q"))
	var rows []store.DeskRow
	err := v.App.Store.View(v.Context(), func(tx *store.Tx) (err error) {
		if rows, err = tx.Desk(p.Search, v.URL.Query().Get("after"), workspacesPerPage+1); err != nil {
			return err
		}
		reviews, err := tx.ReportsToReview(maxReviews)
		p.Reviews = len(reviews)
		return err
	})
	if err != nil {
		return err
	}
	if len(rows) > workspacesPerPage {
		rows = rows[:workspacesPerPage]
		p.Next = frame.WithQuery("/operator", url.Values{"after": {rows[len(rows)-1].ID}}, "q", p.Search)
	}
	var asked []credits.LookAt
	for _, r := range rows {
		asked = append(asked, credits.LookAt{Workspace: r.ID, At: v.clockOf(r)})
	}
	views, err := v.App.Ledger.LookMany(v.Context(), asked)
	if err != nil {
		return err
	}
	for n, r := range rows {
		p.Workspaces = append(p.Workspaces, deskLine(r, views[r.ID], asked[n].At, p.Types))
	}
	return nil
}

func (v *visit) clockOf(r store.DeskRow) time.Time {
	if r.Clock != 0 {
		return frame.MicroTime(r.Clock)
	}
	return v.App.Accounts.Clock().UTC()
}

func deskLine(r store.DeskRow, view *credits.View, now time.Time, types []string) WorkspaceLine {
	line := WorkspaceLine{ID: r.ID, Name: r.Name, Status: "unreadable", Credits: make([]WorkspaceCredit, len(types))}
	if view == nil {
		return line
	}
	line.Plan, line.Status, line.Seats = words.Capital(view.Current.Plan.Name), spending.WorkspaceStatus(view), view.Current.Seats
	line.Period, line.Last = frame.PeriodText(view.Current.Period, view.Current.Zone()), frame.ShortDay(frame.MicroTime(r.LastAt), view.Current.Zone())
	for n, t := range types {
		c, _ := view.Credit(t)
		line.Credits[n] = WorkspaceCredit{Used: c.Used, Held: c.Held, Allowance: c.Allowance, Pace: paceTag(c, view.Current, now)}
	}
	return line
}

// paceTag says where a workspace stands against the course of its period: used up,
// or ahead by a tenth of the allowance and more.
func paceTag(c credits.CreditView, current credits.Current, now time.Time) string {
	whole := current.Period.End.Sub(current.Period.Start)
	if current.Cancelled || c.Allowance.Unlimited || c.Allowance.Amount == 0 || whole <= 0 {
		return ""
	}
	const parts = 1000
	gone := int(now.Sub(current.Period.Start) * parts / whole)
	switch used := frame.Share(c.Used+c.Held, c.Allowance.Amount, parts); {
	case c.Available.Amount == 0:
		return "used up"
	case used > gone+parts/10:
		return "ahead of pace"
	}
	return ""
}

func paceLook(pace string) string {
	if pace == "used up" {
		return "stop"
	}
	return "warn"
}

// watchFor is how long the operator sees a workspace as its admin does.
const watchFor = time.Hour

// watch begins to look at a workspace as its admin does, which its audit log says.
func (v *visit) watch() error {
	s, err := v.App.Accounts.Enter(v.Context(), v.Who, v.PathValue("ws"))
	if err != nil {
		return err
	}
	if err := v.App.Accounts.Record(v.Context(), s, "operator.looked", s.Workspace.ID, "read-only, for an hour at most"); err != nil {
		return err
	}
	v.App.Sessions.Put(v.Context(), "watched", s.Workspace.ID)
	v.App.Sessions.Put(v.Context(), "watched until", time.Now().Add(watchFor).Unix())
	return v.To("/usage", "", "")
}

func (v *visit) endWatch() error {
	ws := v.App.Sessions.PopString(v.Context(), "watched")
	v.App.Sessions.Remove(v.Context(), "watched until")
	if ws == "" {
		return v.To("/operator", "", "")
	}
	s, err := v.App.Accounts.Enter(v.Context(), v.Who, ws)
	if err != nil {
		return err
	}
	if err := v.App.Accounts.Record(v.Context(), s, "operator.left", ws, ""); err != nil {
		return err
	}
	return v.To("/operator/workspaces/"+url.PathEscape(ws), "success", "You stopped looking.")
}

// reviewsPage lists the reports of bad data that wait for the operator (rule C11).
func (v *visit) reviewsPage() error {
	v.Page.Notices = v.Notices()
	var rows []store.Report
	names := map[string]string{}
	err := v.App.Store.View(v.Context(), func(tx *store.Tx) (err error) {
		if rows, err = tx.ReportsToReview(maxReviews); err != nil {
			return err
		}
		for _, r := range rows {
			for _, key := range []string{r.Workspace, r.Workspace + "/" + r.Member} {
				if _, known := names[key]; known {
					continue
				}
				if key == r.Workspace {
					w, _, err := tx.Workspace(r.Workspace)
					if err != nil {
						return err
					}
					names[key] = w.Name
					continue
				}
				m, _, err := tx.Member(r.Workspace, r.Member)
				if err != nil {
					return err
				}
				names[key] = m.Name
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	p := ReviewsPage{Page: v.Page, Full: len(rows) == maxReviews}
	for _, r := range rows {
		p.Rows = append(p.Rows, ReviewLine{
			Workspace: r.Workspace, Name: names[r.Workspace], Entry: unit.EntryID(r.Seq), Key: frame.NewKey(), Member: names[r.Workspace+"/"+r.Member],
			Field: words.FieldLabel(r.Field), Reason: reasonText(r.Reason), At: frame.MicroTime(r.At).Format("2 Jan 2006, 15:04 UTC"),
		})
	}
	p.Page.Title, p.Page.Nav = "Bad data to review", "operator"
	return v.Show(http.StatusOK, Reviews(p))
}

func reasonText(reason string) string { return words.Capital(strings.ReplaceAll(reason, "_", " ")) }

// decideReview gives a credit back or declines.
func (v *visit) decideReview() error {
	s, err := v.App.Accounts.Enter(v.Context(), v.Who, v.PathValue("ws"))
	if err != nil {
		return err
	}
	accept := v.PostFormValue("answer") == "accept"
	if !accept && v.PostFormValue("answer") != "decline" {
		return fault.Wrong("answer", "must be accept or decline")
	}
	r, err := v.App.Desk.Decide(v.Context(), s, v.PathValue("entry"), accept, v.LedgerRequest(s))
	if fault.Is(err, fault.Conflict) {
		return v.To("/operator/reviews", "danger", frame.ErrorText(err))
	}
	if err != nil {
		return err
	}
	text := "Declined. No credit goes back."
	switch r.Status {
	case unit.Refunded:
		text = "Accepted. " + words.Num(r.Amount) + " " + r.Credit + " went back."
	case unit.Closed:
		text = "Accepted. The period that paid is over, so no credit goes back."
	}
	return v.To("/operator/reviews", "success", text)
}

// serverPage is what belongs to no workspace: the sources and the suppressions.
func (v *visit) serverPage() error { return v.showServer(http.StatusOK, Suppressing{}) }

// suppressKinds are what may be on the suppression list, with the kind selected.
func suppressKinds(kind string) []frame.Option {
	list := []frame.Option{{Value: "email", Label: "Email address"}, {Value: "domain", Label: "Company domain"}, {Value: "phone", Label: "Phone number"}, {Value: "person", Label: "Person’s id"}}
	for n := range list {
		list[n].Selected = list[n].Value == kind
	}
	return list
}

func (v *visit) showServer(status int, typed Suppressing) error {
	v.Page.Notices = v.Notices()
	p := ServerPage{Page: v.Page, AddKey: frame.NewKey(), RemoveKey: frame.NewKey(), Typed: typed}
	err := v.App.Store.View(v.Context(), func(tx *store.Tx) error {
		days, err := tx.ProviderDays(time.Now().UTC().AddDate(0, 0, -30).Format(time.DateOnly))
		if err != nil {
			return err
		}
		for _, d := range days {
			p.Sources = append(p.Sources, sourceLine(d))
		}
		counts, err := tx.CountSuppressions()
		for _, kind := range []string{"email", "domain", "person", "phone"} {
			p.Suppressed = append(p.Suppressed, SuppressedCount{kind, int(counts[kind])})
		}
		return err
	})
	if err != nil {
		return err
	}
	p.Page.Title, p.Page.Nav = "Sources and suppressions", "operator"
	return v.Show(status, ServerDesk(p))
}

func sourceLine(d store.ProviderDay) SourceLine {
	l := SourceLine{Name: d.Provider, Asked: int(d.Asked), Found: int(d.Found), Missed: int(d.Missed), Failed: int(d.Failed), Cost: words.Num(unit.Amount(d.Cost)), Rate: "–", Latency: "–"}
	if d.Asked > 0 {
		l.Rate = frame.Itoa64(d.Found*100/d.Asked) + " %"
		l.Latency = frame.Itoa64(d.Latency/d.Asked/1000) + " ms"
	}
	return l
}

// suppress puts somebody on the list of those who are never shown, or takes them off.
func (v *visit) suppress() error {
	value := strings.TrimSpace(v.PostFormValue("value"))
	s := directory.Suppression{}
	switch v.PostFormValue("kind") {
	case "email":
		s.Email = value
	case "domain":
		s.Domain = value
	case "person":
		s.Person = value
	case "phone":
		s.Phone = value
	}
	remove, found := v.PostFormValue("do") == "remove", false
	_, err := v.MakeOnce("", func(tx *store.Tx) (string, error) {
		if remove {
			var err error
			found, err = v.App.Directory.Unsuppress(tx, s)
			return "", err
		}
		return "", v.App.Directory.Suppress(tx, s)
	})
	if err == nil && !remove {
		err = v.App.Directory.Apply(v.Context(), s)
	}
	var f *fault.Error
	switch {
	case errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.NotFound):
		typed := Suppressing{Do: v.PostFormValue("do"), Kind: v.PostFormValue("kind"), Value: value, Error: "Nothing was changed: " + f.Message + "."}
		if s.Person != "" {
			typed.Error = "This is not a person's id."
		}
		return v.showServer(http.StatusUnprocessableEntity, typed)
	case err != nil:
		return err
	case remove && !found:
		return v.To("/operator/server", "danger", "Nothing was changed: that is not on the list.")
	case remove:
		return v.To("/operator/server", "success", "Taken off the list. What was erased stays erased.")
	}
	return v.To("/operator/server", "success", "On the list. It is never looked up, shown, charged for or exported again.")
}
