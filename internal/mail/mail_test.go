package mail_test

import (
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	netmail "net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

var now = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func clock() time.Time { return now }

func config(port int) mail.Config {
	return mail.Config{Host: "127.0.0.1", Port: port, TLS: mail.TLSNone, From: "leadmeter <no-reply@leads.example.com>", Base: "https://leads.example.com"}
}

func newPost(t *testing.T, c mail.Config) *mail.Post {
	t.Helper()
	p, err := mail.New(c, clock)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var alert = map[string]any{"Workspace": "Acme <script>", "Credit": "premium", "Percent": 80, "Used": "40", "Allowance": "50", "Refill": "refills Apr 1, 2026, 00:00"}

// queued is the one mail in the outbox.
func queued(t *testing.T, st *store.Store, p *mail.Post, m mail.Message) store.Effect {
	t.Helper()
	var e store.Effect
	if err := st.Update(t.Context(), func(tx *store.Tx) error {
		if err := p.Put(tx, "ws_1", m); err != nil {
			return err
		}
		list, err := tx.Effects().OfTarget("ws_1", "", "", 10)
		if len(list) != 1 {
			t.Fatalf("%d effects", len(list))
		}
		e = list[0]
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return e
}

// A mail goes through the outbox to a mail server: both bodies, its file and a
// stable id; once it was sent nothing of it is kept.
func TestThroughTheOutbox(t *testing.T) {
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		s := &smtpd{}
		port, _ := serveSMTP(t, s, false)
		p := newPost(t, config(port))
		e := queued(t, st, p, mail.Message{To: "ada@acme.example", Name: "Ada Byron", Template: "alert", Data: alert, Files: []mail.File{{Name: "usage.csv", Type: "text/csv", Body: []byte("member,used\n")}}})
		o := outbox.New(st, time.Now)
		o.Send(mail.Kind, p)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
		defer cancel()
		done := make(chan struct{})
		go func() { defer close(done); o.Work(ctx) }()
		for e.Status == store.EffectWaiting && ctx.Err() == nil {
			if err := st.View(ctx, func(tx *store.Tx) (err error) { e, _, err = tx.Effects().ByID("ws_1", e.ID); return err }); err != nil {
				t.Fatal(err)
			}
		}
		cancel()
		<-done
		if e.Status != store.EffectSent || len(e.Payload) != 0 {
			t.Fatalf("%s with %d bytes: %s", e.Status, len(e.Payload), e.Error)
		}
		if len(s.mails) != 1 || s.to[0] != "ada@acme.example" {
			t.Fatalf("%d mails to %v", len(s.mails), s.to)
		}
		m, err := netmail.ReadMessage(strings.NewReader(s.mails[0]))
		if err != nil {
			t.Fatal(err)
		}
		for header, want := range map[string]string{
			"From": `"leadmeter" <no-reply@leads.example.com>`, "To": `"Ada Byron" <ada@acme.example>`, "Subject": "Acme <script> has used 80% of its premium credits",
			"Message-ID": "<" + e.Message + "@leads.example.com>", "Auto-Submitted": "auto-generated",
		} {
			got, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get(header))
			if err != nil || got != want {
				t.Errorf("%s: %q, want %q", header, got, want)
			}
		}
		parts := partsOf(t, m.Header.Get("Content-Type"), m.Body)
		if text := parts["text/plain"]; !strings.Contains(text, "Hello Ada Byron,") || !strings.Contains(text, "40 of 50 premium") || !strings.Contains(text, "https://leads.example.com/usage") {
			t.Errorf("text: %s", text)
		}
		if html := parts["text/html"]; !strings.Contains(html, "Acme &lt;script&gt;") || strings.Contains(html, "<script>") {
			t.Errorf("html: %s", html)
		}
		if parts["text/csv"] != "member,used\n" {
			t.Errorf("file: %q", parts["text/csv"])
		}
	})
}

func partsOf(t *testing.T, kind string, body io.Reader) map[string]string {
	t.Helper()
	all := map[string]string{}
	_, params, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatal(err)
	}
	r := multipart.NewReader(body, params["boundary"])
	for {
		part, err := r.NextPart()
		if err == io.EOF {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		inner := part.Header.Get("Content-Type")
		if strings.HasPrefix(inner, "multipart/") {
			for k, v := range partsOf(t, inner, part) {
				all[k] = v
			}
			continue
		}
		inner, _, _ = mime.ParseMediaType(inner)
		text, err := io.ReadAll(part)
		if err != nil {
			t.Fatal(err)
		}
		if part.Header.Get("Content-Transfer-Encoding") == "base64" {
			text = decode64(t, text)
		}
		all[inner] = strings.ReplaceAll(string(text), "\r\n", "\n")
	}
}

// No name, subject or address can add a header or a recipient.
func TestHeaderInjection(t *testing.T) {
	st := testdb.Open(t, "sqlite")
	s := &smtpd{}
	port, _ := serveSMTP(t, s, false)
	p := newPost(t, config(port))
	bad := "Ada\r\nBcc: thief@evil.example\r\n\r\nhello"
	data := map[string]any{"Workspace": bad, "Credit": "premium\nX-Evil: 1", "Percent": 80, "Used": "1", "Allowance": "2", "Refill": ""}
	e := queued(t, st, p, mail.Message{To: "ada@acme.example", Name: bad, Template: "alert", Data: data})
	if _, err := p.Send(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	m, err := netmail.ReadMessage(strings.NewReader(s.mails[0]))
	if err != nil {
		t.Fatal(err)
	}
	if m.Header.Get("Bcc") != "" || m.Header.Get("X-Evil") != "" || len(s.to) != 1 {
		t.Errorf("injected: %v to %v", m.Header, s.to)
	}
	for _, to := range []string{"", "nobody", "a@b.example, c@d.example", "Ada <ada@acme.example>", "ada@acme.example\r\nBcc: x@y.example", "a@b.example\nRCPT TO:<c@d.example>"} {
		err := st.Update(t.Context(), func(tx *store.Tx) error {
			return p.Put(tx, "ws_1", mail.Message{To: to, Template: "alert", Data: alert})
		})
		if err == nil {
			t.Errorf("%q was taken for one address", to)
		}
	}
}

// A mail that cannot be written undoes the transaction that wants it.
func TestTemplatesAreChecked(t *testing.T) {
	st := testdb.Open(t, "sqlite")
	p := newPost(t, mail.Config{Dir: t.TempDir()})
	for _, m := range []mail.Message{{To: "a@b.example", Template: "none"}, {To: "a@b.example", Template: "alert", Data: map[string]any{"Percent": 80}}} {
		if err := st.Update(t.Context(), func(tx *store.Tx) error { return p.Put(tx, "ws_1", m) }); err == nil {
			t.Errorf("%s was written of %v", m.Template, m.Data)
		}
	}
	off := newPost(t, mail.Config{})
	if off.On() || st.Update(t.Context(), func(tx *store.Tx) error { return off.Put(tx, "ws_1", mail.Message{Template: "none"}) }) != nil {
		t.Error("without mail, nothing is made")
	}
}

// TLS is used where it is asked for, and nothing is sent without it; a password is
// never sent in the clear.
func TestTLS(t *testing.T) {
	st := testdb.Open(t, "sqlite")
	s := &smtpd{}
	port, roots := serveSMTP(t, s, true)
	c := config(port)
	c.TLS, c.User, c.Password, c.RootCAs = mail.TLSRequired, "leadmeter", seal.Hide("correct horse"), roots
	p := newPost(t, c)
	e := queued(t, st, p, mail.Message{To: "ada@acme.example", Template: "alert", Data: alert})
	if _, err := p.Send(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if !s.tls || s.user != "leadmeter" || len(s.mails) != 1 {
		t.Errorf("tls %v as %q: %d mails", s.tls, s.user, len(s.mails))
	}
	plain := &smtpd{}
	c.Port, _ = serveSMTP(t, plain, false)
	if _, err := newPost(t, c).Send(t.Context(), e); err == nil || len(plain.mails) != 0 || plain.user != "" {
		t.Errorf("sent without TLS: %v", err)
	}
	c.Port, c.RootCAs = port, x509.NewCertPool()
	if _, err := newPost(t, c).Send(t.Context(), e); err == nil || len(s.mails) != 1 {
		t.Errorf("an unknown certificate was believed: %v", err)
	}
	c.RootCAs, c.Password = roots, seal.Hide("wrong")
	_, err := newPost(t, c).Send(t.Context(), e)
	var trouble *outbox.SendError
	if !errors.As(err, &trouble) || trouble.Never || strings.Contains(err.Error(), "wrong") {
		t.Errorf("a wrong password is the server's to mend, and tried again: %v", err)
	}
}

// What a mail server refuses for good is given up, what it cannot take now is tried
// again; neither is told with an address.
func TestRefusals(t *testing.T) {
	st := testdb.Open(t, "sqlite")
	for _, c := range []struct {
		code  int
		never bool
	}{{550, true}, {452, false}} {
		s := &smtpd{refuse: &smtp.SMTPError{Code: c.code, Message: "ada@acme.example is not here"}}
		port, _ := serveSMTP(t, s, false)
		p := newPost(t, config(port))
		if err := st.Update(t.Context(), func(tx *store.Tx) error { return tx.Effects().DropTarget("ws_1", "") }); err != nil {
			t.Fatal(err)
		}
		e := queued(t, st, p, mail.Message{To: "ada@acme.example", Template: "alert", Data: alert})
		_, err := p.Send(t.Context(), e)
		var trouble *outbox.SendError
		if !errors.As(err, &trouble) || trouble.Never != c.never || trouble.Code != c.code || strings.Contains(trouble.Text, "ada") {
			t.Errorf("%d: %+v", c.code, err)
		}
	}
}

// Without a mail server, mails are files; the same mail again is the same file.
func TestDirectory(t *testing.T) {
	st, dir := testdb.Open(t, "sqlite"), filepath.Join(t.TempDir(), "mails")
	p := newPost(t, mail.Config{Dir: dir, Base: "http://127.0.0.1:8080"})
	e := queued(t, st, p, mail.Message{To: "ada@acme.example", Template: "request_made",
		Data: map[string]any{"Member": "Tom", "Amount": "5", "Credit": "premium", "Workspace": "Acme", "Reason": ""}})
	for range 2 {
		if _, err := p.Send(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	files, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(files) != 1 || !strings.HasSuffix(files[0], ".eml") {
		t.Fatalf("%v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil || !strings.Contains(string(text), "Subject: Tom asks for 5 premium credits") {
		t.Errorf("%v\n%s", err, text)
	}
}

// One credit is written in the singular, in subjects and texts.
func TestOneCreditIsSingular(t *testing.T) {
	for template, want := range map[string]string{
		"request_made": "Tom asks for 1 premium credit", "request_decided": "You have 1 more premium credit",
		"addon_asked": "Acme asks for 1 premium credit", "addon_decided": "Acme has 1 more premium credit",
	} {
		st, dir := testdb.Open(t, "sqlite"), filepath.Join(t.TempDir(), "mails")
		p := newPost(t, mail.Config{Dir: dir, Base: "http://127.0.0.1:8080"})
		e := queued(t, st, p, mail.Message{To: "ada@acme.example", Template: template, Data: map[string]any{
			"Member": "Tom", "Amount": "1", "Granted": "1", "Credit": "premium", "Workspace": "Acme", "Reason": "", "Note": "", "Recurring": false,
		}})
		if _, err := p.Send(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err != nil || len(files) != 1 {
			t.Fatalf("%v, %v", files, err)
		}
		text, err := os.ReadFile(files[0])
		if err != nil || !strings.Contains(string(text), "Subject: "+want+"\r\n") || strings.Contains(string(text), "credits") {
			t.Errorf("%s: %v\n%s", template, err, text)
		}
	}
}

// What is wrong with a configuration is said in a sentence.
func TestConfig(t *testing.T) {
	for want, c := range map[string]mail.Config{
		"from must be":        {Host: "mail.example.com"},
		"on this machine":     {Host: "mail.example.com", From: "a@b.example", TLS: mail.TLSNone},
		"tls must be":         {Host: "mail.example.com", From: "a@b.example", TLS: "maybe"},
		"password must not":   {Host: "mail.example.com", From: "a@b.example", User: "u"},
		"either a host":       {Host: "mail.example.com", From: "a@b.example", Dir: "x"},
		"port must be from 1": {Host: "mail.example.com", From: "a@b.example", Port: 99999},
	} {
		if _, err := mail.New(c, clock); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %q", c, err, want)
		}
	}
}

func decode64(t *testing.T, text []byte) []byte {
	t.Helper()
	var out []byte
	if err := json.Unmarshal([]byte(`"`+strings.NewReplacer("\r", "", "\n", "").Replace(string(text))+`"`), &out); err != nil {
		t.Fatal(err)
	}
	return out
}
