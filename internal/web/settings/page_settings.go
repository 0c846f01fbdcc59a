package settings

import (
	"net/http"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

func (v *visit) settingsPage() error {
	p, err := v.settings()
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Settings(p))
}

func (v *visit) settings() (p SettingsPage, err error) {
	view, err := v.Look()
	if err != nil {
		return p, err
	}
	zone := view.Current.Zone()
	p = SettingsPage{
		Page: v.Page,
		Workspace: WorkspaceFacts{
			Name: v.Scope.Workspace.Name, Plan: words.Capital(view.Current.Plan.Name), Seats: view.Current.Seats, Period: frame.PeriodText(view.Current.Period, zone),
			Refill: words.Capital(frame.RefillText(view.Refill(), view, frame.LongTime)), Zone: zone.String(), Status: status(view), Changes: frame.WaitingChanges(view),
		},
	}
	if v.Who.Member != "" { // not the operator, who looks
		if err := v.ownSettings(&p, view); err != nil {
			return p, err
		}
	}
	for _, c := range view.Credits {
		parts, err := v.AllowanceParts(view, c)
		if err != nil {
			return p, err
		}
		for _, part := range parts {
			p.Workspace.Parts = append(p.Workspace.Parts, PlanPart{Type: c.Credit, Kind: part.Kind, Amount: part.Amount, Label: part.Label, Note: part.Note})
		}
	}
	if v.Scope.Manages() {
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
	m, err := v.App.Accounts.Member(v.Context(), v.Scope, v.Who.Member)
	if err != nil {
		return err
	}
	p.Appearance = &Appearance{Key: frame.NewKey(), Theme: v.Page.Theme}
	p.Own = OwnUnlock{Key: frame.NewKey(), On: m.AutoUnlock, Managed: v.Scope.Workspace.AutoUnlock != account.AutoMember, AtMost: frame.AutoCost(view.Book)}
	if p.Own.Managed {
		p.Own.On = v.Scope.Workspace.AutoUnlock == account.AutoOn
	}
	if p.SignIn, err = v.SignInFacts(); err != nil {
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
	set := account.SettingsOf(v.Scope.Workspace)
	p := &UnlockPolicy{Key: frame.NewKey(), Mode: set.AutoUnlock, AtMost: frame.AutoCost(view.Book), CapType: view.Book.Credits[len(view.Book.Credits)-1],
		Visible: UsageVisibility{Key: frame.NewKey(), Everyone: set.UsageVisibleTo == account.VisibleToEveryone}}
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
	k := &KeyList{Key: frame.NewKey()}
	keys, err := v.App.Accounts.Keys(v.Context(), v.Scope, "", 500)
	if err != nil {
		return nil, err
	}
	names, err := v.App.Accounts.MemberNames(v.Context(), v.Scope)
	if err != nil {
		return nil, err
	}
	for _, key := range slices.Backward(keys) {
		one := APIKey{ID: key.ID, Name: key.Name, Role: key.Role, Hint: "lm_…" + key.Last4, RevokeKey: frame.NewKey()}
		switch {
		case key.Member != "":
			one.Role = "acts as " + frame.NameOr(names, key.Member)
		case key.Owner == account.Operator:
			one.Role = "service key of the operator"
		case key.Service:
			one.Role = "service key of " + frame.NameOr(names, key.Owner)
		default:
			one.Role = "admin, while " + frame.NameOr(names, key.Owner) + " is"
		}
		if key.ReadOnly {
			one.Role += ", read only"
		}
		one.Created = frame.LongTime(frame.MicroTime(key.CreatedAt), view.Current.Zone())
		k.Keys = append(k.Keys, one)
	}
	k.Roles = []frame.Option{
		{Value: keyOfService, Label: "Service: passes on to another admin when I go", Selected: true}, {Value: account.Admin, Label: "Admin: ends when I am an admin no longer", Selected: false},
		{Value: account.Regular, Label: "Member: acts as me", Selected: false}, {Value: keyToRead, Label: "Read only: ends with me", Selected: false},
	}
	return k, nil
}

func (v *visit) savePolicy() error {
	set := account.Settings{AutoUnlock: v.PostFormValue("auto_unlock")}
	if typed := strings.TrimSpace(v.PostFormValue("daily_cap")); typed != "" {
		amount, err := unit.ParseAmount(typed)
		if err != nil || amount < 0 {
			p, err := v.settings()
			if err != nil {
				return err
			}
			p.Policy.Mode, p.Policy.DailyCap, p.Policy.CapError = set.AutoUnlock, typed, "Must be a number of credits, or empty for no cap."
			return v.Show(http.StatusUnprocessableEntity, Settings(p))
		}
		set.DailyCap = &amount
	}
	if err := v.App.Accounts.SetSettings(v.Context(), v.Scope, set); err != nil {
		return err
	}
	return v.To("/settings", "success", "The policy counts from the next capture on.")
}

// saveVisibility says who sees the team's usage (rule S5).
func (v *visit) saveVisibility() error {
	set := account.SettingsOf(v.Scope.Workspace)
	if set.UsageVisibleTo = v.PostFormValue("usage_visible_to"); set.UsageVisibleTo == "" {
		return fault.Wrong("usage_visible_to", "must be everyone or managers")
	}
	if err := v.App.Accounts.SetSettings(v.Context(), v.Scope, set); err != nil {
		return err
	}
	return v.To("/settings", "success", "Saved. It counts at once.")
}

func (v *visit) saveOwn() error {
	if v.Scope.Workspace.AutoUnlock != account.AutoMember {
		return fault.New(fault.NotAllowed, "The workspace's policy decides; your admin manages it.")
	}
	on := v.PostFormValue("auto_unlock") == "on"
	if _, err := v.App.Accounts.ChangeMember(v.Context(), v.Scope, v.Who.Member, nil, nil, &on); err != nil {
		return err
	}
	return v.To("/settings", "success", "Saved.")
}

func (v *visit) saveTheme() error {
	theme := v.PostFormValue("theme")
	if theme != "light" && theme != "dark" {
		theme = ""
	}
	v.App.Sessions.Put(v.Context(), "theme", theme)
	return v.To("/settings", "success", "Saved.")
}

// Kinds of keys in the form, beside the roles.
const (
	keyOfService = "service"
	keyToRead    = "read"
)

func (v *visit) createKey() error {
	n := account.NewKey{Name: strings.TrimSpace(v.PostFormValue("name")), Role: account.Admin}
	switch v.PostFormValue("role") {
	case account.Regular:
		n.Role, n.Member = account.Regular, v.Who.Member
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
		return v.Show(http.StatusUnprocessableEntity, Settings(p))
	}
	var secret string
	replayed, err := v.MakeOnce(v.Scope.Workspace.ID, func(tx *store.Tx) (id string, err error) {
		key, made, err := v.App.Accounts.CreateKey(tx, v.Scope, n)
		secret = made
		return key.ID, err
	})
	if err != nil {
		return err
	}
	if replayed != "" {
		return v.To("/settings", "warning", "This key was made already, and was shown then. Revoke it if it was not copied.")
	}
	p, err := v.settings()
	if err != nil {
		return err
	}
	p.Keys.New = &NewKey{Name: n.Name, Secret: secret}
	return v.Show(http.StatusOK, Settings(p))
}

func (v *visit) revokeKey() error {
	if err := v.App.Accounts.RevokeKey(v.Context(), v.Scope, v.PathValue("key")); err != nil {
		return err
	}
	return v.To("/settings", "success", "Revoked. Whatever used it stopped working.")
}
