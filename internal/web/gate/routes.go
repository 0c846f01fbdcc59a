// Package gate has the pages of signing in, and of how somebody signs in: passwords, links,
// passkeys, issuers, second factors and open sessions.
package gate

import (
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// visit is one request of a browser for one of these pages.
type visit struct{ *frame.Visit }

func page(h func(v *visit) error) frame.Handler {
	return func(v *frame.Visit) error { return h(&visit{v}) }
}

// Register adds the pages.
func Register(r *frame.Routes) {
	r.Open("GET /sign-in", page((*visit).signInPage))
	r.Open("POST /sign-in", page((*visit).signIn))
	r.Open("POST /sign-in/code/look", page((*visit).lookAtCode))
	r.Open("POST /sign-in/code", page((*visit).signInByCode))
	r.Unlimited("POST /sign-out", page((*visit).signOut)) // nobody guesses here
	r.Open("POST /sign-in/link", page((*visit).askLink))
	r.Open("GET /sign-in/link/sent", page((*visit).linkSentPage))
	r.Open("GET /sign-in/link", page((*visit).linkPage))
	r.Open("POST /sign-in/link/use", page((*visit).useLink))
	r.Open("POST /sign-in/link/code", page((*visit).useLinkCode))
	r.Open("GET /sign-in/choose", page((*visit).choosePage))
	r.Open("POST /sign-in/choose", page((*visit).choose))
	r.Open("GET /sign-in/second", page((*visit).secondPage))
	r.Open("POST /sign-in/second", page((*visit).second))
	r.Open("GET /sign-in/set-up", page((*visit).setUpPage))
	r.Open("POST /sign-in/set-up", page((*visit).setUp))
	r.Open("POST /sign-in/passkey/ask", page((*visit).askPasskey))
	r.Open("POST /sign-in/passkey", page((*visit).signInByPasskey))
	r.Open("GET /sign-in/with/{issuer}", page((*visit).beginSSO))
	r.Open("GET /sign-in/with/{issuer}/back", page((*visit).backFromSSO))
	r.Open("GET /join", page((*visit).joinPage))
	r.Open("POST /join", page((*visit).join))
	r.Person(account.SeeOwn, "GET /settings/sign-in", page((*visit).securityPage))
	r.Person(account.SignInOwn, "POST /settings/password", page((*visit).savePassword))
	r.Person(account.SignInOwn, "POST /settings/sessions/{session}/end", page((*visit).endSession))
	r.Person(account.SignInOwn, "POST /settings/sessions/end-others", page((*visit).endOtherSessions))
	r.Person(account.SeeOwn, "GET /settings/sign-in/app", page((*visit).appPage))
	r.Person(account.SignInOwn, "POST /settings/sign-in/app", page((*visit).confirmApp))
	r.Person(account.SignInOwn, "POST /settings/sign-in/app/off", page((*visit).turnOffApp))
	r.Person(account.SignInOwn, "POST /settings/sign-in/recovery", page((*visit).newRecovery))
	r.Person(account.SignInOwn, "POST /settings/passkeys/ask", page((*visit).offerPasskey))
	r.Person(account.SignInOwn, "POST /settings/passkeys", page((*visit).addPasskey))
	r.Person(account.SignInOwn, "POST /settings/passkeys/{passkey}", page((*visit).renamePasskey))
	r.Person(account.SignInOwn, "POST /settings/passkeys/{passkey}/remove", page((*visit).removePasskey))
	r.Person(account.SignInOwn, "POST /settings/identities/end", page((*visit).endIdentity))
	r.Member(account.ManageSetup, "POST /settings/sign-in/policy", page((*visit).saveSignInPolicy))
	r.Member(account.SeeSetup, "GET /team/{member}/sign-in", page((*visit).memberSignInPage))
	r.Member(account.ManageTeam, "POST /team/{member}/sessions/end", page((*visit).endMemberSessions))
	r.Member(account.ManageTeam, "POST /team/{member}/reset", page((*visit).resetMember))
}
