package account

import (
	"context"
	"errors"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Form is what makes a form of a page happen once: its idempotency key, and what it said. The
// same form again makes nothing and is told what the first one made.
type Form struct {
	Key   string
	Print []byte
}

// Once makes something in one transaction with a form's receipt. first is the id of what the
// same form made before; empty: this is the first.
func (a *Accounts) Once(ctx context.Context, workspace string, f Form, make func(tx *store.Tx) (id string, err error)) (first string, err error) {
	kept, again, err := a.Store.Once(ctx, workspace, f.Key, f.Print, a.Clock().UnixMicro(), func(tx *store.Tx) ([]byte, error) {
		id, err := make(tx)
		return []byte(id), err
	})
	if err != nil || !again {
		return "", err
	}
	return string(kept), nil
}

// KeepForm keeps what a form said that is carried out in several steps, each with a key of its own.
// Fault: Mismatch where the form's key came with something else before.
func (a *Accounts) KeepForm(ctx context.Context, s *Scope, f Form) error {
	_, err := a.Once(ctx, s.Workspace.ID, f, func(*store.Tx) (string, error) { return "", nil })
	return err
}

// Request is what a ledger command of a form says of itself.
func (s *Scope) Request(f Form) credits.Request {
	return credits.Request{Workspace: s.Workspace.ID, At: s.Now, Channel: "page", Key: f.Key, Fingerprint: f.Print}
}

// Book is a workspace's price book.
func (a *Accounts) Book(ctx context.Context, s *Scope) (*credits.Book, error) {
	view, err := a.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, FromRefusal(err)
	}
	return view.Book, nil
}

// MakeKey makes an API key, and its secret, which nobody sees again.
func (a *Accounts) MakeKey(ctx context.Context, s *Scope, f Form, n NewKey) (secret, first string, err error) {
	first, err = a.Once(ctx, s.Workspace.ID, f, func(tx *store.Tx) (string, error) {
		key, made, err := a.CreateKey(tx, s, n)
		secret = made
		return key.ID, err
	})
	return secret, first, err
}

// Ask notes a member's wish for more credits (rule D6). One that says no reason is not noted where
// an open one asks for as much already: asked is that one's amount then, and 0 else.
func (a *Accounts) Ask(ctx context.Context, s *Scope, f Form, n NewRequest) (asked credits.Amount, err error) {
	book, err := a.Book(ctx, s)
	if err != nil {
		return 0, err
	}
	_, err = a.Once(ctx, s.Workspace.ID, f, func(tx *store.Tx) (string, error) {
		if n.Reason == "" {
			open, err := tx.CreditRequests().Of(s.Workspace.ID, RequestOpen, store.Only(n.Member), "", maxOpen)
			if err != nil {
				return "", err
			}
			for _, r := range open {
				if r.Credit == n.Credit && credits.Amount(r.Amount) >= n.Amount {
					asked = credits.Amount(r.Amount)
					return r.ID, nil
				}
			}
		}
		r, err := a.AskForMore(tx, s, book, n)
		return r.ID, err
	})
	return asked, err
}

// GroupForm is a group as a form has it.
type GroupForm struct {
	ID, Name          string // without an id, a new one
	Members, Managers []string
	Budgets           map[string]credits.Amount
}

// KeepGroup makes or changes a group.
func (a *Accounts) KeepGroup(ctx context.Context, s *Scope, f Form, g GroupForm) error {
	row := store.Group{ID: g.ID, Name: g.Name, Members: g.Members, Managers: g.Managers, Budgets: map[string]int64{}}
	for credit, amount := range g.Budgets {
		row.Budgets[credit] = int64(amount)
	}
	_, err := a.Once(ctx, s.Workspace.ID, f, func(tx *store.Tx) (string, error) {
		saved, err := a.SaveGroup(tx, s, row)
		return saved.ID, err
	})
	return err
}

// Order changes what a workspace may use; who gives it is the operator. The error is a refusal
// of the ledger's: see Refused.
type Order func(r credits.Request) credits.Command

// PlanOrder puts a workspace on a plan with so many seats.
func PlanOrder(plan string, seats int) Order {
	return func(r credits.Request) credits.Command {
		return &credits.ChangePlan{Request: r, Plan: plan, Seats: seats}
	}
}

// GrantOrder gives an add-on; kind is recurring or once.
func GrantOrder(credit string, amount credits.Amount, kind, note string) Order {
	return func(r credits.Request) credits.Command {
		return &credits.GiveGrant{Request: r, ID: ident.New("grant"), Credit: credit, Amount: amount, Kind: kind, Note: note}
	}
}

// EndGrantOrder ends an add-on.
func EndGrantOrder(id string) Order {
	return func(r credits.Request) credits.Command { return &credits.EndGrant{Request: r, ID: id} }
}

// CancelOrder ends the subscription, now or with the period.
func CancelOrder(now bool) Order {
	return func(r credits.Request) credits.Command { return &credits.Cancel{Request: r, Now: now} }
}

// ReactivateOrder begins the subscription again, or takes a cancellation back.
func ReactivateOrder(plan string) Order {
	return func(r credits.Request) credits.Command { return &credits.Reactivate{Request: r, Plan: plan} }
}

// Order carries out an order of a form.
func (a *Accounts) Order(ctx context.Context, s *Scope, f Form, o Order) error {
	_, err := a.ExecuteAudited(ctx, s, o(s.Request(f)))
	return err
}

// Refused is a ledger's refusal: what it says, and the field of the form that is wrong, where
// that is why; false: the error is none.
func Refused(err error) (text, field string, ok bool) {
	var r *credits.Refusal
	if !errors.As(FromRefusal(err), &r) {
		return "", "", false
	}
	return r.Message, r.Field, true
}
