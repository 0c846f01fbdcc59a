package team

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

func (v *visit) teamPage() error {
	p, err := v.team(nil)
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Team(p))
}

// team is the team page; typed is a form that was refused, shown as it was typed.
func (v *visit) team(typed map[string]string) (p TeamPage, err error) {
	t, err := v.App.Screens.Team(v.Context(), v.Scope)
	if err != nil {
		return p, err
	}
	p = TeamPage{Page: v.Page, Mail: v.App.Mail.On(), Edit: t.Edit, Key: frame.NewKey(), Types: t.Types, Seats: words.Plural(len(t.Members), "member", "members") + ", " + words.Plural(t.Seats, "seat", "seats")}
	for _, c := range t.List {
		p.Free = append(p.Free, FreeAmount{Type: c.Credit, Allowance: c.Allowance, Assigned: c.Assigned, Free: c.Free, Unspent: c.Pool, Over: c.Overassigned})
	}
	for _, m := range t.Members {
		one := v.teamMember(m, p.Edit, typed)
		p.Limit = p.Limit || slices.ContainsFunc(one.Allocations, func(a MemberAllocation) bool { return a.May != "" })
		p.Members = append(p.Members, one)
	}
	p.Groups = groupLines(t)
	if p.Edit {
		p.NewGroup, p.Requests = formOf(screen.Group{}, t), v.requestLines(t.Requests)
	}
	p.Bulk = BulkEdit{Types: creditOptions(t.Types), Credit: typed["bulk.credit"], Mode: typed["bulk.mode"], Amount: typed["bulk.amount"]}
	p.Add = AddMember{Key: frame.NewKey(), Roles: roles(account.Regular)}
	p.Page.Title, p.Page.Nav = "Team", "team"
	return p, nil
}

func roles(chosen string) []frame.Option {
	var list []frame.Option
	for _, r := range []string{account.Regular, account.Manager, account.Admin} {
		list = append(list, frame.Option{Value: r, Label: words.Capital(r), Selected: r == chosen})
	}
	return list
}

func (v *visit) teamMember(m screen.Member, edit bool, typed map[string]string) TeamMember {
	t := TeamMember{ID: m.ID, Name: m.Name, Email: m.Email, You: m.You, Role: m.Role, Chosen: typed["chosen."+m.ID] != ""}
	if edit {
		t.LinkKey = frame.NewKey()
		if !t.You {
			t.Roles, t.RemoveKey = roles(m.Role), frame.NewKey()
			if role := typed["role."+m.ID]; role != "" {
				t.Roles = roles(role)
			}
		}
	}
	for _, of := range m.Limits {
		one := MemberAllocation{Type: of.Credit, Mode: of.Mode, Used: of.Used, Available: of.Available, May: of.May}
		if of.Mode != unit.FromPool {
			one.Amount = of.Amount.String()
		}
		if mode, ok := typed["mode."+m.ID+"."+of.Credit]; ok {
			one.Mode, one.Amount = mode, typed["amount."+m.ID+"."+of.Credit]
			one.Error = typed["error."+m.ID+"."+of.Credit]
		}
		t.Allocations = append(t.Allocations, one)
	}
	if m.Invited != nil {
		v.invited(&t, m.Invited)
	}
	return t
}

// invited turns a member's row into that of somebody who has not come yet.
func (v *visit) invited(t *TeamMember, i *screen.Invitation) {
	t.Invited = v.Day(i.Sent) + ", good until " + v.Day(i.Until)
	if i.Over {
		t.Invited = v.Day(i.Sent) + ", too old now"
	}
	if t.RemoveKey != "" {
		t.InviteKey, t.WithdrawKey, t.LinkKey, t.RemoveKey = frame.NewKey(), frame.NewKey(), "", ""
	}
}

