package capture

import (
	"context"
	"slices"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Estimate is what captures may cost of one credit type: what the directory holds
// already, that and what sources will likely find, and all that they could.
type Estimate struct {
	Min    credits.Amount `json:"min"`
	Likely credits.Amount `json:"likely"`
	Max    credits.Amount `json:"max"`
	// People is how many of them it may cost anything for.
	People int `json:"-"`
}

// fields are those that are asked for, or those of a capture that names none.
func (svc *Service) fields(ctx context.Context, s *account.Scope, book *credits.Book, member string, asked []lead.Field) ([]lead.Field, error) {
	if len(asked) > 0 {
		return asked, nil
	}
	unlocks, err := svc.Accounts.AutoUnlocks(ctx, s, member)
	if err != nil {
		return nil, err
	}
	return PlainFields(book, unlocks), nil
}

// AtMost is what one capture costs when everything is found and nothing is free.
func (svc *Service) AtMost(ctx context.Context, s *account.Scope, member string, ref lead.Reference, asked []lead.Field) (map[string]credits.Amount, error) {
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, account.FromRefusal(err)
	}
	fields, err := svc.fields(ctx, s, v.Book, member, asked)
	if err != nil {
		return nil, err
	}
	return atMost(v.Book, ref, fields), nil
}

// atMost is what fields cost at most of a person, and with them the field of an address
// that the person is named by (rule C13).
func atMost(book *credits.Book, ref lead.Reference, fields []lead.Field) map[string]credits.Amount {
	most := map[string]credits.Amount{}
	keys := []lead.Field{""}
	if ref.Email != "" {
		keys = addressFields
	}
	for _, key := range keys {
		for credit, amount := range book.AtMost(fieldNames(first(fields, key))) {
			most[credit] = max(most[credit], amount)
		}
	}
	return most
}

// Barred tells of references whether whom they mean is on the suppression list.
func (svc *Service) Barred(ctx context.Context, refs []lead.Reference) ([]bool, error) {
	barred := make([]bool, len(refs))
	var valid []lead.Reference
	var at []int // their places in refs
	for n, ref := range refs {
		if len(ref.Validate()) == 0 { // else it is nobody
			valid, at = append(valid, ref), append(at, n)
		}
	}
	on, err := svc.Directory.BarredMany(ctx, valid)
	for i, n := range at {
		barred[n] = err == nil && on[i]
	}
	return barred, err
}

// AllShown reports whether all of people are in the directory and none is on the suppression list.
func (svc *Service) AllShown(ctx context.Context, people []string) (all bool, err error) {
	people = slices.Clone(people)
	slices.Sort(people)
	if people = slices.Compact(people); len(people) == 0 {
		return true, nil
	}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		n, err := tx.People().CountShown(people)
		all = n == len(people)
		return err
	})
	return all, err
}

// Values are what the workspace was delivered of people, by person and field; of
// those who must not be shown, none.
func (svc *Service) Values(ctx context.Context, s *account.Scope, people []string) (values map[string]map[lead.Field][]lead.Value, hidden map[string]bool, err error) {
	values = map[string]map[lead.Field][]lead.Value{}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		if hidden, err = svc.Directory.Hidden(tx, people); err != nil {
			return err
		}
		reveals, err := tx.Reveals().Of(s.Workspace.ID, people)
		if err != nil {
			return err
		}
		for person, list := range reveals {
			if hidden[person] {
				continue
			}
			values[person] = map[lead.Field][]lead.Value{}
			for _, r := range list {
				if values[person][lead.Field(r.Field)], err = readValues(r); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return values, hidden, err
}
