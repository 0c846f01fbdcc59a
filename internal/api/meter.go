package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
)

const (
	chargePath = "/v1/workspaces/{ws}/charges"
	batchPath  = chargePath + "/batch"
	// maxDescription bounds a charge's description, in bytes or characters.
	maxDescription = 200
)

// ChargeIn is a charge to be made.
type ChargeIn struct {
	Member      string `json:"member,omitempty"`
	Credit      string `json:"credit"`
	Amount      Amount `json:"amount"`
	Description string `json:"description,omitempty" maxLength:"200" doc:"Kept in the ledger: no personal data."`
}

// request is a charge's request. It has one fingerprint by itself, in a batch and in a stream,
// so that each can ask for the outcome of another road's key.
func (c *ChargeIn) request(ctx context.Context, s *account.Scope, key string) credits.Request {
	b := make([]byte, 0, 512)
	for _, text := range [...]string{c.Amount.text, c.Credit, c.Description, c.Member} {
		b = append(strconv.AppendInt(b, int64(len(text)), 10), ':')
		b = append(b, text...)
	}
	return requestOf(s, key, digest(ctx, "charges", b))
}

// ChargeOut is a charge that was made.
type ChargeOut struct {
	ID      string          `json:"id"`
	Entry   string          `json:"entry"`
	Member  *string         `json:"member"`
	Credit  string          `json:"credit"`
	Amount  credits.Amount  `json:"amount"`
	At      time.Time       `json:"at"`
	Balance credits.Balance `json:"balance"`
}

type chargeIn struct {
	WS
	Once
	Body ChargeIn
}

type chargeAnswer struct {
	Spent
	Body ChargeOut
}

func (a *API) meter(h huma.API) {
	handle(a, h, http.MethodPost, chargePath, "create-charge", "Charge for anything that is sold by the credit", 201, a.charge)
	handle(a, h, http.MethodPost, batchPath, "create-charges", "Up to 1,000 charges, each with its own answer", 200, a.chargeBatch)
	a.streamOperation(h)
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/holds", "create-hold", "Set credits aside while work runs", 201, a.hold)
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/holds/{hold}", "get-hold", "Read a hold", 200, a.getHold)
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/holds/{hold}/settle", "settle-hold", "Pay a hold by outcomes, line by line", 200, a.settle)
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/holds/{hold}/release", "release-hold", "Give a hold back", 200, a.release)
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/holds/{hold}/extend", "extend-hold", "Move a hold's time-out", 200, a.extend)
}

// command makes the ledger's charge of one that was asked for.
func (a *API) command(ctx context.Context, s *account.Scope, in ChargeIn, r credits.Request) (*credits.Charge, error) {
	member, err := s.Spend(ctx, a.Accounts, in.Member)
	if err != nil {
		return nil, err
	}
	amount, err := in.Amount.read("amount")
	if err != nil {
		return nil, err
	}
	r.Member = member
	return &credits.Charge{Request: r, Credit: in.Credit, Amount: amount, Note: in.Description}, nil
}

func chargeOut(c *credits.Charge, r credits.Result) ChargeOut {
	seq, _ := credits.EntrySeq(r.Entry)
	id := strconv.AppendInt(append(make([]byte, 0, 24), "chg_"...), seq, 10)
	return ChargeOut{
		ID: string(id), Entry: r.Entry, Member: opt(c.Member), Credit: c.Credit, Amount: c.Amount, At: r.At, Balance: r.Balances[c.Credit],
	}
}

func (a *API) charge(ctx context.Context, in *chargeIn) (*chargeAnswer, error) {
	out := &chargeAnswer{}
	return out, a.chargeInto(ctx, in, out)
}

func (a *API) chargeInto(ctx context.Context, in *chargeIn, out *chargeAnswer) error {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return err
	}
	c, err := a.command(ctx, s, in.Body, in.Body.request(ctx, s, in.Key))
	if err != nil {
		return err
	}
	r, err := a.Ledger.Do(ctx, c)
	if err == nil {
		out.Spent, out.Body = a.spent(r.Charged, r.Balances), chargeOut(c, r)
	}
	return err
}

// HoldOut is a hold.
type HoldOut struct {
	credits.HoldState
	Lines   []credits.Line            `json:"lines,omitempty"`
	Charged map[string]credits.Amount `json:"charged,omitempty"`
	Balance *credits.Balance          `json:"balance,omitempty"`
}

type holdAnswer struct {
	Spent
	Body HoldOut
}

func (a *API) holdAnswer(r credits.Result) *holdAnswer {
	out := &holdAnswer{Body: HoldOut{HoldState: *r.Hold, Lines: r.Lines, Charged: r.Charged}}
	if b, ok := r.Balances[r.Hold.Credit]; ok {
		out.Body.Balance = &b
		out.Spent = a.spent(r.Charged, r.Balances)
	}
	return out
}

