package web_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/capturing"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/gate"
	"github.com/leadmeter/leadmeter/internal/web/operator"
	"github.com/leadmeter/leadmeter/internal/web/settings"
	"github.com/leadmeter/leadmeter/internal/web/sheet"
	"github.com/leadmeter/leadmeter/internal/web/spending"
	"github.com/leadmeter/leadmeter/internal/web/team"
	"github.com/leadmeter/leadmeter/internal/words"
)

// sample is one page over one set of view models.
type sample struct {
	name string
	page templ.Component
}

const whole = unit.Credit

func of(n int64) unit.Quota { return unit.Of(unit.Amount(n) * whole) }

func cost(n int64, name string) words.Cost {
	return words.Cost{Type: name, Amount: unit.Amount(n) * whole}
}

func samplePage(nav, title string) frame.Page {
	if slices.Contains([]string{"operator", "addons", "reviews", "directory", "sources", "books", "mail"}, nav) {
		return frame.Page{
			Title: title, Nav: nav, SignedIn: true, Operator: true, UserName: "Operator", UserRole: "runs this server",
			Requests: 2, Reviews: 1, SignOut: "k-out", Support: "mailto:help@example.com",
		}
	}
	return frame.Page{
		Title: title, Nav: nav, SignedIn: true, Workspace: "Northwind Sales", UserName: "Ada Byron", UserRole: "admin",
		Balance: []frame.HeaderBalance{{Type: "standard", Available: of(2235), Allowance: of(2500), Whose: "in the pool", Refill: "refills Dec 1"}, {Type: "premium", Available: of(41), Allowance: of(250), Whose: "yours", Refill: "refills Dec 1"}},
		Views:   []frame.ViewLink{{ID: "view_1", Name: "Ready to mail", Link: "/leads?has=verified_email", Shared: true}}, Requests: 2,
		SignOut: "k-out", Support: "mailto:help@example.com",
	}
}

func samplePeople() capturing.PeoplePage {
	return capturing.PeoplePage{
		Page: samplePage("people", "People"), Searched: true, Count: "1,000+ people", Note: "Some are missing.", Key: "k-p", Next: "/people?q=ada&cursor=x", Shown: "per_1",
		Each: []words.Cost{cost(3, "standard")}, All: []words.Cost{cost(2, "standard")}, May: true, Meter: "3 of 100 pages of results today", Save: "q=ada",
		Search: capturing.PeopleSearch{
			Query: "ada", Texts: []sheet.TextFilter{{Field: "title", Label: "Title", Type: "text"}}, Selects: []capturing.PeopleChoice{{Field: "has", Label: "Has", Options: []frame.Option{{Label: "Any"}}}},
			Chips: []sheet.Chip{{Text: "“ada”", Without: "/people"}},
		},
		Facets:   []capturing.FacetGroup{{Label: "Seniority", Links: []capturing.FacetLink{{Text: "VP", Link: "/people?q=ada&seniority=vp", Count: 12}}}},
		Searches: []capturing.SavedSearch{{ID: "view_p", Name: "Heads of sales", Link: "/people?title=head", New: "12 new", Here: true, Mine: true}},
		Rows: []capturing.PersonRow{
			{ID: "per_1", Name: "Ada Byron", Title: "VP Sales", Company: "Acme", Domain: "acme.example", Place: "London", Employer: "Software · 51-200", Cost: []words.Cost{cost(2, "standard")}, Price: "standard:2000000", Key: "k-1",
				Fields: []capturing.FieldMark{{Field: "work_email", Icon: "mail", Text: "Work email: known", State: "known"}}},
			{ID: "per_2", Name: "Grace Hopper", Lead: "/leads/lead_2"},
			{ID: "per_3", Name: "Hedy Lamarr", Lead: "/leads/lead_3", Captured: true, Charged: []words.Cost{cost(1, "standard")}, Values: sampleCells()[:1]},
		},
	}
}

func sampleCells() []sheet.FieldCell {
	return []sheet.FieldCell{
		{Field: "work_email", Label: "Work email", Values: []sheet.FieldValue{{Value: "grace.hopper@cobol.example", Status: "verified", Bad: false}}, Outcome: "charged", Type: "standard", Amount: whole, Unlock: nil},
		{Field: "work_phone", Label: "Work phone", Values: []sheet.FieldValue{{Value: "+1 202 555 0143", Status: "", Bad: false}}, Outcome: "same_as_main_line", Type: "standard", Amount: 0, Unlock: nil},
		{Field: "personal_email", Label: "Personal email", Values: nil, Outcome: "not_found", Type: "standard", Amount: 0, Unlock: nil},
		{Field: "mobile_phone", Label: "Mobile", Values: nil, Outcome: "", Type: "premium", Amount: 0, Unlock: &sheet.Unlock{Key: "k-u", Price: []words.Cost{cost(1, "premium")}, Blocked: ""}},
	}
}

