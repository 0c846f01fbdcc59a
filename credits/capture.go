package credits

import (
	"slices"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Capture pays for fields of one person by what a lookup found (rules C1 to C10).
// Fields are paid for in the order given; one that cannot be paid for is not
// revealed, and the answer says of each its outcome.
type Capture struct {
	Request
	Person   string
	Findings []Finding
	// AllOrNothing refuses the whole when one field cannot be paid for (rule C7).
	AllOrNothing bool
	// AutoCap bounds what findings marked Auto may spend in a day, in credits
	// of each type; nil: no bound (rule U2).
	AutoCap *Amount
	// Lead is written with the capture when it is not refused; nil for a preview.
	Lead *Lead
}

// Lead is a row of the workspace's lead sheet.
type Lead struct {
	ID string
	// List is a list to be put on; empty: none.
	List string

	FullName, Title, Company, Domain, Location, Profile string
}

// row is the lead as it is kept.
func (c *Capture) row(s *state) store.LeadRow {
	l := c.Lead
	return store.LeadRow{
		Workspace: c.Workspace, ID: l.ID, Person: c.Person, Member: c.Member, List: l.List, At: micros(s.now),
		FullName: l.FullName, Title: l.Title, Company: l.Company, Domain: l.Domain, Location: l.Location, Profile: l.Profile,
	}
}

func (c *Capture) needs(s *state, w *wants) {
	w.pools(s)
	for _, f := range c.Findings {
		if f.Hold != "" {
			w.hold(s, f.Hold)
		}
		if s.book == nil {
			continue
		}
		item := s.book.Item(f.Field)
		if item == nil {
			continue
		}
		w.spend(s, c.Member, item.Credit)
		if item.mayBeFree(f) {
			w.fair(s, c.Member)
		}
		if f.Auto {
			w.auto(s, item.Credit)
		}
	}
	w.person(s, c.Person)
}

func (c *Capture) decide(s *state) (Result, *Refusal) {
	if s.current.Cancelled && !slices.ContainsFunc(c.Findings, func(f Finding) bool { return c.held(s, f) != nil }) {
		return Result{}, s.cancelled()
	}
	plan := c.plan(s)
	if plan.stopped != nil && (c.AllOrNothing || !plan.delivers) {
		return Result{}, plan.stopped
	}
	var result Result
	for n, v := range plan.verdicts {
		result.Lines = append(result.Lines, c.settle(s, c.Findings[n], v, &result))
	}
	for _, f := range c.Findings {
		if h := c.held(s, f); h != nil {
			s.giveBack(s.holdPool(h), h, HoldSettled, "")
		}
	}
	for _, credit := range s.book.Credits {
		result.charge(credit, 0)
		result.balance(s.pool(credit))
	}
	if c.Lead != nil {
		s.out.leads = append(s.out.leads, c.row(s))
	}
	return result, nil
}

// held is the open hold of a finding that may pay for it: the capture's own
// member's, of the field's credit type. Nil: there is none.
func (c *Capture) held(s *state, f Finding) *holdRow {
	h, item := s.holds[f.Hold], s.book.Item(f.Field)
	if f.Hold == "" || h == nil || h.ID == "" || h.State != HoldOpen || h.Member != c.Member || item == nil || h.Credit != item.Credit {
		return nil
	}
	return h
}

// paid is a verdict, and the hold that pays for it where it is charged.
type paid struct {
	Verdict
	hold *holdRow
}

// capturePlan is what a capture would come to, before anything is moved.
type capturePlan struct {
	verdicts []paid
	stopped  *Refusal // the first need that no limit allowed
	delivers bool     // at least one field may be shown

	short              []string               // the credit types that no limit allowed, in the order of the fields
	need, wanted, auto map[string]Amount      // taken, asked and taken by auto-unlock so far, per credit type
	taken              map[*holdRow]Amount    // from holds
	rests              map[*poolRow]remainder // of fractional prices
	free               int64                  // deliveries that count on the meter
}

// plan judges each finding and checks what it needs against what the earlier
// ones leave. It changes nothing.
func (c *Capture) plan(s *state) *capturePlan {
	owned := s.owned(c.Person)
	p := &capturePlan{
		need: map[string]Amount{}, wanted: map[string]Amount{}, auto: map[string]Amount{},
		taken: map[*holdRow]Amount{}, rests: map[*poolRow]remainder{},
	}
	for _, f := range c.Findings {
		v := c.judge(s, p, f, owned)
		if f.Refused != nil && v.Outcome == NotFound {
			v.Outcome = InsufficientCredits
			p.stop(v.Item.Credit, f.Refused)
		}
		if v.Outcome == Charged && c.pay(s, p, f, &v) {
			// A group that is charged once is paid from here on.
			owned = append(owned, Owned{Field: f.Field, Outcome: Charged, At: s.now})
		}
		p.delivers = p.delivers || v.Outcome.Delivers()
		p.verdicts = append(p.verdicts, v)
	}
	if r := p.stopped; r != nil && c.AllOrNothing && r.Code == Insufficient { // one decision: what it needed is all of it
		p.stopped = c.missing(s, p)
	}
	return p
}

// missing is the refusal of a capture that is one decision: of the credit type that was
// missing first, with a message that names every one.
func (c *Capture) missing(s *state, p *capturePlan) (first *Refusal) {
	for _, credit := range p.short {
		r := s.afford(s.pool(credit), c.Member, p.wanted[credit])
		switch {
		case r == nil:
		case first == nil:
			first = r
		default:
			first.Message += " " + r.Message
		}
	}
	return first
}

// pay finds who pays for a finding: its hold, or what the limits leave. When
// nobody does, the verdict says so.
func (c *Capture) pay(s *state, p *capturePlan, f Finding, v *paid) bool {
	credit := v.Item.Credit
	if h := c.held(s, f); h != nil {
		pool := s.holdPool(h)
		price, rest := v.Item.Price().take(p.rest(pool))
		if Amount(h.Remaining)-p.taken[h] >= price && (!f.Auto || c.autoAllows(s, credit, p.auto[credit]+price)) {
			v.hold = h
			p.taken[h] += price
			p.note(pool, credit, price, rest, f.Auto)
			return true
		}
	}
	pool := s.pool(credit)
	price, rest := v.Item.Price().take(p.rest(pool))
	refusal := s.afford(pool, c.Member, p.need[credit]+price)
	switch {
	case f.Auto && !c.autoAllows(s, credit, p.auto[credit]+price):
		v.Outcome = NotAllowedOutcome
		return false
	case refusal == nil:
		p.need[credit] += price
		p.note(pool, credit, price, rest, f.Auto)
		return true
	}
	v.Outcome = InsufficientCredits
	if refusal.Code == Cancelled {
		v.Outcome = CancelledOutcome
	} else {
		refusal.Needed = price
		refusal.Message = insufficientText(refusal.LimitedBy, credit, price, refusal.Available)
	}
	p.stop(credit, refusal)
	return false
}

// stop notes a need that no limit allowed.
func (p *capturePlan) stop(credit string, r *Refusal) {
	p.wanted[credit] += r.Needed
	if !slices.Contains(p.short, credit) {
		p.short = append(p.short, credit)
	}
	if p.stopped == nil {
		p.stopped = r
	}
}

func (p *capturePlan) rest(pool *poolRow) remainder {
	if rest, ok := p.rests[pool]; ok {
		return rest
	}
	return remainder{pool.CarryNum, pool.CarryDen}
}

func (p *capturePlan) note(pool *poolRow, credit string, price Amount, rest remainder, auto bool) {
	p.wanted[credit] += price
	p.rests[pool] = rest
	if auto {
		p.auto[credit] += price
	}
}

// autoAllows holds the daily cap of the setting that unlocks by itself (rule U2).
func (c *Capture) autoAllows(s *state, credit string, more Amount) bool {
	if c.AutoCap == nil {
		return true
	}
	row := s.auto(credit)
	return Amount(row.Spent)+more <= *c.AutoCap
}

// settle books one verdict: the charge or the free entry, and what is owned from now on.
func (c *Capture) settle(s *state, f Finding, v paid, result *Result) Line {
	line := Line{Field: f.Field, Outcome: v.Outcome}
	if v.Item == nil {
		return line
	}
	line.Credit = v.Item.Credit
	p := s.pool(v.Item.Credit)
	entry := store.Entry{
		Kind: KindFree, Member: c.Member, Person: c.Person, Field: f.Field,
		Outcome: string(v.Outcome), Channel: c.Channel, Capture: c.Request.Capture,
	}
	switch {
	case v.Outcome == Charged:
		held := Amount(0)
		if v.hold != nil {
			p = s.holdPool(v.hold)
			entry.Hold = v.hold.ID
		}
		line.Amount = s.takePrice(p, v.Item.Price())
		if v.hold != nil {
			held = line.Amount
			v.hold.Remaining -= int64(held)
			v.hold.dirty = true
		}
		s.move(p, c.Member, line.Amount, -held)
		entry.Kind, entry.Amount, entry.Note = KindCharge, int64(line.Amount), noteOf(v.Reason)
		line.Reason, line.VerifiedAt = v.Reason.Code, v.Reason.VerifiedAt
		if f.Auto {
			row := s.auto(v.Item.Credit)
			row.Spent += int64(line.Amount)
			row.dirty = true
		}
	case v.Outcome.Free():
		if v.Waived {
			entry.Waived = int64(v.Item.Price().Ceil())
		}
		if v.Outcome.Metered() {
			s.deliverFree(c.Member)
		}
	default:
		return line // refused: not an entry, nothing changed
	}
	line.Entry = EntryID(s.record(p, entry).Seq)
	result.charge(line.Credit, line.Amount)
	s.reveal(c.Person, f, v.Outcome)
	return line
}

// takePrice charges a price exactly: what it comes to in millionths now, the
// remainder carried in the pool (rule G6).
func (s *state) takePrice(p *poolRow, price Price) Amount {
	a, rest := price.take(remainder{p.CarryNum, p.CarryDen})
	p.CarryNum, p.CarryDen = rest.num, rest.den
	return a
}

// owned is what the workspace had delivered of the person before.
func (s *state) owned(person string) []Owned {
	row := s.reveals[person]
	if row == nil {
		panic("credits: what is owned of a person was not loaded")
	}
	owned := make([]Owned, 0, len(row.fields)+4)
	for _, r := range row.fields {
		owned = append(owned, Owned{Field: r.Field, Outcome: Outcome(r.Outcome), At: instant(r.At)})
	}
	return owned
}

// reveal remembers what was delivered. Seeing what is owned again keeps its date
// and only brings the values up to date; an owned field is never forgotten
// because a later look found less.
func (s *state) reveal(person string, f Finding, outcome Outcome) {
	if outcome == Suppressed || outcome == ProviderError {
		return
	}
	row := s.reveals[person]
	var r *revealRow
	for _, known := range row.fields {
		if known.Field == f.Field {
			r = known
		}
	}
	if r == nil {
		r = &revealRow{Reveal: store.Reveal{Workspace: s.acct.Workspace, Person: person, Field: f.Field}}
		row.fields = append(row.fields, r)
	}
	if known := Outcome(r.Outcome); outcome != AlreadyOwned || !known.Owns() && known != AlreadyOwned {
		r.Outcome, r.At = string(outcome), micros(s.now)
	}
	if f.Values > 0 || r.Values == "" {
		r.Values = string(f.Data)
	}
	r.dirty = true
}

func (s *state) auto(credit string) *autoRow {
	id := autoID{s.current.Day(s.now), credit}
	row := s.autos[id]
	if row == nil {
		panic("credits: what auto-unlock spent today was not loaded")
	}
	return row
}
