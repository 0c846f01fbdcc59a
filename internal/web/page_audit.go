package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/store"
)

const auditPerPage = 50

// auditKinds are what an action begins with, and how it is called.
var auditKinds = []Option{
	{"", "Everything", false}, {"member", "Members", false}, {"allocation", "Allocations", false}, {"group", "Groups", false}, {"request", "Credit requests", false},
	{"settings", "Settings", false}, {"key", "API keys", false}, {"extension", "Extensions", false}, {"export", "Exports", false}, {"lead", "Leads", false}, {"push", "Pushing", false}, {"plan", "Plan", false},
	{"addon", "Add-ons", false}, {"report", "Bad data", false}, {"workspace", "Workspace", false}, {"lead", "Leads", false}, {"push", "Pushing", false}, {"webhook", "Webhooks", false},
	{"signed-in", "Sign-ins", false}, {"session", "Sessions", false}, {"password", "Passwords", false}, {"second-factor", "Second factors", false}, {"recovery-code", "Recovery codes", false}, {"passkey", "Passkeys", false},
	{"identity", "Single sign-on", false}, {"sign-in-policy", "Sign-in policy", false}, {"operator", "Operator’s visits", false},
}

// auditWords are the actions in words.
var auditWords = map[string]string{
	"member.added": "Added a member", "member.changed": "Changed a member", "member.removed": "Removed a member", "member.sign-in-link": "Made a sign-in link",
	"allocation.set": "Set what a member may use", "allocation.returned": "Returned an assignment to the pool", "group.saved": "Saved a group", "group.removed": "Removed a group",
	"request.made": "Asked for more credits", "request.granted": "Granted a request", "request.declined": "Declined a request",
	"settings.changed": "Changed the settings", "key.made": "Made an API key", "key.revoked": "Revoked an API key",
	"extension.connected": "Connected an extension", "extension.denied": "Refused an extension", "extension.ended": "Disconnected an extension",
	"export.leads": "Exported leads", "export.ledger": "Exported the ledger", "export.usage": "Exported usage", "export.audit": "Exported the audit log",
	"plan.changed": "Changed the plan", "plan.cancelled": "Cancelled the subscription", "plan.reactivated": "Reactivated the subscription",
	"push.connected": "Connected a place to push leads to", "push.disconnected": "Disconnected a place to push leads to", "export.pushed": "Pushed leads",
	"lead.deleted": "Deleted a lead", "lead.merged": "Merged two leads", "lead.split": "Took two leads apart",
	"addon.given": "Gave an add-on", "addon.ended": "Ended an add-on", "report.made": "Reported bad data", "report.decided": "Decided a report of bad data",
	"webhook.made": "Made a webhook", "webhook.changed": "Changed a webhook", "webhook.removed": "Removed a webhook", "webhook.secret-changed": "Changed a webhook’s secret",
	"member.invited": "Invited a member", "member.invitation-withdrawn": "Withdrew an invitation", "member.joined": "Accepted an invitation",
	"signed-in": "Signed in", "session.ended": "Ended a session", "password.set": "Set a password", "second-factor.on": "Turned a second factor on", "second-factor.off": "Turned a second factor off",
	"second-factor.reset": "Reset a member’s second factor and passkeys", "recovery-codes.made": "Made recovery codes", "recovery-code.used": "Used a recovery code",
	"passkey.added": "Added a passkey", "passkey.renamed": "Renamed a passkey", "passkey.removed": "Removed a passkey", "identity.bound": "Connected single sign-on", "identity.removed": "Disconnected single sign-on",
	"sign-in-policy.set": "Set what sign-ins need",
	"workspace.made":     "Made the workspace", "workspace.renamed": "Renamed the workspace", "operator.looked": "Looked at the workspace as its admin", "operator.left": "Stopped looking",
}

func (v *visit) auditFilter() (store.AuditFilter, url.Values) {
	q := v.URL.Query()
	f := store.AuditFilter{Actor: q.Get("who"), Kind: q.Get("kind"), Before: q.Get("before"), Limit: auditPerPage}
	if strings.ContainsAny(f.Kind, "%_") {
		f.Kind = "" // no kind of ours
	}
	return f, url.Values{"who": {f.Actor}, "kind": {f.Kind}}
}

