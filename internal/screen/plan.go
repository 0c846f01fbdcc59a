package screen

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/words"
)

// historyShown is how many changes of the plan are listed.
const historyShown = 30

// Part is one thing the allowance is made of.
type Part struct {
	Kind   string // plan, recurring, once or rollover
	Label  string // "Pro, 5 seats × 50"
	Note   string // the operator's note on an add-on
	Amount unit.Quota
}

// Grant is one add-on.
type Grant struct {
	ID     string
	Type   string
	Amount unit.Amount
	Kind   string // recurring or once
	Note   string
	Since  time.Time
	Until  time.Time // when it ends or ended; zero while it continues
	// Cancelled: it ended with the cancellation.
	Cancelled bool
}

// Plan is a workspace's subscription: what was bought, what it is made of and what ending it
// would do.
type Plan struct {
	Credits
	Name    string // the workspace's
	Grants  []Grant
	History []Entry
	Cancel  *Cancellation // nil where it is cancelled already
	Asked   []AddOnRequest
	MayAsk  []Askable  // what the viewer may ask the operator for more of
	Prices  []BookLine // what each field costs
}

// Cancellation is what cancelling would end (rule G4).
type Cancellation struct {
	AddOns int // that count now
	Leads  int // on the sheet, which stay
}

// Plan reads it. What changed it is listed for who may see the ledger's entries of it.
func (s *Screens) Plan(ctx context.Context, sc *account.Scope) (p Plan, err error) {
	view, err := s.look(ctx, sc)
	if err != nil {
		return p, err
	}
	p = Plan{Credits: creditsOf(view, ""), Name: sc.Workspace.Name, Prices: bookParts(view.Book)[0].Lines}
	grants, err := s.Accounts.Grants(ctx, sc, view.Current)
	if err != nil {
		return p, err
	}
	addParts(p.List, view, grants)
	counting := 0
	for _, g := range grants {
		one := Grant{ID: g.ID, Type: g.Credit, Amount: unit.Amount(g.Amount), Kind: g.Kind, Note: g.Note, Since: micros(g.CreatedAt)}
		if g.EndsAt != 0 {
			one.Until = micros(g.EndsAt)
			_, one.Cancelled = view.Current.GrantEnds(one.Until)
		}
		if grantCounts(g, view.Current.Period) {
			counting++
		}
		p.Grants = append(p.Grants, one)
	}
	if p.Status == Active {
		p.Cancel = &Cancellation{AddOns: counting}
		if p.Cancel.Leads, err = s.Captures.CountLeads(ctx, sc, store.LeadFilter{Workspace: sc.Workspace.ID}); err != nil {
			return p, err
		}
	}
	if p.Asked, err = s.addOnRequests(ctx, sc); err != nil {
		return p, err
	}
	if sc.Can(account.AskAddOns) {
		p.MayAsk = askables(view)
	}
	history, _, err := s.entries(ctx, sc, view, EntryAsk{Kind: unit.KindGrant, Limit: historyShown}, false)
	for _, e := range history {
		p.History = append(p.History, e.Entry)
	}
	return p, err
}

// addParts says what each allowance is made of, with the operator's notes.
func addParts(list []Credit, view *credits.View, grants []store.GrantRow) {
	if view.Current.Cancelled {
		return
	}
	for n := range list {
		c := &list[n]
		label := words.Capital(view.Current.Plan.Name)
		if in := view.Current.Plan.Credits[c.Credit]; in.PerSeat && !in.Amount.Unlimited {
			label += ", " + words.Plural(view.Current.Seats, "seat", "seats") + " × " + words.Quota(in.Amount)
		}
		c.Parts = append(c.Parts, Part{Kind: "plan", Label: label, Amount: c.Granted.Plan})
		for _, g := range grants {
			if g.Credit == c.Credit && grantCounts(g, view.Current.Period) {
				c.Parts = append(c.Parts, Part{Kind: g.Kind, Note: g.Note, Amount: unit.Of(unit.Amount(g.Amount))})
			}
		}
		if c.Granted.Rollover > 0 {
			c.Parts = append(c.Parts, Part{Kind: "rollover", Amount: unit.Of(c.Granted.Rollover)})
		}
	}
}

// grantCounts reports whether an add-on is part of the period's allowance, for
// showing it; what it adds the ledger says.
func grantCounts(g store.GrantRow, p unit.Period) bool {
	if g.Kind == credits.Once {
		return g.PeriodStart == p.Start.UnixMicro()
	}
	return g.EndsAt == 0 || g.EndsAt > p.Start.UnixMicro()
}