func sampleRows() []sheet.LeadRow {
	people := []string{"Grace Hopper", "Katherine Johnson", "Annie Easley", "Hedy Lamarr", "Radia Perlman", "Barbara Liskov"}
	var rows []sheet.LeadRow
	for i, name := range people {
		cells := sampleCells()
		email := strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@example.com"
		cells[0].Values = []sheet.FieldValue{{Value: email, Status: []string{"verified", "likely", "verified", "unverified"}[i%4], Bad: i == 4}}
		cells[0].Outcome = []string{"charged", "not_verified", "verified_in_directory", "not_verified"}[i%4]
		switch i {
		case 1:
			cells[3] = sheet.FieldCell{Field: "mobile_phone", Label: "Mobile", Values: []sheet.FieldValue{{Value: "+1 415 555 0101", Status: "", Bad: false}, {Value: "+1 415 555 0102", Status: "", Bad: false}}, Outcome: "charged", Type: "premium", Amount: whole, Unlock: nil}
		case 2:
			cells[3].Unlock = &sheet.Unlock{Key: "", Price: nil, Blocked: "Needs 1 premium, 0 left. Refills Dec 1."}
			cells[2] = sheet.FieldCell{Field: "personal_email", Label: "Personal email", Values: nil, Outcome: "provider_error", Type: "standard", Amount: 0, Unlock: nil}
		case 3:
			cells[1] = sheet.FieldCell{Field: "work_phone", Label: "Work phone", Values: []sheet.FieldValue{{Value: "+44 20 7946 0958", Status: "", Bad: false}}, Outcome: "charged", Type: "standard", Amount: whole, Unlock: nil}
			cells[2] = sheet.FieldCell{Field: "personal_email", Label: "Personal email", Values: nil, Outcome: "insufficient_credits", Type: "standard", Amount: 0, Unlock: &sheet.Unlock{Key: "k-p", Price: []words.Cost{cost(1, "standard")}, Blocked: ""}}
		case 5:
			cells[3] = sheet.FieldCell{Field: "mobile_phone", Label: "Mobile", Values: nil, Outcome: "not_found", Type: "premium", Amount: 0, Unlock: nil}
		}
		rows = append(rows, sheet.LeadRow{ID: fmt.Sprintf("lead_%d", i), Name: name, Title: "Vice President, Engineering", Company: "Analytical Engines Ltd", Owner: "Ada Byron",
			Captured: "Nov 12", ISO: "2026-11-12T09:00:00Z", Fields: cells, Twin: i == 2, Layout: sheet.LayoutOf("")})
	}
	return rows
}

func sampleEntries() []frame.EntryLine {
	q := of(2235)
	email := frame.Entry{ID: "ent_1", At: "Nov 12, 14:03", AtISO: "2026-11-12T14:03:00Z", Member: "Ada Byron", Person: "Grace Hopper", Lead: "/leads/lead_0", Field: "Work email", Rule: "Found and verified", Kind: "charge", Channel: "web", Type: "standard", Amount: whole, After: &q, ReportKey: "", Reasons: nil, Reported: ""}
	phone := email
	phone.ID, phone.Field, phone.Rule, phone.Kind, phone.Amount = "ent_2", "Work phone", "Same as the company’s main line", "free", 0
	captured := frame.EntryLine{Entry: email, Fields: []frame.Entry{email, phone}, What: "Work email, Work phone", Spent: []screen.Spent{{Type: "standard", Amount: whole, After: q}}}
	captured.Field, captured.Rule = "", "1 charged, 1 same as the company’s main line"
	return []frame.EntryLine{
		captured,
		{Entry: frame.Entry{ID: "ent_3", At: "Nov 11, 09:41", AtISO: "2026-11-11T09:41:00Z", Member: "Tom Reed", Person: "Hedy Lamarr", Lead: "/leads/lead_3", Field: "Mobile", Rule: "Unlocked", Kind: "charge", Channel: "extension", Type: "premium", Amount: whole, After: &q, ReportKey: "", Reasons: nil, Reported: ""}},
		{Entry: frame.Entry{ID: "ent_4", At: "Nov 10, 16:20", AtISO: "2026-11-10T16:20:00Z", Member: "Workspace", Person: "", Lead: "", Field: "", Rule: "Add-on: trade fair", Kind: "grant", Channel: "", Type: "standard", Amount: 100 * whole, After: &q, ReportKey: "", Reasons: nil, Reported: ""}},
		{Entry: frame.Entry{ID: "ent_5", At: "Nov 10, 11:02", AtISO: "2026-11-10T11:02:00Z", Member: "Tom Reed", Person: "erased", Lead: "", Field: "Work email", Rule: "Reported bad, given back", Kind: "refund", Channel: "web", Type: "standard", Amount: whole, After: nil, ReportKey: "", Reasons: nil, Reported: ""}},
	}
}

