package web

import (
	"fmt"
	"strings"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/credits"
)

// sample is one page over one set of view models.
type sample struct {
	name string
	page templ.Component
}

const whole = credits.Credit

func of(n int64) credits.Quota { return credits.Of(credits.Amount(n) * whole) }

func cost(n int64, name string) Cost { return Cost{name, credits.Amount(n) * whole} }

func samplePage(nav, title string) Page {
	return Page{
		Title: title, Nav: nav, SignedIn: true, Workspace: "Northwind Sales", UserName: "Ada Byron", UserRole: "admin",
		Balance: []HeaderBalance{{"standard", of(2235), of(2500), "in the pool", "refills 1 Dec"}, {"premium", of(41), of(250), "yours", "refills 1 Dec"}},
		SignOut: "k-out", Support: "mailto:help@example.com", Operator: nav == "operator",
	}
}

func sampleCells() []FieldCell {
	return []FieldCell{
		{"work_email", "Work email", []FieldValue{{"grace.hopper@cobol.example", "verified", false}}, "charged", "standard", whole, nil, ""},
		{"work_phone", "Work phone", []FieldValue{{"+1 202 555 0143", "", false}}, "same_as_main_line", "standard", 0, nil, ""},
		{"personal_email", "Personal email", nil, "not_found", "standard", 0, nil, ""},
		{"mobile_phone", "Mobile", nil, "", "premium", 0, &Unlock{"k-u", []Cost{cost(1, "premium")}, ""}, ""},
	}
}

func sampleRows() []LeadRow {
	people := []string{"Grace Hopper", "Katherine Johnson", "Annie Easley", "Hedy Lamarr", "Radia Perlman", "Barbara Liskov"}
	var rows []LeadRow
	for i, name := range people {
		cells := sampleCells()
		email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.com"
		cells[0].Values = []FieldValue{{email, []string{"verified", "likely", "verified", "unverified"}[i%4], i == 4}}
		cells[0].Outcome = []string{"charged", "not_verified", "verified_in_directory", "not_verified"}[i%4]
		switch i {
		case 1:
			cells[3] = FieldCell{"mobile_phone", "Mobile", []FieldValue{{"+1 415 555 0101", "", false}, {"+1 415 555 0102", "", false}}, "charged", "premium", whole, nil, ""}
		case 2:
			cells[3].Unlock = &Unlock{"", nil, "Needs 1 premium, 0 left. Refills 1 Dec."}
			cells[2] = FieldCell{"personal_email", "Personal email", nil, "provider_error", "standard", 0, nil, ""}
		case 3:
			cells[1] = FieldCell{"work_phone", "Work phone", []FieldValue{{"+44 20 7946 0958", "", false}}, "charged", "standard", whole, nil, ""}
			cells[2] = FieldCell{"personal_email", "Personal email", nil, "insufficient_credits", "standard", 0, &Unlock{"k-p", []Cost{cost(1, "standard")}, ""}, ""}
		case 5:
			cells[3] = FieldCell{"mobile_phone", "Mobile", nil, "not_found", "premium", 0, nil, ""}
		}
		rows = append(rows, LeadRow{ID: fmt.Sprintf("lead_%d", i), Name: name, Title: "Vice President, Engineering", Company: "Analytical Engines Ltd", Owner: "Ada Byron",
			Captured: "12 Nov", ISO: "2026-11-12T09:00:00Z", Fields: cells, Twin: i == 2, Layout: layoutOf("")})
	}
	return rows
}

func sampleEntries() []Entry {
	q := of(2235)
	return []Entry{
		{"ent_1", "12 Nov, 14:03", "2026-11-12T14:03:00Z", "Ada Byron", "Grace Hopper", "/leads/lead_0", "Work email", "Found and verified", "charge", "web", "standard", whole, &q, "", nil, ""},
		{"ent_2", "12 Nov, 14:03", "2026-11-12T14:03:00Z", "Ada Byron", "Grace Hopper", "/leads/lead_0", "Work phone", "Same as the company’s main line", "free", "web", "standard", 0, &q, "", nil, ""},
		{"ent_3", "11 Nov, 09:41", "2026-11-11T09:41:00Z", "Tom Reed", "Hedy Lamarr", "/leads/lead_3", "Mobile", "Unlocked", "charge", "extension", "premium", whole, &q, "", nil, ""},
		{"ent_4", "10 Nov, 16:20", "2026-11-10T16:20:00Z", "Workspace", "", "", "", "Add-on: trade fair", "grant", "", "standard", 100 * whole, &q, "", nil, ""},
		{"ent_5", "10 Nov, 11:02", "2026-11-10T11:02:00Z", "Tom Reed", "erased", "", "Work email", "Reported bad, given back", "refund", "web", "standard", whole, nil, "", nil, ""},
	}
}

