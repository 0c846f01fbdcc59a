package credits

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// Terms are what a workspace subscribed to: all that its periods and allowances
// follow from. They are a value; every change makes new ones.
type Terms struct {
	Book  string `json:"book"`
	Plan  Plan   `json:"plan"` // as sold then: a later edit of the book changes nobody's plan
	Seats int    `json:"seats"`
	Zone  string `json:"zone"`

	AnchorDay     int        `json:"anchor_day"`     // 1–31, for months and years
	AnchorWeekday int        `json:"anchor_weekday"` // 1 Monday … 7 Sunday, for weeks
	AnchorMonth   time.Month `json:"anchor_month"`   // for years

	// Since is when the present run of periods began; no period begins before it.
	Since time.Time `json:"since,omitzero"`
	// Next is a change that waits for the period's end (rule G3).
	Next *Change `json:"next,omitempty"`
	// Boost is what a change that waits already raised for the period that runs.
	Boost map[string]Quota `json:"boost,omitempty"`
	// Began is when the workspace was made.
	Began time.Time `json:"began,omitzero"`
	// CancelAt is when nothing is available any more (rule G4): the end of a
	// period, or with CancelNow an instant in the last one.
	CancelAt  time.Time `json:"cancel_at,omitzero"`
	CancelNow bool      `json:"cancel_now,omitempty"`
	// Grants are the add-ons that still count, or did in the period that runs.
	Grants []Grant `json:"grants,omitempty"`
	// Assigned is the sum of the amounts assigned to members, per credit type (rule D3).
	Assigned map[string]Amount `json:"assigned,omitempty"`
}

// Change is a plan and a number of seats from an instant on.
type Change struct {
	At    time.Time `json:"at"`
	Plan  Plan      `json:"plan"`
	Seats int       `json:"seats"`
}

// Kinds of grants (rule G2).
const (
	Recurring = "recurring" // to every period from now until ended
	Once      = "once"      // to the current period alone
)

// Grant is an add-on that the operator gave.
type Grant struct {
	ID     string    `json:"id"`
	Credit string    `json:"credit"`
	Amount Amount    `json:"amount"`
	Kind   string    `json:"kind"`
	Period time.Time `json:"period"` // the period in which it was given
	EndsAt time.Time `json:"ends_at,omitzero"`
}

// counts reports whether the grant adds to the period.
func (g Grant) counts(p Period) bool {
	if g.Kind == Once {
		return g.Period.Equal(p.Start)
	}
	return g.EndsAt.IsZero() || g.EndsAt.After(p.Start)
}

// NewTerms begins a subscription at an instant. The anchor is a day of the month
// 1–31, or for weekly plans a weekday 1 Monday … 7 Sunday.
func NewTerms(book *Book, plan string, seats int, zone string, anchor int, now time.Time) (*Terms, error) {
	p := book.Plans[plan]
	if p == nil {
		return nil, fmt.Errorf("plan %q is not in the price book %q; it has %v", plan, book.Name, book.PlanNames())
	}
	location, err := LoadZone(zone)
	if err != nil {
		return nil, err
	}
	t := &Terms{Book: book.Name, Plan: *p, Seats: seats, Zone: zone, AnchorDay: 1, AnchorWeekday: 1, Began: now}
	t.AnchorMonth = anchorMonth(1, location, now)
	if p.Interval == Week {
		if anchor < 1 || anchor > 7 {
			return nil, fmt.Errorf("anchor of a weekly plan must be a weekday from 1 (Monday) to 7 (Sunday)")
		}
		t.AnchorWeekday = anchor
		return t, nil
	}
	if anchor < 1 || anchor > 31 {
		return nil, fmt.Errorf("anchor must be a day of the month from 1 to 31")
	}
	t.AnchorDay = anchor
	t.AnchorMonth = anchorMonth(anchor, location, now)
	return t, nil
}

// anchorMonth is the month in which a yearly plan's periods begin when it begins
// now: that of the anchor day before it, so that the first is a year, not a rest.
func anchorMonth(day int, zone *time.Location, now time.Time) time.Month {
	return Schedule{Interval: Month, Day: day, Zone: zone}.At(now).Start.In(zone).Month()
}

func parseTerms(text []byte) (*Terms, error) {
	t := new(Terms)
	if err := json.Unmarshal(text, t); err != nil {
		return nil, fmt.Errorf("terms of a workspace: %w", err)
	}
	return t, nil
}

// Encode writes the terms as the ledger stores them.
func (t *Terms) Encode() []byte {
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // no field of Terms can fail to encode
	}
	return text
}

// clone is a copy that may be changed without changing t.
func (t *Terms) clone() *Terms {
	c := *t
	c.Boost = maps.Clone(t.Boost)
	c.Assigned = maps.Clone(t.Assigned)
	c.Grants = append([]Grant(nil), t.Grants...)
	if t.Next != nil {
		next := *t.Next
		c.Next = &next
	}
	return &c
}

