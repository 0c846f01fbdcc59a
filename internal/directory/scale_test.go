package directory

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"zombiezen.com/go/sqlite"
	"zombiezen.com/go/sqlite/sqlitex"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// scale is how many people the tests of scale import: a few, or those of
// LEADMETER_TEST_PEOPLE on disks that flush.
func scale(t testing.TB) (people int, measured bool) {
	t.Helper()
	text := os.Getenv("LEADMETER_TEST_PEOPLE")
	if text == "" {
		return 20_000, false
	}
	people, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("LEADMETER_TEST_PEOPLE=%s is not a number", text)
	}
	return people, true
}

// crowd is a file of n synthetic people, written while it is read.
type crowd struct {
	n, at  int
	random *rand.Rand
	line   []byte
}

func newCrowd(n int) *crowd { return &crowd{n: n, at: -1, random: rand.New(rand.NewPCG(7, 7))} }

func (c *crowd) Read(p []byte) (int, error) {
	if len(c.line) == 0 {
		switch {
		case c.at < 0:
			c.line = append(c.line[:0], "id,full_name,title,company,company_domain,linkedin_url,location,work_email,work_email_status,work_email_verified_at,work_phones,mobile_phones,country\n"...)
		case c.at == c.n:
			return 0, io.EOF
		default:
			c.line = c.person(c.line[:0], c.at)
		}
		c.at++
	}
	n := copy(p, c.line)
	c.line = c.line[n:]
	return n, nil
}

var (
	firstNames = strings.Fields("Ada Alan Grace Mary Katherine Dorothy Edsger Barbara Donald John Margaret Radia Frances Jean Ken Dennis Brian Leslie Tony Robin")
	lastNames  = strings.Fields("Lovelace Turing Hopper Jackson Johnson Vaughan Dijkstra Liskov Knuth McCarthy Hamilton Perlman Allen Bartik Thompson Ritchie Kernighan Lamport Hoare Milner")
)

func (c *crowd) person(line []byte, i int) []byte {
	r := c.random.Uint64()
	first, last := firstNames[r%20], lastNames[r/20%20]
	firm := r / 400 % 50_000
	key := r >> 20 // profile and email are in no order
	line = fmt.Appendf(line, "%d,%s %s %d,Engineer,Firm %d Ltd,firm%d.example,https://www.linkedin.com/in/%s-%x-%d,London,%x.%d@firm%d.example,verified,2026-02-01,", i, first, last, i%1000, firm, firm, strings.ToLower(last), key, i, key, i, firm)
	if i%2 == 0 {
		line = fmt.Appendf(line, "+4420794%05d", i%100_000)
	}
	return fmt.Appendf(line, ",+4479%08d,GB\n", i%100_000_000)
}

// A large file goes in whole, in bounded memory, and everybody is found by every
// key at once. With LEADMETER_TEST_PEOPLE it is measured beside the database's own
// bulk load of the same rows.
func TestPeopleAtScale(t *testing.T) {
	people, measured := scale(t)
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			from, into := scaleAddress(t, engine, measured, "a"), scaleAddress(t, engine, measured, "b")
			l := landAt(t, engine, from)
			l.Directory.clock = time.Now
			took, peak := l.timed(func() {
				i, err := l.Begin(context.Background(), newCrowd(people), "text/csv")
				if err != nil {
					t.Fatal(err)
				}
				if s, err := i.Run(context.Background()); err != nil || s.Rows != int64(people) || s.Imported != s.Rows || s.Problems != 0 {
					t.Fatalf("%+v, %v", s, err)
				}
			})
			var rows, keys int
			if err := l.db.QueryRow(`SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM person_keys)`).Scan(&rows, &keys); err != nil {
				t.Fatal(err)
			}
			if rows != people || keys != 5*people {
				t.Errorf("%d people with %d keys, want %d with 5 each", rows, keys, people)
			}
			t.Logf("%s: %d people in %.1f s, %.0f rows/s; heap at most %d MiB, process at most %d MiB", engine, people, took.Seconds(), float64(people)/took.Seconds(), peak.heap>>20, peak.rss>>20)
			lookups(t, l, engine, people)
			if measured {
				bulk := bulkLoad(t, l, engine, into)
				t.Logf("%s: bulk load of the same rows in %.1f s; the import took %.2f of it", engine, bulk.Seconds(), took.Seconds()/bulk.Seconds())
			}
		})
	}
}