func sampleCredits() []CreditUsage {
	return []CreditUsage{
		{"standard", of(2600), 365 * whole, 12 * whole, of(2223), []AllowancePart{{"plan", "Pro, 5 seats × 500", "", of(2500)}, {"once", "", "Trade fair in Lyon", of(100)}}, "1 Dec", "", samplePace(), false},
		{"premium", of(250), 209 * whole, 0, of(41), []AllowancePart{{"plan", "Pro, 5 seats × 50", "", of(250)}}, "1 Dec", "More premium is assigned to members than the allowance holds.", nil, true},
	}
}

func samplePace() *Pace {
	return &Pace{Says: "Runs out between 19 and 24 Nov.", Sure: "Computed from the last 42 days.", Tone: "warning", Drawn: true, Width: 600, Ticks: []string{"4,000", "2,000", "0"},
		Limit: 56, Line: "0,160 20,150 40,140", Fan: "40,140 600,40 600,60", Middle: "40,140 600,50", First: "1 Nov", Last: "30 Nov", Described: "365 used up to 2 Nov, day 2 of 30", LimitAt: "2,600", Used: "365"}
}

func sampleEntriesPage() EntriesPage {
	any := []Option{{"", "Any", true}, {"x", "One", false}}
	list := sampleEntries()
	list[0].ReportKey, list[0].Reasons = "k-rep", []Option{{"bounced", "It bounced", true}}
	if len(list) > 1 {
		list[1].Reported = "Reported bad: the credit came back."
	}
	return EntriesPage{Page: samplePage("usage", "Ledger entries"), Range: "1 – 30 Nov 2026", From: "2026-11-01", To: "2026-11-30", Count: "2 answers, 3 standard", Members: any, Credits: any, Fields: any,
		Outcome: any, Channel: any, Kinds: any, Entries: list, Newest: "/usage/entries", Older: "/usage/entries?before=4", CSV: "/entries.csv", Back: "/usage"}
}

func sampleUsage() UsagePage {
	v := UsagePage{
		Page: samplePage("usage", "Usage"), Period: "1 – 30 Nov 2026", Refill: "refills 1 Dec 2026, 00:00", Zone: "Europe/Berlin",
		From: "2026-11-01", To: "2026-11-30", Range: "1 – 30 Nov 2026", Types: []string{"standard", "premium"}, Credits: sampleCredits(),
		Members: []MemberUsage{
			{"Ada Byron", "/usage?member=mem_1", false, []MemberCredit{{"standard", "pool", 0, 214 * whole, 12 * whole}, {"premium", "assigned", 100 * whole, 91 * whole, 0}}},
			{"Tom Reed", "/usage?member=mem_2", false, []MemberCredit{{"standard", "limit", 200 * whole, 120 * whole, 0}, {"premium", "pool", 0, 118 * whole, 0}}},
			{"Mia Chen", "", true, []MemberCredit{{"standard", "pool", 0, 31 * whole, 0}, {"premium", "limit", 0, 0, 0}}},
		},
		Fields:   []UsageLine{{"Work email", "", 420, []credits.Amount{250 * whole, 0}}, {"Work phone", "", 180, []credits.Amount{85 * whole, 0}}, {"Personal email", "", 66, []credits.Amount{30 * whole, 0}}, {"Mobile", "", 260, []credits.Amount{0, 209 * whole}}},
		Outcomes: []OutcomeLine{{"charged", "", 574, []credits.Amount{365 * whole, 209 * whole}, nil}, {"not_found", "", 190, []credits.Amount{0, 0}, nil}, {"verified_in_directory", "", 102, []credits.Amount{0, 0}, []Cost{cost(102, "standard")}}, {"already_owned", "", 61, []credits.Amount{0, 0}, []Cost{cost(40, "standard"), cost(21, "premium")}}},
		Channels: []UsageLine{{"Web", "", 500, []credits.Amount{200 * whole, 100 * whole}}, {"Extension", "", 426, []credits.Amount{165 * whole, 109 * whole}}},
		Saved:    []Cost{cost(142, "standard"), cost(21, "premium")}, SavedOf: 353,
		Entries: sampleEntries(), UsageCSV: "/usage.csv", EntryCSV: "/entries.csv", More: "/usage?cursor=abc",
	}
	for _, t := range v.Types {
		s := DaySeries{Type: t}
		for d := 1; d <= 30; d++ {
			n := (d*7)%23 + d/3
			if d%7 == 1 || d > 20 {
				n = 0
			}
			if t == "premium" {
				n /= 2
			}
			s.Days = append(s.Days, DayUsage{fmt.Sprintf("%d Nov", d), credits.Amount(n) * whole, ""})
		}
		v.Days = append(v.Days, s)
	}
	return v
}

