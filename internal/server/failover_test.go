package server_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// recoversWithin is how soon a server charges again after its address leads to the new primary.
const recoversWithin = 5 * time.Second

// A Postgres fails over to its standby under load, and the server goes there by itself: by the address'
// name, also where the old primary comes back first as a standby that takes no writes, and by an
// address with several hosts. Meanwhile who charges is answered 503, and what was acknowledged is in
// the ledger, once.
func TestFailover(t *testing.T) {
	testdb.Slow(t)
	testdb.NotOnCitus(t, "a node of it fails over by citus_update_node")
	for name, way := range map[string]struct {
		demoted bool // the old primary comes back, as a standby, and the name leads to it for a while
		hosts   bool // the address has both hosts, and no name
	}{"by name": {}, "by name, the old primary demoted": {demoted: true}, "by several hosts": {demoted: true, hosts: true}} {
		t.Run(name, func(t *testing.T) {
			primary, standby := testdb.NewReplicated(t)
			address := primary.CreateDatabase(t, "leads")
			first, second := hostOf(address), hostOf(standby.Address("leads"))
			n := namesLead(t, first.Addr())
			if way.hosts {
				address = strings.Replace(address, first.String(), fmt.Sprint(first, ",", second), 1) + "&target_session_attrs=read-write"
			} else {
				address = strings.Replace(address, first.Addr().String(), "primary.leads.test", 1)
			}
			w := open(t, address)
			l := w.keptUp(16)
			l.untilMore(t, 200)
			primary.Crash()
			if way.demoted {
				primary.Demote(t)
				l.untilRefused(t, 100)
			}
			standby.Promote(t)
			n.lead(second.Addr())
			took := l.untilEach(t)
			t.Logf("charged again %v after the name's change, by every caller after %v; %d answers of 503 meanwhile", took[0], took[1], l.refused.Load())
			if took[1] > recoversWithin {
				t.Errorf("it took %v", took[1])
			}
			l.untilMore(t, 200)
			// A primary that is told to take no writes is the same to the connections that are there.
			before := l.refused.Load()
			for _, to := range []string{"on", "off"} {
				standby.Run(t, "ALTER SYSTEM SET default_transaction_read_only = "+to)
				standby.Run(t, "SELECT pg_reload_conf()")
				if to == "on" {
					l.untilRefused(t, before+100)
				}
			}
			took = l.untilEach(t)
			t.Logf("charged again by every caller %v after writes were allowed again", took[1])
			l.end(t)
			w.verify()
		})
	}
}

func hostOf(address string) netip.AddrPort {
	_, rest, _ := strings.Cut(address, "@")
	host, _, _ := strings.Cut(rest, "/")
	return netip.MustParseAddrPort(host)
}

// keptUpLoad is callers who charge one workspace, each repeating a charge with its key until it is
// acknowledged.
type keptUpLoad struct {
	*world
	ws             string
	stop           context.CancelFunc
	all            sync.WaitGroup
	acked, refused atomic.Int64
	last           []atomic.Int64 // when a caller was acknowledged last, in nanoseconds
	first          atomic.Int64   // when anybody was, since it was set to 0
}

func (w *world) keptUp(callers int) *keptUpLoad {
	w.Helper()
	l := &keptUpLoad{world: w, ws: w.workspace("enterprise", 5, nil), last: make([]atomic.Int64, callers)}
	w.post(w.operator, client.In(l.ws, "grants"), is{"credit": "standard", "amount": 1_000_000, "kind": "once"}, 201)
	runs, stop := context.WithCancel(ctx)
	lasts, give := context.WithCancel(ctx) // up
	l.stop = stop
	w.Cleanup(func() { stop(); give(); l.all.Wait() })
	for c := range callers {
		l.all.Go(func() {
			for n := 0; runs.Err() == nil; n++ {
				l.charge(lasts, c, fmt.Sprint(c, "-", n))
			}
		})
	}
	return l
}