func sampleCredits() []spending.CreditUsage {
	return []spending.CreditUsage{
		{Type: "standard", Allowance: of(2600), Used: 365 * whole, Held: 12 * whole, Available: of(2223), Parts: []screen.Part{{Kind: "plan", Label: "Pro, 5 seats × 500", Note: "", Amount: of(2500)}, {Kind: "once", Label: "", Note: "Trade fair in Lyon", Amount: of(100)}}, Refill: "Dec 1", Assigned: "400 assigned to members; 1,823 left in the pool.", Note: "", Pace: samplePace(), Over: false},
		{Type: "premium", Allowance: of(250), Used: 209 * whole, Held: 0, Available: of(41), Parts: []screen.Part{{Kind: "plan", Label: "Pro, 5 seats × 50", Note: "", Amount: of(250)}}, Refill: "Dec 1", Note: "More premium is assigned to members than the allowance holds.", Pace: nil, Over: true},
	}
}

func samplePace() *spending.Pace {
	return &spending.Pace{Says: "Runs out between Nov 19 and Nov 24.", Sure: "Computed from the last 42 days.", Tone: "warning", Drawn: true, Width: 600, Ticks: []string{"4,000", "2,000", "0"},
		Limit: 56, Line: "0,160 20,150 40,140", Fan: "40,140 600,40 600,60", Middle: "40,140 600,50", First: "Nov 1", Last: "Nov 30", Described: "365 used up to Nov 2, day 2 of 30", LimitAt: "2,600", Used: "365"}
}

func sampleEntriesPage() spending.EntriesPage {
	any := []frame.Option{{Value: "", Label: "Any", Selected: true}, {Value: "x", Label: "One", Selected: false}}
	list := sampleEntries()
	list[0].Fields[0].ReportKey, list[0].Fields[0].Reasons = "k-rep", []frame.Option{{Value: "bounced", Label: "It bounced", Selected: true}}
	list[0].Fields[1].Reported, list[0].Reported = "Reported bad: the credit came back.", "1 reported bad"
	return spending.EntriesPage{Page: samplePage("usage", "Ledger entries"), Dates: sampleDates(), Days: url.Values{"range": {"30-days"}}, Count: "2 answers, 3 standard", Members: any, Credits: any, Fields: any,
		Outcome: any, Channel: any, Kinds: any, Entries: list, Newest: "/usage/entries", Older: "/usage/entries?before=4", CSV: "/entries.csv", Back: "/usage"}
}

func sampleDates() spending.Dates {
	return spending.Dates{Page: "/usage", Range: "Nov 1 – 30, 2026", Zone: "Europe/Berlin", From: "2026-11-01", To: "2026-11-30", Error: "Choose both days.", Kept: url.Values{"sort": {"name"}},
		Presets: []spending.DatePreset{{Name: "This period", Link: "/usage", Shown: true}, {Name: "Last 7 days", Link: "/usage?range=7-days"}}, Periods: []frame.Option{{Value: "2026-10-01", Label: "Oct 1 – 31, 2026"}}}
}

func sampleUsage() spending.UsagePage {
	v := spending.UsagePage{
		Page: samplePage("usage", "Usage"), Period: "Nov 1 – 30, 2026", Refill: "refills Dec 1, 2026, 00:00", Zone: "Europe/Berlin",
		Dates: sampleDates(), Types: []string{"standard", "premium"}, Credits: sampleCredits(),
		Members: []spending.MemberUsage{
			{Name: "Ada Byron", Link: "/usage?member=mem_1", Removed: false, Credits: []screen.MemberCredit{{Type: "standard", Mode: "pool", Amount: 0, Used: 214 * whole, Held: 12 * whole, Of: of(2600)}, {Type: "premium", Mode: "assigned", Amount: 100 * whole, Used: 91 * whole, Held: 0, Of: of(100)}}},
			{Name: "Tom Reed", Link: "/usage?member=mem_2", Removed: false, Credits: []screen.MemberCredit{{Type: "standard", Mode: "limit", Amount: 200 * whole, Used: 120 * whole, Held: 0, Of: of(200)}, {Type: "premium", Mode: "pool", Amount: 0, Used: 118 * whole, Held: 0, Of: unit.Unlimited}}},
			{Name: "Mia Chen", Link: "", Removed: true, Credits: []screen.MemberCredit{{Type: "standard", Mode: "pool", Amount: 0, Used: 31 * whole, Held: 0}, {Type: "premium", Mode: "limit", Amount: 0, Used: 0, Held: 0}}},
		},
		Fields:   []spending.UsageLine{{Label: "Work email", Link: "", Count: 420, Used: []unit.Amount{250 * whole, 0}}, {Label: "Work phone", Link: "", Count: 180, Used: []unit.Amount{85 * whole, 0}}, {Label: "Personal email", Link: "", Count: 66, Used: []unit.Amount{30 * whole, 0}}, {Label: "Mobile", Link: "", Count: 260, Used: []unit.Amount{0, 209 * whole}}},
		Outcomes: []spending.OutcomeLine{{Outcome: "charged", Link: "", Count: 574, Used: []unit.Amount{365 * whole, 209 * whole}, Saved: nil}, {Outcome: "not_found", Link: "", Count: 190, Used: []unit.Amount{0, 0}, Saved: nil}, {Outcome: "verified_in_directory", Link: "", Count: 102, Used: []unit.Amount{0, 0}, Saved: []words.Cost{cost(102, "standard")}}, {Outcome: "already_owned", Link: "", Count: 61, Used: []unit.Amount{0, 0}, Saved: []words.Cost{cost(40, "standard"), cost(21, "premium")}}},
		Channels: []spending.UsageLine{{Label: "Web", Link: "", Count: 500, Used: []unit.Amount{200 * whole, 100 * whole}}, {Label: "Extension", Link: "", Count: 426, Used: []unit.Amount{165 * whole, 109 * whole}}},
		Saved:    []words.Cost{cost(142, "standard"), cost(21, "premium")}, SavedOf: 353,
		Entries: sampleEntries(), UsageCSV: "/usage.csv", EntryCSV: "/entries.csv", More: "/usage?cursor=abc",
	}
	for _, t := range v.Types {
		s := spending.DaySeries{Type: t}
		for d := 1; d <= 30; d++ {
			n := (d*7)%23 + d/3
			if d%7 == 1 || d > 20 {
				n = 0
			}
			if t == "premium" {
				n /= 2
			}
			s.Days = append(s.Days, spending.DayUsage{Label: fmt.Sprintf("%d Nov", d), Used: unit.Amount(n) * whole, Link: ""})
		}
		v.Days = append(v.Days, s)
	}
	return v
}

