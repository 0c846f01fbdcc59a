// Package command is the command line: the only reader of flags, environment and
// the configuration file. Every flag can also be given as LEADMETER_… and, for
// serve, as a key of the file; what is unknown or wrong stops the start with a
// sentence.
package command

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/goccy/go-yaml"

	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/throttle"
)

// Version is set when the program is built.
var Version = "dev"

// Main runs the program and returns its exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	err := run(ctx, args, stdout, stderr)
	var exit exitCode
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return int(exit)
	}
	fmt.Fprintln(stderr, "leadmeter: "+err.Error())
	return 1
}

// gcPercent lets the heap grow to five times what is live before it is swept:
// what is live is small, and a charge makes garbage. GOGC says otherwise.
const gcPercent = 400

// exitCode ends the program without another word.
type exitCode int

func (e exitCode) Error() string { return fmt.Sprintf("exit %d", int(e)) }

type program struct {
	Serve   serve    `cmd:"" help:"Run the server."`
	Demo    demo     `cmd:"" help:"Run the server with a sample workspace."`
	Key     key      `cmd:"" help:"Create an operator's key."`
	SignIn  signIn   `cmd:"" name:"sign-in" help:"Print a code that signs the operator in to the web app once."`
	Source  sourceC  `cmd:"" help:"Keep or forget the key of an upstream source."`
	Import  importC  `cmd:"" help:"Import people from a CSV or NDJSON file into the directory."`
	Verify  verify   `cmd:"" help:"Check that the whole ledger adds up; exit 1 with every difference."`
	Migrate migrateC `cmd:"" help:"Bring the schema of a database up to date, which serve also does; with --citus, distribute it."`
	Backup  backup   `cmd:"" help:"Write a consistent copy of a SQLite database to a new file."`
	Copy    copyC    `cmd:"" help:"Move the whole database to another one, SQLite or Postgres, and verify it there."`
	Archive archiveC `cmd:"" help:"Move old ledger entries into packed blocks of the same database, where they are read as before; or move them back."`
	Replay  replay   `cmd:"" help:"What the past would have cost under another price book or other allocations, and who would have been stopped."`
	Bench   benchC   `cmd:"" help:"Measure the ledger, beside a transaction written by hand."`
	Doctor  doctor   `cmd:"" help:"Find what is wrong in the data, and put it right."`
	Version version  `cmd:"" help:"Print the version."`
}

// output is where a command writes.
type output struct {
	ctx            context.Context
	stdout, stderr io.Writer
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	var p program
	code := -1
	parser, err := kong.New(&p, kong.Name("leadmeter"), kong.Description("Capture leads, pay for what is found in metered credits."),
		kong.DefaultEnvars("LEADMETER"), kong.Writers(stdout, stderr), kong.Exit(func(c int) { code = c }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		return err
	}
	if err := unknownVariables(parser.Model.Node); err != nil {
		return err
	}
	parsed, err := parser.Parse(args)
	if code >= 0 {
		return exitCode(code)
	}
	if err != nil {
		return fmt.Errorf("%w; see leadmeter --help", err)
	}
	return parsed.Run(&output{ctx, stdout, stderr})
}

// unknownVariables refuses LEADMETER_ variables that no flag reads: a misspelt
// one must not be ignored in silence. LEADMETER_TEST_… belong to the tests.
func unknownVariables(root *kong.Node) error {
	known := map[string]bool{mailPassword: true}
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			for _, env := range f.Envs {
				known[env] = true
			}
		}
		for _, c := range n.Children {
			walk(c)
		}
	}
	walk(root)
	for _, pair := range os.Environ() {
		name, _, _ := strings.Cut(pair, "=")
		if strings.HasPrefix(name, "LEADMETER_") && !strings.HasPrefix(name, "LEADMETER_TEST_") && !known[name] {
			return fmt.Errorf("the environment variable %s is not one that leadmeter reads; see leadmeter serve --help", name)
		}
	}
	return nil
}

// database is the flag that every command shares.
type database struct {
	Database string `default:"sqlite:leadmeter.db" help:"sqlite:PATH or postgres://…" env:"LEADMETER_DATABASE"`
}

