package screen

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// workspacesPerPage is how many workspaces a page of the list has.
	workspacesPerPage = 50
	// maxReviews bounds the reports of bad data on one page.
	maxReviews = 100
	// sourceDays is how far back the sources' figures go.
	sourceDays = 30
)

// WorkspaceList is a page of the operator's workspaces.
type WorkspaceList struct {
	Types      []string // credit types, in the columns' order
	Offers     []Offer
	Workspaces []Workspace
	After      string // the id after which the next page begins; empty: this is the last
}

// Workspace is one workspace in the list.
type Workspace struct {
	ID, Name, Plan string
	Status         string // of the subscription; empty: its credits cannot be read
	Seats          int
	Zone           *time.Location
	Period         unit.Period
	Last           time.Time          // when its ledger last changed
	Credits        []WorkspaceBalance // in the order of the types
}

// How a workspace compares with the course of its period.
const (
	OnPace = ""
	UsedUp = "used up"
	Ahead  = "ahead of pace" // by a tenth of the allowance or more
)

// WorkspaceBalance is used of allowance.
type WorkspaceBalance struct {
	Pace       string
	Held, Used unit.Amount
	Allowance  unit.Quota
}

// Waiting is what waits for the operator.
type Waiting struct {
	Reviews  int // reports of bad data; at most as many as are listed
	Requests int // requests for add-ons
}

// Waiting counts what waits for the operator.
func (s *Screens) Waiting(ctx context.Context) (w Waiting, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		reviews, err := tx.Reports().ToReview(maxReviews)
		if err != nil {
			return err
		}
		open, err := tx.AddOnRequests().CountOpen()
		w = Waiting{Reviews: len(reviews), Requests: int(open)}
		return err
	})
	return w, err
}

// Workspaces reads a page: one statement for the workspaces and one look at all their balances,
// however many workspaces there are.
func (s *Screens) Workspaces(ctx context.Context, search, after string) (d WorkspaceList, err error) {
	book := s.Ledger.Books()[credits.UsualBook]
	d.Types, d.Offers = book.Credits, s.offers()
	var rows []store.ListedWorkspace
	err = s.Store.View(ctx, func(tx *store.Tx) (err error) {
		rows, err = tx.Workspaces().Listed(search, after, workspacesPerPage+1)
		return err
	})
	if err != nil {
		return d, err
	}
	if len(rows) > workspacesPerPage {
		rows = rows[:workspacesPerPage]
		d.After = rows[len(rows)-1].ID
	}
	var asked []credits.LookAt
	for _, r := range rows {
		at := s.Accounts.Clock().UTC()
		if r.Clock != 0 {
			at = micros(r.Clock)
		}
		asked = append(asked, credits.LookAt{Workspace: r.ID, At: at})
	}
	views, err := s.Ledger.LookMany(ctx, asked)
	for n, r := range rows {
		d.Workspaces = append(d.Workspaces, workspaceOf(r, views[r.ID], asked[n].At, d.Types))
	}
	return d, err
}

// Offer is a plan that a workspace can have. Gives says what it gives.
type Offer struct{ Book, Plan, Gives string }

// Value names it in a form: the plan alone where the book is the usual one.
func (o Offer) Value() string {
	if o.Book == credits.UsualBook {
		return o.Plan
	}
	return o.Book + "/" + o.Plan
}

// OfferOf is what a form named.
func OfferOf(value string) Offer {
	if book, plan, found := strings.Cut(value, "/"); found {
		return Offer{Book: book, Plan: plan}
	}
	return Offer{Book: credits.UsualBook, Plan: value}
}

// offers are the plans of the usual price book, and then those of the others.
func (s *Screens) offers() (list []Offer) {
	books := s.Ledger.Books()
	names := slices.Sorted(maps.Keys(books))
	slices.SortStableFunc(names, func(a, b string) int {
		switch credits.UsualBook {
		case a:
			return -1
		case b:
			return 1
		}
		return 0
	})
	for _, name := range names {
		list = append(list, offersOf(books[name])...)
	}
	return list
}

// offersOf are the plans of one price book.
func offersOf(b *credits.Book) (list []Offer) {
	for _, plan := range b.PlanNames() {
		list = append(list, Offer{b.Name, plan, planWords(b, b.Plans[plan])})
	}
	return list
}

