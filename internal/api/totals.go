package api

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/words"
)

// ShortOut is the limit that keeps something from being paid, as a 402 has it.
type ShortOut struct {
	Credit    string         `json:"credit"`
	Needed    credits.Amount `json:"needed"`
	Available credits.Amount `json:"available" doc:"What the limit leaves."`
	LimitedBy string         `json:"limited_by" enum:"workspace,pool,member"`
	Heading   string         `json:"heading" doc:"What happened, as a heading."`
	Limit     string         `json:"limit" doc:"The limit in words, to the member who spends."`
	Detail    string         `json:"detail" doc:"What is needed and what is left, in a sentence."`
	Advice    string         `json:"advice" doc:"What that member can do about it."`
	RefillOut
}

// shortOut writes what stopped a spending.
func shortOut(list []screen.Stopped, zone *time.Location) (out []ShortOut) {
	for _, s := range list {
		out = append(out, ShortOut{
			Credit: s.Type, Needed: s.Needed, Available: s.Available, LimitedBy: s.LimitedBy, Heading: s.Heading(), Limit: s.Limit().Name(),
			Detail: s.TextIn(zone), Advice: s.Advice(false), RefillOut: refillOut(credits.Refill{At: s.Refills}, zone),
		})
	}
	return out
}

// short is which limits kept fields of a capture from being revealed.
func (a *API) short(ctx context.Context, s *account.Scope, member string, unpaid []string) ([]ShortOut, error) {
	list, zone, err := a.Screens.Short(ctx, s, member, unpaid)
	if err != nil {
		return nil, err
	}
	return shortOut(list, zone), nil
}

type totalIn struct {
	WS
	Once
	Body struct {
		Amounts []map[string]credits.Amount `json:"amounts" maxItems:"1000" doc:"Each by credit type, as lookups, prices and captures have them."`
	}
}

// TotalOut is a sum.
type TotalOut struct {
	Total   map[string]credits.Amount `json:"total"`
	AtMost  string                    `json:"at_most_text" doc:"As a price, for reading: at most 2 standard + 1 premium, or free."`
	Charged string                    `json:"charged_text" doc:"As a charge, for reading: charged 2 standard, or free."`
	Short   []ShortOut                `json:"short,omitempty" doc:"The limits that it is beyond, one a credit type."`
}

func (a *API) total(ctx context.Context, in *totalIn) (*Out[TotalOut], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	t, err := a.Screens.Sum(ctx, s, in.Body.Amounts)
	if err != nil {
		return nil, err
	}
	out := TotalOut{Total: map[string]credits.Amount{}, AtMost: words.AtMost(t.Costs), Charged: words.ChargedText(t.Costs), Short: shortOut(t.Short, t.Zone)}
	for _, c := range t.Costs {
		out.Total[c.Type] = c.Amount
	}
	return &Out[TotalOut]{Body: out}, nil
}