func sampleRoles(now string) []Option {
	return []Option{{"member", "Member", now == "member"}, {"manager", "Manager", now == "manager"}, {"admin", "Admin", now == "admin"}}
}

func sampleTeam(edit bool) TeamPage {
	may := ""
	if edit {
		may = "all"
	}
	v := TeamPage{
		Page: samplePage("team", "Team"), Edit: edit, Key: "k-t", Seats: "3 of 5 seats used", Types: []string{"standard", "premium"},
		Free: []FreeAmount{{"standard", of(2500), 0, of(2500), false}, {"premium", of(250), 100 * whole, of(150), false}},
		Add:  AddMember{Key: "k-add", Roles: sampleRoles("member")},
	}
	for i, m := range []struct{ name, role string }{{"Ada Byron", "admin"}, {"Tom Reed", "manager"}, {"Mia Chen", "member"}} {
		row := TeamMember{ID: fmt.Sprintf("mem_%d", i), Name: m.name, Email: strings.ToLower(m.name[:3]) + "@northwind.example", You: i == 0, Role: m.role, Roles: sampleRoles(m.role), LinkKey: fmt.Sprint("k-l", i)}
		if i > 0 {
			row.RemoveKey = fmt.Sprint("k-r", i)
		}
		row.Allocations = []MemberAllocation{{"standard", "pool", "", 214 * whole, of(2223), "", may}, {"premium", "assigned", "100", 91 * whole, of(9), "", may}}
		if i == 1 {
			row.Allocations = []MemberAllocation{{"standard", "limit", "200", 120 * whole, of(80), "", may}, {"premium", "pool", "", 118 * whole, of(41), "", may}}
		}
		v.Members = append(v.Members, row)
	}
	if edit {
		v.Bulk = BulkEdit{Types: []Option{{"standard", "Standard", true}}}
		v.Requests = []RequestLine{{"req_1", "k-req", "Mia Chen", "premium", 20 * whole, "Trade fair next week", "12 Nov 2026, 09:10", "open", "", "at most 5 from the pool", false}, {"req_2", "k-req2", "Tom Reed", "standard", 20 * whole, "", "11 Nov 2026, 09:10", "open", "", "draws on the pool", true}}
		v.Check = &WhatIf{"1 – 31 Oct 2026", "A note.", 0, 2, []WhatIfLine{{"Mia Chen", 2, "19 Oct 2026, 14:02"}}, []WhatIfStop{{"19 Oct 2026, 14:02", "Mia Chen", "1 premium credit is needed.", ""}}, 3}
		form := GroupForm{"grp_1", "k-g", "North", []Option{{"mem_1", "Tom Reed", true}}, []Option{{"mem_1", "Tom Reed", true}}, []BudgetInput{{"standard", "100"}}}
		blank := GroupForm{Key: "k-g2", Members: form.Members, Managers: form.Managers, Budgets: form.Budgets}
		v.Groups, v.NewGroup = []GroupLine{{"grp_1", "North", "Tom Reed", "Mia Chen", []GroupBudget{{"standard", true, 100 * whole, 40 * whole}}, true, &form, "k-d"}}, &blank
		v.Filled = "Filled in for 2 members."
	}
	return v
}

func sampleAsk() AskPage {
	return AskPage{samplePage("team", "Ask for more credits"), "k-ask", []Option{{"premium", "Premium", true}}, "", "", "", []string{"Premium: you have at most 5 from the pool; 0 available now."},
		[]RequestLine{{"req_1", "k", "Mia Chen", "premium", 20 * whole, "Trade fair", "12 Nov 2026, 09:10", "granted", "granted 10", "", false}}}
}

