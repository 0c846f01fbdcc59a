package account

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// NewWorkspace is what the operator says of a workspace to be made.
type NewWorkspace struct {
	Name, Plan, TimeZone, TestClock string
	PriceBook                       string // empty: credits.UsualBook
	Seats, Anchor                   int
}

// CreateWorkspace makes a workspace on a plan, in the transaction given. Its id
// comes back; its first period is the one that runs.
func (a *Accounts) CreateWorkspace(tx *store.Tx, n NewWorkspace) (store.Workspace, error) {
	book, err := a.check(n)
	if err != nil {
		return store.Workspace{}, err
	}
	now, err := a.clockFor(tx, n.TestClock)
	if err != nil {
		return store.Workspace{}, err
	}
	terms, err := credits.NewTerms(book, n.Plan, n.Seats, n.TimeZone, n.Anchor, now)
	if err != nil {
		return store.Workspace{}, fault.Wrong("anchor", "%s", strings.TrimPrefix(err.Error(), "anchor "))
	}
	w := store.Workspace{ID: ident.Small("ws"), Name: n.Name, Clock: n.TestClock, AutoUnlock: AutoMember, UsageVisibleTo: VisibleToManagers, CreatedAt: now.UnixMicro()}
	account := store.Account{Workspace: w.ID, Terms: terms.Encode(), TermsVersion: 1, LastAt: now.UnixMicro()}
	if err := tx.Workspaces().Insert(w, account); err != nil {
		return w, err
	}
	s := &Scope{Principal: Principal{Role: Operator}, Workspace: w, Now: now}
	return w, s.Audit(tx, "workspace.made", w.ID, n.Name+", "+n.Plan)
}

// maxWorkspaceName bounds a workspace's name, in characters.
const maxWorkspaceName = 200

func (a *Accounts) check(n NewWorkspace) (*credits.Book, error) {
	var wrong []fault.Field
	say := func(field, message string) { wrong = append(wrong, fault.Field{Field: field, Message: message}) }
	wrong = append(wrong, fault.FieldsOf(fault.Length("name", n.Name, 1, maxWorkspaceName))...)
	if n.Seats < 1 || n.Seats > credits.MaxSeats {
		say("seats", "must be from 1 to 100000")
	}
	if _, err := credits.LoadZone(n.TimeZone); err != nil {
		say("time_zone", "must be an IANA time zone such as Europe/Berlin")
	}
	if n.PriceBook == "" {
		n.PriceBook = credits.UsualBook
	}
	book := a.Ledger.Books()[n.PriceBook]
	if book == nil {
		say("price_book", "must be one of the configured price books: "+strings.Join(a.bookNames(), ", "))
	} else if book.Plans[n.Plan] == nil {
		say("plan", "must be one of the price book's plans: "+strings.Join(book.PlanNames(), ", "))
	}
	return book, problems(wrong)
}

// problems is an Invalid fault of several fields; nil for none.
func problems(wrong []fault.Field) error {
	if len(wrong) == 0 {
		return nil
	}
	return &fault.Error{Kind: fault.Invalid, Message: wrong[0].Field + " " + wrong[0].Message, Fields: wrong}
}

