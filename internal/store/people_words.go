package store

import "strings"

// before is behind the numbers of people who were there before people had numbers.
const before = 1 << 50

// number gives numbers to people who are new, from an instant on, in microseconds: higher ones
// than anybody has. Nobody else does meanwhile (Lock).
func (t People) number(people []PersonPut, at int64) error {
	last, err := t.lastNumber(1<<63 - 1)
	for i := range people {
		people[i].number = max(at, last+1) + int64(i)
	}
	return err
}

func (t People) lastNumber(below int64) (last int64, err error) {
	_, err = t.one(`SELECT number FROM people WHERE number > 0 AND number < $1 ORDER BY number DESC LIMIT 1`, []any{&last}, below)
	return last, err
}

// index writes the terms of people who have numbers.
func (t People) index(people []PersonPut) error {
	var numbers []int64
	var words []string
	for i := range people {
		if p := &people[i]; p.Terms != nil {
			numbers, words = append(numbers, p.number), append(words, strings.Join(p.Terms, " "))
		}
	}
	if !t.sqlite {
		return orNone(len(numbers), func() error {
			_, err := t.q.exec(`INSERT INTO people_words (rowid, words) SELECT w.n, array_to_tsvector(string_to_array(w.words, ' ')) FROM unnest($1::bigint[], $2::text[]) AS w (n, words)`, numbers, words)
			return err
		})
	}
	for i, n := range numbers {
		if _, err := t.q.exec(`INSERT INTO people_words (rowid, words) VALUES ($1, $2)`, n, words[i]); err != nil {
			return err
		}
	}
	return nil
}

// Flush writes what SQLite still holds of the index in memory. Else the commit does, and changes
// rows that Changes does not count.
func (t People) Flush() error {
	if !t.sqlite {
		return nil
	}
	_, err := t.q.exec(`INSERT INTO people_words (people_words) VALUES ('flush')`)
	return err
}

// Settle sorts what is new into Postgres's index, which a search would else read through. It takes
// a second or two, and nothing waits for it.
func (t People) Settle() error {
	if t.sqlite {
		return nil
	}
	var pages int64
	_, err := t.one(`SELECT gin_clean_pending_list('people_words_words')`, []any{&pages})
	return err
}

// reindex rewrites the terms of people whose terms changed. Those who are not in the index yet
// come into it by Number.
func (t People) reindex(people []PersonPut) error {
	var ids, words []string
	for i := range people {
		if p := &people[i]; p.Terms != nil {
			ids, words = append(ids, p.ID), append(words, strings.Join(p.Terms, " "))
		}
	}
	if !t.sqlite {
		return orNone(len(ids), func() error {
			_, err := t.q.exec(`UPDATE people_words SET words = array_to_tsvector(string_to_array(w.words, ' ')) FROM unnest($1::text[], $2::text[]) AS w (id, words)
				JOIN people p ON p.person_id = w.id WHERE people_words.rowid = p.number AND p.number > 0`, ids, words)
			return err
		})
	}
	for i, id := range ids {
		if _, err := t.q.exec(`INSERT OR REPLACE INTO people_words (rowid, words) SELECT number, $2 FROM people WHERE person_id = $1 AND number > 0`, id, words[i]); err != nil {
			return err
		}
	}
	return nil
}

// unindex takes somebody out of the index.
func (t People) unindex(id string) error {
	_, err := t.q.exec(`DELETE FROM people_words WHERE rowid = (SELECT number FROM people WHERE person_id = $1 AND number > 0)`, id)
	return err
}

// Unnumbered reads at most limit people who are not in the index.
func (t People) Unnumbered(limit int) (people []PersonRow, err error) {
	err = t.q.query(`SELECT `+personColumns+` FROM people WHERE number = 0 ORDER BY person_id LIMIT `+itoa(limit), func(scan scanner) error {
		var p PersonRow
		err := scan(p.columns()...)
		people = append(people, p)
		return err
	})
	return people, err
}

// Number puts people into the index who were there before it. Only what the index and its columns
// need is written.
func (t People) Number(people []PersonPut) error {
	last, err := t.lastNumber(before)
	if err != nil {
		return err
	}
	for i := range people {
		p := &people[i]
		p.number = last + 1 + int64(i)
		if _, err := t.q.exec(`UPDATE people SET number = $2, industry = $3, company_size = $4, extra = $5 WHERE person_id = $1`, p.ID, p.number, p.Industry, p.CompanySize, p.Extra); err != nil {
			return err
		}
	}
	return t.index(people)
}

// Any reports whether there is anybody.
func (t People) Any() (bool, error) {
	var id string
	return t.one(`SELECT person_id FROM people LIMIT 1`, []any{&id})
}

// Unfinished reports whether there are people who are not in the index yet.
func (t People) Unfinished() (bool, error) {
	var id string
	return t.one(`SELECT person_id FROM people WHERE number = 0 LIMIT 1`, []any{&id})
}
