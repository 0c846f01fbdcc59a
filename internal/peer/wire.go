package peer

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"time"
)

const (
	// maxBody bounds a frame. One of as many charges as a frame may have, with the longest texts,
	// is smaller.
	maxBody = 4 << 20
	// maxAtOnce is how many frames are worked on at a time; further ones are refused.
	maxAtOnce = 64
	// answerWithin is how long a frame may wait for room in the ledger.
	answerWithin = 300 * time.Millisecond
	// path is where frames are sent.
	path = "/charges"
	// firstRest and longestRest are for how long nothing is sent to a peer that failed.
	firstRest, longestRest = time.Second, 32 * time.Second
)

// identity is a certificate of this process, which nobody signed, and its fingerprint.
type identity struct {
	certificate tls.Certificate
	fingerprint string
}

func newIdentity() (identity, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return identity{}, err
	}
	now := time.Now()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(100, 0, 0)}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	return identity{tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: private}, fingerprint(raw)}, err
}

func fingerprint(certificate []byte) string {
	sum := sha256.Sum256(certificate)
	return hex.EncodeToString(sum[:])
}

var errStranger = errors.New("peer: the other end is not a server of this database")

// knows makes a check of the other end of a connection, resumed or not.
func knows(known func(fingerprint string) bool) func(tls.ConnectionState) error {
	return func(c tls.ConnectionState) error {
		if len(c.PeerCertificates) == 0 || !known(fingerprint(c.PeerCertificates[0].Raw)) {
			return errStranger
		}
		return nil
	}
}

// serve answers the frames of other servers.
func (s *Servers) serve(l net.Listener) {
	free := make(chan struct{}, maxAtOnce)
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+path, func(w http.ResponseWriter, r *http.Request) {
		from := fingerprint(r.TLS.PeerCertificates[0].Raw)
		if !(*s.trust.Load())[from] { // not any more
			w.WriteHeader(http.StatusForbidden)
			return
		}
		select {
		case free <- struct{}{}:
			defer func() { <-free }()
		default:
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		frame, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
		defer cancel()
		answers, err := s.ledger.Answer(ctx, from, frame)
		if err != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write(answers)
	})
	s.http = &http.Server{
		Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 4 << 10,
		ErrorLog: slog.NewLogLogger(slog.Default().Handler(), slog.LevelDebug), // strangers
	}
	l = tls.NewListener(l, &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{s.own.certificate}, ClientAuth: tls.RequireAnyClientCert,
		VerifyConnection: knows(func(f string) bool { return (*s.trust.Load())[f] }),
	})
	s.done.Go(func() {
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			slog.Error("other servers are not answered", "error", err)
		}
	})
}

// meet is a server that was not seen before.
func (s *Servers) meet(name string, c card) *server {
	return &server{card: c, name: name, changed: time.Now(), client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: time.Second}).DialContext,
			TLSHandshakeTimeout: time.Second, MaxConnsPerHost: maxAtOnce / 2, MaxIdleConnsPerHost: maxAtOnce / 2, IdleConnTimeout: time.Minute,
			DisableCompression: true,
			TLSClientConfig: &tls.Config{
				MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{s.own.certificate},
				InsecureSkipVerify: true, // nobody signs these certificates: the database has their fingerprints
				VerifyConnection:   knows(func(f string) bool { return f == c.Certificate }),
			},
		},
	}}
}

// Charges sends a frame. After a failure nothing is sent to the server for a while.
func (o *server) Charges(ctx context.Context, frame []byte) ([]byte, error) {
	answers, err := o.post(ctx, frame)
	if err != nil {
		o.Failed()
		return nil, err
	}
	o.fails.Store(0)
	return answers, nil
}

// Failed has the server rest. Frames that fail together are one failure.
func (o *server) Failed() {
	o.failing.Lock()
	defer o.failing.Unlock()
	if !o.resting() {
		o.rests.Store(time.Now().Add(min(longestRest, firstRest<<min(o.fails.Load(), 10))).UnixNano())
		o.fails.Add(1)
	}
}

func (o *server) resting() bool {
	return o.fails.Load() > 0 && time.Now().UnixNano() < o.rests.Load()
}

func (o *server) post(ctx context.Context, frame []byte) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+o.Address+path, bytes.NewReader(frame))
	if err != nil {
		return nil, err
	}
	response, err := o.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("peer: status %d", response.StatusCode)
	}
	return io.ReadAll(io.LimitReader(response.Body, maxBody))
}
