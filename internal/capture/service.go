// Package capture is what credits are spent on: finding a person, paying for what
// was found, and keeping it on the lead sheet. A capture reads from top to bottom
// in Service.Capture: who is it → what is known → pay → answer.
package capture

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/enrich"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Modes of a capture (rule C2). Both cost the same.
const (
	ModeCapture = "capture" // shows the data and saves the person to the lead sheet
	ModePreview = "preview" // shows the data
)

// Service is where a team captures.
type Service struct {
	Store     *store.Store
	Ledger    *credits.Ledger
	Accounts  *account.Accounts
	Directory *directory.Directory
	// Search asks upstream sources for what the directory does not know; nil: there
	// are none.
	Sources *enrich.Sources
}

// Ask is what somebody wants to know of a person.
type Ask struct {
	Member string // who spends; checked against who asks
	Person lead.Reference
	// Fields in the order in which they are paid for; none: the standard ones,
	// and premium where auto-unlock says so.
	Fields       []lead.Field
	Mode         string
	List         string // to put the lead on
	AllOrNothing bool
	Channel      string
	Key          string // idempotency key; empty: none
	OwnKey       bool   // the product made it

	id          string // of the capture, given when it begins
	Fingerprint []byte
}

// Answer is a capture.
type Answer struct {
	ID       string
	Mode     string
	Person   lead.Person // without values
	Lead     string      // empty in a preview
	Fields   []FieldAnswer
	Charged  map[string]credits.Amount
	Balances map[string]credits.Balance
	Replayed bool
}

// FieldAnswer is the outcome of one field.
type FieldAnswer struct {
	credits.Line
	Values []lead.Value
	// Hidden: more was delivered, which is on the suppression list.
	Hidden bool
}

// kept is what a capture's receipt remembers: ids, no one's data.
type kept struct {
	ID     string `json:"id"`
	Mode   string `json:"mode"`
	Person string `json:"person"`
	Lead   string `json:"lead,omitempty"` // the person's own; leadNow is the one that is shown
}

// Capture pays for what is found of a person, field by field, and shows it. No
// data leaves before its charge is on disk (rule C8). One that delivers nothing counts
// as a lookup (rule C13).
func (svc *Service) Capture(ctx context.Context, s *account.Scope, ask Ask) (*Answer, error) {
	member, err := s.Spend(ctx, svc.Accounts, ask.Member)
	if err != nil {
		return nil, err
	}
	answer, err := svc.capture(ctx, s, ask, member)
	if fruitless(err) {
		if past := svc.takeFruitless(ctx, s, ask, ask.Person.ID); past != nil {
			return nil, past
		}
	}
	return answer, err
}

func (svc *Service) capture(ctx context.Context, s *account.Scope, ask Ask, member string) (*Answer, error) {
	if first, err := svc.first(ctx, s, ask); first != nil || err != nil {
		return first, err
	}
	ask.id = ident.New("cap")
	l, err := svc.look(ctx, s, ask, member)
	if err != nil {
		return nil, err
	}
	counted, err := svc.meterFree(ctx, s, ask, member, l)
	if err != nil {
		svc.release(ctx, s, l)
		return nil, err
	}
	l.match.Person = named(l.match.Person, ask.Person)
	keep := kept{ID: ask.id, Mode: ask.Mode, Person: l.match.Person.ID}
	var row *credits.Lead
	if ask.Mode == ModeCapture {
		keep.Lead = ident.Lead(l.match.Person.ID)
		row = leadRow(keep.Lead, l.match.Person, ask.List)
	}
	memo, err := json.Marshal(keep)
	if err != nil {
		return nil, err
	}
	result, err := svc.Ledger.Do(ctx, &credits.Capture{
		Request: credits.Request{
			Workspace: s.Workspace.ID, Member: member, At: l.at, Channel: ask.Channel, Capture: ask.id,
			Key: ask.Key, Own: ask.OwnKey, Fingerprint: ask.Fingerprint, Keep: memo, With: account.Within(svc.present(s, l)),
		},
		Person: l.match.Person.ID, Findings: l.findings, AllOrNothing: ask.AllOrNothing,
		AutoCap: account.SettingsOf(s.Workspace).DailyCap, Lead: row,
	})
	if err != nil || result.Replayed { // then nothing was settled
		svc.release(ctx, s, l)
	}
	if err != nil {
		return nil, account.FromRefusal(err)
	}
	if result.Replayed { // somebody sent the same request in the same instant
		return svc.replay(ctx, s, result)
	}
	if !counted && gaveNothing(result) {
		if err := svc.takeFruitless(ctx, s, ask, l.match.Person.ID); err != nil {
			return nil, err
		}
	}
	return svc.answer(ctx, s, result, keep, l.match)
}

