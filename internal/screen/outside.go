package screen

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/push"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/webhook"
)

const (
	// deliveriesShown is how many deliveries a webhook has on a page.
	deliveriesShown = 50
	// pushesShown is how many pushes are listed, and whysShown how many reasons each.
	pushesShown = 20
	whysShown   = 3
	// crossingsShown is how many crossings of a mark are listed.
	crossingsShown = 50
)

// Webhook is one webhook with its deliveries.
type Webhook struct {
	webhook.Endpoint
	Deliveries []Delivery
	Older      string // the id before which there may be older ones; empty: there are none
}

// How a delivery does.
const (
	Sent    = "sent"
	GivenUp = "given up"
	Held    = "held" // the webhook is paused
	Sending = "sending"
	Again   = "again" // it failed, and is tried again
	Waits   = "waits"
)

// Delivery is one message to a webhook.
type Delivery struct {
	ID, Event string
	At        time.Time
	State     string
	Due       time.Time // when it is tried again
	Attempts  int
	Answer    string // "200", "it did not answer in time"
}

// Webhook reads it, with the deliveries before an id.
func (s *Screens) Webhook(ctx context.Context, sc *account.Scope, id, before string) (w Webhook, err error) {
	if w.Endpoint, err = s.Webhooks.Endpoint(ctx, sc, id); err != nil {
		return w, err
	}
	rows, err := s.Webhooks.Deliveries(ctx, sc, id, before, deliveriesShown)
	for _, e := range rows {
		d := Delivery{ID: e.ID, Event: e.Label, At: micros(e.Created), State: deliveryState(e), Due: micros(e.Due), Attempts: int(e.Attempts), Answer: e.Error}
		if e.Code != 0 && e.Error == "" {
			d.Answer = strconv.FormatInt(e.Code, 10)
		}
		w.Deliveries = append(w.Deliveries, d)
	}
	if len(rows) == deliveriesShown {
		w.Older = rows[len(rows)-1].ID
	}
	return w, err
}

func deliveryState(e store.Effect) string {
	switch {
	case e.Status == store.EffectSent:
		return Sent
	case e.Status == store.EffectDead:
		return GivenUp
	case e.Status == store.EffectHeld:
		return Held
	case e.Owner != "":
		return Sending
	case e.Attempts > 0:
		return Again
	}
	return Waits
}

// Push is where leads can be pushed to, and what was.
type Push struct {
	Ready       bool // the server can keep tokens
	Connections []push.Connection
	Lists       []string
	Pushes      []Pushed
}

// Pushed is one push.
type Pushed struct {
	Kind           string
	At             time.Time
	Total, Waiting int
	Counts         []PushCount
	Failed         bool
	Why            []string // the first reasons why leads were not taken
}

// PushCount is how many leads came to an outcome.
type PushCount struct {
	Outcome string
	Count   int
}

// Push reads it.
func (s *Screens) Push(ctx context.Context, sc *account.Scope) (p Push, err error) {
	p.Ready = s.Pushes.Ready()
	if p.Connections, err = s.Pushes.Connections(ctx, sc); err != nil {
		return p, err
	}
	if p.Lists, err = s.Captures.Lists(ctx, sc); err != nil {
		return p, err
	}
	rows, err := s.Pushes.List(ctx, sc, "", "", pushesShown)
	for _, r := range rows {
		one := Pushed{Kind: r.Kind, At: micros(r.CreatedAt), Total: int(r.Total), Waiting: int(r.Counts["waiting"]), Failed: r.Counts[push.Failed] > 0}
		for _, outcome := range []string{push.Created, push.Updated, push.Sent, push.Skipped, push.Failed} {
			if n := r.Counts[outcome]; n > 0 {
				one.Counts = append(one.Counts, PushCount{outcome, int(n)})
			}
		}
		if one.Failed || r.Counts[push.Skipped] > 0 {
			if one.Why, err = s.pushWhys(ctx, sc, r.ID); err != nil {
				return p, err
			}
		}
		p.Pushes = append(p.Pushes, one)
	}
	return p, err
}

func (s *Screens) pushWhys(ctx context.Context, sc *account.Scope, id string) (whys []string, err error) {
	rows, err := s.Pushes.Rows(ctx, sc, id, 0, push.MaxLeads)
	for _, r := range rows {
		if r.Message != "" && !slices.Contains(whys, r.Message) && len(whys) < whysShown {
			whys = append(whys, r.Message)
		}
	}
	return whys, err
}

// Alerts is when admins are told how much is used.
type Alerts struct {
	Credits
	Marks  alert.Percents // by credit type
	Every  string         // how often the usage is mailed to the viewer
	Email  string         // where to
	Recent []Crossing
}

// Crossing is one time when admins were told.
type Crossing struct {
	Type      string
	At        time.Time
	Percent   int
	Allowance unit.Amount
	Period    time.Time // when the period began
}

// AlertSettings reads it.
func (s *Screens) AlertSettings(ctx context.Context, sc *account.Scope) (p Alerts, err error) {
	view, err := s.look(ctx, sc)
	if err != nil {
		return p, err
	}
	p.Credits = creditsOf(view, "")
	if p.Marks, err = s.Alerts.Settings(ctx, sc, view.Book); err != nil {
		return p, err
	}
	if p.Every, err = s.Alerts.UsageMail(ctx, sc, sc.Member); err != nil {
		return p, err
	}
	m, err := s.Accounts.Member(ctx, sc, sc.Member)
	if err != nil {
		return p, err
	}
	p.Email = m.Email
	recent, err := s.Alerts.List(ctx, sc, crossingsShown)
	for _, r := range recent {
		p.Recent = append(p.Recent, Crossing{Type: r.Credit, At: micros(r.At), Percent: int(r.Percent), Allowance: unit.Amount(r.Allowance), Period: micros(r.PeriodStart)})
	}
	return p, err
}
