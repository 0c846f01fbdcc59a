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
	}
	if err := fault.Length("reason", n.Reason, 0, 1000); err != nil {
		return store.CreditRequest{}, err
	}
	if _, err := member(tx, s, n.Member); err != nil {
		return store.CreditRequest{}, fault.Wrong("member", "must be a member of the workspace")
	}
	open, err := tx.CreditRequests().Of(s.Workspace.ID, RequestOpen, store.Only(n.Member), "", maxOpen)
	if err != nil {
		return store.CreditRequest{}, err
	}
	if len(open) >= maxOpen {
		return store.CreditRequest{}, fault.New(fault.Conflict, "%d requests are waiting for an admin already. Ask an admin to decide them first.", maxOpen)
	}
	r := store.CreditRequest{
		Workspace: s.Workspace.ID, ID: ident.New("req"), Member: n.Member, Credit: n.Credit, Amount: int64(n.Amount), Reason: n.Reason,
		Status: RequestOpen, CreatedAt: s.Now.UnixMicro(),
	}
	if err := tx.CreditRequests().Insert(r); err != nil {
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

// Requests lists the wishes that the principal may see before an id, newest first.
func (a *Accounts) Requests(ctx context.Context, s *Scope, status, before string, limit int) (list []store.CreditRequest, err error) {
	sight, err := a.Visible(ctx, s)
	if err != nil {
		return nil, err
	}
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		list, err = tx.CreditRequests().Of(s.Workspace.ID, status, sight, before, limit)
		return err
	})
	return list, err
}

// Decision is the answer to a request. The zero value is none.
type Decision struct {
	kind  string
	grant credits.Amount
}

// GrantAll grants what was asked for.
func GrantAll() Decision { return Decision{kind: "all"} }

// GrantPart grants an amount of what was asked for.
func GrantPart(amount credits.Amount) Decision { return Decision{"part", amount} }

// Assign grants an amount as credits of the member's own, to one who draws on the pool and so has
// no limit to raise. From then on they no longer draw on it.
func Assign(amount credits.Amount) Decision { return Decision{"assign", amount} }

// Decline grants nothing.
func Decline() Decision { return Decision{kind: "none"} }

// on is what the decision comes to for a request.
func (d Decision) on(r store.CreditRequest) (status string, grant credits.Amount, err error) {
	switch {
	case d.kind == "none":
		return RequestDeclined, 0, nil
	case d.kind == "all":
		return RequestGranted, credits.Amount(r.Amount), nil
	case d.kind != "part" && d.kind != "assign" || d.grant <= 0 || d.grant > credits.Amount(r.Amount):
		return "", 0, fault.Wrong("grant", "must be more than 0 and at most %s, the amount asked for", credits.Amount(r.Amount))
	}
	return RequestGranted, d.grant, nil
}

// DecideRequest grants all, part or none of a request, by raising what the member may
// use. The request and what it raises change in one transaction. The same decision
// again is answered as the first was.
func (a *Accounts) DecideRequest(ctx context.Context, s *Scope, id string, d Decision) (r store.CreditRequest, err error) {
	if err := s.May(ManageCredits); err != nil {
		return r, err
	}
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		found := false
		if r, found, err = tx.CreditRequests().ByID(s.Workspace.ID, id); err == nil && !found {
			err = fault.New(fault.NotFound, "There is no such request.")
		}
		return err
	})
	if err != nil {
		return r, err
	}
	status, grant, err := d.on(r)
	switch {
	case err != nil:
		return r, err
	case r.Status == status && r.Granted == int64(grant):
		return r, nil // the same answer again
	case r.Status != RequestOpen:
		return r, fault.New(fault.Conflict, "The request is %s already.", r.Status)
	}
	r.Status, r.Granted, r.DecidedBy, r.DecidedAt = status, int64(grant), s.Member, s.Now.UnixMicro()
	note := func(tx *store.Tx) error { return a.decided(tx, s, r) }
	if status == RequestDeclined {
		return r, a.Store.Update(ctx, note)
	}
	return r, a.raise(ctx, s, r, d, note)
}

// decided writes a decision, in the transaction given. Fault: Conflict where somebody
// else decided meanwhile.
func (a *Accounts) decided(tx *store.Tx, s *Scope, r store.CreditRequest) error {
	open, err := tx.CreditRequests().Decide(r)
	if err == nil && !open {
		err = fault.New(fault.Conflict, "The request was answered meanwhile.")
	}
	if err != nil {
		return err
	}
	if err := s.Audit(tx, "request."+r.Status, r.ID, credits.Amount(r.Granted).String()+" "+r.Credit); err != nil {
		return err
	}
	return a.tellRequest(tx, "credit_request.decided", r, r.DecidedAt)
}

// declineAll declines what a member who is removed asked for.
func (a *Accounts) declineAll(tx *store.Tx, s *Scope, member string) error {
	open, err := tx.CreditRequests().Of(s.Workspace.ID, RequestOpen, store.Only(member), "", maxOpen)
	for _, r := range open {
		if err == nil {
			r.Status, r.DecidedBy, r.DecidedAt = RequestDeclined, s.Member, s.Now.UnixMicro()
			err = a.decided(tx, s, r)
		}
	}
	return err
}

// maxOpen bounds the open requests of one member.
const maxOpen = 100

// raise adds what was granted to a member's limit or assigned amount, or assigns it. What the
// member has used in the period counts against an assigned amount, so it is added to it.
func (a *Accounts) raise(ctx context.Context, s *Scope, r store.CreditRequest, d Decision, with func(tx *store.Tx) error) error {
	c := &credits.Allocate{
		Request: credits.Request{Workspace: s.Workspace.ID, Member: s.Member, At: s.Now, Channel: "request", With: Within(func(tx *store.Tx) error {
			if _, err := member(tx, s, r.Member); err != nil {
				return err
			}
			return with(tx)
		})},
		For: r.Member,
	}
	if d.kind == "assign" {
		view, err := a.Ledger.Look(ctx, s.Workspace.ID, []string{r.Member}, s.Now)
		if err != nil {
			return FromRefusal(err)
		}
		own := credits.Allocation{Mode: credits.Assigned, Amount: credits.Amount(r.Granted)}
		for _, of := range view.Members[r.Member] {
			if of.Credit == r.Credit {
				own.Amount += of.Used + of.Held
			}
		}
		c.Sets, c.If = map[string]credits.Allocation{r.Credit: own}, map[string]credits.Allocation{r.Credit: {Mode: credits.FromPool}}
	} else {
		c.Raise = map[string]credits.Amount{r.Credit: credits.Amount(r.Granted)}
	}
	_, err := a.ExecuteAudited(ctx, s, c)
	return FromRefusal(err)
}
