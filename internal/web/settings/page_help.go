package settings

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// helpPage answers the questions about credits from the workspace's own price
// book and numbers.
func (v *visit) helpPage() error {
	view, err := v.Look()
	if err != nil {
		return err
	}
	cube, err := v.App.Reports.Cube(v.Context(), v.Scope, usage.Ask{})
	if err != nil {
		return err
	}
	h := helper{view: view, auto: v.Scope.Workspace.AutoUnlock, settings: account.SettingsOf(v.Scope.Workspace), outcomes: cube.Report("outcome", nil)}
	p := HelpPage{Page: v.Page, Intro: h.intro(), Topics: h.topics(), Prices: h.prices()}
	p.Page.Title, p.Page.Nav = "How credits work", "help"
	return v.Show(http.StatusOK, Help(p))
}

// helper writes the answers.
type helper struct {
	view *credits.View
	auto string

	settings account.Settings
	outcomes *usage.Report // of this period
}

func (h helper) intro() string {
	return fmt.Sprintf("Credits are what your team spends on contact data. Your plan is %s; this period runs %s (%s).",
		words.Capital(h.view.Current.Plan.Name), frame.PeriodText(h.view.Current.Period, h.view.Current.Zone()), h.view.Current.Zone())
}

// allowances says what each credit type has, in one line each.
func (h helper) allowances() [][]string {
	var rows [][]string
	for _, c := range h.view.Credits {
		rows = append(rows, []string{words.Capital(c.Credit), words.Quota(c.Allowance), words.Num(c.Used), words.Num(c.Held), words.Quota(c.Available)})
	}
	return rows
}

func (h helper) refill() string {
	if h.view.Current.Cancelled {
		return "The subscription is cancelled, so nothing refills."
	}
	switch r := h.view.Refill(); {
	case r.At != nil:
		return "They refill on " + frame.LongTime(*r.At, h.view.Current.Zone()) + "."
	case r.Ends != nil:
		return "The subscription is cancelled and ends on " + frame.LongTime(*r.Ends, h.view.Current.Zone()) + "; then nothing is available."
	}
	return "Nothing comes by itself in the next period."
}

func (h helper) price(field lead.Field) string {
	item := h.view.Book.Item(string(field))
	if item == nil {
		return "not sold by your price book"
	}
	return item.Price().String() + " " + item.Credit
}

func (h helper) topics() []HelpTopic {
	return []HelpTopic{
		{ID: "what", Question: "How many credits do we have, and when do they refill?", Answer: []string{
			h.refill() + " Credits are a limit per period: each period begins with the full allowance again, and what is left over does not add up."},
			Head: []string{"Credit type", "Allowance", "Used", "Held", "Available"}, Rows: h.allowances()},
		{ID: "mobile", Question: "What happens when I capture a mobile phone?", Answer: []string{
			"A mobile phone costs " + h.price(lead.MobilePhone) + ", once for the person, however many numbers are found.",
			h.mobileWhen()}},
		{ID: "standard", Question: "What do the other fields cost?", Answer: []string{
			"A verified work email costs " + h.price(lead.WorkEmail) + ", a work phone " + h.price(lead.WorkPhone) + ", a personal email " + h.price(lead.PersonalEmail) + ". Each is charged once per person, however many values it has."}},
		{ID: "preview", Question: "Does a preview cost anything?", Answer: []string{
			"Yes, the same as a capture: both show you the data. A capture also saves the person to the lead sheet. Looking whether a field exists is always free. An email address is looked up only by a capture."}},
		{ID: "not-found", Question: "What if nothing is found?", Answer: []string{
			"Then nothing is charged. A source that fails or does not answer in time is not “not found”: it is said as what it is, and costs nothing either."}},
		{ID: "main-line", Question: "What if the work phone is only the company’s main line?", Answer: []string{
			"It is shown and not charged. An extension on the main line counts as the main line."}},
		{ID: "free", Question: "Why was this free?", Answer: []string{h.freeIntro()}, Head: []string{"Why", "Answers this period", "What it saved"}, Rows: h.freeRows()},
		{ID: "verified", Question: "Why was a work email free?", Answer: []string{h.verified()}},
		{ID: "again", Question: "Do we pay again for somebody we captured before?", Answer: []string{h.owned()}},
		{ID: "team", Question: "Who in the team may use the credits?", Answer: []string{
			"By default everybody draws on the pool, first come, first served. An admin may set a limit for a member, or assign an amount that is set aside for that member alone. 0 means none; no limit is said as “pool”."}},
		{ID: "out", Question: "What happens when the credits run out?", Answer: []string{
			"A capture that cannot be paid for is refused and reveals nothing. It says which limit stopped it, what it needed and what was there. " + h.refill(),
			"Ask your admin for a higher limit; your admin can get an add-on or a larger plan from the operator of this server."}},
		{ID: "month-end", Question: "What happens at the end of the " + h.interval() + "?", Answer: []string{h.ends()}},
		{ID: "auto", Question: "When does a capture unlock premium by itself?", Answer: []string{h.mobileWhen(), h.cap()}},
		{ID: "bad", Question: "What if an email bounces or a number is wrong?", Answer: []string{h.bad()}},
		{ID: "who-sees", Question: "Who can see what I spend?", Answer: []string{
			h.sees() + " Admins also see the plan and the audit log. The operator of this server sees the totals; when they look at the workspace as its admin does, the audit log says so. Nobody of another workspace sees anything."}},
		{ID: "cancel", Question: "What happens when the subscription is cancelled?", Answer: []string{
			"From then on nothing is available, whatever was left. What was captured stays readable and can be exported. A reactivation starts a fresh period with the plan’s allowance."}},
	}
}

