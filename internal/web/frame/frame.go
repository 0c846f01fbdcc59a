package frame

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/words"
)

// frame fills in what stands around every page of a workspace.
func (v *Visit) frame() error {
	f, err := v.App.Screens.Frame(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	v.Zone = f.Zone
	v.Page.SignedIn, v.Page.Workspace, v.Page.UserName, v.Page.UserRole = true, v.Scope.Workspace.Name, f.Name, f.Role
	v.Page.SignOut, v.Page.Balance = NewKey(), v.Balances(f.Balances)
	v.Page.Live, v.Page.Seq = v.Scope.Workspace.ID, f.Seq
	v.Page.Requests, v.Page.Narrow, v.Page.Outside = f.Requests, v.narrow(), outsideLinks(v.Scope.Principal)
	for _, of := range f.Views {
		v.Page.Views = append(v.Page.Views, ViewLink{ID: of.ID, Mine: of.Mine, Name: of.Name, Link: "/leads?" + of.Query, Shared: of.Shared})
	}
	if v.Method == "GET" && !v.HTMX() {
		v.Page.Notices = v.Notices()
	}
	return nil
}

// narrow reports whether the browser keeps the side bar folded. Its cookie is written by the
// page's script and says nothing else.
func (v *Visit) narrow() bool {
	c, err := v.Cookie("bar")
	return err == nil && c.Value == "narrow"
}

// Balances writes what the person signed in can spend, of what.
func (v *Visit) Balances(list []screen.Balance) (rows []HeaderBalance) {
	for _, b := range list {
		rows = append(rows, HeaderBalance{Type: b.Type, Available: b.Available, Allowance: b.Of, Whose: b.Whose, Refill: RefillText(b.Refill, v.Day), AskPath: v.askPath(b)})
	}
	return rows
}

// BalanceNow reads what the person signed in can spend after a form.
func (v *Visit) BalanceNow() ([]HeaderBalance, error) {
	c, err := v.App.Screens.Credits(v.Context(), v.Scope)
	return v.Balances(c.Balances()), err
}

// Day writes a day of the workspace's zone: "Dec 1".
func (v *Visit) Day(t time.Time) string { return words.Day(t, v.Scope.Now, v.Zone) }

// Time writes an instant in the workspace's zone: "Dec 1, 2026, 00:00".
func (v *Visit) Time(t time.Time) string { return words.DayTime(t, v.Zone) }

// RefillText is when there is more, or when a cancelled subscription ends: "refills Dec 1",
// "ends Dec 1", or nothing. write is how the instant is written.
func RefillText(r unit.Refill, write func(time.Time) string) string {
	switch {
	case r.At != nil:
		return "refills " + write(*r.At)
	case r.Ends != nil:
		return "ends " + write(*r.Ends)
	}
	return ""
}

// watching turns the operator into an admin who may only read, while a look lasts.
func (v *Visit) watching() bool {
	ws, until := v.App.Sessions.GetString(v.Context(), "watched"), v.App.Sessions.GetInt64(v.Context(), "watched until")
	if ws == "" || time.Now().Unix() >= until {
		return false
	}
	v.Who = account.Principal{Role: account.Admin, Workspace: ws, ReadOnly: true, Watching: true}
	v.Page.Operator, v.Page.Watching = true, unit.InstantText(time.Unix(until, 0), time.UTC)
	return true
}

// WaitingChanges are the changes that the next period brings.
func WaitingChanges(c screen.Credits) []Notice {
	var list []Notice
	switch c.Status {
	case screen.Cancelled:
		list = append(list, Notice{Kind: "warning", Text: "The subscription ended on " + words.DayTime(c.EndsAt, c.Zone) + ". What was captured stays readable."})
	case screen.Cancelling:
		list = append(list, Notice{Kind: "warning", Text: "The subscription ends on " + words.DayTime(c.EndsAt, c.Zone) + ". From then on nothing is available."})
	}
	if next := c.Next; next != nil {
		list = append(list, Notice{Kind: "warning", Text: "From " + words.DayTime(next.At, c.Zone) + " the plan is " + words.Capital(next.Plan) + " with " + words.Plural(next.Seats, "seat", "seats") + "."})
	}
	return list
}

// WithQuery adds to a query and leads to a page with it.
func WithQuery(path string, q url.Values, more ...string) string {
	all := url.Values{}
	for name, values := range q {
		all[name] = values
	}
	for n := 0; n+1 < len(more); n += 2 {
		all.Set(more[n], more[n+1])
	}
	if len(all) == 0 {
		return path
	}
	return path + "?" + all.Encode()
}

// CodeLink is a link with a code that signs somebody in once.
func (v *Visit) CodeLink(code, name string) *SignInLink {
	return &SignInLink{Title: "Sign-in link for " + name, Name: name, URL: v.App.BaseURL(v.Request) + "/sign-in#code=" + code, Expires: "in 24 hours"}
}

// BaseURL is how browsers reach the server.
func (a *App) BaseURL(r *http.Request) string {
	if a.PublicURL != "" {
		return strings.TrimSuffix(a.PublicURL, "/")
	}
	return "http://" + r.Host
}