func samplePlan() PlanPage {
	return PlanPage{Page: samplePage("plan", "Plan"), Name: "Pro", Status: "active", Seats: "5 seats", Period: "1 – 30 Nov 2026", Zone: "Europe/Berlin", Credits: sampleCredits(),
		Grants:  []GrantLine{{ID: "grant_1", Type: "standard", Amount: 100 * whole, Kind: "once", Note: "Trade fair", Since: "2 Nov 2026, 10:00", Until: "1 Dec 2026, 00:00"}},
		History: sampleEntries()[3:4], Cancel: &CancelPreview{"1 Dec 2026, 00:00", []CancelLine{{"Standard credits, 2,223 left", "Gone at once.", "Can be used until then."}}}}
}

func sampleAudit() AuditPage {
	return AuditPage{Page: samplePage("audit", "Audit log"), Zone: "Europe/Berlin", Who: []Option{{"", "Everybody", true}}, Kinds: []Option{{"", "Everything", true}},
		Rows: []AuditRow{{"12 Nov 2026, 14:03", "2026-11-12T13:03:00Z", "Ada Byron", "Set what a member may use", "Tom Reed", "premium limit 5", "Page"}}, Newest: "/audit", Older: "/audit?before=aud_1", CSV: "/audit.csv"}
}

func sampleSettings() SettingsPage {
	return SettingsPage{
		Page: samplePage("settings", "Settings"),
		Workspace: WorkspaceFacts{"Northwind Sales", "Pro", 5, "1 – 30 Nov 2026", "Refills 1 Dec 2026", "Europe/Berlin", "active",
			[]Notice{{"warning", "From 1 Dec the plan is Starter with 4 seats.", "", ""}},
			[]PlanPart{{"standard", "plan", of(2500), "Pro, 5 seats × 500", "", ""}, {"premium", "plan", of(250), "", "", ""}, {"standard", "once", of(100), "", "Trade fair in Lyon", "until 1 Dec"}}},
		Policy:     &UnlockPolicy{"k-p", "member", "20", "premium", "", []Cost{cost(1, "premium")}, UsageVisibility{"k-v", false}},
		Own:        OwnUnlock{"k-o", false, false, []Cost{cost(1, "premium")}},
		SignIn:     SignInFacts{"set", "authenticator app, 10 recovery codes left", "2", "3 places"},
		Keys:       &KeyList{"k-k", nil, []APIKey{{"key_1", "CRM sync", "admin", "lm_…a1b2", "3 Oct 2026", "k-rv"}, {"key_2", "Reporting", "read-only member", "lm_…c3d4", "9 Nov 2026", "k-rv2"}}, "", []Option{{"admin", "Admin", false}, {"member", "Member", true}}},
		Appearance: &Appearance{"k-a", ""},
		Extensions: Extensions{[]Extension{{"ext_1", "Chrome on Linux", "3 Nov 2026, 09:12", "9 Nov 2026, 14:40", "k-x1"}, {"ext_2", "Edge on Windows", "9 Nov 2026, 08:00", "not yet", "k-x2"}}},
	}
}

func sampleConnect(state string) ConnectPage {
	return ConnectPage{samplePage("", "Connect a browser extension"), state, "ext_1", "k-c", "Chrome on Linux", "K7QM-2RXD", "9 Nov 2026, 14:40", "Ada Byron"}
}

func sampleHelp() HelpPage {
	return HelpPage{
		Page: samplePage("help", "Help"), Intro: "You are on Pro with 5 seats: 2,500 standard and 250 premium a month, again on 1 Dec.",
		Topics: []HelpTopic{
			{"spend", "When is a credit spent?", []string{"When a field is found and shown to you. A mobile costs 1 premium; a verified work email, a work phone and a personal email cost 1 standard each, once per person."}, nil, nil},
			{"not-found", "What if nothing is found?", []string{"Nothing is charged.", "The same goes for a source that does not answer."}, []string{"What happened", "Charge"}, [][]string{{"Not found", "free"}, {"Source did not answer", "free"}}},
			{"accumulate", "Do unused credits add up?", []string{"No. On 1 Dec you have 2,500 standard again, whatever is left now."}, nil, nil},
		},
		Prices: []PriceLine{{"Work email", "standard", "1", "Free when the directory held it, verified in the last 90 days"}, {"Work phone", "standard", "1", "Free when it is the company’s main line"}, {"Personal email", "standard", "1", ""}, {"Mobile", "premium", "1", ""}},
	}
}

