package web_test

import (
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/settings"
	"github.com/leadmeter/leadmeter/internal/words"
)

func sampleSettings() settings.SettingsPage {
	return settings.SettingsPage{
		Page: samplePage("settings", "Settings"),
		Workspace: settings.WorkspaceFacts{Name: "Northwind Sales", Plan: "Pro", Seats: 5, Period: "Nov 1 – 30, 2026", Refill: "Refills Dec 1, 2026", Zone: "Europe/Berlin", Status: "active",
			Changes: []frame.Notice{{Kind: "warning", Text: "From Dec 1 the plan is Starter with 4 seats.", Link: "", Call: ""}},
			Parts:   []settings.PlanPart{{Type: "standard", Kind: "plan", Amount: of(2500), Label: "Pro, 5 seats × 500", Note: "", Until: ""}, {Type: "premium", Kind: "plan", Amount: of(250), Label: "", Note: "", Until: ""}, {Type: "standard", Kind: "once", Amount: of(100), Label: "", Note: "Trade fair in Lyon", Until: "until Dec 1"}}},
		Policy:     &settings.UnlockPolicy{Key: "k-p", Mode: "member", DailyCap: "20", CapType: "premium", CapError: "", AtMost: []words.Cost{cost(1, "premium")}, Visible: settings.UsageVisibility{Key: "k-v", Everyone: false}},
		Own:        settings.OwnUnlock{Key: "k-o", On: false, Managed: false, AtMost: []words.Cost{cost(1, "premium")}},
		SignIn:     frame.SignInFacts{Password: "set", Second: "authenticator app, 10 recovery codes left", Passkeys: "2", Sessions: "3 places"},
		Keys:       &settings.KeyList{Key: "k-k", New: nil, Keys: []settings.APIKey{{ID: "key_1", Name: "CRM sync", Role: "admin", Hint: "lm_…a1b2", Created: "Oct 3, 2026", RevokeKey: "k-rv"}, {ID: "key_2", Name: "Reporting", Role: "read-only member", Hint: "lm_…c3d4", Created: "Nov 9, 2026", RevokeKey: "k-rv2"}}, Error: "", Roles: []frame.Option{{Value: "admin", Label: "Admin", Selected: false}, {Value: "member", Label: "Member", Selected: true}}},
		Appearance: &settings.Appearance{Key: "k-a", Theme: ""},
		Extensions: settings.Extensions{List: []settings.Extension{{ID: "ext_1", Name: "Chrome on Linux", Connected: "Nov 3, 2026, 09:12", LastUsed: "Nov 9, 2026, 14:40", EndKey: "k-x1"}, {ID: "ext_2", Name: "Edge on Windows", Connected: "Nov 9, 2026, 08:00", LastUsed: "not yet", EndKey: "k-x2"}}},
	}
}

func sampleConnect(state string) settings.ConnectPage {
	return settings.ConnectPage{Page: samplePage("", "Connect a browser extension"), State: state, ID: "ext_1", Key: "k-c", Name: "Chrome on Linux", Code: "K7QM-2RXD", Asked: "Nov 9, 2026, 14:40", As: "Ada Byron"}
}

func sampleHelp() settings.HelpPage {
	return settings.HelpPage{
		Page: samplePage("help", "Help"), Intro: "You are on Pro with 5 seats: 2,500 standard and 250 premium a month, again on Dec 1.",
		Topics: []settings.HelpTopic{
			{ID: "spend", Question: "When is a credit spent?", Answer: []string{"When a field is found and shown to you. A mobile costs 1 premium; a verified work email, a work phone and a personal email cost 1 standard each, once per person."}, Head: nil, Rows: nil},
			{ID: "not-found", Question: "What if nothing is found?", Answer: []string{"Nothing is charged.", "The same goes for a source that does not answer."}, Head: []string{"What happened", "Charge"}, Rows: [][]string{{"Not found", "free"}, {"Source did not answer", "free"}}},
			{ID: "accumulate", Question: "Do unused credits add up?", Answer: []string{"No. On Dec 1 you have 2,500 standard again, whatever is left now."}, Head: nil, Rows: nil},
		},
		Prices: []settings.PriceLine{{Field: "Work email", Type: "standard", Price: "1", Free: "Free when the directory held it, verified in the last 90 days"}, {Field: "Work phone", Type: "standard", Price: "1", Free: "Free when it is the company’s main line"}, {Field: "Personal email", Type: "standard", Price: "1", Free: ""}, {Field: "Mobile", Type: "premium", Price: "1", Free: ""}},
	}
}

