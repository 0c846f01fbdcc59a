-- +goose Up

-- The schema of 0.1.0, in seven files, one text for SQLite and Postgres: there BLOB reads BYTEA, and
-- WITHOUT ROWID is dropped. Times are microseconds since 1970 in UTC, amounts are millionths of a
-- credit. In a table that a workspace owns, workspace_id is a part of every key that is unique.

-- The ledger: what is paid for. Its rows are written by package credits alone.

-- A workspace's place in the ledger. Every charge writes this row, so the terms are apart.
CREATE TABLE accounts (
    workspace_id  TEXT   NOT NULL PRIMARY KEY,
    seq           BIGINT NOT NULL,
    terms_version BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    next_expiry   BIGINT NOT NULL
) WITHOUT ROWID;

CREATE TABLE subscriptions (
    workspace_id TEXT NOT NULL PRIMARY KEY,
    terms        TEXT NOT NULL
) WITHOUT ROWID;

-- What was used and is held of a credit type in a period.
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

-- A member's part of a pool.
CREATE TABLE shares (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    period_start BIGINT NOT NULL,
    credit       TEXT   NOT NULL,
    used         BIGINT NOT NULL CHECK (used >= 0),
    held         BIGINT NOT NULL CHECK (held >= 0),
    PRIMARY KEY (workspace_id, member_id, period_start, credit)
) WITHOUT ROWID;

-- What an admin set for a member; a member who draws on the pool has no row.
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
    capture_id   TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (workspace_id, hold_id)
) WITHOUT ROWID;
CREATE INDEX holds_open ON holds (workspace_id, expires_at) WHERE state = 'open';

-- Add-ons as the operator gave them.
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

-- What was delivered of a person: ownership is decided from it.
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

-- What the setting that unlocks at every capture spent in a local day.
CREATE TABLE auto_spends (
    workspace_id TEXT   NOT NULL,
    day          BIGINT NOT NULL,
    credit       TEXT   NOT NULL,
    spent        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, day, credit)
) WITHOUT ROWID;

-- How many free answers a member had in a local day, and the workspace (member_id '').
CREATE TABLE fair_uses (
    workspace_id TEXT   NOT NULL,
    day          BIGINT NOT NULL,
    member_id    TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    used         BIGINT NOT NULL CHECK (used >= 0),
    PRIMARY KEY (workspace_id, day, member_id, kind)
) WITHOUT ROWID;

-- Data that was reported bad, by the entry that charged for it.
CREATE TABLE reports (
    workspace_id TEXT   NOT NULL,
    seq          BIGINT NOT NULL,
    member_id    TEXT   NOT NULL,
    person_id    TEXT   NOT NULL,
    field        TEXT   NOT NULL,
    reason       TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    period_start BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, seq)
) WITHOUT ROWID;
CREATE INDEX reports_member ON reports (workspace_id, member_id, period_start);
CREATE INDEX reports_review ON reports (workspace_id, seq) WHERE status = 'review';

-- Values that are not sold to a workspace again: hashes, which name nobody.
CREATE TABLE bad_values (
    workspace_id TEXT NOT NULL,
    person_id    TEXT NOT NULL,
    field        TEXT NOT NULL,
    hash         BLOB NOT NULL,
    PRIMARY KEY (workspace_id, person_id, field, hash)
) WITHOUT ROWID;
CREATE INDEX bad_values_person ON bad_values (person_id);

-- A field that a workspace was delivered of one person and that is another's since, because the
-- person proved to be several: a report of the payment gives it back too (rule C11).
CREATE TABLE moved_fields (
    workspace_id TEXT NOT NULL,
    paid_id      TEXT NOT NULL,
    field        TEXT NOT NULL,
    person_id    TEXT NOT NULL,
    PRIMARY KEY (workspace_id, paid_id, field, person_id)
) WITHOUT ROWID;
CREATE INDEX moved_fields_workspace ON moved_fields (workspace_id, person_id);
CREATE INDEX moved_fields_person ON moved_fields (person_id);

-- Delivered values that are on the suppression list, out of the deliveries that they were in until
-- the list says otherwise (rule C12).
CREATE TABLE withheld_values (
    workspace_id TEXT NOT NULL,
    person_id    TEXT NOT NULL,
    field        TEXT NOT NULL,
    data         TEXT NOT NULL,
    PRIMARY KEY (workspace_id, person_id, field)
) WITHOUT ROWID;
CREATE INDEX withheld_values_person ON withheld_values (person_id);

-- What a workspace spent, summed by local day: made from entries, which never change, by those who
-- read usage and not by those who charge. The mark says up to which entry the sums go; what came
-- after it is added while reading.
CREATE TABLE usage_sums (
    workspace_id TEXT   NOT NULL,
    day          BIGINT NOT NULL,
    member_id    TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    field        TEXT   NOT NULL,
    channel      TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    answers      BIGINT NOT NULL,
    used         BIGINT NOT NULL,
    waived       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, day, member_id, credit, field, channel, outcome)
) WITHOUT ROWID;

CREATE TABLE usage_marks (
    workspace_id TEXT   NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL
) WITHOUT ROWID;
