package account

import (
	"context"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Events of add-on requests, which mails tell of.
const (
	AddOnAsked   = "addon_request.created"
	AddOnDecided = "addon_request.decided"
)

// AddOnEvent is their data.
type AddOnEvent struct {
	Request string `json:"request"`
}

// NewAddOnRequest is what a workspace asks the operator for.
type NewAddOnRequest struct {
	Credit, Kind, Note string // the kind is credits.Recurring or credits.Once
	Amount             credits.Amount
}

// maxAddOnNote bounds the note of a request, in characters. It becomes the add-on's.
const maxAddOnNote = 500

func (n NewAddOnRequest) check(view *credits.View) error {
	var wrong []fault.Field
	say := func(field, message string) { wrong = append(wrong, fault.Field{Field: field, Message: message}) }
	of, sold := view.Credit(n.Credit)
	switch {
	case !sold:
		say("credit", "must be one of "+strings.Join(view.Book.Credits, ", "))
	case of.Allowance.Unlimited:
		say("credit", "must be one that is limited: the plan gives "+n.Credit+" without a limit")
	}
	if n.Amount <= 0 || n.Amount > credits.MaxAmount {
		say("amount", "must be more than 0 and at most 1000000000 credits")
	}
	if n.Kind != credits.Recurring && n.Kind != credits.Once {
		say("kind", "must be recurring or once")
	}
	return problems(append(wrong, fault.FieldsOf(fault.Length("note", n.Note, 0, maxAddOnNote))...))
}

// AskForAddOn notes what a workspace asks the operator for, in the transaction given. It
// replaces the workspace's open request for the same credit type.
func (a *Accounts) AskForAddOn(tx *store.Tx, s *Scope, view *credits.View, n NewAddOnRequest) (r store.AddOnRequest, err error) {
	if err := s.May(AskAddOns); err != nil {
		return r, err
	}
	n.Note = strings.TrimSpace(n.Note)
	if view.Current.Cancelled {
		return r, fault.New(fault.Cancelled, "The subscription is cancelled. Ask the operator to reactivate it first.")
	}
	if err := n.check(view); err != nil {
		return r, err
	}
	r = store.AddOnRequest{
		Workspace: s.Workspace.ID, ID: ident.New("areq"), Member: s.Member, Credit: n.Credit, Amount: int64(n.Amount), Kind: n.Kind, Note: n.Note,
		Status: RequestOpen, CreatedAt: s.Now.UnixMicro(),
	}
	if err := tx.AddOnRequests().Put(r); err != nil {
		return r, err
	}
	if err := s.Audit(tx, "addon.asked", r.ID, n.Amount.String()+" "+r.Credit+", "+r.Kind); err != nil {
		return r, err
	}
	return r, a.tellAddOn(tx, AddOnAsked, r, r.CreatedAt)
}

func (a *Accounts) tellAddOn(tx *store.Tx, event string, r store.AddOnRequest, at int64) error {
	return outbox.Event(tx, r.Workspace, event, time.UnixMicro(at), a.Clock(), AddOnEvent{r.ID})
}

// AskAddOn is AskForAddOn of a form.
func (a *Accounts) AskAddOn(ctx context.Context, s *Scope, f Form, n NewAddOnRequest) error {
	view, err := a.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return FromRefusal(err)
	}
	_, err = a.Once(ctx, s.Workspace.ID, f, func(tx *store.Tx) (string, error) {
		r, err := a.AskForAddOn(tx, s, view, n)
		return r.ID, err
	})
	return err
}

// WithdrawAddOn takes an open request back.
func (a *Accounts) WithdrawAddOn(ctx context.Context, s *Scope, id string) error {
	if err := s.May(AskAddOns); err != nil {
		return err
	}
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		open, err := tx.AddOnRequests().Withdraw(s.Workspace.ID, id)
		if err != nil {
			return err
		}
		if open {
			return s.Audit(tx, "addon.withdrawn", id, "")
		}
		r, found, err := tx.AddOnRequests().ByID(id)
		if err == nil && (!found || r.Workspace != s.Workspace.ID) {
			err = noAddOnRequest()
		}
		if err != nil {
			return err
		}
		return alreadyDecided(r)
	})
}

func noAddOnRequest() error {
	return fault.New(fault.NotFound, "There is no such request. It may have been withdrawn, or replaced by a newer one.")
}

