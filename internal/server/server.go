// Package server wires the product together as a value: Open, Serve, Close. It is
// the only package that knows all the others.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/api"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/copying"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/enrich"
	"github.com/leadmeter/leadmeter/internal/live"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/peer"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/push"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/signin"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/throttle"
	"github.com/leadmeter/leadmeter/internal/web"
	"github.com/leadmeter/leadmeter/internal/webhook"
)

// Config is everything that a server is told at its start.
type Config struct {
	Listen   string
	Database string
	// PriceBooks are files of price books beside the shipped ones.
	PriceBooks []string
	// PublicURL is how browsers reach the server, such as https://leads.example.com;
	// empty: as the request says.
	PublicURL string
	// Support is where users ask for help: an address or a link.
	Support string
	// CheckMail asks the domain name system about email domains while people are
	// imported.
	CheckMail bool
	// ImportDir is where files wait while they are imported; empty: as package
	// directory says.
	ImportDir string
	// Sources are the upstream sources, asked for what the directory does not know.
	Sources provider.Settings
	// Getenv reads the variables that hold sources' keys; nil: there are none.
	Getenv func(name string) string
	// SecretKeyFile opens what is sealed in the database; empty: nothing is.
	SecretKeyFile string
	// Mail is how mails leave the server; the zero value makes none.
	Mail mail.Config
	// RateLimit is how many requests a second each key of the API may send, but the
	// operator's; 0: any number.
	RateLimit int
	// Issuers vouch for people who sign in, by OpenID Connect.
	Issuers []signin.IssuerConfig
	// TrustedProxies are the networks of reverse proxies whose X-Forwarded-For is read.
	TrustedProxies throttle.Proxies
	// WebhooksPrivate lets webhooks and pushes call http:// and private addresses.
	WebhooksPrivate bool
	// PeersListen is where the other servers of a Postgres send this one their charges of busy
	// workspaces; empty: nowhere. They do so where Build is the same.
	PeersListen, Build string
	// Timeouts bound how long a client may take; the zero value means the defaults.
	Timeouts edge.Timeouts
	// ReadOnly is for those who only read the ledger, as verify does: it opens a database that was
	// moved elsewhere, too.
	ReadOnly bool
	// Clock is the machine's; nil is time.Now.
	Clock func() time.Time
}

// Server is an open database with everything that works on it.
type Server struct {
	Config    Config
	Store     *store.Store
	Ledger    *credits.Ledger
	Accounts  *account.Accounts
	SignIn    *signin.Service
	Directory *directory.Directory
	Captures  *capture.Service
	Sources   *enrich.Sources
	Bulk      *bulk.Bulk
	Outbox    *outbox.Outbox
	Mail      *mail.Post
	Webhooks  *webhook.Hooks
	Alerts    *alert.Alerts
	Pushes    *push.Pushes
	Handler   http.Handler
	// Metrics are for who runs the server, on a listener of their own.
	Metrics http.Handler
	// Routes is the table of all routes.
	Routes *edge.Mux

	peers      *peer.Servers // nil: there are none
	sealing    seal.Key      // seals what clients bring back: cookies and cursors
	background sync.WaitGroup
	stop       context.CancelFunc
	running    context.Context
	stopping   chan struct{} // closed when the server takes no more
}

