package account

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Statuses of a request for more credits (rule D6).
const (
	RequestOpen     = "open"
	RequestGranted  = "granted"
	RequestDeclined = "declined"
)

// NewRequest is a wish for more credits.
type NewRequest struct {
	Member, Credit, Reason string
	Amount                 credits.Amount
}

// AskForMore notes a member's wish, in the transaction given.
func (a *Accounts) AskForMore(tx *store.Tx, s *Scope, book *credits.Book, n NewRequest) (store.CreditRequest, error) {
	n.Reason = strings.TrimSpace(n.Reason)
	switch {
	case !book.Sells(n.Credit):
		return store.CreditRequest{}, fault.Wrong("credit", "must be one of %v", book.Credits)
	case n.Amount <= 0 || n.Amount > credits.MaxAmount:
		return store.CreditRequest{}, fault.Wrong("amount", "must be more than 0")
	case len(n.Reason) > 1000:
		return store.CreditRequest{}, fault.Wrong("reason", "must have at most 1000 characters")
	}
	if _, err := member(tx, s, n.Member); err != nil {
		return store.CreditRequest{}, fault.Wrong("member", "must be a member of the workspace")
	}
	r := store.CreditRequest{
		Workspace: s.Workspace.ID, ID: ident.New("req"), Member: n.Member, Credit: n.Credit, Amount: int64(n.Amount), Reason: n.Reason,
		Status: RequestOpen, CreatedAt: s.Now.UnixMicro(),
	}
	if err := tx.InsertCreditRequest(r); err != nil {
		return r, err
	}
	if err := s.Audit(tx, "request.made", r.ID, n.Amount.String()+" "+r.Credit); err != nil {
		return r, err
	}
	return r, a.tellRequest(tx, "credit_request.created", r, r.CreatedAt)
}

// tellRequest notes an event of a wish; its reason is a person's own words and is
// left out.
func (a *Accounts) tellRequest(tx *store.Tx, event string, r store.CreditRequest, at int64) error {
	data := RequestEvent{Request: r.ID, Member: r.Member, Credit: r.Credit, Amount: credits.Amount(r.Amount), Status: r.Status, Granted: credits.Amount(r.Granted), DecidedBy: r.DecidedBy}
	return outbox.Event(tx, r.Workspace, event, time.UnixMicro(at), a.Clock(), data)
}

// RequestEvent is the data of credit_request.created and credit_request.decided.
type RequestEvent struct {
	Request   string         `json:"request"`
	Member    string         `json:"member"`
	Credit    string         `json:"credit"`
	Amount    credits.Amount `json:"amount"`
	Status    string         `json:"status"`
	Granted   credits.Amount `json:"granted"`
	DecidedBy string         `json:"decided_by,omitempty"`
}

// Requests lists wishes before an id, newest first; a member sees their own.
func (a *Accounts) Requests(ctx context.Context, s *Scope, status, before string, limit int) (list []store.CreditRequest, err error) {
	own := ""
	if !s.Manages() {
		own = s.Member
	}
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.CreditRequests(s.Workspace.ID, status, own, before, limit)
		return err
	})
	return list, err
}

// DecideRequest grants all, part or none of a wish, by raising what the member may
// use. The ledger's own key makes that happen once, however often it is tried.
func (a *Accounts) DecideRequest(ctx context.Context, s *Scope, id string, grant credits.Amount) (r store.CreditRequest, err error) {
	if err := s.MayManage(); err != nil {
		return r, err
	}
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		found := false
		if r, found, err = tx.CreditRequest(s.Workspace.ID, id); err == nil && !found {
			err = fault.New(fault.NotFound, "There is no such request.")
		}
		return err
	})
	switch {
	case err != nil:
		return r, err
	case r.Status != RequestOpen && r.Granted == int64(grant):
		return r, nil // the same answer again
	case r.Status != RequestOpen:
		return r, fault.New(fault.Conflict, "The request is %s already.", r.Status)
	case grant < 0 || grant > credits.MaxAmount:
		return r, fault.Wrong("grant", "must be 0 or more")
	}
	r.Status, r.Granted, r.DecidedBy, r.DecidedAt = RequestDeclined, int64(grant), s.Member, s.Now.UnixMicro()
	if grant > 0 {
		r.Status = RequestGranted
		if err := a.raise(ctx, s, r, grant); err != nil {
			return r, err
		}
	}
	return r, a.Store.Update(ctx, func(tx *store.Tx) error {
		open, err := tx.DecideCreditRequest(r)
		if err == nil && !open {
			err = fault.New(fault.Conflict, "The request was answered meanwhile.")
		}
		if err == nil {
			err = s.Audit(tx, "request."+r.Status, r.ID, grant.String()+" "+r.Credit)
		}
		if err == nil {
			err = a.tellRequest(tx, "credit_request.decided", r, r.DecidedAt)
		}
		return err
	})
}

// raise adds to a member's limit or assigned amount.
func (a *Accounts) raise(ctx context.Context, s *Scope, r store.CreditRequest, grant credits.Amount) error {
	view, err := a.Ledger.Look(ctx, s.Workspace.ID, []string{r.Member}, s.Now)
	if err != nil {
		return FromRefusal(err)
	}
	own := view.Members[r.Member]
	n := slices.IndexFunc(own, func(m credits.MemberView) bool { return m.Credit == r.Credit })
	if n < 0 || own[n].Mode == credits.FromPool {
		return fault.New(fault.Conflict, "This member draws on the pool, which has no limit of theirs to raise. The pool itself grows by an add-on or another plan, which the operator gives.")
	}
	_, err = a.Steer(ctx, s, &credits.Allocate{
		Request: credits.Request{Workspace: s.Workspace.ID, Member: s.Member, At: s.Now, Channel: "request", Key: "credit-request:" + r.ID, Fingerprint: []byte(grant.String())},
		For:     r.Member, Sets: map[string]credits.Allocation{r.Credit: {Mode: own[n].Mode, Amount: own[n].Amount + grant}},
	})
	return FromRefusal(err)
}
