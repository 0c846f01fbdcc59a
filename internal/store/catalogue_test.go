package store_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestMain(m *testing.M) { os.Exit(testdb.CheckedMain(m)) }

// What a distributed Postgres needs, read from the catalogue: in every table that
// a workspace owns, workspace_id is in the primary key and in every unique index,
// there are no triggers, and no key refers to another table.
func TestWorkspaceIsInEveryKey(t *testing.T) {
	testdb.Want(t, "postgres")
	conn, err := pgx.Connect(t.Context(), testdb.Address(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	// The server's own tables that name a workspace without belonging to one; a
	// connection belongs to nobody before it is approved.
	own := map[string]bool{"logins": true, "sign_in_codes": true, "extension_connections": true}
	rows, err := conn.Query(t.Context(), `
		SELECT c.relname, i.relname, EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (x.indkey) AND a.attname = 'workspace_id')
		FROM pg_index x JOIN pg_class c ON c.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
		JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = 'public'
		WHERE x.indisunique AND EXISTS (SELECT 1 FROM pg_attribute w WHERE w.attrelid = c.oid AND w.attname = 'workspace_id')`)
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]bool{}
	for rows.Next() {
		var table, index string
		var in bool
		if err := rows.Scan(&table, &index, &in); err != nil {
			t.Fatal(err)
		}
		tables[table] = true
		if !in && !own[table] {
			t.Errorf("%s: the unique index %s does without workspace_id", table, index)
		}
	}
	if len(tables) < 15 {
		t.Errorf("only %d tables of workspaces were found", len(tables))
	}
	var triggers, references int
	if err := conn.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal AND c.relnamespace = 'public'::regnamespace AND t.tgname NOT LIKE 'truncate_trigger_%'),
		(SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace)`).Scan(&triggers, &references); err != nil {
		t.Fatal(err)
	}
	if triggers+references != 0 {
		t.Errorf("%d triggers and %d foreign keys", triggers, references)
	}
}

// Every statement that a command of the ledger sends names the workspace, and none
// uses what a distributed Postgres refuses: a volatile function, a subquery of
// another table's, a time of the database's own.
func TestStatementsNameTheWorkspace(t *testing.T) {
	testdb.Want(t, "postgres")
	all := &testdb.Sent{}
	address := testdb.Address(t, "postgres")
	before := store.Trace(all)
	st := testdb.OpenAt(t, address)
	store.Trace(before)
	books := credits.ShippedBooks()
	now := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	terms, err := credits.NewTerms(books["classic"], "starter", 1, "UTC", 1, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Update(t.Context(), func(tx *store.Tx) error {
		if err := tx.Accounts().Insert(store.Account{Workspace: "ws_2", Terms: terms.Encode(), TermsVersion: 1}); err != nil {
			return err
		}
		return tx.Accounts().Insert(store.Account{Workspace: "ws_1", Terms: terms.Encode(), TermsVersion: 1})
	}); err != nil {
		t.Fatal(err)
	}
	all.Forget() // what opening sent is not a command's
	l := credits.New(st, books)
	defer l.Close()
	limit := credits.Credit
	r := func(key string) credits.Request {
		return credits.Request{Workspace: "ws_1", Member: "mem_1", At: now, Key: key, Fingerprint: []byte(key)}
	}
	for _, c := range []credits.Command{
		&credits.Charge{Request: r("1"), Credit: "standard", Amount: limit},
		&credits.Hold{Request: r("2"), ID: "hold_1", Credit: "standard", Amount: limit, ExpiresIn: time.Minute},
		&credits.Extend{Request: r("3"), Hold: "hold_1", ExpiresIn: time.Hour},
		&credits.Settle{Request: r("4"), Hold: "hold_1", Lines: []credits.SettleLine{{Outcome: credits.Charged, Amount: limit}}, Final: true},
		&credits.Capture{Request: r("5"), Person: "per_1", Findings: []credits.Finding{{Field: "mobile_phone", Values: 1, Auto: true}}, AutoCap: &limit, Lead: &credits.Lead{ID: "lead_1", List: "x"}},
		&credits.Allocate{Request: r("6"), For: "mem_1", Sets: map[string]credits.Allocation{"standard": {Mode: credits.Assigned, Amount: limit}}},
		&credits.GiveGrant{Request: r("7"), ID: "grant_1", Credit: "standard", Amount: limit, Kind: credits.Recurring},
		&credits.EndGrant{Request: r("8"), ID: "grant_1"},
		&credits.ChangePlan{Request: r("9"), Plan: "pro", Seats: 2},
		&credits.Remove{Request: r("10"), Gone: "mem_1"},
		&credits.Cancel{Request: r("11"), Now: true},
	} {
		if _, err := l.Do(t.Context(), c); err != nil {
			t.Fatalf("%T: %v", c, err)
		}
	}
	// A few rows and many are written in different ways.
	var many []credits.Command
	for n := range 20 {
		c := r(fmt.Sprint("many-", n))
		c.Workspace = "ws_2"
		many = append(many, &credits.Charge{Request: c, Credit: "standard", Amount: limit})
	}
	for range 3 {
		if _, err := l.DoAll(t.Context(), many); err != nil {
			t.Fatal(err)
		}
		for _, c := range many {
			c.(*credits.Charge).Key += "+"
		}
	}
	if l.Ahead() == 0 {
		t.Error("no batch was decided ahead")
	}
	if len(all.List()) < 25 {
		t.Errorf("only %d statements were seen", len(all.List()))
	}
	for _, sql := range all.List() {
		if err := unnamed(sql); err != nil {
			t.Error(err)
		}
		low := strings.ToLower(sql)
		switch {
		case strings.Contains(low, "for update") && !strings.Contains(low, "workspace_id = $1"):
			t.Errorf("locks rows of more than one workspace: %s", sql)
		case strings.HasPrefix(low, "begin"), low == "commit", low == "rollback":
		case strings.Contains(low, "pg_dist_"), strings.Contains(low, "lock_shard_metadata"): // of a Citus alone
		case !strings.Contains(low, "workspace_id"):
			t.Errorf("names no workspace: %s", sql)
		case strings.Contains(low, "now()"), strings.Contains(low, "random"), strings.Contains(low, "clock_timestamp"), strings.Contains(low, "nextval"):
			t.Errorf("asks the database for what it must be told: %s", sql)
		}
	}
}
