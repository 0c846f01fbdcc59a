package copying

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Open opens both databases for a copy, SQLite files so that nobody else can, and gives the target
// the schema if it is empty. Close closes them.
func Open(ctx context.Context, from, to string) (c *Copy, err error) {
	if from == to {
		return nil, errors.New("the source and the target are the same database")
	}
	c = &Copy{}
	if c.From, err = OpenSource(ctx, from); err != nil {
		return nil, err
	}
	if c.To, err = openTarget(ctx, to); err != nil {
		return nil, errors.Join(fmt.Errorf("target: %w", err), c.From.Close())
	}
	return c, nil
}

// Close closes both databases.
func (c *Copy) Close() error { return errors.Join(c.From.Close(), c.To.Close()) }

// OpenSource opens a database that is to be copied, or was.
func OpenSource(ctx context.Context, address string) (*store.Store, error) {
	if !exists(address) {
		return nil, fmt.Errorf("there is no database at %s", strings.TrimPrefix(address, "sqlite:"))
	}
	return store.OpenAlone(ctx, address)
}

// exists tells whether there may be a database: of Postgres nobody knows before connecting.
func exists(address string) bool {
	path, sqlite := strings.CutPrefix(address, "sqlite:")
	if !sqlite {
		return true
	}
	_, err := os.Stat(path)
	return err == nil
}

func openTarget(ctx context.Context, address string) (*store.Store, error) {
	if exists(address) {
		st, err := store.OpenAlone(ctx, address)
		if err != nil {
			return nil, err
		}
		empty := false
		err = st.View(ctx, func(tx *store.Tx) (err error) {
			empty, err = unfinished(tx)
			return err
		})
		if err == nil && !empty {
			return st, nil
		}
		if err := errors.Join(err, st.Close()); err != nil {
			return nil, err
		}
	}
	st, err := store.Open(ctx, address)
	if err == nil {
		err = st.Close()
	}
	if err != nil {
		return nil, err
	}
	return store.OpenAlone(ctx, address)
}

// unfinished tells a database that is to be given the schema: it has none, or not all of it, since
// who gave it was killed, and no row.
func unfinished(tx *store.Tx) (bool, error) {
	version, err := tx.Tables().Version()
	if err != nil {
		return false, err
	}
	tables, err := tx.Tables().List()
	if err != nil {
		return false, err
	}
	if version == 0 {
		if len(tables) > 0 {
			return false, errors.New("the database holds tables of another program; choose an empty one")
		}
		return true, nil
	}
	if want, err := store.SchemaVersion(); err != nil || version >= want {
		return false, err
	}
	for _, table := range tables {
		if some, err := tx.Tables().Any(table); err != nil || some {
			return false, err
		}
	}
	return true, nil
}
