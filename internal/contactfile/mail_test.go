package contactfile

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// names is a name server of the test's own, on a local socket.
type names struct {
	asked atomic.Int64
	mute  atomic.Bool
}

// resolver asks the name server and nobody else.
func (s *names) resolver(t *testing.T) *net.Resolver {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			if s.asked.Add(1); !s.mute.Load() {
				_, _ = conn.WriteTo(s.answer(buf[:n]), from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func (s *names) answer(query []byte) []byte {
	var m dnsmessage.Message
	if m.Unpack(query) != nil || len(m.Questions) != 1 {
		return nil
	}
	q := m.Questions[0]
	m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
	add := func(body dnsmessage.ResourceBody) {
		m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 60}, Body: body})
	}
	mx := func(host string) {
		if q.Type == dnsmessage.TypeMX {
			add(&dnsmessage.MXResource{Pref: 10, MX: dnsmessage.MustNewName(host)})
		}
	}
	switch q.Name.String() {
	case "mx.example.":
		mx("mail.mx.example.")
	case "null.example.":
		mx(".")
	case "host.example.":
		if q.Type == dnsmessage.TypeA {
			add(&dnsmessage.AResource{A: [4]byte{192, 0, 2, 1}})
		}
	case "bare.example.": // it exists and has nothing
	case "broken.example.":
		m.RCode = dnsmessage.RCodeServerFailure
	default:
		m.RCode = dnsmessage.RCodeNameError
	}
	packed, err := m.Pack()
	if err != nil {
		return nil
	}
	return packed
}

func TestMailCheck(t *testing.T) {
	var s names
	m := &MailCheck{Resolver: s.resolver(t), Timeout: 20 * time.Second}
	for domain, want := range map[string]bool{
		"mx.example": true, "host.example": true, "null.example": false, "bare.example": false, "none.example": false, "broken.example": true,
	} {
		for range 2 {
			if got := m.Takes(context.Background(), domain); got != want {
				t.Errorf("%s takes mail: %v", domain, got)
			}
		}
	}
	before := s.asked.Load()
	m.Takes(context.Background(), "mx.example")
	if s.asked.Load() != before {
		t.Error("a domain was asked for again")
	}
	s.mute.Store(true)
	m.Timeout = 50 * time.Millisecond
	if begun := time.Now(); !m.Takes(context.Background(), "silent.example") || time.Since(begun) > 10*time.Second {
		t.Errorf("a name server that is silent: doubted, or waited for %s", time.Since(begun))
	}
}

// What cannot be reached is kept and never passes for verified.
func TestDoubtfulAddresses(t *testing.T) {
	var s names
	file := "id,work_email,work_email_status,work_email_verified_at\n1,a@mx.example,verified,2026-01-01\n2,a@none.example,verified,2026-01-01\n3,a@acme.nosuchsuffix,verified,\n4,a@co.uk,likely,\n5,a@bücher.example,,\n6,a@none.example,bounced,\n"
	r, err := Read(strings.NewReader(file), "text/csv", Options{Mail: &MailCheck{Resolver: s.resolver(t), Timeout: 20 * time.Second}})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for {
		record, err := r.Next()
		if err != nil {
			break
		}
		got = append(got, described(record))
	}
	none := `takes no mail: it has neither a mail exchanger nor an address; it is kept as unverified]`
	want := []string{
		"01 work_email=a@mx.example/verified",
		`02 work_email=a@none.example [work_email: the domain of "a@none.example" ` + none,
		`03 work_email=a@acme.nosuchsuffix [work_email: the domain of "a@acme.nosuchsuffix" ends in .nosuchsuffix, under which no names are known to be given out; it is kept as unverified]`,
		`04 work_email=a@co.uk [work_email: the domain of "a@co.uk" is no organisation's domain but a suffix; it is kept as unverified]`,
		`05 work_email=a@xn--bcher-kva.example [work_email: the domain of "a@xn--bcher-kva.example" ` + none,
		"06 work_email=a@none.example/bounced",
	}
	if g, w := strings.Join(got, "\n"), strings.Join(want, "\n"); g != w {
		t.Errorf("got:\n%s\nwant:\n%s", g, w)
	}
}
