package settings

import (
	"net/http"
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
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
	of, err := v.App.Screens.Settings(v.Context(), v.Scope)
	if err != nil {
		return p, err
	}
	p = SettingsPage{
		Page: v.Page,
		Workspace: WorkspaceFacts{
			Name: of.Name, Plan: words.Capital(of.Plan), Seats: of.Seats, Period: words.PeriodText(of.Period, v.Zone),
			Refill: words.Capital(frame.RefillText(of.Told(of.Refill), v.Time)), Zone: v.Zone.String(), Status: "active", Changes: frame.WaitingChanges(of.Credits),
		},
	}
	if of.Status == screen.Cancelled {
		p.Workspace.Status = "cancelled"
	}
	for _, c := range of.List {
		for _, part := range c.Parts {
			p.Workspace.Parts = append(p.Workspace.Parts, PlanPart{Type: c.Credit, Kind: part.Kind, Amount: part.Amount, Label: part.Label, Note: part.Note})
		}
	}
	if own := of.Own; own != nil {
		p.Appearance = &Appearance{Key: frame.NewKey(), Theme: v.Page.Theme}
		p.Own = OwnUnlock{Key: frame.NewKey(), On: own.AutoUnlock, Managed: own.Managed, AtMost: own.AtMost}
		p.SignIn, p.Extensions = frame.FactsOf(own.SignIn), v.extensions(own.Extensions)
	}
	if of.Policy != nil {
		p.Policy, p.Keys = policy(of.Policy), v.keyList(of.Keys)
	}
	p.Page.Title, p.Page.Nav = "Settings", "settings"
	return p, nil
}

func policy(of *screen.Policy) *UnlockPolicy {
	p := &UnlockPolicy{Key: frame.NewKey(), Mode: of.AutoUnlock, AtMost: of.AtMost, CapType: of.CapType, Visible: UsageVisibility{Key: frame.NewKey(), Everyone: of.Everyone}}
	if of.DailyCap != nil {
		p.DailyCap = of.DailyCap.String()
	}
	return p
}

func (v *visit) keyList(keys []screen.Key) *KeyList {
	k := &KeyList{Key: frame.NewKey()}
	for _, key := range keys {
		k.Keys = append(k.Keys, APIKey{ID: key.ID, Name: key.Name, Role: key.As, Hint: "lm_…" + key.Last4, Created: v.Time(key.Created), RevokeKey: frame.NewKey()})
	}
	k.Roles = []frame.Option{
		{Value: keyOfService, Label: "Service: stays when I leave, under another admin", Selected: true}, {Value: account.Admin, Label: "Admin: ends when I am no longer an admin", Selected: false},
		{Value: account.Regular, Label: "Member: acts as me", Selected: false}, {Value: keyToRead, Label: "Read only: ends with me", Selected: false},
	}
	return k
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
	if fault.Length("name", n.Name, 1, 200) != nil {
		p, err := v.settings()
		if err != nil {
			return err
		}
		p.Keys.Error = "Must have 1 to 200 characters."
		return v.Show(http.StatusUnprocessableEntity, Settings(p))
	}
	secret, replayed, err := v.App.Accounts.MakeKey(v.Context(), v.Scope, v.Once(), n)
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
