package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

func (a *App) settingsPage(v *visit) error {
	p, err := v.settings()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, Settings(p))
}

func (v *visit) settings() (p SettingsPage, err error) {
	view, err := v.look()
	if err != nil {
		return p, err
	}
	zone := view.Current.Zone()
	p = SettingsPage{
		Page: v.page,
		Workspace: WorkspaceFacts{
			Name: v.scope.Workspace.Name, Plan: capital(view.Current.Plan.Name), Seats: view.Current.Seats, Period: periodText(view.Current.Period, zone),
			Refill: capital(refillText(view.Refill(), view, longTime)), Zone: zone.String(), Status: status(view), Changes: waiting(view),
		},
	}
	if v.who.Member != "" { // not the operator, who looks
		if err := v.ownSettings(&p, view); err != nil {
			return p, err
		}
	}
	for _, c := range view.Credits {
		parts, err := v.parts(view, c)
		if err != nil {
			return p, err
		}
		for _, part := range parts {
			p.Workspace.Parts = append(p.Workspace.Parts, PlanPart{Type: c.Credit, Kind: part.Kind, Amount: part.Amount, Label: part.Label, Note: part.Note})
		}
	}
	if v.scope.Manages() {
		p.Policy = v.policy(view)
		if p.Keys, err = v.keyList(view); err != nil {
			return p, err
		}
	}
	p.Page.Title, p.Page.Nav = "Settings", "settings"
	return p, nil
}

// ownSettings are the visitor's own.
func (v *visit) ownSettings(p *SettingsPage, view *credits.View) error {
	m, err := v.app.Accounts.Member(v.Context(), v.scope, v.who.Member)
	if err != nil {
		return err
	}
	p.Appearance = &Appearance{Key: newKey(), Theme: v.page.Theme}
	p.Own = OwnUnlock{Key: newKey(), On: m.AutoUnlock, Managed: v.scope.Workspace.AutoUnlock != account.AutoMember, AtMost: autoCost(view.Book)}
	if p.Own.Managed {
		p.Own.On = v.scope.Workspace.AutoUnlock == account.AutoOn
	}
	if p.SignIn, err = v.signInFacts(); err != nil {
		return err
	}
	p.Extensions, err = v.extensions(view)
	return err
}

func status(view *credits.View) string {
	if view.Current.Cancelled {
		return "cancelled"
	}
	return "active"
}

func (v *visit) policy(view *credits.View) *UnlockPolicy {
	set := account.SettingsOf(v.scope.Workspace)
	p := &UnlockPolicy{Key: newKey(), Mode: set.AutoUnlock, AtMost: autoCost(view.Book), CapType: view.Book.Credits[len(view.Book.Credits)-1],
		Visible: UsageVisibility{Key: newKey(), Everyone: set.UsageVisibleTo == account.VisibleToEveryone}}
	if set.DailyCap != nil {
		p.DailyCap = set.DailyCap.String()
	}
	for _, c := range p.AtMost {
		if c.Amount > 0 {
			p.CapType = c.Type
		}
	}
	return p
}

func (v *visit) keyList(view *credits.View) (*KeyList, error) {
	k := &KeyList{Key: newKey()}
	keys, err := v.app.Accounts.Keys(v.Context(), v.scope, "", 500)
	if err != nil {
		return nil, err
	}
	names, err := v.app.Accounts.MemberNames(v.Context(), v.scope)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Backward(keys) {
		one := APIKey{ID: key.ID, Name: key.Name, Role: key.Role, Hint: "lm_…" + key.Last4, RevokeKey: newKey()}
		switch {
		case key.Member != "":
			one.Role = "acts as " + nameOr(names, key.Member)
		case key.Owner == account.Operator:
			one.Role = "service key of the operator"
		case key.Service:
			one.Role = "service key of " + nameOr(names, key.Owner)
		default:
			one.Role = "admin, while " + nameOr(names, key.Owner) + " is"
		}
		if key.ReadOnly {
			one.Role += ", read only"
		}
		one.Created = longTime(microTime(key.CreatedAt), view)
		k.Keys = append(k.Keys, one)
	}
	k.Roles = []Option{
		{keyOfService, "Service: passes on to another admin when I go", true}, {account.Admin, "Admin: ends when I am an admin no longer", false},
		{account.Regular, "Member: acts as me", false}, {keyToRead, "Read only: ends with me", false},
	}
	return k, nil
}

