package frame

import (
	"crypto/sha256"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// NewKey is an idempotency key for a form.
func NewKey() string { return ident.New("form") }

// NewID is a new id with a prefix.
func NewID(prefix string) string { return ident.New(prefix) }

// formPrint says whether two forms with one key are the same form.
func (v *Visit) formPrint() []byte {
	h := sha256.New()
	h.Write([]byte(v.URL.Path + "\x00" + v.Who.Member + "\x00"))
	h.Write([]byte(v.PostForm.Encode()))
	return h.Sum(nil)[:16]
}

// Once is the form's idempotency key: a second click is the first request again.
func (v *Visit) Once() (key string, print []byte) {
	if key = v.PostFormValue("idempotency_key"); len(key) > 100 {
		key = key[:100]
	}
	return key, v.formPrint()
}

// MakeOnce makes something in one transaction with the form's receipt: a second
// press makes nothing and is given the id of what the first one made.
func (v *Visit) MakeOnce(workspace string, make func(tx *store.Tx) (id string, err error)) (replayed string, err error) {
	key, print := v.Once()
	first, again, err := v.App.Store.Once(v.Context(), workspace, key, print, v.App.Accounts.Clock().UnixMicro(), func(tx *store.Tx) ([]byte, error) {
		id, err := make(tx)
		return []byte(id), err
	})
	if err != nil || !again {
		return "", err
	}
	return string(first), nil
}

// LedgerRequest is what a ledger command of this form says of itself.
func (v *Visit) LedgerRequest(s *account.Scope) credits.Request {
	key, print := v.Once()
	return credits.Request{Workspace: s.Workspace.ID, At: s.Now, Channel: "page", Key: key, Fingerprint: print}
}

// read reads the form, once it is known who sends it, and refuses text that cannot be
// kept. A form with a file is read by its page.
func read(h func(v *Visit) error) func(v *Visit) error {
	return func(v *Visit) error {
		if !clean(v.URL.Path) {
			return fault.New(fault.NotFound, "There is no such page.")
		}
		v.Body = v.arriving()
		if !strings.HasPrefix(v.Header.Get("Content-Type"), "multipart/") {
			if err := v.ParseForm(); err != nil {
				return edge.Unread(err)
			}
		}
		if err := CleanForm(v.Form); err != nil {
			return err
		}
		return h(v)
	}
}

// CleanForm refuses text that a database cannot keep.
func CleanForm(form url.Values) error {
	for name, values := range form {
		for _, text := range append(values, name) {
			if !clean(text) {
				return fault.New(fault.Invalid, "The form has characters that cannot be kept: broken UTF-8, or a NUL. Nothing was changed.")
			}
		}
	}
	return nil
}

func clean(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }
