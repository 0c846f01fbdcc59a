package store

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// PeopleFilter chooses people of the directory by their terms.
type PeopleFilter struct {
	// Condition is what the terms must be: one of the alternatives of every part, and of that
	// alternative every term. An empty one chooses nobody.
	Condition [][][]string
	// After and Before bound the numbers, neither included; 0: open.
	After, Before int64
	// NotOwned is a workspace that must not have been delivered any field of theirs since
	// OwnedSince; empty: any.
	NotOwned   string
	OwnedSince int64
}

// Numbered is somebody in the index, by when they were added.
type Numbered struct {
	Number int64
	ID     string
}

// Find lists at most limit people who are chosen, the newest first. Nobody on the suppression
// list is among them.
func (t People) Find(f PeopleFilter, limit int) ([]Numbered, error) {
	if len(f.Condition) == 0 {
		return nil, nil
	}
	if f.Before == 0 {
		f.Before = 1<<63 - 1
	}
	if !t.sqlite {
		return t.findPostgres(f, limit)
	}
	// Rows come in the order of the index, which is read only as far as they are needed.
	where, args := f.beside(f.text(" AND ", " OR ", `"`), f.After, f.Before)
	return t.numbered(`SELECT p.number, p.person_id FROM people_words CROSS JOIN people p ON p.number = people_words.rowid
		WHERE people_words MATCH $1 AND people_words.rowid > $2 AND people_words.rowid < $3 AND `+where+`
		ORDER BY people_words.rowid DESC LIMIT `+itoa(limit), args...)
}

// How Postgres finds people: of few, the index of words gives all numbers, which are sorted here.
// Of many that is slow, but the newest rows hold enough of them (as in docs/decisions/0007). The
// planner's estimate says which to try first; whom is found does not depend on it.
var (
	manyPeople = 20_000 // estimated, from which on the newest rows are tried first
	newestRows = 80_000 // that are tried
	spare      = 100    // of those found, who may be left out by the rest of a filter
)

func (t People) findPostgres(f PeopleFilter, limit int) ([]Numbered, error) {
	query := f.text(" & ", " | ", "'")
	many, err := t.estimated(query)
	if err != nil {
		return nil, err
	}
	if many >= manyPeople {
		// Written as a function, the condition is asked of each row and never of its index.
		newest, err := t.numbers(`SELECT w.rowid FROM (SELECT rowid, words FROM people_words WHERE rowid > $2 AND rowid < $3 ORDER BY rowid DESC LIMIT `+itoa(newestRows)+`) w
			WHERE ts_match_vq(w.words, $1::tsquery) ORDER BY w.rowid DESC LIMIT `+itoa(limit+spare), query, f.After, f.Before)
		if err != nil {
			return nil, err
		}
		if list, err := t.chosen(f, newest, limit); err != nil || len(list) == limit {
			return list, err
		}
	}
	// The sums keep the planner from the index of numbers, which it takes for the narrower one.
	all, err := t.numbers(`SELECT rowid FROM people_words WHERE words @@ $1::tsquery AND rowid + 0 > $2 AND rowid + 0 < $3`, query, f.After, f.Before)
	if err != nil {
		return nil, err
	}
	slices.SortFunc(all, func(a, b int64) int { return cmp.Compare(b, a) })
	return t.chosen(f, all, limit)
}

// estimated is how many people Postgres expects a search to find.
func (t People) estimated(query string) (int, error) {
	var plan string
	if _, err := t.one(`EXPLAIN (FORMAT JSON) SELECT 1 FROM people_words WHERE words @@ $1::tsquery`, []any{&plan}, query); err != nil {
		return 0, err
	}
	var nodes []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	err := json.Unmarshal([]byte(plan), &nodes)
	if err != nil || len(nodes) != 1 {
		return 0, fmt.Errorf("store: a plan that cannot be read: %w", err)
	}
	return int(nodes[0].Plan.Rows), nil
}

func (t People) numbers(sql string, args ...any) (list []int64, err error) {
	err = t.q.query(sql, func(scan scanner) error {
		var n int64
		err := scan(&n)
		list = append(list, n)
		return err
	}, args...)
	return list, err
}

