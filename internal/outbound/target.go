package outbound

import (
	"errors"
	"net/netip"
	"net/url"
	"strings"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// maxTarget bounds an address that a customer names, in bytes.
const maxTarget = 2000

// Unreachable is why nothing was delivered to an address that a customer named,
// whatever stopped it: more would tell them about the network that the server is in.
const Unreachable = "it could not be reached on the public internet by https"

// Outside says why a call to an address that a customer named came to nothing.
func Outside(err error) string {
	if errors.Is(err, errTooLarge) {
		return errTooLarge.Text // it was reached
	}
	return Unreachable
}

// CheckTarget refuses an address that a customer names where it can never be called:
// what is not https on port 443, or has no public host. private lets http, other ports
// and private hosts through. What a name turns out to be is decided when it is
// connected to. Fault: Invalid, in one sentence.
func CheckTarget(field, text, example string, private bool) error {
	u, err := url.Parse(text)
	good := err == nil && u.Hostname() != "" && u.User == nil && u.Fragment == "" && len(text) <= maxTarget && !strings.ContainsAny(text, " \t\r\n")
	if good && !private {
		good = u.Scheme == "https" && (u.Port() == "" || u.Port() == "443") && public(u.Hostname())
	}
	if good && (u.Scheme == "https" || u.Scheme == "http") {
		return nil
	}
	return fault.Wrong(field, "must be an https:// address on the public internet, on port 443 and without a user name or a part after #, such as %s", example)
}

// public reports whether a host is no address of a private or special network.
func public(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || strings.HasSuffix(host, ".local") || strings.HasSuffix(host, ".internal") {
		return false
	}
	ip, err := netip.ParseAddr(strings.Trim(host, "[]"))
	if err != nil {
		return strings.Contains(host, ".") // one label is a name of one's own network
	}
	network := "tcp6"
	if ip = ip.Unmap(); ip.Is4() {
		network = "tcp4"
	}
	return control(Options{})(network, netip.AddrPortFrom(ip, 443).String(), nil) == nil
}
