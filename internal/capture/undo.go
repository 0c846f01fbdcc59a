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
// changed was changed again since (fault: Conflict).
func (d *Desk) Undo(ctx context.Context, s *account.Scope, id string) (u Undone, err error) {
	var list []store.Undo
	err = d.Store.View(ctx, func(tx *store.Tx) error {
		list, err = s.ToUndo(tx, id)
		return err
	})
	if err != nil {
		return u, err
	}
	u.Kind = list[0].Kind
	if u.Kind == account.MemberRemoved || u.Kind == account.LimitsSet {
		u.Done, err = d.Accounts.Undo(ctx, s, list)
		return u, err
	}
	err = d.Store.Update(ctx, func(tx *store.Tx) error {
		if list, err = s.ToUndo(tx, id); err != nil {
			return err
		}
		u.Done, u.Left = 0, 0
		var mine []store.Undo // a deed that is undone in this instant waits here, and so does who erases or suppresses
		for _, one := range list {
			there, err := tx.Undos().Drop(one)
			if err != nil {
				return err
			}
			if there {
				mine = append(mine, one)
			} else if !one.With() {
				u.Left++
			}
		}
		if len(mine) == 0 {
			return account.ChangedSince()
		}
		if err := tx.Accounts().Lock(s.Workspace.ID); err != nil { // suppressing takes merges apart
			return err
		}
		if u.Done, err = d.undo(tx, s, mine); err != nil {
			return err
		}
		for _, one := range mine {
			if !one.With() {
				u.Left++
			}
		}
		u.Left -= u.Done
		return s.Audit(tx, "deed.undone", id, u.Kind)
	})
	return u, err
}

// undo says how many things it took back.
func (d *Desk) undo(tx *store.Tx, s *account.Scope, list []store.Undo) (done int, err error) {
	people := make([]string, len(list))
	for n, u := range list {
		people[n] = u.Subject
	}
	hidden, err := d.Directory.Hidden(tx, people)
	if err != nil {
		return 0, err
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
func undoDeletion(tx *store.Tx, s *account.Scope, list []store.Undo) (int, error) {
	gone := map[string]string{}
	for _, u := range list {
		var was struct{ Member string }
		if err := json.Unmarshal([]byte(u.Was), &was); err != nil {
			return 0, err
		}
		if !MayDelete(s, was.Member) {
			return 0, fault.New(fault.NotAllowed, "Leads that others captured are brought back by an admin or a manager. Nothing was undone.")
		}
		gone[u.Subject] = u.Was
	}
	return tx.Merges().PutBack(s.Workspace.ID, gone)
}

// mergedWas is the lead that somebody was merged into.
type mergedWas struct{ Lead string }

func undoMerge(tx *store.Tx, s *account.Scope, list []store.Undo) (done int, err error) {
	for _, u := range list {
		var was mergedWas
		if err := json.Unmarshal([]byte(u.Was), &was); err != nil {
			return 0, err
		}
		into, err := tx.Merges().Lead(s.Workspace.ID, u.Subject)
		if err != nil {
			return 0, err
		}
		if into != was.Lead {
			return 0, account.ChangedSince()
		}
		if err := tx.Merges().Split(s.Workspace.ID, u.Subject); err != nil {
			return 0, err
		}
		done++
	}
	return done, nil
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

func undoChange(tx *store.Tx, s *account.Scope, list []store.Undo) (done int, err error) {
	for _, u := range list {
		var were wordsWere
		if err := json.Unmarshal([]byte(u.Was), &were); err != nil {
			return 0, err
		}
		l, there, err := leadOf(tx, s, u.Subject)
		if err != nil {
			return 0, err
		}
		now, with, err := wordsOn(tx, l)
		if err != nil {
			return 0, err
		}
		if !there || !now.equal(were.After) || !slices.Equal(with, were.With) {
			return 0, account.ChangedSince()
		}
		if err := tx.Leads().UpdateNotes(s.Workspace.ID, l.ID, were.Before.Notes); err != nil {
			return 0, err
		}
		if err := tx.Labels().SetTags(s.Workspace.ID, l.ID, were.Before.Tags); err != nil {
			return 0, err
		}
		if err := tx.Labels().SetLists(s.Workspace.ID, l.ID, were.Before.Lists); err != nil {
			return 0, err
		}
		done++
	}
	return done, nil
}

// leadOf is a person's own lead.
func leadOf(tx *store.Tx, s *account.Scope, person string) (l store.Lead, there bool, err error) {
	leads, err := tx.Leads().Of(s.Workspace.ID, []string{person})
	l, there = leads[person]
	return l, there && l.Person == person, err
}

// undoLabels takes a word off the leads that did not have it.
func undoLabels(tx *store.Tx, s *account.Scope, list []store.Undo) (done int, err error) {
	ws := s.Workspace.ID
	for _, u := range list {
		var was Labelling
		if err := json.Unmarshal([]byte(u.Was), &was); err != nil {
			return 0, err
		}
		l, there, err := leadOf(tx, s, u.Subject)
		if err != nil {
			return 0, err
		}
		now, _, err := wordsOn(tx, l)
		if err != nil {
			return 0, err
		}
		word, has, set := was.List, now.Lists, tx.Labels().SetLists
		if was.Tag != "" {
			word, has, set = was.Tag, now.Tags, tx.Labels().SetTags
		}
		if !there || !slices.Contains(has, word) {
			continue // it was taken off already
		}
		if err := set(ws, l.ID, slices.DeleteFunc(has, func(w string) bool { return w == word })); err != nil {
			return 0, err
		}
		done++
	}
	return done, nil
}

// deleted keeps what leads were, by person, as what one deletion took.
func deleted(tx *store.Tx, s *account.Scope, l store.Lead, all map[string]any) error {
	gone, err := tx.Merges().Remove(l)
	for person, was := range maps.All(gone) {
		all[person] = was
	}
	return err
}