// at folds in a waiting change whose time has come; a cancellation that comes
// first, or with it, leaves none to come. The result shares nothing that its
// caller may change.
func (t *Terms) at(now time.Time) *Terms {
	if t.Next == nil || now.Before(t.Next.At) || !t.CancelAt.IsZero() && !t.CancelAt.After(t.Next.At) {
		return t
	}
	c := t.clone()
	if c.Plan.Interval != c.Next.Plan.Interval {
		c.Since = c.Next.At
		c.AnchorMonth = anchorMonth(c.AnchorDay, c.zone(), c.Since)
	}
	c.Plan, c.Seats, c.Next, c.Boost = c.Next.Plan, c.Next.Seats, nil, nil
	return c
}

// Current is a workspace's subscription as it stands at one instant.
type Current struct {
	terms *Terms
	// Plan and Seats in force; a downgrade that waits is not yet.
	Plan  Plan
	Seats int
	// Period is the one that runs; after a cancellation, the last one.
	Period    Period
	Cancelled bool
	// CancelsAt is when a cancellation takes or took effect; zero: none.
	CancelsAt time.Time
	// Next is a change that waits for the period's end; nil: none.
	Next *Change
	zone *time.Location
}

// At is the subscription at an instant: a pure function of terms and instant.
func (t *Terms) At(now time.Time) Current {
	t = t.at(now)
	c := Current{terms: t, Plan: t.Plan, Seats: t.Seats, CancelsAt: t.CancelAt, Next: t.Next, zone: t.zone()}
	instant := now
	if !t.CancelAt.IsZero() && !now.Before(t.CancelAt) {
		c.Cancelled = true
		instant = t.CancelAt
		if !t.CancelNow {
			instant = instant.Add(-1)
		}
	}
	c.Period = t.schedule(c.zone).At(instant)
	return c
}

func (t *Terms) zone() *time.Location {
	zone, err := LoadZone(t.Zone)
	if err != nil {
		// The zone was checked when the terms were made; a zone database that
		// lost it since must not move anybody's periods silently.
		panic(err)
	}
	return zone
}

func (t *Terms) schedule(zone *time.Location) Schedule {
	return Schedule{
		Interval: t.Plan.Interval, Day: t.AnchorDay, Weekday: t.AnchorWeekday,
		Month: t.AnchorMonth, Zone: zone, Since: t.Since,
	}
}

// Before is the period that ended at an instant, as the plan's own schedule has it; where a period
// was cut short by a fresh one, it ends there.
func (c Current) Before(start time.Time) Period {
	schedule := c.terms.schedule(c.zone)
	schedule.Since = time.Time{}
	return Period{Start: schedule.At(start.Add(-time.Microsecond)).Start, End: start}
}

// Refundable tells whether the period that began at an instant is still running, so that what
// it paid for can be given back to it (rule C11).
func (c Current) Refundable(period time.Time) bool {
	return !c.Cancelled && period.Equal(c.Period.Start)
}

// GrantEnds is when an add-on ends or ended that would end by itself at an instant, or never
// (zero), and whether a cancellation ends it: one that took effect ends them all (rule G4).
func (c Current) GrantEnds(at time.Time) (ends time.Time, cancelled bool) {
	if c.Cancelled && (at.IsZero() || !at.Before(c.CancelsAt)) {
		return c.CancelsAt, true
	}
	return at, false
}

// Granted is what makes up an allowance, part by part, so that nobody takes a
// gift for a baseline (rules G2, G5).
type Granted struct {
	Plan      Quota  `json:"plan"`
	Recurring Amount `json:"recurring"`
	Once      Amount `json:"once"`
	Rollover  Amount `json:"rollover"`
}

// Total is the allowance.
func (g Granted) Total() Quota { return g.Plan.Plus(Of(g.Recurring + g.Once + g.Rollover)) }

// granted is what the period in force gives of a credit type. What was rolled
// over is the pool's to know and is passed in.
func (c Current) granted(credit string, rolled Amount) Granted {
	g := Granted{Plan: c.Plan.quota(credit, c.Seats), Rollover: rolled}
	if boost, ok := c.terms.Boost[credit]; ok && c.terms.Next != nil {
		g.Plan = g.Plan.Plus(boost)
	}
	for _, grant := range c.terms.Grants {
		if grant.Credit != credit || !grant.counts(c.Period) {
			continue
		}
		if grant.Kind == Once {
			g.Once += grant.Amount
		} else {
			g.Recurring += grant.Amount
		}
	}
	return g
}

// Zone is the workspace's time zone.
func (c Current) Zone() *time.Location { return c.zone }
