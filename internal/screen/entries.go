package screen

import (
	"context"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/words"
)

// None asks for the entries without a member, field or channel.
const None = store.None

// EntryAsk chooses entries of the ledger; what is empty leaves nothing out.
type EntryAsk struct {
	Member, Credit, Kind, Field, Outcome, Channel string
	From, To                                      time.Time
	Before                                        int64 // the number that they come before
	Limit                                         int   // of lines; of entries where they are exported
}

// Filter is the same for the store.
func (a EntryAsk) Filter(sc *account.Scope) store.EntryFilter {
	f := store.EntryFilter{
		Workspace: sc.Workspace.ID, Member: a.Member, Credit: a.Credit, Kind: a.Kind, Field: a.Field, Outcome: a.Outcome, Channel: a.Channel,
		Before: a.Before, Limit: a.Limit,
	}
	if !a.From.IsZero() {
		f.From, f.To = a.From.UnixMicro(), a.To.UnixMicro()
	}
	return f
}

// Entry is one entry of the ledger.
type Entry struct {
	ID      string
	At      time.Time
	Kind    string // one of unit's
	Member  string // who, or "Workspace"
	Person  string // about whom; empty for none
	Lead    string // the lead's id; empty for none
	Field   string
	Outcome string // one of rule C10's, of a field
	Rule    string // why, in words: "Found and charged, once for this person"
	Channel string
	Type    string
	Amount  unit.Amount
	After   unit.Quota // what was available after it
	// MayReport: it can be reported bad (rule C11), for one of Reasons; Gives says whether the
	// credit comes back.
	MayReport bool
	Reasons   []string
	Gives     string
	Reported  string // the outcome of a report, in words; empty for none
}

// entries are a page of what the viewer may see of the ledger, in lines; older is where the next
// one begins, 0 for none. With report, what can be reported bad says so.
func (s *Screens) entries(ctx context.Context, sc *account.Scope, view *credits.View, ask EntryAsk, report bool) (lines []EntryLine, older int64, err error) {
	f := ask.Filter(sc)
	if f.Sight, err = s.Accounts.Visible(ctx, sc); err != nil {
		return nil, 0, err
	}
	f.Limit = (ask.Limit + 1) * perLine
	var rows []store.Entry
	var reports []store.Report
	var leads map[string]store.Lead
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		if rows, err = tx.Entries().List(f); err != nil || len(rows) == 0 {
			return err
		}
		shown, more := pageOfLines(rows, ask.Limit, f.Limit)
		rows = slices.Concat(shown...)
		if more {
			older = rows[len(rows)-1].Seq
		}
		if reports, err = tx.Reports().Between(f.Workspace, rows[len(rows)-1].Seq, rows[0].Seq); err != nil {
			return err
		}
		leads, err = leadsOf(tx, f.Workspace, rows)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	names, err := s.Accounts.MemberNames(ctx, sc)
	list := entriesOf(rows, names, leads)
	markReports(sc, view, rows, list, reports, report)
	return entryLines(rows, list), older, err
}

// markReports says of entries what came of their reports and, with may, which can be reported.
func markReports(sc *account.Scope, view *credits.View, rows []store.Entry, list []Entry, reports []store.Report, may bool) {
	for n, e := range rows {
		switch i := slices.IndexFunc(reports, func(r store.Report) bool { return r.Seq == e.Seq }); {
		case i >= 0:
			list[n].Reported = reportText(reports[i].Status)
		case may && reportable(sc, view, e):
			list[n].MayReport, list[n].Reasons, list[n].Gives = true, reasons(lead.Field(e.Field)), reportGives(e, view.Current)
		}
	}
}

func leadsOf(tx *store.Tx, ws string, rows []store.Entry) (map[string]store.Lead, error) {
	var people []string
	for _, e := range rows {
		if e.Person != "" && !slices.Contains(people, e.Person) {
			people = append(people, e.Person)
		}
	}
	return tx.Leads().Of(ws, people)
}

// entriesOf writes rows of the ledger with names.
func entriesOf(rows []store.Entry, names map[string]string, leads map[string]store.Lead) []Entry {
	var list []Entry
	for _, e := range rows {
		one := Entry{
			ID: unit.EntryID(e.Seq), At: micros(e.At), Kind: e.Kind, Member: names[e.Member], Person: leads[e.Person].FullName, Lead: leads[e.Person].ID, Field: e.Field, Rule: rule(e),
			Outcome: e.Outcome,
			Channel: e.Channel, Type: e.Credit, Amount: unit.Amount(e.Amount), After: unit.Unlimited,
		}
		if one.Member == "" {
			one.Member = "Workspace"
		}
		if e.Person != "" && one.Person == "" {
			one.Person = "a person not on the sheet"
		}
		if e.BalanceAfter != nil {
			one.After = unit.Of(unit.Amount(*e.BalanceAfter))
		}
		list = append(list, one)
	}
	return list
}

// rule is why an entry is there, in words.
func rule(e store.Entry) string {
	switch e.Kind {
	case unit.KindCharge:
		switch description, reason := credits.Noted(e.Kind, e.Field, e.Note); {
		case description != "":
			return description
		case reason.Code != "":
			return "Found and charged: " + words.ChargedBecause(reason)
		}
		return "Found and charged, once for this person"
	case unit.KindFree:
		return words.OutcomeName(e.Outcome)
	case unit.KindHold:
		return "Set aside while a lookup runs"
	case unit.KindRelease:
		if e.Outcome == credits.HoldExpired {
			return "Given back: the hold ran out"
		}
		return "Given back from a hold"
	case unit.KindRefund:
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

func reportable(sc *account.Scope, view *credits.View, e store.Entry) bool {
	within := time.Duration(view.Book.Reports.Days) * 24 * time.Hour
	return e.Kind == unit.KindCharge && e.Field != "" && sc.Can(account.ReportData) && within > 0 && sc.Now.Sub(micros(e.At)) < within
}

func reasons(f lead.Field) []string {
	if f.IsEmail() {
		return []string{capture.Bounced, capture.WrongPerson}
	}
	return []string{capture.WrongNumber, capture.WrongPerson}
}

// reportGives says before a report whether the credit comes back, as credits.Report decides it.
func reportGives(e store.Entry, c credits.Current) string {
	switch {
	case c.Cancelled:
		return "The subscription is cancelled, so no credit comes back."
	case !c.Refundable(micros(e.PeriodStart)):
		return "The period that paid is over, so no credit comes back."
	}
	return "The credit comes back."
}

func reportText(status string) string {
	switch status {
	case unit.Refunded:
		return "Reported bad: the credit came back."
	case unit.Closed:
		return "Reported bad after its period."
	case unit.Review:
		return "Reported bad: the operator looks at it."
	}
	return "Reported bad: declined."
}
