package gate

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// What a browser's session keeps on the way in, from the first proof on. What comes before
// is in a sealed cookie, see frame.Before.
const (
	keptEntry   = "entry"   // what was proved so far
	keptNext    = "next"    // where to go afterwards
	keptPasskey = "passkey" // what a passkey to be added is asked
	keptApp     = "app"     // the secret of an app to be set up, sealed
)

// arrive takes a first proof, under a new token: one that was known before is worth
// nothing after it.
func (v *visit) arrive(e signin.Entry, err error, next string) error {
	if err != nil {
		return err
	}
	if err := v.proved(e, next); err != nil {
		return err
	}
	return v.going(v.onward())
}

// proved keeps a first proof in the browser's session.
func (v *visit) proved(e signin.Entry, next string) error {
	if err := v.App.Sessions.RenewToken(v.Context()); err != nil {
		return err
	}
	v.App.Sessions.Put(v.Context(), keptEntry, e)
	v.App.Sessions.Put(v.Context(), keptNext, frame.AfterSignIn(next))
	if !v.App.Sessions.Exists(v.Context(), "who") {
		v.App.Sessions.SetDeadline(v.Context(), time.Now().Add(frame.Passing))
	}
	return nil
}

// onward is the page of the next step; the last one begins the session.
func (v *visit) onward() (to string, err error) {
	e, ok := v.entry()
	if !ok {
		return v.refused("That took too long. Start again."), nil
	}
	step, err := v.App.SignIn.Next(v.Context(), e)
	if fault.Is(err, fault.NotAllowed) || fault.Is(err, fault.Unauthenticated) {
		return v.refused(frame.ErrorText(err)), nil
	}
	if err != nil {
		return "", err
	}
	switch step {
	case signin.Choose:
		return "/sign-in/choose", nil
	case signin.Second:
		return "/sign-in/second", nil
	case signin.SetUp:
		return "/sign-in/set-up", nil
	}
	return v.enter(e, e.How)
}

// refused goes back to the start with a sentence.
func (v *visit) refused(text string) string {
	v.App.Sessions.Remove(v.Context(), keptEntry)
	v.Say("danger", text)
	return "/sign-in"
}

// entry is what the browser proved so far; false: nothing, or too long ago.
func (v *visit) entry() (signin.Entry, bool) {
	e, ok := v.App.Sessions.Get(v.Context(), keptEntry).(signin.Entry)
	return e, ok && !v.App.SignIn.Over(e)
}

// at is the entry at a step; another step's page leads to where it stands.
func (v *visit) at(step signin.Step) (e signin.Entry, to string, err error) {
	e, ok := v.entry()
	if !ok {
		return e, v.refused("That took too long. Start again."), nil
	}
	now, err := v.App.SignIn.Next(v.Context(), e)
	if err == nil && now == step {
		return e, "", nil
	}
	if err == nil && now == signin.In && v.Method == http.MethodGet { // looking at a page signs nobody in
		return e, v.refused("What this workspace asks for was changed. Start again."), nil
	}
	to, err = v.onward()
	return e, to, err
}

// enter begins a session and says where it continues.
func (v *visit) enter(e signin.Entry, how string) (to string, err error) {
	if err := v.leave(); err != nil {
		return "", err
	}
	who, err := v.App.SignIn.Begin(v.Context(), e, how, browserWords(v.UserAgent()), v.from())
	if fault.Is(err, fault.Unauthenticated) {
		return v.refused(frame.ErrorText(err)), nil
	}
	if err != nil {
		return "", err
	}
	if err := v.App.Sessions.RenewToken(v.Context()); err != nil {
		return "", err
	}
	to = v.App.Sessions.PopString(v.Context(), keptNext)
	for _, key := range []string{keptEntry, keptPasskey, keptApp, "watched", "watched until"} {
		v.App.Sessions.Remove(v.Context(), key)
	}
	v.App.Sessions.Put(v.Context(), "who", who)
	v.Keep(func(b *frame.Before) { *b = frame.Before{} })
	address, err := v.App.Accounts.Address(v.Context(), who)
	if err != nil {
		return "", err
	}
	if address != "" && e.Owner {
		v.Remember(frame.AccountName(address))
	}
	if to = frame.AfterSignIn(to); to == "" {
		to = "/"
	}
	return to, nil
}

// leave ends the sign-in that this browser's session stands on, if there is one.
func (v *visit) leave() error {
	who, ok := v.App.Sessions.Get(v.Context(), "who").(account.Principal)
	if !ok {
		return nil
	}
	err := v.App.Accounts.EndSession(v.Context(), who, who.SignIn)
	if fault.Is(err, fault.NotFound) { // ended already is ended
		return nil
	}
	return err
}

// from is about where the browser is: a network, not an address. Behind a trusted proxy
// that is what the proxy says.
func (v *visit) from() string {
	host := v.RemoteAddr
	if at, err := netip.ParseAddrPort(host); err == nil {
		host = at.Addr().String()
	}
	address, err := netip.ParseAddr(host)
	if err != nil {
		return ""
	}
	address = address.Unmap()
	switch {
	case address.IsLoopback():
		return "this machine"
	case address.Is4():
		b := address.As4()
		b[3] = 0
		return strings.TrimSuffix(netip.AddrFrom4(b).String(), "0") + "x"
	}
	p, err := address.Prefix(48)
	if err != nil {
		return ""
	}
	return p.String()
}

