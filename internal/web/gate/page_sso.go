package gate

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// issuerLinks are the buttons of those who vouch for people.
func issuerLinks(issuers []*signin.Issuer, next string) (list []IssuerLink) {
	for _, i := range issuers {
		to := "/sign-in/with/" + i.ID
		if next != "" {
			to += "?next=" + url.QueryEscape(next)
		}
		list = append(list, IssuerLink{i.Name, to})
	}
	return list
}

// beginSSO sends the browser to an issuer, for who pressed the button on a page of ours:
// another site's link leads to the page with the button.
func (v *visit) beginSSO() error {
	next := frame.AfterSignIn(v.URL.Query().Get("next"))
	if site := v.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return v.To("/sign-in?next="+url.QueryEscape(next), "", "")
	}
	if !v.App.Attempts.Address(v.RemoteAddr) {
		return v.To("/sign-in", "danger", "Too many tries. Wait a minute and try again.")
	}
	to, began, err := v.App.SignIn.BeginSSO(v.PathValue("issuer"))
	if fault.Is(err, fault.Overloaded) {
		return v.To("/sign-in", "danger", frame.ErrorText(err))
	}
	if err != nil {
		return err
	}
	v.Keep(func(b *frame.Before) { b.SSO, b.Next = &began, next })
	return v.ToIssuer(to)
}

// backFromSSO is where an issuer sends the browser back to. What it was asked is forgotten;
// that its code counts once is the issuer's to hold.
func (v *visit) backFromSSO() error {
	var began signin.Began
	if b := v.Before(); b.SSO != nil {
		began = *b.SSO
		v.Keep(func(b *frame.Before) { b.SSO = nil })
	}
	e, err := v.App.SignIn.BySSO(v.Context(), v.PathValue("issuer"), began, v.URL.Query())
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.NotAllowed) || fault.Is(err, fault.Overloaded) {
		return v.To("/sign-in", "danger", frame.ErrorText(err))
	}
	return v.arrive(e, err, v.Before().Next)
}

// maxPasskey bounds what a browser says of a passkey, in bytes.
const maxPasskey = 64 << 10

// passkeySaid is what a browser sends.
type passkeySaid struct {
	Credential json.RawMessage `json:"credential"`
	Name       string          `json:"name"`
	Next       string          `json:"next"`
}

func (v *visit) passkeySaid() (said passkeySaid, err error) {
	body, err := io.ReadAll(http.MaxBytesReader(v.W, v.Body, maxPasskey))
	var f *fault.Error
	if errors.As(err, &f) { // they may not send it any more
		return said, err
	}
	if err == nil {
		err = json.Unmarshal(body, &said)
	}
	if err != nil {
		err = fault.New(fault.Invalid, "The browser's answer was incomplete. Try again.")
	}
	return said, err
}

// answer writes JSON for the script, or what went wrong as it says it.
func (v *visit) answer(body any, err error) error {
	status := http.StatusOK
	var f *fault.Error
	switch {
	case errors.As(err, &f) && f.Kind != fault.Internal:
		status, body = f.Kind.Status(), map[string]string{"error": f.Message}
	case err != nil:
		return err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return err
	}
	v.W.Header().Set("Content-Type", "application/json")
	v.W.WriteHeader(status)
	_, _ = v.W.Write(text)
	return nil
}

// site is what passkeys are made for, at the address that the browser calls.
func (v *visit) site() (signin.Site, error) {
	site, why := v.App.SignIn.Site(v.Host)
	if why != "" {
		return site, fault.New(fault.NotAllowed, "%s", why)
	}
	return site, nil
}

// askPasskey gives a browser something to sign.
func (v *visit) askPasskey() error {
	if !v.App.Attempts.Address(v.RemoteAddr) {
		return v.answer(nil, fault.New(fault.RateLimited, "Too many tries. Wait a minute and try again."))
	}
	site, err := v.site()
	if err != nil {
		return v.answer(nil, err)
	}
	options, asked, err := v.App.SignIn.AskPasskey(site)
	if err == nil {
		v.Keep(func(b *frame.Before) { b.Passkey = asked })
	}
	return v.answer(options, err)
}

// signInByPasskey takes what it signed. Which step an entry was at does not matter: a
// passkey is both factors, and says itself whose it is.
func (v *visit) signInByPasskey() error {
	said, err := v.passkeySaid()
	if err != nil {
		return v.answer(nil, err)
	}
	site, err := v.site()
	if err != nil {
		return v.answer(nil, err)
	}
	asked := v.Before().Passkey
	v.Keep(func(b *frame.Before) { b.Passkey = nil })
	e, err := v.App.SignIn.ByPasskey(v.Context(), site, asked, said.Credential)
	if err != nil {
		return v.answer(nil, err)
	}
	next := frame.AfterSignIn(said.Next)
	if next == "" { // the step before, a password, kept one
		next = v.App.Sessions.GetString(v.Context(), keptNext)
	}
	if err := v.proved(e, next); err != nil {
		return err
	}
	to, err := v.onward()
	return v.answer(map[string]string{"to": to}, err)
}

// offerPasskey gives a browser what to make a passkey of.
func (v *visit) offerPasskey() error {
	if err := v.mayChange(); err != nil {
		return v.answer(nil, err)
	}
	site, err := v.site()
	if err != nil {
		return v.answer(nil, err)
	}
	options, asked, err := v.App.SignIn.OfferPasskey(v.Context(), site, v.Who)
	if err == nil {
		v.App.Sessions.Put(v.Context(), keptPasskey, asked)
	}
	return v.answer(options, err)
}

func (v *visit) addPasskey() error {
	if err := v.mayChange(); err != nil {
		return v.answer(nil, err)
	}
	said, err := v.passkeySaid()
	if err != nil {
		return v.answer(nil, err)
	}
	site, err := v.site()
	if err != nil {
		return v.answer(nil, err)
	}
	err = v.App.SignIn.AddPasskey(v.Context(), site, v.Who, v.App.Sessions.PopBytes(v.Context(), keptPasskey), said.Credential, said.Name)
	if err == nil {
		v.Say("success", "The passkey is added. Try it at the next sign-in.")
	}
	return v.answer(map[string]string{"to": v.whence(said.Next)}, err)
}

func (v *visit) renamePasskey() error {
	err := v.App.SignIn.RenamePasskey(v.Context(), v.Who, v.PathValue("passkey"), v.PostFormValue("name"))
	if fault.Is(err, fault.Invalid) {
		return v.To(security, "danger", "Not renamed: "+frame.ErrorText(err)+".")
	}
	if err != nil {
		return err
	}
	return v.To(security, "success", "Renamed.")
}

func (v *visit) removePasskey() error {
	if err := v.mayChange(); err != nil {
		return v.To(security, "danger", frame.ErrorText(err))
	}
	err := v.App.SignIn.RemovePasskey(v.Context(), v.Who, v.PathValue("passkey"))
	if err != nil && !fault.Is(err, fault.NotFound) { // removed already is removed
		return err
	}
	return v.To(security, "success", "Removed. It can no longer sign you in.")
}

func (v *visit) endIdentity() error {
	if err := v.mayChange(); err != nil {
		return v.To(security, "danger", frame.ErrorText(err))
	}
	err := v.App.SignIn.Unbind(v.Context(), v.Who, v.PostFormValue("issuer"))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return v.To(security, "success", "Disconnected.")
}
