package capture

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// What an appraisal found of a reference. An address or a number that the workspace does not own
// is not looked up before it is paid for (rule C13).
const (
	FoundKnown         = "known"
	FoundOwned         = "owned"              // nothing of it would be charged: the workspace has it
	FoundAmbiguous     = "ambiguous"          // several people match
	FoundContradictory = "contradictory"      // its parts name different people
	FoundNobody        = "nobody"             // nobody in the directory matches
	FoundAtCapture     = "decided_at_capture" // an address decides, and nobody looked
	FoundUnlooked      = "not_looked_up"      // the day's lookups are used up
)

// Appraisal is what capturing many people may come to.
type Appraisal struct {
	Estimate map[string]Estimate // per credit type
	Found    []Appraised         // of each reference
}

// Appraised is what is known of one reference.
type Appraised struct {
	Kind   string
	People []string // whom it means, or may mean; ids
	Again  bool     // an earlier reference means the same
	// Free: something is delivered without a credit, or nothing is to be paid for.
	Free bool
}

// MaxSeveral bounds the people who are shown for one reference that may mean several. One more
// is kept, which tells that there are more.
const MaxSeveral = 25

// Estimate is what capturing many people may cost, per credit type, from what the
// directory holds and from how often the sources found something lately. It
// charges nothing and asks nobody. A person who is named twice counts once.
func (svc *Service) Estimate(ctx context.Context, s *account.Scope, member string, refs []lead.Reference, asked []lead.Field) (map[string]Estimate, error) {
	a, err := svc.Appraise(ctx, s, member, refs, asked, Lookups{})
	if err != nil {
		return nil, err
	}
	return a.Estimate, nil
}

// Lookups say which references an appraisal may look up.
type Lookups struct {
	// Made says of each reference that it was looked up before and counts on no meter again; nil:
	// none was.
	Made []bool
	// NoMore: nobody else is looked up.
	NoMore bool
}

