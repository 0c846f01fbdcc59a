// Package settings has the pages of a workspace's settings, of webhooks, pushes, alerts and
// browser extensions, and the help.
package settings

import (
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// visit is one request of a browser for one of these pages.
type visit struct{ *frame.Visit }

func page(h func(v *visit) error) frame.Handler {
	return func(v *frame.Visit) error { return h(&visit{v}) }
}

// Register adds the pages.
func Register(r *frame.Routes) {
	r.Member(account.SeeWorkspace, "GET /settings", page((*visit).settingsPage))
	r.Member(account.ManageSetup, "POST /settings/auto-unlock", page((*visit).savePolicy))
	r.Member(account.ManageSetup, "POST /settings/usage", page((*visit).saveVisibility))
	r.Member(account.ChangeOwn, "POST /settings/my-auto-unlock", page((*visit).saveOwn))
	r.Member(account.ChangeOwn, "POST /settings/theme", page((*visit).saveTheme))
	r.Member(account.ManageKeys, "POST /settings/keys", page((*visit).createKey))
	r.Member(account.ManageKeys, "POST /settings/keys/{key}/revoke", page((*visit).revokeKey))
	r.Member(account.EndConnection, "POST /settings/extensions/{connection}/end", page((*visit).endConnection))
	r.Member(account.SeeWebhooks, "GET /settings/webhooks", page((*visit).webhooksPage))
	r.Member(account.ManageWebhooks, "POST /settings/webhooks", page((*visit).addWebhook))
	r.Member(account.SeeWebhooks, "GET /settings/webhooks/{webhook}", page((*visit).webhookPage))
	r.Member(account.ManageWebhooks, "POST /settings/webhooks/{webhook}", page((*visit).changeWebhook))
	r.Member(account.ManageWebhooks, "POST /settings/webhooks/{webhook}/pause", page((*visit).pauseWebhook))
	r.Member(account.ManageWebhooks, "POST /settings/webhooks/{webhook}/test", page((*visit).testWebhook))
	r.Member(account.ManageWebhooks, "POST /settings/webhooks/{webhook}/rotate", page((*visit).rotateWebhook))
	r.Member(account.ManageWebhooks, "POST /settings/webhooks/{webhook}/delete", page((*visit).deleteWebhook))
	r.Member(account.ManageWebhooks, "POST /settings/webhooks/{webhook}/deliveries/{delivery}", page((*visit).redeliver))
	r.Member(account.SeePushes, "GET /settings/push", page((*visit).pushPage))
	r.Member(account.ManagePushes, "POST /settings/push", page((*visit).beginPush))
	r.Member(account.ManagePushes, "POST /settings/push/{kind}", page((*visit).connectPush))
	r.Member(account.ManagePushes, "POST /settings/push/{kind}/end", page((*visit).endPushConnection))
	r.Member(account.SeeAlerts, "GET /settings/alerts", page((*visit).alertsPage))
	r.Member(account.ManageAlerts, "POST /settings/alerts", page((*visit).saveAlerts))
	r.Member(account.ManageAlerts, "POST /settings/alerts/usage-mail", page((*visit).saveUsageMail))
	r.Member(account.SeeOwn, "GET /connect/extension", page((*visit).connectPage))
	r.Member(account.Approve, "POST /connect/extension", page((*visit).connect))
	r.Member(account.SeeWorkspace, "GET /help", page((*visit).helpPage))
	r.Person(account.SeeOwn, "GET /help/search", page((*visit).helpSearch))
	r.Person(account.SeeOwn, "GET /help/{guide}", page((*visit).guidePage))
}
