package capture

import (
	"context"
	"crypto/sha256"
	"slices"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Reasons why data is bad.
const (
	Bounced     = "bounced"
	WrongNumber = "wrong_number"
	WrongPerson = "wrong_person"
)

// Reported is the outcome of a report.
type Reported struct {
	Entry    string // that was reported
	Field    lead.Field
	Status   string // refunded, closed, review or declined
	Refund   string // the entry that gives the credit back; empty: none does
	Credit   string
	Amount   credits.Amount
	Balances map[string]credits.Balance
}

// Report takes note that data which was charged for is bad: its values are not
// sold to the workspace again, and the credit goes back where rule C11 says so.
func (svc *Service) Report(ctx context.Context, s *account.Scope, entry, reason string, r credits.Request) (Reported, error) {
	if err := s.May(account.ReportData); err != nil {
		return Reported{}, err
	}
	seq, ok := credits.EntrySeq(entry)
	if !ok {
		return Reported{}, noEntry()
	}
	sight, err := svc.Accounts.Visible(ctx, s)
	if err != nil {
		return Reported{}, err
	}
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return Reported{}, account.FromRefusal(err)
	}
	var e, paid store.Entry
	report := &credits.Report{Reason: reason}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Entries().List(store.EntryFilter{Workspace: s.Workspace.ID, Sight: sight, After: seq - 1, Before: seq + 1, Limit: 1})
		if err == nil && len(rows) == 0 {
			err = noEntry()
		}
		if err != nil {
			return err
		}
		e = rows[0]
		if paid, err = paymentOf(tx, s, v, e); err != nil {
			return err
		}
		report.Entry, report.Field = paid.Seq, e.Field
		if report.Since, _, err = tx.Entries().Between(s.Workspace.ID, v.Current.Period.Start.UnixMicro(), 1<<62); err != nil {
			return err
		}
		return bought(tx, s.Workspace.ID, paid.Person, report)
	})
	if err != nil {
		return Reported{}, err
	}
	if err := suits(reason, lead.Field(e.Field)); e.Field != "" && err != nil {
		return Reported{}, err
	}
	r.Member, r.With = s.Member, account.Within(asBought(s.Workspace.ID, paid.Person, report))
	report.Request = r
	return reported(svc.Accounts.ExecuteAudited(ctx, s, report))(entry)
}

// paymentOf is the charge that paid for what an entry tells of, else the entry itself. Of
// somebody who was one with others before, what was bought of those may be the person's.
func paymentOf(tx *store.Tx, s *account.Scope, v *credits.View, e store.Entry) (store.Entry, error) {
	if e.Kind == credits.KindCharge || e.Person == "" {
		return e, nil
	}
	people := []string{e.Person}
	moved, err := tx.Reveals().MovedTo(s.Workspace.ID, e.Person)
	if err != nil {
		return e, err
	}
	for _, m := range moved {
		if m.Field == e.Field {
			people = append(people, m.Paid)
		}
	}
	from := s.Now.AddDate(0, 0, -v.Book.Reports.Days-1)
	var charges []store.Entry
	for _, id := range people {
		of, err := tx.Entries().List(store.EntryFilter{Workspace: s.Workspace.ID, Sight: store.Everybody(), Person: id, Kind: credits.KindCharge, From: from.UnixMicro(), Before: e.Seq, Limit: maxCharges})
		if err != nil {
			return e, err
		}
		charges = append(charges, of...)
	}
	among := make([]credits.Entry, len(charges))
	for n, c := range charges {
		among[n] = entryOf(c)
	}
	if paid, found := v.Book.Payment(entryOf(e), among); found {
		at := slices.IndexFunc(charges, func(c store.Entry) bool { return c.Seq == paid.Seq })
		return charges[at], nil
	}
	return e, nil
}

// bought adds what a payment bought to its report: of the person it was for, and of those who
// were one with them.
func bought(tx *store.Tx, ws, person string, report *credits.Report) (err error) {
	if report.Values, err = marksOf(tx, ws, person, report.Field); err != nil {
		return err
	}
	moved, err := tx.Reveals().MovedFrom(ws, person)
	for _, m := range moved {
		field := credits.MovedField{Person: m.Person, Field: m.Field}
		if err == nil && m.Field == report.Field {
			field.Values, err = marksOf(tx, ws, m.Person, m.Field)
		}
		report.Moved = append(report.Moved, field)
	}
	return err
}

// marksOf is how the delivered values of a field are remembered as bad.
func marksOf(tx *store.Tx, ws, person, field string) (marks [][]byte, err error) {
	reveals, err := tx.Reveals().Of(ws, []string{person})
	if err != nil {
		return nil, err
	}
	for _, known := range reveals[person] {
		if known.Field != field {
			continue
		}
		values, err := readValues(known)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			marks = append(marks, mark(v))
		}
	}
	return marks, nil
}

