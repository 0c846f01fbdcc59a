-- +goose Up

-- The directory, its sources and its suppression list, and what else is the server's own.

-- parts is what rows of different names say of one person, each by itself, as JSON; empty while one
-- name says all. stated_at is when the newest row about the person's employer was true.
CREATE TABLE people (
    person_id      TEXT   NOT NULL PRIMARY KEY,
    full_name      TEXT   NOT NULL,
    first_name     TEXT   NOT NULL,
    last_name      TEXT   NOT NULL,
    title          TEXT   NOT NULL,
    company        TEXT   NOT NULL,
    company_domain TEXT   NOT NULL,
    company_phone  TEXT   NOT NULL,
    linkedin_url   TEXT   NOT NULL,
    location       TEXT   NOT NULL,
    country        TEXT   NOT NULL,
    source_id      TEXT   NOT NULL,
    extra          TEXT   NOT NULL,
    details        TEXT   NOT NULL,
    updated_at     BIGINT NOT NULL,
    parts          TEXT   NOT NULL DEFAULT '',
    stated_at      BIGINT NOT NULL DEFAULT 0
);

-- What finds a person. Both keys that a name makes are of one kind and so on one page of the index: a
-- domain has a dot and a company's key has none. A row without a person says of a key that people of
-- contradicting names claim it, so that it joins nobody (docs/decisions/0012).
CREATE TABLE person_keys (
    kind      TEXT NOT NULL,
    key       TEXT NOT NULL,
    person_id TEXT NOT NULL,
    PRIMARY KEY (kind, key, person_id)
) WITHOUT ROWID;
CREATE INDEX person_keys_person ON person_keys (person_id);

-- An import and what it needs to go on after a restart: the file as it was kept, how it is to be read
-- (JSON), whose it is, and until when its reader surely lives.
CREATE TABLE imports (
    import_id    TEXT   NOT NULL PRIMARY KEY,
    status       TEXT   NOT NULL,
    rows_read    BIGINT NOT NULL,
    imported     BIGINT NOT NULL,
    rejected     BIGINT NOT NULL,
    message      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    name         TEXT   NOT NULL DEFAULT '',
    source       TEXT   NOT NULL DEFAULT '',
    plan         TEXT   NOT NULL DEFAULT '',
    read_as      TEXT   NOT NULL DEFAULT '',
    host         TEXT   NOT NULL DEFAULT '',
    spool        TEXT   NOT NULL DEFAULT '',
    lease_until  BIGINT NOT NULL DEFAULT 0,
    problems     BIGINT NOT NULL DEFAULT 0,
    rejects      BIGINT NOT NULL DEFAULT 0,
    rejects_size BIGINT NOT NULL DEFAULT 0,
    added        BIGINT NOT NULL DEFAULT 0,
    updated      BIGINT NOT NULL DEFAULT 0,
    joined       BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE import_problems (
    import_id TEXT   NOT NULL,
    n         BIGINT NOT NULL,
    row_no    BIGINT NOT NULL,
    message   TEXT   NOT NULL,
    PRIMARY KEY (import_id, n)
);

-- Rejected rows, a few hundred a row: JSON, in the order of the file. They hold what people sent and
-- are dropped after a time.
CREATE TABLE import_rejects (
    import_id  TEXT   NOT NULL,
    n          BIGINT NOT NULL,
    data       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (import_id, n)
);
CREATE INDEX import_rejects_created ON import_rejects (created_at);

-- Keyed hashes of who asked not to be found. names are hashes of the names that a mark is for, as
-- JSON; empty: it is for everybody. applied says that leads on the list were hidden.
CREATE TABLE suppressions (
    kind       TEXT   NOT NULL,
    hash       BLOB   NOT NULL,
    created_at BIGINT NOT NULL,
    applied    BIGINT NOT NULL DEFAULT 0,
    names      TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (kind, hash)
) WITHOUT ROWID;

-- Who is on the suppression list, as the leads that they are: they leave every sheet (rule C12). The
-- list itself holds hashes, so who is meant is found when it changes.
CREATE TABLE hidden_people (
    person_id TEXT NOT NULL PRIMARY KEY,
    lead_id   TEXT NOT NULL
);
CREATE UNIQUE INDEX hidden_people_lead ON hidden_people (lead_id);

-- Questions that a source is still to answer. A ticket holds people's data and is dropped with the
-- person, or after a day.
CREATE TABLE searches (
    search_id TEXT   NOT NULL PRIMARY KEY,
    person_id TEXT   NOT NULL,
    due_at    BIGINT NOT NULL,
    ticket    TEXT   NOT NULL
);
CREATE INDEX searches_due ON searches (due_at);
CREATE INDEX searches_person ON searches (person_id);

-- What a source was asked in a day (UTC): the budget is taken from it.
CREATE TABLE provider_days (
    provider TEXT   NOT NULL,
    day      TEXT   NOT NULL,
    taken    BIGINT NOT NULL,
    asked    BIGINT NOT NULL,
    found    BIGINT NOT NULL,
    missed   BIGINT NOT NULL,
    failed   BIGINT NOT NULL,
    latency  BIGINT NOT NULL,
    cost     BIGINT NOT NULL,
    PRIMARY KEY (provider, day)
) WITHOUT ROWID;

CREATE TABLE provider_keys (
    provider TEXT NOT NULL PRIMARY KEY,
    sealed   TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE operator_keys (
    key_id     TEXT   NOT NULL PRIMARY KEY,
    hash       BLOB   NOT NULL UNIQUE,
    last4      TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    read_only  BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT NOT NULL
);

CREATE TABLE operator_receipts (
    key         TEXT   NOT NULL PRIMARY KEY,
    fingerprint BLOB   NOT NULL,
    at          BIGINT NOT NULL,
    answer      BLOB   NOT NULL
);

CREATE TABLE clocks (
    clock_id TEXT   NOT NULL PRIMARY KEY,
    now      BIGINT NOT NULL
);

CREATE TABLE server_settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
