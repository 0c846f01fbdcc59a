package screen

import (
	"context"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// AuditAsk chooses changes; what is empty leaves nothing out.
type AuditAsk struct {
	Actor, Kind, Before string
	Limit               int
}

func (a AuditAsk) filter() store.AuditFilter {
	f := store.AuditFilter{Actor: a.Actor, Kind: a.Kind, Before: a.Before, Limit: a.Limit}
	if strings.ContainsAny(f.Kind, "%_") {
		f.Kind = "" // no kind of ours
	}
	return f
}

// Audit is a page of the audit log.
type Audit struct {
	Rows   []Change
	Actors []Choice // who is in the log
	Before string   // the id before which the next page begins; empty: this is the last
}

// Change is one change.
type Change struct {
	ID                          string
	At                          time.Time
	Actor, Via, Action, Subject string
	ActorName, SubjectName      string // empty where none is known
	Detail                      string
}

// Audit reads a page.
func (s *Screens) Audit(ctx context.Context, sc *account.Scope, ask AuditAsk) (a Audit, err error) {
	names, err := s.auditNames(ctx, sc)
	if err != nil {
		return a, err
	}
	perPage := ask.Limit
	ask.Limit++
	err = s.changes(ctx, sc, ask, names, func(c Change) error {
		if len(a.Rows) == perPage {
			a.Before = a.Rows[perPage-1].ID
			return nil
		}
		a.Rows = append(a.Rows, c)
		return nil
	})
	if err != nil {
		return a, err
	}
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		all, err := tx.AuditLog().Actors(sc.Workspace.ID)
		for _, id := range all {
			a.Actors = append(a.Actors, Choice{id, nameOr(names, id)})
		}
		return err
	})
	return a, err
}

// Changes hands over the whole log that is asked for, newest first.
func (s *Screens) Changes(ctx context.Context, sc *account.Scope, ask AuditAsk, each func(Change) error) error {
	names, err := s.auditNames(ctx, sc)
	if err != nil {
		return err
	}
	return s.changes(ctx, sc, ask, names, each)
}

func (s *Screens) changes(ctx context.Context, sc *account.Scope, ask AuditAsk, names map[string]string, each func(Change) error) error {
	return s.Accounts.AuditLog(ctx, sc, ask.filter(), func(x store.Audit) error {
		return each(Change{
			ID: x.ID, At: micros(x.At), Actor: x.Actor, Via: x.Via, Action: x.Action, Subject: x.Subject, Detail: x.Detail,
			ActorName: names[x.Actor], SubjectName: names[x.Subject],
		})
	})
}

// auditNames are the names of everybody and everything that may be in the log.
func (s *Screens) auditNames(ctx context.Context, sc *account.Scope) (map[string]string, error) {
	names, err := s.actorNames(ctx, sc)
	if err != nil {
		return nil, err
	}
	groups, err := s.Accounts.Groups(ctx, sc)
	if err != nil {
		return nil, err
	}
	for _, g := range groups {
		names[g.ID] = "Group “" + g.Name + "”"
	}
	wishes, err := s.Accounts.Requests(ctx, sc, "", "", maxMembers)
	for _, r := range wishes {
		names[r.ID] = "Request of " + nameOr(names, r.Member)
	}
	return names, err
}

// actorNames are the names of all who act in a workspace; those of its keys, for who may see them.
func (s *Screens) actorNames(ctx context.Context, sc *account.Scope) (map[string]string, error) {
	names, err := s.Accounts.MemberNames(ctx, sc)
	if err != nil {
		return nil, err
	}
	names[account.Operator], names["server"] = "Operator", "The server itself"
	if !sc.Manages() {
		return names, nil
	}
	keys, err := s.Accounts.Keys(ctx, sc, "", maxKeys)
	for _, k := range keys {
		names[k.ID] = "Key “" + k.Name + "”"
	}
	return names, err
}