// asBought refuses a report, with the report itself, when its people were taken apart after
// it was read what the payment bought.
func asBought(ws, person string, report *credits.Report) func(tx *store.Tx) error {
	return func(tx *store.Tx) error {
		again := &credits.Report{Field: report.Field}
		if err := bought(tx, ws, person, again); err != nil {
			return err
		}
		same := func(a, b credits.MovedField) bool { return a.Person == b.Person && a.Field == b.Field }
		if !slices.EqualFunc(again.Moved, report.Moved, same) {
			return fault.New(fault.Overloaded, "This person was taken apart while you reported them. Send the request again. Nothing was changed.")
		}
		return nil
	}
}

// entryOf is as much of an entry as says what paid for it.
func entryOf(e store.Entry) credits.Entry {
	return credits.Entry{Seq: e.Seq, Kind: e.Kind, Person: e.Person, Field: e.Field, Outcome: credits.Outcome(e.Outcome)}
}

// maxCharges bounds the charges for one person that are looked through.
const maxCharges = 100

// Decide answers a report that waits for the operator.
func (svc *Service) Decide(ctx context.Context, s *account.Scope, entry string, refund bool, r credits.Request) (Reported, error) {
	if err := s.May(account.Operate); err != nil {
		return Reported{}, err
	}
	seq, ok := credits.EntrySeq(entry)
	if !ok {
		return Reported{}, noEntry()
	}
	return reported(svc.Accounts.ExecuteAudited(ctx, s, &credits.Decide{Request: r, Entry: seq, Refund: refund}))(entry)
}

func reported(r credits.Result, err error) func(entry string) (Reported, error) {
	return func(entry string) (Reported, error) {
		if err != nil {
			return Reported{}, account.FromRefusal(err)
		}
		l := r.Lines[0]
		return Reported{Entry: entry, Field: lead.Field(l.Field), Status: string(l.Outcome), Refund: l.Entry, Credit: l.Credit, Amount: l.Amount, Balances: r.Balances}, nil
	}
}

// suits holds that a reason can be one for the field.
func suits(reason string, f lead.Field) error {
	switch {
	case reason == Bounced && f.IsEmail(), reason == WrongNumber && f.IsPhone(), reason == WrongPerson:
		return nil
	case f.IsEmail():
		return fault.Wrong("reason", "must be bounced or wrong_person for an email")
	}
	return fault.Wrong("reason", "must be wrong_number or wrong_person for a phone")
}

// mark is how a bad value is remembered: a hash, which shows nobody's data.
func mark(v lead.Value) []byte {
	sum := sha256.Sum256([]byte(string(v.Field) + "\x00" + v.Value))
	return sum[:16]
}

// sellable is a match with what may be sold of it to the workspace: see without.
func (svc *Service) sellable(ctx context.Context, s *account.Scope, match directory.Match) (directory.Match, error) {
	if match.Person.ID == "" {
		return match, nil
	}
	var bad []store.BadValue
	err := svc.Store.View(ctx, func(tx *store.Tx) (err error) {
		bad, err = tx.Reports().BadValues(s.Workspace.ID, match.Person.ID)
		return err
	})
	return without(match, bad), err
}

// without leaves the values out that the workspace reported bad of this person, and
// addresses that do not reach them: those of a former employer, and those that bounced. An
// address that is not one person's own is likely at most, whatever its source says (rule C5).
func without(match directory.Match, bad []store.BadValue) directory.Match {
	match.Person.Values = slices.DeleteFunc(slices.Clone(match.Person.Values), func(v lead.Value) bool {
		return !v.Reaches() ||
			slices.ContainsFunc(bad, func(b store.BadValue) bool { return b.Person == match.Person.ID && slices.Equal(b.Hash, mark(v)) })
	})
	for n := range match.Person.Values {
		if v := &match.Person.Values[n]; v.Status == lead.Verified && v.Mailbox.Shared() {
			v.Status = lead.Likely
		}
	}
	return match
}

func noEntry() error { return fault.New(fault.NotFound, "There is no such entry.") }

// Reports lists the reports that the principal may see before an entry's number, newest
// first.
func (svc *Service) Reports(ctx context.Context, s *account.Scope, status string, before int64, limit int) (list []store.Report, err error) {
	sight, err := svc.Accounts.Visible(ctx, s)
	if err != nil {
		return nil, err
	}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Reports().Of(s.Workspace.ID, status, sight, before, limit)
		return err
	})
	return list, err
}
