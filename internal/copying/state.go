package copying

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"

	"github.com/leadmeter/leadmeter/internal/store"
)

// moved is what a source says of itself from a copy's first row on, as a setting: nobody may charge
// it while it is copied, nor afterwards.
type moved struct {
	// ID is of this copy. It ends with Undo, so that a target never continues from a source that
	// was charged in between.
	ID   string `json:"id"`
	To   string `json:"to"` // an address without its password
	Done bool   `json:"done"`
}

// copied is what a target says of itself: the copy's place, written with each batch of rows in its
// own transaction. The last key of the target would not do instead: the engines sort texts and
// receipts' keys differently.
type copied struct {
	ID   string `json:"id"` // of the source's moved
	From string `json:"from"`
	// Table is the table that is being copied; those before it are complete, and so are the parts of
	// it before Part.
	Table string `json:"table"`
	Part  int    `json:"part,omitempty"`
	Rows  int64  `json:"rows"` // of Table that are here
	After after  `json:"after"`
	// Parts are those of the source's workspaces; see store.Parts.
	Parts int  `json:"parts,omitempty"`
	Done  bool `json:"done"` // compared with the source, too
}

// Refuse returns an error that says why a database is not to be served: it was moved, or a copy
// into it is unfinished. It returns nil for any other.
func Refuse(ctx context.Context, st *store.Store) error {
	var source moved
	var target copied
	if err := st.View(ctx, func(tx *store.Tx) error {
		if _, err := setting(tx, store.SettingMovedTo, &source); err != nil {
			return err
		}
		_, err := setting(tx, store.SettingCopiedFrom, &target)
		return err
	}); err != nil {
		return err
	}
	switch {
	case source.Done:
		return fmt.Errorf("this database was moved to %s; serve that one. To use this one again, run leadmeter copy --undo --from ADDRESS", source.To)
	case source.ID != "":
		return fmt.Errorf("this database is being copied to %s. Run leadmeter copy again to finish, or leadmeter copy --undo --from ADDRESS to stay here", source.To)
	case target.ID != "" && !target.Done:
		return fmt.Errorf("this database holds an unfinished copy of %s; run leadmeter copy again to finish it", target.From)
	}
	return nil
}

// Undo lets a source be used again and returns where it was copied to. A copy that is unfinished
// cannot be continued afterwards.
func Undo(ctx context.Context, source *store.Store) (to string, err error) {
	var was moved
	err = source.Update(ctx, func(tx *store.Tx) error {
		found, err := setting(tx, store.SettingMovedTo, &was)
		if err == nil && !found {
			err = errors.New("this database was not copied to another one; there is nothing to undo")
		}
		if err != nil {
			return err
		}
		return tx.Settings().Put(store.SettingMovedTo, "")
	})
	return was.To, err
}

// setting reads a setting that is JSON; false: it was never set, or was taken back.
func setting(tx *store.Tx, name string, into any) (bool, error) {
	text, err := tx.Settings().Get(name)
	if err != nil {
		return false, err
	}
	return parse(name, text, into)
}

func parse(name, text string, into any) (bool, error) {
	if text == "" {
		return false, nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return false, fmt.Errorf("the setting %s of the database cannot be read: %w", name, err)
	}
	return true, nil
}

func put(tx *store.Tx, name string, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return tx.Settings().Put(name, string(text))
}

// advance writes a new place, and with it what change does, in one transaction. It begins with a
// lock on the place: a copy that was killed may still be committing its last batch, and the next one
// waits here for where that ends; and of two copies at once only one continues.
func (c *Copy) advance(ctx context.Context, next copied, change func(tx *store.Tx) error) error {
	err := c.To.Update(ctx, func(tx *store.Tx) error {
		present, err := tx.Settings().GetForUpdate(store.SettingCopiedFrom)
		if err != nil {
			return err
		}
		var place copied
		if _, err := parse(store.SettingCopiedFrom, present, &place); err != nil {
			return err
		}
		if !reflect.DeepEqual(place, c.place) {
			return errors.New("another leadmeter copy writes to the target; let one of them finish")
		}
		if err := change(tx); err != nil {
			return err
		}
		return put(tx, store.SettingCopiedFrom, next)
	})
	if err == nil {
		c.place = next
	}
	return err
}

// after is a position as JSON: texts and bytes in hex, because a text may hold what JSON cannot.
type after store.Position

// MarshalJSON writes each value with the letter of its kind.
func (a after) MarshalJSON() ([]byte, error) {
	list := []string{}
	for _, v := range a {
		switch v := v.(type) {
		case string:
			list = append(list, "t"+hex.EncodeToString([]byte(v)))
		case []byte:
			list = append(list, "b"+hex.EncodeToString(v))
		case int64:
			list = append(list, "n"+strconv.FormatInt(v, 10))
		default:
			return nil, fmt.Errorf("a key holds a %T", v)
		}
	}
	return json.Marshal(list)
}

// UnmarshalJSON reads what MarshalJSON wrote; an empty list is before the first row.
func (a *after) UnmarshalJSON(text []byte) error {
	var list []string
	if err := json.Unmarshal(text, &list); err != nil {
		return err
	}
	*a = nil
	for _, s := range list {
		if s == "" {
			return errors.New("a value of a key has no kind")
		}
		if s[0] == 'n' {
			n, err := strconv.ParseInt(s[1:], 10, 64)
			if err != nil {
				return err
			}
			*a = append(*a, n)
			continue
		}
		b, err := hex.DecodeString(s[1:])
		if err != nil {
			return err
		}
		if s[0] == 't' {
			*a = append(*a, string(b))
		} else {
			*a = append(*a, b)
		}
	}
	return nil
}
