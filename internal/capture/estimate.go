package capture

import (
	"context"
	"encoding/json"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
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

// Estimate is what capturing many people may cost, per credit type, from what the
// directory holds and from how often the sources found something lately. It
// charges nothing and asks nobody. A person who is named twice counts once.
func (svc *Service) Estimate(ctx context.Context, s *account.Scope, member string, refs []lead.Reference, asked []lead.Field) (map[string]Estimate, error) {
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, account.FromRefusal(err)
	}
	fields, err := svc.fields(ctx, s, v.Book, member, asked)
	if err != nil {
		return nil, err
	}
	found, tried, err := svc.Sources.HitRate(ctx)
	if err != nil {
		return nil, err
	}
	sum := map[string]Estimate{}
	for _, c := range v.Book.Credits {
		sum[c] = Estimate{}
	}
	may, err := svc.mayLook(ctx, s, v, refs)
	if err != nil {
		return nil, err
	}
	meters, err := svc.Meters(ctx, s)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	turns := svc.Turns()
	for at := 0; at < len(refs); at += refsAtOnce {
		part := refs[at:min(at+refsAtOnce, len(refs))]
		known, err := svc.knownMany(ctx, s, part, may[at:])
		if err != nil {
			return nil, err
		}
		for n, ref := range part {
			match, owned := known[n].match, known[n].owned
			name := match.Person.ID
			if name == "" {
				text, _ := json.Marshal(ref) // texts always encode
				name = string(text)
			}
			if seen[name] {
				continue
			}
			seen[name] = true
			var least, most []credits.Finding
			for _, f := range fields {
				most = append(most, meters.costly(svc.expect(v.Book, match, f, owned, s.Now)))
				least = append(least, Observe(match, f))
			}
			low, high := v.Book.Estimate(least, owned, s.Now), v.Book.Estimate(most, owned, s.Now)
			if known[n].blind {
				high = atMost(v.Book, ref, fields)
			}
			for c, e := range sum {
				more := high[c] - low[c]
				e.Min, e.Likely, e.Max = e.Min+low[c], e.Likely+low[c]+more*credits.Amount(found)/credits.Amount(tried), e.Max+high[c]
				if high[c] > 0 {
					e.People++
				}
				sum[c] = e
			}
		}
		if err := turns.Rest(ctx); err != nil {
			return nil, err
		}
	}
	return sum, nil
}

// refsAtOnce is how many references are looked up in one reading.
const refsAtOnce = 100

// knownPerson is what is known of whom one reference means. Blind says that nobody
// looked, because there may be no more lookups today or the reference is an address that
// the workspace does not own.
type knownPerson struct {
	match directory.Match
	owned []credits.Owned
	blind bool
}

// knownMany is what lookups would say of those of many references that may be looked up, in
// a handful of statements; nobody, or several, are an empty match.
func (svc *Service) knownMany(ctx context.Context, s *account.Scope, refs []lead.Reference, may []bool) ([]knownPerson, error) {
	list := make([]knownPerson, len(refs))
	err := svc.Store.View(ctx, func(tx *store.Tx) error {
		var free []lead.Reference
		var at []int // their places in refs
		for n, ref := range refs {
			ref, there, err := freeOf(tx, s.Workspace.ID, ref)
			if err != nil {
				return err
			}
			if list[n].blind = !may[n] || !there; !list[n].blind {
				free, at = append(free, ref), append(at, n)
			}
		}
		matches, err := svc.Directory.FindMany(tx, free, svc.Sources != nil)
		if err != nil {
			return err
		}
		var people []string
		for _, m := range matches {
			if m.Person.ID != "" && !m.Suppressed {
				people = append(people, m.Person.ID)
			}
		}
		bad, err := tx.Reports().BadValues(s.Workspace.ID, people...)
		if err != nil {
			return err
		}
		reveals, err := tx.Reveals().Of(s.Workspace.ID, people)
		for n, m := range matches {
			list[at[n]].match, list[at[n]].owned = without(m, bad), ownedOf(reveals[m.Person.ID])
		}
		return err
	})
	return list, err
}

// known is what the directory and the workspace know of whom a reference means;
// nobody, or several, are an empty match.
func (svc *Service) known(ctx context.Context, s *account.Scope, ref lead.Reference) (directory.Match, []credits.Owned, error) {
	match, err := svc.Directory.Find(ctx, ref)
	if fault.Is(err, fault.Conflict) {
		return directory.Match{Suppressed: true}, nil, nil // a capture refuses to choose
	}
	if fault.Is(err, fault.NotFound) {
		barred := false
		if svc.Sources != nil {
			barred, err = svc.Directory.Barred(ctx, ref)
		} else {
			err = nil
		}
		return directory.Match{Suppressed: barred}, nil, err
	}
	if err != nil || match.Suppressed {
		return match, nil, err
	}
	if match, err = svc.sellable(ctx, s, match); err != nil {
		return match, nil, err
	}
	owned, _, err := svc.owned(ctx, s, match.Person.ID)
	return match, owned, err
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
