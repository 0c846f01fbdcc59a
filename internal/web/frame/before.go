package frame

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/signin"
)

// Before is what is remembered of a browser in which nobody proved anything yet. It lives in
// a sealed cookie and in no table, so that a visitor who proved nothing writes nothing.
type Before struct {
	At      int64           `json:"t"` // microseconds since 1970
	Next    string          `json:"n,omitempty"`
	Asked   string          `json:"a,omitempty"` // the secret of the browser that asked for a link
	Passkey json.RawMessage `json:"p,omitempty"` // what a passkey is asked
	SSO     *signin.Began   `json:"s,omitempty"` // what an issuer was asked
	Notice  string          `json:"m,omitempty"` // kind and text
}

// familiar is what a browser keeps of the accounts that were signed in with it: for them it
// has tries and mailed links of its own. It lets nobody in.
type familiar struct {
	At       int64    `json:"t"`
	ID       string   `json:"i"`
	Accounts []string `json:"a"` // short hashes of addresses, the newest first
}

const (
	Passing      = time.Hour            // how long what nobody signed in with is kept
	familiarLife = 180 * 24 * time.Hour // how long a browser stays known
	maxFamiliar  = 10                   // accounts that a browser is known to
	maxCookie    = 3500                 // bytes of a sealed cookie; browsers keep 4096
)

// cookieName is the name of one beside the session's, with its prefix.
func (a *App) cookieName(suffix string) string { return a.Sessions.Cookie.Name + "-" + suffix }

// sealed reads a sealed cookie; false: there is none, it is too large, or it is not ours.
func (v *Visit) sealed(suffix string, into any) bool {
	name := v.App.cookieName(suffix)
	c, err := v.Cookie(name)
	if err != nil || len(c.Value) > maxCookie {
		return false
	}
	text, err := v.App.Cookies.Open("cookie "+name, c.Value)
	return err == nil && json.Unmarshal([]byte(text.Reveal()), into) == nil
}

// seal writes a sealed cookie, in the place of one written before by the same answer; with
// nothing it takes the cookie back. False: it is too large, and nothing is written.
func (v *Visit) seal(suffix string, value any, life time.Duration) bool {
	name := v.App.cookieName(suffix)
	c := &http.Cookie{Name: name, Path: "/", HttpOnly: true, Secure: v.App.Sessions.Cookie.Secure, SameSite: http.SameSiteLaxMode, MaxAge: -1}
	if value != nil {
		text, err := json.Marshal(value)
		if err != nil {
			return false
		}
		sealed, err := v.App.Cookies.Seal("cookie "+name, seal.Hide(string(text)))
		if err != nil || len(sealed) > maxCookie {
			return false
		}
		c.Value, c.MaxAge = sealed, int(life.Seconds())
	}
	h := v.W.Header()
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(line string) bool { return strings.HasPrefix(line, name+"=") })
	http.SetCookie(v.W, c)
	return true
}

// SealCursor seals where a list of the workspace continues, for an address. list says which, with
// what is asked of it.
func (v *Visit) SealCursor(list, cursor string) (string, error) {
	return v.App.Cookies.Seal(v.cursorName(list), seal.Hide(cursor))
}

// OpenCursor is a cursor that SealCursor sealed for this list; anything else is none.
func (v *Visit) OpenCursor(list, sealed string) string {
	text, err := v.App.Cookies.Open(v.cursorName(list), sealed)
	if err != nil {
		return ""
	}
	return text.Reveal()
}

func (v *Visit) cursorName(list string) string {
	return "cursor of " + v.Scope.Workspace.ID + " in " + list
}

// Before is what this browser brought, or what this request kept.
func (v *Visit) Before() *Before {
	if v.kept == nil {
		v.kept = &Before{}
		if now := v.App.Accounts.Clock().UnixMicro(); !v.sealed("before", v.kept) || now-v.kept.At > Passing.Microseconds() {
			v.kept = &Before{}
		}
	}
	return v.kept
}