// chosen are the first of people by their numbers, as far as the rest of the filter allows.
func (t People) chosen(f PeopleFilter, numbers []int64, limit int) (list []Numbered, err error) {
	for part := range slices.Chunk(numbers, max(limit, 100)) {
		more, err := t.numbered(`SELECT p.number, p.person_id FROM people p WHERE p.number = ANY($1::bigint[]) AND `+present+`
			ORDER BY p.number DESC`, part)
		if err == nil && f.NotOwned != "" {
			more, err = t.notOwned(f, more)
		}
		if list = append(list, more...); err != nil || len(list) >= limit {
			return list[:min(limit, len(list))], err
		}
	}
	return list, nil
}

// notOwned leaves those out whom the filter's workspace owns. It asks for them by themselves: of a
// distributed Postgres the directory is in one place, and what a workspace owns in another.
func (t People) notOwned(f PeopleFilter, list []Numbered) ([]Numbered, error) {
	ids := make([]string, len(list))
	for n, p := range list {
		ids[n] = p.ID
	}
	owned := map[string]bool{}
	err := t.q.query(`SELECT r.person_id FROM reveals r WHERE r.workspace_id = $1 AND r.person_id = ANY($2::text[]) AND `+paidFor+` AND r.at >= $3`, func(scan scanner) error {
		var id string
		err := scan(&id)
		owned[id] = true
		return err
	}, f.NotOwned, ids, f.OwnedSince)
	return slices.DeleteFunc(list, func(p Numbered) bool { return owned[p.ID] }), err
}

const (
	present = `p.number > 0 AND NOT EXISTS (SELECT 1 FROM hidden_people h WHERE h.person_id = p.person_id)`
	paidFor = `r.outcome IN ('charged', 'verified_in_directory')`
)

// beside is the condition on a person beside that on their terms, with its parameters behind those
// that are given.
func (f PeopleFilter) beside(args ...any) (string, []any) {
	where := present
	if f.NotOwned != "" {
		args = append(args, f.NotOwned, f.OwnedSince)
		where += ` AND NOT EXISTS (SELECT 1 FROM reveals r WHERE r.workspace_id = $` + itoa(len(args)-1) + ` AND r.person_id = p.person_id
			AND ` + paidFor + ` AND r.at >= $` + itoa(len(args)) + `)`
	}
	return where, args
}

func (t People) numbered(sql string, args ...any) (list []Numbered, err error) {
	err = t.q.query(sql, func(scan scanner) error {
		var n Numbered
		err := scan(&n.Number, &n.ID)
		list = append(list, n)
		return err
	}, args...)
	return list, err
}

// text is the condition as an engine's full-text search reads it. Every term is quoted, and a
// quote in one is doubled, so that nothing in it is an operator.
func (f PeopleFilter) text(and, or, quote string) string {
	var parts []string
	for _, part := range f.Condition {
		var any []string
		for _, all := range part {
			var quoted []string
			for _, term := range all {
				quoted = append(quoted, quote+strings.ReplaceAll(term, quote, quote+quote)+quote)
			}
			any = append(any, "("+strings.Join(quoted, and)+")")
		}
		parts = append(parts, "("+strings.Join(any, or)+")")
	}
	return strings.Join(parts, and)
}

// CountShown counts those of people who are there and are not hidden.
func (t People) CountShown(ids []string) (n int, err error) {
	_, err = t.one(`SELECT COUNT(*) FROM people p WHERE p.person_id `+t.anyOf(1)+` AND NOT EXISTS (SELECT 1 FROM hidden_people h WHERE h.person_id = p.person_id)`, []any{&n}, t.texts(ids))
	return n, err
}

// ToSee reads what is free to see of people: who they are, without details, in no order.
func (t People) ToSee(ids []string) (people []PersonRow, err error) {
	err = t.q.query(`SELECT person_id, title, company, company_domain, location, industry, company_size FROM people WHERE person_id `+t.anyOf(1), func(scan scanner) error {
		var p PersonRow
		err := scan(&p.ID, &p.Title, &p.Company, &p.CompanyDomain, &p.Location, &p.Industry, &p.CompanySize)
		people = append(people, p)
		return err
	}, t.texts(ids))
	return people, err
}