// Open opens the database, brings it up to date and puts the product on it.
func Open(ctx context.Context, c Config) (*Server, error) {
	if c.Clock == nil {
		c.Clock = time.Now
	}
	books, err := LoadBooks(c.PriceBooks)
	if err != nil {
		return nil, err
	}
	st, err := store.Open(ctx, c.Database)
	if err != nil {
		return nil, err
	}
	if !c.ReadOnly {
		if err := copying.Refuse(ctx, st); err != nil {
			return nil, errors.Join(err, st.Close())
		}
		st.Serve()
	}
	s := &Server{Config: c, Store: st, stopping: make(chan struct{})}
	s.running, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	s.Ledger = credits.New(st, books)
	s.Accounts = account.New(st, s.Ledger, c.Clock)
	if s.Directory, err = directory.Open(ctx, st, c.Clock); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	if c.CheckMail {
		s.Directory.Mail = &contactfile.MailCheck{}
	}
	if c.ImportDir != "" {
		s.Directory.Spools = c.ImportDir
	}
	if err := s.openSources(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.Captures = &capture.Service{Store: st, Ledger: s.Ledger, Accounts: s.Accounts, Directory: s.Directory, Sources: s.Sources}
	s.Bulk = bulk.New(st, s.Captures, s.Accounts, c.Clock)
	if err := s.openSenders(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	secret, err := st.SecretSetting(ctx, "sealing key")
	if err == nil {
		s.sealing, err = seal.ParseKey(secret)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	s.Handler, s.Metrics = s.routes(), s.metrics()
	return s, nil
}

// LoadBooks returns the shipped price books and those of files. A file may replace a shipped one by
// its name.
func LoadBooks(files []string) (credits.Books, error) {
	books := credits.ShippedBooks()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("price book: %w", err)
		}
		book, err := credits.ParseBook(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		books[book.Name] = book
	}
	return books, nil
}

func (s *Server) routes() http.Handler {
	mux := edge.NewMux(s.Config.Timeouts)
	reports, exports := s.Alerts.Export.Reports, s.Alerts.Export
	screens := &screen.Screens{Accounts: s.Accounts, SignIn: s.SignIn, Captures: s.Captures, Ledger: s.Ledger, Store: s.Store, Bulk: s.Bulk, Reports: reports, Webhooks: s.Webhooks, Pushes: s.Pushes, Alerts: s.Alerts}
	(&api.API{
		Screens:  screens,
		Accounts: s.Accounts, SignIn: s.SignIn, Captures: s.Captures, Directory: s.Directory, Ledger: s.Ledger, Store: s.Store,
		Reports: reports, Export: exports, Background: s.inBackground, Sources: s.Sources, Bulk: s.Bulk, Webhooks: s.Webhooks, Alerts: s.Alerts, Pushes: s.Pushes,
		PublicURL: s.Config.PublicURL, Cursors: s.sealing, Rates: throttle.NewRates(s.Config.RateLimit), Stopping: s.stopping,
	}).Register(mux)
	open := func(pattern string, h http.HandlerFunc) { mux.Handle(edge.Route{Pattern: pattern, Refuse: refuse}, h) }
	open("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	open("GET /readyz", s.ready)
	web.Register(&web.App{
		Accounts: s.Accounts, SignIn: s.SignIn, Captures: s.Captures, Directory: s.Directory, Reports: reports,
		Screens: screens,
		Export:  exports, Background: s.inBackground, Bulk: s.Bulk, PublicURL: s.Config.PublicURL, Support: s.Config.Support, Webhooks: s.Webhooks, Alerts: s.Alerts, Pushes: s.Pushes, Mail: s.Mail, Sources: s.Sources, WebhooksPrivate: s.Config.WebhooksPrivate, Cookies: s.sealing,
		Live: &live.Live{Store: s.Store, Background: s.inBackground}, Stopping: s.stopping,
	}, mux)
	s.Routes = mux
	return s.Config.TrustedProxies.Through(s.observe(mux))
}

func refuse(w http.ResponseWriter, _ *http.Request, err error) { api.WriteProblem(w, err) }

// ready says whether the database answers.
func (s *Server) ready(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), time.Second)
	defer cancel()
	err := s.Store.View(ctx, func(tx *store.Tx) error {
		_, err := tx.Settings().Get("ready")
		return err
	})
	if err != nil {
		http.Error(w, "the database does not answer", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprintln(w, "ready")
}

// inBackground runs work that outlives its request; Close waits for it.
func (s *Server) inBackground(name string, work func(ctx context.Context)) {
	s.background.Go(func() {
		defer func() {
			if p := recover(); p != nil {
				slog.Error("background work failed", "work", name, "panic", fmt.Sprint(p))
			}
		}()
		work(s.running)
	})
}

// ServeMetrics answers GET /metrics until ctx ends.
func (s *Server) ServeMetrics(ctx context.Context, l net.Listener) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", s.Metrics)
	hs := &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 16 << 10}
	stopped := context.AfterFunc(ctx, func() { _ = hs.Close() })
	defer stopped()
	if err := hs.Serve(l); err != nil && ctx.Err() == nil {
		slog.Error("metrics are not served", "error", err)
	}
}

// Serve answers requests until ctx ends, then finishes what is under way.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	if err := s.Directory.Recover(ctx); err != nil {
		return err
	}
	hs := s.Routes.Server(s.Handler)
	hs.RegisterOnShutdown(sync.OnceFunc(func() { close(s.stopping) })) // streams end by themselves
	hs.ErrorLog = slog.NewLogLogger(slog.Default().Handler(), slog.LevelWarn)
	if s.Store.Engine() == "sqlite" { // one process owns the file
		if err := s.Bulk.Recover(ctx); err != nil {
			return err
		}
		if err := s.Outbox.Recover(ctx); err != nil {
			return err
		}
	}
	if err := s.meetPeers(ctx); err != nil {
		return err
	}
	s.inBackground("sweep", s.sweep)
	s.startSenders()
	s.inBackground("bulk captures", s.Bulk.Work)
	s.inBackground("late answers", s.Sources.Late)
	s.inBackground("sources", s.Sources.Follow)
	failed := make(chan error, 1)
	go func() { failed <- hs.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 8*time.Second)
	defer cancel()
	err := hs.Shutdown(grace)
	<-failed
	return err
}

// sweep forgets old sessions, sign-in codes, connections of extensions and whom old
// bulk captures were about, and finishes what was left half done, at the start and
// once an hour.
func (s *Server) sweep(ctx context.Context) {
	every := time.NewTicker(time.Hour)
	defer every.Stop()
	for {
		err := s.Accounts.Sweep(ctx)
		if err == nil {
			err = s.Bulk.Sweep(ctx)
		}
		if err == nil {
			err = s.Outbox.Sweep(ctx)
		}
		if err == nil {
			err = s.Pushes.Sweep(ctx)
		}
		if err != nil && ctx.Err() == nil {
			slog.Warn("what is out of date was not swept", "error", err)
		}
		select {
		case <-every.C:
		case <-ctx.Done():
			return
		}
	}
}

// Close stops background work, answers what the ledger has queued and closes the
// database.
func (s *Server) Close() error {
	s.stop()
	s.background.Wait()
	if s.Directory != nil {
		s.Directory.Wait()
	}
	var err error
	if s.peers != nil {
		err = s.peers.Close()
	}
	return errors.Join(err, s.Ledger.Close(), s.Store.Close())
}
