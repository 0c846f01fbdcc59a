package web_test

import (
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/operator"
	"github.com/leadmeter/leadmeter/internal/web/spending"
)

func sampleOperator() operator.OperatorPage {
	plans := []frame.Option{{Value: "free", Label: "Free", Selected: false}, {Value: "pro", Label: "Pro", Selected: true}}
	return operator.OperatorPage{
		Page: samplePage("operator", "Operator"), Types: []string{"standard", "premium"},
		Workspaces: []operator.WorkspaceLine{
			{ID: "ws_1", Name: "Northwind Sales", Plan: "Pro", Status: "active", Seats: 5, Period: "Nov 1 – 30", Last: "Nov 12", Credits: []screen.WorkspaceBalance{{Pace: "ahead of pace", Held: 2 * whole, Used: 365 * whole, Allowance: of(2600)}, {Pace: "used up", Held: 0, Used: 209 * whole, Allowance: of(250)}}},
			{ID: "ws_2", Name: "Contoso", Plan: "Enterprise", Status: "cancelling", Seats: 12, Period: "Nov 1 – 30", Last: "Nov 12", Credits: []screen.WorkspaceBalance{{Pace: "ahead of pace", Held: 2 * whole, Used: 4210 * whole, Allowance: unit.Unlimited}, {Pace: "used up", Held: 0, Used: 0, Allowance: of(1200)}}},
			{ID: "ws_3", Name: "Fabrikam", Plan: "Free", Status: "cancelled", Seats: 1, Period: "Nov 9 – 15", Last: "Nov 12", Credits: []screen.WorkspaceBalance{{Pace: "ahead of pace", Held: 2 * whole, Used: 15 * whole, Allowance: of(0)}, {Pace: "used up", Held: 0, Used: 0, Allowance: of(0)}}},
		},
		Create: operator.CreateWorkspace{Key: "k-c", Plans: plans, Seats: "1", Zone: "UTC", Anchor: "1", Errors: map[string]string{"time_zone": "Mars/Olympus is not a time zone."}},
	}
}

func sampleDirectory() operator.DirectoryPage {
	return operator.DirectoryPage{
		Page: samplePage("directory", "Directory"), Import: operator.ImportForm{Key: "k-i", Error: "", Limit: "At most 64 MB."},
		Imports: operator.ImportList{Imports: []operator.ImportLine{
			{ID: "imp_2", Name: "us-senate.csv", When: "Jan 2, 2026, 15:04 UTC", Status: "running", Rows: 60, Imported: 60, Rejected: 0, Problems: nil, More: 0},
			{ID: "imp_1", Name: "people.csv", When: "", Status: "done", Rows: 4000, Imported: 3996, Rejected: 4, Problems: []operator.ImportProblem{{Row: 17, Message: "work_email: “ada@” is not an email address"}, {Row: 90, Message: "full_name is missing"}}, More: 2},
		}},
	}
}

func sampleImport() operator.ImportPage {
	return operator.ImportPage{
		Page: samplePage("directory", "Import"), ID: "imp_3", Key: "k-im", Name: "Connections.csv", ReadAs: "LinkedIn, UTF-8, header in line 4", Problems: []string{"The header names nobody."},
		Columns: []frame.MappedColumn{{Name: "First Name", Fields: []frame.Option{{Value: "first_name", Label: "first_name", Selected: true}, {Value: "", Label: "leave out", Selected: false}}, Sample: "Ada, Bob"}},
		Rows:    []operator.ImportRow{{Row: 1, Name: "Ada King", Work: "Analyst, Acme", Emails: "ada@acme.example", Phones: "+447911123456", Rejected: false, Problems: nil}, {Row: 2, Name: "Bob", Work: "", Emails: "", Phones: "", Rejected: true, Problems: []string{"the row does not say who it is about"}}},
	}
}

func sampleOperatorWorkspace() operator.OperatorWorkspacePage {
	return operator.OperatorWorkspacePage{
		Page: samplePage("operator", "Northwind Sales"), ID: "ws_1", Name: "Northwind Sales", Status: "active", Plan: "Pro", Seats: "5", Period: "Nov 1 – 30, 2026", Zone: "Europe/Berlin",
		Credits: sampleCredits(), Plans: []frame.Option{{Value: "starter", Label: "Starter", Selected: false}, {Value: "pro", Label: "Pro", Selected: true}}, PlanKey: "k-pl",
		Grants:   []spending.GrantLine{{ID: "gr_1", Type: "standard", Amount: 100 * whole, Kind: "once", Note: "Trade fair in Lyon", Since: "Nov 10", Until: "Dec 1", EndKey: ""}, {ID: "gr_2", Type: "premium", Amount: 20 * whole, Kind: "recurring", Note: "Agreed in the renewal", Since: "Sep 1", Until: "", EndKey: "k-e"}},
		Types:    []frame.Option{{Value: "standard", Label: "standard", Selected: true}, {Value: "premium", Label: "premium", Selected: false}},
		Asked:    []spending.AskedLine{{Type: "premium", Amount: 40 * whole, Often: "this period"}},
		GrantKey: "k-g", Cancel: "/operator/workspaces/ws_1/cancel", ReviveKey: "k-re",
		Link: &frame.SignInLink{Title: "Sign-in link for Ada Byron", Name: "Ada Byron", URL: "https://leads.example.com/sign-in#code=abc", Expires: "in 24 hours"},
	}
}

func sampleBooks() operator.BooksPage {
	return operator.BooksPage{
		Page: samplePage("books", "Price books"), Name: "classic", Books: []frame.Option{{Value: "classic", Label: "Classic", Selected: true}, {Value: "universal", Label: "Universal", Selected: false}},
		Parts: []screen.BookPart{{Title: "Prices", Lines: []screen.BookLine{{What: "Mobile", Text: "1 premium; unlocked with its own button"}}}},
		Form:  operator.BookForm{Key: "k-bk", Text: "name: dearer", With: []frame.Option{{Value: "", Label: "The text below", Selected: true}, {Value: "universal", Label: "Universal", Selected: false}}, Error: "It needs a name."},
		Diff: &operator.BookDiff{
			Other: "dearer", Lines: []screen.BookChange{{What: "Mobile", Now: "1 premium", Then: "2 premium"}, {What: "Gold", Now: "", Then: "unlimited"}}, Past: "From 1 to 30 November",
			Totals: []operator.PastTotal{{Credit: "premium", Was: "10", Is: "20", WasW: 500, IsW: 1000, Change: "+100 %"}}, Stopped: 1, Checked: 2, More: "There is more.",
			Rows: []operator.PastLine{{Workspace: "ws_1", Name: "Acme", Credit: "premium", Was: "10", Would: "20", Stops: 3, First: "Nov 12, 14:03 UTC, by the limit of the member"}},
		},
	}
}
