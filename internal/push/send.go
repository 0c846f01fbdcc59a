package push

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/outbound"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

// item is a lead of a part that can be sent.
type item struct {
	row     store.PushRow
	contact export.Contact
}

// target is a connection with its token in the clear.
type target struct {
	store.PushConnection
	token seal.Secret
}

// results are the outcome of rows, by their number; rows that are not in it are to
// be tried again.
type results map[int64]store.PushRow

func (r results) end(i item, outcome, message string) {
	i.row.Outcome, i.row.Message = outcome, message
	r[i.row.No] = i.row
}

// Send sends the rows of a part that still wait. The outcome of each is written
// before the part is said to be sent.
func (p *Pushes) Send(ctx context.Context, e store.Effect) (int, error) {
	var span stretch
	if err := json.Unmarshal(e.Payload, &span); err != nil {
		return 0, &outbox.SendError{Text: "the part cannot be read", Never: true}
	}
	var c store.PushConnection
	var found bool
	var rows []store.PushRow
	by := ""
	if err := p.Store.View(ctx, func(tx *store.Tx) (err error) {
		if c, found, err = connection(tx, e.Workspace, e.Label); err != nil {
			return err
		}
		if by, err = tx.Pushes().MadeBy(e.Workspace, span.Push); err != nil || by == "" {
			return err
		}
		rows, err = tx.Pushes().Part(e.Workspace, span.Push, span.From, span.To)
		return err
	}); err != nil {
		return 0, err
	}
	if !found {
		return 0, &outbox.SendError{Text: "the connection was ended", Never: true}
	}
	t := target{PushConnection: c}
	var err error
	if t.token, err = p.key.Open(sealName(c.Workspace, c.Kind), c.Secret); err != nil {
		return 0, &outbox.SendError{Text: "the token does not open: the server's secret key is missing or is another one"}
	}
	done := results{}
	items, err := p.items(ctx, e.Workspace, by, rows, done)
	if fault.Is(err, fault.NotAllowed) {
		return 0, &outbox.SendError{Text: err.Error(), Never: true}
	}
	if err != nil {
		return 0, err
	}
	code, sendErr := 0, error(nil)
	if len(items) > 0 {
		switch c.Kind {
		case HubSpot:
			code, sendErr = p.toHubSpot(ctx, t, items, done)
		case Salesforce:
			code, sendErr = p.toSalesforce(ctx, t, items, done)
		default:
			code, sendErr = p.toWebhook(ctx, t, e, items, done)
		}
	}
	err = p.Store.Update(context.WithoutCancel(ctx), func(tx *store.Tx) error {
		refused := int64(0)
		if code == http.StatusUnauthorized {
			refused = p.Clock().UnixMicro()
		}
		if code != 0 {
			if err := tx.Pushes().RefuseConnection(c.Workspace, c.Kind, refused); err != nil {
				return err
			}
		}
		for _, r := range done {
			if err := tx.Pushes().EndRow(e.Workspace, span.Push, r); err != nil {
				return err
			}
		}
		return nil
	})
	return code, errors.Join(sendErr, err)
}

// items reads the leads of rows as they are now; those that cannot be sent are done.
// Fault: NotAllowed when who began the push may not push any more.
func (p *Pushes) items(ctx context.Context, ws, by string, rows []store.PushRow, done results) (items []item, err error) {
	s, err := p.Accounts.EnterAs(ctx, ws, by, account.ManagePushes)
	if err != nil {
		return nil, err
	}
	rows = slices.DeleteFunc(rows, func(r store.PushRow) bool { return r.Outcome != "" })
	ids := make([]string, len(rows))
	for n, r := range rows {
		ids[n] = r.Lead
	}
	turns := p.Captures.Turns()
	leads, err := p.Captures.LeadsByID(ctx, s, ids)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		i := item{row: r}
		l, there := leads[r.Lead]
		if !there {
			done.end(i, Skipped, "It is not on the lead sheet any more.")
			continue
		}
		i.contact = export.ContactOf(l)
		items = append(items, i)
	}
	return items, turns.Rest(ctx)
}

// RecordOutcome says of the rows of a part that was given up why they failed.
func (p *Pushes) RecordOutcome(tx *store.Tx, e *store.Effect) error {
	if e.Status != store.EffectDead {
		return nil
	}
	var span stretch
	if err := json.Unmarshal(e.Payload, &span); err != nil {
		return nil // there are no rows to name
	}
	rows, err := tx.Pushes().Part(e.Workspace, span.Push, span.From, span.To)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.Outcome == "" {
			r.Outcome, r.Message = Failed, "It was given up: "+e.Error+"."
			if err := tx.Pushes().EndRow(e.Workspace, span.Push, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// call makes a call; a reply that is for the whole part comes back as its trouble.
func (p *Pushes) call(ctx context.Context, method, url string, header http.Header, body []byte) (outbound.Reply, error) {
	reply, err := p.client.Do(ctx, outbound.Call{Method: method, URL: url, Header: header, Body: body})
	if err != nil {
		return reply, &outbox.SendError{Text: outbound.Outside(err)}
	}
	t := &outbox.SendError{Code: reply.Status, After: outbound.RetryAfter(reply.Header, p.Clock(), outbox.Longest)}
	switch {
	case reply.Status >= 200 && reply.Status < 300, reply.Status == http.StatusBadRequest:
		return reply, nil
	case reply.Status == http.StatusUnauthorized:
		t.Text, t.Never = "the token was refused; connect it again with a new one, and push again", true
	case reply.Status == http.StatusForbidden:
		t.Text, t.Never = "the token may not write contacts; give it the right to, and push again", true
	case reply.Status == http.StatusNotFound, reply.Status == http.StatusMethodNotAllowed:
		t.Text, t.Never = "the address, or the external id field, is not known there", true
	case reply.Status == http.StatusTooManyRequests:
		t.Text = "it accepts no more requests for the moment"
	case reply.Status >= 300 && reply.Status < 400:
		t.Text, t.Never = "it redirects; redirects are not followed", true
	case reply.Status >= 500:
		t.Text = "it failed"
	default:
		t.Text, t.Never = "it refused the request", true
	}
	return reply, t
}
