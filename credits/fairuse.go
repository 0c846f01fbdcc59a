package credits

import (
	"fmt"
	"strconv"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/store"
)

// What is free is metered (rule C13): per member and local day, and per workspace that
// times its seats.
const (
	MeterLookups        = "lookups"
	MeterSearchPages    = "search_pages"
	MeterFreeDeliveries = "free_deliveries"
)

// Meter is how many a member may have in a local day. The zero value is none.
type Meter struct {
	Most      int64
	Unlimited bool
	named     bool // in the book
}

// UnmarshalYAML reads a whole number or unlimited.
func (m *Meter) UnmarshalYAML(b []byte) error {
	text := string(trimmed(b))
	if text == "unlimited" {
		*m = Meter{Unlimited: true, named: true}
		return nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return fmt.Errorf("fair_use: %q must be a whole number or unlimited", text)
	}
	*m = Meter{Most: n, named: true}
	return nil
}

func trimmed(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] == '"') {
		b = b[1:]
	}
	for len(b) > 0 && (b[len(b)-1] == ' ' || b[len(b)-1] == '"' || b[len(b)-1] == '\n') {
		b = b[:len(b)-1]
	}
	return b
}

// Left is how many of n a member may still have, after so many of their own and of the
// workspace's; a workspace has its seats' meters together. Someone without a member
// counts for the workspace alone.
func (m Meter) Left(n int64, member string, own, workspace int64, seats int) int64 {
	if m.Unlimited {
		return n
	}
	n = min(n, m.Most*int64(seats)-workspace)
	if member != "" {
		n = min(n, m.Most-own)
	}
	return max(0, n)
}

// FairUse are a plan's meters.
type FairUse struct {
	Lookups        Meter `yaml:"lookups"`
	SearchPages    Meter `yaml:"search_pages"`
	FreeDeliveries Meter `yaml:"free_deliveries"`
}

// paidFairUse is what a plan has that names no meters.
var paidFairUse = FairUse{Lookups: Meter{Most: 1000}, SearchPages: Meter{Most: 100}, FreeDeliveries: Meter{Most: 500}}

func (f *FairUse) complete() {
	for _, of := range [][2]*Meter{{&f.Lookups, &paidFairUse.Lookups}, {&f.SearchPages, &paidFairUse.SearchPages}, {&f.FreeDeliveries, &paidFairUse.FreeDeliveries}} {
		if !of[0].named {
			*of[0] = *of[1]
		}
	}
}

// FairUse are a plan's meters as the book has them now: unlike its amounts they are not
// what was sold, so a change counts for everybody at once.
func (b *Book) FairUse(plan string) FairUse {
	if p := b.Plans[plan]; p != nil {
		return p.FairUse
	}
	return paidFairUse
}

// Day is the local date as a number, 20260301, and DayEnds when the next one begins.
func (c Current) Day(now time.Time) int { return unit.Day(now, c.zone) }

// DayEnds is the first instant of the next local day.
func (c Current) DayEnds(now time.Time) time.Time { return unit.DayEnds(now, c.zone) }

type (
	fairID struct {
		day    int
		member string // empty: the workspace as a whole
	}
	fairRow struct {
		store.FairUse
		dirty bool
	}
)

// fair wants the day's free deliveries of the workspace and of who spends.
func (w *wants) fair(s *state, member string) {
	if s.terms == nil {
		return
	}
	for _, who := range [...]string{"", member} {
		id := fairID{s.current.Day(s.now), who}
		if s.fairs[id] != nil || w.lacks() {
			continue
		}
		if s.fairs == nil {
			s.fairs = map[fairID]*fairRow{}
		}
		s.fairs[id] = &fairRow{FairUse: store.FairUse{Workspace: s.acct.Workspace, Day: id.day, Member: who, Kind: MeterFreeDeliveries}}
		w.FairUses = append(w.FairUses, store.FairUseKey{Workspace: s.acct.Workspace, Day: id.day, Member: who, Kind: MeterFreeDeliveries})
	}
}

func (s *state) fair(member string) *fairRow {
	row := s.fairs[fairID{s.current.Day(s.now), member}]
	if row == nil {
		panic("credits: the day's free deliveries were not loaded")
	}
	return row
}

// mayBeFree reports whether a finding may be delivered free by its verification, or for
// want of one (rule C5), which is metered.
func (i *Item) mayBeFree(f Finding) bool {
	verified := f.Verified && !f.Fetched && i.VerifiedFreeDays > 0
	return f.Values > 0 && (verified || f.Graded && !f.Verified)
}

// judge is the book's judgement, by the day's meter of free deliveries: past it, what
// would have been free costs its price.
func (c *Capture) judge(s *state, p *capturePlan, f Finding, owned []Owned) paid {
	v := paid{Verdict: s.book.Judge(f, owned, s.now)}
	if !v.Outcome.Metered() {
		return v
	}
	meter := s.book.FairUse(s.current.Plan.Name).FreeDeliveries
	if meter.Left(p.free+1, c.Member, s.fair(c.Member).Used, s.fair("").Used, s.current.Seats) > p.free {
		p.free++
		return v
	}
	if v.Verdict = s.book.Judge(f.Unmetered(), owned, s.now); v.Outcome == Charged {
		v.Reason = Reason{Code: ReasonFairUse}
	}
	return v
}

// deliverFree counts a free delivery.
func (s *state) deliverFree(member string) {
	for n, who := range [...]string{"", member} {
		if n == 1 && who == "" {
			break
		}
		row := s.fair(who)
		row.Used++
		row.dirty = true
	}
}

// Unmetered is the finding past the day's meter of free deliveries: its verification
// makes it free no longer.
func (f Finding) Unmetered() Finding {
	f.Fetched, f.Graded = true, f.Graded && f.Verified
	return f
}