type holdIn struct {
	WS
	Once
	Body struct {
		Member    string `json:"member,omitempty"`
		Credit    string `json:"credit"`
		Amount    Amount `json:"amount"`
		ExpiresIn string `json:"expires_in" doc:"Such as 60s, 10m or 24h."`
	}
}

// HoldPath is a hold in a path.
type HoldPath struct {
	WS
	Hold string `path:"hold"`
}

func duration(text string) (time.Duration, error) {
	d, err := time.ParseDuration(text)
	if err != nil {
		return 0, fault.Wrong("expires_in", "must be a duration such as 60s, 10m or 24h")
	}
	return d, nil
}

func (a *API) hold(ctx context.Context, in *holdIn) (*holdAnswer, error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	member, err := s.Spend(ctx, a.Accounts, in.Body.Member)
	if err != nil {
		return nil, err
	}
	amount, err := in.Body.Amount.read("amount")
	if err != nil {
		return nil, err
	}
	expires, err := duration(in.Body.ExpiresIn)
	if err != nil {
		return nil, err
	}
	r := request(ctx, s, "holds", in.Once)
	r.Member = member
	result, err := a.Ledger.Do(ctx, &credits.Hold{Request: r, ID: ident.New("hold"), Credit: in.Body.Credit, Amount: amount, ExpiresIn: expires})
	if err != nil {
		return nil, err
	}
	return a.holdAnswer(result), nil
}

// holdOf reads a hold that the principal may change: the member's own, and any for who
// manages the workspace.
func (a *API) holdOf(ctx context.Context, s *account.Scope, id string) (credits.HoldState, error) {
	state, found, err := a.Ledger.Hold(ctx, s.Workspace.ID, id)
	if err == nil && (!found || !s.Manages() && state.Member != s.Member) {
		err = noHold()
	}
	return state, err
}

func noHold() error { return fault.New(fault.NotFound, "There is no such hold.") }

func (a *API) getHold(ctx context.Context, in *HoldPath) (*Out[credits.HoldState], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	sight, err := a.Accounts.Visible(ctx, s)
	if err != nil {
		return nil, err
	}
	state, found, err := a.Ledger.Hold(ctx, s.Workspace.ID, in.Hold)
	if err == nil && (!found || !sight.Sees(state.Member)) {
		err = noHold()
	}
	return &Out[credits.HoldState]{Body: state}, err
}

type settleIn struct {
	HoldPath
	Once
	Body struct {
		Lines []struct {
			Outcome string  `json:"outcome"`
			Amount  *Amount `json:"amount,omitempty"`
		} `json:"lines,omitempty"`
		Final bool `json:"final,omitempty" doc:"Gives back what no line took and closes the hold."`
	}
}

func (a *API) settle(ctx context.Context, in *settleIn) (*holdAnswer, error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	if _, err := a.holdOf(ctx, s, in.Hold); err != nil {
		return nil, err
	}
	c := &credits.Settle{Request: request(ctx, s, "holds/"+in.Hold+"/settle", in.Once), Hold: in.Hold, Final: in.Body.Final}
	for n, line := range in.Body.Lines {
		one := credits.SettleLine{Outcome: credits.Outcome(line.Outcome)}
		if line.Amount != nil {
			if one.Amount, err = line.Amount.read("lines[" + strconv.Itoa(n) + "].amount"); err != nil {
				return nil, err
			}
		}
		c.Lines = append(c.Lines, one)
	}
	result, err := a.Ledger.Do(ctx, c)
	if err != nil {
		return nil, err
	}
	return a.holdAnswer(result), nil
}

type releaseIn struct {
	HoldPath
	Key string `header:"Idempotency-Key" maxLength:"255"` // a body is not asked for
}

func (a *API) release(ctx context.Context, in *releaseIn) (*holdAnswer, error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	if _, err := a.holdOf(ctx, s, in.Hold); err != nil {
		return nil, err
	}
	result, err := a.Ledger.Do(ctx, &credits.Release{Request: request(ctx, s, "holds/"+in.Hold+"/release", Once{Key: in.Key}), Hold: in.Hold})
	if err != nil {
		return nil, err
	}
	return a.holdAnswer(result), nil
}

type extendIn struct {
	HoldPath
	Once
	Body struct {
		ExpiresIn string `json:"expires_in" doc:"From now; such as 60s, 10m or 24h."`
	}
}

func (a *API) extend(ctx context.Context, in *extendIn) (*holdAnswer, error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	if _, err := a.holdOf(ctx, s, in.Hold); err != nil {
		return nil, err
	}
	expires, err := duration(in.Body.ExpiresIn)
	if err != nil {
		return nil, err
	}
	result, err := a.Ledger.Do(ctx, &credits.Extend{Request: request(ctx, s, "holds/"+in.Hold+"/extend", in.Once), Hold: in.Hold, ExpiresIn: expires})
	if err != nil {
		return nil, err
	}
	return a.holdAnswer(result), nil
}
