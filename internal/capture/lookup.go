package capture

import (
	"context"
	"errors"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/find"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Lookup is a free look: whether something is there, not what.
type Lookup struct {
	Person lead.Person // without values
	Has    map[lead.Field]bool
	// Verified: the work email is.
	Verified bool
	Owned    []lead.Field
	// WouldCost is what all fields together would cost at most, per credit type.
	WouldCost map[string]credits.Amount
	// Costs is the same field by field.
	Costs map[lead.Field]credits.Amount
	// Lead is the person's id on the workspace's sheet; empty: not on it.
	Lead string

	estimate func(fields []lead.Field) map[string]credits.Amount
}

// AtMost is what every combination of fields would cost at most, by its fields in the
// order of lead.Fields, joined by commas.
func (l *Lookup) AtMost() map[string]map[string]credits.Amount {
	return credits.Combined(fieldNames(lead.Fields), func(names []string) map[string]credits.Amount {
		fields := make([]lead.Field, len(names))
		for n, name := range names {
			fields[n] = lead.Field(name)
		}
		return l.Cost(fields)
	})
}

func fieldNames(fields []lead.Field) []string {
	names := make([]string, len(fields))
	for n, f := range fields {
		names[n] = string(f)
	}
	return names
}

// Cost is what some of the fields would cost at most, paid for in that order.
func (l *Lookup) Cost(fields []lead.Field) map[string]credits.Amount { return l.estimate(fields) }

// Lookup says which fields of a person exist, which the workspace owns, and what
// it would cost. It charges nothing and reveals no value (rule C2).
func (svc *Service) Lookup(ctx context.Context, s *account.Scope, ref lead.Reference) (*Lookup, error) {
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, account.FromRefusal(err)
	}
	if len(ref.Validate()) == 0 {
		if taken, err := svc.take(ctx, s, v, credits.MeterLookups, 1); err != nil || taken == 0 {
			return nil, errors.Join(err, usedUp(v, s.Now))
		}
		if ref, err = svc.free(ctx, s, ref); err != nil {
			return nil, err
		}
	}
	match, err := svc.Directory.Find(ctx, ref)
	if err != nil {
		return nil, err
	}
	if match.Suppressed {
		return nil, directory.Nobody()
	}
	if match, err = svc.sellable(ctx, s, match); err != nil {
		return nil, err
	}
	meters, err := svc.Meters(ctx, s)
	if err != nil {
		return nil, err
	}
	owned, onSheet, err := svc.owned(ctx, s, match.Person.ID)
	if err != nil {
		return nil, err
	}
	l := svc.lookup(v.Book, meters, match, owned, s.Now)
	l.Lead = onSheet
	return l, nil
}

// lookup is what may be said of somebody for free, to a workspace that owns what it owns.
func (svc *Service) lookup(book *credits.Book, meters Meters, match directory.Match, owned []credits.Owned, now time.Time) *Lookup {
	l := &Lookup{Person: find.MaskPerson(match.Person), Has: map[lead.Field]bool{}, Costs: map[lead.Field]credits.Amount{}, Owned: []lead.Field{}}
	l.Person.Values = nil
	l.estimate = func(fields []lead.Field) map[string]credits.Amount {
		var asked []credits.Finding
		for _, f := range fields {
			asked = append(asked, meters.costly(svc.expect(book, match, f, owned, now)))
		}
		return book.Estimate(asked, owned, now)
	}
	for _, f := range lead.Fields {
		seen := Observe(match, f)
		l.Has[f], l.Verified = seen.Values > 0, l.Verified || seen.Verified && seen.Graded
		verdict := book.Judge(meters.costly(svc.expect(book, match, f, owned, now)), owned, now)
		if verdict.Outcome == credits.AlreadyOwned {
			l.Owned = append(l.Owned, f)
		}
		if verdict.Outcome == credits.Charged {
			l.Costs[f] = verdict.Item.Price().Ceil()
		}
	}
	l.WouldCost = l.estimate(lead.Fields)
	return l
}

// owned is what the workspace was delivered of a person, and the lead that they are shown as;
// empty: none.
func (svc *Service) owned(ctx context.Context, s *account.Scope, person string) (owned []credits.Owned, onSheet string, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		reveals, err := tx.Reveals().Of(s.Workspace.ID, []string{person})
		if err != nil {
			return err
		}
		owned = ownedOf(reveals[person])
		leads, err := tx.Leads().Of(s.Workspace.ID, []string{person})
		onSheet = leads[person].ID
		return err
	})
	return owned, onSheet, err
}

func ownedOf(reveals []store.Reveal) []credits.Owned {
	var owned []credits.Owned
	for _, r := range reveals {
		owned = append(owned, credits.Owned{Field: r.Field, Outcome: credits.Outcome(r.Outcome), At: time.UnixMicro(r.At).UTC()})
	}
	return owned
}
