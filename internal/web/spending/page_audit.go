package spending

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

const auditPerPage = 50

// auditKinds are what an action begins with, and how it is called.
var auditKinds = []frame.Option{
	{Value: "", Label: "Everything", Selected: false}, {Value: "member", Label: "Members", Selected: false}, {Value: "allocation", Label: "Allocations", Selected: false}, {Value: "group", Label: "Groups", Selected: false}, {Value: "request", Label: "Credit requests", Selected: false},
	{Value: "settings", Label: "Settings", Selected: false}, {Value: "key", Label: "API keys", Selected: false}, {Value: "extension", Label: "Extensions", Selected: false}, {Value: "export", Label: "Exports", Selected: false}, {Value: "lead", Label: "Leads", Selected: false}, {Value: "push", Label: "Pushing", Selected: false}, {Value: "plan", Label: "Plan", Selected: false},
	{Value: "addon", Label: "Add-ons", Selected: false}, {Value: "report", Label: "Bad data", Selected: false}, {Value: "workspace", Label: "Workspace", Selected: false}, {Value: "webhook", Label: "Webhooks", Selected: false},
	{Value: "signed-in", Label: "Sign-ins", Selected: false}, {Value: "session", Label: "Sessions", Selected: false}, {Value: "password", Label: "Passwords", Selected: false}, {Value: "second-factor", Label: "Second factors", Selected: false}, {Value: "recovery-code", Label: "Recovery codes", Selected: false}, {Value: "passkey", Label: "Passkeys", Selected: false},
	{Value: "identity", Label: "Single sign-on", Selected: false}, {Value: "sign-in-policy", Label: "Sign-in policy", Selected: false}, {Value: "operator", Label: "Operator’s visits", Selected: false},
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
	"addon.asked": "Asked the operator for an add-on", "addon.withdrawn": "Withdrew a request for an add-on", "addon.declined": "Declined a request for an add-on", "addon.given": "Gave an add-on", "addon.ended": "Ended an add-on", "report.made": "Reported bad data", "report.decided": "Decided a report of bad data",
	"webhook.made": "Made a webhook", "webhook.changed": "Changed a webhook", "webhook.removed": "Removed a webhook", "webhook.secret-changed": "Changed a webhook’s secret",
	"member.invited": "Invited a member", "member.invitation-withdrawn": "Withdrew an invitation", "member.joined": "Accepted an invitation",
	"signed-in": "Signed in", "session.ended": "Ended a session", "password.set": "Set a password", "second-factor.on": "Turned a second factor on", "second-factor.off": "Turned a second factor off",
	"second-factor.reset": "Reset a member’s second factor and passkeys", "recovery-codes.made": "Made recovery codes", "recovery-code.used": "Used a recovery code",
	"passkey.added": "Added a passkey", "passkey.renamed": "Renamed a passkey", "passkey.removed": "Removed a passkey", "identity.bound": "Connected single sign-on", "identity.removed": "Disconnected single sign-on",
	"sign-in-policy.set": "Set what sign-ins need",
	"workspace.made":     "Made the workspace", "workspace.renamed": "Renamed the workspace", "operator.looked": "Looked at the workspace as its admin", "operator.left": "Stopped looking",
}

func (v *visit) auditAsk(limit int) (screen.AuditAsk, url.Values) {
	q := v.URL.Query()
	return screen.AuditAsk{Actor: q.Get("who"), Kind: q.Get("kind"), Before: q.Get("before"), Limit: limit}, url.Values{"who": {q.Get("who")}, "kind": {q.Get("kind")}}
}

func (v *visit) auditPage() error {
	ask, q := v.auditAsk(auditPerPage)
	of, err := v.App.Screens.Audit(v.Context(), v.Scope, ask)
	if err != nil {
		return err
	}
	p := AuditPage{Page: v.Page, Zone: v.Zone.String(), CSV: frame.WithQuery("/audit.csv", q), Who: []frame.Option{{Value: "", Label: "Everybody", Selected: ask.Actor == ""}}}
	for _, c := range of.Rows {
		p.Rows = append(p.Rows, v.auditRow(c))
	}
	if of.Before != "" {
		p.Older = frame.WithQuery("/audit", q, "before", of.Before)
	}
	if ask.Before != "" {
		p.Newest = frame.WithQuery("/audit", q)
	}
	for _, a := range of.Actors {
		p.Who = append(p.Who, frame.Option{Value: a.Key, Label: a.Name, Selected: a.Key == ask.Actor})
	}
	for _, k := range auditKinds {
		k.Selected = k.Value == ask.Kind
		p.Kinds = append(p.Kinds, k)
	}
	p.Page.Title, p.Page.Nav = "Audit log", "audit"
	return v.Show(http.StatusOK, AuditLog(p))
}

func (v *visit) auditRow(c screen.Change) AuditRow {
	return AuditRow{
		At: v.Time(c.At), AtISO: c.At.Format(time.RFC3339), Who: cmp.Or(c.ActorName, c.Actor), What: cmp.Or(auditWords[c.Action], c.Action),
		Of: cmp.Or(c.SubjectName, c.Subject), Detail: c.Detail, Via: viaText(c.Via),
	}
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

func (v *visit) auditCSV() error {
	if err := v.App.Accounts.Exported(v.Context(), v.Scope, "audit"); err != nil {
		return err
	}
	ask, _ := v.auditAsk(maxAuditRows)
	ask.Before = ""
	return v.CSV("audit.csv", "", func(write export.Row) error {
		if err := write([]string{"id", "at", "actor", "actor_name", "via", "action", "subject", "subject_name", "detail"}); err != nil {
			return err
		}
		return v.App.Screens.Changes(v.Context(), v.Scope, ask, func(c screen.Change) error {
			return write([]string{c.ID, c.At.Format(time.RFC3339Nano), c.Actor, c.ActorName, c.Via, c.Action, c.Subject, c.SubjectName, c.Detail})
		})
	})
}
