package frame

import (
	"strconv"

	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/words"
)

// FactsOf writes how somebody can sign in, in a few lines.
func FactsOf(s signin.Standing) SignInFacts {
	f := SignInFacts{Password: "not set", Second: "off", Passkeys: "none", Sessions: words.Plural(len(s.Sessions), "place", "places")}
	if s.Password {
		f.Password = "set"
	}
	if s.App {
		f.Second = "authenticator app, " + words.Plural(s.Recovery, "recovery code", "recovery codes") + " left"
	}
	if len(s.Passkeys) > 0 {
		f.Passkeys = strconv.Itoa(len(s.Passkeys))
	}
	return f
}
