package settings

import (
	"fmt"
	"net/http"
	"strings"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/words"
)

// helpPage answers the questions about credits from the workspace's own price
// book and numbers.
func (v *visit) helpPage() error {
	facts, err := v.App.Screens.Help(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	h := helper{facts}
	p := HelpPage{Page: v.Page, Intro: h.intro(), Topics: h.topics(), Prices: h.prices(), Guides: v.guides()}
	p.Page.Title, p.Page.Nav = "How credits work", "help"
	return v.Show(http.StatusOK, Help(p))
}

// helper writes the answers.
type helper struct{ screen.Help }

func (h helper) intro() string {
	return fmt.Sprintf("Credits are what your team spends on contact data. Your plan is %s; this period runs %s (%s).",
		words.Capital(h.Plan), words.PeriodText(h.Period, h.Zone), h.Zone)
}

// allowances says what each credit type has, in one line each.
func (h helper) allowances() [][]string {
	var rows [][]string
	for _, c := range h.List {
		rows = append(rows, []string{words.Capital(c.Credit), words.Quota(c.Allowance), words.Num(c.Used), words.Num(c.Held), words.Quota(c.Available)})
	}
	return rows
}

func (h helper) refills() string {
	if h.Status == screen.Cancelled {
		return "The subscription is cancelled, so nothing refills."
	}
	switch r := h.Refill; {
	case r.At != nil:
		return "They refill on " + words.DayTime(*r.At, h.Zone) + "."
	case r.Ends != nil:
		return "The subscription is cancelled and ends on " + words.DayTime(*r.Ends, h.Zone) + "; then nothing is available."
	}
	return "Nothing comes by itself in the next period."
}

func (h helper) costs(field lead.Field) string {
	item := h.Items.Of(string(field))
	if item == nil {
		return "not sold by your price book"
	}
	return item.Price + " " + item.Type
}

func (h helper) topics() []HelpTopic {
	return []HelpTopic{
		{ID: "what", Question: "How many credits do we have, and when do they refill?", Answer: []string{
			h.refills() + " Credits are a limit per period: each period begins with the full allowance again, and what is left over does not add up."},
			Head: []string{"Credit type", "Allowance", "Used", "Held", "Available"}, Rows: h.allowances()},
		{ID: "mobile", Question: "What happens when I capture a mobile phone?", Answer: []string{
			"A mobile phone costs " + h.costs(lead.MobilePhone) + ", once for the person, however many numbers are found.",
			h.mobileWhen()}},
		{ID: "standard", Question: "What do the other fields cost?", Answer: []string{
			"A verified work email costs " + h.costs(lead.WorkEmail) + ", a work phone " + h.costs(lead.WorkPhone) + ", a personal email " + h.costs(lead.PersonalEmail) + ". Each is charged once per person, however many values it has."}},
		{ID: "preview", Question: "Does a preview cost anything?", Answer: []string{
			"Yes, the same as a capture: both show you the data. A capture also saves the person to the lead sheet. Looking whether a field exists is always free. An email address is looked up only by a capture."}},
		{ID: "people", Question: "Does searching under People cost anything?", Answer: []string{
			"No. A search shows who is in the directory, and by icons which fields are known, yours already or missing; it never shows an address or a number. You pay for the people you capture, and each button says what that costs at most.",
			h.searching()}},
		{ID: "not-found", Question: "What if nothing is found?", Answer: []string{
			"Then nothing is charged. A source that fails or does not answer in time is not “not found”: it is said as what it is, and costs nothing either."}},
		{ID: "main-line", Question: "What if the work phone is only the company’s main line?", Answer: []string{
			"It is shown and not charged. An extension on the main line counts as the main line."}},
		{ID: "charged", Question: "Why was I charged for this?", Answer: []string{
			"Each charge is a ledger entry that gives its reason. Open Usage and press Entries in your row, then open the line of the charge: it says for each field what was found, what it cost and why. On a lead, “Credits spent on this lead” shows the same entries.",
			"A field is charged once per person, when it is found and no free rule applies to it."}},
		{ID: "free", Question: "Why was this free?", Answer: []string{h.freeIntro()}, Head: []string{"Why", "Answers this period", "What it saved"}, Rows: h.freeRows()},
		{ID: "verified", Question: "Why was a work email free?", Answer: []string{h.verified()}},
		{ID: "again", Question: "Do we pay again for somebody we captured before?", Answer: []string{h.owned()}},
		{ID: "team", Question: "Who in the team may use the credits?", Answer: []string{
			"By default everybody draws on the pool, first come, first served. An admin may set a limit for a member, or assign an amount that is set aside for that member alone. 0 means none; no limit is said as “pool”."}},
		{ID: "out", Question: "What happens when the credits run out?", Answer: []string{
			"A capture that cannot be paid for is refused and reveals nothing. It says which limit stopped it, what it needed and what was there. " + h.refills(),
			"Ask your admin for a higher limit; your admin can get an add-on or a larger plan from the operator of this server."}},
		{ID: "month-end", Question: "What happens at the end of the " + h.Interval + "?", Answer: []string{h.ends()}},
		{ID: "auto", Question: "When does a capture unlock premium by itself?", Answer: []string{h.mobileWhen(), h.cap()}},
		{ID: "bad", Question: "What if an email bounces or a number is wrong?", Answer: []string{h.bad()}},
		{ID: "who-sees", Question: "Who can see what I spend?", Answer: []string{
			h.sees() + " Admins also see the plan and the audit log. The operator of this server sees the totals; when they look at the workspace as its admin does, the audit log says so. Nobody of another workspace sees anything."}},
		{ID: "cancel", Question: "What happens when the subscription is cancelled?", Answer: []string{
			"From then on nothing is available, whatever was left. What was captured stays readable and can be exported. A reactivation starts a fresh period with the plan’s allowance."}},
	}
}

func (h helper) sees() string {
	if h.Everyone {
		return "Everybody in the workspace sees the team’s usage: who spent what, on which field, on which day."
	}
	return "You see your own usage, entries and limits, and what is left in the pool. Managers also see their groups’, admins everybody’s. An admin can open the team’s usage to everybody in Settings."
}

// searching says how much may be searched in a day (rule C13).
func (h helper) searching() string {
	if h.SearchPages == nil {
		return "You can search as much as you like. A search finds nobody by an email address or a phone number."
	}
	return "You can see " + words.Count(int(*h.SearchPages)) + " pages of results a day, each of up to 50 people. A search finds nobody by an email address or a phone number."
}

func (h helper) mobileWhen() string {
	switch h.AutoUnlock {
	case account.AutoOn:
		return "Your workspace unlocks it at every capture."
	case account.AutoOff:
		return "A capture does not ask for it; it has its own unlock button."
	}
	return "A capture does not ask for it unless you switched that on in Settings; it has its own unlock button."
}

func (h helper) verified() string {
	days := h.Items.FreeDays(string(lead.WorkEmail))
	if days == 0 {
		return "A verified work email is charged. One that is only likely or unverified is shown as such and not charged."
	}
	return fmt.Sprintf("A work email that the directory already held, verified within the last %d days, is free. One that was verified longer ago, or had to be verified again, is charged. One that is only likely or unverified is shown as such and not charged.", days)
}

func (h helper) owned() string {
	if h.OwnedDays == 0 {
		return "Yes: your price book charges each time."
	}
	return fmt.Sprintf("No. What was charged, or was free because it was verified in the directory, is your workspace’s own for %d days: any member sees, captures or exports it again for nothing.", h.OwnedDays)
}

func (h helper) prices() []PriceLine {
	var lines []PriceLine
	for _, item := range h.Items {
		var names []string
		for _, f := range item.Fields {
			names = append(names, words.FieldLabel(f))
		}
		line := PriceLine{Field: words.Capital(strings.Join(names, " or ")), Type: item.Type, Price: item.Price, Free: "Free when not found or owned already"}
		if item.FreeDays > 0 {
			line.Free += fmt.Sprintf(", when it is already in the directory, verified in the last %d days, and when it is not verified", item.FreeDays)
		}
		if len(item.Fields) > 0 && strings.Contains(strings.Join(item.Fields, " "), string(lead.WorkPhone)) {
			line.Free += ", and when it is the company’s main line"
		}
		if item.Together {
			line.Free += "; one charge for all of these"
		}
		line.Free += "."
		lines = append(lines, line)
	}
	return lines
}

// freeRows are the free answers of this period, by the rule that made them free.
func (h helper) freeRows() (rows [][]string) {
	for _, f := range h.Free {
		rows = append(rows, []string{words.OutcomeName(f.Outcome), words.Count(f.Answers), words.SavedText(f.Saved)})
	}
	return rows
}

func (h helper) freeIntro() string {
	text := "Only what is found and is worth its price is charged. Nothing found, the company’s main line, an email that is not verified or was verified in the directory recently, what your workspace owns already and what a source failed to answer are free."
	if len(h.freeRows()) == 0 {
		return text + " In this period nothing was free yet."
	}
	return text + " In this period:"
}

func (h helper) ends() string {
	if h.Refill.At == nil {
		return h.refills()
	}
	var left, carried []string
	for _, c := range h.List {
		switch limit := c.RolloverCap; {
		case c.Available.Unlimited:
		case limit > 0:
			carried = append(carried, "at most "+words.Num(limit)+" "+c.Credit)
		default:
			left = append(left, words.Quota(c.Available)+" "+c.Credit)
		}
	}
	text := "On " + words.DayTime(h.Period.End, h.Zone) + " a new period begins with the full allowance."
	if len(left) > 0 {
		text += " What is left then is not carried over; now that would be " + strings.Join(left, " and ") + "."
	}
	if len(carried) > 0 {
		text += " Of what is left, " + strings.Join(carried, " and ") + " is carried over."
	}
	return text + " An add-on for one period ends with it; a recurring one continues."
}

func (h helper) cap() string {
	if h.DailyCap == nil {
		return "No daily cap is set, so it spends as long as there are credits. An admin can set a cap in Settings."
	}
	return "By itself it spends at most " + words.Num(*h.DailyCap) + " of each credit type a day. Past that a field is not unlocked; its own button still does it."
}

func (h helper) bad() string {
	b := h.Reports
	if b.Days == 0 {
		return "Your price book takes no reports of bad data."
	}
	return fmt.Sprintf("Report it within %s of the charge, from the ledger entries under Usage. The credit comes back while the period that paid is running, and those values are not sold to your workspace again. Everything that the same credit paid for is given back with it. After %s of a member in a period, or more than %d %% of the workspace’s charges (at least %s), the operator looks at reports before credits go back.",
		words.Plural(b.Days, "day", "days"), words.Plural(b.PerMember, "report", "reports"), b.SharePercent, words.Plural(b.AtLeast, "report", "reports"))
}
