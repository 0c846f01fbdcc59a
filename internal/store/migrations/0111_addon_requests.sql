-- +goose Up
-- What workspaces asked the operator for beyond their plans. One that is open is replaced by the
-- next of its credit type.
CREATE TABLE addon_requests (
    workspace_id TEXT   NOT NULL,
    request_id   TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    amount       BIGINT NOT NULL,
    kind         TEXT   NOT NULL,
    note         TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    granted      BIGINT NOT NULL,
    grant_id     TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    decided_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, request_id)
);
CREATE UNIQUE INDEX addon_requests_open ON addon_requests (workspace_id, credit) WHERE status = 'open';
CREATE INDEX addon_requests_id ON addon_requests (request_id);
