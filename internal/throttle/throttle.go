// Package throttle slows down those who guess and those who flood, and says which
// network address a request comes from.
package throttle

import (
	"net/netip"
	"time"

	"golang.org/x/time/rate"
)

// Attempts slows down guessing. An address, an account, and an account from one address
// are bounded apart from each other, so that a stranger who guesses neither locks out the
// account's owner elsewhere nor anybody else behind another address.
type Attempts struct {
	addresses, accounts, pairs, browsers, familiar, connections *table
}

const (
	triesPerAddress = 100 // an address may be an office's
	addressEvery    = 600 * time.Millisecond
	triesPerAccount = 40 // from wherever
	accountEvery    = 6 * time.Second
	triesPerPair    = 10 // of one account, from one address or one browser that is known to it
	pairEvery       = 30 * time.Second
	connectAtOnce   = 30 // connections of extensions that an address may ask for
	connectEvery    = 6 * time.Second
	maxNames        = 20_000 // remembered in each table
)

// New remembers nobody yet.
func New() *Attempts {
	return &Attempts{
		addresses: newTable(rate.Every(addressEvery), triesPerAddress, maxNames),
		accounts:  newTable(rate.Every(accountEvery), triesPerAccount, maxNames),
		pairs:     newTable(rate.Every(pairEvery), triesPerPair, maxNames),
		browsers:  newTable(rate.Every(pairEvery), triesPerPair, maxNames),
		familiar:  newTable(rate.Every(accountEvery), triesPerAccount, maxNames),

		connections: newTable(rate.Every(connectEvery), connectAtOnce, maxNames),
	}
}

// Address takes a try for a network address, with or without its port.
func (a *Attempts) Address(from string) bool { return a.addresses.allow(Network(from)) }

// Spent reports whether an address has no try left, and takes none.
func (a *Attempts) Spent(from string) bool { return a.addresses.spent(Network(from)) }

// Connect takes one of the connections of extensions that a network address may ask for: each
// is a row that waits for minutes, so they are fewer than tries.
func (a *Attempts) Connect(from string) bool { return a.connections.allow(Network(from)) }

// Account takes a try for an account, named as it is after normalizing, from a network
// address. A refused address takes none of the account's. browser is the id of one that was
// signed in to this account before, or empty: it has tries of its own, whatever strangers do.
func (a *Attempts) Account(from, account, browser string) bool {
	if browser != "" {
		return a.familiar.allow(account) && a.browsers.allow(browser+" "+account)
	}
	return a.Pair(from, account) && a.accounts.allow(account)
}

// Pair takes a try for an account from a network address, and none of what the account has
// from elsewhere.
func (a *Attempts) Pair(from, account string) bool {
	return a.Address(from) && a.pairs.allow(Network(from)+" "+account)
}

// Network is what an address is counted as: an IPv4 address, or the /64 that an IPv6 address
// is in, which one customer has to themselves.
func Network(from string) string { return network(from, 64) }

// Site is a wider network: an IPv4 address, or the /48 that an IPv6 address is in, which is
// what a provider gives to one site.
func Site(from string) string { return network(from, 48) }

func network(from string, bits int) string {
	address, ok := parseAddress(from)
	if !ok {
		return from
	}
	if address.Is6() {
		if p, err := address.Prefix(bits); err == nil {
			return p.String()
		}
	}
	return address.String()
}

// parseAddress reads an address with or without its port.
func parseAddress(text string) (netip.Addr, bool) {
	if at, err := netip.ParseAddrPort(text); err == nil {
		return at.Addr().Unmap().WithZone(""), true
	}
	address, err := netip.ParseAddr(text)
	return address.Unmap().WithZone(""), err == nil
}
