-- +goose Up

-- A workspace: its people, their rights and limits, and who changed what.

-- usage_visible_to says who sees the team's usage (rule S5).
CREATE TABLE workspaces (
    workspace_id     TEXT   NOT NULL PRIMARY KEY,
    name             TEXT   NOT NULL,
    clock_id         TEXT   NOT NULL,
    auto_unlock      TEXT   NOT NULL,
    auto_cap         BIGINT,
    created_at       BIGINT NOT NULL,
    usage_visible_to TEXT   NOT NULL DEFAULT 'managers'
);

CREATE TABLE members (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    email        TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    role         TEXT   NOT NULL,
    auto_unlock  BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    removed_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);
CREATE UNIQUE INDEX members_email ON members (workspace_id, email) WHERE removed_at = 0;
CREATE INDEX members_address ON members (email, workspace_id);

-- owner is a member, whose rights bound the key and with whom it ends, or "operator". A service
-- key passes on instead of ending.
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
    owner        TEXT   NOT NULL DEFAULT '',
    service      BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, key_id)
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (workspace_id, hash);

-- Parts of a team that a manager looks after. A member is in one at most.
CREATE TABLE team_groups (
    workspace_id TEXT   NOT NULL,
    group_id     TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, group_id)
);

CREATE TABLE team_group_members (
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);

CREATE TABLE team_group_managers (
    workspace_id TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    PRIMARY KEY (workspace_id, group_id, member_id)
);

-- How much of a credit type a group's manager may give out as limits; without a row none.
CREATE TABLE team_group_budgets (
    workspace_id TEXT   NOT NULL,
    group_id     TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (workspace_id, group_id, credit)
);

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

-- Who changed what: ids and names, no secrets and nobody's contact data. A row is written in the
-- transaction of the change and never changed.
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

-- Crossings of a share of the allowance (rule S4). allowance is what it was when the crossing was
-- told, used what it was when it was last looked at.
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

-- percents is JSON by credit type; a type that it does not name has the usual ones.
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
