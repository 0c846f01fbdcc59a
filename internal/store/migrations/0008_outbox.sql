-- +goose Up

-- What is to leave the server once the transaction that caused it is on disk. A
-- payload of a mail holds people's data and is dropped when the mail was sent.
CREATE TABLE effects (
    workspace_id TEXT   NOT NULL,
    effect_id    TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    target       TEXT   NOT NULL,
    message_id   TEXT   NOT NULL,
    label        TEXT   NOT NULL,
    payload      BLOB   NOT NULL,
    status       TEXT   NOT NULL,
    attempts     BIGINT NOT NULL,
    code         BIGINT NOT NULL,
    error        TEXT   NOT NULL,
    owner        TEXT   NOT NULL,
    due_at       BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, effect_id)
);
CREATE INDEX effects_due ON effects (due_at) WHERE status = 'waiting';
CREATE INDEX effects_target ON effects (workspace_id, target, effect_id);
CREATE INDEX effects_ended ON effects (updated_at) WHERE status <> 'waiting';

-- Crossings of a share of the allowance (rule S4). Allowance is what it was when
-- the crossing was told, used what it was when it was last looked at.
CREATE TABLE alerts (
    workspace_id TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    period_start BIGINT NOT NULL,
    percent      BIGINT NOT NULL,
    times        BIGINT NOT NULL,
    allowance    BIGINT NOT NULL,
    used         BIGINT NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, credit, period_start, percent)
);

-- Percents is JSON, by credit type; a type that it does not name has the usual ones.
CREATE TABLE alert_settings (
    workspace_id TEXT NOT NULL PRIMARY KEY,
    percents     TEXT NOT NULL
);

-- How far alerts were looked at, for what a server that died did not come to.
CREATE TABLE alert_cursors (
    workspace_id  TEXT   NOT NULL PRIMARY KEY,
    seq           BIGINT NOT NULL,
    terms_version BIGINT NOT NULL
);

-- Who is mailed the usage, how often, and when next by the workspace's clock.
CREATE TABLE usage_mails (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    every        TEXT   NOT NULL,
    next_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);
CREATE INDEX usage_mails_next ON usage_mails (next_at);