func (a *App) auditPage(v *visit) error {
	view, err := v.look()
	if err != nil {
		return err
	}
	f, q := v.auditFilter()
	f.Limit++
	names, err := v.auditNames()
	if err != nil {
		return err
	}
	p := AuditPage{Page: v.page, Zone: view.Current.Zone().String(), CSV: link("/audit.csv", q)}
	last := ""
	err = a.Accounts.AuditLog(v.Context(), v.scope, f, func(x store.Audit) error {
		if len(p.Rows) == auditPerPage {
			p.Older = link("/audit", q, "before", last)
			return nil
		}
		last = x.ID
		p.Rows = append(p.Rows, auditRow(x, names, view))
		return nil
	})
	if err != nil {
		return err
	}
	if f.Before != "" {
		p.Newest = link("/audit", q)
	}
	if p.Who, err = v.auditors(names, f.Actor); err != nil {
		return err
	}
	for _, k := range auditKinds {
		k.Selected = k.Value == f.Kind
		p.Kinds = append(p.Kinds, k)
	}
	p.Page.Title, p.Page.Nav = "Audit log", "audit"
	return v.show(http.StatusOK, AuditLog(p))
}

// auditNames are the names of everybody who may be in the log.
func (v *visit) auditNames() (map[string]string, error) {
	names, err := v.app.Accounts.MemberNames(v.Context(), v.scope)
	if err != nil {
		return nil, err
	}
	keys, err := v.app.Accounts.Keys(v.Context(), v.scope, "", 500)
	for _, k := range keys {
		names[k.ID] = "Key “" + k.Name + "”"
	}
	if err != nil {
		return nil, err
	}
	groups, err := v.app.Accounts.Groups(v.Context(), v.scope)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		names[g.ID] = "Group “" + g.Name + "”"
	}
	wishes, err := v.app.Accounts.Requests(v.Context(), v.scope, "", "", 500)
	for _, r := range wishes {
		names[r.ID] = "Request of " + nameOr(names, r.Member)
	}
	names[account.Operator], names["server"] = "Operator", "The server itself"
	return names, err
}

func (v *visit) auditors(names map[string]string, chosen string) ([]Option, error) {
	list := []Option{{"", "Everybody", chosen == ""}}
	err := v.app.Store.View(v.Context(), func(tx *store.Tx) error {
		all, err := tx.Auditors(v.scope.Workspace.ID)
		for _, id := range all {
			list = append(list, Option{id, nameOr(names, id), id == chosen})
		}
		return err
	})
	return list, err
}

func auditRow(x store.Audit, names map[string]string, view *credits.View) AuditRow {
	at := microTime(x.At)
	r := AuditRow{At: longTime(at, view), AtISO: at.Format(time.RFC3339), Who: nameOr(names, x.Actor), What: auditWords[x.Action], Of: nameOr(names, x.Subject), Detail: x.Detail, Via: viaText(x.Via)}
	if r.What == "" {
		r.What = x.Action
	}
	return r
}

func viaText(via string) string {
	switch {
	case strings.HasPrefix(via, "key_"):
		return "API"
	case strings.HasPrefix(via, "ext_"):
		return "Extension"
	}
	return "Page"
}

// maxAuditRows bounds a CSV of the audit log.
const maxAuditRows = 1_000_000

func (a *App) auditCSV(v *visit) error {
	names, err := v.auditNames()
	if err != nil {
		return err
	}
	if err := a.Accounts.Exported(v.Context(), v.scope, "audit"); err != nil {
		return err
	}
	f, _ := v.auditFilter()
	f.Before, f.Limit = "", maxAuditRows
	return v.csv("audit.csv", "", func(write export.Row) error {
		if err := write([]string{"id", "at", "actor", "actor_name", "via", "action", "subject", "subject_name", "detail"}); err != nil {
			return err
		}
		return a.Accounts.AuditLog(v.Context(), v.scope, f, func(x store.Audit) error {
			return write([]string{x.ID, microTime(x.At).Format(time.RFC3339Nano), x.Actor, names[x.Actor], x.Via, x.Action, x.Subject, names[x.Subject], x.Detail})
		})
	})
}