func (h helper) sees() string {
	if h.settings.UsageVisibleTo == account.VisibleToEveryone {
		return "Everybody in the workspace sees the team’s usage: who spent what, on which field, on which day."
	}
	return "You see your own usage, entries and limits, and what is left in the pool. Managers also see their groups’, admins everybody’s. An admin can open the team’s usage to everybody in Settings."
}

func (h helper) mobileWhen() string {
	switch h.auto {
	case account.AutoOn:
		return "Your workspace unlocks it at every capture."
	case account.AutoOff:
		return "A capture does not ask for it; it has its own unlock button."
	}
	return "A capture does not ask for it unless you switched that on in Settings; it has its own unlock button."
}

func (h helper) verified() string {
	item := h.view.Book.Item(string(lead.WorkEmail))
	if item == nil || item.VerifiedFreeDays == 0 {
		return "A verified work email is charged. One that is only likely or unverified is shown as such and not charged."
	}
	return fmt.Sprintf("A work email that the directory already held, verified within the last %d days, is free. One that was verified longer ago, or had to be verified again, is charged. One that is only likely or unverified is shown as such and not charged.", item.VerifiedFreeDays)
}

func (h helper) owned() string {
	if h.view.Book.OwnedDays == 0 {
		return "Yes: your price book charges each time."
	}
	return fmt.Sprintf("No. What was charged, or was free because it was verified in the directory, is your workspace’s own for %d days: any member sees, captures or exports it again for nothing.", h.view.Book.OwnedDays)
}

func (h helper) prices() []PriceLine {
	var lines []PriceLine
	for _, item := range h.view.Book.Prices {
		var names []string
		for _, f := range item.Fields {
			names = append(names, words.FieldLabel(f))
		}
		line := PriceLine{Field: words.Capital(strings.Join(names, " or ")), Type: item.Credit, Price: item.Price().String(), Free: "Free when not found or owned already"}
		if item.VerifiedFreeDays > 0 {
			line.Free += fmt.Sprintf(", when the directory held it verified within %d days, and when it is not verified", item.VerifiedFreeDays)
		}
		if len(item.Fields) > 0 && strings.Contains(strings.Join(item.Fields, " "), string(lead.WorkPhone)) {
			line.Free += ", and when it is the company’s main line"
		}
		if item.PerPerson() {
			line.Free += "; one charge for all of these"
		}
		line.Free += "."
		lines = append(lines, line)
	}
	return lines
}

// freeRows are the free answers of this period, by the rule that made them free.
func (h helper) freeRows() [][]string {
	var rows [][]string
	for _, g := range h.outcomes.Data {
		if !unit.Outcome(g.Key).Free() {
			continue
		}
		answers := 0
		for _, n := range g.Outcomes {
			answers += int(n)
		}
		rows = append(rows, []string{words.OutcomeName(g.Key), words.Count(answers), words.SavedText(frame.Costs(h.view.Book, g.Saved))})
	}
	return rows
}

func (h helper) freeIntro() string {
	text := "Only what is found and is worth its price is charged. Nothing found, the company’s main line, an email that is not verified or was verified in the directory lately, what your workspace owns already and what a source failed to answer are free."
	if len(h.freeRows()) == 0 {
		return text + " In this period nothing was free yet."
	}
	return text + " In this period:"
}

func (h helper) interval() string {
	switch i := h.view.Current.Plan.Interval; i {
	case credits.Day, credits.Week, credits.Year:
		return string(i)
	}
	return "month"
}

func (h helper) ends() string {
	if h.view.Refill().At == nil {
		return h.refill()
	}
	var left, carried []string
	for _, c := range h.view.Credits {
		switch limit := h.view.Current.Plan.Credits[c.Credit].RolloverCap; {
		case c.Available.Unlimited:
		case limit > 0:
			carried = append(carried, "at most "+words.Num(limit)+" "+c.Credit)
		default:
			left = append(left, words.Quota(c.Available)+" "+c.Credit)
		}
	}
	text := "On " + frame.LongTime(h.view.Current.Period.End, h.view.Current.Zone()) + " a new period begins with the full allowance."
	if len(left) > 0 {
		text += " What is left then is not carried over; now that would be " + strings.Join(left, " and ") + "."
	}
	if len(carried) > 0 {
		text += " Of what is left, " + strings.Join(carried, " and ") + " is carried over."
	}
	return text + " An add-on for one period ends with it; a recurring one continues."
}

func (h helper) cap() string {
	if h.settings.DailyCap == nil {
		return "No daily cap is set, so it spends as long as there are credits. An admin can set a cap in Settings."
	}
	return "By itself it spends at most " + words.Num(*h.settings.DailyCap) + " of each credit type a day. Past that a field is not unlocked; its own button still does it."
}

func (h helper) bad() string {
	b := h.view.Book
	if b.Reports.Days == 0 {
		return "Your price book takes no reports of bad data."
	}
	return fmt.Sprintf("Report it within %s of the charge, from the ledger entries under Usage. The credit comes back while the period that paid is running, and those values are not sold to your workspace again. Everything that the same credit paid for is given back with it. After %s of a member in a period, or more than %d %% of the workspace’s charges (at least %s), the operator looks at reports before credits go back.",
		words.Plural(b.Reports.Days, "day", "days"), words.Plural(b.Reports.PerMember, "report", "reports"), b.Reports.SharePercent, words.Plural(b.Reports.AtLeast, "report", "reports"))
}