func alreadyDecided(r store.AddOnRequest) error {
	return fault.New(fault.Conflict, "The request is %s already.", r.Status)
}

// AddOnRequests lists what a workspace asked for before an id, newest first; of a status, or of
// any where it is empty.
func (a *Accounts) AddOnRequests(ctx context.Context, s *Scope, status, before string, limit int) (list []store.AddOnRequest, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.AddOnRequests().Of(s.Workspace.ID, status, before, limit)
		return err
	})
	return list, err
}

// AllAddOnRequests lists those of all workspaces, for the operator.
func (a *Accounts) AllAddOnRequests(ctx context.Context, status, before string, limit int) (list []store.AddOnRequest, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.AddOnRequests().Of("", status, before, limit)
		return err
	})
	return list, err
}

// AddOnRequest reads one for the operator, and enters its workspace.
func (a *Accounts) AddOnRequest(ctx context.Context, p Principal, id string) (s *Scope, r store.AddOnRequest, err error) {
	if err := p.May(SeeServer); err != nil {
		return nil, r, err
	}
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		found := false
		if r, found, err = tx.AddOnRequests().ByID(id); err == nil && !found {
			err = noAddOnRequest()
		}
		return err
	})
	if err != nil {
		return nil, r, err
	}
	s, err = a.Enter(ctx, p, r.Workspace)
	return s, r, err
}

// DecideAddOn answers a request: it gives the workspace an add-on of so many credits, which may
// be fewer or more than it asked for, or declines with 0. The request and the add-on change in
// one transaction. The same answer again is answered as the first was.
func (a *Accounts) DecideAddOn(ctx context.Context, s *Scope, r store.AddOnRequest, grant credits.Amount, req credits.Request) (store.AddOnRequest, error) {
	if err := s.May(ManagePlan); err != nil {
		return r, err
	}
	if _, _, err := a.Store.Answered(ctx, r.Workspace, req.Key, req.Fingerprint); err != nil { // the key of another request
		return r, err
	}
	answer := r
	answer.Status, answer.Granted, answer.DecidedAt = RequestGranted, int64(grant), s.Now.UnixMicro()
	if grant == 0 {
		answer.Status = RequestDeclined
	}
	switch {
	case grant < 0:
		return r, fault.Wrong("grant", "must be more than 0, or 0 to decline")
	case r.Status == answer.Status && r.Granted == answer.Granted:
		return r, nil // the same answer again
	case r.Status != RequestOpen:
		return r, alreadyDecided(r)
	case grant == 0:
		_, err := a.Once(ctx, r.Workspace, Form{req.Key, req.Fingerprint}, func(tx *store.Tx) (string, error) {
			if err := s.Audit(tx, "addon.declined", r.ID, ""); err != nil {
				return "", err
			}
			return r.ID, a.decidedAddOn(tx, answer)
		})
		if err != nil {
			return r, err
		}
	default:
		answer.Grant = ident.New("grant")
		req.With = Within(func(tx *store.Tx) error { return a.decidedAddOn(tx, answer) })
		give := &credits.GiveGrant{Request: req, ID: answer.Grant, Credit: r.Credit, Amount: grant, Kind: r.Kind, Note: r.Note}
		if _, err := a.ExecuteAudited(ctx, s, give); err != nil {
			return r, FromRefusal(err)
		}
	}
	// Of two of one key the second runs nothing here: the row says which add-on it is.
	_, r, err := a.AddOnRequest(ctx, s.Principal, r.ID)
	return r, err
}

// decidedAddOn writes an answer, in the transaction given. Fault: Conflict where the request
// was answered, withdrawn or replaced meanwhile.
func (a *Accounts) decidedAddOn(tx *store.Tx, r store.AddOnRequest) error {
	open, err := tx.AddOnRequests().Decide(r)
	if err == nil && !open {
		err = fault.New(fault.Conflict, "The request was answered, withdrawn or replaced meanwhile.")
	}
	if err != nil {
		return err
	}
	return a.tellAddOn(tx, AddOnDecided, r, r.DecidedAt)
}

// OperatorEmail is the address that the operator signs in with; empty: there is none.
func OperatorEmail(tx *store.Tx) (string, error) {
	login, _, err := tx.Logins().Of("", "")
	return login.Email, err
}
