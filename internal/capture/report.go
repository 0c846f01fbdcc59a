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

// Reported is what became of a report.
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
func (d *Desk) Report(ctx context.Context, s *account.Scope, entry, reason string, r credits.Request) (Reported, error) {
	if err := s.May(account.ReportData); err != nil {
		return Reported{}, err
	}
	seq, ok := credits.EntrySeq(entry)
	if !ok {
		return Reported{}, noEntry()
	}
	sight, err := d.Accounts.Visible(ctx, s)
	if err != nil {
		return Reported{}, err
	}
	v, err := d.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return Reported{}, account.FromRefusal(err)
	}
	var e store.Entry
	payment, since := seq, int64(0)
	var values []lead.Value
	err = d.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Entries(store.EntryFilter{Workspace: s.Workspace.ID, Sight: sight, After: seq - 1, Before: seq + 1, Limit: 1})
		if err == nil && len(rows) == 0 {
			err = noEntry()
		}
		if err != nil {
			return err
		}
		e = rows[0]
		if payment, since, err = paymentOf(tx, s, v, e); err != nil {
			return err
		}
		reveals, err := tx.RevealsOf(s.Workspace.ID, []string{e.Person})
		if err != nil {
			return err
		}
		for _, known := range reveals[e.Person] {
			if known.Field == e.Field {
				values, err = readValues(known)
			}
		}
		return err
	})
	if err != nil {
		return Reported{}, err
	}
	if err := suits(reason, lead.Field(e.Field)); e.Field != "" && err != nil {
		return Reported{}, err
	}
	r.Member = s.Member
	report := &credits.Report{Request: r, Entry: payment, Field: e.Field, Reason: reason, Since: since}
	for _, v := range values {
		report.Values = append(report.Values, mark(v))
	}
	return reported(d.Accounts.Steer(ctx, s, report))(entry)
}

// paymentOf is the number of the charge that paid for what an entry tells of, else the
// entry's own, and a number before every entry of the period that runs.
func paymentOf(tx *store.Tx, s *account.Scope, v *credits.View, e store.Entry) (payment, since int64, err error) {
	if since, _, err = tx.EntriesBetween(s.Workspace.ID, v.Current.Period.Start.UnixMicro(), 1<<62); err != nil || e.Kind == credits.KindCharge || e.Person == "" {
		return e.Seq, since, err
	}
	from := s.Now.AddDate(0, 0, -v.Book.Reports.Days-1)
	charges, err := tx.Entries(store.EntryFilter{Workspace: s.Workspace.ID, Sight: store.Everybody(), Person: e.Person, Kind: credits.KindCharge, From: from.UnixMicro(), Before: e.Seq, Limit: maxCharges})
	among := make([]credits.Entry, len(charges))
	for n, c := range charges {
		among[n] = entryOf(c)
	}
	if paid, found := v.Book.Payment(entryOf(e), among); found {
		return paid.Seq, since, err
	}
	return e.Seq, since, err
}

// entryOf is as much of an entry as says what paid for it.
func entryOf(e store.Entry) credits.Entry {
	return credits.Entry{Seq: e.Seq, Kind: e.Kind, Person: e.Person, Field: e.Field, Outcome: credits.Outcome(e.Outcome)}
}

// maxCharges bounds the charges for one person that are looked through.
const maxCharges = 100

// Decide answers a report that waits for the operator.
func (d *Desk) Decide(ctx context.Context, s *account.Scope, entry string, refund bool, r credits.Request) (Reported, error) {
	if err := s.May(account.Operate); err != nil {
		return Reported{}, err
	}
	seq, ok := credits.EntrySeq(entry)
	if !ok {
		return Reported{}, noEntry()
	}
	return reported(d.Accounts.Steer(ctx, s, &credits.Decide{Request: r, Entry: seq, Refund: refund}))(entry)
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
func (d *Desk) sellable(ctx context.Context, s *account.Scope, match directory.Match) (directory.Match, error) {
	if match.Person.ID == "" {
		return match, nil
	}
	var bad []store.BadValue
	err := d.Store.View(ctx, func(tx *store.Tx) (err error) {
		bad, err = tx.BadValues(s.Workspace.ID, match.Person.ID)
		return err
	})
	return without(match, bad), err
}

// without leaves the values out that the workspace reported bad of this person, and
// addresses that do not reach them: those of a former employer, and those that bounced. An
// address that is not one person's own is likely at most, whatever its source says (rule C5).
func without(match directory.Match, bad []store.BadValue) directory.Match {
	match.Person.Values = slices.DeleteFunc(slices.Clone(match.Person.Values), func(v lead.Value) bool {
		return v.Status == lead.Former || v.Status == lead.Bounced ||
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
func (d *Desk) Reports(ctx context.Context, s *account.Scope, status string, before int64, limit int) (list []store.Report, err error) {
	sight, err := d.Accounts.Visible(ctx, s)
	if err != nil {
		return nil, err
	}
	err = d.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Reports(s.Workspace.ID, status, sight, before, limit)
		return err
	})
	return list, err
}
