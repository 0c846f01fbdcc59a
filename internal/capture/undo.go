package capture

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Undone is what undoing a deed came to: how many of its leads or members are as they were, and
// how many are not, since they are suppressed, erased or there again.
type Undone struct {
	Kind       string
	Done, Left int
}

// Undo takes a deed back, once, for who has the right that it needed. It is refused when what it
// changed was changed again since (fault: Conflict). What a deed did to many leads is undone a
// slice at a time, so that nobody waits for it; what is left after a restart is undone by
// undoing it again.
func (svc *Service) Undo(ctx context.Context, s *account.Scope, id string) (u Undone, err error) {
	var list []store.Undo
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		list, err = s.ToUndo(tx, id)
		return err
	})
	if err != nil {
		return u, err
	}
	u.Kind = list[0].Kind
	if u.Kind == account.MemberRemoved || u.Kind == account.LimitsSet {
		u.Done, u.Left, err = svc.Accounts.Undo(ctx, s, list)
		return u, err
	}
	if err := mayUndo(s, list); err != nil {
		return u, err
	}
	mine := false
	for part := range slices.Chunk(together(list), slice) {
		part := slices.Concat(part...)
		done, left, some := 0, 0, false
		err := svc.Store.Update(ctx, func(tx *store.Tx) error {
			done, left, some, err = svc.undoPart(tx, s, part)
			return err
		})
		if err != nil {
			return u, err
		}
		u.Done, u.Left, mine = u.Done+done, u.Left+left, mine || some
	}
	if !mine { // somebody else undid it in this instant
		return u, account.NothingToUndo()
	}
	return u, nil
}

// mayUndo refuses leads that the principal could not have deleted.
func mayUndo(s *account.Scope, list []store.Undo) error {
	for _, u := range list {
		var was struct{ Member string }
		if u.Kind != account.LeadsDeleted {
			return nil
		}
		if err := json.Unmarshal([]byte(u.Was), &was); err != nil {
			return err
		}
		if !s.MayDelete(was.Member) {
			return fault.New(fault.NotAllowed, "Leads that others captured are brought back by an admin or a manager. Nothing was undone.")
		}
	}
	return nil
}

// together are the things of a deed, each with those that went with it.
func together(list []store.Undo) (sets [][]store.Undo) {
	into, at := map[string]string{}, map[string]int{}
	for _, u := range list {
		into[u.Subject] = u.Into()
	}
	for _, u := range list {
		root := u.Subject
		for up := into[root]; up != ""; up = into[root] {
			root = up
		}
		n, there := at[root]
		if !there {
			n = len(sets)
			at[root], sets = n, append(sets, nil)
		}
		sets[n] = append(sets[n], u)
	}
	return sets
}

// undoPart undoes some of a deed's things and keeps those that it could not undo. Not some: others
// undid them all.
func (svc *Service) undoPart(tx *store.Tx, s *account.Scope, list []store.Undo) (done, left int, some bool, err error) {
	var mine []store.Undo // what is undone in this instant waits here, and so does who erases or suppresses
	for _, one := range list {
		there, err := tx.Undos().Drop(one)
		if err != nil {
			return 0, 0, false, err
		}
		if there {
			mine = append(mine, one)
		} else if one.Into() == "" {
			left++
		}
	}
	if len(mine) == 0 {
		return 0, left, false, nil
	}
	if err := tx.Accounts().Lock(s.Workspace.ID); err != nil { // suppressing takes merges apart
		return 0, 0, false, err
	}
	settled, err := svc.undo(tx, s, mine)
	if err != nil {
		return 0, 0, false, err
	}
	for _, one := range mine {
		was, is := settled[one.Subject]
		if !is {
			if err := tx.Undos().Put(one); err != nil {
				return 0, 0, false, err
			}
		}
		switch {
		case one.Into() != "":
		case was:
			done++
		default:
			left++
		}
	}
	if done > 0 {
		err = s.Audit(tx, "deed.undone", mine[0].ID, mine[0].Kind)
	}
	return done, left, true, err
}

// undo tells by its subject of each thing that is settled whether it is as it was; what is not
// settled may be undone later.
func (svc *Service) undo(tx *store.Tx, s *account.Scope, list []store.Undo) (map[string]bool, error) {
	people := make([]string, len(list))
	for n, u := range list {
		people[n] = u.Subject
	}
	hidden, err := svc.Directory.Hidden(tx, people)
	if err != nil {
		return nil, err
	}
	shown := slices.DeleteFunc(slices.Clone(list), func(u store.Undo) bool { return hidden[u.Subject] })
	switch list[0].Kind {
	case account.LeadsDeleted:
		return undoDeletion(tx, s, shown)
	case account.LeadsMerged:
		return undoMerge(tx, s, shown)
	case account.LeadChanged:
		return undoChange(tx, s, shown)
	}
	return undoLabels(tx, s, shown)
}

// undoDeletion brings leads back, as far as they are not there again.
func undoDeletion(tx *store.Tx, s *account.Scope, list []store.Undo) (map[string]bool, error) {
	gone, settled := map[string]string{}, map[string]bool{}
	for _, u := range list {
		gone[u.Subject] = u.Was
	}
	back, err := tx.Merges().PutBack(s.Workspace.ID, gone)
	for _, person := range back {
		settled[person] = true
	}
	return settled, err
}

