-- +goose Up

-- One text for SQLite and Postgres. Times are microseconds since 1970 in UTC,
-- amounts are millionths of a credit. BLOB reads BYTEA and WITHOUT ROWID is
-- dropped on Postgres. Every table that a workspace owns has workspace_id first
-- in its primary key and in every unique index.

-- The ledger.

CREATE TABLE accounts (
    workspace_id  TEXT   NOT NULL PRIMARY KEY,
    seq           BIGINT NOT NULL,
    terms_version BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    next_expiry   BIGINT NOT NULL
) WITHOUT ROWID;

-- Apart from the account, whose row every charge writes.
CREATE TABLE subscriptions (
    workspace_id TEXT NOT NULL PRIMARY KEY,
    terms        TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE pools (
    workspace_id TEXT   NOT NULL,
    period_start BIGINT NOT NULL,
    credit       TEXT   NOT NULL,
    period_end   BIGINT NOT NULL,
    used         BIGINT NOT NULL CHECK (used >= 0),
    held         BIGINT NOT NULL CHECK (held >= 0),
    reserved     BIGINT NOT NULL CHECK (reserved >= 0),
    allowance    BIGINT NOT NULL,
    rolled       BIGINT NOT NULL,
    carry_num    BIGINT NOT NULL,
    carry_den    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, period_start, credit)
) WITHOUT ROWID;

CREATE TABLE shares (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    period_start BIGINT NOT NULL,
    credit       TEXT   NOT NULL,
    used         BIGINT NOT NULL CHECK (used >= 0),
    held         BIGINT NOT NULL CHECK (held >= 0),
    PRIMARY KEY (workspace_id, member_id, period_start, credit)
) WITHOUT ROWID;

CREATE TABLE allocations (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    mode         TEXT   NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (workspace_id, member_id, credit)
) WITHOUT ROWID;

CREATE TABLE holds (
    workspace_id TEXT   NOT NULL,
    hold_id      TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    period_start BIGINT NOT NULL,
    amount       BIGINT NOT NULL,
    remaining    BIGINT NOT NULL CHECK (remaining >= 0),
    expires_at   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    state        TEXT   NOT NULL,
    channel      TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, hold_id)
) WITHOUT ROWID;
CREATE INDEX holds_open ON holds (workspace_id, expires_at) WHERE state = 'open';

CREATE TABLE entries (
    workspace_id  TEXT   NOT NULL,
    seq           BIGINT NOT NULL,
    at            BIGINT NOT NULL,
    day           BIGINT NOT NULL,
    period_start  BIGINT NOT NULL,
    kind          TEXT   NOT NULL,
    credit        TEXT   NOT NULL,
    amount        BIGINT NOT NULL,
    waived        BIGINT NOT NULL,
    balance_after BIGINT,
    member_id     TEXT   NOT NULL,
    person_id     TEXT   NOT NULL,
    field         TEXT   NOT NULL,
    outcome       TEXT   NOT NULL,
    channel       TEXT   NOT NULL,
    hold_id       TEXT   NOT NULL,
    grant_id      TEXT   NOT NULL,
    note          TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, seq)
) WITHOUT ROWID;

CREATE TABLE receipts (
    workspace_id TEXT   NOT NULL,
    key          TEXT   NOT NULL,
    fingerprint  BLOB   NOT NULL,
    at           BIGINT NOT NULL,
    answer       BLOB   NOT NULL,
    PRIMARY KEY (workspace_id, key)
) WITHOUT ROWID;

CREATE TABLE reveals (
    workspace_id TEXT   NOT NULL,
    person_id    TEXT   NOT NULL,
    field        TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    data         TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, person_id, field)
) WITHOUT ROWID;
CREATE INDEX reveals_person ON reveals (person_id);

CREATE TABLE auto_spends (
    workspace_id TEXT   NOT NULL,
    day          BIGINT NOT NULL,
    credit       TEXT   NOT NULL,
    spent        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, day, credit)
) WITHOUT ROWID;

