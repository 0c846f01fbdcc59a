package screen

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Stopped says which limit stopped a spending (rule D7). Pages, the API and the extension show
// what its methods say.
type Stopped struct {
	Code              string // insufficient_credits, subscription_cancelled or not_allowed
	LimitedBy         string // workspace, pool or member; empty where that says nothing
	Assigned          bool   // the member's limit is an assigned amount
	Type              string
	Needed, Available unit.Amount
	Refills           *time.Time // nil: waiting would not help
}

// StoppedBy reads what stopped a spending; nil: no limit of the ledger's did.
func StoppedBy(err error) *Stopped {
	var r *credits.Refusal
	if !errors.As(err, &r) || words.RefusalHeading(r.Code, r.Credit) == "" {
		return nil
	}
	return &Stopped{Code: r.Code, LimitedBy: r.LimitedBy, Assigned: r.Assigned, Type: r.Credit, Needed: r.Needed, Available: r.Available, Refills: r.RefillsAt}
}

// Heading says what happened.
func (s Stopped) Heading() string { return words.RefusalHeading(s.Code, s.Type) }

// Limit is the limit in words.
func (s Stopped) Limit() words.Limit { return words.Limit{By: s.LimitedBy, Assigned: s.Assigned} }

// Missing is how much more was needed; 0 or less where that says nothing.
func (s Stopped) Missing() unit.Amount { return s.Needed - s.Available }

// Text says what was needed and what the limit leaves; refills writes when there is more, empty
// where waiting does not help.
func (s Stopped) Text(refills string) string {
	return s.Limit().Stops(words.Cost{Type: s.Type, Amount: s.Needed}, s.Available, refills)
}

// TextIn is Text with the refill in a time zone.
func (s Stopped) TextIn(zone *time.Location) string {
	if s.Refills == nil {
		return s.Text("")
	}
	return s.Text(unit.InstantText(*s.Refills, zone))
}

// Advice says what to do about it; decides is of those who decide for the workspace.
func (s Stopped) Advice(decides bool) string {
	switch unit.Outcome(s.Code) {
	case unit.CancelledOutcome:
		return words.CancelledAdvice
	case unit.NotAllowedOutcome:
		return words.NotAllowedAdvice
	}
	return s.Limit().Advice(decides, s.Refills != nil)
}

// Stopped says which limits keep the viewer from paying some costs, one a credit type. The costs
// are in the order of the credit types.
func (c Credits) Stopped(costs []words.Cost) (list []Stopped) {
	for n, cost := range costs {
		if cost.Amount > 0 && n < len(c.List) {
			list = append(list, c.stopped(n, cost))
		}
	}
	return list
}

// stopped is which limit keeps the member whose shares are Mine from paying a cost of the n-th
// credit type.
func (c Credits) stopped(n int, cost words.Cost) Stopped {
	of := c.List[n]
	one := Stopped{Code: string(unit.InsufficientCredits), LimitedBy: unit.ByWorkspace, Type: cost.Type, Needed: cost.Amount, Available: of.Available.Amount, Refills: c.Told(of.Refill).At}
	if len(c.Mine) > n {
		mine := c.Mine[n]
		one.Available, one.Refills, one.Assigned = mine.Available.Amount, c.Told(mine.Refill).At, mine.Mode == unit.Assigned
		if one.LimitedBy = unit.ByPool; mine.Mode != unit.FromPool {
			one.LimitedBy = unit.ByMember
		} else if of.Assigned == 0 {
			one.LimitedBy = unit.ByWorkspace
		}
	}
	return one
}

// Short says which limits kept a capture from revealing fields, one a credit type.
func (s *Screens) Short(ctx context.Context, sc *account.Scope, member string, unpaid []string) (list []Stopped, zone *time.Location, err error) {
	var members []string
	if member != "" {
		members = append(members, member)
	}
	view, err := s.look(ctx, sc, members...)
	if err != nil {
		return nil, nil, err
	}
	c := creditsOf(view, member)
	return c.Stopped(c.Costs(view.Book.AtMost(unpaid))), c.Zone, nil
}

// Sum is what several amounts come to, and what keeps the viewer from paying it.
type Sum struct {
	Costs []words.Cost
	Short []Stopped
	Zone  *time.Location
}

// maxSummed is how many amounts are added up at once.
const maxSummed = 1000

// Sum adds amounts by credit type, so that no page and no client adds up for itself. Amounts of
// types that the workspace's price book does not sell are refused.
func (s *Screens) Sum(ctx context.Context, sc *account.Scope, amounts []map[string]unit.Amount) (t Sum, err error) {
	if len(amounts) > maxSummed {
		return t, fault.Wrong("amounts", "must be at most 1,000")
	}
	c, err := s.Credits(ctx, sc)
	if err != nil {
		return t, err
	}
	for _, one := range amounts {
		for credit, amount := range one {
			if amount < 0 {
				return t, fault.Wrong("amounts", "must not be negative")
			}
			if !slices.Contains(c.Types, credit) {
				return t, fault.Wrong("amounts", "must be of the credit types %s", strings.Join(c.Types, ", "))
			}
		}
	}
	t.Costs, t.Zone = c.Costs(added(amounts)), c.Zone
	beyond := make([]words.Cost, len(t.Costs))
	for n, b := range c.Balances() {
		if beyond[n].Type = b.Type; !b.Available.Covers(t.Costs[n].Amount) {
			beyond[n] = t.Costs[n]
		}
	}
	t.Short = c.Stopped(beyond)
	return t, nil
}

func added(amounts []map[string]unit.Amount) map[string]unit.Amount {
	total := map[string]unit.Amount{}
	for _, one := range amounts {
		for credit, amount := range one {
			total[credit] += amount
		}
	}
	return total
}
