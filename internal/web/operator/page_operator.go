package operator

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/spending"
	"github.com/leadmeter/leadmeter/internal/words"
)

const workspacesPerPage = 50

func (v *visit) operatorPage() error {
	p, err := v.operatorDesk(CreateWorkspace{Seats: "1", Zone: "UTC", Anchor: "1"})
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Operator(p))
}

func (v *visit) operatorDesk(form CreateWorkspace) (p OperatorPage, err error) {
	book := v.App.Ledger.Books()["classic"]
	v.Page.Title, v.Page.Nav = "Operator’s desk", "operator"
	if v.Method == http.MethodGet {
		v.Page.Notices = v.Notices()
	}
	p = OperatorPage{Page: v.Page, Types: book.Credits, Create: form, Import: ImportForm{Key: frame.NewKey(), Limit: "CSV, vCard or NDJSON, at most 4 GiB; Excel, at most 32 MiB."}}
	p.Create.Key = frame.NewKey()
	if p.Create.Plans == nil {
		p.Create.Plans = plans(book, "starter")
	}
	if err := v.workspaceList(&p); err != nil {
		return p, err
	}
	p.Imports, err = v.imports()
	return p, err
}

func plans(book *credits.Book, chosen string) []frame.Option {
	var list []frame.Option
	for _, name := range book.PlanNames() {
		list = append(list, frame.Option{Value: name, Label: words.Capital(name), Selected: name == chosen})
	}
	return list
}

// createWorkspace makes a workspace with its first admin, whole or not at all.
func (v *visit) createWorkspace() error {
	form := CreateWorkspace{
		Name: strings.TrimSpace(v.PostFormValue("name")), Seats: v.PostFormValue("seats"), Zone: strings.TrimSpace(v.PostFormValue("time_zone")),
		Anchor: v.PostFormValue("anchor"), AdminEmail: v.PostFormValue("admin_email"), AdminName: v.PostFormValue("admin_name"), Errors: map[string]string{},
	}
	seats, err := strconv.Atoi(form.Seats)
	if err != nil {
		form.Errors["seats"] = "Must be a whole number."
	}
	anchor, err := strconv.Atoi(form.Anchor)
	if err != nil {
		form.Errors["anchor"] = "Must be a whole number."
	}
	n := account.NewWorkspace{Name: form.Name, Plan: v.PostFormValue("plan"), TimeZone: form.Zone, PriceBook: "classic", Seats: seats, Anchor: anchor}
	var made store.Workspace
	var admin store.Member
	if len(form.Errors) == 0 {
		var replayed string
		replayed, err = v.MakeOnce("", func(tx *store.Tx) (id string, err error) {
			if made, err = v.App.Accounts.CreateWorkspace(tx, n); err != nil {
				return "", err
			}
			s := &account.Scope{Principal: v.Who, Workspace: made, Now: v.App.Accounts.Clock().UTC()}
			if admin, err = v.App.Accounts.AddMember(tx, s, account.NewMember{Email: form.AdminEmail, Name: form.AdminName, Role: account.Admin}); err != nil {
				return "", err
			}
			if v.App.Mail.On() { // beside the link that is shown
				_, err = v.App.Gate.Invite(tx, s, admin)
			}
			return made.ID, err
		})
		if replayed != "" {
			return v.To("/operator/workspaces/"+url.PathEscape(replayed), "", "")
		}
	}
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		for _, wrong := range f.Fields {
			name := wrong.Field
			switch {
			case name == "email":
				name = "admin_email"
			case name == "name" && form.Name != "":
				name = "admin_name"
			}
			form.Errors[name] = words.Capital(wrong.Message) + "."
		}
	}
	if len(form.Errors) > 0 {
		form.Plans = plans(v.App.Ledger.Books()["classic"], n.Plan)
		p, err := v.operatorDesk(form)
		if err != nil {
			return err
		}
		return v.Show(http.StatusUnprocessableEntity, Operator(p))
	}
	if err != nil {
		return err
	}
	code, err := v.App.Accounts.CreateCode(v.Context(), made.ID, admin.ID)
	if err != nil {
		return err
	}
	return v.showWorkspace(http.StatusOK, made.ID, nil, v.CodeLink(code, admin.Name))
}

func (v *visit) operatorWorkspace() error {
	v.Page.Notices = v.Notices()
	return v.showWorkspace(http.StatusOK, v.PathValue("ws"), nil, nil)
}

