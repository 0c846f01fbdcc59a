package mail

import (
	"context"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// setting is the name of the server's setting that holds Settings as JSON; empty: there are none.
	setting = "mail"
	// followEvery is how soon a server notices that another one changed the settings.
	followEvery = 2 * time.Second
)

// keeping is where the operator's settings are, and what opens their password.
type keeping struct {
	store   *store.Store // nil: nowhere
	key     seal.Key
	sealing bool
}

// Settings are how mails leave the server, as the operator saved them.
type Settings struct {
	Host string `json:"host"`
	Port int    `json:"port,omitempty"` // 0: as Config says
	TLS  string `json:"tls"`
	User string `json:"user,omitempty"`
	From string `json:"from"`
	// Base is where links in mails begin, unless the server was started with one.
	Base     string `json:"base,omitempty"`
	Password string `json:"password,omitempty"` // sealed
}

// sameServer reports whether a kept password would go where it was meant for.
func (s Settings) sameServer(other Settings) bool {
	return s.Host == other.Host && s.Port == other.Port && s.TLS == other.TLS && s.User == other.User
}

// KeepIn reads the operator's settings, which count where the server was started without mail.
// Sealing says that key is one; without it no password can be kept.
func (p *Post) KeepIn(ctx context.Context, st *store.Store, key seal.Key, sealing bool) error {
	p.kept = keeping{st, key, sealing}
	_, err := p.read(ctx)
	return err
}

// Given reports whether the server was started with mail: then the operator's settings do not count.
func (p *Post) Given() bool { return p.given.Host != "" || p.given.Dir != "" }

func errGiven() error {
	return fault.New(fault.Conflict, "This server was started with mail, and that counts. Change its configuration instead.")
}

// Follow notices what other servers of the database saved, until ctx ends.
func (p *Post) Follow(ctx context.Context) {
	if p.Given() || p.kept.store == nil {
		return
	}
	every := time.NewTicker(followEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			_, _ = p.read(ctx) // what is known stays until the database answers
		case <-ctx.Done():
			return
		}
	}
}

// read is how mails leave at this moment.
func (p *Post) read(ctx context.Context) (*way, error) {
	known := p.way.Load()
	if p.Given() || p.kept.store == nil {
		return known, nil
	}
	text, err := p.text(ctx)
	if err != nil {
		return nil, err
	}
	if text == known.text {
		return known, nil
	}
	w, err := p.parse(text)
	if err != nil {
		return nil, err
	}
	p.way.Store(w)
	return w, nil
}

func (p *Post) text(ctx context.Context) (text string, err error) {
	err = p.kept.store.View(ctx, func(tx *store.Tx) error {
		text, err = tx.Settings().Get(setting)
		return err
	})
	return text, err
}

// parse makes a way of the setting's text.
func (p *Post) parse(text string) (*way, error) {
	var s Settings
	if text != "" {
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			return nil, err
		}
	}
	c, broken := p.config(s), ""
	if s.Password != "" {
		password, err := p.kept.key.Open(setting, s.Password)
		if err != nil {
			password, broken = seal.Hide("unknown"), "the mail server's password does not open with this server's secret_key_file; type it again under Mail"
		}
		c.Password = password
	}
	w, err := check(c)
	if err != nil {
		return nil, err
	}
	w.text, w.broken = text, broken
	return w, nil
}

// config is what settings mean, without their password.
func (p *Post) config(s Settings) Config {
	c := Config{Host: s.Host, Port: s.Port, TLS: s.TLS, User: s.User, From: s.From, Base: p.given.Base, RootCAs: p.given.RootCAs}
	if c.Base == "" {
		c.Base = s.Base
	}
	return c
}

// State is how mails leave the server, as its operator sees it.
type State struct {
	Settings
	Given    bool   // by the start's configuration, which wins
	Dir      string // takes mails as files, where the configuration says so
	Password bool   // one is kept
	Sealing  bool   // a password can be kept
	AskBase  bool   // links in mails need an address, as the server was started with none
	Broken   string // why nothing can be sent though there is a mail server
}