func sampleRoles(now string) []frame.Option {
	return []frame.Option{{Value: "member", Label: "Member", Selected: now == "member"}, {Value: "manager", Label: "Manager", Selected: now == "manager"}, {Value: "admin", Label: "Admin", Selected: now == "admin"}}
}

func sampleTeam(edit bool) team.TeamPage {
	may := ""
	if edit {
		may = "all"
	}
	v := team.TeamPage{
		Page: samplePage("team", "Team"), Edit: edit, Key: "k-t", Seats: "3 of 5 seats used", Types: []string{"standard", "premium"},
		Free: []team.FreeAmount{{Type: "standard", Allowance: of(2500), Assigned: 0, Free: of(2500), Over: false}, {Type: "premium", Allowance: of(250), Assigned: 100 * whole, Free: of(150), Over: false}},
		Add:  team.AddMember{Key: "k-add", Roles: sampleRoles("member")},
	}
	for i, m := range []struct{ name, role string }{{"Ada Byron", "admin"}, {"Tom Reed", "manager"}, {"Mia Chen", "member"}} {
		row := team.TeamMember{ID: fmt.Sprintf("mem_%d", i), Name: m.name, Email: strings.ToLower(m.name[:3]) + "@northwind.example", You: i == 0, Role: m.role, Roles: sampleRoles(m.role), LinkKey: fmt.Sprint("k-l", i)}
		if i > 0 {
			row.RemoveKey = fmt.Sprint("k-r", i)
		}
		row.Allocations = []team.MemberAllocation{{Type: "standard", Mode: "pool", Amount: "", Used: 214 * whole, Available: of(2223), Error: "", May: may}, {Type: "premium", Mode: "assigned", Amount: "100", Used: 91 * whole, Available: of(9), Error: "", May: may}}
		if i == 1 {
			row.Allocations = []team.MemberAllocation{{Type: "standard", Mode: "limit", Amount: "200", Used: 120 * whole, Available: of(80), Error: "", May: may}, {Type: "premium", Mode: "pool", Amount: "", Used: 118 * whole, Available: of(41), Error: "", May: may}}
		}
		v.Members = append(v.Members, row)
	}
	if edit {
		v.Bulk = team.BulkEdit{Types: []frame.Option{{Value: "standard", Label: "Standard", Selected: true}}}
		v.Requests = []team.RequestLine{{ID: "req_1", Key: "k-req", Name: "Mia Chen", Type: "premium", Amount: 20 * whole, Reason: "Trade fair next week", When: "Nov 12, 2026, 09:10", Status: "open", Said: "", Now: "at most 5 from the pool", Pool: false}, {ID: "req_2", Key: "k-req2", Name: "Tom Reed", Type: "standard", Amount: 20 * whole, When: "Nov 11, 2026, 09:10", Status: "open", Said: "", Now: "draws on the pool", Pool: true}}
		v.Check = &team.WhatIf{Period: "Oct 1 – 31, 2026", Note: "A note.", Now: 0, Then: 2, Members: []team.WhatIfLine{{Name: "Mia Chen", Times: 2, First: "Oct 19, 2026, 14:02"}}, Stops: []team.WhatIfStop{{When: "Oct 19, 2026, 14:02", Name: "Mia Chen", Why: "1 premium credit is needed.", Needed: ""}}, More: 3}
		form := team.GroupForm{ID: "grp_1", Key: "k-g", Name: "North", Members: []frame.Option{{Value: "mem_1", Label: "Tom Reed", Selected: true}}, Managers: []frame.Option{{Value: "mem_1", Label: "Tom Reed", Selected: true}}, Budgets: []team.BudgetInput{{Type: "standard", Amount: "100"}}}
		blank := team.GroupForm{Key: "k-g2", Members: form.Members, Managers: form.Managers, Budgets: form.Budgets}
		v.Groups, v.NewGroup = []team.GroupLine{{ID: "grp_1", Name: "North", Managers: "Tom Reed", Members: "Mia Chen", Budgets: []screen.Budget{{Type: "standard", Given: true, Amount: 100 * whole, Out: 40 * whole}}, Yours: true, Form: &form, DropKey: "k-d"}}, &blank
		v.Filled = "Filled in for 2 members."
	}
	return v
}