// present refuses, with the charge itself, anyone who lost the right to capture while a source was
// asked (rule A1), and somebody who was erased, put on the suppression list, joined with another
// person or taken apart meanwhile. nil: no source was asked.
func (svc *Service) present(s *account.Scope, l *looked) func(tx *store.Tx) error {
	id := l.match.Person.ID
	if !l.asked || id == "" {
		return nil
	}
	return func(tx *store.Tx) error {
		asking, err := svc.Accounts.Present(tx, s.Workspace.ID, s.Authority())
		if err == nil {
			err = asking.May(account.CaptureLeads)
		}
		if err != nil {
			return err
		}
		people, err := svc.Directory.People(tx, []string{id})
		m, found := people[id]
		switch {
		case err != nil:
			return err
		case !found || m.Suppressed:
			return directory.Nobody()
		case m.Person.ID != id:
			return fault.New(fault.Overloaded, "This person was joined with another one meanwhile. Send the request again; nothing was charged.")
		case l.takenApart(m.Person):
			return directory.ErrTakenApart
		}
		return nil
	}
}

// takenApart tells that some of what was known of the person is not theirs any more, or that
// their id is somebody else's: what the workspace owned may be another's then, and would be
// charged for again.
func (l *looked) takenApart(now lead.Person) bool {
	for _, then := range []string{l.before, l.match.Person.Name()} {
		if lead.Contradict(lead.KindProfile, lead.WhoIs(then), lead.WhoIs(now.Name())) {
			return true
		}
	}
	return slices.ContainsFunc(l.findings, func(f credits.Finding) bool {
		theirs := now.ValuesOf(lead.Field(f.Field))
		return slices.ContainsFunc(l.match.Person.ValuesOf(lead.Field(f.Field)), func(v lead.Value) bool {
			return !slices.ContainsFunc(theirs, func(o lead.Value) bool { return o.Value == v.Value })
		})
	})
}

// first is the answer that this request had before, if it had one: the person
// may be gone since, the receipt is not (rule C9).
func (svc *Service) first(ctx context.Context, s *account.Scope, ask Ask) (*Answer, error) {
	if ask.Key == "" {
		return nil, nil
	}
	result, err := svc.Ledger.Replay(ctx, credits.Request{Workspace: s.Workspace.ID, Key: ask.Key, Own: ask.OwnKey, Fingerprint: ask.Fingerprint})
	var refusal *credits.Refusal
	switch {
	case errors.As(err, &refusal):
		return nil, account.FromRefusal(err)
	case err != nil:
		return nil, err
	case !result.Replayed:
		return nil, nil
	}
	return svc.replay(ctx, s, result)
}

// PlainFields are what a capture asks for that names no fields: the standard ones,
// and premium where it is unlocked at every capture (rule U1).
func PlainFields(book *credits.Book, unlocks bool) []lead.Field {
	return slices.DeleteFunc(slices.Clone(lead.Fields), func(f lead.Field) bool {
		item := book.Item(string(f))
		return item == nil || item.Unlock && !unlocks
	})
}

