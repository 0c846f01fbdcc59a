package api

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/words"
)

// PersonIn names a person: by id, profile URL, email, or name and company.
type PersonIn struct {
	ID            string `json:"id,omitempty"`
	SourceID      string `json:"source_id,omitempty" maxLength:"512" doc:"the id that a source gives the person, with the source: crm:51"`
	LinkedInURL   string `json:"linkedin_url,omitempty"`
	Email         string `json:"email,omitempty"`
	FullName      string `json:"full_name,omitempty"`
	Company       string `json:"company,omitempty"`
	CompanyDomain string `json:"company_domain,omitempty"`
}

func (p PersonIn) reference() lead.Reference {
	return lead.Reference{
		ID: p.ID, SourceID: p.SourceID, LinkedInURL: p.LinkedInURL, Email: p.Email,
		FullName: p.FullName, Company: p.Company, CompanyDomain: p.CompanyDomain,
	}
}

// PersonOut is a person, without contact data.
type PersonOut struct {
	ID            string `json:"id"`
	FullName      string `json:"full_name"`
	Title         string `json:"title"`
	Company       string `json:"company"`
	CompanyDomain string `json:"company_domain"`
	Location      string `json:"location"`
	LinkedInURL   string `json:"linkedin_url"`
}

func personOut(p lead.Person) PersonOut {
	return PersonOut{ID: p.ID, FullName: p.Name(), Title: p.Title, Company: p.Company, CompanyDomain: p.CompanyDomain, Location: p.Location, LinkedInURL: p.LinkedInURL}
}

// FieldOut is the outcome of one field.
type FieldOut struct {
	Outcome    string         `json:"outcome" enum:"charged,not_found,same_as_main_line,verified_in_directory,not_verified,already_owned,suppressed,provider_error,insufficient_credits,subscription_cancelled,not_allowed"`
	Reason     string         `json:"reason,omitempty" enum:"fair_use,verified_too_long_ago,verified_at_unknown_time,fetched" doc:"Why a field was charged that could have been free: fair_use (the day's free deliveries are used up), verified_too_long_ago (see verified_at), verified_at_unknown_time, or fetched (a source was asked, or it was verified again)."`
	VerifiedAt *time.Time     `json:"verified_at,omitempty" doc:"Of verified_too_long_ago: when it was verified."`
	Values     []ValueOut     `json:"values"`
	Credit     string         `json:"credit,omitempty"`
	Amount     credits.Amount `json:"amount"`
	Entry      string         `json:"entry,omitempty" doc:"The ledger entry."`
	words.Said
}

// ValueOut is an email address or a number in E.164, with ;ext= for an extension.
type ValueOut struct {
	Value  string `json:"value"`
	Text   string `json:"text,omitempty" doc:"Of a number: for reading, +1 415-555-0123."`
	Status string `json:"status,omitempty" doc:"Of an email: verified, likely, unverified or bounced."`
}

func valuesOut(field lead.Field, values []lead.Value) []ValueOut {
	out := []ValueOut{}
	for _, v := range values {
		one := ValueOut{Value: v.Value, Status: v.Status}
		if field.IsPhone() {
			one.Text = lead.PhoneForReading(v.Value)
		}
		out = append(out, one)
	}
	return out
}

// CaptureOut is a capture.
type CaptureOut struct {
	ID      string                     `json:"id"`
	Mode    string                     `json:"mode" enum:"capture,preview"`
	Person  PersonOut                  `json:"person"`
	Lead    *string                    `json:"lead"`
	Fields  map[string]FieldOut        `json:"fields"`
	Charged map[string]credits.Amount  `json:"charged"`
	Balance map[string]credits.Balance `json:"balance"`
	Text    string                     `json:"charged_text" doc:"What was charged, for reading: charged 2 standard, or free."`
	Short   []ShortOut                 `json:"short,omitempty" doc:"Which limits kept fields from being revealed, one a credit type."`
}

