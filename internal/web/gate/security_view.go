package gate

import (
	"strings"

	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// SecurityPage is how somebody signs in, and where they are signed in.
type SecurityPage struct {
	Page       frame.Page
	Stale      bool // signed in too long ago to change anything
	Password   PasswordForm
	App        AppPanel
	Passkeys   PasskeyPanel
	Identities []IdentityLine
	Sessions   []SessionLine
	OthersKey  string      // idempotency key; empty where there are no others
	Policy     *PolicyForm // nil for who may not change it
}

// PasswordForm sets the password. Current asks for the old one first.
type PasswordForm struct {
	Key          string
	From         string // the page that the form was on, where it was another one
	Email        string // whose password it is, for password managers
	AskEmail     bool   // the operator has no address yet, or chooses one
	EmailError   string
	Current      bool
	CurrentError string
	NewError     string
	MinLength    int
	Stale        bool // there is none, and somebody who finds the browser open shall not set one
}

// AppPanel is the authenticator app.
type AppPanel struct {
	On       bool
	Off      string // why there can be none; empty: there can
	Recovery string // how many recovery codes are left
	Low      bool   // few are
	Key      string // idempotency key of the form that turns it off or makes new codes
	Error    string
}

// PasskeyPanel is the passkeys.
type PasskeyPanel struct {
	Why  string // why there can be none; empty: there can
	List []PasskeyLine
}

// PasskeyLine is one of them.
type PasskeyLine struct {
	ID, Name, Made, Used string
	Key, RemoveKey       string // idempotency keys
}

// IdentityLine is an issuer that vouches for somebody.
type IdentityLine struct{ Issuer, Name, Since, Key string }

// SessionLine is one place where somebody is signed in.
type SessionLine struct {
	ID, Browser, Where, How, When, Seen string
	This                                bool
	Key                                 string // idempotency key; empty hides the button
}

// PolicyForm is what the workspace asks of everybody.
type PolicyForm struct {
	Key             string
	SecondFactor    bool
	SSOOnly         bool
	NoSecond, NoSSO string // why it cannot be asked for
	Issuers         string // "Okta or Google"; empty hides single sign-on
	Accepted        []AcceptedIssuer
	Error           string
}

// AcceptedIssuer is an issuer whose word may count as both factors.
type AcceptedIssuer struct {
	URL, Name string
	On        bool
}

// MemberSignInPage is how a member can get in, for their admins.
type MemberSignInPage struct {
	Page     frame.Page
	ID       string
	Name     string
	Facts    frame.SignInFacts
	SSO      string
	Sessions []SessionLine
	EndKey   string // idempotency keys; empty hides the buttons
	ResetKey string
}

// browserWords says which browser and system a user agent is, as a person would.
func browserWords(agent string) string {
	find := func(words [][2]string) string {
		for _, w := range words {
			if strings.Contains(agent, w[0]) {
				return w[1]
			}
		}
		return ""
	}
	browser := find([][2]string{{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"},
		{"Chrome/", "Chrome"}, {"Safari/", "Safari"}})
	system := find([][2]string{{"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Android", "Android"}, {"CrOS", "ChromeOS"}, {"Windows", "Windows"}, {"Mac OS X", "macOS"}, {"Linux", "Linux"}})
	switch {
	case browser == "":
		return "Another program"
	case system == "":
		return browser
	}
	return browser + " on " + system
}