func scaleAddress(t *testing.T, engine string, measured bool, name string) string {
	switch {
	case !measured:
		return testdb.Address(t, engine)
	case engine == "sqlite":
		return "sqlite:" + filepath.Join(t.TempDir(), name+".db")
	}
	return testdb.NewCluster(t).CreateDatabase(t, name)
}

// peak is the most memory that was seen, in bytes.
type peak struct{ heap, rss uint64 }

func (l *land) timed(do func()) (took time.Duration, most peak) {
	defer debug.SetGCPercent(debug.SetGCPercent(400)) // as the program has it
	debug.FreeOSMemory()
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(50 * time.Millisecond)
		defer tick.Stop()
		for {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			most.heap, most.rss = max(most.heap, m.HeapAlloc), max(most.rss, rss())
			select {
			case <-tick.C:
			case <-stop:
				return
			}
		}
	}()
	begun := time.Now()
	do()
	took = time.Since(begun)
	close(stop)
	<-done
	return took, most
}

func rss() uint64 {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident uint64
	_, _ = fmt.Sscan(string(text), &size, &resident)
	return resident * uint64(os.Getpagesize())
}

// lookups finds somebody by each kind of key, and holds that an index does it.
func lookups(t *testing.T, l *land, engine string, people int) {
	ctx := context.Background()
	conn, err := l.db.Conn(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if engine == "postgres" {
		if _, err := conn.ExecContext(ctx, "VACUUM ANALYZE"); err != nil { // what autovacuum does after a load
			t.Fatal(err)
		}
	}
	for _, kind := range []string{lead.KindSource, lead.KindProfile, lead.KindEmail, lead.KindName} {
		keys := sampleKeys(t, conn, kind)
		begun := time.Now()
		for _, key := range keys {
			var id string
			if err := conn.QueryRowContext(ctx, `SELECT person_id FROM person_keys WHERE kind = $1 AND key = $2 ORDER BY person_id LIMIT 2`, kind, key).Scan(&id); err != nil {
				t.Fatal(err)
			}
		}
		each := time.Since(begun) / time.Duration(len(keys))
		plan, inDatabase := explained(t, conn, engine, kind, keys[0])
		t.Logf("%s: by %s in %s, database %s: %s", engine, kind, each, inDatabase, plan)
		if !strings.Contains(plan, "INDEX") && !strings.Contains(plan, "Index") && !strings.Contains(plan, "PRIMARY KEY") {
			t.Errorf("by %s without an index: %s", kind, plan)
		}
	}
}

func sampleKeys(t *testing.T, conn *sql.Conn, kind string) (keys []string) {
	rows, err := conn.QueryContext(context.Background(), `SELECT key FROM person_keys WHERE kind = $1 LIMIT 500`, kind)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		t.Fatalf("nobody has a key of the kind %s", kind)
	}
	return keys
}

// explained is how the database finds a key, on one line, and its own time for it.
func explained(t *testing.T, conn *sql.Conn, engine, kind, key string) (plan, took string) {
	query := `SELECT person_id FROM person_keys WHERE kind = '` + kind + `' AND key = '` + strings.ReplaceAll(key, "'", "''") + `' ORDER BY person_id LIMIT 2`
	if engine == "sqlite" {
		var id, parent, unused int
		if err := conn.QueryRowContext(context.Background(), "EXPLAIN QUERY PLAN "+query).Scan(&id, &parent, &unused, &plan); err != nil {
			t.Fatal(err)
		}
		return plan, "as above"
	}
	rows, err := conn.QueryContext(context.Background(), "EXPLAIN (ANALYZE, COSTS OFF) "+query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "Execution Time: ") {
			took = strings.TrimPrefix(line, "Execution Time: ")
		} else if strings.Contains(line, "Scan") {
			plan += line
		}
	}
	return plan, took
}

