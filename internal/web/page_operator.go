package web

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

const workspacesPerPage = 50

func (a *App) operatorPage(v *visit) error {
	p, err := v.operatorDesk(CreateWorkspace{Seats: "1", Zone: "UTC", Anchor: "1"})
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, Operator(p))
}

func (v *visit) operatorDesk(form CreateWorkspace) (p OperatorPage, err error) {
	book := v.app.Ledger.Books()["classic"]
	v.page.Title, v.page.Nav = "Operator’s desk", "operator"
	if v.Method == http.MethodGet {
		v.page.Notices = v.notices()
	}
	p = OperatorPage{Page: v.page, Types: book.Credits, Create: form, Import: ImportForm{Key: newKey(), Limit: "CSV, vCard or NDJSON, at most 4 GiB; Excel, at most 32 MiB."}}
	p.Create.Key = newKey()
	if p.Create.Plans == nil {
		p.Create.Plans = plans(book, "starter")
	}
	if err := v.workspaceList(&p); err != nil {
		return p, err
	}
	p.Imports, err = v.imports()
	return p, err
}

func plans(book *credits.Book, chosen string) []Option {
	var list []Option
	for _, name := range book.PlanNames() {
		list = append(list, Option{name, capital(name), name == chosen})
	}
	return list
}

// createWorkspace makes a workspace with its first admin, whole or not at all.
func (a *App) createWorkspace(v *visit) error {
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
		replayed, err = v.makeOnce("", func(tx *store.Tx) (id string, err error) {
			if made, err = a.Accounts.CreateWorkspace(tx, n); err != nil {
				return "", err
			}
			s := &account.Scope{Principal: v.who, Workspace: made, Now: a.Accounts.Clock().UTC()}
			if admin, err = a.Accounts.AddMember(tx, s, account.NewMember{Email: form.AdminEmail, Name: form.AdminName, Role: account.Admin}); err != nil {
				return "", err
			}
			if a.Mail.On() { // beside the link that is shown
				_, err = a.Gate.Invite(tx, s, admin)
			}
			return made.ID, err
		})
		if replayed != "" {
			return v.to("/operator/workspaces/"+url.PathEscape(replayed), "", "")
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
			form.Errors[name] = capital(wrong.Message) + "."
		}
	}
	if len(form.Errors) > 0 {
		form.Plans = plans(a.Ledger.Books()["classic"], n.Plan)
		p, err := v.operatorDesk(form)
		if err != nil {
			return err
		}
		return v.show(http.StatusUnprocessableEntity, Operator(p))
	}
	if err != nil {
		return err
	}
	code, err := a.Accounts.CreateCode(v.Context(), made.ID, admin.ID)
	if err != nil {
		return err
	}
	return v.showWorkspace(http.StatusOK, made.ID, nil, v.link(code, admin.Name))
}

func (a *App) operatorWorkspace(v *visit) error {
	v.page.Notices = v.notices()
	return v.showWorkspace(http.StatusOK, v.PathValue("ws"), nil, nil)
}

// showWorkspace is one workspace on the operator's desk.
func (v *visit) showWorkspace(status int, id string, problems map[string]string, link *SignInLink) error {
	s, err := v.app.Accounts.Enter(v.Context(), v.who, id)
	if err != nil {
		return err
	}
	v.scope = s
	view, err := v.look()
	if err != nil {
		return err
	}
	p := OperatorWorkspacePage{
		Page: v.page, ID: id, Name: s.Workspace.Name, Status: deskStatus(view), Plan: capital(view.Current.Plan.Name), Seats: strconv.Itoa(view.Current.Seats),
		Period: periodText(view.Current.Period, view.Current.Zone()), Refills: longTime(view.Current.Period.End, view), Zone: view.Current.Zone().String(),
		Changes: waiting(view), Plans: plans(view.Book, view.Current.Plan.Name), PlanKey: newKey(), GrantKey: newKey(), Errors: problems, Link: link,
	}
	for _, c := range view.Credits {
		one := creditUsage(view, c)
		if one.Parts, err = v.parts(view, c); err != nil {
			return err
		}
		p.Credits = append(p.Credits, one)
		p.Types = append(p.Types, Option{c.Credit, capital(c.Credit), false})
	}
	if view.Current.CancelsAt.IsZero() {
		p.CancelKey = newKey()
	} else {
		p.ReviveKey = newKey()
	}
	grants, err := v.app.Accounts.Grants(v.Context(), s)
	if err != nil {
		return err
	}
	for _, g := range grants {
		line := GrantLine{ID: g.ID, Type: g.Credit, Amount: credits.Amount(g.Amount), Kind: g.Kind, Note: g.Note, Since: longTime(microTime(g.CreatedAt), view)}
		if g.EndsAt != 0 {
			line.Until = longTime(microTime(g.EndsAt), view)
		} else {
			line.EndKey = newKey()
		}
		p.Grants = append(p.Grants, line)
	}
	if p.Cancel, err = v.cancelPreview(view); err != nil {
		return err
	}
	p.WatchKey = newKey()
	p.Page.Title, p.Page.Nav = p.Name, "operator"
	return v.show(status, OperatorWorkspace(p))
}

