package server_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"

	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// mailServer is a mail server on this machine: it keeps what it takes, and lets one user in.
type mailServer struct {
	mu     sync.Mutex
	taken  []string
	users  []string
	refuse error
	port   string
	roots  *x509.CertPool // that believe it
}

func newMailServer(t *testing.T) *mailServer {
	t.Helper()
	m := &mailServer{}
	s := smtp.NewServer(m)
	s.Domain = "localhost"
	of := httptest.NewTLSServer(nil)
	t.Cleanup(of.Close)
	s.TLSConfig, m.roots = &tls.Config{Certificates: of.TLS.Certificates}, x509.NewCertPool()
	m.roots.AddCert(of.Certificate())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.Serve(l) //nolint:errcheck // it ends with the test
	t.Cleanup(func() { s.Close() })
	m.port = strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	return m
}

func (m *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) { return mailSession{m}, nil }

type mailSession struct{ *mailServer }

func (mailSession) AuthMechanisms() []string { return []string{sasl.Plain} }

func (m mailSession) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, given string) error {
		if given != password {
			return smtp.ErrAuthFailed
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.users = append(m.users, user)
		return nil
	}), nil
}

func (m mailSession) Mail(string, *smtp.MailOptions) error { return m.refuse }
func (m mailSession) Rcpt(string, *smtp.RcptOptions) error { return nil }
func (mailSession) Reset()                                 {}
func (mailSession) Logout() error                          { return nil }
func (m mailSession) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.taken = append(m.taken, string(text))
	return err
}

func (m *mailServer) count() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.taken)
}

// The operator sets mail up by form: mails leave without a restart, the password is sealed and shown
// nowhere, and what is wrong is said at its field.
func TestMailByForm(t *testing.T) {
	m := newMailServer(t)
	gated(t, func(c *server.Config) { c.Mail.Dir, c.Mail.RootCAs = "", m.roots }, func(w *world, _ *hands) {
		page := w.visitor()
		m.taken, m.users, m.refuse = nil, nil, nil
		page.byCode("", "")
		page.get("/operator/mail").has("Off")
		page.lacks("Address of this server") // the server was started with one
		page.post("/operator/mail/test", "to", "ops@acme.example").has("this server has no mail server yet")

		form := func(changes ...string) []string {
			return append([]string{"port", m.port, "tls", "required", "host", "127.0.0.1", "from", "leadmeter <no-reply@leads.example.com>", "user", "leadmeter", "password", password}, changes...)
		}
		for _, c := range []struct{ field, value, want string }{
			{"host", "", "Must not be empty."}, {"host", "smtp.example.com:587", "without a port"}, {"host", "https://smtp.example.com", "without a port"},
			{"port", "many", "Must be from 1 to 65535."}, {"port", "70000", "Must be from 1 to 65535."}, {"port", "0", "Must be from 1 to 65535."},
			{"tls", "maybe", "Must be required, opportunistic or none."},
			{"from", "nobody", "Must be an address such as"}, {"user", "", "Must not be empty where there is a password."}, {"password", "", "Must not be empty for a user who signs in."},
		} {
			page.post("/operator/mail", with(form(), c.field, c.value)...)
			w.same(c.field+" "+c.value, page.status, 422)
			page.has(c.want)
			page.lacks(password)
		}
		page.post("/operator/mail", with(form(), "host", "smtp.example.com", "tls", "none")...).has("for a mail server on this machine")
		w.same("mail", w.server.Mail.On(), false)

		page.post("/operator/mail", form()...).has("Saved.")
		page.get("/operator/mail").has("Leave empty to keep the one there is.")
		page.lacks(password)
		w.same("mail", w.server.Mail.On(), true)
		page.post("/operator/mail/test", "to", "ops@acme.example").has("The mail server took the mail to ops@acme.example.")
		w.same("mails", m.count(), 1)
		page.post("/operator/mail/test", "to", "nobody").has("Must be an email address.")
		if kept := w.setting("mail"); !strings.Contains(kept, "seal1.") || strings.Contains(kept, password) {
			t.Errorf("kept as %s", kept)
		}

		// An empty password keeps it, and only for the same server.
		page.post("/operator/mail", with(form(), "password", "", "from", "desk@leads.example.com")...).has("Saved.")
		page.post("/operator/mail/test", "to", "ops@acme.example").has("took the mail")
		w.same("sign-ins", len(m.users), 2)
		for _, c := range [][2]string{{"host", "localhost"}, {"port", "2525"}, {"user", "other"}} {
			page.post("/operator/mail", with(form(), "password", "", c[0], c[1])...).has("Must be typed again")
		}

		// What the mail server answers is said.
		m.refuse = &smtp.SMTPError{Code: 553, EnhancedCode: smtp.EnhancedCode{5, 7, 1}, Message: "desk@leads.example.com is not yours"}
		page.post("/operator/mail/test", "to", "ops@acme.example").has(`the mail server refused the mail for good. It said: 553 "5.7.1 desk@leads.example.com is not yours".`)
		m.refuse = nil
		page.post("/operator/mail", with(form(), "password", "wrong wrong")...).has("Saved.")
		page.post("/operator/mail/test", "to", "ops@acme.example").has("did not accept the user or password. It said: 535")
		page.lacks("wrong wrong")

		page.post("/operator/mail/remove").has("Removed.")
		w.same("mail", w.server.Mail.On(), false)
		w.same("kept", w.setting("mail"), "")
	})
}

