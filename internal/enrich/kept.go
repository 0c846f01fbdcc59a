package enrich

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// setting is the name of the server's setting that holds the operator's sources, as JSON.
	setting = "sources"
	// followEvery is how soon a server notices that another one changed them.
	followEvery = 2 * time.Second
	// maxKept is how many sources the operator may add, maxMore how long their further settings are.
	maxKept, maxMore = 50, 20000
)

// Kept is a source that the operator added.
type Kept struct {
	Name         string       `json:"name"`
	Kind         string       `json:"kind"`
	URL          string       `json:"url,omitempty"`
	Fields       []lead.Field `json:"fields,omitempty"` // empty: all that the kind gives
	Daily        int          `json:"daily,omitempty"`
	AllowPrivate bool         `json:"allow_private,omitempty"`
	More         string       `json:"more,omitempty"` // further keys, as the configuration's file has them
	Paused       bool         `json:"paused,omitempty"`
	Version      string       `json:"version"` // another one after every change, so that servers notice a new key
}

// sameServer reports whether a kept key would go where it was meant for.
func (k Kept) sameServer(other Kept) bool { return k.Kind == other.Kind && k.URL == other.URL }

func errElsewhere() error {
	return fault.Wrong("key", "must be typed again, because the kind or the address changed")
}

// config is the source as the file would describe it.
func (k Kept) config() (provider.Config, error) {
	c, err := provider.ReadConfig(k.More)
	if err != nil {
		return c, err
	}
	for key, set := range map[string]bool{"name": c.Name != "", "kind": c.Kind != "", "url": c.URL != "", "fields": len(c.Fields) > 0,
		"daily_budget": c.Daily != 0, "allow_private": c.AllowPrivate, "key_env": c.KeyEnv != ""} {
		if set {
			return c, fault.Wrong("more", "must leave %s out: the form has a field for it", key)
		}
	}
	c.Name, c.Kind, c.URL, c.Fields, c.Daily, c.AllowPrivate = k.Name, k.Kind, k.URL, k.Fields, k.Daily, k.AllowPrivate
	return c, nil
}

// lineup is the sources of a moment. It must not be changed.
type lineup struct {
	text      string // of the setting
	kept      []Kept
	waterfall *provider.Waterfall
	broken    map[string]string // by name: why a source of the operator's is not asked
	keyless   bool              // a key could not be had, which may pass though the text stays
}

// Open reads the sources. An error is the file's: what is wrong with a source of the operator's is
// shown beside it.
func (s *Sources) Open(ctx context.Context) error {
	// By itself: what the file orders are its own sources.
	given, err := provider.Build(s.Given, s.Kinds, func(c provider.Config) (seal.Secret, error) { return s.Key(ctx, c) }, s.Build)
	if err != nil {
		return fmt.Errorf("configuration: %w", err)
	}
	given.Close()
	text, err := s.text(ctx)
	if err != nil {
		return err
	}
	l, err := s.lineUp(ctx, text)
	if err == nil {
		s.now.Store(l)
	}
	return err
}

// Follow notices what other servers of the database changed, until ctx ends.
func (s *Sources) Follow(ctx context.Context) {
	every := time.NewTicker(followEvery)
	defer every.Stop()
	for {
		select {
		case <-every.C:
			if err := s.refresh(ctx); err != nil && ctx.Err() == nil {
				slog.Warn("the sources were not read; they stay as they are", "error", err)
			}
		case <-ctx.Done():
			return
		}
	}
}

// refresh takes up what was changed. A search that runs ends with the sources that it began with.
func (s *Sources) refresh(ctx context.Context) error {
	s.refreshing.Lock() // an older text must not be taken up after a newer one
	defer s.refreshing.Unlock()
	text, err := s.text(ctx)
	before := s.now.Load()
	if err != nil || text == before.text && !before.keyless {
		return err
	}
	l, err := s.lineUp(ctx, text)
	if err != nil {
		return err
	}
	if text == before.text && maps.Equal(l.broken, before.broken) {
		l.waterfall.Close() // as before, whose counts go on
		return nil
	}
	s.now.Store(l)
	before.waterfall.Close()
	return nil
}

