package mutants_test

import "slices"

// mutants are the mistakes. Those of concurrency, durability and time are what
// ledgers lose credits by; the rest are the rules of docs/rules.md turned wrong.
var mutants = slices.Concat(concurrency, durability, rules, trust, archived, peers)

const (
	credits = "credits"
	storage = "internal/store"
)

var concurrency = []mutant{
	{
		name: "the key is checked, then acted on, within a batch",
		edits: []edit{
			{"credits/receipt.go", "row.exists, row.dirty = true, true", "row.dirty = true"},
			{"internal/store/insert.go", `"INSERT INTO " + into + " VALUES " + places(columns, 1)`, `"INSERT OR REPLACE INTO " + into + " VALUES " + places(columns, 1)`}, {"internal/store/insert.go", `"INSERT INTO " + into + " VALUES " + places(columns, together)`, `"INSERT OR REPLACE INTO " + into + " VALUES " + places(columns, together)`},
		},
		engine: "sqlite", pkg: credits, run: "TestC9HistoryOnSQLite",
	},
	{
		name: "the key is checked, then acted on, before the row is locked",
		edits: []edit{
			{"internal/store/ledger_postgres_load.go", "	queueAccounts(g, w, rows, l.reading)\n	queuePools(g, w, rows)", "	unlocked := *w\n	unlocked.Accounts = nil\n	queueAccounts(g, &unlocked, rows, true)\n	unlocked = *w\n	unlocked.Receipts = nil\n	queueAccounts(g, &unlocked, rows, l.reading)\n	queuePools(g, w, rows)"},
			{"internal/store/bulk_ledger.go", `insertInto("receipts", "")`, `insertInto("receipts", " ON CONFLICT DO NOTHING")`},
		},
		engine: "postgres", pkg: credits, run: "TestC9HistoryOfTwoServers",
	},
	{
		name:   "a balance is read, changed and written without the row's lock",
		edits:  []edit{{"internal/store/ledger_postgres_load.go", `sql += " FOR UPDATE"`, `sql += ""`}},
		engine: "postgres", pkg: credits, run: "TestC8TwoServers",
	},
	{
		name:   "what another server wrote is not noticed",
		edits:  []edit{{"credits/batch.go", "if moved := s.acct.Seq != a.Seq; !known || moved {", "if moved := false; !known || moved {"}},
		engine: "postgres", pkg: credits, run: "TestC8TwoServers",
	},
	{
		name:   "what another server changed is taken from memory where it is to be read with the account",
		edits:  []edit{{"credits/ledger.go", "if b.shared = shared; shared {", "if b.shared = shared; false {"}},
		engine: "postgres", pkg: credits, run: "TestC8TwoServers",
	},
	{
		name:   "a batch decided ahead does not look whether another server was there, few rows",
		edits:  []edit{{"internal/store/ledger_common.go", "CASE WHEN seq = $2 AND terms_version = $3 AND last_at = $4 AND next_expiry = $5 THEN CAST($6 AS BIGINT) END", "CASE WHEN $2 + $3 + $4 + $5 >= 0 THEN CAST($6 AS BIGINT) END"}},
		engine: "postgres", pkg: credits, run: "TestC8AheadOfAnother",
	},
	{
		name:   "a batch decided ahead does not look whether another server was there, many rows",
		edits:  []edit{{"internal/store/bulk_ledger.go", "CASE WHEN a.seq = k.was_seq AND a.terms_version = k.was_version AND a.last_at = k.was_last_at AND a.next_expiry = k.was_next_expiry THEN k.seq END", "k.seq"}},
		engine: "postgres", pkg: credits, run: "TestC8AheadOfAnother",
	},
	{
		name:   "an account keeps the pools that another server has left behind",
		edits:  []edit{{"credits/batch.go", "	s.fault = s.acceptPools()", "	if len(s.pools) == 0 {\n		s.fault = s.acceptPools()\n	}"}},
		engine: "postgres", pkg: credits, run: "TestC8TwoServers",
	},
	{
		name:   "a workspace whose balance cannot be read is remembered without one",
		edits:  []edit{{"credits/ledger.go", "if s.terms == nil || s.fault != nil {", "if s.terms == nil {"}},
		engine: "sqlite", pkg: credits, run: "TestC8ABalanceThatCannotBeRead",
	},
	{
		name:   "rows are taken to be alike when the first two are",
		edits:  []edit{{"internal/store/bulk_rows.go", "if !c.alike(rows) {", "if !c.alike(rows[:min(2, len(rows))]) {"}},
		engine: "postgres", pkg: "internal/store", run: "TestRowsAlikeInPart",
	},
	{
		name:   "a batch that changes nothing is answered from memory",
		edits:  []edit{{"internal/store/store.go", "		return s.unmoved(ctx, from)\n", "		return nil\n"}},
		engine: "postgres", pkg: credits, run: "TestC8AheadOfAnother",
	},
	{
		name:   "callers are answered when their batch is decided, ahead of the database",
		edits:  []edit{{"credits/committer.go", "	k.flying.ahead()\n", "	k.flying.ahead()\n	k.flying.answer(nil)\n"}, {"credits/committer.go", "		b.answer(nil) // while the next one is written\n", ""}},
		engine: "sqlite", pkg: credits, run: "TestC8KilledServerOnSQLite",
	},
	{
		name: "terms are read as they were before the wait for the row",
		edits: []edit{
			{"internal/store/ledger_postgres_load.go", "	queueAccounts(g, w, rows, l.reading)\n", "	early := map[string]string{}\n	for _, k := range w.Accounts {\n		g.queue(`SELECT s.terms FROM subscriptions s WHERE s.workspace_id = $1`, func(r pgx.Rows) error {\n			var terms string\n			err := r.Scan(&terms)\n			early[k.Workspace] = terms\n			return err\n		}, k.Workspace)\n	}\n	queueAccounts(g, w, rows, l.reading)\n"},
			{"internal/store/ledger_postgres_load.go", "	for _, k := range w.Expired {\n		var own", "	for i := range rows.Accounts {\n		if a := &rows.Accounts[i]; len(a.Terms) > 0 {\n			a.Terms = []byte(early[a.Workspace])\n		}\n	}\n	for _, k := range w.Expired {\n		var own"},
		},
		engine: "postgres", pkg: credits, run: "TestC8TermsChangedWhileWaiting",
	},
	{
		name:   "terms that another server changed are not noticed",
		edits:  []edit{{"credits/batch.go", "known := s.terms != nil && s.acct.TermsVersion == a.TermsVersion", "known := s.terms != nil"}},
		engine: "postgres", pkg: credits, run: "TestC9HistoryOfTwoServers",
	},
	{
		name: "a reader is answered by a replica that lags behind",
		edits: []edit{
			{"credits/look.go", "	\"slices\"\n", "	\"slices\"\n	\"sync\"\n"},
			{"credits/look.go", "// Look reads a workspace's balances", "var replica sync.Map\n\n// Look reads a workspace's balances"},
			{"credits/look.go", "	return s.view(members), nil\n", "	v := s.view(members)\n	if lagging, ok := replica.Swap(workspace, v); ok && len(members) == 0 {\n		return lagging.(*View), nil\n	}\n	return v, nil\n"},
		},
		engine: "sqlite", pkg: credits, run: "TestC8Windows|TestC9HistoryOnSQLite",
	},
	{
		name:   "a refused command takes a number",
		edits:  []edit{{"credits/command.go", "	result, refusal := c.decide(s)\n	result.At", "	result, refusal := c.decide(s)\n	if refusal != nil {\n		s.acct.Seq++\n	}\n	result.At"}},
		engine: "sqlite", pkg: credits, run: "TestC9HistoryOnSQLite",
	},
	{
		name:   "a refused charge leaves what it moved",
		edits:  []edit{{"credits/spend.go", "	if r := s.afford(p, c.Member, c.Amount); r != nil {\n		return Result{}, r", "	if r := s.afford(p, c.Member, c.Amount); r != nil {\n		p.Held, p.dirty = p.Held+1, true\n		return Result{}, r"}},
		engine: "sqlite", pkg: credits, run: "TestC8Windows|TestC8ConcurrentUse",
	},
	{
		name:   "a hold takes the place of another with its id",
		edits:  []edit{{"credits/spend.go", `known.ID != ""`, `known.ID != "" && false`}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
}

var durability = []mutant{
	{
		name: "callers are answered before the commit",
		edits: []edit{
			{"credits/ledger.go", "		b.decide()\n", "		b.decide()\n		b.answer(nil)\n"},
			{"credits/committer.go", "	b.answer(err)\n", ""},
		},
		engine: "sqlite", pkg: credits, run: "TestC8KilledServerOnSQLite",
	},
	{
		name:   "what is not remembered of a running period is taken for new",
		edits:  []edit{{"credits/wants.go", " && start > s.base.LastAt", ""}},
		engine: "sqlite", pkg: credits, run: "TestP3FirstChargesOfAPeriodAhead",
	},
	{
		name:   "an error of the database is answered as done",
		edits:  []edit{{"credits/batch.go", "			c.result, c.refusal, c.err = Result{}, nil, err\n", "			c.err = nil\n"}},
		engine: "sqlite", pkg: credits, run: "TestC8FailedCommitIsNoAnswer",
	},
	{
		name:   "SQLite does not flush at a commit",
		edits:  []edit{{"internal/store/sqlite.go", "PRAGMA synchronous=FULL", "PRAGMA synchronous=OFF"}},
		engine: "sqlite", pkg: storage, run: "TestSQLiteIsDurable",
	},
	{
		name:   "Postgres does not flush at a commit",
		edits:  []edit{{"internal/store/postgres.go", `"jit": "off",`, `"jit": "off", "synchronous_commit": "off",`}},
		engine: "postgres", pkg: storage, run: "TestPostgresIsDurable",
	},
	{
		name:   "SQLite commits each row by itself",
		edits:  []edit{{"internal/store/sqlite.go", `db.writer, "BEGIN IMMEDIATE", fn)`, `db.writer, "SELECT 1", func(q querier) error { defer q.exec("BEGIN"); return fn(q) })`}},
		engine: "sqlite", pkg: credits, run: "TestC8KilledBeforeEveryWriteAndFlush",
	},
	{
		name:   "the receipt of a hold is not kept",
		edits:  []edit{{"credits/command.go", "	if key != \"\" && (refusal == nil", "	if _, hold := c.(*Hold); key != \"\" && !hold && (refusal == nil"}},
		engine: "sqlite", pkg: credits, run: "TestC8KilledServerOnSQLite",
	},
	{
		name:   "the answer to a refused request is not kept",
		edits:  []edit{{"credits/command.go", "(refusal == nil || refusal.decided())", "refusal == nil"}},
		engine: "sqlite", pkg: credits, run: "TestC9HistoryOnSQLite",
	},
	{
		name:   "a changed request is answered with the first one's answer",
		edits:  []edit{{"credits/receipt.go", "if string(first.Fingerprint) != string(again) {", "if false {"}},
		engine: "sqlite", pkg: credits, run: "TestC9HistoryOnSQLite",
	},
	{
		name:   "a key is found in another workspace",
		edits:  []edit{{"internal/store/ledger_sqlite.go", "FROM receipts WHERE workspace_id = $1 AND key = $2`", "FROM receipts WHERE coalesce($1, '') <> '' AND key = $2`"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
}
