package outbound_test

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/outbound"
)

// forbidden are networks that no public source stands in, and allowed with
// AllowPrivate or not.
var forbidden = []struct {
	prefix  string
	private bool
}{
	{"0.0.0.0/8", false}, {"10.0.0.0/8", true}, {"100.64.0.0/10", false}, {"127.0.0.0/8", true}, {"169.254.0.0/16", false},
	{"172.16.0.0/12", true}, {"192.0.0.0/24", false}, {"192.0.2.0/24", false}, {"192.88.99.0/24", false}, {"192.168.0.0/16", true},
	{"198.18.0.0/15", false}, {"198.51.100.0/24", false}, {"203.0.113.0/24", false}, {"224.0.0.0/4", false}, {"240.0.0.0/4", false},
	{"168.63.129.16/32", false}, {"100.100.100.200/32", false},
	{"::/128", false}, {"::1/128", true}, {"::/96", false}, {"64:ff9b::/96", false}, {"64:ff9b:1::/48", false},
	{"100::/64", false}, {"2001::/32", false}, {"2001:20::/28", false}, {"2001:db8::/32", false}, {"2002::/16", false}, {"3fff::/20", false},
	{"5f00::/16", false}, {"fc00::/7", true}, {"fd00:ec2::/32", false}, {"fe80::/10", false}, {"fec0::/10", false}, {"ff00::/8", false},
}

// samples are the first, the last and some addresses between of a network.
func samples(prefix netip.Prefix) []netip.Addr {
	first := prefix.Masked().Addr()
	list := []netip.Addr{first}
	for _, fill := range []byte{0x01, 0x55, 0xaa, 0xff} {
		bytes := first.AsSlice()
		for bit := prefix.Bits(); bit < len(bytes)*8; bit++ {
			bytes[bit/8] |= fill & (0x80 >> (bit % 8))
		}
		addr, _ := netip.AddrFromSlice(bytes)
		list = append(list, addr)
	}
	return list
}

// forms are the ways in which an address is written into a URL or reached.
func forms(a netip.Addr) []string {
	if !a.Is4() {
		return []string{"[" + a.String() + "]", "[" + a.StringExpanded() + "]", "[" + strings.ToUpper(a.StringExpanded()) + "]"}
	}
	b := a.As4()
	return []string{
		a.String(),
		"[::ffff:" + a.String() + "]",
		fmt.Sprintf("[::ffff:%02x%02x:%02x%02x]", b[0], b[1], b[2], b[3]),
		fmt.Sprintf("[64:ff9b::%02x%02x:%02x%02x]", b[0], b[1], b[2], b[3]),
		fmt.Sprintf("[2002:%02x%02x:%02x%02x::1]", b[0], b[1], b[2], b[3]),
		"[::" + a.String() + "]",
		fmt.Sprintf("[fe80::5efe:%02x%02x:%02x%02x]", b[0], b[1], b[2], b[3]),
	}
}

func refused(t *testing.T, c *outbound.Client, host string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := c.Do(ctx, outbound.Call{Method: "GET", URL: "https://" + host + "/"})
	if err == nil {
		return "it was reached"
	}
	if err.Error() != "its address is not one that may be called" {
		return err.Error()
	}
	return ""
}

// Each form of each forbidden address is refused before a packet is sent.
func TestForbiddenAddresses(t *testing.T) {
	public := outbound.NewClient(outbound.Options{})
	private := outbound.NewClient(outbound.Options{AllowPrivate: true, Ports: []uint16{443}})
	tried := 0
	for _, network := range forbidden {
		for _, addr := range samples(netip.MustParsePrefix(network.prefix)) {
			for i, form := range forms(addr) {
				tried++
				if why := refused(t, public, form); why != "" {
					t.Errorf("%s in %s: %s", form, network.prefix, why)
				}
				if i == 0 && !network.private {
					if why := refused(t, private, form); why != "" {
						t.Errorf("%s in %s, with allow_private: %s", form, network.prefix, why)
					}
				}
			}
		}
	}
	for _, host := range []string{"localhost", "127.0.0.1:8443", "[fe80::1%25lo]", "8.8.8.8:22", "8.8.8.8:80", "[2001:4860:4860::8888]:8080"} {
		tried++
		if why := refused(t, public, host); why != "" {
			t.Errorf("%s: %s", host, why)
		}
	}
	if tried < 500 {
		t.Errorf("only %d forms were tried", tried)
	}
}

// An address that a customer names is refused at once where it is one of these.
func TestForbiddenTargets(t *testing.T) {
	for _, network := range forbidden {
		for _, addr := range samples(netip.MustParsePrefix(network.prefix)) {
			host := addr.String()
			if addr.Is6() {
				host = "[" + host + "]"
			}
			if outbound.CheckTarget("url", "https://"+host+"/x", "https://example.com/x", false) == nil {
				t.Errorf("%s in %s is taken", host, network.prefix)
			}
		}
	}
	for _, good := range []string{"https://8.8.8.8/x", "https://[2001:4860:4860::8888]/x", "https://hooks.example.com/x"} {
		if err := outbound.CheckTarget("url", good, "https://example.com/x", false); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
}

// A private address is for who asked for it, and on the port that was named.
func TestAllowPrivate(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {}))
	defer server.Close()
	u, _ := url.Parse(server.URL)
	n, _ := strconv.Atoi(u.Port())
	for _, c := range []struct {
		options outbound.Options
		ok      bool
	}{
		{outbound.Options{AllowPrivate: true, Ports: []uint16{uint16(n)}}, true},
		{outbound.Options{AllowPrivate: true}, false},
		{outbound.Options{Ports: []uint16{uint16(n)}}, false},
	} {
		_, err := outbound.NewClient(c.options).Do(t.Context(), outbound.Call{Method: "GET", URL: server.URL})
		if (err == nil) != c.ok {
			t.Errorf("%+v: %v", c.options, err)
		}
	}
}

// No environment sends our calls, and the keys in them, through somebody else.
func TestNoProxy(t *testing.T) {
	hit := make(chan string, 1)
	proxy := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { hit <- r.Method }))
	defer proxy.Close()
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "https_proxy"} {
		t.Setenv(name, proxy.URL)
	}
	if why := refused(t, outbound.NewClient(outbound.Options{}), "10.1.2.3"); why != "" {
		t.Error(why)
	}
	select {
	case method := <-hit:
		t.Errorf("the proxy got a %s", method)
	default:
	}
}

// What went wrong is said without the URL, which holds the person.
func TestErrorsHoldNoURL(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { panic(http.ErrAbortHandler) }))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	defer server.Close()
	u, _ := url.Parse(server.URL)
	n, _ := strconv.Atoi(u.Port())
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	c := outbound.NewClient(outbound.Options{AllowPrivate: true, Ports: []uint16{uint16(n), 1, 443}, RootCAs: roots, Timeout: 2 * time.Second})
	for _, base := range []string{server.URL, "http://127.0.0.1:1", "https://nowhere.invalid", "http://127.0.0.1:" + u.Port(), "https://10.0.0.1:99", "https://%zz", "ftp://127.0.0.1"} {
		_, err := c.Do(t.Context(), outbound.Call{Method: "GET", URL: base + "/?name=Lovelace", Header: http.Header{"X-Api-Key": {"canary"}}})
		if base == "http://127.0.0.1:"+u.Port() {
			continue // a TLS server answers plain HTTP with a page
		}
		if err == nil || strings.Contains(err.Error(), "Lovelace") || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: %v", base, err)
		}
	}
}
