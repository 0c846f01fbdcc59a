package frame

import (
	"errors"
	"net/url"
	"strconv"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// CreditClass names a credit type's look; types of a custom price book share one.
func CreditClass(name string) string {
	switch name {
	case "standard", "premium":
		return name
	}
	return "other"
}

// amountClass is creditClass, or the quiet look for nothing.
func amountClass(name string, a unit.Amount) string {
	if a == 0 {
		return "none"
	}
	return CreditClass(name)
}

// Itoa writes a number for an attribute.
func Itoa(n int) string { return strconv.Itoa(n) }

// Itoa64 writes a number for an attribute.
func Itoa64(n int64) string { return strconv.FormatInt(n, 10) }

// FaultText is what an error has to say to people.
func FaultText(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Message
	}
	return "The request could not be finished."
}

// RefusalText is a refusal of the ledger's in a sentence; false: the error is none.
func RefusalText(err error) (string, bool) {
	text, _, refused := account.Refused(err)
	return text, refused
}

// NameOr is the name of an id, or the id where none is known.
func NameOr(names map[string]string, id string) string {
	if names[id] != "" {
		return names[id]
	}
	return id
}

// ErrorText is what may be shown of a fault.
func ErrorText(err error) string {
	var f *fault.Error
	if errors.As(account.FromRefusal(err), &f) {
		return f.Message
	}
	return "It could not be done."
}

// BulkPath is the page of a bulk capture.
func BulkPath(id string) string { return "/bulk/" + url.PathEscape(id) }
