package throttle

import (
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
)

// Proxies are the networks of reverse proxies whose word about a client's address is taken.
type Proxies []netip.Prefix

// ParseProxies reads networks, such as 10.0.0.0/8, and single addresses.
func ParseProxies(texts []string) (Proxies, error) {
	var list Proxies
	for _, text := range texts {
		text = strings.TrimSpace(text)
		p, err := netip.ParsePrefix(text)
		if err != nil {
			address, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("trusted_proxies: %q is neither a network such as 10.0.0.0/8 nor an address", text)
			}
			p = netip.PrefixFrom(address, address.BitLen())
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

func (p Proxies) trusts(address netip.Addr) bool {
	for _, network := range p {
		if network.Contains(address) {
			return true
		}
	}
	return false
}

// Client is the address that a request comes from. X-Forwarded-For is read only where a
// trusted proxy sent the request, from its end: the first address there that is not a
// trusted proxy's. What stands before it anybody can have written.
func (p Proxies) Client(r *http.Request) string {
	address, ok := parseAddress(r.RemoteAddr)
	if !ok || !p.trusts(address) {
		return r.RemoteAddr
	}
	said := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for n := len(said) - 1; n >= 0 && p.trusts(address); n-- {
		next, ok := parseAddress(strings.TrimSpace(said[n]))
		if !ok {
			break
		}
		address = next
	}
	return address.String()
}

// Through hands requests on with the client's address as their RemoteAddr, so that nothing
// behind it has to know about proxies. It warns once of a proxy that seems to be forgotten.
func (p Proxies) Through(next http.Handler) http.Handler {
	var forgotten sync.Once
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address, ok := parseAddress(r.RemoteAddr)
		if !ok || !p.trusts(address) {
			if (address.IsPrivate() || address.IsLoopback()) && r.Header.Get("X-Forwarded-For") != "" {
				forgotten.Do(func() {
					slog.Warn("a proxy that trusted_proxies does not name forwards requests: all of its clients are counted as one address", "address", address)
				})
			}
			next.ServeHTTP(w, r)
			return
		}
		with := *r
		with.RemoteAddr = p.Client(r)
		next.ServeHTTP(w, &with)
	})
}
