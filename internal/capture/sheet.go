package capture

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Filter chooses and sorts leads of the sheet; HasVerifiedEmail is what it may ask for beside
// the fields.
type Filter = store.LeadFilter

// HasVerifiedEmail asks for the leads whose work email is verified.
const HasVerifiedEmail = store.HasVerifiedEmail

// What a filter may ask of a work email, and of what a lead cost.
const (
	StatusVerified   = store.StatusVerified
	StatusUnverified = store.StatusUnverified
	CostFree         = "free"
)

// MaxChosen bounds the leads that one action is for.
const MaxChosen = 10_000

// Sheet is a page of the lead sheet, with how many leads the filter chooses in
// all. A search for an email address or a phone number finds whose it is, where the
// workspace has it.
func (svc *Service) Sheet(ctx context.Context, s *account.Scope, f store.LeadFilter) (list []Lead, total int, err error) {
	f.Workspace = s.Workspace.ID
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		if err := position(tx, &f); err != nil {
			return err
		}
		if err := byContact(tx, &f); err != nil {
			return err
		}
		rows, n, err := tx.Leads().Sheet(f)
		if err != nil {
			return err
		}
		total = n
		if list, err = svc.fill(tx, s.Workspace.ID, rows); err != nil {
			return err
		}
		twins, err := tx.Leads().TwinsAmong(s.Workspace.ID, rows)
		for n := range list {
			list[n].Twin = twins[list[n].ID]
		}
		return err
	})
	return list, total, err
}

// Choose lists the ids of the leads that a filter chooses. More than MaxChosen are
// refused: half an action is worse than none.
func (svc *Service) Choose(ctx context.Context, s *account.Scope, f store.LeadFilter) (ids []string, err error) {
	f.Workspace = s.Workspace.ID
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		if err := byContact(tx, &f); err != nil {
			return err
		}
		ids, err = tx.Leads().IDs(f, MaxChosen+1)
		return err
	})
	if err == nil && len(ids) > MaxChosen {
		return nil, tooMany()
	}
	return ids, err
}

func tooMany() error {
	return fault.New(fault.Invalid, "More than 10,000 leads are chosen. Filter the sheet, and do it in parts.")
}

// Labelling is a word to be put on leads: a list or a tag.
type Labelling struct{ List, Tag string }

// Label puts leads on a list or tags them, and says how many it found.
func (svc *Service) Label(ctx context.Context, s *account.Scope, ids []string, l Labelling) (n int, err error) {
	if err := s.May(account.EditSheet); err != nil {
		return 0, err
	}
	field, word := "list", strings.TrimSpace(l.List)
	if word == "" {
		field, word = "tag", strings.TrimSpace(l.Tag)
	}
	if err := fault.Length(field, word, 1, maxTag); err != nil {
		return 0, err
	}
	if len(ids) > MaxChosen {
		return 0, tooMany()
	}
	return svc.eachSlice(ctx, s, ids, func(tx *store.Tx, ids []string) (int, error) {
		return label(tx, s, ids, field, word) // beside no merge, which takes words to another lead
	})
}

// slice is how many leads of a chosen many are changed in one transaction: few enough that nobody
// waits long for the writer.
const slice = 100

// eachSlice does something to chosen leads as one deed, a slice at a time, and says to how many. A
// slice is done whole or not at all.
func (svc *Service) eachSlice(ctx context.Context, s *account.Scope, ids []string, do func(tx *store.Tx, ids []string) (int, error)) (done int, err error) {
	s.Undo = ""
	for part := range slices.Chunk(ids, slice) {
		n := 0
		err := svc.Store.Update(ctx, func(tx *store.Tx) (err error) {
			if err := tx.Accounts().Lock(s.Workspace.ID); err != nil {
				return err
			}
			n, err = do(tx, part)
			return err
		})
		if err != nil {
			return done, err
		}
		done += n
	}
	return done, nil
}

// label puts a word on leads, and keeps which did not have it.
func label(tx *store.Tx, s *account.Scope, ids []string, field, word string) (int, error) {
	ws := s.Workspace.ID
	people, err := tx.Leads().People(ws, ids)
	if err != nil {
		return 0, err
	}
	had, add, kind, was := tx.Labels().TagsOf, tx.Labels().AddTag, account.LeadsTagged, Labelling{Tag: word}
	if field == "list" {
		had, add, kind, was = tx.Labels().ListsOf, tx.Labels().AddList, account.LeadsListed, Labelling{List: word}
	}
	words, err := had(ws, ids)
	if err != nil {
		return 0, err
	}
	n, changed := 0, map[string]any{}
	for _, id := range ids {
		person, found := people[id]
		if !found {
			continue // somebody was faster
		}
		n++
		if slices.Contains(words[id], word) {
			continue
		}
		if err := add(ws, id, word); err != nil {
			return 0, err
		}
		changed[person] = was
	}
	return n, s.Undoable(tx, kind, changed)
}

// Lists are the lists that leads are on.
func (svc *Service) Lists(ctx context.Context, s *account.Scope) (names []string, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		names, err = tx.Labels().Lists(s.Workspace.ID)
		return err
	})
	return names, err
}

// Tags are the tags that leads have.
func (svc *Service) Tags(ctx context.Context, s *account.Scope) (names []string, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		names, err = tx.Labels().Tags(s.Workspace.ID)
		return err
	})
	return names, err
}

