package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	netmail "net/mail"
	"os"
	"path/filepath"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
)

// compose makes the message of a written mail.
func (p *Post) compose(w written, e store.Effect) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&p.from)
	msg.ToMailAddress(&netmail.Address{Name: w.Name, Address: w.To})
	msg.Subject(w.Subject)
	msg.SetMessageIDWithValue(p.messageID(e))
	msg.SetDateWithValue(p.clock())
	msg.SetGenHeader("Auto-Submitted", "auto-generated")
	msg.SetBodyString(gomail.TypeTextPlain, w.Text)
	msg.AddAlternativeString(gomail.TypeTextHTML, w.HTML)
	for _, f := range w.Files {
		if err := msg.AttachReader(f.Name, bytes.NewReader(f.Body), gomail.WithFileContentType(gomail.ContentType(f.Type))); err != nil {
			return nil, err
		}
	}
	return msg, nil
}

// keep writes a mail to the directory; the same mail again is the same file.
func (p *Post) keep(msg *gomail.Msg, id string) error {
	failed := &outbox.SendError{Text: "the mail could not be written to the directory"}
	if err := os.MkdirAll(p.config.Dir, 0o700); err != nil {
		return failed
	}
	var text bytes.Buffer
	if _, err := msg.WriteTo(&text); err != nil {
		return failed
	}
	file := filepath.Join(p.config.Dir, id+".eml")
	if err := os.WriteFile(file+".part", text.Bytes(), 0o600); err != nil {
		return failed
	}
	if err := os.Rename(file+".part", file); err != nil {
		return failed
	}
	return nil
}

// deliver hands a mail to the mail server.
func (p *Post) deliver(ctx context.Context, msg *gomail.Msg) (int, error) {
	options := []gomail.Option{
		gomail.WithPort(p.config.Port), gomail.WithTimeout(20 * time.Second),
		gomail.WithTLSConfig(&tls.Config{ServerName: p.config.Host, MinVersion: tls.VersionTLS12, RootCAs: p.config.RootCAs}),
	}
	switch {
	case p.config.TLS == TLSNone:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case p.config.Port == 465:
		options = append(options, gomail.WithSSL())
	case p.config.TLS == TLSOpportunistic:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if p.config.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(p.config.User), gomail.WithPassword(p.config.Password.Reveal()))
	}
	client, err := gomail.NewClient(p.config.Host, options...)
	if err != nil {
		return 0, &outbox.SendError{Text: "the mail server's settings are not usable"}
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return 0, sendError(err)
	}
	return 250, nil
}

// sendError puts an error of the mail server's into our own words: its text may name
// the recipient.
func sendError(err error) error {
	var refused *gomail.SendError
	if errors.As(err, &refused) {
		code := refused.ErrorCode()
		t := &outbox.SendError{Text: "the mail server did not take the mail", Code: code}
		if code >= 500 && !refused.IsTemp() {
			t.Text, t.Never = "the mail server refused the mail for good", true
		}
		return t
	}
	var certificate *tls.CertificateVerificationError
	var network net.Error
	var name *net.DNSError
	switch {
	case errors.As(err, &certificate):
		return &outbox.SendError{Text: "the mail server's certificate does not verify"}
	case errors.As(err, &name):
		return &outbox.SendError{Text: "the mail server's name is not known"}
	case errors.As(err, &network) && network.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return &outbox.SendError{Text: "the mail server did not answer in time"}
	case errors.As(err, &network):
		return &outbox.SendError{Text: "the mail server could not be reached"}
	}
	return &outbox.SendError{Text: "the mail server could not be used: it lacks the encryption or the sign-in that is asked for, or refused them"}
}
