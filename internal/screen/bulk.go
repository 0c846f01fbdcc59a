package screen

import (
	"context"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/words"
)

// affordable sets on a job that waits to be confirmed what may be spent, and the limits that
// would let nothing be captured at all.
func (s *Screens) affordable(ctx context.Context, sc *account.Scope, j *Job) error {
	if j.Status != bulk.Waiting {
		return nil
	}
	c, err := s.CreditsOf(ctx, sc, j.Member)
	if err != nil {
		return err
	}
	if c.Status == Cancelled {
		j.Stops = []Stopped{{Code: string(unit.CancelledOutcome)}}
		return nil
	}
	some := j.Found[bulk.FoundFree] > 0
	var stops []Stopped
	for n, credit := range c.Types {
		most := j.Estimate[credit].Max
		if most == 0 {
			continue
		}
		if c.unlimited(n) {
			some = true
			continue
		}
		stop := c.stopped(n, words.Cost{Type: credit, Amount: most})
		if stop.Available >= c.Items.least(credit, j.Fields) {
			some = true
		}
		if stop.Available < most {
			j.Left = append(j.Left, words.Cost{Type: credit, Amount: stop.Available})
			stops = append(stops, stop)
		}
	}
	if !some {
		j.Stops = stops
	}
	return nil
}

// unlimited tells that the member whose shares are Mine may spend any amount of the n-th type.
func (c Credits) unlimited(n int) bool {
	if len(c.Mine) > n {
		return c.Mine[n].Available.Unlimited
	}
	return c.List[n].Available.Unlimited
}

// least is the smallest price of a credit type among fields, or among all where none are named.
func (l Items) least(credit string, fields []lead.Field) unit.Amount {
	if len(fields) == 0 {
		fields = lead.Fields
	}
	least := unit.Amount(0)
	for _, f := range fields {
		if i := l.Of(string(f)); i != nil && i.Type == credit && (least == 0 || i.AtMost < least) {
			least = i.AtMost
		}
	}
	return least
}

// LookupsLeft is how many lookups the viewer may make today; limited is false where any number
// (rule C13).
func (s *Screens) LookupsLeft(ctx context.Context, sc *account.Scope) (left int, limited bool, err error) {
	m, err := s.Captures.Meters(ctx, sc)
	if err != nil {
		return 0, false, err
	}
	for _, of := range []map[string]capture.Meter{m.Mine, m.Workspace} {
		meter, metered := of[credits.MeterLookups]
		if !metered || meter.Most == nil {
			continue
		}
		if here := int(max(*meter.Most-meter.Used, 0)); !limited || here < left {
			left, limited = here, true
		}
	}
	return left, limited, nil
}