func sampleAsk() team.AskPage {
	return team.AskPage{Page: samplePage("team", "Ask for more credits"), Key: "k-ask", Types: []frame.Option{{Value: "premium", Label: "Premium", Selected: true}}, Amount: "", Error: "", Now: []string{"Premium: you have at most 5 from the pool; 0 available now."},
		Requests: []team.RequestLine{{ID: "req_1", Key: "k", Name: "Mia Chen", Type: "premium", Amount: 20 * whole, Reason: "Trade fair", When: "Nov 12, 2026, 09:10", Status: "granted", Said: "granted 10", Now: "", Pool: false}}}
}

func sampleCancel() *spending.CancelPreview {
	return &spending.CancelPreview{End: "Dec 1, 2026, 00:00", Groups: []spending.CancelGroup{{Title: "What is lost", Lines: []spending.CancelLine{{What: "Standard credits, 2,223 left", Now: "Gone at once.", Later: "Can be used until then."}}}}}
}

func samplePlan() spending.PlanPage {
	return spending.PlanPage{Page: samplePage("plan", "Plan"), Name: "Pro", Status: "active", Seats: "5 seats", Period: "Nov 1 – 30, 2026", Zone: "Europe/Berlin", Credits: sampleCredits(),
		Grants: []spending.GrantLine{{ID: "grant_1", Type: "standard", Amount: 100 * whole, Kind: "once", Note: "Trade fair", Since: "Nov 2, 2026, 10:00", Until: "Dec 1, 2026, 00:00"}},
		Ask:    &spending.AskOperator{Key: "k-ao", Types: []frame.Option{{Value: "premium", Label: "Premium", Selected: true}}, Kinds: []frame.Option{{Value: "once", Label: "This period", Selected: true}}, Amount: "x", Note: "Fair", Errors: map[string]string{"amount": "Must be a number."}},
		Asked: []spending.AskedLine{{ID: "areq_1", Type: "premium", Amount: 40 * whole, Often: "this period", Note: "Trade fair", When: "Nov 12, 2026, 09:10, Ada Byron", Status: "open", Said: "waits for the operator", Key: "k-w"},
			{ID: "areq_0", Type: "standard", Amount: 500 * whole, Often: "every period", When: "Nov 2, 2026, 10:00", Status: "granted", Said: "granted 400"}},
		History: []frame.Entry{sampleEntries()[2].Entry}, Cancels: true, Prices: []screen.BookLine{{What: "Work email", Text: "1 standard"}}}
}

func sampleAudit() spending.AuditPage {
	return spending.AuditPage{Page: samplePage("audit", "Audit log"), Zone: "Europe/Berlin", Who: []frame.Option{{Value: "", Label: "Everybody", Selected: true}}, Kinds: []frame.Option{{Value: "", Label: "Everything", Selected: true}},
		Rows: []spending.AuditRow{{At: "Nov 12, 2026, 14:03", AtISO: "2026-11-12T13:03:00Z", Who: "Ada Byron", What: "Set what a member may use", Of: "Tom Reed", Detail: "premium limit 5", Via: "Page"}}, Newest: "/audit", Older: "/audit?before=aud_1", CSV: "/audit.csv"}
}

var samplePerson = capturing.PersonSummary{ID: "per_1", Name: "Grace Hopper", Title: "Rear Admiral", Company: "Cobol Systems", Location: "Arlington, US"}

func sampleLookup() *capturing.CaptureOutcome {
	return &capturing.CaptureOutcome{Lookup: &capturing.LookupResult{
		Person: samplePerson, Cost: []words.Cost{cost(1, "standard"), cost(1, "premium")}, Key: "k-cap", Who: "Grace Hopper, Cobol Systems", InFields: []string{"work_email", "mobile_phone"},
		Fields: []capturing.LookupField{{Label: "Work email", Has: true, Owned: false, Price: cost(1, "standard")}, {Label: "Work phone", Has: true, Owned: true, Price: cost(0, "standard")}, {Label: "Personal email", Has: false, Owned: false, Price: cost(0, "standard")}, {Label: "Mobile", Has: true, Owned: false, Price: cost(1, "premium")}},
	}}
}

func sampleCaptured() *capturing.CaptureOutcome {
	return &capturing.CaptureOutcome{Captured: &capturing.CaptureResult{
		Person: samplePerson, Lead: "/leads/lead_0", Fields: sampleCells(), Charged: []words.Cost{cost(1, "standard"), cost(0, "premium")},
		Balance: samplePage("", "").Balance,
	}}
}

func sampleRefusal() *capturing.CaptureOutcome {
	return &capturing.CaptureOutcome{Refusal: &capturing.Refusal{Stopped: screen.Stopped{Code: "insufficient_credits", LimitedBy: "member", Type: "premium", Needed: whole}, When: "Dec 1, 2026, 00:00"}}
}

