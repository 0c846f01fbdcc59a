package frame

import (
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/screen"
)

// Page is what the frame around every page needs.
type Page struct {
	Title     string          // the page's name, shown in the window's title
	Nav       string          // which entry of the navigation is current, by its name in sideBar
	SignedIn  bool            // false draws the frame without navigation, balance and account
	Workspace string          // the workspace's name; empty for an operator who belongs to none
	UserName  string          // who is signed in
	UserRole  string          // "admin", "manager", "member" or "runs this server"
	Operator  bool            // shows the operator's pages in the navigation
	Balance   []HeaderBalance // remaining credits per type, always in view
	SignOut   string          // idempotency key of the sign-out form
	Theme     string          // "light", "dark", or empty for the system's own
	Support   string          // link to support (https: or mailto:), empty for none
	Notices   []Notice        // what just happened, shown above the page
	Passkeys  bool            // the page makes or uses passkeys
	Requests  int             // requests that wait for the person signed in: for credits, or for add-ons
	Reviews   int             // reports of bad data that wait for the operator
	Views     []ViewLink      // saved views of the lead sheet
	Narrow    bool            // the side bar is folded to its icons
	Live      string          // the workspace whose changes the page hears of; may be empty
	Seq       int64           // the newest ledger entry that it knows of
	Wide      bool            // the page takes the width and height of the window: the lead sheet
	Outside   []PageLink      // pages of alerts, webhooks and pushes that the person signed in may see
	Watching  string          // until when the operator looks at the workspace as its admin does; empty for everybody else
}

// PageLink leads to a page.
type PageLink struct{ Name, Path string }

// outsideLinks are the pages about what leaves the server, of those that somebody may see.
func outsideLinks(p account.Principal) (list []PageLink) {
	for _, of := range []struct {
		verb account.Verb
		link PageLink
	}{
		{account.SeeAlerts, PageLink{"Alerts", "/settings/alerts"}}, {account.SeeWebhooks, PageLink{"Webhooks", "/settings/webhooks"}}, {account.SeePushes, PageLink{"Push", "/settings/push"}},
	} {
		if p.Can(of.verb) {
			list = append(list, of.link)
		}
	}
	return list
}

// ViewLink leads to a saved view of the lead sheet.
type ViewLink struct {
	ID, Name, Link     string
	Here, Shared, Mine bool // Mine: the person signed in may delete it
}

// HeaderBalance is what is left of one credit type, for the person signed in.
type HeaderBalance struct {
	Type      string     // "standard", "premium" or another of the price book
	Available unit.Quota // what can be spent now
	Allowance unit.Quota // of how much
	Whose     string     // "yours", "in the pool" or "the workspace’s"
	Refill    string     // "refills Dec 1", "ends Dec 1"; empty where neither
	AskPath   string     // where to ask for more of what ran out; empty: it did not, or nobody can be asked
}

// Notice is one sentence about what happened.
type Notice struct {
	Kind string // "success", "warning" or "danger"
	Text string // the sentence
	Link string // where to continue, may be empty
	Call string // the words of that link
	Undo string // the deed that can be undone; may be empty
	Back string // the page to return to then
	Ask  *Ask   // asks for credits that were missing; nil: nobody is to be asked
}

// Option is one choice of a select or of a group of checkboxes.
type Option struct {
	Value    string // what is sent
	Label    string // what is read
	Selected bool   // whether it is chosen now
}

// Entry is one line of the ledger, in words.
type Entry struct {
	ID      string      // the entry's id
	At      string      // "Nov 12, 14:03"
	AtISO   string      // the same instant in RFC 3339
	Member  string      // who, or "Workspace"
	Person  string      // about whom; empty for none, "erased" where the person is gone
	Lead    string      // link to the lead; empty for none
	Field   string      // "Work email"; empty for none
	Rule    string      // why, in words: "Work email found and verified"
	Kind    string      // charge, free, hold, release, refund, grant
	Channel string      // "web", "extension", "api" …; empty for none
	Type    string      // credit type
	Amount  unit.Amount // 0 for what was free
	After   *unit.Quota // the balance after it; nil leaves it out
	// ReportKey is the idempotency key of the form that reports bad data; empty hides it.
	ReportKey string
	Reasons   []Option // why it may be bad
	// ReportGives says whether the credit comes back.
	ReportGives string
	Reported    string // the outcome of a report; empty for none
	ReportBack  string // where the report leads back to; empty: the entries
}

// EntryLine is a line of the ledger: a capture, which opens into its fields, or one other entry.
type EntryLine struct {
	Entry
	Fields []Entry        // of a capture, in the order asked
	What   string         // of a capture: "Work email, Mobile"
	Spent  []screen.Spent // of a capture, per credit type
}

// ErrorPage is what is shown when a request cannot be answered.
type ErrorPage struct {
	Page    Page
	Status  int    // the HTTP status
	Title   string // "That page is not here"
	What    string // what happened
	Do      string // what to do now
	Link    string // where to continue, may be empty
	Call    string // the words of that link
	Request string // the request's id, to quote to support
}

// SignInLink is a link that signs somebody in once. Its code stands behind the
// # of the URL, so that no server or log ever sees it.
type SignInLink struct {
	Title   string // "Sign-in link for Ada Byron"
	Name    string // for whom
	URL     string // https://…/sign-in#code=…
	Expires string // "in 24 hours"
}

// SignInFacts is how somebody signs in, in a few lines.
type SignInFacts struct{ Password, Second, Passkeys, Sessions string }
