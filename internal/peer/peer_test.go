package peer

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.Main(m)) }

var ctx = context.Background()

// team are servers of one database with a workspace each that all may charge.
type team struct {
	t       testing.TB
	address string
	stores  []*store.Store
	ledgers []*credits.Ledger
	servers []*Servers
	now     time.Time
	keys    int
}

func newTeam(t testing.TB, builds ...string) *team {
	m := &team{t: t, address: testdb.Address(t, "postgres"), now: time.Now().UTC()}
	for _, build := range builds {
		m.join(build)
	}
	m.look()
	for n := range 20 {
		terms, err := credits.NewTerms(m.ledgers[0].Books()["classic"], "pro", 100, "UTC", 1, m.now)
		m.must(err)
		m.must(m.ledgers[0].Subscribe(ctx, fmt.Sprintf("w%d", n), terms, m.now))
	}
	return m
}

func (m *team) join(build string) *Servers {
	m.t.Helper()
	st := testdb.OpenAt(m.t, m.address)
	l := credits.New(st, credits.ShippedBooks())
	s, err := Open(ctx, st, l, "127.0.0.1:0", build)
	m.must(err)
	m.t.Cleanup(func() { _ = s.Close(); l.Close() })
	m.stores, m.ledgers, m.servers = append(m.stores, st), append(m.ledgers, l), append(m.servers, s)
	return s
}

// look has every server see that the others are running.
func (m *team) look() {
	m.t.Helper()
	for range 2 {
		for _, s := range m.servers {
			m.must(s.Look(ctx))
		}
	}
}

func (m *team) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatal(err)
	}
}

// owned is a workspace that a server finds to be another's.
func (m *team) owned(s *Servers) string {
	m.t.Helper()
	for n := range 20 {
		if ws := fmt.Sprintf("w%d", n); s.Owner(ws) != nil {
			return ws
		}
	}
	m.t.Fatal("no workspace has another owner")
	return ""
}

// charge has a workspace charged by all servers at once, and returns how long the slowest took.
func (m *team) charge(ws string) (slowest time.Duration) {
	m.t.Helper()
	var all sync.WaitGroup
	took := make([]time.Duration, len(m.ledgers))
	m.keys++
	for n, l := range m.ledgers {
		all.Go(func() {
			began := time.Now()
			r := credits.Request{Workspace: ws, At: time.Now(), Key: fmt.Sprintf("k-%d-%d", m.keys, n)}
			if _, err := l.Do(ctx, &credits.Charge{Request: r, Credit: "standard", Amount: 1}); err != nil {
				m.t.Error(err)
			}
			took[n] = time.Since(began)
		})
	}
	all.Wait()
	for _, d := range took {
		slowest = max(slowest, d)
	}
	return slowest
}

// sends has a workspace charged until a ledger sends its charges, or so many times.
func (m *team) sends(ws string, l *credits.Ledger, times int) bool {
	m.t.Helper()
	for before := l.Sent(); times > 0 && l.Sent() == before; times-- {
		m.charge(ws)
	}
	return times > 0
}

// Servers find each other by the database, agree on owners, and send charges of what several charge.
func TestServersFindEachOther(t *testing.T) {
	m := newTeam(t, "1", "1")
	a, b := m.servers[0], m.servers[1]
	ofA, ofB := 0, 0
	for n := range 1000 {
		switch ws := fmt.Sprintf("ws_%d", n); {
		case a.Owner(ws) == nil && b.Owner(ws) != nil:
			ofA++
		case a.Owner(ws) != nil && b.Owner(ws) == nil:
			ofB++
		default:
			t.Fatalf("%s has no owner, or two", ws)
		}
	}
	if ofA < 400 || ofB < 400 {
		t.Errorf("of 1,000 workspaces one server owns %d and the other %d", ofA, ofB)
	}
	if !m.sends(m.owned(b), m.ledgers[1], 2000) {
		t.Error("the second server sends no charge")
	}
	if !m.sends(m.owned(a), m.ledgers[0], 2000) {
		t.Error("the first server sends no charge")
	}
	m.must(a.Close())
	if b.Owner(m.owned(b)) == nil {
		t.Fatal("the server that left is not expected to be known as gone yet")
	}
	m.must(b.Look(ctx))
	if list := *b.peers.Load(); len(list) != 0 {
		t.Errorf("a server that left is a peer still: %+v", list[0].card)
	}
}

// Servers that decide by something else are no peers.
func TestOtherBuilds(t *testing.T) {
	m := newTeam(t, "1", "2")
	if len(*m.servers[0].peers.Load())+len(*m.servers[1].peers.Load()) != 0 {
		t.Error("servers of two builds are peers")
	}
}

