package testdb

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/internal/store"
)

// What the tests of a package send to Postgres is read after they ran: a Citus must take it too, and
// no test has to know of that.

// CheckedMain is Main, and fails where a Citus would refuse a statement that was sent, or would ask
// every shard for it without being named here.
func CheckedMain(m *testing.M) int {
	all := &Sent{}
	store.Trace(all)
	return mainWith(m, func(code int) int {
		if shared.cluster == nil || OnCitus() {
			return code
		}
		return checkSent(code, all, shared.cluster.Address(template))
	})
}

// Sent are the statements that were sent to Postgres, each once: a tracer for store.Trace.
type Sent struct {
	mu   sync.Mutex
	seen map[string]bool
}

// Forget forgets what was sent so far.
func (s *Sent) Forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.seen)
}

// List is what was sent, in no order.
func (s *Sent) List() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Keys(s.seen))
}

func (s *Sent) add(sql string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[sql] = true
}

// TraceQueryStart is pgx's, as the methods after it are.
func (s *Sent) TraceQueryStart(ctx context.Context, _ *pgx.Conn, d pgx.TraceQueryStartData) context.Context {
	s.add(d.SQL)
	return ctx
}

// TraceQueryEnd is pgx's.
func (s *Sent) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// TraceBatchStart is pgx's.
func (s *Sent) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	return ctx
}

// TraceBatchQuery is pgx's.
func (s *Sent) TraceBatchQuery(_ context.Context, _ *pgx.Conn, d pgx.TraceBatchQueryData) {
	s.add(d.SQL)
}

// TraceBatchEnd is pgx's.
func (s *Sent) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// across are statements about the rows of many workspaces, by how they begin. Each goes to every shard of a Citus: no charge, capture or page of a workspace may be here.
var across = []string{
	// A person was joined, taken apart, suppressed or erased: the operator's.
	"SELECT m.workspace_id, m.person_id, m.lead_id, m.at, m.was FROM lead_merges m",
	"SELECT m.workspace_id, m.person_id, m.into_person, m.at, m.was FROM paused_merges m",
	"SELECT workspace_id FROM leads WHERE person_id = ANY",
	"SELECT 1 FROM reveals WHERE person_id = $1 UNION ALL",
	"SELECT workspace_id, person_id, field, outcome, at, data FROM reveals WHERE person_id",
	"SELECT workspace_id, person_id, field, outcome, at, data FROM reveals WHERE (workspace_id, person_id, field) >",
	"SELECT workspace_id, undo_id, subject, at, actor, kind, was FROM undos WHERE subject",
	"SELECT workspace_id, person_id, field, data FROM withheld_values WHERE $1",
	"DELETE FROM paused_merges WHERE person_id",
	"DELETE FROM paused_merges WHERE into_person",
	"DELETE FROM reveals WHERE person_id",
	"DELETE FROM undos WHERE subject",
	"DELETE FROM withheld_values WHERE person_id",
	"DELETE FROM bad_values WHERE person_id",
	"DELETE FROM lead_lists WHERE lead_id IN",
	"DELETE FROM lead_tags WHERE lead_id IN",
	"DELETE FROM lead_merges WHERE person_id",
	"DELETE FROM leads WHERE person_id",
	"DELETE FROM moved_fields WHERE person_id",
	"UPDATE bulk_rows SET person_id",
	"UPDATE bulk_rows SET reference",
	"UPDATE undos SET at = at WHERE subject",
	// What is to be done, tidied or counted, every few seconds or at a start.
	"SELECT workspace_id, effect_id, kind, target",
	"SELECT workspace_id, job_id, member_id, status",
	"SELECT workspace_id FROM bulk_files UNION",
	"SELECT workspace_id, push_id FROM pushes WHERE preparing_until",
	"SELECT status, COUNT(*), MIN(created_at) FROM effects",
	"DELETE FROM sign_ins WHERE expires_at",
	"UPDATE bulk_jobs SET owner",
	// What the operator sees of all workspaces.
	"SELECT 1 FROM leads LIMIT",
	"SELECT 1 FROM workspaces LIMIT",
	"SELECT count(*) FROM addon_requests WHERE status",
	"SELECT workspace_id, request_id, member_id, credit, amount, kind, note, status, granted, grant_id, created_at, decided_at FROM addon_requests WHERE ($1",
	"SELECT workspace_id, request_id, member_id, credit, amount, kind, note, status, granted, grant_id, created_at, decided_at FROM addon_requests WHERE request_id",
	"SELECT workspace_id, seq, member_id, person_id, field, reason, status, period_start, at FROM reports WHERE status",
	"SELECT workspace_id, name, clock_id, auto_unlock, auto_cap, created_at, usage_visible_to FROM workspaces WHERE workspace_id >",
}

