package operator

import (
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// MailPage is how mails leave the server.
type MailPage struct {
	Page        frame.Page
	State       mail.State
	Form        MailForm
	On          bool // mails are made
	Key         string
	To, ToError string // of the test mail, as it was typed and refused
}

// MailForm is the settings as they were typed. Errors are by field.
type MailForm struct {
	Host, Port, TLS, User, From, Base string
	Errors                            map[string]string
}

// encryptions are how a connection may be encrypted.
func encryptions(chosen string) []frame.Option {
	list := []frame.Option{{Value: mail.TLSRequired, Label: "TLS, always"}, {Value: mail.TLSOpportunistic, Label: "TLS where the server offers it"}, {Value: mail.TLSNone, Label: "None (mail server on this machine)"}}
	for n := range list {
		list[n].Selected = list[n].Value == chosen
	}
	return list
}

// encryption is how a connection is encrypted, in words.
func encryption(tls string) string {
	for _, o := range encryptions(tls) {
		if o.Selected {
			return o.Label
		}
	}
	return ""
}

// passwordHelp says what an empty password means.
func passwordHelp(s mail.State) string {
	switch {
	case !s.Sealing:
		return "Needs secret_key_file in the configuration, which seals it."
	case s.Password:
		return "Leave empty to keep the one there is."
	}
	return "Kept sealed, and never shown again."
}

// mailState is the state of the page in one word, and how it looks.
func mailState(v MailPage) (word, look string) {
	switch {
	case v.State.Broken != "":
		return "Needs its password", "warn"
	case v.On:
		return "On", "good"
	}
	return "Off", ""
}
