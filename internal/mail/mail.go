// Package mail writes mails and sends them by SMTP, or into a directory.
//
// A mail is written in the transaction that causes it and waits in the outbox:
//
//	err = post.Put(tx, workspace, mail.Message{To: m.Email, Name: m.Name, Template: "invitation", Data: data})
//
// Put fails, and with it the transaction, where the template lacks something, so no
// mail that cannot be written is ever queued. A new kind of mail is a pair of files
// in templates/ (see Message). Where the server has no mail, On is false and Put
// makes nothing: a page that would send one says so.
//
// A mail holds people's data: its payload is dropped once it was sent or given up,
// and neither logs nor errors hold an address.
package mail

import (
	"cmp"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strings"
	"sync/atomic"
	"time"
	"unicode"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Kind is the kind of effects that mails are.
const Kind = "mail"

// How a connection to the mail server is encrypted.
const (
	TLSRequired      = "required"      // by STARTTLS, or from the first byte on port 465
	TLSOpportunistic = "opportunistic" // where the server offers it
	TLSNone          = "none"          // for a mail server on the same machine alone
)

// Config is how mails leave the server. The zero value makes none.
type Config struct {
	Host, User, From, TLS string
	Port                  int // 0: 587, or 25 without TLS
	Password              seal.Secret
	// Dir takes each mail as an .eml file, and nothing is sent.
	Dir string
	// Base is how browsers reach the server: links in mails begin with it.
	Base string
	// RootCAs are whom to believe; nil is the system's.
	RootCAs *x509.CertPool
}

// Message is a mail to one person. Template is the name of a pair of files in
// templates/: NAME.txt defines "subject" and "text", NAME.html defines "html". Both
// read .Data, .Name, .Support and {{.Link "/path"}}; the frame adds the greeting.
type Message struct {
	To       string // the address alone
	Name     string
	Template string
	Data     any
	Files    []File
}

// File goes along with a mail.
type File struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Body []byte `json:"body"`
}

// Post is a server's way to send mails.
type Post struct {
	given Config // what the server was started with
	clock func() time.Time
	kept  keeping
	way   atomic.Pointer[way]
}

// way is a configuration that was checked, with what it leaves out. It must not be changed.
type way struct {
	Config
	from netmail.Address
	text string // of the setting that it was made from
	// broken is why nothing can be sent at the moment though there is a mail server; empty: it can.
	broken string
}

func (w *way) on() bool { return w.Host != "" || w.Dir != "" }

// New checks a configuration. An error says what to change.
func New(c Config, clock func() time.Time) (*Post, error) {
	p := &Post{given: c, clock: clock}
	w, err := check(c)
	for _, f := range fault.FieldsOf(err) {
		if f.Field == "password" {
			err = fmt.Errorf("%w; set the variable that password_env names", err)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("mail: %w", err)
	}
	p.way.Store(w)
	return p, nil
}

// check completes a configuration. What is wrong is a fault that names the field.
func check(c Config) (*way, error) {
	w := &way{Config: c}
	if !w.on() {
		return w, nil
	}
	if c.From == "" && c.Dir != "" {
		w.From = "leadmeter <leadmeter@localhost>"
	}
	from, err := netmail.ParseAddress(w.From)
	if err != nil {
		return nil, fault.Wrong("from", `must be an address such as "leadmeter <no-reply@example.com>"`)
	}
	w.from = *from
	if c.Host == "" {
		return w, nil
	}
	if c.Dir != "" {
		return nil, errors.New("give either a host, which sends, or mail_dir, which keeps mails in files")
	}
	if net.ParseIP(c.Host) == nil && strings.ContainsFunc(c.Host, notInNames) {
		return nil, fault.Wrong("host", "must be a name or an IP address, such as smtp.example.com, without a port")
	}
	if c.Port < 0 || c.Port > 65535 {
		return nil, fault.Wrong("port", "must be from 1 to 65535")
	}
	w.TLS = cmp.Or(c.TLS, TLSRequired)
	switch w.TLS {
	case TLSRequired, TLSOpportunistic:
	case TLSNone:
		if ip := net.ParseIP(c.Host); c.Host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			return nil, fault.Wrong("tls", "none is for a mail server on this machine (localhost); others would read passwords and mails on the way")
		}
	default:
		return nil, fault.Wrong("tls", "must be required, opportunistic or none")
	}
	if w.Port == 0 {
		w.Port = 587
		if w.TLS == TLSNone {
			w.Port = 25
		}
	}
	if c.User != "" && c.Password.Reveal() == "" {
		return nil, fault.Wrong("password", "must not be empty for a user who signs in")
	}
	return w, nil
}