func sampleCaptureForm() capturing.CaptureForm {
	return capturing.CaptureForm{Key: "k-f", Who: "Grace Hopper, Cobol Systems", AtMost: []words.Cost{cost(3, "standard")}, Prices: map[string]string{"work_email,work_phone,personal_email": "at most 3 standard"}, Refills: true, Lists: []frame.Option{{Value: "", Label: "No list", Selected: true}, {Value: "list_1", Label: "Lyon fair", Selected: false}},
		Fields: []capturing.CaptureField{{Field: "work_email", Label: "Work email", Price: cost(1, "standard"), Checked: true, Note: ""}, {Field: "work_phone", Label: "Work phone", Price: cost(1, "standard"), Checked: true, Note: "Free when it is the company’s main line"}, {Field: "personal_email", Label: "Personal email", Price: cost(1, "standard"), Checked: true, Note: ""}, {Field: "mobile_phone", Label: "Mobile", Price: cost(1, "premium"), Checked: false, Note: ""}}}
}

func sampleLead() sheet.LeadDetail {
	return sheet.LeadDetail{ID: "lead_0", Name: "Grace Hopper", Title: "Rear Admiral", Company: "Cobol Systems", Domain: "cobol.example", Location: "Arlington, US", Profile: "https://www.linkedin.com/in/grace-hopper",
		Owner: "Ada Byron", Captured: "Nov 12, 2026, 14:03", ISO: "2026-11-12T14:03:00Z", Fields: sampleCells(), Spent: []words.Cost{cost(1, "standard")}, Entries: sampleEntries()[:2],
		Notes: "Met in Lyon.", Tags: "navy, compilers", Lists: []frame.Option{{Value: "list_1", Label: "Lyon fair", Selected: true}, {Value: "list_2", Label: "Q1 outreach", Selected: false}}, Key: "k-n"}
}

func sampleBar() sheet.CaptureBar {
	return sheet.CaptureBar{Key: "k-bar", AtMost: []words.Cost{cost(3, "standard")}}
}