// Nobody but a server of the database is answered, or taken for one.
func TestStrangers(t *testing.T) {
	m := newTeam(t, "1", "1")
	to := m.servers[0].self.Address
	stranger, err := newIdentity()
	m.must(err)
	for name, certificates := range map[string][]tls.Certificate{"no certificate": nil, "an unknown one": {stranger.certificate}} {
		client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true, Certificates: certificates}}}
		if r, err := client.Post("https://"+to+path, "", strings.NewReader("x")); err == nil {
			t.Errorf("%s: answered with %d", name, r.StatusCode)
		}
	}
	if r, err := http.Post("http://"+to+path, "", strings.NewReader("x")); err == nil && r.StatusCode == http.StatusOK {
		t.Error("answered without TLS")
	}
	// Someone who took over the address of the other server has another certificate.
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{stranger.certificate}})
	m.must(err)
	defer l.Close()
	got := make(chan []byte, 1)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.SetDeadline(time.Now().Add(time.Second))
			b := make([]byte, 1)
			n, _ := c.Read(b)
			got <- b[:n]
			c.Close()
		}
	}()
	o := (*m.servers[1].peers.Load())[0]
	o.Address = l.Addr().String()
	if _, err := o.Charges(ctx, []byte("charges")); err == nil {
		t.Error("a stranger's answer is taken")
	}
	if b := <-got; len(b) > 0 {
		t.Error("charges were sent to a stranger")
	}
}

// A peer that fails, or is silent, is left alone; its workspaces' charges go on.
func TestSilentPeer(t *testing.T) {
	m := newTeam(t, "1", "1")
	ws := m.owned(m.servers[1])
	if !m.sends(ws, m.ledgers[1], 2000) {
		t.Fatal("the second server sends no charge")
	}
	silent, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	m.must(err)
	defer silent.Close()
	o := (*m.servers[1].peers.Load())[0]
	o.client.CloseIdleConnections()
	o.Address = silent.Addr().String()
	if took := m.charge(ws); took > 5*time.Second {
		t.Errorf("a charge took %s beside a silent server", took)
	}
	if m.servers[1].Owner(ws) != nil {
		t.Error("a silent server is asked again at once")
	}
	for range 20 {
		m.charge(ws)
	}
	if _, err := m.ledgers[0].Verify(ctx, func(d credits.Difference) { t.Error(d) }); err != nil {
		t.Error(err)
	}
	v, err := m.ledgers[0].Look(ctx, ws, nil, time.Now())
	m.must(err)
	if c, _ := v.Credit("standard"); int(c.Used) != 2*m.keys {
		t.Errorf("%d of %d charges are in the ledger", c.Used, 2*m.keys)
	}
}

// A malformed or too large frame is refused, and the next one is answered.
func TestBadFrames(t *testing.T) {
	m := newTeam(t, "1", "1")
	o := (*m.servers[1].peers.Load())[0]
	for name, frame := range map[string][]byte{
		"empty": nil, "another version": {9, 0}, "cut off": {credits.FrameVersion, 3, 1}, "too many": {credits.FrameVersion, 255, 255, 255, 1},
		"too large": bytes.Repeat([]byte{credits.FrameVersion}, maxBody+1),
	} {
		o.fails.Store(0)
		if _, err := o.Charges(ctx, frame); err == nil {
			t.Errorf("%s: answered", name)
		}
	}
	o.fails.Store(0)
	if answers, err := o.Charges(ctx, []byte{credits.FrameVersion, 0}); err != nil || len(answers) != 1 {
		t.Errorf("no charges: %v, %v", answers, err)
	}
}

// A server that wrote nothing for a while is no peer, and its row is removed.
func TestGoneServer(t *testing.T) {
	m := newTeam(t, "1", "1")
	a, b := m.servers[0], m.servers[1]
	b.stop()
	m.must(a.Look(ctx)) // what it wrote last
	gone := a.seen[b.name]
	gone.changed = time.Now().Add(-goneAfter)
	m.must(a.Look(ctx))
	if len(*a.peers.Load()) != 0 {
		t.Error("a server that wrote nothing is a peer")
	}
	gone.changed = time.Now().Add(-forgottenAfter - time.Second)
	m.must(a.Look(ctx))
	m.must(a.Look(ctx))
	if a.seen[b.name] != nil {
		t.Error("its row is there still")
	}
}

// An address that nobody else can reach is refused with a sentence.
func TestAddresses(t *testing.T) {
	st := testdb.Open(t, "postgres")
	l := credits.New(st, credits.ShippedBooks())
	defer l.Close()
	for _, address := range []string{"", "7070", ":7070", "0.0.0.0:7070", "[::]:7070", "192.0.2.1:1"} {
		if _, err := Open(ctx, st, l, address, "1"); err == nil || !strings.HasPrefix(err.Error(), "peers_listen") {
			t.Errorf("%q: %v", address, err)
		}
	}
	s, err := Open(ctx, st, l, "[127.0.0.1]:0", "1")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
