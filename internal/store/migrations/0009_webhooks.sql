-- +goose Up

-- A secret is sealed, or where the server has no key to seal with, as it is. The
-- old one signs beside it until old_until.
CREATE TABLE webhooks (
    workspace_id  TEXT   NOT NULL,
    webhook_id    TEXT   NOT NULL,
    url           TEXT   NOT NULL,
    events        TEXT   NOT NULL,
    secret        TEXT   NOT NULL,
    old_secret    TEXT   NOT NULL,
    old_until     BIGINT NOT NULL,
    paused        TEXT   NOT NULL,
    failing_since BIGINT NOT NULL,
    from_seq      BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, webhook_id)
);

-- Up to which ledger entry a workspace's events were derived.
CREATE TABLE webhook_cursors (
    workspace_id  TEXT   NOT NULL PRIMARY KEY,
    seq           BIGINT NOT NULL,
    terms_version BIGINT NOT NULL,
    cancel_at     BIGINT NOT NULL
);

-- Leads that were told of, so that each is once.
CREATE TABLE webhook_leads (
    workspace_id TEXT NOT NULL,
    lead_id      TEXT NOT NULL,
    PRIMARY KEY (workspace_id, lead_id)
);

-- Where a workspace's leads are pushed to; the secret is sealed.
CREATE TABLE push_connections (
    workspace_id TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    address      TEXT   NOT NULL,
    field        TEXT   NOT NULL,
    secret       TEXT   NOT NULL,
    refused_at   BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, kind)
);

CREATE TABLE pushes (
    workspace_id TEXT   NOT NULL,
    push_id      TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    total        BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, push_id)
);

-- Ids alone: what a lead holds is read when it is sent.
CREATE TABLE push_rows (
    workspace_id TEXT   NOT NULL,
    push_id      TEXT   NOT NULL,
    row_no       BIGINT NOT NULL,
    lead_id      TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    message      TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, push_id, row_no)
);
