package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"strings"
	"testing/fstest"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // database/sql driver "sqlite", for migrations
)

//go:embed migrations/*.sql
var migrations embed.FS

var (
	withoutRowid = regexp.MustCompile(`\)\s*WITHOUT ROWID;`)
	blob         = regexp.MustCompile(`\bBLOB\b`)
	bytewise     = regexp.MustCompile(`\bCOLLATE BINARY\b`)
)

// migrationTexts are the migrations in the engine's words. The text is written
// for SQLite; Postgres reads BYTEA for BLOB and "C" for BINARY, and has no
// WITHOUT ROWID. A file that names an engine is that one's alone.
func migrationTexts(postgres bool) (fs.FS, error) {
	texts := fstest.MapFS{}
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return nil, err
	}
	other := ".postgres.sql"
	if postgres {
		other = ".sqlite.sql"
	}
	for _, name := range files {
		if strings.HasSuffix(name, other) {
			continue
		}
		text, err := migrations.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if postgres {
			text = withoutRowid.ReplaceAll(text, []byte(");"))
			text = blob.ReplaceAll(text, []byte("BYTEA"))
			text = bytewise.ReplaceAll(text, []byte(`COLLATE "C"`))
		}
		texts[path.Base(name)] = &fstest.MapFile{Data: text}
	}
	return texts, nil
}

func migrateSQLite(ctx context.Context, file string) error {
	dsn := (&url.URL{Scheme: "file", Opaque: url.PathEscape(file)}).String() +
		"?_pragma=page_size(8192)&_pragma=journal_mode(WAL)&_pragma=busy_timeout(10000)&_pragma=synchronous(FULL)"
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return fmt.Errorf("database file %s: %w", file, err)
	}
	defer db.Close()
	db.SetMaxOpenConns(1)
	if err := migrate(ctx, goose.DialectSQLite3, db); err != nil {
		return fmt.Errorf("database file %s: %w", file, err)
	}
	return nil
}

// migratePostgres brings the schema up to date, and distributes it: to so many shards, or where it
// is distributed already, what is new in it.
func migratePostgres(ctx context.Context, address string, shards int) (err error) {
	config, err := pgx.ParseConfig(address)
	if err != nil {
		return err
	}
	config.DefaultQueryExecMode = pgx.QueryExecModeExec // a pooler's connections know no statement of another's
	db := stdlib.OpenDB(*config)
	defer db.Close()
	db.SetMaxOpenConns(2) // one holds the lock, the other migrates
	// Several servers may start at once: one migrates, the others wait. The lock is a transaction's,
	// because a session's stays with a connection of pgbouncer when the server has left it.
	lock, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, lock.Rollback()) }()
	var standby bool
	if err := lock.QueryRowContext(ctx, `SELECT `+sqlReadOnly).Scan(&standby); err != nil {
		return err
	}
	if standby {
		return errReadOnly
	}
	// The other connection migrates meanwhile, for as long as that takes.
	if _, err := lock.ExecContext(ctx, "SET LOCAL idle_in_transaction_session_timeout = 0"); err != nil {
		return err
	}
	const migrating = 7250_611_037
	if _, err := lock.ExecContext(ctx, "SELECT pg_advisory_xact_lock($1)", migrating); err != nil {
		return err
	}
	if err := migrate(ctx, goose.DialectPostgres, db); err != nil {
		return err
	}
	return distribute(ctx, db, shards)
}

// errReadOnly is for who gave the address of a standby.
var errReadOnly = errors.New("this Postgres takes no writes: it is a standby, or its sessions are read-only by default; give the address of the primary")

func migrate(ctx context.Context, dialect goose.Dialect, db *sql.DB) error {
	texts, err := migrationTexts(dialect == goose.DialectPostgres)
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, db, texts)
	if err != nil {
		return err
	}
	version, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	if version > 0 && version < firstVersion {
		return fmt.Errorf("the database was made by a development version before 0.1.0, which has no upgrade; start with a new database")
	}
	_, err = p.Up(ctx)
	return err
}

// firstVersion is the first migration of 0.1.0. Development versions counted from 1.
const firstVersion = 101
