package push

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// slice is how many rows are written in one transaction: a few milliseconds of
	// SQLite's one writer, beside charges.
	slice = 25
	// preparing is how long making one slice ready may take before the push is dropped.
	preparing = time.Minute
)

// Begin begins a push, once for a key. It is made ready in slices, which nobody sees, and
// becomes one in the transaction that keeps its receipt, with what carries it: what was
// stopped in between is dropped. keep is the answer as it is kept.
func (p *Pushes) Begin(ctx context.Context, s *account.Scope, ask Ask, key string, fingerprint []byte, keep func(store.Push) ([]byte, error)) (first []byte, err error) {
	if err := s.May(account.ManagePushes); err != nil {
		return nil, err
	}
	if first, found, err := p.Store.Answered(ctx, s.Workspace.ID, key, fingerprint); found || err != nil {
		return first, err
	}
	leads, err := p.leads(ctx, s, ask)
	if err != nil {
		return nil, err
	}
	rows := make([]store.PushRow, len(leads))
	for n, id := range leads {
		rows[n] = store.PushRow{No: int64(n + 1), Lead: id}
	}
	push := store.Push{Workspace: s.Workspace.ID, ID: ident.New("push"), MadeBy: s.Authority(), Kind: ask.Kind, Total: int64(len(rows)), CreatedAt: s.Now.UnixMicro(), Counts: map[string]int64{"waiting": int64(len(rows))}}
	if err := p.prepare(ctx, push, rows); err != nil {
		return nil, err
	}
	first, again, err := p.Store.Once(ctx, s.Workspace.ID, key, fingerprint, p.Clock().UnixMicro(), func(tx *store.Tx) ([]byte, error) {
		if err := p.finish(tx, s, push); err != nil {
			return nil, err
		}
		return keep(push)
	})
	if err != nil || again { // the same request came twice in one instant
		return first, errors.Join(err, p.drop(context.WithoutCancel(ctx), push))
	}
	return first, nil
}

// KeepID keeps a push's id as its answer.
func KeepID(p store.Push) ([]byte, error) { return []byte(p.ID), nil }

// SetUp connects a program; secret is as Connect gives it.
func (p *Pushes) SetUp(ctx context.Context, s *account.Scope, n NewConnection) (secret string, err error) {
	err = p.Store.Update(ctx, func(tx *store.Tx) (err error) {
		secret, err = p.Connect(tx, s, n)
		return err
	})
	return secret, err
}

// leads are the leads that are asked for, each once.
func (p *Pushes) leads(ctx context.Context, s *account.Scope, ask Ask) (leads []string, err error) {
	err = p.Store.View(ctx, func(tx *store.Tx) error {
		_, found, err := connection(tx, s.Workspace.ID, ask.Kind)
		switch {
		case err != nil:
			return err
		case !found:
			return fault.Wrong("to", "must be a connection of this workspace; connect it first")
		case len(ask.Leads) > 0 == (ask.List != ""):
			return fault.Wrong("leads", "or list must be given, and not both")
		}
		if leads = ask.Leads; ask.List != "" {
			leads, err = tx.Leads().OnList(s.Workspace.ID, ask.List, MaxLeads+1)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if len(leads) == 0 || len(leads) > MaxLeads {
		return nil, fault.Wrong("leads", "must be 1 to %d", MaxLeads)
	}
	seen, once := map[string]bool{}, make([]string, 0, len(leads))
	for part := range slices.Chunk(leads, slice) {
		people, err := p.Captures.PeopleOf(ctx, s, part, slice)
		if err != nil {
			return nil, err
		}
		for n, id := range part {
			if people[n] == "" {
				return nil, fault.Wrong("leads", "must be leads of this workspace; leads[%d] is not", slices.Index(leads, id))
			}
			if !seen[id] {
				seen[id] = true
				once = append(once, id)
			}
		}
	}
	return once, nil
}

// prepare writes a push that nobody sees yet, with its rows.
func (p *Pushes) prepare(ctx context.Context, push store.Push, rows []store.PushRow) error {
	until := func() int64 { return p.Clock().Add(preparing).UnixMicro() }
	push.PreparingUntil = until()
	err := p.Store.Update(ctx, func(tx *store.Tx) error { return tx.Pushes().Insert(push) })
	turns := p.Captures.Turns()
	for part := range slices.Chunk(rows, slice) {
		if err != nil {
			break
		}
		err = p.Store.Update(ctx, func(tx *store.Tx) error {
			there, err := tx.Pushes().Prepare(push.Workspace, push.ID, until())
			if err != nil || !there {
				return errors.Join(err, lost())
			}
			return tx.Pushes().AddRows(push, part)
		})
		if err == nil {
			err = turns.Rest(ctx)
		}
	}
	if err != nil {
		err = errors.Join(err, p.drop(context.WithoutCancel(ctx), push))
	}
	return err
}

func lost() error {
	return fault.New(fault.Overloaded, "The server was too slow to make the push ready. Nothing was begun; send it again.")
}

// finish makes a push of one that is prepared, in the transaction given.
func (p *Pushes) finish(tx *store.Tx, s *account.Scope, push store.Push) error {
	there, err := tx.Pushes().Prepare(push.Workspace, push.ID, 0)
	if err != nil || !there {
		return errors.Join(err, lost())
	}
	for from := int64(1); from <= push.Total; from += part {
		payload, err := json.Marshal(stretch{push.ID, from, min(from+part-1, push.Total)})
		if err != nil {
			return err
		}
		if err := outbox.Put(tx, store.Effect{Workspace: push.Workspace, Kind: Kind, Target: Kind + " " + push.Kind + " " + push.Workspace, Label: push.Kind, Payload: payload}, p.Clock()); err != nil {
			return err
		}
	}
	return s.Audit(tx, "export.pushed", push.Kind, "")
}

// drop takes away a push that did not become one. Should this fail, Sweep does.
func (p *Pushes) drop(ctx context.Context, push store.Push) error {
	for more := true; more; {
		err := p.Store.Update(ctx, func(tx *store.Tx) (err error) {
			more, err = tx.Pushes().DropRows(push.Workspace, push.ID, slice)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Sweep drops pushes that a stopped server was making ready.
func (p *Pushes) Sweep(ctx context.Context) error {
	var stale []store.Push
	err := p.Store.View(ctx, func(tx *store.Tx) (err error) {
		stale, err = tx.Pushes().Stale(p.Clock().UnixMicro())
		return err
	})
	for _, push := range stale {
		if err == nil {
			err = p.drop(ctx, push)
		}
	}
	return err
}