// Spent are the headers of an answer that spends.
type Spent struct {
	Charged   string `header:"Credits-Charged"`
	Remaining string `header:"Credits-Remaining"`
}

func (a *API) spent(charged map[string]credits.Amount, balances map[string]credits.Balance) Spent {
	if len(balances) == 1 {
		for c, b := range balances {
			text := append(append(make([]byte, 0, 96), c...), '=')
			text = charged[c].AppendText(text)
			first := len(text)
			text = b.Available.AppendText(append(append(text, c...), '='))
			both := string(text) // one allocation for the two
			return Spent{Charged: both[:first], Remaining: both[first:]}
		}
	}
	order := order(a, balances)
	return Spent{
		Charged:   remaining(order, func(c string) string { return charged[c].String() }),
		Remaining: remaining(order, func(c string) string { return balances[c].Available.String() }),
	}
}

// order is the books' order of the credit types in an answer.
func order[V any](a *API, have map[string]V) []string {
	for _, book := range a.Ledger.Books() {
		all := true
		for c := range have {
			all = all && book.Sells(c)
		}
		if all {
			return creditOrder(book, have)
		}
	}
	return creditOrder(&credits.Book{}, have)
}

// costs puts amounts in the books' order.
func costs(a *API, amounts map[string]credits.Amount) (list []words.Cost) {
	for _, c := range order(a, amounts) {
		list = append(list, words.Cost{Type: c, Amount: amounts[c]})
	}
	return list
}

// atMostTexts are prices at most for reading, by what they are of.
func (a *API) atMostTexts(prices map[string]map[string]credits.Amount) map[string]string {
	texts := map[string]string{}
	for fields, amounts := range prices {
		texts[fields] = words.AtMost(costs(a, amounts))
	}
	return texts
}

type captureAnswer struct {
	Spent
	Body CaptureOut
}

type lookupIn struct {
	WS
	Once
	Body struct {
		Person PersonIn `json:"person"`
	}
}

// LookupOut says what is there and what it would cost, and shows none of it.
type LookupOut struct {
	Person    PersonOut                            `json:"person"`
	Has       map[string]bool                      `json:"has"`
	Owned     []string                             `json:"owned"`
	WouldCost map[string]credits.Amount            `json:"would_cost"`
	AtMost    map[string]map[string]credits.Amount `json:"at_most" doc:"What each combination of fields would cost at most; a combination is named by its fields in the order work_email, work_phone, personal_email, mobile_phone, joined by commas."`
	Texts     map[string]string                    `json:"at_most_text" doc:"The same for reading, as the end of a button: at most 2 standard + 1 premium, or free."`
	Lead      *string                              `json:"lead" doc:"On the lead sheet already."`
}

type captureIn struct {
	WS
	Once
	Body struct {
		Member       string    `json:"member,omitempty"`
		Person       PersonIn  `json:"person"`
		Fields       *[]string `json:"fields,omitempty" doc:"In the order in which they are paid for. Left out: the standard ones, and premium where auto-unlock says so."`
		Mode         string    `json:"mode,omitempty" default:"capture" enum:"capture,preview"`
		List         string    `json:"list,omitempty" maxLength:"100"`
		AllOrNothing bool      `json:"all_or_nothing,omitempty"`
		Channel      string    `json:"channel,omitempty" enum:"api,extension,sheet,page,bulk,mcp"`
	}
}

func (a *API) captures(h huma.API) {
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/lookups", "lookup", "Which fields exist and what they would cost; free", 200, a.lookup)
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/captures", "capture", "Capture or preview a person; charged only for what is found", 200, a.capture)
}

func (a *API) lookup(ctx context.Context, in *lookupIn) (*Out[LookupOut], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	l, err := a.Captures.Lookup(ctx, s, in.Body.Person.reference())
	if err != nil {
		return nil, err
	}
	out := LookupOut{Person: personOut(l.Person), WouldCost: l.WouldCost, AtMost: l.AtMost(), Lead: opt(l.Lead)}
	out.Has, out.Owned, out.Texts = hasOut(l), ownedOut(l), a.atMostTexts(out.AtMost)
	return &Out[LookupOut]{Body: out}, nil
}