// deskCommand carries out a ledger command for a workspace and goes back to its page.
func (v *visit) deskCommand(make func(s *account.Scope) (credits.Command, map[string]string), done string) error {
	id := v.PathValue("ws")
	s, err := v.app.Accounts.Enter(v.Context(), v.who, id)
	if err != nil {
		return err
	}
	command, problems := make(s)
	if len(problems) > 0 {
		return v.showWorkspace(http.StatusUnprocessableEntity, id, problems, nil)
	}
	_, err = v.app.Accounts.Steer(v.Context(), s, command)
	var r *credits.Refusal
	if errors.As(err, &r) {
		if r.Field != "" {
			return v.showWorkspace(http.StatusUnprocessableEntity, id, map[string]string{r.Field: capital(r.Message) + "."}, nil)
		}
		return v.to("/operator/workspaces/"+url.PathEscape(id), "danger", r.Message)
	}
	if err != nil {
		return err
	}
	return v.to("/operator/workspaces/"+url.PathEscape(id), "success", done)
}

func (a *App) changePlan(v *visit) error {
	return v.deskCommand(func(s *account.Scope) (credits.Command, map[string]string) {
		seats, err := strconv.Atoi(v.PostFormValue("seats"))
		if err != nil || seats < 1 {
			return nil, map[string]string{"seats": "Must be a whole number, 1 or more."}
		}
		return &credits.ChangePlan{Request: v.request(s), Plan: v.PostFormValue("plan"), Seats: seats}, nil
	}, "Changed. More counts at once, less from the next period.")
}

func (a *App) giveGrant(v *visit) error {
	return v.deskCommand(func(s *account.Scope) (credits.Command, map[string]string) {
		amount, err := credits.ParseAmount(strings.TrimSpace(v.PostFormValue("amount")))
		if err != nil {
			return nil, map[string]string{"amount": capital(err.Error()) + "."}
		}
		note := strings.TrimSpace(v.PostFormValue("note"))
		if len(note) > 500 {
			return nil, map[string]string{"note": "Must have at most 500 characters."}
		}
		return &credits.GiveGrant{Request: v.request(s), ID: newID("grant"), Credit: v.PostFormValue("credit"), Amount: amount, Kind: v.PostFormValue("kind"), Note: note}, nil
	}, "Given. The workspace can use it now.")
}

func (a *App) endGrant(v *visit) error {
	return v.deskCommand(func(s *account.Scope) (credits.Command, map[string]string) {
		return &credits.EndGrant{Request: v.request(s), ID: v.PathValue("grant")}, nil
	}, "Ended. The next period has it no more.")
}

func (a *App) cancel(v *visit) error {
	return v.deskCommand(func(s *account.Scope) (credits.Command, map[string]string) {
		at := v.PostFormValue("at")
		if at != "now" && at != "period_end" {
			return nil, map[string]string{"at": "Choose when the subscription ends."}
		}
		return &credits.Cancel{Request: v.request(s), Now: at == "now"}, nil
	}, "Cancelled.")
}

func (a *App) reactivate(v *visit) error {
	return v.deskCommand(func(s *account.Scope) (credits.Command, map[string]string) {
		return &credits.Reactivate{Request: v.request(s), Plan: v.PostFormValue("plan")}, nil
	}, "Active again.")
}
