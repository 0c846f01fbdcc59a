package mail

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"net"
	netmail "net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"regexp"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
)

// compose makes the message of a written mail.
func (by *way) compose(w written, e store.Effect, at time.Time) (*gomail.Msg, error) {
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(&by.from)
	msg.ToMailAddress(&netmail.Address{Name: w.Name, Address: w.To})
	msg.Subject(w.Subject)
	msg.SetMessageIDWithValue(by.messageID(e))
	msg.SetDateWithValue(at)
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
func (by *way) keep(msg *gomail.Msg, id string) error {
	failed := &outbox.SendError{Text: "the mail could not be written to the directory"}
	if err := os.MkdirAll(by.Dir, 0o700); err != nil {
		return failed
	}
	var text bytes.Buffer
	if _, err := msg.WriteTo(&text); err != nil {
		return failed
	}
	file := filepath.Join(by.Dir, id+".eml")
	if err := os.WriteFile(file+".part", text.Bytes(), 0o600); err != nil {
		return failed
	}
	if err := os.Rename(file+".part", file); err != nil {
		return failed
	}
	return nil
}

// deliver hands a mail to the mail server.
func (by *way) deliver(ctx context.Context, msg *gomail.Msg) (int, error) {
	options := []gomail.Option{
		gomail.WithPort(by.Port), gomail.WithTimeout(20 * time.Second),
		gomail.WithTLSConfig(&tls.Config{ServerName: by.Host, MinVersion: tls.VersionTLS12, RootCAs: by.RootCAs}),
	}
	switch {
	case by.TLS == TLSNone:
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	case by.Port == 465:
		options = append(options, gomail.WithSSL())
	case by.TLS == TLSOpportunistic:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
	default:
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if by.User != "" {
		options = append(options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(by.User), gomail.WithPassword(by.Password.Reveal()))
	}
	client, err := gomail.NewClient(by.Host, options...)
	if err != nil {
		return 0, &outbox.SendError{Text: "the mail server's settings are not usable"}
	}
	if err := client.DialAndSendWithContext(ctx, msg); err != nil {
		return 0, sendError(err)
	}
	return 250, nil
}

// sendError puts an error of the mail server's into our own words: its text may name
// the recipient. The text itself goes along for Test alone.
func sendError(err error) error {
	return &answered{inOurWords(err), reply(err)}
}

// answered is a SendError with what the mail server said, if it said anything.
type answered struct {
	*outbox.SendError
	reply string
}

func (a *answered) Unwrap() error { return a.SendError }

func inOurWords(err error) *outbox.SendError {
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
	var answer *textproto.Error
	switch {
	case errors.As(err, &certificate):
		return &outbox.SendError{Text: "the mail server's certificate does not verify"}
	case errors.As(err, &name):
		return &outbox.SendError{Text: "the mail server's name is not known"}
	case errors.As(err, &network) && network.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return &outbox.SendError{Text: "the mail server did not answer in time"}
	case errors.As(err, &network):
		return &outbox.SendError{Text: "the mail server could not be reached"}
	case errors.As(err, &answer) && signInCodes[answer.Code]:
		return &outbox.SendError{Text: "the mail server did not accept the user or password", Code: answer.Code}
	}
	return &outbox.SendError{Text: "the mail server could not be used: it lacks the encryption or the sign-in that is asked for, or refused them"}
}

// signInCodes are what mail servers answer to a sign-in that they refuse (RFC 4954).
var signInCodes = map[int]bool{530: true, 534: true, 535: true, 538: true}

// said finds a mail server's answer in an error's text: go-mail keeps it nowhere else.
var said = regexp.MustCompile(`(?s)(?:^|[ \n])([45]\d\d[ -].*?)(?:, affected |$)`)

// mostReply is how many characters of a mail server's answer are shown.
const mostReply = 200

// reply is what the mail server said, in one line; empty: nothing.
func reply(err error) string {
	var refused *gomail.SendError
	var answer *textproto.Error
	if !errors.As(err, &refused) && !errors.As(err, &answer) {
		return ""
	}
	if m := said.FindStringSubmatch(err.Error()); m != nil {
		return oneLine(m[1], mostReply)
	}
	return ""
}