func (s *Sources) text(ctx context.Context) (text string, err error) {
	err = s.Store.View(ctx, func(tx *store.Tx) error {
		text, err = tx.Settings().Get(setting)
		return err
	})
	return text, err
}

func parseKept(text string) (list []Kept, err error) {
	if text != "" {
		err = json.Unmarshal([]byte(text), &list)
	}
	return list, err
}

// lineUp puts the operator's sources behind those of the file, also in the orders that the file has.
func (s *Sources) lineUp(ctx context.Context, text string) (*lineup, error) {
	l := &lineup{text: text, broken: map[string]string{}}
	var err error
	if l.kept, err = parseKept(text); err != nil {
		return nil, err
	}
	all := s.Given
	all.Providers, all.Order = slices.Clone(s.Given.Providers), maps.Clone(s.Given.Order)
	keys := func(c provider.Config) (seal.Secret, error) {
		key, err := s.Key(ctx, c)
		l.keyless = l.keyless || err != nil
		return key, err
	}
	for _, k := range l.kept {
		c, gives, err := s.check(k, keys)
		if err != nil {
			l.broken[k.Name] = inForm(err).Message
		}
		if err != nil || k.Paused {
			all.Resting = append(all.Resting, k.Name)
			continue
		}
		all.Providers = append(all.Providers, c)
		for f, names := range all.Order {
			if slices.Contains(gives, f) {
				all.Order[f] = append(slices.Clip(names), k.Name)
			}
		}
	}
	l.waterfall, err = provider.Build(all, s.Kinds, keys, s.Build)
	return l, err
}

// given reports whether a source of the file has the name.
func (s *Sources) given(name string) bool {
	return slices.ContainsFunc(s.Given.Providers, func(c provider.Config) bool { return c.Name == name })
}

// check judges one source as the file's are judged, and says which fields it gives.
func (s *Sources) check(k Kept, keys func(provider.Config) (seal.Secret, error)) (provider.Config, []lead.Field, error) {
	if s.given(k.Name) {
		return provider.Config{}, nil, fault.Wrong("name", "is that of a source in the configuration’s file")
	}
	c, err := k.config()
	if err != nil {
		return c, nil, err
	}
	w, err := provider.Build(provider.Settings{Providers: []provider.Config{c}}, s.Kinds, keys, s.Build)
	if err != nil {
		return c, nil, err
	}
	defer w.Close()
	return c, w.Gives(), nil
}

// place is where provider.Build says that something is wrong: the key, and then why.
var place = regexp.MustCompile(`(?s)^providers\[\d+\](?: \([^)]*\))?(?:\.([a-z_]+)|: it(?:s key)?)[ :]*(.*)$`)

// inForm is what Build says of a source, at the field of the form that it is about.
func inForm(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	m := place.FindStringSubmatch(err.Error())
	switch {
	case m == nil:
		return fault.Wrong("more", "is not usable: %s", err)
	case m[1] == "" && strings.HasPrefix(m[2], "has no key"):
		return fault.Wrong("key", "must not be empty for this kind")
	case m[1] == "":
		return fault.Wrong("key", "%s", m[2])
	case slices.Contains([]string{"name", "kind", "url", "fields"}, m[1]):
		return fault.Wrong(m[1], "%s", m[2])
	case m[1] == "daily_budget":
		return fault.Wrong("daily", "%s", m[2])
	}
	return fault.Wrong("more", "has a %s that is not right: %s", m[1], m[2])
}

