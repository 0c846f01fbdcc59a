package store

import (
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
)

// Table is a table as both engines agree on it. Its rows are copied from one database to another.
type Table struct {
	Name    string
	Columns []Column
	key     []string // the primary key's columns, in its order
}

// Column is a column of a table. A row holds for it a string, an int64 or a []byte, or nil where
// it may be null.
type Column struct {
	Name string
	Kind Kind
	Null bool
}

// Kind is what a column holds.
type Kind string

// The kinds of columns, by the migrations' words.
const (
	Text   Kind = "TEXT"
	Number Kind = "BIGINT"
	Bytes  Kind = "BLOB"
)

// kinds are the types of both catalogues.
var kinds = map[string]Kind{
	"TEXT": Text, "BIGINT": Number, "INTEGER": Number, "BLOB": Bytes,
	"text": Text, "bigint": Number, "bytea": Bytes,
}

// NotCopied are the tables that a copy leaves out, each with its reason.
var NotCopied = map[string]string{
	versions:          "a database's own: which migrations it has had",
	"account_numbers": "SQLite's own: the copy gives its accounts their numbers (see place)",

	"people_words":         "an index, which the copy makes again: its people have no number",
	"people_words_config":  "of people_words",
	"people_words_data":    "of people_words",
	"people_words_docsize": "of people_words",
	"people_words_idx":     "of people_words",
}

// notCopied is the column that goes with people_words.
var notCopied = [2]string{"people", "number"}

// versions is where goose keeps which migrations a database has had.
const versions = "goose_db_version"

// SettingMovedTo and SettingCopiedFrom are the settings that say of a database that it is copied
// somewhere, and from where. They are a database's own and not copied.
const (
	SettingMovedTo    = "moved_to"
	SettingCopiedFrom = "copied_from"
)

// List reads from the catalogue which tables there are to copy: accounts first, because SQLite
// numbers by them, then by name. Nothing needs to be added here for a table that is new.
func (t Tables) List() ([]Table, error) {
	byName := map[string]*Table{}
	sql := tablesOfPostgres
	if t.sqlite {
		sql = tablesOfSQLite
	}
	err := t.q.query(sql, func(scan scanner) error {
		var table, column, of string
		var null, key int64
		if err := scan(&table, &column, &of, &null, &key); err != nil {
			return err
		}
		if NotCopied[table] != "" || notCopied == [2]string{table, column} {
			return nil
		}
		kind, known := kinds[of]
		if !known {
			return fmt.Errorf("store: column %s of table %s has the type %s, which a copy does not know", column, table, of)
		}
		at := byName[table]
		if at == nil {
			at = &Table{Name: table, key: make([]string, 0, 8)}
			byName[table] = at
		}
		at.Columns = append(at.Columns, Column{Name: column, Kind: kind, Null: null != 0 && key == 0})
		if key > 0 {
			at.key = append(at.key, make([]string, max(0, int(key)-len(at.key)))...)
			at.key[key-1] = column
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	list := make([]Table, 0, len(byName))
	for _, at := range byName {
		if t.sqlite {
			at.asShared()
		}
		slices.SortFunc(at.Columns, func(a, b Column) int { return strings.Compare(a.Name, b.Name) })
		if len(at.key) == 0 || slices.Contains(at.key, "") {
			return nil, fmt.Errorf("store: table %s has no primary key to copy it by", at.Name)
		}
		list = append(list, *at)
	}
	slices.SortFunc(list, func(a, b Table) int {
		if first := (b.Name == "accounts"); first != (a.Name == "accounts") {
			if first {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list, nil
}

const (
	tablesOfSQLite = `SELECT s.name, c.name, c.type, 1 - c."notnull", c.pk FROM sqlite_schema s JOIN pragma_table_info(s.name) c
		WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite!_%' ESCAPE '!'`
	tablesOfPostgres = `SELECT c.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod), CASE WHEN a.attnotnull THEN 0 ELSE 1 END,
			COALESCE(array_position(x.indkey::int2[], a.attnum) + 1 - array_lower(x.indkey::int2[], 1), 0)::bigint
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
		LEFT JOIN pg_index x ON x.indrelid = c.oid AND x.indisprimary
		WHERE c.relkind IN ('r', 'p') AND c.relnamespace = current_schema()::regnamespace AND NOT c.relispartition`
)

// Version is the number of the last migration that the database has had; 0: none.
func (t Tables) Version() (int64, error) {
	var version int64
	sql := `SELECT count(*) FROM pg_class WHERE relname = $1 AND relnamespace = current_schema()::regnamespace`
	if t.sqlite {
		sql = `SELECT count(*) FROM sqlite_schema WHERE name = $1`
	}
	if _, err := t.one(sql, []any{&version}, versions); err != nil || version == 0 {
		return 0, err
	}
	_, err := t.one(`SELECT COALESCE(max(version_id), 0) FROM `+versions, []any{&version})
	return version, err
}

// SchemaVersion is the number of the last migration that this program knows.
func SchemaVersion() (last int64, err error) {
	names, err := fs.Glob(migrations, "migrations/*.sql")
	for _, name := range names {
		digits, _, _ := strings.Cut(strings.TrimPrefix(name, "migrations/"), "_")
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			return 0, err
		}
		last = max(last, n)
	}
	return last, err
}

// Servers is how many connections other leadmeter processes have to a Postgres database. Of SQLite
// it is 0: who has the file open alone has no others (OpenAlone).
func (t Tables) Servers() (n int64, err error) {
	if t.sqlite {
		return 0, nil
	}
	here := `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '` + applicationName + `%'`
	var citus, there, silent int64
	if _, err = t.one(here, []any{&n}); err == nil {
		_, err = t.one(sqlIsCitus, []any{&citus})
	}
	if err != nil || citus == 0 {
		return n, err
	}
	// Of a Citus, a server has connections to the workers too.
	if _, err = t.one(`SELECT coalesce(sum(CASE WHEN success THEN result::bigint END), 0)::bigint, count(*) FILTER (WHERE NOT success) FROM run_command_on_workers($1)`,
		[]any{&there, &silent}, here); err == nil && silent > 0 {
		err = fmt.Errorf("%d workers of the Citus do not say who is connected to them", silent)
	}
	return n + there, err
}

// Count is how many rows of a table there are to copy.
func (t Tables) Count(table Table) (n int64, err error) {
	r := table.reading(t.sqlite)
	if r.where == "" {
		r.where = "1 = 1"
	}
	_, err = t.one(`SELECT count(*) FROM `+table.Name+` WHERE `+r.where, []any{&n})
	return n, err
}

// Any tells whether there are rows of a table to copy.
func (t Tables) Any(table Table) (some bool, err error) {
	err = t.Read(table, nil, 1, func([]any, Position) bool { some = true; return true })
	return some, err
}