// fullPages is every page with something in it.
func fullPages() []sample {
	leads := sheet.LeadsPage{Page: samplePage("leads", "Leads"), Bar: sampleBar(), Rows: sampleRows(), Layout: sheet.LayoutOf(""), Total: 1204, Next: "/leads?cursor=abc", Exports: []frame.Option{{Value: "csv", Label: "CSV", Selected: false}, {Value: "xlsx", Label: "Excel workbook", Selected: false}},
		Search: sheet.LeadSearch{Selects: []sheet.Filter{{Field: "has", Label: "Has", All: "Any field", Options: []frame.Option{{Value: "work_email", Label: "Work email", Selected: false}, {Value: "mobile_phone", Label: "Mobile", Selected: true}}}, {Field: "member", Label: "Owner", All: "Anyone", Options: []frame.Option{{Value: "mem_1", Label: "Ada Byron", Selected: false}}}},
			Texts: []sheet.TextFilter{{Field: "title", Label: "Title", Type: "text", Value: "Chief"}}, Chips: []sheet.Chip{{Text: "has Mobile", Without: "/leads"}}},
		Views: sheet.ViewBar{Key: "k-v", Query: "has=mobile_phone", Columns: "person;1", MaySave: true, Drop: "view_1"}}
	leads.Page.Notices = []frame.Notice{{Kind: "success", Text: "Grace Hopper was captured for 1 standard.", Link: "/leads/lead_0", Call: "Open"}}
	key := sampleSettings()
	key.Keys.New = &settings.NewKey{Name: "CRM sync", Secret: "lm_secret"}
	key.Own.Managed = true
	over := sampleTeam(true)
	over.Error, over.Free[1].Over = "Assigning 300 premium is more than the 250 there are: 150 are free.", true
	over.Members[1].Allocations[1].Error = "150 are free."
	over.Link = &frame.SignInLink{Title: "Invitation for Tom Reed", Name: "Tom Reed", URL: "https://leads.example.com/sign-in#code=abc", Expires: "in 24 hours"}
	return []sample{
		{"sign-in", gate.SignIn(gate.SignInPage{Page: frame.Page{Title: "Sign in"}, Email: "ada@example.com", PasswordError: "The email or the password is wrong.", Key: "k1", CodeKey: "k2", Next: "/leads"})},
		{"lead-sheet", sheet.Leads(leads)},
		{"lead", sheet.Lead(sheet.LeadPage{Page: samplePage("leads", "Grace Hopper"), Lead: sampleLead()})},
		{"capture", capturing.Capture(capturing.CapturePage{Page: samplePage("capture", "Capture"), Form: sampleCaptureForm(), Result: nil})},
		{"capture-lookup", capturing.Capture(capturing.CapturePage{Page: samplePage("capture", "Capture"), Form: sampleCaptureForm(), Result: sampleLookup()})},
		{"capture-done", capturing.Capture(capturing.CapturePage{Page: samplePage("capture", "Capture"), Form: sampleCaptureForm(), Result: sampleCaptured()})},
		{"usage", spending.Usage(sampleUsage())},
		{"entries", spending.Entries(sampleEntriesPage())},
		{"team", team.Team(sampleTeam(true))},
		{"team-over", team.Team(over)},
		{"team-read", team.Team(sampleTeam(false))},
		{"ask", team.Ask(sampleAsk())},
		{"plan", spending.Plan(samplePlan())},
		{"cancel", spending.Cancel(spending.CancelPage{Page: samplePage("plan", "Cancelling"), Plan: "Pro", Cancel: sampleCancel(), Exports: []frame.Option{{Value: "/leads.csv", Label: "Leads CSV"}}})},
		{"cancel-workspace", operator.CancelWorkspace(operator.CancelWorkspacePage{Page: samplePage("operator", "Cancel Acme"), ID: "ws_1", Name: "Acme", Plan: "Pro", Cancel: sampleCancel(), Key: "k-ca", WatchKey: "k-w", Typed: "Akme", Errors: map[string]string{"confirm": "This is not the workspace’s name."}})},
		{"reviews", operator.Reviews(operator.ReviewsPage{Page: samplePage("reviews", "Bad data"), Full: true, Rows: []operator.ReviewLine{{Workspace: "ws_1", Name: "Acme", Entry: "ent_1", Key: "k-rv", Member: "Mel", Field: "Mobile", Reason: "Wrong number", At: "Nov 12, 2026, 09:10 UTC"}}})},
		{"addon-requests", operator.AddOnRequests(operator.AddOnRequestsPage{Page: samplePage("addons", "Add-on requests"), Full: true, Rows: []operator.AddOnRequestLine{{ID: "areq_1", Key: "k-ar", Workspace: "ws_1", Name: "Acme", Plan: "Pro, 5 seats", Status: "active", Who: "Ada Byron", When: "Nov 12, 2026, 09:10", Note: "Trade fair", Type: "premium", Often: "this period", Amount: 40 * whole, Left: "3 of 250 premium left until Dec 1.", Grants: true}}})},
		{"server", operator.ServerFacts(operator.ServerPage{Page: samplePage("sources", "Sources"), Sources: []operator.SourceLine{{Name: "hunter", Asked: 10, Found: 5, Missed: 4, Failed: 1, Rate: "50 %", Latency: "120 ms", Cost: "10"}}, Suppressed: []operator.SuppressedCount{{Kind: "email", Count: 3}}, AddKey: "k-1", RemoveKey: "k-2"})},
		{"books", operator.Books(sampleBooks())},
		{"audit", spending.AuditLog(sampleAudit())},
		{"settings", settings.Settings(sampleSettings())},
		{"security", gate.Security(sampleSecurity())},
		{"member-sign-in", gate.MemberSignIn(sampleMemberSignIn())},
		{"connect", settings.Connect(sampleConnect("ask"))},
		{"connect-approved", settings.Connect(sampleConnect("approved"))},
		{"connect-denied", settings.Connect(sampleConnect("denied"))},
		{"connect-over", settings.Connect(sampleConnect("over"))},
		{"settings-key", settings.Settings(key)},
		{"webhooks", settings.Webhooks(sampleWebhooks())},
		{"webhook", settings.Webhook(sampleWebhook())},
		{"alerts", settings.Alerts(sampleAlerts())},
		{"push", settings.Push(samplePush())},
		{"help", settings.Help(sampleHelp())},
		{"guide", settings.Guide(settings.GuidePage{Page: samplePage("help", "A rep's daily work"), Title: "A rep's daily work", HTML: "<p>You capture people.</p>"})},
		{"operator", operator.Operator(sampleOperator())},
		{"directory", operator.Directory(sampleDirectory())},
		{"import", operator.Import(sampleImport())},
		{"operator-workspace", operator.OperatorWorkspace(sampleOperatorWorkspace())},
		{"error", frame.Failure(frame.ErrorPage{Page: samplePage("", "Not found"), Status: 404, Title: "That page is not here", What: "The address may be mistyped, or the lead was erased.", Do: "Go back to the lead sheet.", Link: "/leads", Call: "Lead sheet", Request: "req_1"})},
	}
}

