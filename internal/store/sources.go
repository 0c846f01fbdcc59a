package store

// SearchRow is a search that a source is still to answer. Ticket is JSON that
// package search reads and writes; it holds people's data.
type SearchRow struct {
	ID, Person string // Person is empty where the directory knows nobody yet
	Due        int64
	Ticket     string
}

// Put adds a search, or brings it up to date.
func (t Searches) Put(s SearchRow) error {
	_, err := t.q.exec(`INSERT INTO searches (search_id, person_id, due_at, ticket) VALUES ($1,$2,$3,$4)
		ON CONFLICT (search_id) DO UPDATE SET due_at = excluded.due_at, ticket = excluded.ticket`, s.ID, s.Person, s.Due, s.Ticket)
	return err
}

// Due lists the searches that are due, the longest due first.
func (t Searches) Due(now int64, limit int) (list []SearchRow, err error) {
	err = t.q.query(`SELECT search_id, person_id, due_at, ticket FROM searches WHERE due_at <= $1 ORDER BY due_at LIMIT $2`, func(scan scanner) error {
		var s SearchRow
		err := scan(&s.ID, &s.Person, &s.Due, &s.Ticket)
		list = append(list, s)
		return err
	}, now, limit)
	return list, err
}

// Take moves a due search on to a later instant, so that one server works
// on it at a time; false: another one was first.
func (t Searches) Take(s SearchRow, until int64) (bool, error) {
	n, err := t.q.exec(`UPDATE searches SET due_at = $3 WHERE search_id = $1 AND due_at = $2`, s.ID, s.Due, until)
	return n > 0, err
}

// Drop forgets a search.
func (t Searches) Drop(id string) error {
	_, err := t.q.exec(`DELETE FROM searches WHERE search_id = $1`, id)
	return err
}

// TakeAsk counts an ask against a day's budget; false: it is used up.
func (t Providers) TakeAsk(provider, day string, most int64) (bool, error) {
	n, err := t.q.exec(`INSERT INTO provider_days (provider, day, taken, asked, found, missed, failed, latency, cost) VALUES ($1,$2,1,0,0,0,0,0,0)
		ON CONFLICT (provider, day) DO UPDATE SET taken = provider_days.taken + 1 WHERE provider_days.taken < $3`, provider, day, most)
	return n > 0, err
}

// ProviderDay is what a source was asked in a day. Latency is the sum of its
// calls', in microseconds; Cost is in millionths of the source's own unit.
type ProviderDay struct {
	Provider, Day                               string
	Asked, Found, Missed, Failed, Latency, Cost int64
}

// AddDay adds to a day's counts.
func (t Providers) AddDay(d ProviderDay) error {
	_, err := t.q.exec(`INSERT INTO provider_days (provider, day, taken, asked, found, missed, failed, latency, cost) VALUES ($1,$2,0,$3,$4,$5,$6,$7,$8)
		ON CONFLICT (provider, day) DO UPDATE SET asked = provider_days.asked + excluded.asked, found = provider_days.found + excluded.found,
		missed = provider_days.missed + excluded.missed, failed = provider_days.failed + excluded.failed,
		latency = provider_days.latency + excluded.latency, cost = provider_days.cost + excluded.cost`,
		d.Provider, d.Day, d.Asked, d.Found, d.Missed, d.Failed, d.Latency, d.Cost)
	return err
}

// Days are the counts from a day on, a row a source, summed.
func (t Providers) Days(from string) (list []ProviderDay, err error) {
	err = t.q.query(`SELECT provider, CAST(sum(asked) AS BIGINT), CAST(sum(found) AS BIGINT), CAST(sum(missed) AS BIGINT), CAST(sum(failed) AS BIGINT),
		CAST(sum(latency) AS BIGINT), CAST(sum(cost) AS BIGINT) FROM provider_days WHERE day >= $1 GROUP BY provider ORDER BY provider`, func(scan scanner) error {
		var d ProviderDay
		err := scan(&d.Provider, &d.Asked, &d.Found, &d.Missed, &d.Failed, &d.Latency, &d.Cost)
		list = append(list, d)
		return err
	}, from)
	return list, err
}

// Key is a source's key as it is sealed; empty: there is none.
func (t Providers) Key(provider string) (sealed string, err error) {
	_, err = t.one(`SELECT sealed FROM provider_keys WHERE provider = $1`, []any{&sealed}, provider)
	return sealed, err
}

// PutKey keeps a source's key.
func (t Providers) PutKey(provider, sealed string) error {
	_, err := t.q.exec(`INSERT INTO provider_keys (provider, sealed) VALUES ($1,$2) ON CONFLICT (provider) DO UPDATE SET sealed = excluded.sealed`, provider, sealed)
	return err
}

// DropKey forgets a source's key; false: there was none.
func (t Providers) DropKey(provider string) (bool, error) {
	n, err := t.q.exec(`DELETE FROM provider_keys WHERE provider = $1`, provider)
	return n > 0, err
}