// saveTeam writes the roles and allocations that changed. What lowers an
// assignment goes before what raises one, so that credits can be moved from one
// member to another in one save.
func (v *visit) saveTeam() error {
	t, err := v.App.Screens.Team(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	changes, problems := v.allocationChanges(t.Members)
	if len(problems) > 0 {
		return v.refuseTeam("Nothing was saved: an amount is not a number of credits.", problems)
	}
	saved := "Nothing was saved."
	for _, raising := range []bool{false, true} {
		for _, c := range changes {
			if c.raises != raising {
				continue
			}
			err := v.App.Accounts.Allocate(v.Context(), v.Scope, c.member, map[string]unit.Allocation{c.credit: c.set})
			text, refused := frame.RefusalText(err)
			if fault.Is(err, fault.Conflict) && !refused {
				text, refused = frame.ErrorText(err), true
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
	if err := v.saveRoles(t.Members); err != nil {
		return err
	}
	return v.To("/team", "success", "Saved. The new amounts count at once.")
}

func (v *visit) saveRoles(members []screen.Member) error {
	for _, m := range members {
		role := v.PostFormValue("role." + m.ID)
		if role == "" || role == m.Role || m.ID == v.Who.Member {
			continue
		}
		if err := v.Scope.May(account.ManageTeam); err != nil {
			return err
		}
		if _, err := v.App.Accounts.ChangeMember(v.Context(), v.Scope, m.ID, nil, &role, nil); err != nil {
			return err
		}
	}
	return nil
}

// allocationChange is one cell of the table that was changed.
type allocationChange struct {
	member, name, credit string
	set                  unit.Allocation
	raises               bool
}

func (v *visit) allocationChanges(members []screen.Member) (changes []allocationChange, problems map[string]string) {
	problems = map[string]string{}
	for _, m := range members {
		for _, of := range m.Limits {
			mode, typed := v.PostFormValue("mode."+m.ID+"."+of.Credit), strings.TrimSpace(v.PostFormValue("amount."+m.ID+"."+of.Credit))
			if mode == "" {
				continue
			}
			c := allocationChange{member: m.ID, name: m.Name, credit: of.Credit, set: unit.Allocation{Mode: mode}}
			if mode != unit.FromPool {
				amount, err := unit.ParseAmount(typed)
				if err != nil || amount < 0 {
					problems["error."+m.ID+"."+of.Credit] = "Must be a number of credits; 0 is none."
					continue
				}
				c.set.Amount = amount
			}
			if c.set.Mode == of.Mode && c.set.Amount == of.Amount {
				continue
			}
			c.raises = mode == unit.Assigned && (of.Mode != unit.Assigned || c.set.Amount > of.Amount)
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
	return v.Show(http.StatusUnprocessableEntity, Team(p))
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

func (v *visit) addMember() error {
	n := account.NewMember{Email: v.PostFormValue("email"), Name: v.PostFormValue("name"), Role: v.PostFormValue("role")}
	path, err := v.App.SignIn.AddMember(v.Context(), v.Scope, v.Once(), n)
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
				p.Add.EmailError = words.Capital(wrong.Message) + "."
			case "name":
				p.Add.NameError = words.Capital(wrong.Message) + "."
			}
		}
		if f.Kind == fault.Conflict {
			p.Add.EmailError = f.Message
		}
		return v.Show(http.StatusUnprocessableEntity, Team(p))
	}
	if err != nil {
		return err
	}
	if v.App.Mail.On() {
		return v.To("/team", "success", n.Name+" is invited by mail.")
	}
	if path == "" { // the form came twice: the link was shown once
		return v.To("/team", "success", n.Name+" is a member now. Make an invitation link for them.")
	}
	return v.showInvitation(n.Name, path)
}

func (v *visit) removeMember() error {
	err := v.App.Accounts.RemoveMember(v.Context(), v.Scope, v.PathValue("member"))
	if fault.Is(err, fault.Conflict) {
		return v.To("/team", "danger", "This is the last admin; make somebody else an admin first.")
	}
	if err != nil {
		return err
	}
	return v.To("/team", "success", "Removed. What was assigned is back in the pool, what was used stays in the totals.")
}

func (v *visit) signInLink() error {
	p, err := v.team(nil)
	if err != nil {
		return err
	}
	code, m, err := v.App.Accounts.CreateLink(v.Context(), v.Scope, v.PathValue("member"))
	if err != nil {
		return err
	}
	p.Link = v.CodeLink(code, m.Name)
	return v.Show(http.StatusOK, Team(p))
}