// notInNames tells what no name of a mail server has: a scheme's, a port's and a path's signs.
func notInNames(r rune) bool {
	return strings.ContainsRune("/:@\\?#", r) || unicode.IsSpace(r) || unicode.IsControl(r)
}

// On reports whether mails are sent, or kept in a directory.
func (p *Post) On() bool { return p != nil && p.way.Load().on() }

// written is a mail as it waits in the outbox.
type written struct {
	To      string `json:"to"`
	Name    string `json:"name"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	HTML    string `json:"html"`
	Files   []File `json:"files,omitempty"`
}

// Put writes a mail in the transaction that causes it; it is sent after the commit.
// Workspace is empty for the operator's own mails. Without mail it does nothing.
func (p *Post) Put(tx *store.Tx, workspace string, m Message) error {
	if !p.On() {
		return nil
	}
	w, err := p.write(m)
	if err != nil {
		return err
	}
	payload, err := json.Marshal(w)
	if err != nil {
		return err
	}
	return outbox.Put(tx, store.Effect{Workspace: workspace, Kind: Kind, Label: m.Template, Payload: payload}, p.clock())
}

// write fills in a mail's templates.
func (p *Post) write(m Message) (written, error) {
	w := written{To: m.To, Name: oneLine(m.Name, 100), Files: m.Files}
	at, err := netmail.ParseAddress(m.To)
	if err != nil || at.Name != "" || at.Address != m.To || strings.ContainsFunc(m.To, unicode.IsControl) {
		return w, errors.New("mail: the recipient is not an email address")
	}
	w.Subject, w.Text, w.HTML, err = fill(m.Template, page{Name: w.Name, Data: m.Data, base: strings.TrimSuffix(p.way.Load().Base, "/")})
	return w, err
}

// oneLine keeps a text from ever being more than one line of a header.
func oneLine(text string, most int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, ""))
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most])
	}
	return text
}

// Send sends one mail once.
func (p *Post) Send(ctx context.Context, e store.Effect) (int, error) {
	by, err := p.read(ctx)
	if err != nil {
		return 0, err
	}
	switch {
	case !by.on():
		return 0, &outbox.SendError{Text: "this server has no mail configured"}
	case by.broken != "":
		return 0, &outbox.SendError{Text: by.broken}
	}
	var w written
	if err := json.Unmarshal(e.Payload, &w); err != nil {
		return 0, &outbox.SendError{Text: "the mail cannot be read", Never: true}
	}
	msg, err := by.compose(w, e, p.clock())
	if err != nil {
		return 0, &outbox.SendError{Text: "the mail's parts are not as a mail's must be", Never: true}
	}
	if by.Dir != "" {
		return 0, by.keep(msg, e.ID)
	}
	return by.deliver(ctx, msg)
}

// testTime is how long a test mail may take.
const testTime = 20 * time.Second

// Test sends a mail at once. Its error says what the mail server answered, in its own words too: they
// are for the operator who typed the address.
func (p *Post) Test(ctx context.Context, to string) error {
	w, err := p.write(Message{To: to, Template: "test"})
	if err != nil {
		return err
	}
	payload, err := json.Marshal(w)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, testTime)
	defer cancel()
	_, err = p.Send(ctx, store.Effect{ID: ident.New("eff"), Message: ident.New("msg"), Payload: payload, Created: p.clock().UnixMicro()})
	var a *answered
	if errors.As(err, &a) && a.reply != "" {
		return fmt.Errorf("%w. It said: %s", err, strings.TrimSuffix(a.reply, "."))
	}
	return err
}

// RecordOutcome drops what a mail says once nobody will send it any more.
func (p *Post) RecordOutcome(_ *store.Tx, e *store.Effect) error {
	if e.Status != store.EffectWaiting {
		e.Payload = []byte{}
	}
	return nil
}

// messageID is the same for every attempt at a mail.
func (w *way) messageID(e store.Effect) string {
	_, domain, _ := strings.Cut(w.from.Address, "@")
	return fmt.Sprintf("%s@%s", e.Message, domain)
}
