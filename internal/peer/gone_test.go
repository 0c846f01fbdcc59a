package peer

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A row of a server that is not running makes nobody a peer: of one that was killed, or that came with
// a copy of a database whose servers still run.
func TestRowsOfServersThatDoNotRun(t *testing.T) {
	m := newTeam(t, "1")
	other, err := newIdentity()
	m.must(err)
	text, err := json.Marshal(card{Address: "127.0.0.1:1", Certificate: other.fingerprint, Build: m.servers[0].self.Build, Beat: 7})
	m.must(err)
	const name = prefix + "srv_0"
	put := func() error {
		return m.stores[0].Update(ctx, func(tx *store.Tx) error { return tx.Leases().Put(name, string(text)) })
	}
	m.must(put())
	late := m.join("1") // begins with the row there
	m.look()
	for n, s := range m.servers {
		if (*s.trust.Load())[other.fingerprint] {
			t.Errorf("server %d trusts a certificate that nobody is seen to have", n)
		}
	}
	if len(*late.peers.Load()) != 1 {
		t.Errorf("%d peers, want the server that runs", len(*late.peers.Load()))
	}
	late.seen[name].changed = time.Now().Add(-forgottenAfter - time.Second)
	m.must(late.Look(ctx))
	m.must(late.Look(ctx))
	if late.seen[name] != nil {
		t.Error("the row is there still")
	}
}

// A server whose row was removed is not answered on the connection that it has.
func TestServerThatIsRemoved(t *testing.T) {
	m := newTeam(t, "1", "1")
	o := (*m.servers[1].peers.Load())[0]
	nothing := []byte{credits.FrameVersion, 0}
	if _, err := o.Charges(ctx, nothing); err != nil {
		t.Fatal(err)
	}
	m.must(m.stores[0].Update(ctx, func(tx *store.Tx) error { return tx.Leases().End(m.servers[1].name) }))
	m.must(m.servers[0].Look(ctx))
	if _, err := o.Charges(ctx, nothing); err == nil {
		t.Error("answered")
	}
}

// Frames that fail together are one failure.
func TestFailuresAtOnce(t *testing.T) {
	m := newTeam(t, "1", "1")
	o := (*m.servers[1].peers.Load())[0]
	m.must(m.servers[0].Close())
	fails := func() {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := o.Charges(ctx, []byte{credits.FrameVersion, 0}); err == nil {
					t.Error("answered by a server that is closed")
				}
			})
		}
		all.Wait()
	}
	fails()
	if rest := time.Until(time.Unix(0, o.rests.Load())); rest > firstRest {
		t.Errorf("after one failure nothing is sent for %s", rest)
	}
	o.rests.Store(time.Now().UnixNano())
	fails()
	if rest := time.Until(time.Unix(0, o.rests.Load())); rest <= firstRest || rest > 2*firstRest {
		t.Errorf("after two failures nothing is sent for %s", rest)
	}
}

// A connection on which nothing was said does not make a stop an error.
func TestCloseBesideSilentConnections(t *testing.T) {
	m := newTeam(t, "1")
	c, err := net.Dial("tcp", m.servers[0].self.Address)
	m.must(err)
	defer c.Close()
	time.Sleep(50 * time.Millisecond) // until it is accepted
	if err := m.servers[0].Close(); err != nil {
		t.Error(err)
	}
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection is open still: %v", err)
	}
}

// Servers that come and go leave nothing behind.
func TestServersThatComeAndGo(t *testing.T) {
	m := newTeam(t, "1")
	stays := m.servers[0]
	began := runtime.NumGoroutine()
	for range 12 {
		st := testdb.OpenAt(t, m.address)
		l := credits.New(st, credits.ShippedBooks())
		s, err := Open(ctx, st, l, "127.0.0.1:0", "1")
		m.must(err)
		for range 2 {
			m.must(stays.Look(ctx))
			m.must(s.Look(ctx))
		}
		for _, o := range *stays.peers.Load() {
			if _, err := o.Charges(ctx, []byte{credits.FrameVersion, 0}); err != nil {
				t.Fatal(err)
			}
		}
		for _, o := range *s.peers.Load() {
			if _, err := o.Charges(ctx, []byte{credits.FrameVersion, 0}); err != nil {
				t.Fatal(err)
			}
		}
		m.must(s.Close())
		m.must(l.Close())
		m.must(st.Close())
		m.must(stays.Look(ctx))
	}
	if len(stays.seen) != 0 || len(*stays.peers.Load()) != 0 || len(*stays.trust.Load()) != 0 {
		t.Errorf("%d servers are remembered", len(stays.seen))
	}
	for end := time.Now().Add(5 * time.Second); runtime.NumGoroutine() > began+2; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), began)
		}
	}
}

// A server whose answers cannot be read is left alone, as one that does not answer is.
func TestUnreadableAnswers(t *testing.T) {
	m := newTeam(t, "1")
	other, err := newIdentity()
	m.must(err)
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{other.certificate}})
	m.must(err)
	var frames atomic.Int64
	odd := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		frames.Add(1)
		_, _ = w.Write([]byte("no answers"))
	})}
	go func() { _ = odd.Serve(l) }()
	t.Cleanup(func() { _ = odd.Close() })
	for beat := range int64(2) {
		text, err := json.Marshal(card{Address: l.Addr().String(), Certificate: other.fingerprint, Build: m.servers[0].self.Build, Beat: beat})
		m.must(err)
		m.must(m.stores[0].Update(ctx, func(tx *store.Tx) error { return tx.Leases().Put(prefix+"srv_0", string(text)) }))
		m.must(m.servers[0].Look(ctx))
	}
	beside := credits.New(m.stores[0], credits.ShippedBooks())
	defer beside.Close()
	m.ledgers = append(m.ledgers, beside)
	for n, ws := 0, m.owned(m.servers[0]); frames.Load() == 0; n++ {
		if m.charge(ws); n > 2000 {
			t.Fatal("nothing is sent")
		}
	}
	for n := 0; n < 100 && !(*m.servers[0].peers.Load())[0].resting(); n++ {
		time.Sleep(time.Millisecond)
	}
	if !(*m.servers[0].peers.Load())[0].resting() {
		t.Error("it is asked again at once")
	}
	if m.ledgers[0].Sent() != 0 {
		t.Error("its answers were taken")
	}
}

// An owner whose ledger is closed ahead of its port answers nothing, and nobody's charge fails.
func TestOwnerWithoutItsLedger(t *testing.T) {
	m := newTeam(t, "1", "1")
	ws := m.owned(m.servers[1])
	if !m.sends(ws, m.ledgers[1], 2000) {
		t.Fatal("the second server sends no charge")
	}
	m.must(m.ledgers[0].Close())
	sent := m.ledgers[1].Sent()
	m.ledgers = m.ledgers[1:]
	for range 20 {
		if took := m.charge(ws); took > 2*time.Second {
			t.Errorf("a charge took %s", took)
		}
	}
	if m.ledgers[0].Sent() != sent {
		t.Error("a ledger that is closed answered")
	}
	m.must(m.servers[0].Close())
	m.charge(ws)
}
