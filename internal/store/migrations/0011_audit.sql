-- +goose Up

-- Who changed what: ids and names, no secrets and nobody's contact data. A row is
-- written in the transaction of the change and never changed.
CREATE TABLE audit_log (
    workspace_id TEXT   NOT NULL,
    audit_id     TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    actor        TEXT   NOT NULL,
    via          TEXT   NOT NULL,
    action       TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    detail       TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, audit_id)
);

