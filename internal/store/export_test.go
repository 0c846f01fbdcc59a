package store

import "github.com/jackc/pgx/v5"

// Trace lets a test see the statements of databases that it opens from here on.
func Trace(t pgx.QueryTracer) { tracer = t }