// emptyPages is every page before anything has happened.
func emptyPages() []sample {
	p := func(nav string) frame.Page { return frame.Page{Title: nav, Nav: nav, SignedIn: true, Workspace: "New"} }
	return []sample{
		{"sign-in", gate.SignIn(gate.SignInPage{})},
		{"leads", sheet.Leads(sheet.LeadsPage{Page: p("leads")})},
		{"leads-filtered", sheet.Leads(sheet.LeadsPage{Page: p("leads"), Filtered: true})},
		{"lead", sheet.Lead(sheet.LeadPage{Page: p("leads")})},
		{"capture", capturing.Capture(capturing.CapturePage{Page: p("capture")})},
		{"no-match", capturing.Capture(capturing.CapturePage{Page: p("capture"), Result: &capturing.CaptureOutcome{NoMatch: &capturing.NoMatch{Who: "nobody"}}})},
		{"usage", spending.Usage(spending.UsagePage{Page: p("usage"), Types: []string{"standard"}, Credits: []spending.CreditUsage{{Type: "standard"}}, Days: []spending.DaySeries{{Type: "standard"}}})},
		{"entries", spending.Entries(spending.EntriesPage{Page: p("usage")})},
		{"team", team.Team(team.TeamPage{Page: p("team"), Edit: true})},
		{"team-read", team.Team(team.TeamPage{Page: p("team")})},
		{"ask", team.Ask(team.AskPage{Page: p("team")})},
		{"plan", spending.Plan(spending.PlanPage{Page: p("plan")})},
		{"reviews", operator.Reviews(operator.ReviewsPage{Page: p("operator")})},
		{"addon-requests", operator.AddOnRequests(operator.AddOnRequestsPage{Page: p("operator")})},
		{"server", operator.ServerFacts(operator.ServerPage{Page: p("operator"), AddKey: "a", RemoveKey: "b"})},
		{"books", operator.Books(operator.BooksPage{Page: p("operator"), Form: operator.BookForm{Key: "k"}, Diff: &operator.BookDiff{}})},
		{"audit", spending.AuditLog(spending.AuditPage{Page: p("audit")})},
		{"settings", settings.Settings(settings.SettingsPage{Page: p("settings")})},
		{"security", gate.Security(gate.SecurityPage{Page: p("settings")})},
		{"security-stale", gate.Security(gate.SecurityPage{Page: p("settings"), Stale: true, Password: gate.PasswordForm{Stale: true}})},
		{"member-sign-in", gate.MemberSignIn(gate.MemberSignInPage{Page: p("team")})},
		{"connect", settings.Connect(settings.ConnectPage{Page: p(""), State: "ask"})},
		{"settings-admin", settings.Settings(settings.SettingsPage{Page: p("settings"), Policy: &settings.UnlockPolicy{}, Keys: &settings.KeyList{}})},
		{"webhooks", settings.Webhooks(settings.WebhooksPage{Page: p("settings")})},
		{"webhook", settings.Webhook(settings.WebhookPage{Page: p("settings")})},
		{"push", settings.Push(settings.PushPage{Page: p("settings")})},
		{"alerts", settings.Alerts(settings.AlertsPage{Page: p("settings"), MailOff: true})},
		{"help", settings.Help(settings.HelpPage{Page: p("help")})},
		{"directory", operator.Directory(operator.DirectoryPage{Page: p("directory")})},
		{"operator", operator.Operator(operator.OperatorPage{Page: frame.Page{SignedIn: true, Operator: true}})},
		{"operator-workspace", operator.OperatorWorkspace(operator.OperatorWorkspacePage{Page: p("operator")})},
		{"error", frame.Failure(frame.ErrorPage{})},
	}
}

func sampleBulkColumns() capturing.BulkColumnsPage {
	return capturing.BulkColumnsPage{
		Page: samplePage("capture", ""), Path: "/bulk/file_1/columns", Name: "people.csv", Problems: []string{"The file has two headers."}, As: []frame.Option{{Value: "table", Label: "A table", Selected: true}},
		Columns: []frame.MappedColumn{{Name: "Who", Fields: []frame.Option{{Value: "full_name", Label: "Name", Selected: true}}, Sample: "Ada King"}}, Named: true, Fields: sampleCaptureForm().Fields,
		FieldsError: "Choose at least one field to ask for.", Refills: true, Rows: []capturing.BulkReadRow{{Row: 1, Name: "Ada King"}, {Row: 2, LeftOut: true}}, Total: 2, Usable: 1, Addresses: 1,
		Bad: []capturing.BulkProblem{{Row: 2, Column: "Who", Message: "It names nobody.", LeftOut: true}}, WithBad: 1, ProblemsCSV: "/bulk/file_1/problems.csv",
	}
}

func sampleBulkCapture() capturing.BulkJobPage {
	return capturing.BulkJobPage{
		Page: samplePage("capture", ""), RowsTitle: "All rows", MayChoose: true, Here: "/bulk/bulk_1", All: "/bulk/bulk_1", First: "/bulk/bulk_1", Next: "/bulk/bulk_1?after=50", CSV: "/bulk/bulk_1/results.csv",
		Job: capturing.BulkJob{Path: "/bulk/bulk_1", Status: "waiting", Rows: 2, Min: []words.Cost{cost(1, "standard")}, Most: []words.Cost{cost(2, "standard")}, Left: []words.Cost{cost(1, "standard")}, MayOrder: true,
			Columns: "/bulk/file_1/columns", Counts: []capturing.BulkCount{{Name: "Known", Count: 1, Here: true}}, Stops: []capturing.Refusal{{Stopped: screen.Stopped{Type: "standard"}}, {Stopped: screen.Stopped{Type: "premium"}}}},
		Rows: []capturing.BulkRow{{No: 1, Name: "Ada King", Lead: "/leads/lead_1", Fields: []capturing.BulkFieldOutcome{{Label: "Mobile", Outcome: "Charged"}}}, {No: 2, Several: []capturing.BulkPerson{{ID: "per_1", Name: "Pat", Chosen: true}}}},
	}
}