// Observe is what the directory knows about one field, as facts to be judged.
func Observe(match directory.Match, f lead.Field) credits.Finding {
	finding := credits.Finding{Field: string(f), Suppressed: match.Suppressed}
	if match.Suppressed {
		return finding
	}
	values := match.Person.ValuesOf(f)
	finding.Values = len(values)
	finding.MainLine = f == lead.WorkPhone && match.Person.MainLineOnly()
	finding.Graded = f == lead.WorkEmail
	for _, v := range values {
		if v.Status == lead.Verified {
			finding.Verified = true
			if v.VerifiedAt.After(finding.VerifiedAt) {
				finding.VerifiedAt = v.VerifiedAt
			}
		}
	}
	data, err := json.Marshal(values)
	if err != nil {
		panic(err) // values are texts and times
	}
	finding.Data = data
	return finding
}

// named is a person with the caller's own words where the directory has none. They are
// shown to the caller's workspace and kept on its sheet, and nowhere else (rule S6).
func named(p lead.Person, ref lead.Reference) lead.Person {
	for _, text := range []struct {
		into *string
		from string
	}{{&p.FullName, ref.FullName}, {&p.Company, ref.Company}, {&p.CompanyDomain, ref.CompanyDomain}, {&p.LinkedInURL, ref.LinkedInURL}} {
		if *text.into == "" && (text.into != &p.FullName || p.Name() == "") {
			*text.into = text.from
		}
	}
	return p
}

func leadRow(id string, p lead.Person, list string) *credits.Lead {
	return &credits.Lead{
		ID: id, List: list,
		FullName: p.Name(), Title: p.Title, Company: p.Company, Domain: p.CompanyDomain, Location: p.Location, Profile: p.LinkedInURL,
	}
}

// answer shows what was paid for, and what was free.
func (svc *Service) answer(ctx context.Context, s *account.Scope, r credits.Result, k kept, match directory.Match) (*Answer, error) {
	id, err := svc.leadNow(ctx, s, k)
	if err != nil {
		return nil, err
	}
	a := &Answer{ID: k.ID, Mode: k.Mode, Lead: id, Person: match.Person, Charged: r.Charged, Balances: r.Balances}
	a.Person.Values = nil
	var had *stored
	for _, line := range r.Lines {
		f := FieldAnswer{Line: line}
		if line.Outcome.Delivers() {
			f.Values = match.Person.ValuesOf(lead.Field(line.Field))
		}
		if line.Outcome == credits.AlreadyOwned || line.Outcome.Delivers() && len(f.Values) == 0 { // what is owned may be hidden, or gone from the directory
			if had == nil {
				if had, err = svc.stored(ctx, s, match.Person.ID); err != nil {
					return nil, err
				}
			}
			if len(f.Values) == 0 {
				f.Values = had.values[line.Field]
			}
			f.Hidden = had.aside[[2]string{match.Person.ID, line.Field}]
		}
		a.Fields = append(a.Fields, f)
	}
	return a, nil
}

// replay is the first answer again: its outcomes and charges, with the values
// that the workspace may still see (rule C9).
func (svc *Service) replay(ctx context.Context, s *account.Scope, r credits.Result) (*Answer, error) {
	var k kept
	if err := json.Unmarshal(r.Keep, &k); err != nil || k.Person == "" {
		return nil, fault.New(fault.Mismatch, "This idempotency key was used for a different request.")
	}
	match, err := svc.Directory.Get(ctx, k.Person)
	if err != nil && !fault.Is(err, fault.NotFound) {
		return nil, err
	}
	a := &Answer{ID: k.ID, Mode: k.Mode, Person: match.Person, Charged: r.Charged, Balances: r.Balances, Replayed: true}
	if err != nil || match.Suppressed {
		a.Person = lead.Person{ID: k.Person}
	}
	a.Person.Values = nil
	if a.Lead, err = svc.leadNow(ctx, s, k); err != nil {
		return nil, err
	}
	had := &stored{}
	if !match.Suppressed {
		if had, err = svc.stored(ctx, s, k.Person); err != nil {
			return nil, err
		}
	}
	for _, line := range r.Lines {
		f := FieldAnswer{Line: line}
		if line.Outcome.Delivers() {
			f.Values, f.Hidden = had.values[line.Field], had.aside[[2]string{k.Person, line.Field}]
		}
		a.Fields = append(a.Fields, f)
	}
	return a, nil
}
