package store

import (
	"slices"
	"strings"
)

// FewOwners is how many owners of a key tell that there may be more of them.
const FewOwners = 3

// ByKeys is whom keys belong to, in the order of their ids: of each key all, or FewOwners and
// perhaps one more.
func (t People) ByKeys(keys []KeyRow) (map[KeyRow][]string, error) {
	found, err := t.Holders(keys)
	for k, ids := range found {
		if ids[0] == Contested {
			ids = ids[1:]
		}
		if found[k] = ids; len(ids) == 0 {
			delete(found, k)
		}
	}
	return found, err
}

// Holders is ByKeys with Contested, which comes first.
func (t People) Holders(keys []KeyRow) (map[KeyRow][]string, error) {
	found := make(map[KeyRow][]string)
	each := func(scan scanner) error {
		var k KeyRow
		var id string
		err := scan(&k.Kind, &k.Key, &id)
		found[k] = append(found[k], id)
		return err
	}
	if !t.sqlite {
		kinds, values := splitKeys(keys)
		return found, orNone(len(keys), func() error {
			return t.q.query(`SELECT w.kind, w.key, k.person_id FROM unnest($1::text[], $2::text[]) AS w (kind, key)
				CROSS JOIN LATERAL (SELECT p.person_id FROM person_keys p WHERE p.kind = w.kind AND p.key = w.key ORDER BY p.person_id LIMIT 4) k ORDER BY k.person_id`, each, kinds, values)
		})
	}
	for _, k := range keys {
		ids, err := t.heldBy(k)
		if err != nil {
			return nil, err
		}
		if len(ids) > 0 {
			found[k] = ids
		}
	}
	return found, nil
}

// firstAtOnce is how many keys one statement looks up in SQLite; firstOf looks up one, as the text
// of a column. Each says LIMIT as heldBy does.
const (
	firstAtOnce = 20
	firstOf     = `ifnull((SELECT person_id FROM person_keys WHERE kind = ? AND key = ? LIMIT 1), '-')`
)

var firstOfMany = `SELECT ` + strings.Repeat(firstOf+`, `, firstAtOnce-1) + firstOf

// FirstHolder is the first whom each key belongs to, in the order of their ids: Contested, where it is.
func (t People) FirstHolder(keys []KeyRow) (map[KeyRow]string, error) {
	found := make(map[KeyRow]string)
	if !t.sqlite {
		kinds, values := splitKeys(keys)
		return found, orNone(len(keys), func() error {
			return t.q.query(`SELECT w.kind, w.key, k.person_id FROM unnest($1::text[], $2::text[]) AS w (kind, key)
				CROSS JOIN LATERAL (SELECT p.person_id FROM person_keys p WHERE p.kind = w.kind AND p.key = w.key ORDER BY p.person_id LIMIT 1) k`, func(scan scanner) error {
				var k KeyRow
				var id string
				err := scan(&k.Kind, &k.Key, &id)
				found[k] = id
				return err
			}, kinds, values)
		})
	}
	args, ids, into := make([]any, 2*firstAtOnce), make([]string, firstAtOnce), make([]any, firstAtOnce)
	for i := range ids {
		into[i] = &ids[i]
	}
	for some := range slices.Chunk(keys, firstAtOnce) {
		for i := range firstAtOnce {
			k := some[min(i, len(some)-1)] // the last one again, so that the statement is one
			args[2*i], args[2*i+1] = k.Kind, k.Key
		}
		if _, err := t.one(firstOfMany, into, args...); err != nil {
			return nil, err
		}
		for i, k := range some {
			if ids[i] != "-" {
				found[k] = ids[i]
			}
		}
	}
	return found, nil
}

func splitKeys(keys []KeyRow) (kinds, values []string) {
	kinds, values = make([]string, len(keys)), make([]string, len(keys))
	for i, k := range keys {
		kinds[i], values[i] = k.Kind, k.Key
	}
	return kinds, values
}

// Keys is what people are recognised by.
func (t People) Keys(ids []string) (map[string][]KeyRow, error) {
	keys := make(map[string][]KeyRow)
	each := func(scan scanner) error {
		var id string
		var k KeyRow
		err := scan(&id, &k.Kind, &k.Key)
		keys[id] = append(keys[id], k)
		return err
	}
	if !t.sqlite {
		return keys, orNone(len(ids), func() error {
			return t.q.query(`SELECT person_id, kind, key FROM person_keys WHERE person_id = ANY($1::text[])`, each, ids)
		})
	}
	for _, id := range ids {
		if err := t.q.query(`SELECT person_id, kind, key FROM person_keys WHERE person_id = $1`, each, id); err != nil {
			return nil, err
		}
	}
	return keys, nil
}

// keysAtOnce is how many keys one statement writes to SQLite: a fifth of the time that one each takes.
const keysAtOnce = 20

var insertKeys = keysInsert(keysAtOnce)

func keysInsert(n int) string {
	return `INSERT INTO person_keys (kind, key, person_id) VALUES (?,?,?)` + strings.Repeat(`,(?,?,?)`, n-1)
}

// addAllKeys writes the keys of people who are new.
func (t People) addAllKeys(people []PersonPut) error {
	args := make([]any, 0, 3*keysAtOnce)
	write := func() error {
		if len(args) == 0 {
			return nil
		}
		sql := insertKeys
		if n := len(args) / 3; n < keysAtOnce {
			sql = keysInsert(n)
		}
		_, err := t.q.exec(sql, args...)
		args = args[:0]
		return err
	}
	for i := range people {
		for _, k := range people[i].Gained {
			if args = append(args, k.Kind, k.Key, people[i].ID); len(args) == cap(args) {
				if err := write(); err != nil {
					return err
				}
			}
		}
	}
	return write()
}

func (t People) addKeys(id string, keys []KeyRow) error {
	for _, k := range keys {
		if _, err := t.q.exec(`INSERT INTO person_keys (kind, key, person_id) VALUES ($1,$2,$3) ON CONFLICT DO NOTHING`, k.Kind, k.Key, id); err != nil {
			return err
		}
	}
	return nil
}
