package operator

import (
	"cmp"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/spending"
	"github.com/leadmeter/leadmeter/internal/words"
)

func (v *visit) operatorPage() error {
	left, err := v.App.Screens.SetUp(v.Context())
	if err != nil {
		return err
	}
	if left.New() && v.URL.RawQuery == "" {
		return v.To(setUp, "", "")
	}
	p, err := v.workspaceList(newWorkspace())
	if err != nil {
		return err
	}
	p.Left = left.Open()
	return v.Show(http.StatusOK, Operator(p))
}

func (v *visit) workspaceList(form CreateWorkspace) (p OperatorPage, err error) {
	search := strings.TrimSpace(v.URL.Query().Get("q"))
	of, err := v.App.Screens.Workspaces(v.Context(), search, v.URL.Query().Get("after"))
	if err != nil {
		return p, err
	}
	v.Page.Title, v.Page.Nav = "Workspaces", "operator"
	if v.Method == http.MethodGet {
		v.Page.Notices = v.Notices()
	}
	p = OperatorPage{Page: v.Page, Types: of.Types, Search: search, Create: form}
	p.Create.Key, p.Create.Plans = frame.NewKey(), offers(of.Offers, cmp.Or(form.Plan, "starter"))
	now := v.App.Accounts.Clock()
	for _, w := range of.Workspaces {
		p.Workspaces = append(p.Workspaces, workspaceLine(w, now))
	}
	if of.After != "" {
		p.Next = frame.WithQuery("/operator", url.Values{"after": {of.After}}, "q", search)
	}
	return p, nil
}

// plans are the plans of one price book, with what each gives.
func plans(of []screen.Offer, chosen string) (list []frame.Option) {
	for _, o := range of {
		list = append(list, frame.Option{Value: o.Plan, Label: words.Capital(o.Plan) + ": " + o.Gives, Selected: o.Plan == chosen})
	}
	return list
}

// offers are the plans of every price book; the usual book goes without its name.
func offers(of []screen.Offer, chosen string) (list []frame.Option) {
	for _, o := range of {
		label := words.Capital(o.Plan)
		if o.Value() != o.Plan {
			label += " (price book " + o.Book + ")"
		}
		list = append(list, frame.Option{Value: o.Value(), Label: label + ": " + o.Gives, Selected: o.Value() == chosen})
	}
	return list
}

