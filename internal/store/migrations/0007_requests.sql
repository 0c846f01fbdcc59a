-- +goose Up

CREATE TABLE credit_requests (
    workspace_id TEXT   NOT NULL,
    request_id   TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    amount       BIGINT NOT NULL,
    reason       TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    granted      BIGINT NOT NULL,
    decided_by   TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    decided_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, request_id)
);
