package web

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/signin"
)

// before is what is remembered of a browser in which nobody proved anything yet. It lives in
// a sealed cookie and in no table, so that a visitor who proved nothing writes nothing.
type before struct {
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
	passing      = time.Hour            // how long what nobody signed in with is kept
	familiarLife = 180 * 24 * time.Hour // how long a browser stays known
	maxFamiliar  = 10                   // accounts that a browser is known to
	maxCookie    = 3500                 // bytes of a sealed cookie; browsers keep 4096
)

// cookieName is the name of one beside the session's, with its prefix.
func (a *App) cookieName(suffix string) string { return a.sessions.Cookie.Name + "-" + suffix }

// sealed reads a sealed cookie; false: there is none, it is too large, or it is not ours.
func (v *visit) sealed(suffix string, into any) bool {
	name := v.app.cookieName(suffix)
	c, err := v.Cookie(name)
	if err != nil || len(c.Value) > maxCookie {
		return false
	}
	text, err := v.app.Cookies.Open("cookie "+name, c.Value)
	return err == nil && json.Unmarshal([]byte(text.Reveal()), into) == nil
}

// seal writes a sealed cookie, in the place of one written before by the same answer; with
// nothing it takes the cookie back. False: it is too large, and nothing is written.
func (v *visit) seal(suffix string, value any, life time.Duration) bool {
	name := v.app.cookieName(suffix)
	c := &http.Cookie{Name: name, Path: "/", HttpOnly: true, Secure: v.app.sessions.Cookie.Secure, SameSite: http.SameSiteLaxMode, MaxAge: -1}
	if value != nil {
		text, err := json.Marshal(value)
		if err != nil {
			return false
		}
		sealed, err := v.app.Cookies.Seal("cookie "+name, seal.Hide(string(text)))
		if err != nil || len(sealed) > maxCookie {
			return false
		}
		c.Value, c.MaxAge = sealed, int(life.Seconds())
	}
	h := v.w.Header()
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(line string) bool { return strings.HasPrefix(line, name+"=") })
	http.SetCookie(v.w, c)
	return true
}

// before is what this browser brought, or what this request kept.
func (v *visit) before() *before {
	if v.kept == nil {
		v.kept = &before{}
		if now := v.app.Accounts.Clock().UnixMicro(); !v.sealed("before", v.kept) || now-v.kept.At > passing.Microseconds() {
			v.kept = &before{}
		}
	}
	return v.kept
}

// keep changes what the browser brings the next time.
func (v *visit) keep(change func(b *before)) {
	b := v.before()
	change(b)
	b.At = 0
	if b.Next == "" && b.Asked == "" && b.Passkey == nil && b.SSO == nil && b.Notice == "" {
		if _, err := v.Cookie(v.app.cookieName("before")); err == nil || len(v.w.Header()["Set-Cookie"]) > 0 {
			v.seal("before", nil, 0)
		}
		return
	}
	b.At = v.app.Accounts.Clock().UnixMicro()
	if !v.seal("before", b, passing) { // where to go afterwards is what can be long
		b.Next = ""
		v.seal("before", b, passing)
	}
}

// say keeps a sentence for the next page.
func (v *visit) say(kind, text string) {
	if v.app.sessions.Exists(v.Context(), "who") {
		v.app.sessions.Put(v.Context(), "notice", kind+"\n"+text)
		return
	}
	v.keep(func(b *before) { b.Notice = kind + "\n" + text })
}

// notices are what the last request had to say.
func (v *visit) notices() []Notice {
	said := v.app.sessions.PopString(v.Context(), "notice")
	if said == "" && v.before().Notice != "" {
		said = v.before().Notice
		v.keep(func(b *before) { b.Notice = "" })
	}
	kind, text, ok := strings.Cut(said, "\n")
	if !ok {
		return nil
	}
	return []Notice{{Kind: kind, Text: text}}
}

// newBrowser is the secret of this browser, for links that it asks for.
func (v *visit) newBrowser() string {
	if v.before().Asked == "" {
		v.keep(func(b *before) { b.Asked = ident.Secret() })
	}
	return v.before().Asked
}

// accountName is what tries are counted by: the address that a text is normalized to, as
// signing in does, so that no way of writing it has tries of its own.
func accountName(text string) string {
	name, err := lead.Email(text)
	if err != nil { // nobody's, and still one who guesses
		name = strings.ToLower(strings.TrimSpace(text))
	}
	return string(ident.Hash("account " + name))
}

// shortHash names an account in a cookie.
func shortHash(account string) string { return ident.Short(ident.Hash("familiar " + account)) }

// familiarTo is the id of this browser, if an account was signed in with it before.
func (v *visit) familiarTo(account string) string {
	var f familiar
	if !v.sealed("known", &f) || v.app.Accounts.Clock().UnixMicro()-f.At > familiarLife.Microseconds() || !slices.Contains(f.Accounts, shortHash(account)) {
		return ""
	}
	return f.ID
}

// remember makes this browser known to an account that was signed in with it.
func (v *visit) remember(account string) {
	var f familiar
	if !v.sealed("known", &f) || f.ID == "" {
		f = familiar{ID: ident.Secret()}
	}
	short := shortHash(account)
	f.Accounts = append([]string{short}, slices.DeleteFunc(f.Accounts, func(a string) bool { return a == short })...)
	f.Accounts = f.Accounts[:min(len(f.Accounts), maxFamiliar)]
	f.At = v.app.Accounts.Clock().UnixMicro()
	v.seal("known", f, familiarLife)
}

// mayTry takes a try for an account, as somebody typed it.
func (v *visit) mayTry(text string) bool {
	account := accountName(text)
	return v.app.attempts.Account(v.RemoteAddr, account, v.familiarTo(account))
}