func sampleOperator() OperatorPage {
	plans := []Option{{"free", "Free", false}, {"pro", "Pro", true}}
	return OperatorPage{
		Page: samplePage("operator", "Operator"), Types: []string{"standard", "premium"},
		Workspaces: []WorkspaceLine{
			{"ws_1", "Northwind Sales", "Pro", "active", 5, "1 – 30 Nov", "12 Nov", []WorkspaceCredit{{"ahead of pace", 2 * whole, 365 * whole, of(2600)}, {"used up", 0, 209 * whole, of(250)}}},
			{"ws_2", "Contoso", "Enterprise", "cancelling", 12, "1 – 30 Nov", "12 Nov", []WorkspaceCredit{{"ahead of pace", 2 * whole, 4210 * whole, credits.Unlimited}, {"used up", 0, 0, of(1200)}}},
			{"ws_3", "Fabrikam", "Free", "cancelled", 1, "9 – 15 Nov", "12 Nov", []WorkspaceCredit{{"ahead of pace", 2 * whole, 15 * whole, of(0)}, {"used up", 0, 0, of(0)}}},
		},
		Create: CreateWorkspace{Key: "k-c", Plans: plans, Seats: "1", Zone: "UTC", Anchor: "1", Errors: map[string]string{"time_zone": "Mars/Olympus is not a time zone."}},
		Import: ImportForm{"k-i", "", "At most 64 MB."},
		Imports: ImportList{[]ImportLine{
			{"imp_2", "us-senate.csv", "2 Jan 2026, 15:04 UTC", "running", 60, 60, 0, nil, 0},
			{"imp_1", "people.csv", "", "done", 4000, 3996, 4, []ImportProblem{{17, "work_email: “ada@” is not an email address"}, {90, "full_name is missing"}}, 2},
		}},
	}
}

func sampleImport() ImportPage {
	return ImportPage{
		Page: samplePage("operator", "Operator"), ID: "imp_3", Key: "k-im", Name: "Connections.csv", ReadAs: "LinkedIn, UTF-8, header in line 4", Problems: []string{"The header names nobody."},
		Columns: []ImportColumn{{"First Name", []Option{{"first_name", "first_name", true}, {"", "leave out", false}}, "Ada, Bob"}},
		Rows:    []ImportRow{{1, "Ada King", "Analyst, Acme", "ada@acme.example", "+447911123456", false, nil}, {2, "Bob", "", "", "", true, []string{"nobody could find this person"}}},
	}
}

func sampleOperatorWorkspace() OperatorWorkspacePage {
	return OperatorWorkspacePage{
		Page: samplePage("operator", "Northwind Sales"), ID: "ws_1", Name: "Northwind Sales", Status: "active", Plan: "Pro", Seats: "5", Period: "1 – 30 Nov 2026", Refills: "1 Dec 2026", Zone: "Europe/Berlin",
		Credits: sampleCredits(), Plans: []Option{{"starter", "Starter", false}, {"pro", "Pro", true}}, PlanKey: "k-pl",
		Grants:   []GrantLine{{"gr_1", "standard", 100 * whole, "once", "Trade fair in Lyon", "10 Nov", "1 Dec", ""}, {"gr_2", "premium", 20 * whole, "recurring", "Agreed in the renewal", "1 Sep", "", "k-e"}},
		Types:    []Option{{"standard", "standard", true}, {"premium", "premium", false}},
		GrantKey: "k-g", CancelKey: "k-ca", ReviveKey: "k-re",
		Link: &SignInLink{"Sign-in link for Ada Byron", "Ada Byron", "https://leads.example.com/sign-in#code=abc", "in 24 hours"},
	}
}

var samplePerson = PersonSummary{"per_1", "Grace Hopper", "Rear Admiral", "Cobol Systems", "Arlington, US"}

