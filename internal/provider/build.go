package provider

import (
	"crypto/x509"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/internal/outbound"
	"github.com/leadmeter/leadmeter/internal/seal"
)

// BuildOptions is what Build needs from outside. Every member may be zero.
type BuildOptions struct {
	Options
	RootCAs *x509.CertPool // whom to believe instead of the system's
}

// Build makes a Waterfall of a configuration. keys finds the key of a source by
// its Config; an empty one means that there is none. An error names the place in
// the configuration and says what would be right, and never repeats a URL.
func Build(s Settings, kinds map[string]Kind, keys func(Config) (seal.Secret, error), o BuildOptions) (*Waterfall, error) {
	var (
		sources []Source
		closers []func()
		names   = map[string]bool{}
	)
	for i, c := range s.Providers {
		at := fmt.Sprintf("providers[%d]", i)
		if !isName(c.Name) {
			return nil, fmt.Errorf("%s.name must be 1 to 40 of a-z, 0-9, - and _, such as hunter", at)
		}
		at += " (" + c.Name + ")"
		if names[c.Name] {
			return nil, fmt.Errorf("%s: another provider has this name; each needs its own", at)
		}
		names[c.Name] = true
		kind, known := kinds[c.Kind]
		if !known {
			return nil, fmt.Errorf("%s.kind %q is not known; it must be one of %s", at, plain(c.Kind), strings.Join(kindNames(kinds), ", "))
		}
		source, client, err := build(c, kind, keys, o)
		if err != nil {
			return nil, fmt.Errorf("%s%w", at, err)
		}
		sources, closers = append(sources, source), append(closers, client.Close)
	}
	if s.Deadline < 0 {
		return nil, fmt.Errorf("provider_deadline must be a length of time such as 20s")
	}
	w, err := NewWaterfall(sources, s.Order, s.Deadline, o.Options)
	if err != nil {
		return nil, err
	}
	w.close, w.resting = closers, s.Resting
	return w, nil
}

// build makes one source. Its errors begin after the source's name.
func build(c Config, kind Kind, keys func(Config) (seal.Secret, error), o BuildOptions) (Source, *Client, error) {
	fail := func(format string, args ...any) (Source, *Client, error) {
		return Source{}, nil, fmt.Errorf(format, args...)
	}
	if err := checkNumbers(c); err != nil {
		return fail("%w", err)
	}
	if option := foreign(c, kind); option != "" {
		return fail(".%s is not read by the kind %s: leave it out", option, c.Kind)
	}
	if c.URL == "" {
		c.URL = kind.URL
	}
	port, err := checkURL(&c.URL, c.AllowPrivate)
	if err != nil {
		return fail(".url %w", err)
	}
	if c.CallbackURL != "" {
		if _, err := checkURL(&c.CallbackURL, false); err != nil {
			return fail(".callback_url %w", err)
		}
	}
	if len(c.Fields) == 0 {
		c.Fields = kind.Gives
	}
	for _, f := range c.Fields {
		if !slices.Contains(kind.Gives, f) {
			return fail(".fields: the kind %s does not give %q; it gives %v", c.Kind, f, kind.Gives)
		}
	}
	key, err := keys(c)
	switch {
	case err != nil:
		return fail(": its key: %w", err)
	case key.Reveal() == "" && !kind.Keyless:
		return fail(": it has no key; name the environment variable that holds it as key_env, or keep it with leadmeter source set-key")
	case strings.ContainsFunc(key.Reveal(), func(r rune) bool { return r <= ' ' || r > '~' }):
		return fail(": its key has a space or another character that no key has")
	}
	client := &Client{outbound.NewClient(outbound.Options{Timeout: c.Timeout, Ports: []uint16{port}, AllowPrivate: c.AllowPrivate, RootCAs: o.RootCAs})}
	p, err := kind.New(Setup{Config: c, Key: key, Client: client})
	if err != nil {
		return fail("%w", err)
	}
	limits := Limits{Concurrency: c.Concurrency, PerSecond: c.PerSecond, Burst: c.Burst, Daily: c.Daily,
		PauseAfter: c.PauseAfter, Pause: c.Pause, PollEvery: c.PollEvery}
	if c.Retries != nil {
		limits.Retries = *c.Retries
		if *c.Retries == 0 {
			limits.Retries = -1
		}
	}
	return Source{p, limits}, client, nil
}

// checkNumbers refuses what is out of bounds.
func checkNumbers(c Config) error {
	for _, n := range []struct {
		key   string
		value float64
		most  float64
	}{
		{"concurrency", float64(c.Concurrency), 100}, {"per_second", c.PerSecond, 1000}, {"burst", float64(c.Burst), 1000},
		{"daily_budget", float64(c.Daily), 1e9}, {"pause_after", float64(c.PauseAfter), 1000}, {"min_likelihood", float64(c.MinLikelihood), 10},
		{"timeout (seconds)", c.Timeout.Seconds(), 120}, {"pause (seconds)", c.Pause.Seconds(), 86400}, {"poll_every (seconds)", c.PollEvery.Seconds(), 3600},
	} {
		if !(n.value >= 0 && n.value <= n.most) {
			return fmt.Errorf(".%s must be from 0, which is the default, to %v", n.key, n.most)
		}
	}
	if c.Retries != nil && (*c.Retries < 0 || *c.Retries > 10) {
		return fmt.Errorf(".retries must be from 0, which is none, to 10")
	}
	return nil
}

// foreign is an option that is set and that the kind does not read.
func foreign(c Config, kind Kind) string {
	for option, set := range map[string]bool{"min_likelihood": c.MinLikelihood != 0, "callback_url": c.CallbackURL != "", "http": c.HTTP != nil} {
		if set && !slices.Contains(kind.Reads, option) {
			return option
		}
	}
	return ""
}

// checkURL refuses a URL that cannot be a source's, cuts its last slash and
// returns its port.
func checkURL(text *string, private bool) (uint16, error) {
	u, err := url.Parse(*text)
	switch {
	case *text == "":
		return 0, fmt.Errorf("is missing: say where the source is, such as https://api.example.com")
	case err != nil || u.Host == "" || u.Hostname() == "" || u.Opaque != "":
		return 0, fmt.Errorf("must be a URL such as https://api.example.com")
	case u.User != nil:
		return 0, fmt.Errorf("has a name or password in it; keys are given by key_env and travel in headers")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return 0, fmt.Errorf("must end before any ? or #; a key does not belong in a URL, it is given by key_env")
	case u.Scheme != "https" && !(u.Scheme == "http" && private):
		return 0, fmt.Errorf("must begin with https://; http:// is for allow_private: true")
	}
	*text = strings.TrimSuffix(*text, "/")
	if u.Port() == "" {
		if u.Scheme == "http" {
			return 80, nil
		}
		return 443, nil
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("has a port that is none")
	}
	return uint16(port), nil
}

func isName(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-_") == ""
}

func kindNames(kinds map[string]Kind) []string {
	var names []string
	for name := range kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