type serve struct {
	database
	Listen         string   `default:"127.0.0.1:8080" help:"Address to listen on." env:"LEADMETER_LISTEN"`
	Metrics        string   `name:"metrics-listen" default:"127.0.0.1:9090" help:"Address that serves GET /metrics; off: none does." env:"LEADMETER_METRICS_LISTEN"`
	PeersListen    string   `name:"peers-listen" help:"Where several servers share a Postgres: this server's address among them, such as 10.0.0.5:7070, at which the others send it their charges of busy workspaces; default: none do." env:"LEADMETER_PEERS_LISTEN"`
	Config         string   `help:"YAML file with the same settings; flags and variables win." type:"path" env:"LEADMETER_CONFIG"`
	PriceBooks     []string `name:"price-books" help:"Files of price books beside the shipped classic and universal." env:"LEADMETER_PRICE_BOOKS"`
	PublicURL      string   `name:"public-url" help:"How browsers reach the server, such as https://leads.example.com." env:"LEADMETER_PUBLIC_URL"`
	Support        string   `help:"Where users ask for help: an email address or a link." env:"LEADMETER_SUPPORT"`
	CheckMail      bool     `name:"check-mail" help:"Ask the domain name system, while people are imported, whether their email domains take mail." env:"LEADMETER_CHECK_MAIL"`
	ImportDir      string   `name:"import-dir" help:"Where files wait while they are imported; default: beside the SQLite database, else the system's temporary directory." type:"path" env:"LEADMETER_IMPORT_DIR"`
	RateLimit      int      `name:"rate-limit" help:"Requests a second that each key of the API may send, but the operator's; 0: any number." env:"LEADMETER_RATE_LIMIT"`
	TrustedProxies []string `name:"trusted-proxies" help:"Networks of your reverse proxies, such as 10.0.0.0/8: from them, and nobody else, X-Forwarded-For is read." env:"LEADMETER_TRUSTED_PROXIES"`
	secretKey
	sending

	sources provider.Settings // of the file alone
	vouch   SignInFile        // of the file alone
}

// secretKey is the flag of commands that open what is sealed.
type secretKey struct {
	SecretKeyFile string `name:"secret-key-file" help:"File with the 32-byte key, as hex or base64, that seals passwords, tokens and second factors in the database; made at the first start; default: secret.key beside a SQLite database." type:"path" env:"LEADMETER_SECRET_KEY_FILE"`
}

// file is what the configuration file may say.
type file struct {
	Listen     string   `yaml:"listen"`
	Metrics    string   `yaml:"metrics_listen"`
	Database   string   `yaml:"database"`
	Peers      string   `yaml:"peers_listen"`
	PriceBooks []string `yaml:"price_books"`
	PublicURL  string   `yaml:"public_url"`
	Support    string   `yaml:"support"`

	CheckMail bool   `yaml:"check_mail"`
	ImportDir string `yaml:"import_dir"`
	RateLimit int    `yaml:"rate_limit"`

	TrustedProxies []string `yaml:"trusted_proxies"`

	SecretKeyFile     string `yaml:"secret_key_file"`
	provider.Settings `yaml:",inline"`
	SendingFile       `yaml:",inline"`
	SignInFile        `yaml:",inline"`
}

// read lays the file under the flags: what a flag or a variable said stays.
func (s *serve) read(given func(flag string) bool) error {
	if s.Config == "" {
		return nil
	}
	text, err := os.ReadFile(s.Config)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	var f file
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.DisallowUnknownField()).Decode(&f); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("configuration %s: %s", s.Config, strings.TrimSpace(yaml.FormatError(err, false, false)))
	}
	for _, o := range []struct {
		flag       string
		into, from *string
	}{
		{"listen", &s.Listen, &f.Listen}, {"metrics-listen", &s.Metrics, &f.Metrics}, {"database", &s.Database, &f.Database},
		{"public-url", &s.PublicURL, &f.PublicURL}, {"support", &s.Support, &f.Support}, {"secret-key-file", &s.SecretKeyFile, &f.SecretKeyFile},
		{"import-dir", &s.ImportDir, &f.ImportDir}, {"peers-listen", &s.PeersListen, &f.Peers},
	} {
		if *o.from != "" && !given(o.flag) {
			*o.into = *o.from
		}
	}
	if len(f.PriceBooks) > 0 && !given("price-books") {
		s.PriceBooks = f.PriceBooks
	}
	if len(f.TrustedProxies) > 0 && !given("trusted-proxies") {
		s.TrustedProxies = f.TrustedProxies
	}
	if f.CheckMail && !given("check-mail") {
		s.CheckMail = true
	}
	if f.RateLimit != 0 && !given("rate-limit") {
		s.RateLimit = f.RateLimit
	}
	s.sources = f.Settings
	s.vouch = f.SignInFile
	s.lay(f.SendingFile, given)
	return nil
}

