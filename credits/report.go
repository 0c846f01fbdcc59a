package credits

import (
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Payment is the charge that paid for what an entry tells of, among the charges for
// its person and for those of whom the field was bought before it was the person's: the
// entry itself, or for a field that came without a charge the newest one before it of
// that field, or of its group where that is paid once per person. What a payment bought
// is given back as a whole (rule C11). False: nothing was paid.
func (b *Book) Payment(e Entry, charges []Entry) (paid Entry, found bool) {
	if e.Kind == KindCharge && e.Field != "" {
		return e, true
	}
	if e.Kind != KindFree || e.Outcome != AlreadyOwned {
		return paid, false
	}
	for _, c := range charges {
		if c.Kind == KindCharge && c.Seq < e.Seq && c.Seq > paid.Seq && b.together(c.Field, e.Field) {
			paid, found = c, true
		}
	}
	return paid, found
}

// together reports whether one payment buys both fields.
func (b *Book) together(paid, field string) bool {
	item := b.Item(paid)
	return paid == field || item != nil && item.PerPerson() && b.Item(field) == item
}

// Report says that data that was charged for is bad (rule C11). Its values are
// not sold to the workspace again, and the credit goes back to the period that
// paid, if that is still running. All that the payment bought is owned no more.
type Report struct {
	Request
	Entry  int64  // the number of the charge, as Payment finds it
	Field  string // that is bad; empty: the charge's own
	Reason string // as the caller names it
	// Since is a number below which no entry is of the period that runs; 0 is always
	// right, and slow where the ledger is long.
	Since int64
	// Values are hashes of what is marked bad; opaque to the ledger.
	Values [][]byte
	// Moved is what was bought of the person and is others' now, who were taken apart.
	Moved []MovedField
}

// MovedField is a field that is another person's than it was bought of.
type MovedField struct {
	Person, Field string
	Values        [][]byte // as of a Report
}

func (c *Report) needs(s *state, w *wants) {
	w.pools(s)
	w.report(s, c.Entry)
	for _, m := range c.Moved {
		w.person(s, m.Person)
	}
	if s.terms != nil {
		w.reportCount(s, c.Member, micros(s.current.Period.Start))
		w.reportTotal(s, micros(s.current.Period.Start), c.Since)
	}
}

func (c *Report) decide(s *state) (Result, *Refusal) {
	r := s.reports[c.Entry]
	e, field := r.entry, c.Field
	if field == "" {
		field = e.Field
	}
	switch {
	case e.Seq == 0:
		return Result{}, refuse(Missing, "There is no such entry.")
	case e.Kind != KindCharge || e.Field == "" || field != e.Field && !c.cameWith(s, e, field):
		return Result{}, refuse(Conflict, "Only what a charge paid for can be reported.")
	case r.Status != "":
		return Result{}, refuse(Conflict, "This was reported already, and is %s.", r.Status)
	case !fresh(instant(e.At), s.book.Reports.Days, s.now):
		return Result{}, refuse(Conflict, "Bad data can be reported within %d days; this was charged on %s.", s.book.Reports.Days, instant(e.At).Format(time.DateOnly))
	}
	period := micros(s.current.Period.Start)
	count, total := s.reportCounts[reportCountID{c.Member, period}], s.reportTotals[period]
	status := Refunded
	switch {
	case !s.book.Reports.allows(*count, total.Reports, total.Charges+s.charged(period)):
		status = Review
	case !s.refundable(e):
		status = Closed
	}
	r.Report = store.Report{
		Workspace: s.acct.Workspace, Seq: e.Seq, Member: c.Member, Person: e.Person, Field: field, Reason: c.Reason,
		PeriodStart: period, At: micros(s.now),
	}
	*count++
	total.Reports++
	for _, hash := range c.Values {
		s.out.bad = append(s.out.bad, store.BadValue{Workspace: s.acct.Workspace, Person: e.Person, Field: field, Hash: hash})
	}
	for _, known := range s.reveals[e.Person].fields { // what was given back is not owned
		s.disown(e, known)
	}
	for _, m := range c.Moved {
		for _, hash := range m.Values {
			s.out.bad = append(s.out.bad, store.BadValue{Workspace: s.acct.Workspace, Person: m.Person, Field: field, Hash: hash})
		}
		for _, known := range s.reveals[m.Person].fields {
			if known.Field == m.Field && !s.paidSince(e, m.Person) {
				s.disown(e, known)
			}
		}
	}
	return s.answerReport(r, status, c.Channel), nil
}

// disown ends the ownership of a delivered field that a payment bought.
func (s *state) disown(paid store.Entry, known *revealRow) {
	if known.Field == paid.Field && known.Outcome == string(Charged) || known.Outcome == string(AlreadyOwned) && s.book.together(paid.Field, known.Field) {
		known.Outcome, known.dirty = ReportedBad, true
	}
}

// paidSince reports whether a person to whom a payment's field moved was paid for by
// themselves since: then what they have is of that payment.
func (s *state) paidSince(paid store.Entry, person string) bool {
	return slices.ContainsFunc(s.reveals[person].fields, func(r *revealRow) bool {
		return r.Outcome == string(Charged) && r.At > paid.At && s.book.together(paid.Field, r.Field)
	})
}

// cameWith reports whether a field came with the payment for another one.
func (c *Report) cameWith(s *state, paid store.Entry, field string) bool {
	came := func(r *revealRow) bool { return r.Field == field && r.Outcome == string(AlreadyOwned) }
	return s.book.together(paid.Field, field) && (slices.ContainsFunc(s.reveals[paid.Person].fields, came) ||
		slices.ContainsFunc(c.Moved, func(m MovedField) bool {
			return m.Field == field && slices.ContainsFunc(s.reveals[m.Person].fields, came)
		}))
}

// charged counts the charges for people's data that this batch decided in a period.
func (s *state) charged(period int64) (n int64) {
	for _, e := range s.out.entries {
		if e.Kind == KindCharge && e.Field != "" && e.PeriodStart == period {
			n++
		}
	}
	return n
}

// ReportedBad is what a delivered field is from when on it was reported.
const ReportedBad = "reported"

// refundable tells whether the period that paid for an entry is still running.
func (s *state) refundable(e store.Entry) bool {
	return s.current.Refundable(instant(e.PeriodStart))
}

// answerReport puts a report into a status, and gives the credit back where that
// says so.
func (s *state) answerReport(r *reportRow, status, channel string) Result {
	r.Status, r.dirty, s.dirty = status, true, true
	e := r.entry
	result := Result{}
	line := Line{Field: e.Field, Outcome: Outcome(status), Credit: e.Credit}
	if status == Refunded {
		p := s.pool(e.Credit)
		s.move(p, e.Member, -Amount(e.Amount), 0)
		back := s.record(p, store.Entry{
			Kind: KindRefund, Amount: e.Amount, Member: e.Member, Person: e.Person, Field: e.Field,
			Outcome: r.Reason, Channel: channel, Note: "of " + EntryID(e.Seq), Capture: e.Capture,
		})
		line.Amount, line.Entry = Amount(e.Amount), EntryID(back.Seq)
		result.Entry = line.Entry
		result.balance(p)
	}
	result.Lines = []Line{line}
	return result
}

// Decide answers a report that waits for the operator.
type Decide struct {
	Request
	Entry  int64 // the number of the charge
	Refund bool
}

func (c *Decide) needs(s *state, w *wants) {
	w.pools(s)
	w.report(s, c.Entry)
}

func (c *Decide) decide(s *state) (Result, *Refusal) {
	r := s.reports[c.Entry]
	switch {
	case r.Status == "":
		return Result{}, refuse(Missing, "There is no such report.")
	case r.Status != Review:
		return Result{}, refuse(Conflict, "The report is %s.", r.Status)
	case !c.Refund:
		return s.answerReport(r, Declined, c.Channel), nil
	case !s.refundable(r.entry):
		return s.answerReport(r, Closed, c.Channel), nil
	}
	return s.answerReport(r, Refunded, c.Channel), nil
}

type (
	reportRow struct {
		store.Report
		entry store.Entry
		dirty bool
	}
	reportCountID struct {
		member string
		period int64
	}
)

// report wants a charge, its report, and what giving it back touches.
func (w *wants) report(s *state, seq int64) {
	r := s.reports[seq]
	if r == nil {
		if w.lacks() {
			return
		}
		if s.reports == nil {
			s.reports = map[int64]*reportRow{}
		}
		s.reports[seq] = &reportRow{}
		w.Entries = append(w.Entries, store.EntryKey{Workspace: s.acct.Workspace, Seq: seq})
		return
	}
	if r.entry.Seq == 0 {
		return
	}
	w.person(s, r.entry.Person)
	w.shareOf(s, r.entry.Member, r.entry.PeriodStart, r.entry.Credit)
}

func (w *wants) reportCount(s *state, member string, period int64) {
	id := reportCountID{member, period}
	if s.reportCounts[id] != nil || w.lacks() {
		return
	}
	if s.reportCounts == nil {
		s.reportCounts = map[reportCountID]*int64{}
	}
	s.reportCounts[id] = new(int64)
	w.ReportCounts = append(w.ReportCounts, store.ReportCountKey{Workspace: s.acct.Workspace, Member: member, PeriodStart: period})
}

func (w *wants) reportTotal(s *state, period, since int64) {
	if s.reportTotals[period] != nil || w.lacks() {
		return
	}
	if s.reportTotals == nil {
		s.reportTotals = map[int64]*store.ReportTotal{}
	}
	s.reportTotals[period] = &store.ReportTotal{}
	w.ReportTotals = append(w.ReportTotals, store.ReportTotalKey{Workspace: s.acct.Workspace, PeriodStart: period, After: since, AtLeast: int64(s.book.Reports.AtLeast)})
}
