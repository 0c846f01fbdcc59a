package operator

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

const mailPath = "/operator/mail"

// mailPage is how mails leave the server.
func (v *visit) mailPage() error {
	v.Page.Notices = v.Notices()
	return v.showMail(http.StatusOK, nil)
}

// showMail draws the page with what one of its forms has to say.
func (v *visit) showMail(status int, change func(p *MailPage)) error {
	of, err := v.App.Mail.State(v.Context())
	if err != nil {
		return err
	}
	p := MailPage{Page: v.Page, State: of, Key: frame.NewKey(), On: v.App.Mail.On(), Form: mailForm(of)}
	if !p.On && of.AskBase {
		p.Form.Base = v.App.BaseURL(v.Request)
	}
	if change != nil {
		change(&p)
	}
	p.Page.Title, p.Page.Nav = "Mail", "mail"
	return v.Show(status, Mail(p))
}

// mailForm is the form as the settings fill it in.
func mailForm(of mail.State) MailForm {
	f := MailForm{Host: of.Host, TLS: of.TLS, User: of.User, From: of.From, Base: of.Base}
	if of.Port != 0 {
		f.Port = strconv.Itoa(of.Port)
	}
	return f
}

// saveMail keeps the settings; they count at once.
func (v *visit) saveMail() error {
	f := MailForm{Host: v.PostFormValue("host"), Port: strings.TrimSpace(v.PostFormValue("port")), TLS: v.PostFormValue("tls"), User: v.PostFormValue("user"), From: v.PostFormValue("from"), Base: v.PostFormValue("base")}
	s := mail.Settings{Host: f.Host, TLS: f.TLS, User: f.User, From: f.From, Base: f.Base}
	var err error
	if f.Port != "" {
		if s.Port, err = strconv.Atoi(f.Port); err != nil || s.Port < 1 {
			err = fault.Wrong("port", "must be from 1 to 65535")
		}
	}
	if err == nil {
		err = v.App.Mail.Save(v.Context(), s, seal.Hide(v.PostFormValue("password")))
	}
	if fields := fault.FieldsOf(err); len(fields) > 0 {
		f.Errors = map[string]string{}
		for _, wrong := range fields {
			f.Errors[wrong.Field] = words.Capital(wrong.Message) + "."
		}
		return v.showMail(http.StatusUnprocessableEntity, func(p *MailPage) { p.Form = f })
	}
	if err != nil {
		return v.mailRefused(err)
	}
	return v.To(mailPath, "success", "Saved. Mails are sent this way from now on. Send a test mail to be sure.")
}

// removeMail forgets the settings.
func (v *visit) removeMail() error {
	if err := v.App.Mail.Remove(v.Context()); err != nil {
		return v.mailRefused(err)
	}
	return v.To(mailPath, "success", "Removed. No more mails are made.")
}

func (v *visit) mailRefused(err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Conflict {
		return v.To(mailPath, "danger", f.Message)
	}
	return err
}

// tryMail sends a test mail from the page of the settings.
func (v *visit) tryMail() error {
	typed := v.PostFormValue("to")
	to, why := v.sendTest(typed)
	if why != "" && !v.App.Mail.On() {
		return v.To(mailPath, "danger", why)
	}
	if why != "" {
		return v.showMail(http.StatusUnprocessableEntity, func(p *MailPage) { p.To, p.ToError = typed, why })
	}
	return v.To(mailPath, "success", "The mail server took the mail to "+to+".")
}

// sendTest sends a mail at once. Why says what is wrong; empty: it was sent.
func (v *visit) sendTest(typed string) (to, why string) {
	to, err := lead.Email(typed)
	if err != nil {
		return "", "Must be an email address."
	}
	if !v.App.Mail.On() {
		return "", "The mail was not sent: this server has no mail server yet."
	}
	if err := v.App.Mail.Test(v.Context(), to); err != nil {
		return "", "The mail was not sent: " + err.Error() + "."
	}
	return to, ""
}