CREATE TABLE grants (
    workspace_id TEXT   NOT NULL,
    grant_id     TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    amount       BIGINT NOT NULL,
    note         TEXT   NOT NULL,
    period_start BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    ends_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, grant_id)
);

-- The workspace: its people and its leads.

CREATE TABLE workspaces (
    workspace_id TEXT   NOT NULL PRIMARY KEY,
    name         TEXT   NOT NULL,
    clock_id     TEXT   NOT NULL,
    auto_unlock  TEXT   NOT NULL,
    auto_cap     BIGINT,
    created_at   BIGINT NOT NULL
);

CREATE TABLE members (
    workspace_id TEXT    NOT NULL,
    member_id    TEXT    NOT NULL,
    email        TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    role         TEXT    NOT NULL,
    auto_unlock  BIGINT  NOT NULL,
    created_at   BIGINT  NOT NULL,
    removed_at   BIGINT  NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);
CREATE UNIQUE INDEX members_email ON members (workspace_id, email) WHERE removed_at = 0;

CREATE TABLE api_keys (
    workspace_id TEXT   NOT NULL,
    key_id       TEXT   NOT NULL,
    hash         BLOB   NOT NULL,
    last4        TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    read_only    BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    revoked_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, key_id)
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (workspace_id, hash);

CREATE TABLE leads (
    workspace_id TEXT   NOT NULL,
    lead_id      TEXT   NOT NULL,
    person_id    TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    full_name    TEXT   NOT NULL,
    title        TEXT   NOT NULL,
    company      TEXT   NOT NULL,
    domain       TEXT   NOT NULL,
    location     TEXT   NOT NULL,
    profile      TEXT   NOT NULL,
    captured_at  BIGINT NOT NULL,
    notes        TEXT   NOT NULL,
    tags         TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, lead_id)
);
CREATE UNIQUE INDEX leads_person ON leads (workspace_id, person_id);
CREATE INDEX leads_captured ON leads (workspace_id, captured_at, lead_id);
CREATE INDEX leads_by_person ON leads (person_id);

CREATE TABLE lead_lists (
    workspace_id TEXT NOT NULL,
    lead_id      TEXT NOT NULL,
    list         TEXT NOT NULL,
    PRIMARY KEY (workspace_id, lead_id, list)
);

-- The server's own: the directory, its keys and its sessions.

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
    updated_at     BIGINT NOT NULL
);

CREATE TABLE person_keys (
    kind      TEXT NOT NULL,
    key       TEXT NOT NULL,
    person_id TEXT NOT NULL,
    PRIMARY KEY (kind, key, person_id)
) WITHOUT ROWID;
CREATE INDEX person_keys_person ON person_keys (person_id);

CREATE TABLE imports (
    import_id  TEXT   NOT NULL PRIMARY KEY,
    status     TEXT   NOT NULL,
    rows_read  BIGINT NOT NULL,
    imported   BIGINT NOT NULL,
    rejected   BIGINT NOT NULL,
    message    TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

CREATE TABLE import_problems (
    import_id TEXT   NOT NULL,
    n         BIGINT NOT NULL,
    row_no    BIGINT NOT NULL,
    message   TEXT   NOT NULL,
    PRIMARY KEY (import_id, n)
);

CREATE TABLE suppressions (
    kind       TEXT   NOT NULL,
    hash       BLOB   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (kind, hash)
) WITHOUT ROWID;

CREATE TABLE clocks (
    clock_id TEXT   NOT NULL PRIMARY KEY,
    now      BIGINT NOT NULL
);

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

-- Who may sign in: a member of a workspace, or the operator (workspace_id '').
CREATE TABLE logins (
    email        TEXT   NOT NULL,
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    password     TEXT   NOT NULL,
    PRIMARY KEY (email, workspace_id, member_id)
);

CREATE TABLE sign_in_codes (
    hash         BLOB   NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    expires_at   BIGINT NOT NULL
);

CREATE TABLE sessions (
    token   TEXT   NOT NULL PRIMARY KEY,
    data    BLOB   NOT NULL,
    expiry  BIGINT NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);

CREATE TABLE server_settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
