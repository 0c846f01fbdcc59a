package store

// Get reads who has the right to do something that one may do at a time; empty: nobody.
func (t Leases) Get(name string) (value string, err error) {
	_, err = t.one(`SELECT value FROM leases WHERE name = $1`, []any{&value}, name)
	return value, err
}

// Swap changes a lease that is still what it was, empty where there is none; false: it is not, and
// nothing was changed.
func (t Leases) Swap(name, from, to string) (bool, error) {
	n, err := t.q.exec(`INSERT INTO leases (name, value) VALUES ($1,$3) ON CONFLICT (name) DO UPDATE SET value = excluded.value
		WHERE leases.value = $2`, name, from, to)
	return n == 1, err
}

// Put writes a lease that nobody else writes.
func (t Leases) Put(name, value string) error {
	_, err := t.q.exec(`INSERT INTO leases (name, value) VALUES ($1,$2) ON CONFLICT (name) DO UPDATE SET value = excluded.value`, name, value)
	return err
}

// End removes a lease.
func (t Leases) End(name string) error {
	_, err := t.q.exec(`DELETE FROM leases WHERE name = $1`, name)
	return err
}

// maxLeases bounds the leases that are read together.
const maxLeases = 1000

// List reads those whose names begin with a text that ends in a slash, by name.
func (t Leases) List(prefix string) (map[string]string, error) {
	list := map[string]string{}
	err := t.q.query(`SELECT name, value FROM leases WHERE name >= $1 AND name < $2 ORDER BY name LIMIT $3`, func(scan scanner) error {
		var name, value string
		err := scan(&name, &value)
		list[name] = value
		return err
	}, prefix, prefix[:len(prefix)-1]+"0", maxLeases) // 0 comes after the slash
	return list, err
}