func workspaceOf(r store.ListedWorkspace, view *credits.View, now time.Time, types []string) Workspace {
	w := Workspace{ID: r.ID, Name: r.Name, Credits: make([]WorkspaceBalance, len(types))}
	if view == nil {
		return w
	}
	w.Plan, w.Status, w.Seats = view.Current.Plan.Name, statusOf(view.Current), view.Current.Seats
	w.Zone, w.Period, w.Last = view.Current.Zone(), view.Current.Period, micros(r.LastAt)
	for n, t := range types {
		c, _ := view.Credit(t)
		w.Credits[n] = WorkspaceBalance{Used: c.Used, Held: c.Held, Allowance: c.Allowance, Pace: paceOf(c, view.Current, now)}
	}
	return w
}

func paceOf(c credits.CreditView, current credits.Current, now time.Time) string {
	whole := current.Period.End.Sub(current.Period.Start)
	if current.Cancelled || c.Allowance.Unlimited || c.Allowance.Amount == 0 || whole <= 0 {
		return OnPace
	}
	const parts = 1000
	gone := int(now.Sub(current.Period.Start) * parts / whole)
	switch used := unit.Share(c.Used+c.Held, c.Allowance.Amount, parts); {
	case c.Available.Amount == 0:
		return UsedUp
	case used > gone+parts/10:
		return Ahead
	}
	return OnPace
}

// Review is a report of bad data that waits for the operator (rule C11).
type Review struct {
	Workspace, Name string // id and name
	Entry           string // that charged
	Member          string // who reported it
	Field, Reason   string
	At              time.Time
}

// Reviews reads them; full says that there may be more.
func (s *Screens) Reviews(ctx context.Context) (list []Review, full bool, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Reports().ToReview(maxReviews)
		if err != nil {
			return err
		}
		full = len(rows) == maxReviews
		names := deskNames{}
		for _, r := range rows {
			one := Review{Workspace: r.Workspace, Entry: unit.EntryID(r.Seq), Field: r.Field, Reason: r.Reason, At: micros(r.At)}
			if one.Name, err = names.workspace(tx, r.Workspace); err != nil {
				return err
			}
			if one.Member, err = names.member(tx, r.Workspace, r.Member); err != nil {
				return err
			}
			list = append(list, one)
		}
		return nil
	})
	return list, full, err
}

// deskNames are names by id, each read once.
type deskNames map[string]string

func (d deskNames) workspace(tx *store.Tx, id string) (string, error) {
	if name, known := d[id]; known {
		return name, nil
	}
	w, _, err := tx.Workspaces().ByID(id)
	d[id] = w.Name
	return w.Name, err
}

func (d deskNames) member(tx *store.Tx, ws, id string) (string, error) {
	if name, known := d[ws+"/"+id]; known {
		return name, nil
	}
	m, _, err := tx.Members().ByID(ws, id)
	d[ws+"/"+id] = m.Name
	return m.Name, err
}

// Server is what belongs to no workspace.
type Server struct {
	Sources    []Source
	Suppressed map[string]int64 // how many of each kind are on the list
}

// Source is an upstream source's last days.
type Source struct {
	Name                         string
	Asked, Found, Missed, Failed int
	Cost                         unit.Amount
	Latency                      time.Duration // of an answer, on average
}

// Server reads it.
func (s *Screens) Server(ctx context.Context) (p Server, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		days, err := tx.Providers().Days(time.Now().UTC().AddDate(0, 0, -sourceDays).Format(time.DateOnly))
		if err != nil {
			return err
		}
		for _, d := range days {
			one := Source{Name: d.Provider, Asked: int(d.Asked), Found: int(d.Found), Missed: int(d.Missed), Failed: int(d.Failed), Cost: unit.Amount(d.Cost)}
			if d.Asked > 0 {
				one.Latency = time.Duration(d.Latency/d.Asked) * time.Microsecond
			}
			p.Sources = append(p.Sources, one)
		}
		p.Suppressed, err = tx.Suppressions().Count()
		return err
	})
	return p, err
}

// Subscription is one workspace on the operator's pages.
type Subscription struct {
	Plan
	Plans []Offer // that its price book sells
}

// Subscription reads it.
func (s *Screens) Subscription(ctx context.Context, sc *account.Scope) (p Subscription, err error) {
	if p.Plan, err = s.Plan(ctx, sc); err != nil {
		return p, err
	}
	view, err := s.look(ctx, sc)
	if err == nil {
		p.Plans = offersOf(view.Book)
	}
	return p, err
}
