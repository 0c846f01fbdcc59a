package enrich

import (
	"context"
	"slices"

	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/seal"
)

// Listed is one source, as its operator sees it. It holds no key.
type Listed struct {
	Kept
	Given   bool   // by the file: read-only
	Twice   bool   // given, and one of the operator's has its name: that one is not asked
	Broken  string // why it is not asked; empty: it is, unless it is paused
	Resting bool   // it is left alone for a while after failures
}

// List is every source: those of the file first, in the order in which they are asked.
func (s *Sources) List() (list []Listed) {
	now := s.now.Load()
	resting := map[string]bool{}
	fields := map[string][]lead.Field{}
	for _, at := range now.waterfall.Standings() {
		resting[at.Provider], fields[at.Provider] = at.State == "open", at.Fields
	}
	for _, c := range s.Given.Providers {
		_, twice := s.Kept(c.Name)
		list = append(list, Listed{Given: true, Twice: twice, Resting: resting[c.Name], Kept: Kept{Name: c.Name, Kind: c.Kind, URL: c.URL, Fields: fields[c.Name], Daily: c.Daily, AllowPrivate: c.AllowPrivate}})
	}
	for _, k := range now.kept {
		list = append(list, Listed{Kept: k, Broken: now.broken[k.Name], Resting: resting[k.Name]})
	}
	return list
}

// Listed is the source of a name.
func (s *Sources) Listed(name string) (Listed, error) {
	for _, l := range s.List() {
		if l.Name == name {
			return l, nil
		}
	}
	return Listed{}, noSource()
}

// Kept is the operator's source of a name.
func (s *Sources) Kept(name string) (Kept, bool) {
	for _, k := range s.now.Load().kept {
		if k.Name == name {
			return k, true
		}
	}
	return Kept{}, false
}

// KindNames are the kinds that a source may be of.
func (s *Sources) KindNames() (names []string) {
	for name := range s.Kinds {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Try asks one source for one person, also while it is paused. It counts as any other call does, and
// the directory learns nothing of it. Nobody on the suppression list is asked about or shown.
func (s *Sources) Try(ctx context.Context, name string, ref lead.Reference) (provider.Result, error) {
	c, err := s.configOf(name)
	if err != nil {
		return provider.Result{}, err
	}
	if err := s.mayAsk(ctx, ref); err != nil {
		return provider.Result{}, err
	}
	keys := func(c provider.Config) (seal.Secret, error) { return s.Key(ctx, c) }
	w, err := provider.Build(provider.Settings{Providers: []provider.Config{c}, Deadline: s.Given.Deadline}, s.Kinds, keys, s.Build)
	if err != nil {
		return provider.Result{}, inForm(err)
	}
	defer w.Close()
	r := w.Find(ctx, query(lead.Person{}, ref, w.Gives()))
	found := []lead.Reference{{LinkedInURL: r.Person.LinkedInURL}}
	for _, v := range r.Person.Values {
		if v.Field == lead.WorkEmail || v.Field == lead.PersonalEmail {
			found = append(found, lead.Reference{Email: v.Value})
		}
	}
	for _, one := range found {
		if one == (lead.Reference{}) {
			continue
		}
		if err := s.mayAsk(ctx, one); err != nil {
			return provider.Result{}, err
		}
	}
	return r, nil
}

// mayAsk refuses whom the suppression list names (rule C12).
func (s *Sources) mayAsk(ctx context.Context, ref lead.Reference) error {
	match, err := s.Directory.Find(ctx, ref)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
		barred, err := s.Directory.Barred(ctx, ref)
		if err == nil && barred {
			err = directory.Nobody()
		}
		return err
	}
	if err == nil && match.Suppressed {
		err = directory.Nobody()
	}
	return err
}

func (s *Sources) configOf(name string) (provider.Config, error) {
	for _, c := range s.Given.Providers {
		if c.Name == name {
			return c, nil
		}
	}
	k, there := s.Kept(name)
	if !there {
		return provider.Config{}, noSource()
	}
	return k.config()
}