func sampleLookup() *CaptureOutcome {
	return &CaptureOutcome{Lookup: &LookupResult{
		Person: samplePerson, Cost: []Cost{cost(1, "standard"), cost(1, "premium")}, Key: "k-cap", Who: "Grace Hopper, Cobol Systems", InFields: []string{"work_email", "mobile_phone"},
		Fields: []LookupField{{"Work email", true, false, cost(1, "standard")}, {"Work phone", true, true, cost(0, "standard")}, {"Personal email", false, false, cost(0, "standard")}, {"Mobile", true, false, cost(1, "premium")}},
	}}
}

func sampleCaptured() *CaptureOutcome {
	return &CaptureOutcome{Captured: &CaptureResult{
		Person: samplePerson, Lead: "/leads/lead_0", Fields: sampleCells(), Charged: []Cost{cost(1, "standard"), cost(0, "premium")},
		Balance: samplePage("", "").Balance,
	}}
}

func sampleRefusal() *CaptureOutcome {
	return &CaptureOutcome{Refusal: &Refusal{Code: "insufficient_credits", LimitedBy: "member", Type: "premium", Needed: whole, Available: 0, Refills: "Tuesday 1 Dec 2026, 00:00"}}
}

func sampleCaptureForm() CaptureForm {
	return CaptureForm{Key: "k-f", Who: "Grace Hopper, Cobol Systems", AtMost: []Cost{cost(3, "standard")}, Prices: map[string]string{"work_email,work_phone,personal_email": "at most 3 standard"}, Refills: true, Lists: []Option{{"", "No list", true}, {"list_1", "Lyon fair", false}},
		Fields: []CaptureField{{"work_email", "Work email", cost(1, "standard"), true, ""}, {"work_phone", "Work phone", cost(1, "standard"), true, "Free when it is the company’s main line"}, {"personal_email", "Personal email", cost(1, "standard"), true, ""}, {"mobile_phone", "Mobile", cost(1, "premium"), false, ""}}}
}

func sampleLead() LeadDetail {
	return LeadDetail{ID: "lead_0", Name: "Grace Hopper", Title: "Rear Admiral", Company: "Cobol Systems", Domain: "cobol.example", Location: "Arlington, US", Profile: "https://www.linkedin.com/in/grace-hopper",
		Owner: "Ada Byron", Captured: "12 Nov 2026, 14:03", ISO: "2026-11-12T14:03:00Z", Fields: sampleCells(), Spent: []Cost{cost(1, "standard")}, Entries: sampleEntries()[:2],
		Notes: "Met in Lyon.", Tags: "navy, compilers", Lists: []Option{{"list_1", "Lyon fair", true}, {"list_2", "Q1 outreach", false}}, Key: "k-n"}
}

func sampleBar() CaptureBar { return CaptureBar{Key: "k-bar", AtMost: []Cost{cost(3, "standard")}} }

