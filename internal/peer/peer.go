// Package peer connects the servers of one database, so that one of them decides for a busy
// workspace and the others send it their charges (credits.Peers).
//
// Who may be a peer is the database's to say: each server writes there, every few seconds, where it
// listens and the fingerprint of a certificate that it made at its start. Both ends of a connection
// know each other by it; there is nothing to set up but an address.
package peer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// beat is how often a server writes that it is there.
	beat = 5 * time.Second
	// goneAfter is how long after a server wrote last it is no peer any more.
	goneAfter = 4 * beat
	// forgottenAfter is when its row is removed.
	forgottenAfter = 12 * beat
	// prefix begins the leases that say which servers there are.
	prefix = "server/"
)

// card is what a server says of itself.
type card struct {
	Address string `json:"address"`
	// Certificate is the SHA-256 of its certificate, in hex.
	Certificate string `json:"certificate"`
	// Build says what it decides by: its version and price books.
	Build string `json:"build"`
	Beat  int64  `json:"beat"`
}

// Servers are the peers of this server. It implements credits.Peers.
type Servers struct {
	store  *store.Store
	ledger *credits.Ledger
	name   string
	self   card
	own    identity
	http   *http.Server
	mu     sync.Mutex         // of Look
	seen   map[string]*server // that wrote
	peers  atomic.Pointer[[]*server]
	trust  atomic.Pointer[map[string]bool] // fingerprints
	stop   context.CancelFunc
	done   sync.WaitGroup
}

// server is another one, as it was seen.
type server struct {
	card
	name    string
	changed time.Time // when its beat last did, or it was met, by this process's clock
	runs    bool      // its beat was seen to change: a row alone may be of a killed server, or a copy
	client  *http.Client
	failing sync.Mutex
	fails   atomic.Int32
	rests   atomic.Int64 // until then nothing is sent to it, in nanoseconds since 1970
}

// Open listens on an address that the other servers of the database reach, and shares the ledger
// with those of the same build. Close ends it, before the ledger.
func Open(ctx context.Context, st *store.Store, ledger *credits.Ledger, address, build string) (*Servers, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("peers_listen: %w", err)
	}
	address = net.JoinHostPort(host, port) // an IPv4 may have come in brackets
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		return nil, fmt.Errorf("peers_listen %q must name the address by which the other servers reach this one, such as 10.0.0.5:7070", address)
	}
	own, err := newIdentity()
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("peers_listen %q: %w", address, err)
	}
	if port == "0" {
		address = l.Addr().String()
	}
	s := &Servers{
		store: st, ledger: ledger, name: prefix + ident.New("srv"), own: own, seen: map[string]*server{},
		self: card{Address: address, Certificate: own.fingerprint, Build: fmt.Sprintf("%d %s", credits.FrameVersion, build)},
	}
	s.peers.Store(&[]*server{})
	s.trust.Store(&map[string]bool{})
	if err := s.Look(ctx); err != nil {
		return nil, errors.Join(err, l.Close())
	}
	running, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.serve(l)
	s.done.Go(func() { s.follow(running) })
	ledger.Share(s)
	return s, nil
}

// Close tells the others that this server is gone, and ends what they sent: what is not answered by
// then they decide.
func (s *Servers) Close() error {
	s.peers.Store(&[]*server{})
	s.stop()
	within := func(do func(ctx context.Context) error) error {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		return do(ctx)
	}
	err := within(func(ctx context.Context) error {
		return s.store.Update(ctx, func(tx *store.Tx) error { return tx.Leases().End(s.name) })
	})
	if within(s.http.Shutdown) != nil {
		_ = s.http.Close()
	}
	s.done.Wait()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, o := range s.seen {
		o.client.CloseIdleConnections()
	}
	return err
}

// follow writes and reads who is there.
func (s *Servers) follow(ctx context.Context) {
	every := time.NewTicker(beat)
	defer every.Stop()
	for {
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
		if err := s.Look(ctx); err != nil && ctx.Err() == nil {
			slog.Warn("the other servers were not looked for", "error", err)
			s.mu.Lock()
			s.choose() // those that were seen last grow old
			s.mu.Unlock()
		}
	}
}

// Look writes that this server is there, and reads who else is, as it does every few seconds.
func (s *Servers) Look(ctx context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, beat)
	defer cancel()
	s.self.Beat++
	text, err := json.Marshal(s.self)
	if err != nil {
		return err
	}
	var rows map[string]string
	if err := s.store.Update(ctx, func(tx *store.Tx) error {
		if err := tx.Leases().Put(s.name, string(text)); err != nil {
			return err
		}
		rows, err = tx.Leases().List(prefix)
		return err
	}); err != nil {
		return err
	}
	delete(rows, s.name)
	var forgotten []string
	for name, text := range rows {
		var c card
		if json.Unmarshal([]byte(text), &c) != nil || c.Certificate == "" {
			continue // of a version to come
		}
		before := s.seen[name]
		switch {
		case before == nil:
			s.seen[name] = s.meet(name, c)
		case before.Certificate != c.Certificate || before.Address != c.Address || before.Build != c.Build:
			before.client.CloseIdleConnections()
			s.seen[name] = s.meet(name, c)
		case before.Beat != c.Beat:
			before.Beat, before.changed, before.runs = c.Beat, time.Now(), true
		case time.Since(before.changed) > forgottenAfter:
			forgotten = append(forgotten, name)
		}
	}
	for name, o := range s.seen {
		if _, is := rows[name]; !is {
			o.client.CloseIdleConnections()
			delete(s.seen, name)
		}
	}
	s.choose()
	if len(forgotten) == 0 {
		return nil
	}
	return s.store.Update(ctx, func(tx *store.Tx) error {
		for _, name := range forgotten {
			if err := tx.Leases().End(name); err != nil {
				return err
			}
		}
		return nil
	})
}

// choose makes those peers who wrote lately and decide as this server does.
func (s *Servers) choose() {
	var list []*server
	trust := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(s.seen)) {
		o := s.seen[name]
		if o.runs && time.Since(o.changed) < goneAfter && o.Build == s.self.Build {
			list = append(list, o)
			trust[o.Certificate] = true
		}
	}
	s.peers.Store(&list)
	s.trust.Store(&trust)
}

// Owner is the server with the greatest weight for a workspace, of those that answer: all servers
// find the same one, and each owns its part of the workspaces.
func (s *Servers) Owner(workspace string) credits.Peer {
	var owner *server
	most := weigh(s.name, workspace)
	for _, o := range *s.peers.Load() {
		if w := weigh(o.name, workspace); w > most && !o.resting() {
			owner, most = o, w
		}
	}
	if owner == nil {
		return nil
	}
	return owner
}

// weigh is FNV-1a over both texts, whose last bytes are then mixed into all bits.
func weigh(name, workspace string) uint64 {
	h := uint64(14695981039346656037)
	for _, text := range [...]string{name, "/", workspace} {
		for n := range len(text) {
			h = (h ^ uint64(text[n])) * 1099511628211
		}
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}
