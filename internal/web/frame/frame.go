package frame

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/words"
)

// frame fills in what stands around every page of a workspace.
func (v *Visit) frame() error {
	m := store.Member{Name: "Operator", Role: account.Admin}
	if !v.Who.Watching {
		var err error
		if m, err = v.App.Accounts.Member(v.Context(), v.Scope, v.Who.Member); err != nil {
			return err
		}
	}
	view, err := v.Look(v.Who.Member)
	if err != nil {
		return err
	}
	v.Page.SignedIn, v.Page.Workspace, v.Page.UserName, v.Page.UserRole = true, v.Scope.Workspace.Name, m.Name, m.Role
	v.Page.SignOut, v.Page.Balance = NewKey(), HeaderBalances(view, v.Who.Member)
	if v.Method == "GET" && !v.HTMX() {
		v.Page.Notices = v.Notices()
	}
	return nil
}

// HeaderBalances is what the person signed in can spend, of what.
func HeaderBalances(view *credits.View, member string) []HeaderBalance {
	var list []HeaderBalance
	for n, c := range view.Credits {
		h, r := HeaderBalance{Type: c.Credit, Available: c.Available, Allowance: c.Allowance, Whose: "the workspace’s"}, c.Refill
		if of := view.Members[member]; len(of) > n {
			h.Available, h.Allowance, h.Whose, r = of[n].Available, of[n].Of, "in the pool", of[n].Refill // what is assigned to others is not theirs
			if of[n].Mode != unit.FromPool {
				h.Whose = "yours"
			}
		}
		if !h.Allowance.Unlimited {
			h.Refill = RefillText(r, view, ShortDay)
		}
		list = append(list, h)
	}
	return list
}

// RefillText is when there is more, or when a cancelled subscription ends: "refills 1
// Dec", "ends 1 Dec", or nothing.
func RefillText(r unit.Refill, view *credits.View, write func(time.Time, *time.Location) string) string {
	switch {
	case r.At != nil:
		return "refills " + write(*r.At, view.Current.Zone())
	case r.Ends != nil && !view.Current.Cancelled:
		return "ends " + write(*r.Ends, view.Current.Zone())
	}
	return ""
}

// ShortDay writes a day in the workspace's zone: "2 Jan".
func ShortDay(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2 Jan")
}

// LongTime writes an instant in the workspace's zone: "2 Jan 2006, 15:04".
func LongTime(t time.Time, zone *time.Location) string {
	return t.In(zone).Format("2 Jan 2006, 15:04")
}

// PeriodText writes a half-open period by its first and last day.
func PeriodText(p unit.Period, zone *time.Location) string {
	first, last := p.Start.In(zone), p.End.In(zone).Add(-time.Nanosecond)
	if first.Format(time.DateOnly) == last.Format(time.DateOnly) {
		return first.Format("2 Jan 2006")
	}
	if first.Year() != last.Year() {
		return first.Format("2 Jan 2006") + " – " + last.Format("2 Jan 2006")
	}
	if first.Month() != last.Month() {
		return first.Format("2 Jan") + " – " + last.Format("2 Jan 2006")
	}
	return first.Format("2") + " – " + last.Format("2 Jan 2006")
}

// Costs writes amounts in the book's order.
func Costs(book *credits.Book, amounts map[string]unit.Amount) []words.Cost {
	var list []words.Cost
	for _, c := range book.Credits {
		list = append(list, words.Cost{Type: c, Amount: amounts[c]})
	}
	return list
}

// CaptureCost is what a plain capture costs at most: every field that it asks for
// found and charged, premium included where it is unlocked by itself.
func CaptureCost(book *credits.Book, auto bool) []words.Cost {
	var names []string
	for _, f := range capture.PlainFields(book, auto) {
		names = append(names, string(f))
	}
	return Costs(book, book.AtMost(names))
}

// PriceTexts is what each combination of fields costs at most, as a button says it: the
// page's script chooses among them and adds nothing up.
func PriceTexts(book *credits.Book, fields []string) map[string]string {
	return credits.Combined(fields, func(chosen []string) string { return words.AtMost(Costs(book, book.AtMost(chosen))) })
}