func sampleEvents(chosen string) []frame.Option {
	return []frame.Option{{Value: "lead.captured", Label: "lead.captured", Selected: chosen == "lead.captured"}, {Value: "credits.spent", Label: "credits.spent", Selected: false}}
}

func sampleWebhooks() settings.WebhooksPage {
	return settings.WebhooksPage{Page: samplePage("settings", "Webhooks"), Hooks: []settings.HookLine{{ID: "whk_1", URL: "https://crm.example.com/leadmeter", Events: "3 events", Mode: "good", State: "active"}, {ID: "whk_2", URL: "https://old.example.com/in", Events: "1 event", Mode: "stop", State: "paused"}},
		Add: settings.HookForm{Key: "k-wh", Action: "/settings/webhooks", URL: "http://x", URLError: "Must begin with https://.", EventsError: "Choose at least one.", Events: sampleEvents("")}}
}

func sampleWebhook() settings.WebhookPage {
	return settings.WebhookPage{Page: samplePage("settings", "Webhook"), ID: "whk_1", Title: "crm.example.com", Mode: "warn", State: "failing", Why: "It fails since Nov 12, 2026, 14:03.", OldUntil: "Nov 13, 2026, 14:03", Secret: "whsec_abc",
		Change: settings.HookForm{Key: "k-wc", Action: "/settings/webhooks/whk_1", URL: "https://crm.example.com/leadmeter", Events: sampleEvents("lead.captured")}, PauseKey: "k-wp", TestKey: "k-wt", RotateKey: "k-wr", DeleteKey: "k-wd",
		Deliveries: []settings.DeliveryLine{{ID: "eff_2", Event: "lead.captured", When: "Nov 12, 2026, 14:03", ISO: "2026-11-12T14:03:00Z", Mode: "warn", State: "again Nov 12, 2026, 14:05", Attempts: 2, Answer: "it answered 503", Key: ""}, {ID: "eff_1", Event: "webhook.test", When: "Nov 12, 2026, 13:03", ISO: "2026-11-12T13:03:00Z", Mode: "good", State: "sent", Attempts: 1, Answer: "200", Key: "k-w1"}},
		Older:      "/settings/webhooks/whk_1?before=eff_1"}
}

func sampleAlerts() settings.AlertsPage {
	return settings.AlertsPage{Page: samplePage("settings", "Alerts"), Key: "k-al", UsageKey: "k-um", Mails: "admins are", Email: "ada@example.com", Every: []frame.Option{{Value: "", Label: "Never", Selected: true}, {Value: "week", Label: "Each week, on Monday", Selected: false}},
		Marks:  []settings.AlertMark{{Type: "standard", Percents: "80, 100", Error: "", Now: "265 of 2,500 used now."}, {Type: "premium", Percents: "200", Error: "Must be whole percentages from 1 to 100.", Now: "1 of 250 used now."}},
		Recent: []settings.CrossingLine{{Type: "standard", When: "Nov 12, 2026, 14:03", ISO: "2026-11-12T14:03:00Z", What: "80% of 2,500", Period: "Nov 1, 2026"}}}
}

func samplePush() settings.PushPage {
	return settings.PushPage{Page: samplePage("settings", "Push"), Secret: "whsec_abc", Key: "k-pu", Error: "Leads must be 1 to 10000.", To: []frame.Option{{Value: "hubspot", Label: "HubSpot", Selected: false}}, Lists: []frame.Option{{Value: "Lyon fair", Label: "Lyon fair", Selected: false}},
		Pushes: []settings.PushLine{{To: "HubSpot", When: "Nov 12, 2026, 14:03", ISO: "2026-11-12T14:03:00Z", Mode: "warn", State: "done", Counts: "created 80, failed 1", Why: []string{"HubSpot refused it: VALIDATION_ERROR."}}},
		Forms: []settings.ConnectionForm{{Kind: "hubspot", Name: "HubSpot", State: "connected", Mode: "good", Connected: true, Address: "", Error: "", Key: "k-h", EndKey: "k-he"}, {Kind: "salesforce", Name: "Salesforce", State: "token refused", Mode: "stop", Connected: true, Address: "https://acme.my.salesforce.com", Error: "", Key: "k-s", EndKey: "k-se"},
			{Kind: "webhook", Name: "Webhook", State: "not connected", Mode: "", Connected: false, Address: "", Error: "Address must begin with https://.", Key: "k-w", EndKey: "k-we"}}}
}