// Save adds a source, or changes the one of that name where it is there. An empty key keeps the one
// that is kept, for the same kind and address alone: nobody learns a key by pointing it elsewhere.
// What is wrong is a fault of one field.
func (s *Sources) Save(ctx context.Context, k Kept, key seal.Secret, adds bool) error {
	if len(k.More) > maxMore {
		return fault.Wrong("more", "must have at most %d characters", maxMore)
	}
	before, there := s.Kept(k.Name)
	switch {
	case adds && there:
		return fault.Wrong("name", "is that of another source")
	case !adds && !there:
		return noSource()
	case key.Reveal() != "" && s.Seal == nil:
		return fault.Wrong("key", "cannot be kept: start the server with secret_key_file, which seals it")
	}
	keeps := there && key.Reveal() == ""
	if keeps && !k.sameServer(before) {
		if old, err := s.Key(ctx, provider.Config{Name: k.Name}); err != nil || old.Reveal() != "" {
			return errElsewhere()
		}
	}
	if _, _, err := s.check(k, func(c provider.Config) (seal.Secret, error) {
		if keeps {
			return s.Key(ctx, c)
		}
		return key, nil
	}); err != nil {
		return inForm(err)
	}
	k.Version = ident.New("v")
	return s.change(ctx, func(tx *store.Tx, list []Kept) ([]Kept, error) {
		n := slices.IndexFunc(list, func(other Kept) bool { return other.Name == k.Name })
		switch {
		case adds && n >= 0:
			return nil, fault.Wrong("name", "is that of another source")
		case !adds && n < 0:
			return nil, noSource()
		case adds && len(list) >= maxKept:
			return nil, fault.Wrong("name", "is one too many: there may be %d sources", maxKept)
		case adds:
			list = append(list, k)
		case keeps && !list[n].sameServer(before): // another operator gave it another key meanwhile
			return nil, errElsewhere()
		default:
			k.Paused = list[n].Paused
			list[n] = k
		}
		if keeps {
			return list, nil
		}
		return list, s.putKey(tx, k.Name, key)
	})
}

// putKey keeps a source's key, or forgets the one of another source that had the name.
func (s *Sources) putKey(tx *store.Tx, name string, key seal.Secret) error {
	if key.Reveal() == "" {
		_, err := tx.Providers().DropKey(name)
		return err
	}
	sealed, err := s.Seal(name, key)
	if err != nil {
		return err
	}
	return tx.Providers().PutKey(name, sealed)
}

// Pause stops asking a source, or asks it again.
func (s *Sources) Pause(ctx context.Context, name string, paused bool) error {
	return s.change(ctx, func(_ *store.Tx, list []Kept) ([]Kept, error) {
		for n := range list {
			if list[n].Name == name {
				list[n].Paused, list[n].Version = paused, ident.New("v")
				return list, nil
			}
		}
		return nil, noSource()
	})
}

// Remove forgets a source and its key. What it found stays.
func (s *Sources) Remove(ctx context.Context, name string) error {
	return s.change(ctx, func(tx *store.Tx, list []Kept) ([]Kept, error) {
		left := slices.DeleteFunc(slices.Clone(list), func(k Kept) bool { return k.Name == name })
		if len(left) == len(list) {
			return nil, noSource()
		}
		if s.given(name) { // the key is that of the file's source
			return left, nil
		}
		_, err := tx.Providers().DropKey(name)
		return left, err
	})
}

func noSource() error { return fault.New(fault.NotFound, "There is no such source.") }

// change writes the operator's sources, and takes them up at once.
func (s *Sources) change(ctx context.Context, do func(tx *store.Tx, list []Kept) ([]Kept, error)) error {
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		text, err := tx.Settings().GetForUpdate(setting)
		if err != nil {
			return err
		}
		list, err := parseKept(text)
		if err == nil {
			list, err = do(tx, list)
		}
		if err != nil {
			return err
		}
		now, err := json.Marshal(list)
		if err != nil {
			return err
		}
		return tx.Settings().Put(setting, string(now))
	})
	if err == nil {
		err = s.refresh(ctx)
	}
	return err
}
