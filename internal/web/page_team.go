package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// maxTeam bounds the members on the team page.
const maxTeam = 500

func (a *App) teamPage(v *visit) error {
	p, err := v.team(nil)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, Team(p))
}

// team is the team page; typed is a form that was refused, shown as it was typed.
func (v *visit) team(typed map[string]string) (p TeamPage, err error) {
	members, err := v.app.Accounts.Members(v.Context(), v.scope, "", maxTeam)
	if err != nil {
		return p, err
	}
	sight, err := v.app.Accounts.Visible(v.Context(), v.scope)
	if err != nil {
		return p, err
	}
	view, err := v.look(seen(members, sight)...)
	if err != nil {
		return p, err
	}
	groups, err := v.app.Accounts.Groups(v.Context(), v.scope)
	if err != nil {
		return p, err
	}
	invited, err := v.app.Gate.Invitations(v.Context(), v.scope)
	if err != nil {
		return p, err
	}
	p = TeamPage{Page: v.page, Mail: v.app.Mail.On(), Edit: v.who.Can(account.ManageTeam), Key: newKey(), Types: view.Book.Credits, Seats: plural(len(members), "member", "members") + ", " + plural(view.Current.Seats, "seat", "seats")}
	for _, c := range view.Credits {
		p.Free = append(p.Free, FreeAmount{Type: c.Credit, Allowance: c.Allowance, Assigned: c.Assigned, Free: c.Free, Over: !c.Allowance.Unlimited && c.Assigned > c.Allowance.Amount})
	}
	for _, m := range members {
		one := v.teamMember(m, view, p.Edit, typed)
		v.allowed(&one, groups)
		if i, waits := invited[m.ID]; waits {
			v.invited(&one, i, view)
		}
		p.Limit = p.Limit || slices.ContainsFunc(one.Allocations, func(a MemberAllocation) bool { return a.May != "" })
		p.Members = append(p.Members, one)
	}
	p.Groups = v.groupLines(groups, members, view, sight, p.Edit)
	if p.Edit {
		p.NewGroup = v.newGroup(members, view)
		if p.Requests, err = v.openRequests(); err != nil {
			return p, err
		}
	}
	p.Bulk = BulkEdit{Types: creditOptions(view), Credit: typed["bulk.credit"], Mode: typed["bulk.mode"], Amount: typed["bulk.amount"]}
	p.Add = AddMember{Key: newKey(), Roles: roles(account.Regular)}
	p.Page.Title, p.Page.Nav = "Team", "team"
	return p, nil
}

func roles(chosen string) []Option {
	var list []Option
	for _, r := range []string{account.Regular, account.Manager, account.Admin} {
		list = append(list, Option{r, capital(r), r == chosen})
	}
	return list
}

func (v *visit) teamMember(m store.Member, view *credits.View, edit bool, typed map[string]string) TeamMember {
	t := TeamMember{ID: m.ID, Name: m.Name, Email: m.Email, You: m.ID == v.who.Member, Role: m.Role, Chosen: typed["chosen."+m.ID] != ""}
	if edit {
		t.LinkKey = newKey()
		if !t.You {
			t.Roles, t.RemoveKey = roles(m.Role), newKey()
			if role := typed["role."+m.ID]; role != "" {
				t.Roles = roles(role)
			}
		}
	}
	for _, of := range view.Members[m.ID] {
		one := MemberAllocation{Type: of.Credit, Mode: of.Mode, Used: of.Used, Available: of.Available}
		if of.Mode != credits.FromPool {
			one.Amount = of.Amount.String()
		}
		if mode, ok := typed["mode."+m.ID+"."+of.Credit]; ok {
			one.Mode, one.Amount = mode, typed["amount."+m.ID+"."+of.Credit]
			one.Error = typed["error."+m.ID+"."+of.Credit]
		}
		t.Allocations = append(t.Allocations, one)
	}
	return t
}