// fullPages is every page with something in it.
func fullPages() []sample {
	leads := LeadsPage{Page: samplePage("leads", "Leads"), Bar: sampleBar(), Rows: sampleRows(), Layout: layoutOf(""), Total: 1204, Next: "/leads?cursor=abc", Exports: exportFormats,
		Search: LeadSearch{Has: []Option{{"work_email", "Work email", false}, {"mobile_phone", "Mobile", false}}, Members: []Option{{"mem_1", "Ada Byron", false}}, Lists: []Option{{"list_1", "Lyon fair", false}}}}
	leads.Page.Notices = []Notice{{"success", "Grace Hopper was captured for 1 standard.", "/leads/lead_0", "Open"}}
	key := sampleSettings()
	key.Keys.New = &NewKey{"CRM sync", "lm_secret"}
	key.Own.Managed = true
	over := sampleTeam(true)
	over.Error, over.Free[1].Over = "Assigning 300 premium is more than the 250 there are: 150 are free.", true
	over.Members[1].Allocations[1].Error = "150 are free."
	over.Link = &SignInLink{"Invitation for Tom Reed", "Tom Reed", "https://leads.example.com/sign-in#code=abc", "in 24 hours"}
	return []sample{
		{"sign-in", SignIn(SignInPage{Page: Page{Title: "Sign in"}, Email: "ada@example.com", PasswordError: "The email or the password is wrong.", Key: "k1", CodeKey: "k2", Next: "/leads"})},
		{"lead-sheet", Leads(leads)},
		{"lead", Lead(LeadPage{samplePage("leads", "Grace Hopper"), sampleLead()})},
		{"capture", Capture(CapturePage{samplePage("capture", "Capture"), sampleCaptureForm(), nil})},
		{"capture-lookup", Capture(CapturePage{samplePage("capture", "Capture"), sampleCaptureForm(), sampleLookup()})},
		{"capture-done", Capture(CapturePage{samplePage("capture", "Capture"), sampleCaptureForm(), sampleCaptured()})},
		{"usage", Usage(sampleUsage())},
		{"entries", Entries(sampleEntriesPage())},
		{"team", Team(sampleTeam(true))},
		{"team-over", Team(over)},
		{"team-read", Team(sampleTeam(false))},
		{"ask", Ask(sampleAsk())},
		{"plan", Plan(samplePlan())},
		{"reviews", Reviews(ReviewsPage{Page: samplePage("operator", "Bad data"), Full: true, Rows: []ReviewLine{{"ws_1", "Acme", "ent_1", "k-rv", "Mel", "Mobile", "Wrong number", "12 Nov 2026, 09:10 UTC"}}})},
		{"server", ServerDesk(ServerPage{Page: samplePage("operator", "Sources"), Sources: []SourceLine{{"hunter", 10, 5, 4, 1, "50 %", "120 ms", "10"}}, Suppressed: []SuppressedCount{{"email", 3}}, AddKey: "k-1", RemoveKey: "k-2"})},
		{"books", Books(sampleBooks())},
		{"audit", AuditLog(sampleAudit())},
		{"settings", Settings(sampleSettings())},
		{"security", Security(sampleSecurity())},
		{"member-sign-in", MemberSignIn(sampleMemberSignIn())},
		{"connect", Connect(sampleConnect("ask"))},
		{"connect-approved", Connect(sampleConnect("approved"))},
		{"connect-denied", Connect(sampleConnect("denied"))},
		{"connect-over", Connect(sampleConnect("over"))},
		{"settings-key", Settings(key)},
		{"webhooks", Webhooks(sampleWebhooks())},
		{"webhook", Webhook(sampleWebhook())},
		{"alerts", Alerts(sampleAlerts())},
		{"push", Push(samplePush())},
		{"help", Help(sampleHelp())},
		{"operator", Operator(sampleOperator())},
		{"import", Import(sampleImport())},
		{"operator-workspace", OperatorWorkspace(sampleOperatorWorkspace())},
		{"error", Failure(ErrorPage{samplePage("", "Not found"), 404, "That page is not here", "The address may be mistyped, or the lead was erased.", "Go back to the lead sheet.", "/leads", "Lead sheet", "req_1"})},
	}
}

// emptyPages is every page before anything has happened.
func emptyPages() []sample {
	p := func(nav string) Page { return Page{Title: nav, Nav: nav, SignedIn: true, Workspace: "New"} }
	return []sample{
		{"sign-in", SignIn(SignInPage{})},
		{"leads", Leads(LeadsPage{Page: p("leads")})},
		{"leads-filtered", Leads(LeadsPage{Page: p("leads"), Filtered: true})},
		{"lead", Lead(LeadPage{Page: p("leads")})},
		{"capture", Capture(CapturePage{Page: p("capture")})},
		{"no-match", Capture(CapturePage{Page: p("capture"), Result: &CaptureOutcome{NoMatch: &NoMatch{Who: "nobody"}}})},
		{"usage", Usage(UsagePage{Page: p("usage"), Types: []string{"standard"}, Credits: []CreditUsage{{Type: "standard"}}, Days: []DaySeries{{Type: "standard"}}})},
		{"entries", Entries(EntriesPage{Page: p("usage")})},
		{"team", Team(TeamPage{Page: p("team"), Edit: true})},
		{"team-read", Team(TeamPage{Page: p("team")})},
		{"ask", Ask(AskPage{Page: p("team")})},
		{"plan", Plan(PlanPage{Page: p("plan")})},
		{"reviews", Reviews(ReviewsPage{Page: p("operator")})},
		{"server", ServerDesk(ServerPage{Page: p("operator"), AddKey: "a", RemoveKey: "b"})},
		{"books", Books(BooksPage{Page: p("operator"), Form: BookForm{Key: "k"}, Diff: &BookDiff{}})},
		{"audit", AuditLog(AuditPage{Page: p("audit")})},
		{"settings", Settings(SettingsPage{Page: p("settings")})},
		{"security", Security(SecurityPage{Page: p("settings")})},
		{"security-stale", Security(SecurityPage{Page: p("settings"), Stale: true, Password: PasswordForm{Stale: true}})},
		{"member-sign-in", MemberSignIn(MemberSignInPage{Page: p("team")})},
		{"connect", Connect(ConnectPage{Page: p(""), State: "ask"})},
		{"settings-admin", Settings(SettingsPage{Page: p("settings"), Policy: &UnlockPolicy{}, Keys: &KeyList{}})},
		{"webhooks", Webhooks(WebhooksPage{Page: p("settings")})},
		{"webhook", Webhook(WebhookPage{Page: p("settings")})},
		{"push", Push(PushPage{Page: p("settings")})},
		{"alerts", Alerts(AlertsPage{Page: p("settings"), MailOff: true})},
		{"help", Help(HelpPage{Page: p("help")})},
		{"operator", Operator(OperatorPage{Page: Page{SignedIn: true, Operator: true}})},
		{"operator-workspace", OperatorWorkspace(OperatorWorkspacePage{Page: p("operator")})},
		{"error", Failure(ErrorPage{})},
	}
}