// charge charges until it is acknowledged. Another answer than 503 is a fault.
func (l *keptUpLoad) charge(lasts context.Context, caller int, key string) {
	for lasts.Err() == nil {
		one, cancel := context.WithTimeout(ctx, 20*time.Second)
		_, err := l.operator.Do(one, http.MethodPost, client.In(l.ws, "charges"), key, is{"credit": "standard", "amount": 1}, nil)
		cancel()
		if err == nil {
			now := time.Now().UnixNano()
			l.last[caller].Store(now)
			l.first.CompareAndSwap(0, now)
			l.acked.Add(1)
			return
		}
		l.refused.Add(1)
		if p, is := err.(*client.Problem); !is || p.Status != 503 || p.RetryAfter == 0 {
			l.Errorf("a charge was answered %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func (l *keptUpLoad) wait(t *testing.T, what string, good func() bool) {
	t.Helper()
	for began := time.Now(); !good(); time.Sleep(2 * time.Millisecond) {
		if time.Since(began) > 40*time.Second {
			t.Fatal("never: " + what)
		}
	}
}

func (l *keptUpLoad) untilMore(t *testing.T, n int64) {
	t.Helper()
	n += l.acked.Load()
	l.wait(t, "more charges", func() bool { return l.acked.Load() >= n })
}

func (l *keptUpLoad) untilRefused(t *testing.T, n int64) {
	t.Helper()
	l.wait(t, "refusals", func() bool { return l.refused.Load() >= n })
}

// untilEach waits until every caller was acknowledged from now on, and says after what time anybody
// was, and everybody.
func (l *keptUpLoad) untilEach(t *testing.T) (took [2]time.Duration) {
	t.Helper()
	now := time.Now()
	l.first.Store(0)
	l.wait(t, "a charge of every caller", func() bool {
		for c := range l.last {
			if l.last[c].Load() < now.UnixNano() {
				return false
			}
		}
		return true
	})
	return [2]time.Duration{time.Unix(0, l.first.Load()).Sub(now).Round(time.Millisecond), time.Since(now).Round(time.Millisecond)}
}

// end ends the load and compares what was acknowledged with what was charged.
func (l *keptUpLoad) end(t *testing.T) {
	t.Helper()
	l.stop()
	l.all.Wait()
	used := int64(l.credit(l.ws, "standard")["used"].(float64))
	t.Logf("%d charges, each acknowledged once", l.acked.Load())
	if used != l.acked.Load() {
		t.Errorf("%d charges are in the ledger, and %d were acknowledged", used, l.acked.Load())
	}
}

// leading is a server of names, of which every one leads to one address.
type leading struct{ to atomic.Pointer[netip.Addr] }

func (l *leading) lead(to netip.Addr) { l.to.Store(&to) }

// namesLead answers what this process asks of names until the test ends.
func namesLead(t *testing.T, to netip.Addr) *leading {
	t.Helper()
	l := &leading{}
	l.lead(to)
	asked, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	before := net.DefaultResolver
	t.Cleanup(func() { net.DefaultResolver = before; asked.Close() })
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", asked.LocalAddr().String())
	}}
	go func() {
		for b := make([]byte, 1500); ; {
			n, from, err := asked.ReadFrom(b)
			if err != nil {
				return
			}
			if answer, err := l.answer(b[:n]); err == nil {
				_, _ = asked.WriteTo(answer, from)
			}
		}
	}()
	return l
}

func (l *leading) answer(question []byte) ([]byte, error) {
	var m dnsmessage.Message
	if err := m.Unpack(question); err != nil {
		return nil, err
	}
	m.Response, m.Authoritative, m.Additionals = true, true, nil
	for _, q := range m.Questions {
		if q.Type == dnsmessage.TypeA {
			m.Answers = append(m.Answers, dnsmessage.Resource{
				Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class}, Body: &dnsmessage.AResource{A: l.to.Load().As4()},
			})
		}
	}
	return m.Pack()
}
