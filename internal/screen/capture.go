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
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/words"
)

// CaptureForm is what a capture can ask for, and what that costs.
type CaptureForm struct {
	Credits
	Fields []CaptureField
	Plain  []lead.Field // what a capture asks for that names nothing
	Lists  []string
	// Prices is what each combination of fields costs at most, by the fields joined by commas.
	Prices map[string][]words.Cost
}

// CaptureField is a field that is sold.
type CaptureField struct {
	Field  string
	AtMost words.Cost
	Plain  bool // a plain capture asks for it
	Auto   bool // because the setting unlocks it
}

// CaptureForm reads it.
func (s *Screens) CaptureForm(ctx context.Context, sc *account.Scope) (c CaptureForm, err error) {
	view, err := s.look(ctx, sc, own(sc)...)
	if err != nil {
		return c, err
	}
	auto, err := s.Accounts.AutoUnlocks(ctx, sc, sc.Member)
	if err != nil {
		return c, err
	}
	c.Credits, c.Plain = creditsOf(view, sc.Member), capture.PlainFields(view.Book, auto)
	var sold []string
	for _, f := range lead.Fields {
		if item := c.Items.Of(string(f)); item != nil {
			sold = append(sold, string(f))
			c.Fields = append(c.Fields, CaptureField{
				Field: string(f), AtMost: words.Cost{Type: item.Type, Amount: item.AtMost}, Plain: !item.Unlock || auto, Auto: item.Unlock && auto,
			})
		}
	}
	c.Prices = credits.Combined(sold, func(fields []string) []words.Cost { return c.Costs(view.Book.AtMost(fields)) })
	c.Lists, err = s.Desk.Lists(ctx, sc)
	return c, err
}

// AtMost is what fields cost at most, in whatever order they are named.
func (c CaptureForm) AtMost(fields []string) []words.Cost {
	var sold []string
	for _, f := range c.Fields {
		if slices.Contains(fields, f.Field) {
			sold = append(sold, f.Field)
		}
	}
	if len(sold) == 0 {
		return c.Costs(nil)
	}
	return c.Prices[strings.Join(sold, ",")]
}

// Stopped says which limit stopped a request (rule D7).
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
	if !errors.As(err, &r) {
		return nil
	}
	return &Stopped{Code: r.Code, LimitedBy: r.LimitedBy, Assigned: r.Assigned, Type: r.Credit, Needed: r.Needed, Available: r.Available, Refills: r.RefillsAt}
}

// Short says which limits kept a capture from revealing fields, one a credit type.
func (c CaptureForm) Short(unpaid []string) (list []Stopped) {
	for n, cost := range c.AtMost(unpaid) {
		if cost.Amount > 0 && n < len(c.List) {
			list = append(list, c.stopped(n, cost.Amount))
		}
	}
	return list
}

// stopped is which limit keeps the member whose shares are Mine from spending an amount of the
// n-th credit type.
func (c Credits) stopped(n int, needed unit.Amount) Stopped {
	of := c.List[n]
	one := Stopped{Code: string(unit.InsufficientCredits), LimitedBy: unit.ByWorkspace, Type: c.Types[n], Needed: needed, Available: of.Available.Amount, Refills: c.Told(of.Refill).At}
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

// Job is a bulk capture as it is now.
type Job struct {
	bulk.Job
	Who                             string // began it
	Min, Likely, Most, Charged, Cap []words.Cost
	MayOrder                        bool // the viewer may start and stop it
	// Stops are the limits that would let nothing be captured, one a credit type, and Left is what
	// may be spent of each that is needed and is less than it may cost; Job alone sets them.
	Stops []Stopped
	Left  []words.Cost
}

// Jobs are the newest bulk captures.
func (s *Screens) Jobs(ctx context.Context, sc *account.Scope, limit int) (list []Job, err error) {
	jobs, err := s.Bulk.Jobs(ctx, sc, "", limit)
	if err != nil {
		return nil, err
	}
	return s.jobs(ctx, sc, jobs)
}

// Job reads one bulk capture.
func (s *Screens) Job(ctx context.Context, sc *account.Scope, id string) (Job, error) {
	j, err := s.Bulk.Job(ctx, sc, id)
	if err != nil {
		return Job{}, err
	}
	list, err := s.jobs(ctx, sc, []bulk.Job{j})
	if err != nil {
		return Job{}, err
	}
	return list[0], s.affordable(ctx, sc, &list[0])
}

func (s *Screens) jobs(ctx context.Context, sc *account.Scope, jobs []bulk.Job) (list []Job, err error) {
	c, err := s.Credits(ctx, sc)
	if err != nil {
		return nil, err
	}
	names, err := s.Accounts.MemberNames(ctx, sc)
	for _, j := range jobs {
		one := Job{Job: j, Who: names[j.Member], Charged: c.Costs(j.Charged)}
		one.MayOrder = sc.Can(account.CaptureMany) && (sc.Manages() || j.Member != "" && j.Member == sc.Member)
		if len(j.Cap) > 0 {
			one.Cap = c.Costs(j.Cap)
		}
		for _, t := range c.Types {
			e := j.Estimate[t]
			one.Min = append(one.Min, words.Cost{Type: t, Amount: e.Min})
			one.Likely = append(one.Likely, words.Cost{Type: t, Amount: e.Likely})
			one.Most = append(one.Most, words.Cost{Type: t, Amount: e.Max})
		}
		list = append(list, one)
	}
	return list, err
}