func sampleWebhooks() WebhooksPage {
	return WebhooksPage{Page: samplePage("settings", "Webhooks"), Hooks: []HookLine{{"whk_1", "https://crm.example.com/leadmeter", "3 events", "good", "active"}, {"whk_2", "https://old.example.com/in", "1 event", "stop", "paused"}},
		Add: HookForm{Key: "k-wh", Action: "/settings/webhooks", URL: "http://x", URLError: "Must begin with https://.", EventsError: "Choose at least one.", Events: eventOptions(nil)}}
}

func sampleWebhook() WebhookPage {
	return WebhookPage{Page: samplePage("settings", "Webhook"), ID: "whk_1", Title: "crm.example.com", Mode: "warn", State: "failing", Why: "It fails since 12 Nov 2026, 14:03.", OldUntil: "13 Nov 2026, 14:03", Secret: "whsec_abc",
		Change: HookForm{Key: "k-wc", Action: "/settings/webhooks/whk_1", URL: "https://crm.example.com/leadmeter", Events: eventOptions([]string{"lead.captured"})}, PauseKey: "k-wp", TestKey: "k-wt", RotateKey: "k-wr", DeleteKey: "k-wd",
		Deliveries: []DeliveryLine{{"eff_2", "lead.captured", "12 Nov 2026, 14:03", "2026-11-12T14:03:00Z", "warn", "again 12 Nov 2026, 14:05", 2, "it answered 503", ""}, {"eff_1", "webhook.test", "12 Nov 2026, 13:03", "2026-11-12T13:03:00Z", "good", "sent", 1, "200", "k-w1"}},
		Older:      "/settings/webhooks/whk_1?before=eff_1"}
}

func sampleAlerts() AlertsPage {
	return AlertsPage{Page: samplePage("settings", "Alerts"), Key: "k-al", UsageKey: "k-um", Mails: "admins are", Email: "ada@example.com", Every: []Option{{"", "Never", true}, {"week", "Each week, on Monday", false}},
		Marks:  []AlertMark{{"standard", "80, 100", "", "265 of 2,500 used now."}, {"premium", "200", "Must be whole percentages from 1 to 100.", "1 of 250 used now."}},
		Recent: []CrossingLine{{"standard", "12 Nov 2026, 14:03", "2026-11-12T14:03:00Z", "80% of 2,500", "1 Nov 2026"}}}
}

func samplePush() PushPage {
	return PushPage{Page: samplePage("settings", "Push"), Secret: "whsec_abc", Key: "k-pu", Error: "Leads must be 1 to 10000.", To: []Option{{"hubspot", "HubSpot", false}}, Lists: []Option{{"Lyon fair", "Lyon fair", false}},
		Pushes: []PushLine{{"HubSpot", "12 Nov 2026, 14:03", "2026-11-12T14:03:00Z", "warn", "done", "created 80, failed 1", []string{"HubSpot refused it: VALIDATION_ERROR."}}},
		Forms: []ConnectionForm{{"hubspot", "HubSpot", "connected", "good", true, "", "", "k-h", "k-he"}, {"salesforce", "Salesforce", "token refused", "stop", true, "https://acme.my.salesforce.com", "", "k-s", "k-se"},
			{"webhook", "Webhook", "not connected", "", false, "", "Address must begin with https://.", "k-w", "k-we"}}}
}