// showWorkspace is one workspace on the operator's desk.
func (v *visit) showWorkspace(status int, id string, problems map[string]string, link *frame.SignInLink) error {
	s, err := v.App.Accounts.Enter(v.Context(), v.Who, id)
	if err != nil {
		return err
	}
	v.Scope = s
	view, err := v.Look()
	if err != nil {
		return err
	}
	p := OperatorWorkspacePage{
		Page: v.Page, ID: id, Name: s.Workspace.Name, Status: spending.WorkspaceStatus(view), Plan: words.Capital(view.Current.Plan.Name), Seats: strconv.Itoa(view.Current.Seats),
		Period: frame.PeriodText(view.Current.Period, view.Current.Zone()), Refills: frame.LongTime(view.Current.Period.End, view.Current.Zone()), Zone: view.Current.Zone().String(),
		Changes: frame.WaitingChanges(view), Plans: plans(view.Book, view.Current.Plan.Name), PlanKey: frame.NewKey(), GrantKey: frame.NewKey(), Errors: problems, Link: link,
	}
	for _, c := range view.Credits {
		one := spending.CreditUsageOf(view, c)
		if one.Parts, err = v.AllowanceParts(view, c); err != nil {
			return err
		}
		p.Credits = append(p.Credits, one)
		p.Types = append(p.Types, frame.Option{Value: c.Credit, Label: words.Capital(c.Credit), Selected: false})
	}
	if view.Current.CancelsAt.IsZero() {
		p.CancelKey = frame.NewKey()
	} else {
		p.ReviveKey, p.Revives = frame.NewKey(), revives(view.Current)
	}
	grants, err := v.App.Accounts.Grants(v.Context(), s, view.Current)
	if err != nil {
		return err
	}
	for _, g := range grants {
		line := spending.GrantLine{ID: g.ID, Type: g.Credit, Amount: unit.Amount(g.Amount), Kind: g.Kind, Note: g.Note, Since: frame.LongTime(frame.MicroTime(g.CreatedAt), view.Current.Zone())}
		if line.End(g, view); g.EndsAt == 0 {
			line.EndKey = frame.NewKey()
		}
		p.Grants = append(p.Grants, line)
	}
	if p.Cancel, err = spending.CancelPreviewOf(v.Visit, view); err != nil {
		return err
	}
	p.WatchKey = frame.NewKey()
	p.Page.Title, p.Page.Nav = p.Name, "operator"
	return v.Show(status, OperatorWorkspace(p))
}

// revives says what a reactivation does: credits.Reactivate decides it by the same fact.
func revives(c credits.Current) string {
	if c.Cancelled {
		return "Starts a fresh period with the plan’s allowance. Credits and add-ons from before do not come back."
	}
	return "Takes the cancellation back. The period that runs continues, with its credits and add-ons; another plan is a change of plan."
}

// deskCommand carries out a ledger command for a workspace and goes back to its page.
func (v *visit) deskCommand(make func(s *account.Scope) (credits.Command, map[string]string), done string) error {
	id := v.PathValue("ws")
	s, err := v.App.Accounts.Enter(v.Context(), v.Who, id)
	if err != nil {
		return err
	}
	command, problems := make(s)
	if len(problems) > 0 {
		return v.showWorkspace(http.StatusUnprocessableEntity, id, problems, nil)
	}
	_, err = v.App.Accounts.Steer(v.Context(), s, command)
	var r *credits.Refusal
	if errors.As(err, &r) {
		if r.Field != "" {
			return v.showWorkspace(http.StatusUnprocessableEntity, id, map[string]string{r.Field: words.Capital(r.Message) + "."}, nil)
		}
		return v.To("/operator/workspaces/"+url.PathEscape(id), "danger", r.Message)
	}
	if err != nil {
		return err
	}
	return v.To("/operator/workspaces/"+url.PathEscape(id), "success", done)
}

func (v *visit) changePlan() error {
	return v.deskCommand(func(s *account.Scope) (credits.Command, map[string]string) {
		seats, err := strconv.Atoi(v.PostFormValue("seats"))
		if err != nil || seats < 1 {
			return nil, map[string]string{"seats": "Must be a whole number, 1 or more."}
		}
		return &credits.ChangePlan{Request: v.LedgerRequest(s), Plan: v.PostFormValue("plan"), Seats: seats}, nil
	}, "Changed. More counts at once, less from the next period.")
}

func (v *visit) giveGrant() error {
	return v.deskCommand(func(s *account.Scope) (credits.Command, map[string]string) {
		amount, err := unit.ParseAmount(strings.TrimSpace(v.PostFormValue("amount")))
		if err != nil {
			return nil, map[string]string{"amount": words.Capital(err.Error()) + "."}
		}
		note := strings.TrimSpace(v.PostFormValue("note"))
		if len(note) > 500 {
			return nil, map[string]string{"note": "Must have at most 500 characters."}
		}
		return &credits.GiveGrant{Request: v.LedgerRequest(s), ID: frame.NewID("grant"), Credit: v.PostFormValue("credit"), Amount: amount, Kind: v.PostFormValue("kind"), Note: note}, nil
	}, "Given. The workspace can use it now.")
}

func (v *visit) endGrant() error {
	return v.deskCommand(func(s *account.Scope) (credits.Command, map[string]string) {
		return &credits.EndGrant{Request: v.LedgerRequest(s), ID: v.PathValue("grant")}, nil
	}, "Ended. The next period no longer includes it.")
}

func (v *visit) cancel() error {
	return v.deskCommand(func(s *account.Scope) (credits.Command, map[string]string) {
		at := v.PostFormValue("at")
		if at != "now" && at != "period_end" {
			return nil, map[string]string{"at": "Choose when the subscription ends."}
		}
		return &credits.Cancel{Request: v.LedgerRequest(s), Now: at == "now"}, nil
	}, "Cancelled.")
}

func (v *visit) reactivate() error {
	return v.deskCommand(func(s *account.Scope) (credits.Command, map[string]string) {
		return &credits.Reactivate{Request: v.LedgerRequest(s), Plan: v.PostFormValue("plan")}, nil
	}, "Active again.")
}