func (v *visit) choosePage() error {
	e, to, err := v.at(signin.Choose)
	if err != nil || to != "" {
		return v.going(to, err)
	}
	choices, left, err := v.App.SignIn.Choices(v.Context(), e)
	if err != nil {
		return err
	}
	if left > 0 {
		v.Page.Notices = append(v.Page.Notices, frame.Notice{Kind: "warning",
			Text: "Not all of your workspaces can be reached at the moment. Choose another one, or try again in a few minutes."})
	}
	p := ChoosePage{Key: frame.NewKey()}
	for _, c := range choices {
		p.Memberships = append(p.Memberships, MembershipChoice{c.Membership.Workspace + "/" + c.Membership.Member, c.Name, c.Role})
	}
	v.Page.Title = "Which workspace?"
	p.Page = v.Page
	return v.Show(http.StatusOK, ChooseDoor(p))
}

// going follows a step's answer.
func (v *visit) going(to string, err error) error {
	if err != nil {
		return err
	}
	return v.To(to, "", "")
}

// choose takes one of the memberships that were opened, and no other.
func (v *visit) choose() error {
	e, to, err := v.at(signin.Choose)
	if err != nil || to != "" {
		return v.going(to, err)
	}
	ws, member, _ := strings.Cut(v.PostFormValue("membership"), "/")
	for _, d := range e.Memberships {
		if d == (signin.Membership{Workspace: ws, Member: member}) {
			e.Memberships = []signin.Membership{d}
			v.App.Sessions.Put(v.Context(), keptEntry, e)
			return v.going(v.onward())
		}
	}
	return v.To("/sign-in/choose", "", "")
}

func (v *visit) secondPage() error { return v.showSecond(http.StatusOK, "") }

func (v *visit) showSecond(status int, problem string) error {
	e, to, err := v.at(signin.Second)
	if err != nil || to != "" {
		return v.going(to, err)
	}
	standing, err := v.App.SignIn.Standing(v.Context(), e.Principal())
	if err != nil {
		return err
	}
	_, why := v.App.SignIn.Site(v.Host)
	p := SecondPage{Key: frame.NewKey(), App: standing.App, Passkeys: why == "" && len(standing.Passkeys) > 0, Error: problem}
	v.Page.Title, v.Page.Passkeys = "One more step", p.Passkeys
	p.Page = v.Page
	return v.Show(status, SecondStep(p))
}

func (v *visit) second() error {
	e, to, err := v.at(signin.Second)
	if err != nil || to != "" {
		return v.going(to, err)
	}
	who := e.Principal()
	if !v.App.Attempts.Address(v.RemoteAddr) {
		return v.showSecond(http.StatusTooManyRequests, "Too many tries. Wait a minute and try again.")
	}
	how, err := v.App.SignIn.CheckSecond(v.Context(), who, v.PostFormValue("code"))
	switch {
	case fault.Is(err, fault.Unauthenticated):
		return v.showSecond(http.StatusUnauthorized, frame.ErrorText(err))
	case fault.Is(err, fault.RateLimited):
		return v.showSecond(http.StatusTooManyRequests, frame.ErrorText(err))
	case fault.Is(err, fault.NotAllowed):
		return v.showSecond(http.StatusServiceUnavailable, frame.ErrorText(err))
	case err != nil:
		return err
	}
	return v.going(v.enter(e, e.How+" and "+how))
}

func (v *visit) setUpPage() error { return v.showSetUp(http.StatusOK, "") }

func (v *visit) showSetUp(status int, problem string) error {
	e, to, err := v.at(signin.SetUp)
	if err != nil || to != "" {
		return v.going(to, err)
	}
	p, err := v.offerApp(e.Principal(), problem)
	if err != nil {
		return err
	}
	v.Page.Title = "Set up a second factor"
	p.Page, p.Action, p.Required = v.Page, "/sign-in/set-up", true
	return v.Show(status, SetUpStep(p))
}

// offerApp draws the secret of an app that is not set up yet.
func (v *visit) offerApp(who account.Principal, problem string) (SetUpPage, error) {
	p := SetUpPage{Key: frame.NewKey(), CodeError: problem}
	app, keep, err := v.App.SignIn.OfferApp(v.Context(), who, v.App.Sessions.GetString(v.Context(), keptApp))
	if fault.Is(err, fault.NotAllowed) || fault.Is(err, fault.Conflict) {
		p.Error = frame.ErrorText(err)
		return p, nil
	}
	if err != nil {
		return p, err
	}
	v.App.Sessions.Put(v.Context(), keptApp, keep)
	p.Secret = app.Secret
	p.Picture, err = qrOf(app.URL)
	return p, err
}

// setUp takes the first code of the app, and lets its holder in.
func (v *visit) setUp() error {
	e, to, err := v.at(signin.SetUp)
	if err != nil || to != "" {
		return v.going(to, err)
	}
	who := e.Principal()
	codes, err := v.App.SignIn.ConfirmApp(v.Context(), who, v.App.Sessions.GetString(v.Context(), keptApp), v.PostFormValue("code"))
	switch {
	case fault.Is(err, fault.Unauthenticated), fault.Is(err, fault.RateLimited):
		return v.showSetUp(http.StatusUnprocessableEntity, frame.ErrorText(err))
	case fault.Is(err, fault.Conflict): // it was set up meanwhile, and is asked for now
		return v.going(v.onward())
	case err != nil:
		return err
	}
	to, err = v.enter(e, e.How+" and code")
	if err != nil {
		return err
	}
	return v.showRecovery(codes, to)
}

func (v *visit) showRecovery(codes []string, next string) error {
	v.Page.Title = "Your recovery codes"
	return v.Show(http.StatusOK, Recovery(RecoveryPage{Page: v.Page, Codes: codes, Next: next}))
}