var (
	namedTable = regexp.MustCompile(`\b(?:INTO|UPDATE|FROM|JOIN)\s+([a-z_]+)\b`)
	oneOrMore  = regexp.MustCompile(`workspace_id\s*(=|IN|>=)|workspace_id = ANY`)
	ofDatabase = regexp.MustCompile(`(?i)\b(now|random|clock_timestamp|nextval|gen_random_uuid)\(`)
	chosen     = regexp.MustCompile(`VALUES[^;]*\(\s*SELECT`)
)

// refused says what a Citus would not take of a statement; "": it takes it.
func refused(sql string, divided, central map[string]bool) string {
	var ours, directory string
	for _, t := range namedTable.FindAllStringSubmatch(sql, -1) {
		if divided[t[1]] {
			ours = cmp.Or(ours, t[1])
		}
		if central[t[1]] {
			directory = cmp.Or(directory, t[1])
		}
	}
	writes := strings.HasPrefix(sql, "INSERT") || strings.HasPrefix(sql, "UPDATE") || strings.HasPrefix(sql, "DELETE")
	switch {
	case ours == "":
		return ""
	case directory != "":
		return "joins " + ours + ", which is divided, with " + directory + ", which the coordinator has"
	case strings.Contains(sql, "FOR UPDATE") && !strings.Contains(sql, "workspace_id = $"):
		return "locks rows of more than one workspace"
	case writes && ofDatabase.MatchString(sql):
		return "asks the database for what it must be told"
	case writes && chosen.MatchString(sql):
		return "inserts what a sub-select chooses"
	case !oneOrMore.MatchString(sql) && !strings.HasPrefix(sql, "INSERT") && !mayGoEverywhere(sql):
		return "goes to every shard; where it must, name it in testdb.across"
	}
	return ""
}

func mayGoEverywhere(sql string) bool {
	sql = strings.Join(strings.Fields(sql), " ")
	for _, begins := range across {
		if strings.HasPrefix(sql, begins) {
			return true
		}
	}
	return false
}

// check prints what a Citus would refuse of what was sent, and returns how much that is.
func (s *Sent) check(ctx context.Context, address string, out io.Writer) (n int) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		fmt.Fprintln(out, "testdb:", err)
		return 1
	}
	defer conn.Close(ctx)
	divided, central, err := placements(ctx, conn)
	if err != nil {
		fmt.Fprintln(out, "testdb:", err)
		return 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []string
	for sql := range s.seen {
		if why := refused(sql, divided, central); why != "" {
			list = append(list, why+"\n\t"+strings.Join(strings.Fields(sql), " "))
		}
	}
	slices.Sort(list)
	for _, l := range list {
		fmt.Fprintln(out, "a Citus does not take this statement: it "+l)
	}
	return len(list)
}

// placements are the tables that Citus divides and those that it leaves on the coordinator.
func placements(ctx context.Context, conn *pgx.Conn) (divided, central map[string]bool, err error) {
	divided, central = map[string]bool{}, map[string]bool{}
	rows, err := conn.Query(ctx, `SELECT c.relname::text, coalesce(bool_or(a.attname = 'workspace_id'), false) FROM pg_class c
		LEFT JOIN pg_index x ON x.indrelid = c.oid AND x.indisprimary LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (x.indkey)
		WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace GROUP BY c.relname`)
	if err != nil {
		return nil, nil, err
	}
	var table string
	var keyed bool
	_, err = pgx.ForEachRow(rows, []any{&table, &keyed}, func() error {
		switch {
		case store.OnEveryNode(table):
		case keyed:
			divided[table] = true
		default:
			central[table] = true
		}
		return nil
	})
	return divided, central, err
}

// checkSent is for Main: 1 where a Citus would refuse something.
func checkSent(code int, all *Sent, address string) int {
	if all.check(context.Background(), address, os.Stdout) > 0 && code == 0 {
		return 1
	}
	return code
}
