package store_test

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// Which shard has a workspace is computed as Postgres does.
func TestHashTextIsPostgres(t *testing.T) {
	testdb.Want(t, "postgres")
	conn, err := pgx.Connect(t.Context(), testdb.Address(t, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	r := rand.New(rand.NewPCG(1, 2))
	texts := []string{"ws_01", "ü", "ws_01k9zvw4w4m0q8t1k3v1"}
	for n := range 200 {
		b := make([]byte, n%70)
		for i := range b {
			b[i] = byte('!' + r.IntN(90))
		}
		texts = append(texts, string(b))
	}
	for _, text := range texts {
		var want int32
		if err := conn.QueryRow(t.Context(), `SELECT hashtext($1)`, text).Scan(&want); err != nil {
			t.Fatal(err)
		}
		if got := store.HashText(text); got != want {
			t.Errorf("%q has %d, and in Postgres %d", text, got, want)
		}
	}
}

// The tables of a statement are replaced by their shards wherever they are named, and nothing else is.
func TestStatementsNameTheShards(t *testing.T) {
	names := store.ShardNames(map[string]string{"leads": "leads_7", "pools": "pools_8", "lead_lists": "lead_lists_9"})
	for sql, want := range map[string]string{
		`SELECT 1 FROM leads l WHERE l.id = $1`:                                     `SELECT 1 FROM leads_7 l WHERE l.id = $1`,
		`SELECT 1 FROM leads WHERE id = $1`:                                         `SELECT 1 FROM leads_7 AS leads WHERE id = $1`,
		`INSERT INTO leads (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = 1`:     `INSERT INTO leads_7 AS leads (a) VALUES ($1) ON CONFLICT (a) DO UPDATE SET b = 1`,
		`UPDATE pools p SET used = k.used FROM unnest($1::text[]) AS k(used)`:       `UPDATE pools_8 p SET used = k.used FROM unnest($1::text[]) AS k(used)`,
		`DELETE FROM lead_lists WHERE 1 = 1`:                                        `DELETE FROM lead_lists_9 AS lead_lists WHERE 1 = 1`,
		"SELECT 1 FROM unnest($1::text[]) AS k(id)\n\t\tJOIN pools t ON t.a = k.id": "SELECT 1 FROM unnest($1::text[]) AS k(id)\n\t\tJOIN pools_8 t ON t.a = k.id",
		`SELECT leads FROM clocks`:                                                  `SELECT leads FROM clocks`,
		`SELECT 1 WHERE EXISTS (SELECT 1 FROM leads)`:                               `SELECT 1 WHERE EXISTS (SELECT 1 FROM leads_7 AS leads)`,
	} {
		for range 2 { // the second time from memory
			if got := names.In(sql); got != want {
				t.Errorf("%s\nbecomes %s\nand not %s", sql, got, want)
			}
		}
	}
}

var commaJoin = regexp.MustCompile(`FROM [a-z_]+( [a-z]+)?,`)

// unnamed tells of a statement in which a table may be missed: after a comma, or on a new line.
func unnamed(sql string) error {
	if commaJoin.MatchString(sql) {
		return fmt.Errorf("joins with a comma, after which no shard is named: %s", sql)
	}
	for _, word := range []string{"FROM", "JOIN", "INTO", "UPDATE"} {
		if strings.Contains(sql, word+"\n") || strings.Contains(sql, word+"  ") {
			return fmt.Errorf("has no table right after %s: %s", word, sql)
		}
	}
	return nil
}

// Tables that an earlier version put on every node are the coordinator's again, with their rows, when
// the schema is brought up to date.
func TestTablesAreRecalledToTheCoordinator(t *testing.T) {
	if !testdb.OnCitus() {
		t.Skip("needs a cluster in " + testdb.EnvCitus)
	}
	address := testdb.Address(t, "postgres")
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for _, sql := range []string{
		`SELECT undistribute_table('operator_receipts')`, `SELECT create_reference_table('operator_receipts')`,
		`INSERT INTO operator_receipts (key, fingerprint, at, answer) VALUES ('k', '\x01', 1, '\x02')`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	for range 2 { // the second time there is nothing to do
		if err := store.Migrate(t.Context(), address, 0); err != nil {
			t.Fatal(err)
		}
		var placements, rows int
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_dist_placement p JOIN pg_dist_shard s ON s.shardid = p.shardid
			JOIN pg_dist_node n ON n.groupid = p.groupid WHERE s.logicalrelid = 'operator_receipts'::regclass AND n.groupid = 0`).Scan(&placements); err != nil {
			t.Fatal(err)
		}
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM operator_receipts WHERE key = 'k'`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		var everywhere int
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_dist_partition WHERE logicalrelid = 'operator_receipts'::regclass AND repmodel = 't'`).Scan(&everywhere); err != nil {
			t.Fatal(err)
		}
		if placements != 1 || rows != 1 || everywhere != 0 {
			t.Errorf("%d placements on the coordinator, %d rows, on every node: %d", placements, rows, everywhere)
		}
	}
}