func hasOut(l *capture.Lookup) map[string]bool {
	has := map[string]bool{}
	for f, is := range l.Has {
		has[string(f)] = is
	}
	return has
}

func ownedOut(l *capture.Lookup) []string {
	owned := []string{}
	for _, f := range l.Owned {
		owned = append(owned, string(f))
	}
	return owned
}

func (a *API) capture(ctx context.Context, in *captureIn) (*captureAnswer, error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	ask := capture.Ask{
		Member: in.Body.Member, Person: in.Body.Person.reference(), Mode: in.Body.Mode, List: in.Body.List,
		AllOrNothing: in.Body.AllOrNothing, Channel: in.Body.Channel,
	}
	if s.Extension != "" {
		ask.Channel = "extension"
	}
	if ask.Channel == "" {
		ask.Channel = "api"
	}
	if in.Body.Fields != nil {
		if ask.Fields, err = fieldsIn(*in.Body.Fields); err != nil {
			return nil, err
		}
	}
	return a.doCapture(ctx, s, ask, "captures", in.Once, a.Captures.Capture)
}

func (a *API) doCapture(ctx context.Context, s *account.Scope, ask capture.Ask, path string, o Once,
	do func(ctx context.Context, s *account.Scope, ask capture.Ask) (*capture.Answer, error)) (*captureAnswer, error) {
	ask.Key, ask.Fingerprint = o.Key, o.fingerprint(ctx, path)
	answer, err := do(ctx, s, ask)
	if err != nil {
		return nil, err
	}
	out := CaptureOut{
		ID: answer.ID, Mode: answer.Mode, Person: personOut(answer.Person), Lead: opt(answer.Lead), Fields: map[string]FieldOut{},
		Charged: answer.Charged, Balance: answer.Balances, Text: words.ChargedText(costs(a, answer.Charged)),
	}
	var unpaid []string
	for _, f := range answer.Fields {
		if f.Outcome == credits.InsufficientCredits {
			unpaid = append(unpaid, f.Field)
		}
		out.Fields[f.Field] = FieldOut{Outcome: string(f.Outcome), Reason: f.Reason, VerifiedAt: optTime(f.VerifiedAt), Values: valuesOut(lead.Field(f.Field), f.Values), Credit: f.Credit, Amount: f.Amount, Entry: f.Entry, Said: said(f)}
	}
	if len(unpaid) > 0 {
		if out.Short, err = a.short(ctx, s, cmp.Or(ask.Member, s.Member), unpaid); err != nil {
			return nil, err
		}
	}
	return &captureAnswer{Spent: a.spent(answer.Charged, answer.Balances), Body: out}, nil
}

// said is a field's outcome in words, for those who show it.
func said(f capture.FieldAnswer) words.Said {
	return words.Field{Outcome: f.Outcome, Type: f.Credit, Amount: f.Amount, Reason: credits.Reason{Code: f.Reason, VerifiedAt: f.VerifiedAt}}.Said()
}

// fieldsIn reads field names, each once.
func fieldsIn(names []string) ([]lead.Field, error) {
	if len(names) == 0 {
		return nil, fault.Wrong("fields", "must name at least one field, or be left out")
	}
	if len(names) > len(lead.Fields) {
		return nil, fault.Wrong("fields", "must name each field once")
	}
	seen := map[lead.Field]bool{}
	var fields []lead.Field
	for n, name := range names {
		f, ok := lead.ParseField(name)
		if !ok {
			return nil, fault.Wrong("fields["+strconv.Itoa(n)+"]", "must be one of %v", lead.Fields)
		}
		if seen[f] {
			return nil, fault.Wrong("fields["+strconv.Itoa(n)+"]", "names %s a second time", f)
		}
		seen[f] = true
		fields = append(fields, f)
	}
	return fields, nil
}
