package credits

import (
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Charge spends an amount at once: the meter by itself, for anything that is
// sold by the credit.
type Charge struct {
	Request
	Credit string
	Amount Amount
	// Note describes what was bought; it is kept in the ledger, so it must hold
	// no personal data.
	Note string
}

func (c *Charge) needs(s *state, w *wants) { w.spend(s, c.Member, c.Credit) }

func (c *Charge) decide(s *state) (Result, *Refusal) {
	if r := s.spendable(c.Credit, c.Amount); r != nil {
		return Result{}, r
	}
	p := s.pool(c.Credit)
	if r := s.afford(p, c.Member, c.Amount); r != nil {
		return Result{}, r
	}
	s.move(p, c.Member, c.Amount, 0)
	e := s.record(p, store.Entry{
		Kind: KindCharge, Amount: int64(c.Amount), Member: c.Member,
		Outcome: string(Charged), Channel: c.Channel, Note: c.Note,
	})
	result := Result{Entry: EntryID(e.Seq)}
	result.charge(c.Credit, c.Amount)
	result.balance(p)
	return result, nil
}

// spendable checks a credit type and an amount that came from outside.
func (s *state) spendable(credit string, a Amount) *Refusal {
	if !s.known(credit) {
		return invalid("credit", "%q is not a credit type of this workspace; it has %v", credit, s.book.Credits)
	}
	if a <= 0 || a > MaxAmount {
		return invalid("amount", "must be more than 0 and at most 1000000000 credits")
	}
	return nil
}

// Bounds of a hold's time-out.
const (
	MinHold = time.Second
	MaxHold = 30 * 24 * time.Hour
	// MaxLines bounds the lines of one settlement.
	MaxLines = 1000
)

// Hold sets credits aside while a lookup runs (rule C8).
type Hold struct {
	Request
	ID        string // a new one: an id is given once in a workspace
	Credit    string
	Amount    Amount
	ExpiresIn time.Duration
}

func (h *Hold) needs(s *state, w *wants) {
	w.hold(s, h.ID)
	w.spend(s, h.Member, h.Credit)
}

func (h *Hold) decide(s *state) (Result, *Refusal) {
	if h.ID == "" {
		return Result{}, invalid("id", "must not be empty")
	}
	if known := s.holds[h.ID]; known.ID != "" {
		return Result{}, refuse(Conflict, "There is a hold with this id already.")
	}
	if r := s.spendable(h.Credit, h.Amount); r != nil {
		return Result{}, r
	}
	if r := checkExpiry(h.ExpiresIn); r != nil {
		return Result{}, r
	}
	p := s.pool(h.Credit)
	if r := s.afford(p, h.Member, h.Amount); r != nil {
		return Result{}, r
	}
	row := &holdRow{dirty: true, Hold: store.Hold{
		Workspace: s.acct.Workspace, ID: h.ID, Member: h.Member, Credit: h.Credit, PeriodStart: p.PeriodStart,
		Amount: int64(h.Amount), Remaining: int64(h.Amount), State: HoldOpen, Channel: h.Channel, Capture: h.Capture,
		CreatedAt: micros(s.now), ExpiresAt: micros(s.now.Add(h.ExpiresIn)),
	}}
	s.setHold(h.ID, row)
	s.expectExpiry(row.ExpiresAt)
	s.move(p, h.Member, 0, h.Amount)
	e := s.record(p, store.Entry{Kind: KindHold, Amount: int64(h.Amount), Member: h.Member, Channel: h.Channel, Hold: h.ID, Capture: h.Capture})
	result := Result{Entry: EntryID(e.Seq), Hold: row.state()}
	result.balance(p)
	return result, nil
}

func checkExpiry(d time.Duration) *Refusal {
	if d < MinHold || d > MaxHold {
		return invalid("expires_in", "must be from 1s to 720h")
	}
	return nil
}

// Settle pays a hold by the outcome of its lookup, line by line. Final gives
// back what no line took and closes the hold.
type Settle struct {
	Request
	Hold  string
	Lines []SettleLine
	Final bool
}

// SettleLine is one result: charged with an amount, or free with a reason.
type SettleLine struct {
	Outcome Outcome
	Amount  Amount
}

func (c *Settle) needs(s *state, w *wants) { w.hold(s, c.Hold) }

func (c *Settle) decide(s *state) (Result, *Refusal) {
	h, refusal := s.openHold(c.Hold)
	if refusal != nil {
		return Result{}, refusal
	}
	if refusal := checkLines(c.Lines, Amount(h.Remaining)); refusal != nil {
		return Result{}, refusal
	}
	p := s.holdPool(h)
	var result Result
	for _, line := range c.Lines {
		kind := KindFree
		if line.Outcome == Charged {
			kind = KindCharge
			s.move(p, h.Member, line.Amount, -line.Amount)
			h.Remaining -= int64(line.Amount)
			result.charge(h.Credit, line.Amount)
		}
		e := s.record(p, store.Entry{
			Kind: kind, Amount: int64(line.Amount), Member: h.Member,
			Outcome: string(line.Outcome), Channel: h.Channel, Hold: h.ID, Capture: h.Capture,
		})
		result.Lines = append(result.Lines, Line{Outcome: line.Outcome, Credit: h.Credit, Amount: line.Amount, Entry: EntryID(e.Seq)})
	}
	h.dirty = true
	if c.Final || h.Remaining == 0 {
		s.giveBack(p, h, HoldSettled, "")
	}
	result.Hold = h.state()
	result.balance(p)
	return result, nil
}

// checkLines refuses a settlement that takes more than was held, or a free line
// with an amount. All lines settle or none does.
func checkLines(lines []SettleLine, remaining Amount) *Refusal {
	if len(lines) > MaxLines {
		return invalid("lines", "must be at most %d lines", MaxLines)
	}
	var sum Amount
	for n, line := range lines {
		field := lineField(n)
		switch {
		case line.Outcome == Charged && (line.Amount <= 0 || line.Amount > MaxAmount):
			return invalid(field+".amount", "must be more than 0 for a charged line")
		case line.Outcome == Charged:
			sum += line.Amount
		case !line.Outcome.Free():
			return invalid(field+".outcome", "must be charged or one of %v", FreeOutcomes)
		case line.Amount != 0:
			return invalid(field+".amount", "must be 0 for a free line")
		}
		if sum > remaining {
			return invalid(field+".amount", "takes more than the hold has left: %s of %s", sum, remaining)
		}
	}
	return nil
}

// Release gives a hold back whole, to where it was taken from.
type Release struct {
	Request
	Hold string
}

func (c *Release) needs(s *state, w *wants) { w.hold(s, c.Hold) }

func (c *Release) decide(s *state) (Result, *Refusal) {
	h, refusal := s.openHold(c.Hold)
	if refusal != nil {
		return Result{}, refusal
	}
	p := s.holdPool(h)
	s.giveBack(p, h, HoldReleased, "")
	result := Result{Hold: h.state()}
	result.balance(p)
	return result, nil
}

// Extend moves a hold's time-out to so long from now.
type Extend struct {
	Request
	Hold      string
	ExpiresIn time.Duration
}

func (c *Extend) needs(s *state, w *wants) { w.hold(s, c.Hold) }

func (c *Extend) decide(s *state) (Result, *Refusal) {
	h, refusal := s.openHold(c.Hold)
	if refusal != nil {
		return Result{}, refusal
	}
	if r := checkExpiry(c.ExpiresIn); r != nil {
		return Result{}, r
	}
	h.ExpiresAt, h.dirty = micros(s.now.Add(c.ExpiresIn)), true
	s.expectExpiry(h.ExpiresAt)
	return Result{Hold: h.state()}, nil
}