// Appraise is Estimate with what was found of each reference.
func (svc *Service) Appraise(ctx context.Context, s *account.Scope, member string, refs []lead.Reference, asked []lead.Field, lookups Lookups) (*Appraisal, error) {
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
	may := lookups.Made
	if !lookups.NoMore {
		if may, err = svc.mayLook(ctx, s, v, refs, lookups.Made); err != nil {
			return nil, err
		}
	}
	meters, err := svc.Meters(ctx, s)
	if err != nil {
		return nil, err
	}
	p := pricing{captures: svc, scope: s, book: v.Book, fields: fields, meters: meters}
	a := &Appraisal{Estimate: map[string]Estimate{}}
	for _, c := range v.Book.Credits {
		a.Estimate[c] = Estimate{}
	}
	seen := map[string]map[string]credits.Amount{} // what somebody costs at most
	turns := svc.Turns()
	for at := 0; at < len(refs); at += refsAtOnce {
		part := refs[at:min(at+refsAtOnce, len(refs))]
		known, err := svc.knownMany(ctx, s, part, may[at:])
		if err != nil {
			return nil, err
		}
		for n, ref := range part {
			one, low, high := p.of(ref, known[n])
			name := known[n].match.Person.ID
			if name == "" {
				text, _ := json.Marshal(ref) // texts always encode
				name = string(text)
			}
			before, again := seen[name]
			one.Again = again
			a.Found = append(a.Found, one)
			if again {
				if known[n].address {
					p.otherAddress(known[n], before, a.Estimate)
				}
				continue
			}
			seen[name] = high
			for c, e := range a.Estimate {
				more := high[c] - low[c]
				e.Min, e.Likely, e.Max = e.Min+low[c], e.Likely+low[c]+more*credits.Amount(found)/credits.Amount(tried), e.Max+high[c]
				if high[c] > 0 {
					e.People++
				}
				a.Estimate[c] = e
			}
		}
		if err := turns.Rest(ctx); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// pricing says what references may cost, each as it is known.
type pricing struct {
	captures *Service
	scope    *account.Scope
	book     *credits.Book
	fields   []lead.Field
	meters   Meters
}

// of is what a reference means, and what it costs at least and at most.
func (p *pricing) of(ref lead.Reference, k knownPerson) (found Appraised, low, high map[string]credits.Amount) {
	now := p.scope.Now
	var least, most []credits.Finding
	for _, f := range p.fields {
		least = append(least, Observe(k.match, f))
		most = append(most, p.meters.costly(p.captures.expect(p.book, k.match, f, k.owned, now)))
	}
	low, high = p.book.Estimate(least, k.owned, now), p.book.Estimate(most, k.owned, now)
	found = Appraised{Kind: k.kind(), Free: true}
	switch person := k.match.Person.ID; found.Kind {
	case FoundNobody, FoundContradictory:
		found.Free = false
	case FoundAmbiguous:
		found.People, found.Free = k.match.Several[:min(len(k.match.Several), MaxSeveral+1)], false
	case FoundAtCapture, FoundUnlooked:
		high, found.Free = atMost(p.book, ref, p.fields), false
	default:
		found.People = []string{person}
		if k.address {
			p.address(ref, k, high)
		}
		paid, free := false, false
		for _, f := range most {
			outcome := p.book.Judge(f, k.owned, now).Outcome
			paid = paid || outcome == credits.Charged
			free = free || outcome == credits.AlreadyOwned || outcome == credits.SameAsMainLine || outcome.Metered()
		}
		found.Free = free || !paid
		if !paid && slices.ContainsFunc(k.owned, func(o credits.Owned) bool { return slices.Contains(p.fields, lead.Field(o.Field)) }) {
			found.Kind = FoundOwned
		}
	}
	return found, low, high
}

// address raises what somebody costs at most by the address beside other keys, whose field is
// paid for too if it is theirs. Beside a name it may be somebody else's of that name.
func (p *pricing) address(ref lead.Reference, k knownPerson, high map[string]credits.Amount) {
	most := []map[string]credits.Amount{atMost(p.book, ref, p.fields)}
	if ref.LinkedInURL != "" || ref.SourceID != "" {
		most = nil
		for _, key := range addressFields {
			var findings []credits.Finding
			for _, f := range first(p.fields, key) {
				findings = append(findings, p.meters.costly(p.captures.expect(p.book, k.match, f, k.owned, p.scope.Now)))
			}
			most = append(most, p.book.Estimate(findings, k.owned, p.scope.Now))
		}
	}
	for _, of := range most {
		for credit, amount := range of {
			high[credit] = max(high[credit], amount)
		}
	}
}

// otherAddress raises what somebody costs at most, as an earlier row left it, by the fields of
// addresses: a further row may name them by another address, whose field is paid for too.
func (p *pricing) otherAddress(k knownPerson, before map[string]credits.Amount, sum map[string]Estimate) {
	fields := p.fields
	for _, key := range addressFields {
		fields = first(fields, key)
	}
	var findings []credits.Finding
	for _, f := range fields {
		findings = append(findings, p.meters.costly(p.captures.expect(p.book, k.match, f, k.owned, p.scope.Now)))
	}
	for credit, amount := range p.book.Estimate(findings, k.owned, p.scope.Now) {
		if more := amount - before[credit]; more > 0 {
			before[credit] = amount
			e := sum[credit]
			e.Max += more
			sum[credit] = e
		}
	}
}

// kind is which of the Found constants it is, as far as that needs no prices.
func (k knownPerson) kind() string {
	switch {
	case k.alone:
		return FoundAtCapture
	case k.blind:
		return FoundUnlooked
	case k.match.Person.ID != "" && !k.match.Suppressed:
		return FoundKnown
	case k.address: // the other keys do not decide
		return FoundAtCapture
	case len(k.match.Several) > 0:
		return FoundAmbiguous
	case k.match.Refused:
		return FoundContradictory
	}
	return FoundNobody
}

// refsAtOnce is how many references are looked up in one reading.
const refsAtOnce = 100

// knownPerson is what is known of whom one reference means. Blind says that nobody
// looked, because there may be no more lookups today or the reference is an address that
// the workspace does not own. Address says that it has such an address, and alone that it
// has nothing else.
type knownPerson struct {
	match                 directory.Match
	owned                 []credits.Owned
	blind, address, alone bool
}

// knownMany is what lookups would say of those of many references that may be looked up, in
// a handful of statements; nobody, or several, are an empty match.
func (svc *Service) knownMany(ctx context.Context, s *account.Scope, refs []lead.Reference, may []bool) ([]knownPerson, error) {
	list := make([]knownPerson, len(refs))
	err := svc.Store.View(ctx, func(tx *store.Tx) error {
		var free []lead.Reference
		var at []int // their places in refs
		for n, ref := range refs {
			bare, there, err := freeOf(tx, s.Workspace.ID, ref)
			if err != nil {
				return err
			}
			list[n].address, list[n].alone = bare.Email != ref.Email, !there
			if list[n].blind = !may[n] || !there; !list[n].blind {
				free, at = append(free, bare), append(at, n)
			}
		}
		matches, err := svc.Directory.FindMany(tx, free, svc.Sources.Any())
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

// Show are people as lookups show them, by their ids; nobody on the suppression list is among
// them. It counts on no meter: they were found before.
func (svc *Service) Show(ctx context.Context, s *account.Scope, people []string) (map[string]*Lookup, error) {
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, account.FromRefusal(err)
	}
	meters, err := svc.Meters(ctx, s)
	if err != nil {
		return nil, err
	}
	people = slices.DeleteFunc(slices.Clone(people), func(id string) bool { return id == "" })
	slices.Sort(people)
	shown := map[string]*Lookup{}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		list, err := svc.shown(tx, s, v.Book, meters, slices.Compact(people))
		for _, l := range list {
			shown[l.Person.ID] = l
		}
		return err
	})
	return shown, err
}
