// Package throttle slows down those who guess and those who flood.
package throttle

import (
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Attempts slows down guessing: a few tries at once for one name and more for one
// network address, which may be a reverse proxy's; then one every few seconds.
type Attempts struct {
	mu    sync.Mutex
	known map[string]*rate.Limiter
}

const (
	triesPerName    = 10
	triesPerAddress = 100
	nameEvery       = 6 * time.Second
	addressEvery    = 600 * time.Millisecond
	maxAttempts     = 10_000 // names and addresses remembered
)

// New remembers nobody yet.
func New() *Attempts { return &Attempts{known: map[string]*rate.Limiter{}} }

// Allow takes a try for a name, which may be empty, and for the address it comes from.
func (a *Attempts) Allow(r *http.Request, name string) bool {
	allowed := a.AllowAddress(r.RemoteAddr)
	a.mu.Lock()
	defer a.mu.Unlock()
	if name = strings.ToLower(strings.TrimSpace(name)); name != "" && len(name) < 300 {
		allowed = a.take("name "+name, nameEvery, triesPerName) && allowed
	}
	return allowed
}

// AllowAddress takes a try for a network address, with or without its port.
func (a *Attempts) AllowAddress(from string) bool {
	if at, err := netip.ParseAddrPort(from); err == nil {
		from = at.Addr().String()
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.take("address "+from, addressEvery, triesPerAddress)
}

func (a *Attempts) take(key string, every time.Duration, atOnce int) bool {
	l := a.known[key]
	if l == nil {
		if len(a.known) >= maxAttempts {
			clear(a.known)
		}
		l = rate.NewLimiter(rate.Every(every), atOnce)
		a.known[key] = l
	}
	return l.Allow()
}
