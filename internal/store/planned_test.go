package store

import (
	"fmt"
	"testing"

	"zombiezen.com/go/sqlite"
)

// SQLite plans a statement when it is prepared and not again when it is used: a statement with a
// join was planned at every use, because its parameters were cleared in between.
func TestStatementsArePlannedOnce(t *testing.T) {
	st, err := Open(t.Context(), "sqlite:"+t.TempDir()+"/planned.db")
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	db := st.engine.(*sqliteDB)
	planned := 0
	conn := <-db.writer
	err = conn.SetAuthorizer(sqlite.AuthorizeFunc(func(sqlite.Action) sqlite.AuthResult {
		planned++ // is asked while a statement is planned
		return sqlite.AuthResultOK
	}))
	db.writer <- conn
	if err != nil {
		t.Fatal(err)
	}
	for name, sql := range map[string]string{
		"a join": `SELECT m.lead_id FROM lead_merges m JOIN leads i ON i.workspace_id = m.workspace_id AND i.lead_id = m.lead_id WHERE m.workspace_id = $1 AND m.person_id = $2`,
		"bits":   sqlRefreshHas, "a lead of a person": `SELECT ` + leadOf, "bits again": sqlRecountHas,
	} {
		err := db.update(t.Context(), func(q querier) error {
			before := 0
			for n := range 20 {
				if _, err := q.exec(sql, "ws_1", fmt.Sprint("per_", n)); err != nil {
					return err
				}
				if n == 0 {
					before = planned
				}
			}
			if planned != before || before == 0 {
				t.Errorf("%s is planned again: the planner asked %d times more", name, planned-before)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
