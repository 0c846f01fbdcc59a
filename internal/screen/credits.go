package screen

import (
	"context"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Share is a member's part of a credit type.
type Share = credits.MemberView

// Status of a subscription.
const (
	Active     = "active"
	Cancelling = "cancelling" // it ends with the period
	Cancelled  = "cancelled"
)

// Credits is a subscription and its balances at an instant.
type Credits struct {
	Zone     *time.Location
	Plan     string
	Interval string
	Seats    int
	Period   unit.Period
	Status   string
	// EndsAt is when a cancellation takes or took effect; zero: none.
	EndsAt time.Time
	Next   *NextPlan // a change that waits for the period's end; nil: none
	Refill unit.Refill
	Types  []string // credit types, in the book's order
	List   []Credit // one each
	Mine   []Share  // the viewer's own; empty where they are no member
	Items  Items    // what is sold
	Seq    int64    // newest entry of the ledger
}

// NextPlan is a change of plan that waits.
type NextPlan struct {
	At    time.Time
	Plan  string
	Seats int
}

// Credit is one credit type.
type Credit struct {
	credits.CreditView
	Overassigned bool // a downgrade left more assigned than there is
	RolloverCap  unit.Amount
	Parts        []Part // what the allowance is made of, where a screen shows it
}

// Item is a line of the price book.
type Item struct {
	Fields   []string
	Type     string
	AtMost   unit.Amount // of one charge
	Price    string      // as the book writes it: "1", "0.1", "1/3"
	Unlock   bool        // kept out of a capture that names no fields
	Together bool        // its fields are charged together, once
	FreeDays int         // for how long a verified value in the directory is free; 0: never
}

// Items is what a price book sells.
type Items []Item

// Of is what a field costs; nil: it is not sold.
func (l Items) Of(field string) *Item {
	for n := range l {
		for _, f := range l[n].Fields {
			if f == field {
				return &l[n]
			}
		}
	}
	return nil
}

// FreeDays is for how long a verified value of a field is free in the directory, in days.
func (l Items) FreeDays(field string) int {
	if i := l.Of(field); i != nil {
		return i.FreeDays
	}
	return 0
}

// Credits is the subscription with the viewer's shares.
func (s *Screens) Credits(ctx context.Context, sc *account.Scope) (Credits, error) {
	return s.CreditsOf(ctx, sc, sc.Member)
}

// CreditsOf is the subscription with a member's shares as Mine; who sees them the caller knows.
func (s *Screens) CreditsOf(ctx context.Context, sc *account.Scope, member string) (Credits, error) {
	var members []string
	if member != "" {
		members = append(members, member)
	}
	view, err := s.look(ctx, sc, members...)
	if err != nil {
		return Credits{}, err
	}
	return creditsOf(view, member), nil
}

func creditsOf(view *credits.View, viewer string) Credits {
	now := view.Current
	c := Credits{
		Seq:  view.Seq,
		Zone: now.Zone(), Plan: now.Plan.Name, Interval: string(now.Plan.Interval), Seats: now.Seats, Period: now.Period, Status: statusOf(now), EndsAt: now.CancelsAt,
		Refill: view.Refill(), Types: view.Book.Credits, Mine: view.Members[viewer], Items: itemsOf(view.Book),
	}
	if next := now.Next; next != nil {
		c.Next = &NextPlan{At: next.At, Plan: next.Plan.Name, Seats: next.Seats}
	}
	for _, of := range view.Credits {
		one := Credit{CreditView: of, RolloverCap: now.Plan.Credits[of.Credit].RolloverCap}
		one.Overassigned = !of.Allowance.Unlimited && of.Assigned > of.Allowance.Amount
		c.List = append(c.List, one)
	}
	return c
}

// Told is a refill as it is told in a line: a subscription that has ended does not end again.
func (c Credits) Told(r unit.Refill) unit.Refill {
	if c.Status == Cancelled {
		r.Ends = nil
	}
	return r
}

// Note is the line below balances: when there is more, or why there is not.
func (c Credits) Note() string {
	if c.Status == Cancelled {
		return words.CancelledNote
	}
	if text := c.Refill.Text(c.Zone); text != "" {
		return text
	}
	return words.NothingRefills
}

func statusOf(now credits.Current) string {
	switch {
	case now.Cancelled:
		return Cancelled
	case !now.CancelsAt.IsZero():
		return Cancelling
	}
	return Active
}

func itemsOf(book *credits.Book) (list Items) {
	for n := range book.Prices {
		i := &book.Prices[n]
		list = append(list, Item{
			Fields: i.Fields, Type: i.Credit, AtMost: i.Price().Ceil(), Price: i.Price().String(), Unlock: i.Unlock, Together: i.PerPerson(), FreeDays: i.VerifiedFreeDays,
		})
	}
	return list
}

// Balance is what the viewer can spend of one credit type.
type Balance struct {
	Type      string
	Available unit.Quota
	Of        unit.Quota
	Whose     string // of whom that is: "yours", "in the pool" or "the workspace’s"
	Refill    unit.Refill
	RanOut    bool // nothing is left of what the plan gives
}

// Balances is what the viewer can spend, of what.
func (c Credits) Balances() []Balance {
	var list []Balance
	for n, of := range c.List {
		b := Balance{Type: of.Credit, Available: of.Available, Of: of.Allowance, Whose: "the workspace’s", Refill: of.Refill}
		if len(c.Mine) > n {
			mine := c.Mine[n]
			b.Available, b.Of, b.Whose, b.Refill = mine.Available, mine.Of, "in the pool", mine.Refill // what is assigned to others is not theirs
			if mine.Mode != unit.FromPool {
				b.Whose = "yours"
			}
		}
		b.RanOut = c.Status != Cancelled && !b.Available.Unlimited && b.Available.Amount <= 0 && (of.Allowance.Unlimited || of.Allowance.Amount > 0)
		if b.Refill = c.Told(b.Refill); b.Of.Unlimited {
			b.Refill = unit.Refill{}
		}
		list = append(list, b)
	}
	return list
}

// Costs puts amounts in the order of the credit types.
func (c Credits) Costs(amounts map[string]unit.Amount) []words.Cost { return costs(c.Types, amounts) }

func costs(types []string, amounts map[string]unit.Amount) []words.Cost {
	var list []words.Cost
	for _, t := range types {
		list = append(list, words.Cost{Type: t, Amount: amounts[t]})
	}
	return list
}

// captureCost is what a plain capture costs at most: every field that it asks for
// found and charged, premium included where it is unlocked by itself.
func captureCost(book *credits.Book, auto bool) []words.Cost {
	var names []string
	for _, f := range capture.PlainFields(book, auto) {
		names = append(names, string(f))
	}
	return costs(book.Credits, book.AtMost(names))
}

// autoCost is what the setting adds to a capture at most.
func autoCost(book *credits.Book) []words.Cost {
	with, without := captureCost(book, true), captureCost(book, false)
	for n := range with {
		with[n].Amount -= without[n].Amount
	}
	return with
}

// Frame is what surrounds every page of a workspace.
type Frame struct {
	Zone       *time.Location
	Name, Role string // of the viewer
	Balances   []Balance
	Views      []View // of the lead sheet, that the viewer sees
	Requests   int    // for credits, that wait for the viewer
	Seq        int64  // newest entry of the ledger
}

// View is a saved view of the lead sheet.
type View struct {
	ID, Name, Query string
	Shared          bool
	Mine            bool // the viewer may delete it
}

// Frame reads it.
func (s *Screens) Frame(ctx context.Context, sc *account.Scope) (Frame, error) {
	f := Frame{Name: "Operator", Role: account.Admin}
	if !sc.Watching {
		m, err := s.Accounts.Member(ctx, sc, sc.Member)
		if err != nil {
			return f, err
		}
		f.Name, f.Role = m.Name, m.Role
	}
	c, err := s.Credits(ctx, sc)
	if err != nil {
		return f, err
	}
	f.Zone, f.Balances, f.Seq = c.Zone, c.Balances(), c.Seq
	views, err := s.Captures.Views(ctx, sc, capture.LeadsPage)
	for _, v := range views {
		f.Views = append(f.Views, View{ID: v.ID, Name: v.Name, Query: v.Query, Shared: v.Shared, Mine: sc.MayDropView(v.Member)})
	}
	if err != nil || !sc.Can(account.ManageCredits) {
		return f, err
	}
	waiting, err := s.Accounts.Requests(ctx, sc, account.RequestOpen, "", maxRequests)
	f.Requests = len(waiting)
	return f, err
}
