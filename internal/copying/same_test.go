package copying_test

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/leadmeter/leadmeter/internal/store"
)

// sameFiles compares two SQLite files table by table, by statements of its own.
func sameFiles(t *testing.T, a, b string) {
	t.Helper()
	first, second := dump(t, a), dump(t, b)
	if len(first) < 75 {
		t.Errorf("only %d tables were compared", len(first))
	}
	for table, rows := range first {
		if len(rows) == 0 {
			t.Errorf("table %s is empty: nothing was tested", table)
		}
		if !slices.Equal(rows, second[table]) {
			t.Errorf("table %s: %d rows, then %d; not the same", table, len(rows), len(second[table]))
		}
	}
}

func dump(t *testing.T, address string) map[string][]string {
	t.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(address, "sqlite:"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	tables := map[string][]string{}
	for _, name := range texts(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'`) {
		if store.NotCopied[name] != "" {
			continue
		}
		from := name
		columns := texts(t, db, `SELECT name FROM pragma_table_info('`+name+`')`)
		if name == "people" { // their places in an index that is made again
			columns = slices.DeleteFunc(columns, func(c string) bool { return c == "number" })
		}
		for n, c := range columns {
			columns[n] = "typeof(" + name + "." + c + ") || quote(" + name + "." + c + ")"
		}
		switch name { // an account may have another number
		case "entries":
			from += " JOIN account_numbers a ON a.number = seq >> 38"
			columns = append(columns[1:], "a.workspace_id", "seq & 274877906943")
		case "receipts":
			from += " JOIN account_numbers a ON a.number = receipts.workspace_id"
			columns[0] = "a.workspace_id"
		case "people": // the copy numbers its people itself
			columns = slices.DeleteFunc(columns, func(c string) bool { return strings.Contains(c, "people.number") })
		case "server_settings":
			from += " WHERE name NOT IN ('moved_to', 'copied_from')"
		}
		rows := texts(t, db, `SELECT `+strings.Join(columns, " || '|' || ")+` FROM `+from)
		slices.Sort(rows)
		tables[name] = rows
	}
	return tables
}

func texts(t *testing.T, db *sql.DB, query string) (list []string) {
	t.Helper()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	defer rows.Close()
	for rows.Next() {
		var v sql.NullString
		if err := rows.Scan(&v); err != nil {
			t.Fatal(err)
		}
		list = append(list, fmt.Sprint(v.String))
	}
	return list
}
