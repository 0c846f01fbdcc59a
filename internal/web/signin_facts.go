package web

import (
	"strconv"

	"github.com/leadmeter/leadmeter/internal/signin"
)

// signInFacts is the page in a few lines.
func (v *visit) signInFacts() (SignInFacts, error) {
	s, err := v.app.Gate.Standing(v.Context(), v.who)
	return factsOf(s), err
}

func factsOf(s signin.Standing) SignInFacts {
	f := SignInFacts{Password: "not set", Second: "off", Passkeys: "none", Sessions: plural(len(s.Sessions), "place", "places")}
	if s.Password {
		f.Password = "set"
	}
	if s.App {
		f.Second = "authenticator app, " + plural(s.Recovery, "recovery code", "recovery codes") + " left"
	}
	if len(s.Passkeys) > 0 {
		f.Passkeys = strconv.Itoa(len(s.Passkeys))
	}
	return f
}