// Keep changes what the browser brings the next time.
func (v *Visit) Keep(change func(b *Before)) {
	b := v.Before()
	change(b)
	b.At = 0
	if b.Next == "" && b.Asked == "" && b.Passkey == nil && b.SSO == nil && b.Notice == "" {
		if _, err := v.Cookie(v.App.cookieName("before")); err == nil || len(v.W.Header()["Set-Cookie"]) > 0 {
			v.seal("before", nil, 0)
		}
		return
	}
	b.At = v.App.Accounts.Clock().UnixMicro()
	if !v.seal("before", b, Passing) { // where to go afterwards is what can be long
		b.Next = ""
		v.seal("before", b, Passing)
	}
}

// Say keeps a sentence for the next page.
func (v *Visit) Say(kind, text string) { v.SayWith(v.Notice(kind, text)) }

// SayWith keeps a notice for the next page, with its undo or the link where to continue.
func (v *Visit) SayWith(n Notice) {
	if v.App.Sessions.Exists(v.Context(), "who") {
		v.App.Sessions.Put(v.Context(), "notice", strings.Join([]string{n.Kind, n.Text, n.Undo, n.Link, n.Call}, "\n"))
		return
	}
	v.Keep(func(b *Before) { b.Notice = n.Kind + "\n" + n.Text })
}

// Notices are what the last request had to say. A stream or a download, which a page may open at
// any time, shows none and leaves them to the next page.
func (v *Visit) Notices() []Notice {
	if v.download {
		return nil
	}
	said := v.App.Sessions.PopString(v.Context(), "notice")
	if said == "" && v.Before().Notice != "" {
		said = v.Before().Notice
		v.Keep(func(b *Before) { b.Notice = "" })
	}
	if said == "" {
		return nil
	}
	part := append(strings.Split(said, "\n"), "", "", "", "")
	return []Notice{{Kind: part[0], Text: part[1], Undo: part[2], Link: part[3], Call: part[4], Back: v.URL.RequestURI()}}
}

// Notice is a sentence about what was done, with the way to undo it where there is one.
func (v *Visit) Notice(kind, text string) Notice {
	n := Notice{Kind: kind, Text: text}
	if v.Scope != nil && kind == "success" {
		n.Undo = v.Scope.Undo
	}
	if from, err := url.Parse(v.Header.Get("HX-Current-URL")); err == nil {
		n.Back = from.RequestURI()
	}
	return n
}

// NewBrowser is the secret of this browser, for links that it asks for.
func (v *Visit) NewBrowser() string {
	if v.Before().Asked == "" {
		v.Keep(func(b *Before) { b.Asked = ident.Secret() })
	}
	return v.Before().Asked
}

// AccountName is what tries are counted by: the address that a text is normalized to, as
// signing in does, so that no way of writing it has tries of its own.
func AccountName(text string) string {
	name, err := lead.Email(text)
	if err != nil { // nobody's, and still one who guesses
		name = strings.ToLower(strings.TrimSpace(text))
	}
	return string(ident.Hash("account " + name))
}

// shortHash names an account in a cookie.
func shortHash(account string) string { return ident.Short(ident.Hash("familiar " + account)) }

// FamiliarTo is the id of this browser, if an account was signed in with it before.
func (v *Visit) FamiliarTo(account string) string {
	var f familiar
	if !v.sealed("known", &f) || v.App.Accounts.Clock().UnixMicro()-f.At > familiarLife.Microseconds() || !slices.Contains(f.Accounts, shortHash(account)) {
		return ""
	}
	return f.ID
}

// Remember makes this browser known to an account that was signed in with it.
func (v *Visit) Remember(account string) {
	var f familiar
	if !v.sealed("known", &f) || f.ID == "" {
		f = familiar{ID: ident.Secret()}
	}
	short := shortHash(account)
	f.Accounts = append([]string{short}, slices.DeleteFunc(f.Accounts, func(a string) bool { return a == short })...)
	f.Accounts = f.Accounts[:min(len(f.Accounts), maxFamiliar)]
	f.At = v.App.Accounts.Clock().UnixMicro()
	v.seal("known", f, familiarLife)
}

// MayTry takes a try for an account, as somebody typed it.
func (v *Visit) MayTry(text string) bool {
	account := AccountName(text)
	return v.App.Attempts.Account(v.RemoteAddr, account, v.FamiliarTo(account))
}
