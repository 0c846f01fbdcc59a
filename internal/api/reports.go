package api

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
)

// CreditOut is one credit type of the period that runs.
type CreditOut struct {
	credits.Balance
	Parts    credits.Granted `json:"parts" doc:"What the allowance is made of."`
	Assigned credits.Amount  `json:"assigned" doc:"Set aside for members."`
	Pool     credits.Quota   `json:"pool" doc:"What a member without an assigned amount may draw on."`
	RefillOut
}

// RefillOut is when there is more.
type RefillOut struct {
	RefillsAt *time.Time `json:"refills_at" doc:"null: nothing refills by itself."`
	Refills   string     `json:"refills" doc:"The same for reading, in the workspace's time zone; after a cancellation when the subscription ends."`
}

func refillOut(r credits.Refill, zone *time.Location) RefillOut {
	return RefillOut{RefillsAt: r.At, Refills: r.Text(zone)}
}

// MemberCreditOut is a member's part.
type MemberCreditOut struct {
	Mode      string          `json:"mode" enum:"pool,limit,assigned"`
	Amount    *credits.Amount `json:"amount"`
	Used      credits.Amount  `json:"used"`
	Held      credits.Amount  `json:"held"`
	Available credits.Quota   `json:"available"`
	Of        credits.Quota   `json:"of" doc:"What available is a part of: the member's own amount, or on the pool all that is not set aside for others."`
	RefillOut
}

// MemberBalance is a member with a part of each credit type, as members of one object.
type MemberBalance struct {
	ID      string
	Credits map[string]MemberCreditOut
}

// MarshalJSON writes {"id": …, "standard": {…}, …}.
func (m MemberBalance) MarshalJSON() ([]byte, error) {
	all := map[string]any{"id": m.ID}
	for c, v := range m.Credits {
		all[c] = v
	}
	return json.Marshal(all)
}

// Schema describes it.
func (MemberBalance) Schema(r huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeObject, Properties: map[string]*huma.Schema{"id": {Type: huma.TypeString}}, AdditionalProperties: true}
}

// BalanceOut is a workspace's credits.
type BalanceOut struct {
	Period  PeriodBody           `json:"period"`
	Status  string               `json:"status" enum:"active,cancelled"`
	Credits map[string]CreditOut `json:"credits"`
	Member  *MemberBalance       `json:"member,omitempty"`
	RefillOut
	Note  string       `json:"note" doc:"The line below balances: when there is more, or why there is not."`
	Shown []BalanceRow `json:"shown" doc:"What may be spent, as pages show it: the member's part, or without a member the workspace's; in the price book's order."`
}

// BalanceRow is what may be spent of one credit type.
type BalanceRow struct {
	Credit    string        `json:"credit"`
	Available credits.Quota `json:"available"`
	Of        credits.Quota `json:"of" doc:"What available is a part of."`
	Whose     string        `json:"whose" doc:"Of whom that is, for reading: yours, in the pool or the workspace’s."`
	RefillOut
}

type balanceIn struct {
	WS
	Member string `query:"member" maxLength:"100"`
}

func (a *API) reports(h huma.API) {
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/balance", "get-balance", "Allowance, used, held and available of the period that runs", 200, a.balance)
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/totals", "add-amounts", "What several prices or charges come to, and which limit they would meet; free", 200, a.total)
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/fair-use", "get-fair-use", "Today's meters of what is free", 200, a.fairUse)
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/usage", "get-usage", "The team's usage", 200, a.usage)
	csv(a, h, "/v1/workspaces/{ws}/usage.csv", "usage-csv", "The team's usage as CSV", a.usageCSV)
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/entries", "list-entries", "The ledger, newest first", 200, a.entries)
	csv(a, h, "/v1/workspaces/{ws}/entries.csv", "entries-csv", "The ledger as CSV, newest first", a.entriesCSV)
}

// MeterOut is a day's meter.
type MeterOut struct {
	Used  int64  `json:"used"`
	Limit *int64 `json:"limit" doc:"null: unlimited."`
}

// FairUseOut are the day's meters of what is free.
type FairUseOut struct {
	FreesAt   time.Time           `json:"frees_at" doc:"When the next local day begins."`
	Workspace map[string]MeterOut `json:"workspace"`
	Member    map[string]MeterOut `json:"member,omitempty" doc:"Of the member whose key this is."`
}

func (a *API) fairUse(ctx context.Context, in *WS) (*Out[FairUseOut], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	m, err := a.Captures.Meters(ctx, s)
	if err != nil {
		return nil, err
	}
	out := FairUseOut{FreesAt: m.FreesAt, Workspace: map[string]MeterOut{}, Member: map[string]MeterOut{}}
	for kind, of := range m.Workspace {
		out.Workspace[kind] = MeterOut{of.Used, of.Most}
	}
	for kind, of := range m.Mine {
		out.Member[kind] = MeterOut{of.Used, of.Most}
	}
	return &Out[FairUseOut]{Body: out}, nil
}

func (a *API) balance(ctx context.Context, in *balanceIn) (*Out[BalanceOut], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	member := in.Member
	if member == "" {
		member = s.Member
	}
	if member != "" {
		if _, err := a.Accounts.Seen(ctx, s, member); err != nil {
			return nil, err
		}
	}
	c, err := a.Screens.CreditsOf(ctx, s, member)
	if err != nil {
		return nil, err
	}
	out := BalanceOut{Period: periodBody(c.Period), Status: screen.Active, Credits: map[string]CreditOut{}, RefillOut: refillOut(c.Refill, c.Zone)}
	if c.Status == screen.Cancelled {
		out.Status = c.Status
	}
	out.Note = c.Note()
	for _, b := range c.Balances() {
		out.Shown = append(out.Shown, BalanceRow{Credit: b.Type, Available: b.Available, Of: b.Of, Whose: b.Whose, RefillOut: refillOut(b.Refill, c.Zone)})
	}
	for _, of := range c.List {
		out.Credits[of.Credit] = CreditOut{Balance: of.Balance, Parts: of.Granted, Assigned: of.Assigned, Pool: of.Pool, RefillOut: refillOut(of.Refill, c.Zone)}
	}
	if member != "" {
		out.Member = &MemberBalance{ID: member, Credits: map[string]MemberCreditOut{}}
		for _, m := range c.Mine {
			one := MemberCreditOut{Mode: m.Mode, Used: m.Used, Held: m.Held, Available: m.Available, Of: m.Of, RefillOut: refillOut(m.Refill, c.Zone)}
			if m.Mode != credits.FromPool {
				one.Amount = &m.Amount
			}
			out.Member.Credits[m.Credit] = one
		}
	}
	return &Out[BalanceOut]{Body: out}, nil
}

type usageIn struct {
	WS
	From    time.Time `query:"from" doc:"Default: the period's start."`
	To      time.Time `query:"to" doc:"Default: the period's end."`
	GroupBy string    `query:"group_by" default:"member" enum:"member,day,field,outcome,channel"`
	Member  string    `query:"member" maxLength:"100"`
}

func (in usageIn) ask() usage.Ask {
	return usage.Ask{GroupBy: in.GroupBy, Member: in.Member, From: in.From, To: in.To}
}

func (a *API) usage(ctx context.Context, in *usageIn) (*Out[usage.Report], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	out, err := a.Reports.Report(ctx, s, in.ask())
	if err != nil {
		return nil, err
	}
	return &Out[usage.Report]{Body: *out}, nil
}

func (a *API) usageCSV(ctx context.Context, in *usageIn, write export.Row) error {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return err
	}
	return a.Export.Usage(ctx, s, in.ask(), write)
}