// invited turns a member's row into that of somebody who has not come yet.
func (v *visit) invited(t *TeamMember, i store.Invitation, view *credits.View) {
	t.Invited = shortDay(microTime(i.SentAt), view) + ", good until " + shortDay(microTime(i.ExpiresAt), view)
	if i.ExpiresAt <= v.app.Accounts.Clock().UnixMicro() {
		t.Invited = shortDay(microTime(i.SentAt), view) + ", too old now"
	}
	if t.RemoveKey != "" {
		t.InviteKey, t.WithdrawKey, t.LinkKey, t.RemoveKey = newKey(), newKey(), "", ""
	}
}

// allowed marks what the visitor may set of a member (rule D8).
func (v *visit) allowed(t *TeamMember, groups []store.Group) {
	for n := range t.Allocations {
		of := &t.Allocations[n]
		switch group, may := account.Limits(v.scope, groups, t.ID, of.Type); {
		case !may:
		case group == nil:
			of.May = "all"
		case of.Mode != credits.Assigned:
			of.May = "limit"
		}
	}
}

// teamForm reads the table as it was typed.
func (v *visit) teamForm() (members []store.Member, view *credits.View, err error) {
	if members, err = v.app.Accounts.Members(v.Context(), v.scope, "", maxTeam); err != nil {
		return nil, nil, err
	}
	sight, err := v.app.Accounts.Visible(v.Context(), v.scope)
	if err != nil {
		return nil, nil, err
	}
	view, err = v.look(seen(members, sight)...)
	return members, view, err
}

// saveTeam writes the roles and allocations that changed. What lowers an
// assignment goes before what raises one, so that credits can be moved from one
// member to another in one save.
func (a *App) saveTeam(v *visit) error {
	members, view, err := v.teamForm()
	if err != nil {
		return err
	}
	changes, problems := v.allocationChanges(members, view)
	if len(problems) > 0 {
		return v.refuseTeam("Nothing was saved: an amount is not a number of credits.", problems)
	}
	saved := "Nothing was saved."
	for _, raising := range []bool{false, true} {
		for _, c := range changes {
			if c.raises != raising {
				continue
			}
			err := a.Accounts.Allocate(v.Context(), v.scope, credits.Request{Workspace: v.scope.Workspace.ID, At: v.scope.Now}, c.member, map[string]credits.Allocation{c.credit: c.set})
			text, refused := refusalText(err)
			if fault.Is(err, fault.Conflict) && !refused {
				text, refused = errorText(err), true
			}
			if refused {
				return v.refuseTeam(c.name+": "+text+" "+saved, map[string]string{"error." + c.member + "." + c.credit: text})
			}
			if err != nil {
				return err
			}
			saved = "The changes made before it were saved."
		}
	}
	if err := v.saveRoles(members); err != nil {
		return err
	}
	return v.to("/team", "success", "Saved. The new amounts count at once.")
}

func (v *visit) saveRoles(members []store.Member) error {
	for _, m := range members {
		role := v.PostFormValue("role." + m.ID)
		if role == "" || role == m.Role || m.ID == v.who.Member {
			continue
		}
		if err := v.scope.May(account.ManageTeam); err != nil {
			return err
		}
		if _, err := v.app.Accounts.ChangeMember(v.Context(), v.scope, m.ID, nil, &role, nil); err != nil {
			return err
		}
	}
	return nil
}

// allocationChange is one cell of the table that was changed.
type allocationChange struct {
	member, name, credit string
	set                  credits.Allocation
	raises               bool
}

