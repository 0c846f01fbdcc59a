-- +goose Up

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
