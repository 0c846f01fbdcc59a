package server

import (
	"context"
	"fmt"

	"github.com/leadmeter/leadmeter/internal/enrich"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/provider/catalogue"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

// openSources puts the upstream sources behind the directory.
func (s *Server) openSources(ctx context.Context) error {
	tally := enrich.NewTally(s.Store)
	s.Sources = &enrich.Sources{Store: s.Store, Directory: s.Directory, Clock: s.Config.Clock,
		Given: s.Config.Sources, Kinds: catalogue.Kinds, Key: s.sourceKey,
		Build: provider.BuildOptions{Options: provider.Options{Budget: enrich.Budget{Store: s.Store}, Stats: tally.Note}}}
	if s.Config.SecretKeyFile != "" {
		key, err := seal.ReadKey(s.Config.SecretKeyFile)
		if err != nil {
			return err
		}
		s.Sources.Seal = func(source string, secret seal.Secret) (string, error) { return key.Seal(sealName(source), secret) }
	}
	if err := s.Sources.Open(ctx); err != nil {
		return err
	}
	s.inBackground("sources' tally", tally.Run)
	return nil
}

// sourceKey is a source's key: from the variable that the configuration names,
// else the one that is sealed in the database.
func (s *Server) sourceKey(ctx context.Context, c provider.Config) (seal.Secret, error) {
	if c.KeyEnv != "" {
		if s.Config.Getenv != nil {
			if key := s.Config.Getenv(c.KeyEnv); key != "" {
				return seal.Hide(key), nil
			}
		}
		return seal.Hide(""), fmt.Errorf("the environment variable %s is empty", c.KeyEnv)
	}
	var sealed string
	err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		sealed, err = tx.Providers().Key(c.Name)
		return err
	})
	if err != nil || sealed == "" {
		return seal.Hide(""), err
	}
	if s.Config.SecretKeyFile == "" {
		return seal.Hide(""), fmt.Errorf("it is sealed in the database; name the file of the secret key as secret_key_file")
	}
	key, err := seal.ReadKey(s.Config.SecretKeyFile)
	if err != nil {
		return seal.Hide(""), err
	}
	return key.Open(sealName(c.Name), sealed)
}

func sealName(source string) string { return "provider " + source }

// SealSourceKey keeps a source's key in the database, sealed with the secret key.
// A server reads it at its start.
func (s *Server) SealSourceKey(ctx context.Context, name string, key seal.Key, secret seal.Secret) error {
	sealed, err := key.Seal(sealName(name), secret)
	if err != nil {
		return err
	}
	return s.Store.Update(ctx, func(tx *store.Tx) error { return tx.Providers().PutKey(name, sealed) })
}

// DropSourceKey forgets a source's key; false: there was none.
func (s *Server) DropSourceKey(ctx context.Context, name string) (found bool, err error) {
	err = s.Store.Update(ctx, func(tx *store.Tx) error {
		found, err = tx.Providers().DropKey(name)
		return err
	})
	return found, err
}