func (v *visit) allocationChanges(members []store.Member, view *credits.View) (changes []allocationChange, problems map[string]string) {
	problems = map[string]string{}
	for _, m := range members {
		for _, of := range view.Members[m.ID] {
			mode, typed := v.PostFormValue("mode."+m.ID+"."+of.Credit), strings.TrimSpace(v.PostFormValue("amount."+m.ID+"."+of.Credit))
			if mode == "" {
				continue
			}
			c := allocationChange{member: m.ID, name: m.Name, credit: of.Credit, set: credits.Allocation{Mode: mode}}
			if mode != credits.FromPool {
				amount, err := credits.ParseAmount(typed)
				if err != nil || amount < 0 {
					problems["error."+m.ID+"."+of.Credit] = "Must be a number of credits; 0 is none."
					continue
				}
				c.set.Amount = amount
			}
			if c.set.Mode == of.Mode && c.set.Amount == of.Amount {
				continue
			}
			c.raises = mode == credits.Assigned && (of.Mode != credits.Assigned || c.set.Amount > of.Amount)
			changes = append(changes, c)
		}
	}
	return changes, problems
}

// refuseTeam shows the form again, as it was typed, with what is wrong.
func (v *visit) refuseTeam(text string, problems map[string]string) error {
	p, err := v.retyped(problems)
	if err != nil {
		return err
	}
	p.Error = text
	return v.show(http.StatusUnprocessableEntity, Team(p))
}

// retyped is the page with the form as it was typed; problems may say more.
func (v *visit) retyped(problems map[string]string) (TeamPage, error) {
	for name, values := range v.PostForm {
		if strings.HasPrefix(name, "mode.") || strings.HasPrefix(name, "amount.") || strings.HasPrefix(name, "role.") || strings.HasPrefix(name, "bulk.") {
			problems[name] = values[0]
		}
	}
	for _, id := range v.PostForm["chosen"] {
		problems["chosen."+id] = "on"
	}
	return v.team(problems)
}

func (a *App) addMember(v *visit) error {
	n := account.NewMember{Email: v.PostFormValue("email"), Name: v.PostFormValue("name"), Role: v.PostFormValue("role")}
	path := ""
	_, err := v.makeOnce(v.scope.Workspace.ID, func(tx *store.Tx) (id string, err error) {
		m, err := a.Accounts.AddMember(tx, v.scope, n)
		if err != nil {
			return "", err
		}
		path, err = a.Gate.Invite(tx, v.scope, m)
		return m.ID, err
	})
	var f *fault.Error
	if errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		p, err := v.team(nil)
		if err != nil {
			return err
		}
		p.Add.Email, p.Add.Name, p.Add.Roles = n.Email, n.Name, roles(n.Role)
		for _, wrong := range f.Fields {
			switch wrong.Field {
			case "email":
				p.Add.EmailError = capital(wrong.Message) + "."
			case "name":
				p.Add.NameError = capital(wrong.Message) + "."
			}
		}
		if f.Kind == fault.Conflict {
			p.Add.EmailError = f.Message
		}
		return v.show(http.StatusUnprocessableEntity, Team(p))
	}
	if err != nil {
		return err
	}
	if a.Mail.On() {
		return v.to("/team", "success", n.Name+" is invited by mail.")
	}
	if path == "" { // the form came twice: the link was shown once
		return v.to("/team", "success", n.Name+" is a member now. Make an invitation link for them.")
	}
	return v.showInvitation(n.Name, path)
}

func (a *App) removeMember(v *visit) error {
	err := a.Accounts.RemoveMember(v.Context(), v.scope, v.PathValue("member"))
	if fault.Is(err, fault.Conflict) {
		return v.to("/team", "danger", "This is the last admin; make somebody else an admin first.")
	}
	if err != nil {
		return err
	}
	return v.to("/team", "success", "Removed. What was assigned is back in the pool, what was used stays in the totals.")
}

func (a *App) signInLink(v *visit) error {
	p, err := v.team(nil)
	if err != nil {
		return err
	}
	code, m, err := a.Accounts.CreateLink(v.Context(), v.scope, v.PathValue("member"))
	if err != nil {
		return err
	}
	p.Link = v.link(code, m.Name)
	return v.show(http.StatusOK, Team(p))
}