// EntryOut is a ledger entry.
type EntryOut struct {
	ID           string          `json:"id"`
	Seq          int64           `json:"seq" doc:"1, 2, 3 … in the workspace, without a gap."`
	At           time.Time       `json:"at"`
	Kind         string          `json:"kind" enum:"charge,free,hold,release,refund,grant"`
	Credit       string          `json:"credit"`
	Amount       credits.Amount  `json:"amount"`
	BalanceAfter *credits.Amount `json:"balance_after" doc:"Available then; null: unlimited."`
	Saved        credits.Amount  `json:"saved" doc:"What a free rule saved."`
	Member       *string         `json:"member"`
	Person       *string         `json:"person"`
	Capture      *string         `json:"capture" doc:"The capture that it is of; null: of none."`
	Field        *string         `json:"field"`
	Outcome      *string         `json:"outcome"`
	Reason       *string         `json:"reason" doc:"Why a field was charged that could have been free: fair_use (the day's free deliveries are used up), verified_too_long_ago (see verified_at), verified_at_unknown_time, or fetched (a source was asked, or it was verified again)."`
	VerifiedAt   *time.Time      `json:"verified_at,omitempty" doc:"Of verified_too_long_ago: when it was verified."`
	Channel      *string         `json:"channel"`
	Hold         *string         `json:"hold"`
	Grant        *string         `json:"grant"`
	Description  *string         `json:"description,omitempty"`
}

func entryOut(e store.Entry) EntryOut {
	out := EntryOut{
		ID: credits.EntryID(e.Seq), Seq: e.Seq, At: timeOf(e.At), Kind: e.Kind, Credit: e.Credit, Amount: credits.Amount(e.Amount), Saved: credits.Amount(e.Waived),
		Member: opt(e.Member), Person: opt(e.Person), Capture: opt(e.Capture), Field: opt(e.Field), Outcome: opt(e.Outcome), Channel: opt(e.Channel), Hold: opt(e.Hold), Grant: opt(e.Grant),
	}
	description, reason := credits.Noted(e.Kind, e.Field, e.Note)
	out.Description, out.Reason = opt(description), opt(reason.Code)
	out.VerifiedAt = optTime(reason.VerifiedAt)
	if e.BalanceAfter != nil {
		after := credits.Amount(*e.BalanceAfter)
		out.BalanceAfter = &after
	}
	return out
}

// EntryQuery chooses ledger entries.
type EntryQuery struct {
	WS
	Member string    `query:"member" maxLength:"100"`
	Credit string    `query:"credit" maxLength:"40"`
	Kind   string    `query:"kind" enum:"charge,free,hold,release,refund,grant"`
	Person string    `query:"person" maxLength:"100"`
	From   time.Time `query:"from"`
	To     time.Time `query:"to"`
}

func (q EntryQuery) filter(s *account.Scope) store.EntryFilter {
	return store.EntryFilter{Workspace: s.Workspace.ID, Member: q.Member, Credit: q.Credit, Kind: q.Kind, Person: q.Person, From: microsOf(q.From), To: microsOf(q.To)}
}

type listEntries struct {
	EntryQuery
	Page
}

func (a *API) entries(ctx context.Context, in *listEntries) (*Out[List[EntryOut]], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	f := in.filter(s)
	f.Limit = in.more()
	if f.Sight, err = a.Accounts.Visible(ctx, s); err != nil {
		return nil, err
	}
	if f.Before, err = a.afterNumber(ctx, in.Page, 0); err != nil {
		return nil, err
	}
	var rows []store.Entry
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		rows, err = tx.Entries().List(f)
		return err
	})
	if err != nil {
		return nil, err
	}
	return page(a, ctx, in.Page, rows, func(e store.Entry) string { return strconv.FormatInt(e.Seq, 10) }, sure(entryOut))
}

func (a *API) entriesCSV(ctx context.Context, in *EntryQuery, write export.Row) error {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return err
	}
	return a.Export.Entries(ctx, s, in.filter(s), write)
}
