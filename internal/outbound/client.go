// Package outbound is the one way out to addresses that others name: sources, webhooks,
// pushes and issuers. It decides by the address that is connected to, bounds time and
// size, follows no redirect, and says why a call failed in words that hold nothing of it.
package outbound

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"code.dny.dev/ssrf"
)

// Options is what a Client may do. The zero value is for a public address: ten
// seconds in all, a megabyte of reply, public addresses on port 443 alone.
type Options struct {
	Timeout      time.Duration  // from the call to the last byte; 0 is 10 s
	MaxBody      int64          // bytes of a reply after decompression; 0 is 1 MiB
	Ports        []uint16       // that may be connected to; none is 443
	AnyPort      bool           // every port may be connected to
	AllowPrivate bool           // loopback and private networks may be connected to, and http:// called
	RootCAs      *x509.CertPool // whom to believe; nil is the system's
}

// Client is the one way out. It follows no redirect, uses no proxy, and decides
// by the address that is connected to, after the name was looked up.
type Client struct {
	http    *http.Client
	timeout time.Duration
	maxBody int64
}

// Call is one request. Header may hold a key; URL and Body never do.
type Call struct {
	Method string
	URL    string
	Header http.Header
	Body   []byte
}

// Failure is why a call brought no reply, in words that hold nothing of the call. Again
// says that the other side cannot have begun to work on it.
type Failure struct {
	Text  string
	Again bool
}

func (f Failure) Error() string { return f.Text }

// Reply is what the other side sent, read whole.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// What can keep a reply from being had.
var (
	errAddress  = Failure{"its address is not one that may be called", false}
	errTLS      = Failure{"its TLS certificate does not verify", false}
	errRefused  = Failure{"it could not be reached", true}
	errSlow     = Failure{"it did not answer in time", false}
	errStopped  = Failure{"the search was stopped", false}
	errBroken   = Failure{"its reply broke off or is not HTTP", false}
	errTooLarge = Failure{"its reply is too large", false}
	errCall     = Failure{"the call could not be made of its configuration", false}
)

// NewClient makes a client.
func NewClient(r Options) *Client {
	if r.Timeout <= 0 {
		r.Timeout = 10 * time.Second
	}
	if r.MaxBody <= 0 {
		r.MaxBody = 1 << 20
	}
	if len(r.Ports) == 0 {
		r.Ports = []uint16{443}
	}
	dialer := &net.Dialer{Timeout: min(r.Timeout, 5*time.Second), Control: control(r)}
	return &Client{timeout: r.Timeout, maxBody: r.MaxBody, http: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:            dialer.DialContext,
			TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: r.RootCAs},
			TLSHandshakeTimeout:    min(r.Timeout, 5*time.Second),
			ResponseHeaderTimeout:  r.Timeout,
			MaxResponseHeaderBytes: 64 << 10,
			MaxIdleConnsPerHost:    4,
			IdleConnTimeout:        time.Minute,
			ForceAttemptHTTP2:      true,
		},
	}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}

// A cloud's own services stand at these addresses, of which some are public and
// some private: they hand out the machine's credentials and are never a source.
var metadata = prefixes("169.254.0.0/16", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "fd00:ec2::/32", "fd20:ce::/32")

// What AllowPrivate opens beside the public addresses.
var (
	private4 = prefixes("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
	private6 = prefixes("::1/128", "fc00::/7")
)

// control refuses an address at the moment when it is connected to, so that no
// name that answers differently the second time gets past it.
func control(r Options) func(network, address string, c syscall.RawConn) error {
	options := []ssrf.Option{ssrf.WithPorts(r.Ports...)}
	if r.AnyPort {
		options = append(options, ssrf.WithAnyPort())
	}
	if r.AllowPrivate {
		options = append(options, ssrf.WithAllowedV4Prefixes(private4...), ssrf.WithAllowedV6Prefixes(private6...))
	}
	guard := ssrf.New(options...)
	return func(network, address string, c syscall.RawConn) error {
		at, err := netip.ParseAddrPort(address)
		if err != nil || guard.Safe(network, address, c) != nil {
			return errAddress
		}
		for _, p := range metadata {
			if p.Contains(at.Addr().Unmap().WithZone("")) {
				return errAddress
			}
		}
		return nil
	}
}

// Do makes a call and reads the whole reply, whatever its status. The error is
// safe to show and to log.
func (c *Client) Do(ctx context.Context, call Call) (Reply, error) {
	outer := ctx
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, call.Method, call.URL, bytes.NewReader(call.Body))
	if err != nil {
		return Reply{}, errCall
	}
	for name, values := range call.Header {
		request.Header[name] = values
	}
	request.Header.Set("Accept", "application/json")
	request.Header.Set("User-Agent", "leadmeter")
	if len(call.Body) > 0 {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := c.http.Do(request)
	if err != nil {
		return Reply{}, reason(outer, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, c.maxBody+1))
	switch {
	case err != nil:
		return Reply{}, reason(outer, err)
	case int64(len(body)) > c.maxBody:
		return Reply{}, errTooLarge
	}
	return Reply{Status: response.StatusCode, Header: response.Header, Body: body}, nil
}

// reason puts an error of net/http into our own words: its text holds the URL,
// and with it the person.
func reason(outer context.Context, err error) error {
	var (
		known   Failure
		op      *net.OpError
		name    *net.DNSError
		timeout net.Error
		cert    *tls.CertificateVerificationError
		record  tls.RecordHeaderError
	)
	switch {
	case errors.Is(outer.Err(), context.Canceled):
		return errStopped
	case errors.As(err, &known):
		return known
	case errors.As(err, &cert), errors.As(err, &record):
		return errTLS
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return errSlow
	case errors.As(err, &name), errors.As(err, &op) && op.Op == "dial":
		return errRefused
	}
	return errBroken
}