func (a *Accounts) bookNames() []string {
	var names []string
	for n := range a.Ledger.Books() {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func (a *Accounts) clockFor(tx *store.Tx, clock string) (time.Time, error) {
	if clock == "" {
		return a.Clock().UTC(), nil
	}
	us, found, err := tx.Workspaces().Clock(clock)
	if err == nil && !found {
		err = fault.Wrong("test_clock", "must be the id of a test clock")
	}
	return time.UnixMicro(us).UTC(), err
}

// CreateClock makes a test clock (rule P5).
func (a *Accounts) CreateClock(tx *store.Tx, now time.Time) (string, error) {
	if err := plausible("now", now); err != nil {
		return "", err
	}
	id := ident.New("clock")
	return id, tx.Workspaces().InsertClock(id, now.UnixMicro())
}

// AdvanceClock moves a test clock on; it never moves back.
func (a *Accounts) AdvanceClock(tx *store.Tx, id string, to time.Time) error {
	if err := plausible("to", to); err != nil {
		return err
	}
	now, found, err := tx.Workspaces().Clock(id)
	switch {
	case err != nil:
		return err
	case !found:
		return fault.New(fault.NotFound, "There is no such test clock.")
	case to.UnixMicro() < now:
		return fault.Wrong("to", "must not be before %s: a clock never moves back", time.UnixMicro(now).UTC().Format(time.RFC3339Nano))
	}
	_, err = tx.Workspaces().AdvanceClock(id, to.UnixMicro())
	return err
}

// plausible keeps instants inside what calendars and integers can hold.
func plausible(field string, t time.Time) error {
	if t.Year() < 1970 || t.Year() > 2200 {
		return fault.Wrong(field, "must be between the years 1970 and 2200")
	}
	return nil
}

// ChangeWorkspace gives a workspace another plan or number of seats, another name, or
// both in one transaction; nil leaves either as it is.
func (a *Accounts) ChangeWorkspace(ctx context.Context, s *Scope, c *credits.ChangePlan, name *string) error {
	rename := func(*store.Tx) error { return nil }
	if name != nil {
		if err := fault.Length("name", *name, 1, maxWorkspaceName); err != nil {
			return err
		}
		s.Workspace.Name = *name
		rename = func(tx *store.Tx) error {
			if err := tx.Workspaces().Update(s.Workspace); err != nil {
				return err
			}
			return s.Audit(tx, "workspace.renamed", s.Workspace.ID, *name)
		}
	}
	if c == nil {
		return a.Store.Update(ctx, rename)
	}
	c.With = Within(rename)
	_, err := a.ExecuteAudited(ctx, s, c)
	return err
}

// Policies of unlocking premium at every capture (rule U2).
const (
	AutoOn     = "on"
	AutoOff    = "off"
	AutoMember = "member"
)

// Settings are a workspace's own.
type Settings struct {
	AutoUnlock string
	// DailyCap bounds what the setting may spend by itself in a day; nil: nothing does.
	DailyCap *credits.Amount
	// UsageVisibleTo is VisibleToEveryone or VisibleToManagers; to SetSettings empty
	// leaves it as it is.
	UsageVisibleTo string
}

// SettingsOf reads them.
func SettingsOf(w store.Workspace) Settings {
	s := Settings{AutoUnlock: w.AutoUnlock, UsageVisibleTo: w.UsageVisibleTo}
	if w.AutoCap != nil {
		limit := credits.Amount(*w.AutoCap)
		s.DailyCap = &limit
	}
	return s
}

// SetSettings writes them.
func (a *Accounts) SetSettings(ctx context.Context, s *Scope, set Settings) error {
	if !slices.Contains([]string{AutoOn, AutoOff, AutoMember}, set.AutoUnlock) {
		return fault.Wrong("auto_unlock", "must be on, off or member")
	}
	if !slices.Contains([]string{"", VisibleToEveryone, VisibleToManagers}, set.UsageVisibleTo) {
		return fault.Wrong("usage_visible_to", "must be everyone or managers")
	}
	s.Workspace.AutoUnlock, s.Workspace.AutoCap = set.AutoUnlock, nil
	s.Workspace.UsageVisibleTo = cmp.Or(set.UsageVisibleTo, s.Workspace.UsageVisibleTo)
	if set.DailyCap != nil {
		if *set.DailyCap < 0 {
			return fault.Wrong("auto_unlock_daily_cap", "must not be negative")
		}
		limit := int64(*set.DailyCap)
		s.Workspace.AutoCap = &limit
	}
	text := "automatic unlock " + set.AutoUnlock
	if set.DailyCap != nil {
		text += ", at most " + set.DailyCap.String() + " a day"
	}
	text += ", usage visible to " + s.Workspace.UsageVisibleTo
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Workspaces().Update(s.Workspace); err != nil {
			return err
		}
		return s.Audit(tx, "settings.changed", "", text)
	})
}

// AutoUnlocks reports whether a capture by the member asks for premium by itself.
func (a *Accounts) AutoUnlocks(ctx context.Context, s *Scope, member string) (bool, error) {
	switch s.Workspace.AutoUnlock {
	case AutoOn:
		return true, nil
	case AutoOff:
		return false, nil
	}
	if member == "" {
		return false, nil
	}
	m, err := a.Member(ctx, s, member)
	return m.AutoUnlock, err
}

// FromRefusal turns a ledger's refusal into a fault; other errors pass.
func FromRefusal(err error) error {
	var r *credits.Refusal
	if !errors.As(err, &r) {
		return err
	}
	e := &fault.Error{Kind: fault.Kind(r.Code), Message: r.Message, Cause: r}
	if r.Code == credits.Invalid {
		e.Message = r.Field + " " + r.Message
	}
	if r.Field != "" {
		e.Fields = []fault.Field{{Field: r.Field, Message: r.Message}}
	}
	return e
}

// Workspaces lists a page of workspaces after an id.
func (a *Accounts) Workspaces(ctx context.Context, after string, limit int) (list []store.Workspace, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Workspaces().List(after, limit)
		return err
	})
	return list, err
}

// Grants lists a workspace's add-ons, newest first.
func (a *Accounts) Grants(ctx context.Context, s *Scope, current credits.Current) (list []store.GrantRow, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.Accounts().Grants(s.Workspace.ID, credits.MaxGrants)
		return err
	})
	for n, g := range list {
		at := time.Time{}
		if g.EndsAt != 0 {
			at = time.UnixMicro(g.EndsAt).UTC()
		}
		if ends, cancelled := current.GrantEnds(at); cancelled {
			list[n].EndsAt = ends.UnixMicro()
		}
	}
	return list, err
}

// Empty reports whether the server has no workspace yet.
func (a *Accounts) Empty(ctx context.Context) (empty bool, err error) {
	if a.peopled.Load() {
		return false, nil
	}
	err = a.Store.ViewEach(ctx, func(tx *store.Tx) error {
		some, err := tx.Workspaces().Any()
		if some {
			a.peopled.Store(true) // workspaces are never deleted
		}
		return err
	})
	if a.peopled.Load() { // also where a part of the database did not answer
		return false, nil
	}
	return err == nil, err
}
