package frame

import (
	"net/url"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
)

// Ask is the button that asks the admins for credits that were missing.
type Ask struct {
	Type   string
	Amount unit.Amount
	Key    string // idempotency key
	Back   string // the page to return to; may be empty
}

// MayAsk is the button for what is missing, for a member who has somebody to ask; nil: there is
// nobody, or nothing is missing.
func (v *Visit) MayAsk(credit string, missing unit.Amount) *Ask {
	if missing <= 0 || v.Who.Member == "" || v.Who.Role == account.Admin || !v.Who.Can(account.AskCredits) {
		return nil
	}
	a := &Ask{Type: credit, Amount: missing, Key: NewKey()}
	if from, err := url.Parse(v.Header.Get("HX-Current-URL")); err == nil {
		a.Back = from.RequestURI()
	}
	return a
}

// AskLink leads to the form that asks, filled in.
func AskLink(credit string, missing unit.Amount) string {
	return "/ask?" + url.Values{"credit": {credit}, "amount": {missing.String()}}.Encode()
}
