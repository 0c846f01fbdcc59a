package frame

import (
	"crypto/sha256"
	"errors"
	"math"
	"net/http"
	"net/url"
	"strings"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
)

// NewKey is an idempotency key for a form.
func NewKey() string { return ident.New("form") }

// formPrint says whether two forms with one key are the same form.
func (v *Visit) formPrint() []byte {
	h := sha256.New()
	h.Write([]byte(v.URL.Path + "\x00" + v.Who.Member + "\x00"))
	h.Write([]byte(v.PostForm.Encode()))
	return h.Sum(nil)[:16]
}

// Once is the form's idempotency key: a second click is the first request again.
func (v *Visit) Once() account.Form {
	key := v.PostFormValue("idempotency_key")
	return account.Form{Key: key[:min(len(key), 100)], Print: v.formPrint()}
}

// read reads the form, once it is known who sends it, and refuses text that cannot be
// kept. A form with a file is read by its page.
func read(h func(v *Visit) error) func(v *Visit) error {
	return func(v *Visit) error {
		if !fault.Clean(v.URL.Path) {
			return fault.New(fault.NotFound, "There is no such page.")
		}
		v.dropBroken()
		v.Body = http.MaxBytesReader(v.W, v.arriving(), math.MaxInt64) // the route bounds it; net/http takes no more than 10 MB of anything else
		if !strings.HasPrefix(v.Header.Get("Content-Type"), "multipart/") {
			if err := v.ParseForm(); err != nil {
				return Unread(err)
			}
		}
		if err := CleanForm(v.Form); err != nil {
			return err
		}
		return h(v)
	}
}

// Unread is the refusal of a form that cannot be read. What went wrong on its way, the body says.
func Unread(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return fault.Wrap(fault.Invalid, err, "Your form cannot be read: it is malformed, or has too many values. Nothing was changed.")
}

// dropBroken leaves out of an address what cannot be read of it, as what it does not know.
func (v *Visit) dropBroken() {
	given, err := url.ParseQuery(v.URL.RawQuery)
	if err == nil && CleanForm(given) == nil {
		return
	}
	for name, values := range given {
		if CleanForm(url.Values{name: values}) != nil {
			given.Del(name)
		}
	}
	v.URL.RawQuery = given.Encode()
}

// CleanForm refuses text that a database cannot keep.
func CleanForm(form url.Values) error {
	for name, values := range form {
		for _, text := range append(values, name) {
			if !fault.Clean(text) {
				return fault.New(fault.Invalid, "The form has characters that cannot be kept: broken UTF-8, or a NUL. Nothing was changed.")
			}
		}
	}
	return nil
}
