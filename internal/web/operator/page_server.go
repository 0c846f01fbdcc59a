package operator

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

func workspaceLine(w screen.Workspace, now time.Time) WorkspaceLine {
	if w.Status == "" {
		return WorkspaceLine{ID: w.ID, Name: w.Name, Status: "unreadable", Credits: w.Credits}
	}
	return WorkspaceLine{
		ID: w.ID, Name: w.Name, Plan: words.Capital(w.Plan), Status: w.Status, Seats: w.Seats, Credits: w.Credits,
		Period: words.PeriodText(w.Period, w.Zone), Last: words.Day(w.Last, now, w.Zone),
	}
}

func paceLook(pace string) string {
	if pace == screen.UsedUp {
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
	list, full, err := v.App.Screens.Reviews(v.Context())
	if err != nil {
		return err
	}
	p := ReviewsPage{Page: v.Page, Full: full}
	for _, r := range list {
		p.Rows = append(p.Rows, ReviewLine{
			Workspace: r.Workspace, Name: r.Name, Entry: r.Entry, Key: frame.NewKey(), Member: r.Member,
			Field: words.FieldLabel(r.Field), Reason: reasonText(r.Reason), At: unit.InstantText(r.At, time.UTC),
		})
	}
	p.Page.Title, p.Page.Nav = "Bad data to review", "reviews"
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
	r, err := v.App.Captures.Decide(v.Context(), s, v.PathValue("entry"), accept, s.Request(v.Once()))
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
	of, err := v.App.Screens.Server(v.Context())
	if err != nil {
		return err
	}
	p.Sources = sourceLines(v.App.Sources.List(), of.Sources)
	for _, kind := range []string{"email", "domain", "person", "phone"} {
		p.Suppressed = append(p.Suppressed, SuppressedCount{kind, int(of.Suppressed[kind])})
	}
	p.Page.Title, p.Page.Nav = "Sources and suppressions", "sources"
	return v.Show(status, ServerFacts(p))
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
	remove, once := v.PostFormValue("do") == "remove", v.Once()
	done, err := v.App.Directory.ChangeList(v.Context(), once.Key, once.Print, s, remove)
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
	case remove && !done:
		return v.To("/operator/server", "danger", "Nothing was changed: that is not on the list.")
	case remove:
		return v.To("/operator/server", "success", "Taken off the list. What was erased stays erased.")
	}
	if !done {
		return v.To("/operator/server", "warning", "On the list: it is never looked up or charged for again. A part of the database cannot be reached. Until it is back, lead sheets may count it, or show a number that several people have.")
	}
	return v.To("/operator/server", "success", "On the list. It is never looked up, shown, charged for or exported again.")
}
