package web

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/signin"
)

// issuers are the buttons of those who vouch for people.
func (v *visit) issuers(next string) (list []IssuerLink) {
	for _, i := range v.app.Gate.Issuers {
		to := "/sign-in/with/" + i.ID
		if next != "" {
			to += "?next=" + url.QueryEscape(next)
		}
		list = append(list, IssuerLink{i.Name, to})
	}
	return list
}

// beginSSO sends the browser to an issuer.
func (a *App) beginSSO(v *visit) error {
	if !a.attempts.Allow(v.Request, "") {
		return v.to("/sign-in", "danger", "Too many tries. Wait a minute and try again.")
	}
	to, began, err := a.Gate.BeginSSO(v.PathValue("issuer"))
	if fault.Is(err, fault.Overloaded) {
		return v.to("/sign-in", "danger", errorText(err))
	}
	if err != nil {
		return err
	}
	a.sessions.Put(v.Context(), keptSSO, began)
	v.brief()
	a.sessions.Put(v.Context(), keptNext, local(v.URL.Query().Get("next")))
	return v.to(to, "", "")
}

// backFromSSO is where an issuer sends the browser back to. What it was asked counts
// once.
func (a *App) backFromSSO(v *visit) error {
	began, _ := a.sessions.Pop(v.Context(), keptSSO).(signin.Began)
	e, err := a.Gate.BySSO(v.Context(), v.PathValue("issuer"), began, v.URL.Query())
	if fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.NotAllowed) || fault.Is(err, fault.Overloaded) {
		return v.to("/sign-in", "danger", errorText(err))
	}
	return v.arrive(e, err, a.sessions.GetString(v.Context(), keptNext))
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
	body, err := io.ReadAll(http.MaxBytesReader(v.w, v.Body, maxPasskey))
	if err == nil {
		err = json.Unmarshal(body, &said)
	}
	if err != nil {
		err = fault.New(fault.Invalid, "The browser's answer did not arrive whole. Try again.")
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
	v.w.Header().Set("Content-Type", "application/json")
	v.w.WriteHeader(status)
	_, _ = v.w.Write(text)
	return nil
}

// site is what passkeys are made for, at the address that the browser calls.
func (v *visit) site() (signin.Site, error) {
	site, why := v.app.Gate.Site(v.Host)
	if why != "" {
		return site, fault.New(fault.NotAllowed, "%s", why)
	}
	return site, nil
}

// askPasskey gives a browser something to sign.
func (a *App) askPasskey(v *visit) error {
	if !a.attempts.Allow(v.Request, "") {
		return v.answer(nil, fault.New(fault.RateLimited, "Too many tries. Wait a minute and try again."))
	}
	site, err := v.site()
	if err != nil {
		return v.answer(nil, err)
	}
	options, asked, err := a.Gate.AskPasskey(site)
	if err == nil {
		a.sessions.Put(v.Context(), keptPasskey, asked)
		v.brief()
	}
	return v.answer(options, err)
}

// signInByPasskey takes what it signed. Which step an entry was at does not matter: a
// passkey is both factors, and says itself whose it is.
func (a *App) signInByPasskey(v *visit) error {
	said, err := v.passkeySaid()
	if err != nil {
		return v.answer(nil, err)
	}
	site, err := v.site()
	if err != nil {
		return v.answer(nil, err)
	}
	e, err := a.Gate.ByPasskey(v.Context(), site, a.sessions.PopBytes(v.Context(), keptPasskey), said.Credential)
	if err != nil {
		return v.answer(nil, err)
	}
	if err := a.sessions.RenewToken(v.Context()); err != nil {
		return err
	}
	a.sessions.Put(v.Context(), keptEntry, e)
	if next := local(said.Next); next != "" {
		a.sessions.Put(v.Context(), keptNext, next)
	}
	to, err := v.onward()
	return v.answer(map[string]string{"to": to}, err)
}

// offerPasskey gives a browser what to make a passkey of.
func (a *App) offerPasskey(v *visit) error {
	if err := v.mayChange(); err != nil {
		return v.answer(nil, err)
	}
	site, err := v.site()
	if err != nil {
		return v.answer(nil, err)
	}
	options, asked, err := a.Gate.OfferPasskey(v.Context(), site, v.who)
	if err == nil {
		a.sessions.Put(v.Context(), keptPasskey, asked)
	}
	return v.answer(options, err)
}

func (a *App) addPasskey(v *visit) error {
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
	err = a.Gate.AddPasskey(v.Context(), site, v.who, a.sessions.PopBytes(v.Context(), keptPasskey), said.Credential, said.Name)
	if err == nil {
		a.sessions.Put(v.Context(), "notice", "success\nThe passkey is added. Try it at the next sign-in.")
	}
	return v.answer(map[string]string{"to": security}, err)
}

func (a *App) renamePasskey(v *visit) error {
	err := a.Gate.RenamePasskey(v.Context(), v.who, v.PathValue("passkey"), v.PostFormValue("name"))
	if fault.Is(err, fault.Invalid) {
		return v.to(security, "danger", "Not renamed: "+errorText(err)+".")
	}
	if err != nil {
		return err
	}
	return v.to(security, "success", "Renamed.")
}

func (a *App) removePasskey(v *visit) error {
	if err := v.mayChange(); err != nil {
		return v.to(security, "danger", errorText(err))
	}
	err := a.Gate.RemovePasskey(v.Context(), v.who, v.PathValue("passkey"))
	if err != nil && !fault.Is(err, fault.NotFound) { // removed already is removed
		return err
	}
	return v.to(security, "success", "Removed. It signs in no more.")
}

func (a *App) endIdentity(v *visit) error {
	if err := v.mayChange(); err != nil {
		return v.to(security, "danger", errorText(err))
	}
	err := a.Gate.Unbind(v.Context(), v.who, v.PostFormValue("issuer"))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return v.to(security, "success", "Disconnected.")
}