// mergedWas is the lead that somebody was merged into.
type mergedWas struct{ Lead string }

func undoMerge(tx *store.Tx, s *account.Scope, list []store.Undo) (map[string]bool, error) {
	settled := map[string]bool{}
	for _, u := range list {
		var was mergedWas
		if err := json.Unmarshal([]byte(u.Was), &was); err != nil {
			return nil, err
		}
		into, err := tx.Merges().Lead(s.Workspace.ID, u.Subject)
		if err != nil {
			return nil, err
		}
		if into != was.Lead {
			return nil, account.ChangedSince()
		}
		if err := tx.Merges().Split(s.Workspace.ID, u.Subject); err != nil {
			return nil, err
		}
		settled[u.Subject] = true
	}
	return settled, nil
}

// wordsWere are the words on a lead before they were changed and then, and who is merged into it:
// with other people in it, it may not say what it said.
type wordsWere struct {
	Before, After leadWords
	With          []string
}

type leadWords struct {
	Notes       string
	Lists, Tags []string
}

// wordsOn reads what is written on a lead.
func wordsOn(tx *store.Tx, l store.Lead) (w leadWords, with []string, err error) {
	now, found, err := tx.Leads().ByID(l.Workspace, l.ID)
	if err != nil || !found {
		return w, nil, err
	}
	lists, err := tx.Labels().ListsOf(l.Workspace, []string{l.ID})
	if err != nil {
		return w, nil, err
	}
	tags, err := tx.Labels().TagsOf(l.Workspace, []string{l.ID})
	if err != nil {
		return w, nil, err
	}
	merges, err := tx.Merges().Of(l.Workspace, []string{l.ID})
	for _, m := range merges {
		with = append(with, m.Person)
	}
	slices.Sort(with)
	return leadWords{Notes: now.Notes, Lists: lists[l.ID], Tags: tags[l.ID]}, with, err
}

func (w leadWords) equal(o leadWords) bool {
	return w.Notes == o.Notes && slices.Equal(w.Lists, o.Lists) && slices.Equal(w.Tags, o.Tags)
}

func undoChange(tx *store.Tx, s *account.Scope, list []store.Undo) (map[string]bool, error) {
	settled := map[string]bool{}
	leads, err := own(tx, s, list)
	if err != nil {
		return nil, err
	}
	for _, u := range list {
		var were wordsWere
		if err := json.Unmarshal([]byte(u.Was), &were); err != nil {
			return nil, err
		}
		l, there := leads[u.Subject]
		now, with, err := wordsOn(tx, l)
		if err != nil {
			return nil, err
		}
		if !there || !now.equal(were.After) || !slices.Equal(with, were.With) {
			return nil, account.ChangedSince()
		}
		if err := tx.Leads().UpdateNotes(s.Workspace.ID, l.ID, were.Before.Notes); err != nil {
			return nil, err
		}
		if err := tx.Labels().SetTags(s.Workspace.ID, l.ID, were.Before.Tags); err != nil {
			return nil, err
		}
		if err := tx.Labels().SetLists(s.Workspace.ID, l.ID, were.Before.Lists); err != nil {
			return nil, err
		}
		settled[u.Subject] = true
	}
	return settled, nil
}

// own are the leads of the people that a deed changed, by person: not those into which they
// are merged.
func own(tx *store.Tx, s *account.Scope, list []store.Undo) (map[string]store.Lead, error) {
	people := make([]string, len(list))
	for n, u := range list {
		people[n] = u.Subject
	}
	leads, err := tx.Leads().Of(s.Workspace.ID, people)
	maps.DeleteFunc(leads, func(person string, l store.Lead) bool { return l.Person != person })
	return leads, err
}

// undoLabels takes a word off the leads that did not have it. Where it was taken off already there
// is nothing left to undo.
func undoLabels(tx *store.Tx, s *account.Scope, list []store.Undo) (map[string]bool, error) {
	ws, settled := s.Workspace.ID, map[string]bool{}
	if len(list) == 0 {
		return settled, nil
	}
	var was Labelling // of all: a deed is one word
	if err := json.Unmarshal([]byte(list[0].Was), &was); err != nil {
		return nil, err
	}
	word, of, remove := was.List, tx.Labels().ListsOf, tx.Labels().RemoveList
	if was.Tag != "" {
		word, of, remove = was.Tag, tx.Labels().TagsOf, tx.Labels().RemoveTag
	}
	leads, err := own(tx, s, list)
	if err != nil {
		return nil, err
	}
	ids := make([]string, 0, len(leads))
	for _, l := range leads {
		ids = append(ids, l.ID)
	}
	words, err := of(ws, ids)
	if err != nil {
		return nil, err
	}
	for _, u := range list {
		l, there := leads[u.Subject]
		if !there {
			continue
		}
		if settled[u.Subject] = slices.Contains(words[l.ID], word); settled[u.Subject] {
			if err := remove(ws, l.ID, word); err != nil {
				return nil, err
			}
		}
	}
	return settled, nil
}

// deleted keeps what leads were, by person, as what one deletion took.
func deleted(tx *store.Tx, s *account.Scope, l store.Lead, all map[string]any) error {
	gone, err := tx.Merges().Remove(l)
	for person, was := range maps.All(gone) {
		all[person] = was
	}
	return err
}