// with replaces values of a form.
func with(form []string, changes ...string) []string {
	for n := 0; n < len(changes); n += 2 {
		for i := 0; i < len(form); i += 2 {
			if form[i] == changes[n] {
				form[i+1] = changes[n+1]
			}
		}
	}
	return form
}

// setting is a value of the server's own, as the database has it.
func (w *world) setting(name string) (value string) {
	w.Helper()
	if err := w.server.Store.View(ctx, func(tx *store.Tx) (err error) { value, err = tx.Settings().Get(name); return err }); err != nil {
		w.Fatal(err)
	}
	return value
}

// A server notices what another one of the same database saved, and sends what waits by it.
func TestMailOnEveryServer(t *testing.T) {
	address, key := testdb.Address(t, "postgres"), sealingKey(t)
	c := server.Config{Database: address, SecretKeyFile: key}
	m := newMailServer(t)
	c.Mail.Base, c.Mail.RootCAs = "https://leads.example.com", m.roots
	one, two := openWith(t, c), openWith(t, c)
	c.SecretKeyFile = ""
	keyless := openWith(t, c)
	running, stop := context.WithCancel(ctx)
	defer stop()
	for _, w := range []*world{two, keyless} {
		go w.server.Mail.Follow(running)
	}
	page := one.visitor()
	page.byCode("", "")
	page.post("/operator/mail", "host", "127.0.0.1", "port", m.port, "tls", "required", "from", "no-reply@leads.example.com", "user", "leadmeter", "password", password).has("Saved.")
	for _, w := range []*world{two, keyless} {
		within(t, w.server.Mail.On)
	}
	if err := two.server.Mail.Test(ctx, "ops@acme.example"); err != nil || m.count() != 1 {
		t.Errorf("%d mails: %v", m.count(), err)
	}
	if err := keyless.server.Mail.Test(ctx, "ops@acme.example"); err == nil || !strings.Contains(err.Error(), "does not open") {
		t.Errorf("without the key: %v", err)
	}
}

// What the server was started with counts, is shown, and is not changed by form.
func TestGivenMailIsReadOnly(t *testing.T) {
	gated(t, nil, func(w *world, _ *hands) {
		page := w.visitor()
		page.byCode("", "")
		page.get("/operator/mail").has("The configuration of this server sets its mail")
		page.lacks("Save mail server")
		page.post("/operator/mail", "host", "localhost", "tls", "none", "from", "a@b.example").has("This server was started with mail, and that counts.")
		page.post("/operator/mail/remove").has("This server was started with mail, and that counts.")
		w.same("kept", w.setting("mail"), "")
	})
}

// Without public_url the form asks where links in mails begin; without secret_key_file it keeps no
// password.
func TestMailWithoutAddressOrKey(t *testing.T) {
	gated(t, func(c *server.Config) { c.Mail.Dir, c.Mail.Base, c.SecretKeyFile = "", "", "" }, func(w *world, _ *hands) {
		page := w.visitor()
		page.byCode("", "")
		page.get("/operator/mail").has("Address of this server")
		save := func(pairs ...string) *visitor {
			return page.post("/operator/mail", append([]string{"host", "localhost", "tls", "none", "from", "a@b.example"}, pairs...)...)
		}
		for _, bad := range []string{"", "leads.example.com", "ftp://leads.example.com", "https://u:p@leads.example.com", "https://leads.example.com/app", "https://leads.example.com?a=b"} {
			save("base", bad).has("Must be the address of this server")
		}
		save("base", "https://leads.example.com/", "user", "leadmeter", "password", password).has("Cannot be kept: start the server with secret_key_file")
		save("base", "https://leads.example.com/").has("Saved.")
		page.get("/operator/mail")
		w.same("address", strings.Contains(page.raw, `value="https://leads.example.com"`), true)
	})
}