// createWorkspace makes a workspace with its first admin, whole or not at all.
func (v *visit) createWorkspace() error {
	form := CreateWorkspace{
		Name: strings.TrimSpace(v.PostFormValue("name")), Seats: v.PostFormValue("seats"), Zone: strings.TrimSpace(v.PostFormValue("time_zone")),
		Plan: v.PostFormValue("plan"), Anchor: v.PostFormValue("anchor"), AdminEmail: v.PostFormValue("admin_email"), AdminName: v.PostFormValue("admin_name"), Errors: map[string]string{},
	}
	seats, err := strconv.Atoi(form.Seats)
	if err != nil {
		form.Errors["seats"] = "Must be a whole number."
	}
	anchor, err := strconv.Atoi(form.Anchor)
	if err != nil {
		form.Errors["anchor"] = "Must be a whole number."
	}
	offer := screen.OfferOf(form.Plan)
	n := account.NewWorkspace{Name: form.Name, Plan: offer.Plan, PriceBook: offer.Book, TimeZone: form.Zone, Seats: seats, Anchor: anchor}
	if len(form.Errors) > 0 {
		return v.refuseWorkspace(form)
	}
	made, admin, before, err := v.App.SignIn.Found(v.Context(), v.Who, v.Once(), n, account.NewMember{Email: form.AdminEmail, Name: form.AdminName, Role: account.Admin})
	if before != "" {
		return v.To("/operator/workspaces/"+url.PathEscape(before), "", "")
	}
	if err == nil && v.PostFormValue("from") == "set-up" {
		return v.To(setUp, "success", made.Name+" was created, and "+admin.Name+" is its admin.")
	}
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		for _, wrong := range f.Fields {
			name := wrong.Field
			switch {
			case name == "email":
				name = "admin_email"
			case name == "price_book":
				name = "plan"
			case name == "name" && form.Name != "":
				name = "admin_name"
			}
			form.Errors[name] = words.Capital(wrong.Message) + "."
		}
	}
	if len(form.Errors) > 0 {
		return v.refuseWorkspace(form)
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

// refuseWorkspace shows the form again, where it was sent from, with what is wrong with it.
func (v *visit) refuseWorkspace(form CreateWorkspace) error {
	if v.PostFormValue("from") == "set-up" {
		return v.showSetUp(http.StatusUnprocessableEntity, form)
	}
	p, err := v.workspaceList(form)
	if err != nil {
		return err
	}
	return v.Show(http.StatusUnprocessableEntity, Operator(p))
}

func (v *visit) operatorWorkspace() error {
	v.Page.Notices = v.Notices()
	return v.showWorkspace(http.StatusOK, v.PathValue("ws"), nil, nil)
}

// showWorkspace is one workspace on the operator's pages.
func (v *visit) showWorkspace(status int, id string, problems map[string]string, link *frame.SignInLink) error {
	s, err := v.App.Accounts.Enter(v.Context(), v.Who, id)
	if err != nil {
		return err
	}
	of, err := v.App.Screens.Subscription(v.Context(), s)
	if err != nil {
		return err
	}
	p := OperatorWorkspacePage{
		Page: v.Page, ID: id, Name: of.Name, Status: of.Status, Plan: words.Capital(of.Credits.Plan), Seats: strconv.Itoa(of.Seats),
		Period: words.PeriodText(of.Period, of.Zone), Zone: of.Zone.String(),
		Changes: frame.WaitingChanges(of.Credits), Credits: spending.CreditsUsed(of.Credits, s.Now), Plans: plans(of.Plans, of.Credits.Plan), PlanKey: frame.NewKey(),
		GrantKey: frame.NewKey(), Grants: spending.GrantLines(of.Plan), WatchKey: frame.NewKey(), Errors: problems, Link: link,
	}
	for _, c := range of.Types {
		p.Types = append(p.Types, frame.Option{Value: c, Label: words.Capital(c), Selected: false})
	}
	if of.Status == screen.Active {
		p.Cancel = workspacePath(id) + "/cancel"
	} else {
		p.ReviveKey, p.Revives = frame.NewKey(), revives(of.Status)
	}
	for n := range p.Grants {
		if p.Grants[n].Until == "" {
			p.Grants[n].EndKey = frame.NewKey()
		}
	}
	for _, r := range of.Asked {
		if r.Status == account.RequestOpen {
			p.Asked = append(p.Asked, spending.AskedLine{Type: r.Type, Amount: r.Amount, Often: spending.Often(r.Kind)})
		}
	}
	p.Page.Title, p.Page.Nav = p.Name, "operator"
	return v.Show(status, OperatorWorkspace(p))
}

// revives says what a reactivation does: credits.Reactivate decides it by the same fact.
func revives(status string) string {
	if status == screen.Cancelled {
		return "Starts a fresh period with the plan’s allowance. Credits and add-ons from before do not come back."
	}
	return "Takes the cancellation back. The period that runs continues, with its credits and add-ons; another plan is a change of plan."
}

// order carries out an order for a workspace and goes back to its page; problems are what is
// wrong with the form, by field name.
func (v *visit) order(o account.Order, problems map[string]string, done string) error {
	id := v.PathValue("ws")
	if len(problems) > 0 {
		return v.showWorkspace(http.StatusUnprocessableEntity, id, problems, nil)
	}
	s, err := v.App.Accounts.Enter(v.Context(), v.Who, id)
	if err != nil {
		return err
	}
	err = v.App.Accounts.Order(v.Context(), s, v.Once(), o)
	switch text, field, refused := account.Refused(err); {
	case refused && field != "":
		return v.showWorkspace(http.StatusUnprocessableEntity, id, map[string]string{field: words.Capital(text) + "."}, nil)
	case refused:
		return v.To(workspacePath(id), "danger", text)
	case err != nil:
		return err
	}
	return v.To(workspacePath(id), "success", done)
}

func (v *visit) changePlan() error {
	problems := map[string]string{}
	seats, err := strconv.Atoi(v.PostFormValue("seats"))
	if err != nil || seats < 1 {
		problems["seats"] = "Must be a whole number, 1 or more."
	}
	return v.order(account.PlanOrder(v.PostFormValue("plan"), seats), problems, "Changed. More counts at once, less from the next period.")
}

func (v *visit) giveGrant() error {
	problems := map[string]string{}
	amount, err := unit.ParseAmount(strings.TrimSpace(v.PostFormValue("amount")))
	note := strings.TrimSpace(v.PostFormValue("note"))
	switch {
	case err != nil:
		problems["amount"] = words.Capital(err.Error()) + "."
	case len(note) > 500:
		problems["note"] = "Must have at most 500 characters."
	}
	return v.order(account.GrantOrder(v.PostFormValue("credit"), amount, v.PostFormValue("kind"), note), problems, "Given. The workspace can use it now.")
}

func (v *visit) endGrant() error {
	return v.order(account.EndGrantOrder(v.PathValue("grant")), nil, "Ended. The next period no longer includes it.")
}

func (v *visit) reactivate() error {
	return v.order(account.ReactivateOrder(v.PostFormValue("plan")), nil, "Active again.")
}
