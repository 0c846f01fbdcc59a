package capture

import (
	"context"
	"errors"
	"slices"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
)

// addressFields are the fields that an address may be of.
var addressFields = []lead.Field{lead.WorkEmail, lead.PersonalEmail}

// claim is an address that a capture names and its workspace was not delivered, with
// the fields by which it can be paid for. The zero value is none.
type claim struct {
	address string
	fields  []lead.Field
}

// of is the field of a person that holds the address; empty: none does.
func (c claim) of(match directory.Match) lead.Field {
	for _, f := range c.fields {
		if slices.ContainsFunc(match.Person.ValuesOf(f), func(v lead.Value) bool { return v.Value == c.address }) {
			return f
		}
	}
	return ""
}

// payable is a reference as a capture may use it, and the address that it pays for.
// An address that the workspace does not own costs its field, and with all_or_nothing
// everything that the capture may come to. Without the credits for that it is left out,
// and refused where there is nothing else. All of this is decided before anybody looks,
// so the answer is the same whosever the address is (rule C13).
func (svc *Service) payable(ctx context.Context, s *account.Scope, ask Ask, member string) (ref lead.Reference, c claim, err error) {
	address, ref, err := svc.unowned(ctx, s, ask.Person)
	if err != nil || address == "" {
		return ref, claim{}, err
	}
	var members []string
	if member != "" {
		members = []string{member}
	}
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, members, s.Now)
	if err != nil {
		return ref, claim{}, account.FromRefusal(err)
	}
	c.address = address
	for _, f := range addressFields {
		if v.Book.Item(string(f)) != nil {
			c.fields = append(c.fields, f)
		}
	}
	var fields []lead.Field
	if ask.AllOrNothing {
		if fields, err = svc.fields(ctx, s, v.Book, member, ask.Fields); err != nil {
			return ref, claim{}, err
		}
	}
	credit, price := lacking(v, member, atMost(v.Book, ref, fields))
	if len(c.fields) > 0 && credit == "" {
		return ref, c, nil
	}
	if ref.Email = ""; len(ref.Keys()) > 0 {
		return ref, claim{}, nil
	}
	if credit == "" { // the book sells no address, so none finds anybody
		return ref, claim{}, directory.Nobody()
	}
	return ref, claim{}, svc.refuse(ctx, s, ask, member, v.Book, credit, price)
}

// first puts a field before all others.
func first(fields []lead.Field, f lead.Field) []lead.Field {
	if f == "" {
		return fields
	}
	return append([]lead.Field{f}, slices.DeleteFunc(slices.Clone(fields), func(o lead.Field) bool { return o == f })...)
}

// lacking is the first credit type of which not all could be paid now; empty: none.
func lacking(v *credits.View, member string, most map[string]credits.Amount) (credit string, price credits.Amount) {
	for _, c := range v.Book.Credits {
		if most[c] > 0 && !covers(v, member, c, most[c]) {
			return c, most[c]
		}
	}
	return "", 0
}

// covers reports whether a price could be paid now.
func covers(v *credits.View, member, credit string, price credits.Amount) bool {
	if v.Current.Cancelled {
		return false
	}
	for _, of := range v.Members[member] {
		if of.Credit == credit {
			return of.Available.Covers(price)
		}
	}
	c, _ := v.Credit(credit)
	return c.Pool.Covers(price) && c.Available.Covers(price)
}

// refuse is the ledger's own refusal of a price that cannot be paid, kept under the
// capture's key as any other (rule C9).
func (svc *Service) refuse(ctx context.Context, s *account.Scope, ask Ask, member string, book *credits.Book, credit string, price credits.Amount) error {
	r := credits.Request{Workspace: s.Workspace.ID, Member: member, At: s.Now, Channel: ask.Channel, Capture: ask.id}
	held, err := svc.Ledger.Do(ctx, &credits.Hold{Request: r, ID: ident.New("hold"), Credit: credit, Amount: price, ExpiresIn: holdMargin})
	if err == nil {
		_, err = svc.Ledger.Do(ctx, &credits.Release{Request: r, Hold: held.Hold.ID})
		return errors.Join(account.FromRefusal(err), changedMeanwhile())
	}
	var refusal *credits.Refusal
	if ask.Key == "" || !errors.As(err, &refusal) {
		return account.FromRefusal(err)
	}
	r.Key, r.Own, r.Fingerprint = ask.Key, ask.OwnKey, ask.Fingerprint
	of := slices.IndexFunc(lead.Fields, func(f lead.Field) bool { item := book.Item(string(f)); return item != nil && item.Credit == credit })
	_, err = svc.Ledger.Do(ctx, &credits.Capture{Request: r, Findings: []credits.Finding{{Field: string(lead.Fields[of]), Refused: refusal}}})
	if err == nil { // the same request, which was paid for in the same instant
		return changedMeanwhile()
	}
	return account.FromRefusal(err)
}

func changedMeanwhile() error {
	return fault.New(fault.Overloaded, "The balance changed meanwhile. Send the request again; nothing was charged.")
}