// AutoCost is what the setting adds to a capture at most.
func AutoCost(book *credits.Book) []words.Cost {
	with, without := CaptureCost(book, true), CaptureCost(book, false)
	for n := range with {
		with[n].Amount -= without[n].Amount
	}
	return with
}

// WhoText reads what somebody typed: a profile URL, an email address, or a name and
// a company after a comma.
func WhoText(text string) lead.Reference {
	text = strings.TrimSpace(text)
	name, company, comma := strings.Cut(text, ",")
	switch {
	case strings.Contains(text, "@") && !strings.ContainsAny(text, " /"):
		return lead.Reference{Email: text}
	case !comma && strings.Contains(text, "/"):
		return lead.Reference{LinkedInURL: text}
	}
	name, company = strings.TrimSpace(name), strings.TrimSpace(company)
	if strings.Contains(company, ".") && !strings.Contains(company, " ") {
		if _, err := lead.Domain(company); err == nil {
			return lead.Reference{FullName: name, CompanyDomain: company}
		}
	}
	return lead.Reference{FullName: name, Company: company}
}

// watching turns the operator into an admin who may only read, while a look lasts.
func (v *Visit) watching() bool {
	ws, until := v.App.Sessions.GetString(v.Context(), "watched"), v.App.Sessions.GetInt64(v.Context(), "watched until")
	if ws == "" || time.Now().Unix() >= until {
		return false
	}
	v.Who = account.Principal{Role: account.Admin, Workspace: ws, ReadOnly: true, Watching: true}
	v.Page.Operator, v.Page.Watching = true, time.Unix(until, 0).UTC().Format("15:04 UTC")
	return true
}

// MicroTime is the instant that many microseconds after 1970, in UTC.
func MicroTime(us int64) time.Time { return time.UnixMicro(us).UTC() }

// WaitingChanges are the changes that the next period brings.
func WaitingChanges(view *credits.View) []Notice {
	var list []Notice
	if at := view.Current.CancelsAt; !at.IsZero() {
		text := "The subscription ends on " + LongTime(at, view.Current.Zone()) + ". From then on nothing is available."
		if view.Current.Cancelled {
			text = "The subscription ended on " + LongTime(at, view.Current.Zone()) + ". What was captured stays readable."
		}
		list = append(list, Notice{Kind: "warning", Text: text})
	}
	if next := view.Current.Next; next != nil {
		list = append(list, Notice{Kind: "warning", Text: "From " + LongTime(next.At, view.Current.Zone()) + " the plan is " + words.Capital(next.Plan.Name) + " with " + words.Plural(next.Seats, "seat", "seats") + "."})
	}
	return list
}

// maxPeriods is how many earlier periods can be chosen, and maxPoolRows how many
// rows of the ledger that may take.
const (
	maxPeriods  = 60
	maxPoolRows = 500
)

// Periods are the one that runs and the earlier ones that were used, newest first,
// with the pools of the earlier ones.
func (v *Visit) Periods(view *credits.View) (list []unit.Period, pools []store.Pool, err error) {
	list = []unit.Period{view.Current.Period}
	err = v.App.Store.View(v.Context(), func(tx *store.Tx) error {
		pools, err = tx.Pools(v.Scope.Workspace.ID, 0, view.Current.Period.Start.UnixMicro(), maxPoolRows)
		return err
	})
	for _, p := range pools {
		one := unit.Period{Start: MicroTime(p.PeriodStart), End: MicroTime(p.PeriodEnd)}
		if len(list) < maxPeriods && !list[len(list)-1].Start.Equal(one.Start) {
			list = append(list, one)
		}
	}
	return list, pools, err
}

// SeenMembers are the ids of the members whose usage and limits are seen.
func SeenMembers(members []store.Member, sight store.Sight) (ids []string) {
	for _, m := range members {
		if sight.Sees(m.ID) {
			ids = append(ids, m.ID)
		}
	}
	return ids
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
