-- +goose Up

-- Work that goes on behind the pages: bulk captures, what leaves the server, pushes.

CREATE TABLE bulk_jobs (
    workspace_id TEXT   NOT NULL,
    job_id       TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    message      TEXT   NOT NULL,
    fields       TEXT   NOT NULL,
    list         TEXT   NOT NULL,
    cap          TEXT   NOT NULL,
    estimate     TEXT   NOT NULL,
    counts       TEXT   NOT NULL,
    charged      TEXT   NOT NULL,
    rows_total   BIGINT NOT NULL,
    rows_done    BIGINT NOT NULL,
    attempt      BIGINT NOT NULL,
    goes_on      BIGINT NOT NULL,
    goes_on_at   BIGINT NOT NULL,
    owner        TEXT   NOT NULL,
    lease_until  BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    made_by      TEXT   NOT NULL DEFAULT 'operator',
    PRIMARY KEY (workspace_id, job_id)
);
CREATE INDEX bulk_jobs_status ON bulk_jobs (status, lease_until);

-- A reference holds people's data: it is dropped with the person, and a while after the job has ended.
CREATE TABLE bulk_rows (
    workspace_id TEXT   NOT NULL,
    job_id       TEXT   NOT NULL,
    row_no       BIGINT NOT NULL,
    status       TEXT   NOT NULL,
    reference    TEXT   NOT NULL,
    person_id    TEXT   NOT NULL,
    lead_id      TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    message      TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, job_id, row_no)
) WITHOUT ROWID;
CREATE INDEX bulk_rows_waiting ON bulk_rows (workspace_id, job_id, row_no) WHERE status = 'waiting';
CREATE INDEX bulk_rows_person ON bulk_rows (person_id);

-- What is to leave the server once the transaction that caused it is on disk. A mail's payload holds
-- people's data and is dropped when the mail was sent.
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

-- A secret is sealed, or where the server has no key to seal with, as it is. The old one signs beside
-- it until old_until.
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

-- preparing_until: until when a push is made ready, in slices; 0: it is. What is past it is dropped.
CREATE TABLE pushes (
    workspace_id    TEXT   NOT NULL,
    push_id         TEXT   NOT NULL,
    kind            TEXT   NOT NULL,
    total           BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    made_by         TEXT   NOT NULL DEFAULT 'operator',
    preparing_until BIGINT NOT NULL DEFAULT 0,
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
