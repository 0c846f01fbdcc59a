package contactfile

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/publicsuffix"
)

// Resolver is what a MailCheck asks of the domain name system; *net.Resolver is one.
type Resolver interface {
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupHost(ctx context.Context, host string) ([]string, error)
}

// MailCheck asks the domain name system whether domains take mail. Answers are
// kept for a while, so that a file asks once a domain. It is safe for concurrent
// use. Its zero value asks the system's resolver.
type MailCheck struct {
	Resolver Resolver      // nil: net.DefaultResolver
	Timeout  time.Duration // of one domain; 0: two seconds
	Keep     time.Duration // how long an answer counts; 0: an hour

	lock  sync.Mutex
	known map[string]mailAnswer
}

type mailAnswer struct {
	takes bool
	until time.Time
}

// maxMailDomains bounds what is remembered.
const maxMailDomains = 100_000

// Takes tells whether a domain takes mail: it has a mail exchanger, or as of old an
// address. A domain whose single exchanger is "." says that it takes none (RFC
// 7505). When nobody answers in time the domain is given the benefit of the doubt.
func (m *MailCheck) Takes(ctx context.Context, domain string) bool {
	now := time.Now()
	m.lock.Lock()
	answer, found := m.known[domain]
	m.lock.Unlock()
	if found && now.Before(answer.until) {
		return answer.takes
	}
	timeout, keep := m.Timeout, m.Keep
	if timeout == 0 {
		timeout = 2 * time.Second
	}
	if keep == 0 {
		keep = time.Hour
	}
	ctx, stop := context.WithTimeout(ctx, timeout)
	defer stop()
	takes, sure := m.ask(ctx, domain)
	if !sure {
		takes, keep = true, min(keep, time.Minute)
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	if m.known == nil || len(m.known) >= maxMailDomains {
		m.known = make(map[string]mailAnswer)
	}
	m.known[domain] = mailAnswer{takes, now.Add(keep)}
	return takes
}

// ask is one question; not sure: the answer did not come.
func (m *MailCheck) ask(ctx context.Context, domain string) (takes, sure bool) {
	var r Resolver = net.DefaultResolver
	if m.Resolver != nil {
		r = m.Resolver
	}
	name := domain + "." // as it is, whatever the system's search list
	exchangers, err := r.LookupMX(ctx, name)
	switch {
	case len(exchangers) == 1 && exchangers[0].Host == ".":
		return false, true
	case len(exchangers) > 0:
		return true, true
	case err != nil && !isNone(err):
		return false, false
	}
	hosts, err := r.LookupHost(ctx, name)
	if err != nil && !isNone(err) {
		return false, false
	}
	return len(hosts) > 0, true
}

func isNone(err error) bool {
	var dns *net.DNSError
	return errors.As(err, &dns) && dns.IsNotFound
}

// wrongSuffix is what is wrong with where a domain stands; empty: nothing. New
// suffixes are given out all the time, so it is a doubt and no proof.
func wrongSuffix(domain string) string {
	suffix, icann := publicsuffix.PublicSuffix(domain)
	switch {
	case icann && suffix == domain:
		return "is no organisation's domain but a suffix"
	case !icann && !strings.Contains(suffix, ".") && !reservedSuffix[suffix]:
		return "ends in ." + suffix + ", under which no names are known to be given out"
	}
	return ""
}

// reservedSuffix are the names of RFC 2606 and 6761, which tests, examples and
// private networks use.
var reservedSuffix = map[string]bool{"example": true, "test": true, "invalid": true, "localhost": true, "local": true, "internal": true}
