package command

import (
	"errors"
	"fmt"

	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/seal"
)

// mailPassword is the variable that holds the mail server's password, where the
// configuration names no other.
const mailPassword = "LEADMETER_MAIL_PASSWORD"

// sending is what leaves the server: mail and webhooks.
type sending struct {
	MailHost        string `name:"mail-host" help:"Mail server that sends mails; none: mails are not made." env:"LEADMETER_MAIL_HOST"`
	MailPort        int    `name:"mail-port" help:"Its port; default 587, with 465 TLS from the first byte." env:"LEADMETER_MAIL_PORT"`
	MailUser        string `name:"mail-user" help:"Who signs in there; the password is read from LEADMETER_MAIL_PASSWORD." env:"LEADMETER_MAIL_USER"`
	MailFrom        string `name:"mail-from" help:"Sender, such as \"leadmeter <no-reply@example.com>\"." env:"LEADMETER_MAIL_FROM"`
	MailTLS         string `name:"mail-tls" help:"required, opportunistic, or none for a mail server on this machine; default required." env:"LEADMETER_MAIL_TLS"`
	MailDir         string `name:"mail-dir" help:"Write mails into this directory, as .eml files, and send none." type:"path" env:"LEADMETER_MAIL_DIR"`
	WebhooksPrivate bool   `name:"webhooks-private" help:"Let webhooks call http:// and private addresses: for one's own machine and network." env:"LEADMETER_WEBHOOKS_PRIVATE"`

	mailPasswordEnv string
}

// SendingFile is the same in the configuration file.
type SendingFile struct {
	Mail struct {
		Host        string `yaml:"host"`
		Port        int    `yaml:"port"`
		User        string `yaml:"user"`
		PasswordEnv string `yaml:"password_env"`
		From        string `yaml:"from"`
		TLS         string `yaml:"tls"`
	} `yaml:"mail"`
	MailDir         string `yaml:"mail_dir"`
	WebhooksPrivate bool   `yaml:"webhooks_private"`
}

// lay puts the file under the flags.
func (r *sending) lay(f SendingFile, given func(flag string) bool) {
	for _, o := range []struct {
		flag       string
		into, from *string
	}{
		{"mail-host", &r.MailHost, &f.Mail.Host}, {"mail-user", &r.MailUser, &f.Mail.User}, {"mail-from", &r.MailFrom, &f.Mail.From},
		{"mail-tls", &r.MailTLS, &f.Mail.TLS}, {"mail-dir", &r.MailDir, &f.MailDir},
	} {
		if *o.from != "" && !given(o.flag) {
			*o.into = *o.from
		}
	}
	if f.Mail.Port != 0 && !given("mail-port") {
		r.MailPort = f.Mail.Port
	}
	if f.WebhooksPrivate && !given("webhooks-private") {
		r.WebhooksPrivate = true
	}
	r.mailPasswordEnv = f.Mail.PasswordEnv
}

// mail is the mail's configuration.
func (r *sending) mail(publicURL string, getenv func(string) string) (mail.Config, error) {
	name := r.mailPasswordEnv
	if name == "" {
		name = mailPassword
	}
	if (r.MailHost != "" || r.MailDir != "") && publicURL == "" {
		return mail.Config{}, errors.New("mail needs public_url: the links in mails begin with it")
	}
	if r.mailPasswordEnv != "" && getenv(name) == "" {
		return mail.Config{}, fmt.Errorf("mail: the environment variable %s is empty", name)
	}
	return mail.Config{Host: r.MailHost, Port: r.MailPort, User: r.MailUser, From: r.MailFrom, TLS: r.MailTLS, Dir: r.MailDir, Base: publicURL,
		Password: seal.Hide(getenv(name))}, nil
}