// Twins are leads that may be the same person as a lead: of one name and company,
// known to the directory as two people.
func (svc *Service) Twins(ctx context.Context, s *account.Scope, l *Lead) (list []Lead, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.Leads().Twins(store.Lead{LeadRow: l.row})
		if err != nil {
			return err
		}
		list, err = svc.fill(tx, s.Workspace.ID, rows)
		return err
	})
	return list, err
}

// Merge says that two leads are one person: the other's lists, tags and notes come
// to the lead that is kept, what was delivered of both is shown on it, and the
// other leaves the sheet, for which one must be allowed to delete it. Nothing is
// charged, and ownership stays what it is.
func (svc *Service) Merge(ctx context.Context, s *account.Scope, keep, other string) error {
	if err := s.May(account.DeleteLeads); err != nil {
		return err
	}
	ws := s.Workspace.ID
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Accounts().Lock(ws); err != nil { // a suppression takes merges apart
			return err
		}
		kept, there, err := tx.Leads().ByID(ws, keep)
		if err != nil {
			return err
		}
		gone, too, err := tx.Leads().ByID(ws, other)
		if err != nil {
			return err
		}
		if !there || !too || keep == other {
			return fault.New(fault.NotFound, "One of the two leads is not there any more. Nothing was merged.")
		}
		if !s.MayDelete(gone.Member) {
			return fault.New(fault.NotAllowed, "Merging takes the other lead off the sheet. Leads that others captured can be merged away by an admin or a manager; your own lead can be merged into theirs. Nothing was merged.")
		}
		if notes := store.JoinNotes(kept.Notes, gone.Notes); utf8.RuneCountInString(notes) > maxNotes && notes != kept.Notes {
			return fault.New(fault.Invalid, "The notes of both together are too long. Shorten one of them first; nothing was merged.")
		}
		if err := tx.Merges().Merge(keep, gone, s.Now.UnixMicro()); err != nil {
			return err
		}
		s.Undo = ""
		if err := s.Undoable(tx, account.LeadsMerged, map[string]any{gone.Person: mergedWas{Lead: keep}}); err != nil {
			return err
		}
		return s.Audit(tx, "lead.merged", keep, other)
	})
}

// Split takes a merge back: both are the leads again that they were before.
func (svc *Service) Split(ctx context.Context, s *account.Scope, keep, person string) error {
	if err := s.May(account.DeleteLeads); err != nil {
		return err
	}
	ws := s.Workspace.ID
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Accounts().Lock(ws); err != nil {
			return err
		}
		_, there, err := tx.Leads().ByID(ws, keep)
		if err != nil {
			return err
		}
		merges, err := tx.Merges().Of(ws, []string{keep})
		if err != nil {
			return err
		}
		hidden, err := svc.Directory.Hidden(tx, []string{person})
		if err != nil {
			return err
		}
		merged := slices.ContainsFunc(merges, func(m store.Merge) bool { return m.Person == person })
		if !there || !merged || hidden[person] {
			return fault.New(fault.NotFound, "They are not merged.")
		}
		if err := s.Audit(tx, "lead.split", keep, ""); err != nil {
			return err
		}
		return tx.Merges().Split(ws, person)
	})
}

// withMerged adds to a lead what was delivered of those who were merged into it.
func (svc *Service) withMerged(tx *store.Tx, ws string, leads []Lead) error {
	at := map[string]int{}
	ids := make([]string, len(leads))
	for n := range leads {
		ids[n] = leads[n].ID
		at[leads[n].ID] = n
	}
	merges, err := tx.Merges().Of(ws, ids)
	if err != nil || len(merges) == 0 {
		return err
	}
	people := make([]string, len(merges))
	for n, m := range merges {
		people[n] = m.Person
	}
	reveals, err := tx.Reveals().Of(ws, people)
	if err != nil {
		return err
	}
	hidden, err := svc.Directory.Hidden(tx, people)
	if err != nil {
		return err
	}
	for _, m := range merges {
		if hidden[m.Person] {
			continue
		}
		l := &leads[at[m.Lead]]
		l.Merged = append(l.Merged, m.Person)
		for _, r := range reveals[m.Person] {
			values, err := readValues(r)
			if err != nil {
				return err
			}
			f, have := l.Fields[lead.Field(r.Field)]
			if len(values) == 0 {
				continue
			}
			if !have || len(f.Values) == 0 {
				f = LeadField{Outcome: credits.Outcome(r.Outcome), At: time.UnixMicro(r.At).UTC()}
			}
			for _, v := range values {
				if !slices.ContainsFunc(f.Values, func(o lead.Value) bool { return o.Value == v.Value }) {
					f.Values = append(f.Values, v)
				}
			}
			l.Fields[lead.Field(r.Field)] = f
		}
	}
	return nil
}

// leadNow is the lead that a captured person is shown as: their own, or the one that they were
// merged into, which is known for sure only after the capture is written. Empty: none was written.
func (svc *Service) leadNow(ctx context.Context, s *account.Scope, k kept) (id string, err error) {
	if k.Lead == "" {
		return "", nil
	}
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		id, err = tx.Merges().Lead(s.Workspace.ID, k.Person)
		return err
	})
	if id == "" {
		id = k.Lead
	}
	return id, err
}