func (a *App) savePolicy(v *visit) error {
	set := account.Settings{AutoUnlock: v.PostFormValue("auto_unlock")}
	if typed := strings.TrimSpace(v.PostFormValue("daily_cap")); typed != "" {
		amount, err := credits.ParseAmount(typed)
		if err != nil || amount < 0 {
			p, err := v.settings()
			if err != nil {
				return err
			}
			p.Policy.Mode, p.Policy.DailyCap, p.Policy.CapError = set.AutoUnlock, typed, "Must be a number of credits, or empty for no cap."
			return v.show(http.StatusUnprocessableEntity, Settings(p))
		}
		set.DailyCap = &amount
	}
	if err := a.Accounts.SetSettings(v.Context(), v.scope, set); err != nil {
		return err
	}
	return v.to("/settings", "success", "The policy counts from the next capture on.")
}

// saveVisibility says who sees the team's usage (rule S5).
func (a *App) saveVisibility(v *visit) error {
	set := account.SettingsOf(v.scope.Workspace)
	if set.UsageVisibleTo = v.PostFormValue("usage_visible_to"); set.UsageVisibleTo == "" {
		return fault.Wrong("usage_visible_to", "must be everyone or managers")
	}
	if err := a.Accounts.SetSettings(v.Context(), v.scope, set); err != nil {
		return err
	}
	return v.to("/settings", "success", "Saved. It counts at once.")
}

func (a *App) saveOwn(v *visit) error {
	if v.scope.Workspace.AutoUnlock != account.AutoMember {
		return fault.New(fault.NotAllowed, "The workspace's policy decides; your admin manages it.")
	}
	on := v.PostFormValue("auto_unlock") == "on"
	if _, err := a.Accounts.ChangeMember(v.Context(), v.scope, v.who.Member, nil, nil, &on); err != nil {
		return err
	}
	return v.to("/settings", "success", "Saved.")
}

func (a *App) saveTheme(v *visit) error {
	theme := v.PostFormValue("theme")
	if theme != "light" && theme != "dark" {
		theme = ""
	}
	a.sessions.Put(v.Context(), "theme", theme)
	return v.to("/settings", "success", "Saved.")
}

// Kinds of keys in the form, beside the roles.
const (
	keyOfService = "service"
	keyToRead    = "read"
)

func (a *App) createKey(v *visit) error {
	n := account.NewKey{Name: strings.TrimSpace(v.PostFormValue("name")), Role: account.Admin}
	switch v.PostFormValue("role") {
	case account.Regular:
		n.Role, n.Member = account.Regular, v.who.Member
	case keyToRead:
		n.ReadOnly = true
	case keyOfService:
		n.Service = true
	}
	if n.Name == "" || len(n.Name) > 200 {
		p, err := v.settings()
		if err != nil {
			return err
		}
		p.Keys.Error = "Must have 1 to 200 characters."
		return v.show(http.StatusUnprocessableEntity, Settings(p))
	}
	var secret string
	replayed, err := v.makeOnce(v.scope.Workspace.ID, func(tx *store.Tx) (id string, err error) {
		key, made, err := a.Accounts.CreateKey(tx, v.scope, n)
		secret = made
		return key.ID, err
	})
	if err != nil {
		return err
	}
	if replayed != "" {
		return v.to("/settings", "warning", "This key was made already, and was shown then. Revoke it if it was not copied.")
	}
	p, err := v.settings()
	if err != nil {
		return err
	}
	p.Keys.New = &NewKey{Name: n.Name, Secret: secret}
	return v.show(http.StatusOK, Settings(p))
}

func (a *App) revokeKey(v *visit) error {
	if err := a.Accounts.RevokeKey(v.Context(), v.scope, v.PathValue("key")); err != nil {
		return err
	}
	return v.to("/settings", "success", "Revoked. Whatever used it stopped working.")
}