// Run serves until it is told to stop.
func (s *serve) Run(o *output, k *kong.Context) error {
	given := func(flag string) bool {
		if os.Getenv("LEADMETER_"+strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))) != "" {
			return true
		}
		return slices.ContainsFunc(k.Path, func(p *kong.Path) bool { return p.Flag != nil && p.Flag.Name == flag })
	}
	if err := s.read(given); err != nil {
		return err
	}
	l, err := net.Listen("tcp", s.Listen)
	if err != nil {
		return fmt.Errorf("cannot listen on %q: %w", s.Listen, err)
	}
	defer l.Close()
	metrics, err := s.listenMetrics(given("metrics-listen"))
	if err != nil {
		return err
	}
	settings, err := s.settings()
	if err == nil {
		settings.SecretKeyFile, err = keyFor(o, s.Database, settings.SecretKeyFile)
	}
	if err != nil {
		return err
	}
	srv, err := server.Open(o.ctx, settings)
	if err != nil {
		return err
	}
	if metrics != nil {
		go srv.ServeMetrics(o.ctx, metrics)
	}
	fmt.Fprintf(o.stdout, "leadmeter %s listens on http://%s\n", Version, l.Addr())
	if err := s.welcome(o, srv, l.Addr().String()); err != nil {
		return errors.Join(err, srv.Close())
	}
	return errors.Join(srv.Serve(o.ctx, l), srv.Close())
}

// welcome prints the link that sets up a server that has no workspace yet.
func (s *serve) welcome(o *output, srv *server.Server, listen string) error {
	empty, err := srv.Accounts.Empty(o.ctx)
	if err != nil || !empty {
		return err
	}
	code, err := srv.Accounts.CreateSetUpCode(o.ctx)
	if err == nil {
		fmt.Fprintf(o.stdout, "There is no workspace yet. Open this link once, within 24 hours, to set up the server (links that were printed before have ended):\n\n  %s/sign-in#code=%s\n\n", publicBase(s.PublicURL, listen), code)
	}
	return err
}

// listenMetrics opens the listener of /metrics. Where nobody chose its address and
// something else has it, as with two servers on one machine, there is none.
func (s *serve) listenMetrics(chosen bool) (net.Listener, error) {
	if s.Metrics == "off" {
		return nil, nil
	}
	l, err := net.Listen("tcp", s.Metrics)
	switch {
	case err == nil:
		return l, nil
	case chosen || s.Metrics != usualMetrics:
		return nil, fmt.Errorf("cannot serve metrics on %q: %w; set metrics_listen to another address or to off", s.Metrics, err)
	}
	slog.Warn("metrics are not served: another program has the address; set metrics_listen to another one or to off", "address", s.Metrics)
	return nil, nil
}

// usualMetrics is where metrics are served unless somebody says otherwise.
const usualMetrics = "127.0.0.1:9090"

func (s *serve) settings() (server.Config, error) {
	if s.RateLimit < 0 {
		return server.Config{}, errors.New("rate_limit must be a number of requests a second, or 0 for any number")
	}
	post, err := s.mail(s.PublicURL, os.Getenv)
	if err != nil {
		return server.Config{}, err
	}
	proxies, err := throttle.ParseProxies(s.TrustedProxies)
	if err != nil {
		return server.Config{}, err
	}
	issuers, err := s.vouch.issuers(os.Getenv)
	return server.Config{Listen: s.Listen, Database: s.Database, PriceBooks: s.PriceBooks, PublicURL: s.PublicURL, Support: s.Support,
		CheckMail: s.CheckMail, ImportDir: s.ImportDir, RateLimit: s.RateLimit, Sources: s.sources, Getenv: os.Getenv, SecretKeyFile: s.SecretKeyFile, PeersListen: s.PeersListen, Build: build(),
		Mail: post, Issuers: issuers, TrustedProxies: proxies, WebhooksPrivate: s.WebhooksPrivate}, err
}

// build is what servers must have in common to decide for each other.
func build() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return Version + " " + info.Main.Version
	}
	return Version
}

type version struct{}

// Run prints the version.
func (version) Run(o *output) error {
	fmt.Fprintln(o.stdout, "leadmeter "+Version)
	return nil
}