// State reads it. It holds no password.
func (p *Post) State(ctx context.Context) (State, error) {
	w, err := p.read(ctx)
	if err != nil {
		return State{}, err
	}
	s := State{Given: p.Given(), Dir: w.Dir, Sealing: p.kept.sealing, AskBase: p.given.Base == "", Broken: w.broken, Password: w.Password.Reveal() != ""}
	s.Settings = Settings{Host: w.Host, Port: w.Port, TLS: w.TLS, User: w.User, From: w.From, Base: w.Base}
	return s, nil
}

// Save keeps settings. An empty password keeps the one that is there, for the same server and user
// alone: nobody learns a password by pointing it elsewhere. What is wrong is a fault of one field.
func (p *Post) Save(ctx context.Context, s Settings, password seal.Secret) error {
	if p.Given() {
		return errGiven()
	}
	s = s.trimmed()
	if s.Host == "" {
		return fault.Wrong("host", "must not be empty")
	}
	if err := p.checkBase(&s); err != nil {
		return err
	}
	c := p.config(s)
	c.Password = seal.Hide("checked below")
	w, err := check(c)
	if err != nil {
		return err
	}
	s.Port, s.TLS = w.Port, w.TLS
	return p.replace(ctx, func(before Settings) (Settings, error) { return p.withPassword(before, s, password) })
}

func (s Settings) trimmed() Settings {
	for _, text := range []*string{&s.Host, &s.TLS, &s.User, &s.From, &s.Base} {
		*text = strings.TrimSpace(*text)
	}
	return s
}

// checkBase drops an address that does not count, and refuses one that no browser could open.
func (p *Post) checkBase(s *Settings) error {
	if p.given.Base != "" {
		s.Base = ""
		return nil
	}
	u, err := url.Parse(s.Base)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Hostname() == "" || u.User != nil || strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" {
		return fault.Wrong("base", "must be the address of this server, such as https://leads.example.com")
	}
	s.Base = u.Scheme + "://" + u.Host
	return nil
}

// withPassword seals the password that settings are saved with, or takes over the one before.
func (p *Post) withPassword(before, s Settings, password seal.Secret) (Settings, error) {
	s.Password = ""
	switch {
	case s.User == "" && password.Reveal() != "":
		return s, fault.Wrong("user", "must not be empty where there is a password")
	case s.User == "":
		return s, nil
	case !p.kept.sealing:
		return s, fault.Wrong("password", "cannot be kept: start the server with secret_key_file, which seals it")
	case password.Reveal() != "":
		sealed, err := p.kept.key.Seal(setting, password)
		s.Password = sealed
		return s, err
	case before.Password == "":
		return s, fault.Wrong("password", "must not be empty for a user who signs in")
	case !s.sameServer(before):
		return s, fault.Wrong("password", "must be typed again, because the server, its port, its encryption or the user changed")
	}
	s.Password = before.Password
	return s, nil
}

// Remove forgets the settings: no mails are made from then on.
func (p *Post) Remove(ctx context.Context) error {
	if p.Given() {
		return errGiven()
	}
	return p.replace(ctx, func(Settings) (Settings, error) { return Settings{}, nil })
}

// replace writes what change makes of the settings, and takes it up at once.
func (p *Post) replace(ctx context.Context, change func(before Settings) (Settings, error)) error {
	err := p.kept.store.Update(ctx, func(tx *store.Tx) error {
		text, err := tx.Settings().GetForUpdate(setting)
		if err != nil {
			return err
		}
		var before Settings
		if text != "" {
			if err := json.Unmarshal([]byte(text), &before); err != nil {
				return err
			}
		}
		after, err := change(before)
		if err != nil {
			return err
		}
		if after == (Settings{}) {
			return tx.Settings().Put(setting, "")
		}
		now, err := json.Marshal(after)
		if err != nil {
			return err
		}
		return tx.Settings().Put(setting, string(now))
	})
	if err == nil {
		_, err = p.read(ctx)
	}
	return err
}
