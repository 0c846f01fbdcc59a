package web

import (
	"crypto/sha256"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// frame fills in what stands around every page of a workspace.
func (v *visit) frame() error {
	m := store.Member{Name: "Operator", Role: account.Admin}
	if !v.who.Watching {
		var err error
		if m, err = v.app.Accounts.Member(v.Context(), v.scope, v.who.Member); err != nil {
			return err
		}
	}
	view, err := v.look(v.who.Member)
	if err != nil {
		return err
	}
	v.page.SignedIn, v.page.Workspace, v.page.UserName, v.page.UserRole = true, v.scope.Workspace.Name, m.Name, m.Role
	v.page.SignOut, v.page.Balance = newKey(), headerBalance(view, v.who.Member)
	if v.Method == "GET" && !v.htmx() {
		v.page.Notices = v.notices()
	}
	return nil
}

// look reads the workspace's credits, and those of the members named.
func (v *visit) look(members ...string) (*credits.View, error) {
	members = slices.DeleteFunc(members, func(id string) bool { return id == "" }) // the workspace itself
	return v.app.Ledger.Look(v.Context(), v.scope.Workspace.ID, members, v.scope.Now)
}

// headerBalance is what the person signed in can spend, of what.
func headerBalance(view *credits.View, member string) []HeaderBalance {
	var list []HeaderBalance
	for n, c := range view.Credits {
		h, r := HeaderBalance{Type: c.Credit, Available: c.Available, Allowance: c.Allowance, Whose: "the workspace’s"}, c.Refill
		if of := view.Members[member]; len(of) > n {
			h.Available, h.Allowance, h.Whose, r = of[n].Available, of[n].Of, "in the pool", of[n].Refill // what is assigned to others is not theirs
			if of[n].Mode != credits.FromPool {
				h.Whose = "yours"
			}
		}
		if !h.Allowance.Unlimited {
			h.Refill = refillText(r, view, shortDay)
		}
		list = append(list, h)
	}
	return list
}

// refillText is when there is more, or when a cancelled subscription ends: "refills 1
// Dec", "ends 1 Dec", or nothing.
func refillText(r credits.Refill, view *credits.View, write func(time.Time, *credits.View) string) string {
	switch {
	case r.At != nil:
		return "refills " + write(*r.At, view)
	case r.Ends != nil && !view.Current.Cancelled:
		return "ends " + write(*r.Ends, view)
	}
	return ""
}

func shortDay(t time.Time, view *credits.View) string {
	return t.In(view.Current.Zone()).Format("2 Jan")
}

func longTime(t time.Time, view *credits.View) string {
	return t.In(view.Current.Zone()).Format("2 Jan 2006, 15:04")
}

// periodText writes a half-open period by its first and last day.
func periodText(p credits.Period, zone *time.Location) string {
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

func newID(prefix string) string { return ident.New(prefix) }

// formPrint says whether two forms with one key are the same form.
func (v *visit) formPrint() []byte {
	h := sha256.New()
	h.Write([]byte(v.URL.Path + "\x00" + v.who.Member + "\x00"))
	h.Write([]byte(v.PostForm.Encode()))
	return h.Sum(nil)[:16]
}

// once is the form's idempotency key: a second click is the first request again.
func (v *visit) once() (key string, print []byte) {
	if key = v.PostFormValue("idempotency_key"); len(key) > 100 {
		key = key[:100]
	}
	return key, v.formPrint()
}

// makeOnce makes something in one transaction with the form's receipt: a second
// press makes nothing and is given the id of what the first one made.
func (v *visit) makeOnce(workspace string, make func(tx *store.Tx) (id string, err error)) (replayed string, err error) {
	key, print := v.once()
	first, again, err := v.app.Store.Once(v.Context(), workspace, key, print, v.app.Accounts.Clock().UnixMicro(), func(tx *store.Tx) ([]byte, error) {
		id, err := make(tx)
		return []byte(id), err
	})
	if err != nil || !again {
		return "", err
	}
	return string(first), nil
}

// request is what a ledger command of this form says of itself.
func (v *visit) request(s *account.Scope) credits.Request {
	key, print := v.once()
	return credits.Request{Workspace: s.Workspace.ID, At: s.Now, Channel: "page", Key: key, Fingerprint: print}
}

// costs writes amounts in the book's order.
func costs(book *credits.Book, amounts map[string]credits.Amount) []Cost {
	var list []Cost
	for _, c := range book.Credits {
		list = append(list, Cost{c, amounts[c]})
	}
	return list
}

// captureCost is what a plain capture costs at most: every field that it asks for
// found and charged, premium included where it is unlocked by itself.
func captureCost(book *credits.Book, auto bool) []Cost {
	var names []string
	for _, f := range capture.PlainFields(book, auto) {
		names = append(names, string(f))
	}
	return costs(book, book.AtMost(names))
}

// priceTexts is what each combination of fields costs at most, as a button says it: the
// page's script chooses among them and adds nothing up.
func priceTexts(book *credits.Book, fields []string) map[string]string {
	return credits.Combined(fields, func(chosen []string) string { return atMost(costs(book, book.AtMost(chosen))) })
}

// autoCost is what the setting adds to a capture at most.
func autoCost(book *credits.Book) []Cost {
	with, without := captureCost(book, true), captureCost(book, false)
	for n := range with {
		with[n].Amount -= without[n].Amount
	}
	return with
}

// who reads what somebody typed: a profile URL, an email address, or a name and
// a company after a comma.
func whoText(text string) lead.Reference {
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

// entriesOf writes ledger entries in words.
func (v *visit) entriesOf(rows []store.Entry, view *credits.View, names map[string]string, people map[string]string) []Entry {
	var list []Entry
	for _, e := range rows {
		at := time.UnixMicro(e.At).UTC()
		one := Entry{
			ID: credits.EntryID(e.Seq), At: at.In(view.Current.Zone()).Format("2 Jan, 15:04"), AtISO: at.Format(time.RFC3339),
			Member: names[e.Member], Person: people[e.Person], Kind: e.Kind, Channel: channelName(e.Channel), Type: e.Credit, Amount: credits.Amount(e.Amount),
			Rule: ruleText(e),
		}
		if one.Member == "" {
			one.Member = "Workspace"
		}
		if e.Field != "" {
			one.Field = fieldLabel(e.Field)
		}
		if e.Person != "" {
			if one.Person == "" {
				one.Person = "a person not on the sheet"
			} else {
				one.Lead = "/leads/" + leadID(e.Person)
			}
		}
		after := credits.Unlimited
		if e.BalanceAfter != nil {
			after = credits.Of(credits.Amount(*e.BalanceAfter))
		}
		one.After = &after
		list = append(list, one)
	}
	return list
}

// ruleText is why an entry is there, in words.
func ruleText(e store.Entry) string {
	switch e.Kind {
	case credits.KindCharge:
		switch description, reason := credits.Noted(e.Kind, e.Field, e.Note); {
		case description != "":
			return description
		case reason == credits.ReasonFairUse:
			return "Found and charged: " + pastFairUse
		}
		return "Found and charged, once for this person"
	case credits.KindFree:
		return outcomeName(e.Outcome)
	case credits.KindHold:
		return "Set aside while a lookup runs"
	case credits.KindRelease:
		if e.Outcome == credits.HoldExpired {
			return "Given back: the hold ran out"
		}
		return "Given back from a hold"
	case credits.KindRefund:
		return "Given back"
	}
	switch e.Outcome {
	case "plan_changed":
		return "The plan changed"
	case "cancelled":
		return "The subscription was cancelled"
	case "reactivated":
		return "The subscription began again"
	case "add_on":
		return "An add-on was given"
	}
	return "The allowance changed"
}

// watching turns the operator into an admin who may only read, while a look lasts.
func (v *visit) watching() bool {
	ws, until := v.app.sessions.GetString(v.Context(), "watched"), v.app.sessions.GetInt64(v.Context(), "watched until")
	if ws == "" || time.Now().Unix() >= until {
		return false
	}
	v.who = account.Principal{Role: account.Admin, Workspace: ws, ReadOnly: true, Watching: true}
	v.page.Operator, v.page.Watching = true, time.Unix(until, 0).UTC().Format("15:04 UTC")
	return true
}

func microTime(us int64) time.Time { return time.UnixMicro(us).UTC() }

// waiting are the changes that the next period brings.
func waiting(view *credits.View) []Notice {
	var list []Notice
	if at := view.Current.CancelsAt; !at.IsZero() {
		text := "The subscription ends on " + longTime(at, view) + ". From then on nothing is available."
		if view.Current.Cancelled {
			text = "The subscription ended on " + longTime(at, view) + ". What was captured stays readable."
		}
		list = append(list, Notice{Kind: "warning", Text: text})
	}
	if next := view.Current.Next; next != nil {
		list = append(list, Notice{Kind: "warning", Text: "From " + longTime(next.At, view) + " the plan is " + capital(next.Plan.Name) + " with " + plural(next.Seats, "seat", "seats") + "."})
	}
	return list
}

// maxPeriods is how many earlier periods can be chosen, and maxPoolRows how many
// rows of the ledger that may take.
const (
	maxPeriods  = 60
	maxPoolRows = 500
)

// periods are the one that runs and the earlier ones that were used, newest first,
// with the pools of the earlier ones.
func (v *visit) periods(view *credits.View) (list []credits.Period, pools []store.Pool, err error) {
	list = []credits.Period{view.Current.Period}
	err = v.app.Store.View(v.Context(), func(tx *store.Tx) error {
		pools, err = tx.Pools(v.scope.Workspace.ID, 0, view.Current.Period.Start.UnixMicro(), maxPoolRows)
		return err
	})
	for _, p := range pools {
		one := credits.Period{Start: microTime(p.PeriodStart), End: microTime(p.PeriodEnd)}
		if len(list) < maxPeriods && !list[len(list)-1].Start.Equal(one.Start) {
			list = append(list, one)
		}
	}
	return list, pools, err
}

// seen are the ids of the members whose usage and limits are seen.
func seen(members []store.Member, sight store.Sight) (ids []string) {
	for _, m := range members {
		if sight.Sees(m.ID) {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// link adds to a query and leads to a page with it.
func link(path string, q url.Values, more ...string) string {
	all := url.Values{}
	for name, values := range q {
		all[name] = values
	}
	for n := 0; n+1 < len(more); n += 2 {
		all.Set(more[n], more[n+1])
	}
	return path + "?" + all.Encode()
}

// link is a link with a code that signs somebody in once.
func (v *visit) link(code, name string) *SignInLink {
	return &SignInLink{Title: "Sign-in link for " + name, Name: name, URL: v.app.base(v.Request) + "/sign-in#code=" + code, Expires: "in 24 hours"}
}

// base is how browsers reach the server.
func (a *App) base(r *http.Request) string {
	if a.PublicURL != "" {
		return strings.TrimSuffix(a.PublicURL, "/")
	}
	return "http://" + r.Host
}
