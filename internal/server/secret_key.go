package server

import (
	"context"
	"log/slog"

	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

// useKey notes that the servers of this database have a secret key, and warns where another server had
// another one: what one of them seals, the other cannot open.
func (s *Server) useKey(ctx context.Context, key seal.Key) error {
	if s.Config.ReadOnly {
		return nil
	}
	const name, text = "secret key in use", "leadmeter"
	sealed, err := key.Seal(name, seal.Hide(text))
	if err != nil {
		return err
	}
	used := ""
	if err := s.Store.View(ctx, func(tx *store.Tx) (err error) {
		used, err = tx.Settings().KeyUsed()
		return err
	}); err != nil {
		return err
	}
	if used != "" {
		if _, err := key.Open(name, used); err == nil {
			return nil
		}
	}
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		used, err := tx.Settings().UseKey(sealed)
		if err != nil {
			return err
		}
		if _, other := key.Open(name, used); other == nil {
			return nil
		}
		slog.Warn("this is another secret key than the one that this database was served with before: passwords and tokens that were kept then do not open, and several servers need the same key", "file", s.Config.SecretKeyFile)
		return tx.Settings().ReplaceKey(sealed)
	})
}
