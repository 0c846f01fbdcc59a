package frame

import (
	"net/url"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/screen"
)

// Ask is the button that asks the admins for credits that were missing.
type Ask struct {
	Type   string
	Amount unit.Amount
	Key    string // idempotency key
	Back   string // the page to return to; may be empty
	Link   string // the form that asks the operator, for an admin; empty: the button asks
}

// MayAsk is the button for what is missing: a member asks an admin, and an admin the operator,
// where more for the workspace would help. nil: nobody can be asked, or nothing is missing.
func (v *Visit) MayAsk(r *screen.Stopped) *Ask {
	missing := r.Missing()
	switch {
	case missing <= 0 || v.Who.Member == "" || !v.Who.Can(account.AskCredits):
		return nil
	case v.Who.Can(account.AskAddOns) && r.LimitedBy != "member":
		return &Ask{Type: r.Type, Link: AddOnLink(r.Type)}
	case v.Who.Role == account.Admin:
		return nil
	}
	a := &Ask{Type: r.Type, Amount: missing, Key: NewKey()}
	if from, err := url.Parse(v.Header.Get("HX-Current-URL")); err == nil {
		a.Back = from.RequestURI()
	}
	return a
}

// askPath is where the person signed in asks for more of what ran out: a member asks an admin, an
// admin the operator, or changes their own limit.
func (v *Visit) askPath(b screen.Balance) string {
	switch {
	case !b.RanOut || v.Who.Member == "" || !v.Who.Can(account.AskCredits):
		return ""
	case !v.Who.Can(account.AskAddOns):
		return "/ask?" + url.Values{"credit": {b.Type}}.Encode()
	case b.Whose == "yours":
		return "/team"
	}
	return AddOnLink(b.Type)
}

// AddOnLink leads to the form that asks the operator for more of a credit type.
func AddOnLink(credit string) string {
	return "/plan?" + url.Values{"credit": {credit}}.Encode() + "#ask"
}

// RequestLook is how the status of a request is shown.
func RequestLook(status string) string {
	switch status {
	case "granted":
		return "good"
	case "declined":
		return "stop"
	}
	return "none"
}