// bulkLoad is how long the engine's own way takes for the rows of a directory.
func bulkLoad(t *testing.T, l *land, engine, into string) time.Duration {
	st := testdb.OpenAt(t, into) // its tables
	people := l.stream(`SELECT * FROM people ORDER BY person_id`)
	keys := l.stream(`SELECT * FROM person_keys ORDER BY person_id`)
	if engine == "postgres" {
		return copyAll(t, into, people, keys)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	return insertAll(t, strings.TrimPrefix(into, "sqlite:"), people, keys)
}

// stream reads a table, 50,000 rows at a time.
func (l *land) stream(query string) func() [][]any {
	rows, err := l.db.Query(query)
	if err != nil {
		l.Fatal(err)
	}
	columns, err := rows.Columns()
	if err != nil {
		l.Fatal(err)
	}
	l.Cleanup(func() { rows.Close() })
	return func() (part [][]any) {
		for len(part) < 50_000 && rows.Next() {
			row, into := make([]any, len(columns)), make([]any, len(columns))
			for i := range row {
				into[i] = &row[i]
			}
			if err := rows.Scan(into...); err != nil {
				l.Fatal(err)
			}
			part = append(part, row)
		}
		return part
	}
}

// insertAll is prepared INSERTs in transactions of 50,000 people with their keys,
// on a connection set up as the product's.
func insertAll(t *testing.T, file string, people, keys func() [][]any) (took time.Duration) {
	conn, err := sqlite.OpenConn(file, sqlite.OpenReadWrite, sqlite.OpenWAL)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, pragma := range []string{"PRAGMA synchronous=FULL", "PRAGMA cache_size=-65536", "PRAGMA temp_store=MEMORY", "PRAGMA wal_autocheckpoint=4000"} {
		if err := sqlitex.ExecuteTransient(conn, pragma, nil); err != nil {
			t.Fatal(err)
		}
	}
	insert := func(table string, rows [][]any) {
		stmt := conn.Prep("INSERT INTO " + table + " VALUES (?" + strings.Repeat(",?", len(rows[0])-1) + ")")
		for _, row := range rows {
			for n, v := range row {
				switch v := v.(type) {
				case string:
					stmt.BindText(n+1, v)
				case int64:
					stmt.BindInt64(n+1, v)
				}
			}
			if _, err := stmt.Step(); err != nil {
				t.Fatal(err)
			}
			if err := stmt.Reset(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for {
		part := people()
		if len(part) == 0 {
			return took
		}
		var theirs [][]any
		for range 5 {
			theirs = append(theirs, keys()...)
		}
		begun := time.Now()
		if err := sqlitex.ExecuteTransient(conn, "BEGIN IMMEDIATE", nil); err != nil {
			t.Fatal(err)
		}
		insert("people", part)
		insert("person_keys", theirs)
		if err := sqlitex.ExecuteTransient(conn, "COMMIT", nil); err != nil {
			t.Fatal(err)
		}
		took += time.Since(begun)
	}
}

func copyAll(t *testing.T, address string, people, keys func() [][]any) (took time.Duration) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	copyIn := func(table string, next func() [][]any) {
		for part := next(); len(part) > 0; part = next() {
			var columns []string
			rows, err := conn.Query(ctx, "SELECT * FROM "+table+" LIMIT 0")
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range rows.FieldDescriptions() {
				columns = append(columns, d.Name)
			}
			rows.Close()
			begun := time.Now()
			if _, err := conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromRows(part)); err != nil {
				t.Fatal(err)
			}
			took += time.Since(begun)
		}
	}
	copyIn("people", people)
	copyIn("person_keys", keys)
	return took
}
