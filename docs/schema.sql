-- The schema as all migrations leave it on SQLite, table by table: to read, not to run. Postgres
-- has the same, except entries and receipts: internal/store/migrations/0107_entries.postgres.sql.
-- `make generate` writes this file.

CREATE TABLE accepted_issuers (
    workspace_id TEXT NOT NULL,
    issuer       TEXT NOT NULL,
    PRIMARY KEY (workspace_id, issuer)
);

CREATE TABLE account_numbers (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id TEXT NOT NULL UNIQUE
);

CREATE TABLE accounts (
    workspace_id  TEXT   NOT NULL PRIMARY KEY,
    seq           BIGINT NOT NULL,
    terms_version BIGINT NOT NULL,
    last_at       BIGINT NOT NULL,
    next_expiry   BIGINT NOT NULL
, pools TEXT NOT NULL DEFAULT '') WITHOUT ROWID;

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
CREATE INDEX addon_requests_id ON addon_requests (request_id);
CREATE UNIQUE INDEX addon_requests_open ON addon_requests (workspace_id, credit) WHERE status = 'open';

CREATE TABLE alert_cursors (
    workspace_id  TEXT   NOT NULL PRIMARY KEY,
    seq           BIGINT NOT NULL,
    terms_version BIGINT NOT NULL
);

CREATE TABLE alert_settings (
    workspace_id TEXT NOT NULL PRIMARY KEY,
    percents     TEXT NOT NULL
);

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

CREATE TABLE allocations (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    mode         TEXT   NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (workspace_id, member_id, credit)
) WITHOUT ROWID;

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

CREATE TABLE auto_spends (
    workspace_id TEXT   NOT NULL,
    day          BIGINT NOT NULL,
    credit       TEXT   NOT NULL,
    spent        BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, day, credit)
) WITHOUT ROWID;

CREATE TABLE bad_values (
    workspace_id TEXT NOT NULL,
    person_id    TEXT NOT NULL,
    field        TEXT NOT NULL,
    hash         BLOB NOT NULL,
    PRIMARY KEY (workspace_id, person_id, field, hash)
) WITHOUT ROWID;
CREATE INDEX bad_values_person ON bad_values (person_id);

CREATE TABLE bulk_file_parts (
    workspace_id TEXT   NOT NULL,
    file_id      TEXT   NOT NULL,
    n            BIGINT NOT NULL,
    data         BLOB   NOT NULL,
    PRIMARY KEY (workspace_id, file_id, n)
);

CREATE TABLE bulk_files (
    workspace_id TEXT   NOT NULL,
    file_id      TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    content_type TEXT   NOT NULL,
    settings     TEXT   NOT NULL,
    parts        BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, file_id)
);

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
    made_by      TEXT   NOT NULL DEFAULT 'operator', found TEXT NOT NULL DEFAULT '{}', file_id TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (workspace_id, job_id)
);
CREATE INDEX bulk_jobs_file ON bulk_jobs (workspace_id, file_id) WHERE file_id <> '';
CREATE INDEX bulk_jobs_status ON bulk_jobs (status, lease_until);

CREATE TABLE bulk_rows (
    workspace_id TEXT   NOT NULL,
    job_id       TEXT   NOT NULL,
    row_no       BIGINT NOT NULL,
    status       TEXT   NOT NULL,
    reference    TEXT   NOT NULL,
    person_id    TEXT   NOT NULL,
    lead_id      TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    message      TEXT   NOT NULL, found TEXT NOT NULL DEFAULT '', people TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (workspace_id, job_id, row_no)
) WITHOUT ROWID;
CREATE INDEX bulk_rows_person ON bulk_rows (person_id);
CREATE INDEX bulk_rows_waiting ON bulk_rows (workspace_id, job_id, row_no) WHERE status = 'waiting';

CREATE TABLE clocks (
    clock_id TEXT   NOT NULL PRIMARY KEY,
    now      BIGINT NOT NULL
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
CREATE INDEX effects_ended ON effects (updated_at) WHERE status <> 'waiting';
CREATE INDEX effects_target ON effects (workspace_id, target, effect_id);

CREATE TABLE entries (
    seq           INTEGER PRIMARY KEY,
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
    capture_id    TEXT   NOT NULL DEFAULT ''
);

CREATE TABLE entry_archive (
    workspace_id TEXT   NOT NULL,
    first_seq    BIGINT NOT NULL,
    last_seq     BIGINT NOT NULL,
    first_at     BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    people       BLOB   NOT NULL,
    body         BLOB   NOT NULL,
    PRIMARY KEY (workspace_id, first_seq)
);

CREATE TABLE extension_connections (
    connection_id    TEXT   NOT NULL PRIMARY KEY,
    challenge        BLOB   NOT NULL,
    name             TEXT   NOT NULL,
    status           TEXT   NOT NULL,
    workspace_id     TEXT   NOT NULL,
    member_id        TEXT   NOT NULL,
    access           BLOB,
    access_until     BIGINT NOT NULL,
    refresh          BLOB,
    previous_refresh BLOB,
    fresh            BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    expires_at       BIGINT NOT NULL,
    last_used_at     BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX extension_connections_access ON extension_connections (workspace_id, access);
CREATE INDEX extension_connections_expiry ON extension_connections (expires_at);
CREATE INDEX extension_connections_member ON extension_connections (workspace_id, member_id);
CREATE INDEX extension_connections_waiting ON extension_connections (expires_at) WHERE status = 'waiting';

CREATE TABLE fair_uses (
    workspace_id TEXT   NOT NULL,
    day          BIGINT NOT NULL,
    member_id    TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    used         BIGINT NOT NULL CHECK (used >= 0),
    PRIMARY KEY (workspace_id, day, member_id, kind)
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

CREATE TABLE hidden_people (
    person_id TEXT NOT NULL PRIMARY KEY,
    lead_id   TEXT NOT NULL
);
CREATE UNIQUE INDEX hidden_people_lead ON hidden_people (lead_id);

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

CREATE TABLE identities (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    issuer       TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    CONSTRAINT identities_key PRIMARY KEY (workspace_id, issuer, subject)
);
CREATE UNIQUE INDEX identities_member ON identities (workspace_id, member_id, issuer);
CREATE INDEX identities_subject ON identities (issuer, subject);

CREATE TABLE import_problems (
    import_id TEXT   NOT NULL,
    n         BIGINT NOT NULL,
    row_no    BIGINT NOT NULL,
    message   TEXT   NOT NULL,
    PRIMARY KEY (import_id, n)
);

CREATE TABLE import_rejects (
    import_id  TEXT   NOT NULL,
    n          BIGINT NOT NULL,
    data       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (import_id, n)
);
CREATE INDEX import_rejects_created ON import_rejects (created_at);

CREATE TABLE imports (
    import_id    TEXT   NOT NULL PRIMARY KEY,
    status       TEXT   NOT NULL,
    rows_read    BIGINT NOT NULL,
    imported     BIGINT NOT NULL,
    rejected     BIGINT NOT NULL,
    message      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    name         TEXT   NOT NULL DEFAULT '',
    source       TEXT   NOT NULL DEFAULT '',
    plan         TEXT   NOT NULL DEFAULT '',
    read_as      TEXT   NOT NULL DEFAULT '',
    host         TEXT   NOT NULL DEFAULT '',
    spool        TEXT   NOT NULL DEFAULT '',
    lease_until  BIGINT NOT NULL DEFAULT 0,
    problems     BIGINT NOT NULL DEFAULT 0,
    rejects      BIGINT NOT NULL DEFAULT 0,
    rejects_size BIGINT NOT NULL DEFAULT 0,
    added        BIGINT NOT NULL DEFAULT 0,
    updated      BIGINT NOT NULL DEFAULT 0,
    joined       BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE invitations (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    hash         BLOB   NOT NULL,
    sent_at      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    made_by      TEXT   NOT NULL DEFAULT 'operator',
    PRIMARY KEY (workspace_id, member_id)
);

CREATE TABLE lead_lists (
    workspace_id TEXT NOT NULL,
    lead_id      TEXT NOT NULL,
    list         TEXT NOT NULL,
    PRIMARY KEY (workspace_id, lead_id, list)
);
CREATE INDEX lead_lists_list ON lead_lists (workspace_id, list, lead_id);

CREATE TABLE lead_merges (
    workspace_id TEXT   NOT NULL,
    person_id    TEXT   NOT NULL,
    lead_id      TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    was          TEXT   NOT NULL DEFAULT '{}',
    PRIMARY KEY (workspace_id, person_id)
);
CREATE INDEX lead_merges_lead ON lead_merges (workspace_id, lead_id);
CREATE INDEX lead_merges_person ON lead_merges (person_id);

CREATE TABLE lead_tags (
    workspace_id TEXT NOT NULL,
    lead_id      TEXT NOT NULL,
    tag          TEXT NOT NULL,
    PRIMARY KEY (workspace_id, lead_id, tag)
);
CREATE INDEX lead_tags_tag ON lead_tags (workspace_id, tag, lead_id);

CREATE TABLE lead_views (
    workspace_id TEXT   NOT NULL,
    view_id      TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    query        TEXT   NOT NULL,
    shared       BIGINT NOT NULL,
    created_at   BIGINT NOT NULL, page TEXT NOT NULL DEFAULT 'leads',
    PRIMARY KEY (workspace_id, view_id)
);

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
    search       TEXT   NOT NULL DEFAULT '',
    name_key     TEXT   COLLATE BINARY NOT NULL DEFAULT '',
    title_key    TEXT   COLLATE BINARY NOT NULL DEFAULT '',
    company_key  TEXT   COLLATE BINARY NOT NULL DEFAULT '',
    has          BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace_id, lead_id)
);
CREATE INDEX leads_by_person ON leads (person_id);
CREATE INDEX leads_company ON leads (workspace_id, company_key, lead_id);
CREATE INDEX leads_name ON leads (workspace_id, name_key, lead_id);
CREATE UNIQUE INDEX leads_person ON leads (workspace_id, person_id);
CREATE INDEX leads_sheet ON leads (workspace_id, captured_at, lead_id, member_id, has, search);
CREATE INDEX leads_title ON leads (workspace_id, title_key, lead_id);

CREATE TABLE leases (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE logins (
    email        TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    password     TEXT NOT NULL,
    PRIMARY KEY (email, workspace_id, member_id)
);
CREATE INDEX logins_member ON logins (workspace_id, member_id);

CREATE TABLE mail_links (
    hash       BLOB   NOT NULL PRIMARY KEY,
    browser    BLOB   NOT NULL,
    code       BLOB   NOT NULL,
    email      TEXT   NOT NULL,
    asker      BLOB   NOT NULL,
    place      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX mail_links_asker ON mail_links (email, asker, place);
CREATE INDEX mail_links_browser ON mail_links (browser);

CREATE TABLE member_columns (
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    columns      TEXT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);

CREATE TABLE member_emails (
    email        TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    PRIMARY KEY (email, workspace_id, member_id)
);
CREATE INDEX member_emails_member ON member_emails (workspace_id, member_id);

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

CREATE TABLE moved_fields (
    workspace_id TEXT NOT NULL,
    paid_id      TEXT NOT NULL,
    field        TEXT NOT NULL,
    person_id    TEXT NOT NULL,
    PRIMARY KEY (workspace_id, paid_id, field, person_id)
) WITHOUT ROWID;
CREATE INDEX moved_fields_person ON moved_fields (person_id);
CREATE INDEX moved_fields_workspace ON moved_fields (workspace_id, person_id);

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

CREATE TABLE passkeys (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    passkey_id   TEXT   NOT NULL,
    credential   BLOB   NOT NULL,
    name         TEXT   NOT NULL,
    record       TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    used_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, member_id, passkey_id)
);
CREATE UNIQUE INDEX passkeys_credential ON passkeys (workspace_id, credential);

CREATE TABLE "past_pools" (
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

CREATE TABLE paused_merges (
    workspace_id TEXT   NOT NULL,
    person_id    TEXT   NOT NULL,
    into_person  TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    was          TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, person_id)
);
CREATE INDEX paused_merges_into ON paused_merges (into_person);
CREATE INDEX paused_merges_person ON paused_merges (person_id);

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
    updated_at     BIGINT NOT NULL,
    parts          TEXT   NOT NULL DEFAULT '',
    stated_at      BIGINT NOT NULL DEFAULT 0
, industry TEXT NOT NULL DEFAULT '', company_size TEXT NOT NULL DEFAULT '', number BIGINT NOT NULL DEFAULT 0);
CREATE UNIQUE INDEX people_number ON people (number) WHERE number > 0;
CREATE INDEX people_unnumbered ON people (person_id) WHERE number = 0;

CREATE VIRTUAL TABLE people_words USING fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii tokenchars ''.-_+''');

CREATE TABLE 'people_words_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'people_words_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'people_words_docsize'(id INTEGER PRIMARY KEY, sz BLOB, origin INTEGER);

CREATE TABLE 'people_words_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE person_keys (
    kind      TEXT NOT NULL,
    key       TEXT NOT NULL,
    person_id TEXT NOT NULL,
    PRIMARY KEY (kind, key, person_id)
) WITHOUT ROWID;
CREATE INDEX person_keys_person ON person_keys (person_id);

CREATE TABLE proofs_ended (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    ended_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);

CREATE TABLE provider_days (
    provider TEXT   NOT NULL,
    day      TEXT   NOT NULL,
    taken    BIGINT NOT NULL,
    asked    BIGINT NOT NULL,
    found    BIGINT NOT NULL,
    missed   BIGINT NOT NULL,
    failed   BIGINT NOT NULL,
    latency  BIGINT NOT NULL,
    cost     BIGINT NOT NULL,
    PRIMARY KEY (provider, day)
) WITHOUT ROWID;

CREATE TABLE provider_keys (
    provider TEXT NOT NULL PRIMARY KEY,
    sealed   TEXT NOT NULL
) WITHOUT ROWID;

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

CREATE TABLE push_rows (
    workspace_id TEXT   NOT NULL,
    push_id      TEXT   NOT NULL,
    row_no       BIGINT NOT NULL,
    lead_id      TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    message      TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, push_id, row_no)
);

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

CREATE TABLE receipts (
    workspace_id BIGINT NOT NULL,
    key          BLOB   NOT NULL,
    fingerprint  BLOB   NOT NULL,
    at           BIGINT NOT NULL,
    answer       BLOB   NOT NULL,
    PRIMARY KEY (key, workspace_id)
) WITHOUT ROWID;

CREATE TABLE recovery_codes (
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    hash         BLOB NOT NULL,
    PRIMARY KEY (workspace_id, member_id, hash)
);

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

CREATE TABLE searches (
    search_id TEXT   NOT NULL PRIMARY KEY,
    person_id TEXT   NOT NULL,
    due_at    BIGINT NOT NULL,
    ticket    TEXT   NOT NULL
);
CREATE INDEX searches_due ON searches (due_at);
CREATE INDEX searches_person ON searches (person_id);

CREATE TABLE second_factors (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    secret       TEXT   NOT NULL,
    confirmed_at BIGINT NOT NULL,
    last_step    BIGINT NOT NULL,
    wrong        BIGINT NOT NULL,
    wrong_since  BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);

CREATE TABLE server_settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);

CREATE TABLE sessions (
    token  TEXT   NOT NULL PRIMARY KEY,
    data   BLOB   NOT NULL,
    expiry BIGINT NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);

CREATE TABLE shares (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    period_start BIGINT NOT NULL,
    credit       TEXT   NOT NULL,
    used         BIGINT NOT NULL CHECK (used >= 0),
    held         BIGINT NOT NULL CHECK (held >= 0),
    PRIMARY KEY (workspace_id, member_id, period_start, credit)
) WITHOUT ROWID;

CREATE TABLE sign_in_codes (
    hash         BLOB   NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    expires_at   BIGINT NOT NULL,
    made_by      TEXT   NOT NULL DEFAULT 'operator'
);

CREATE TABLE sign_in_policies (
    workspace_id  TEXT   NOT NULL PRIMARY KEY,
    second_factor BIGINT NOT NULL,
    sso_only      BIGINT NOT NULL
);

CREATE TABLE sign_ins (
    workspace_id TEXT   NOT NULL,
    sign_in_id   TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    how          TEXT   NOT NULL,
    browser      TEXT   NOT NULL,
    address      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    seen_at      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    reset_until  BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, sign_in_id)
);
CREATE INDEX sign_ins_expiry ON sign_ins (expires_at);
CREATE INDEX sign_ins_member ON sign_ins (workspace_id, member_id);

CREATE TABLE subscriptions (
    workspace_id TEXT NOT NULL PRIMARY KEY,
    terms        TEXT NOT NULL
) WITHOUT ROWID;

CREATE TABLE suppressions (
    kind       TEXT   NOT NULL,
    hash       BLOB   NOT NULL,
    created_at BIGINT NOT NULL,
    applied    BIGINT NOT NULL DEFAULT 0,
    names      TEXT   NOT NULL DEFAULT '',
    PRIMARY KEY (kind, hash)
) WITHOUT ROWID;
CREATE INDEX suppressions_left ON suppressions (created_at) WHERE applied = 0;

CREATE TABLE team_group_budgets (
    workspace_id TEXT   NOT NULL,
    group_id     TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (workspace_id, group_id, credit)
);

CREATE TABLE team_group_managers (
    workspace_id TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    PRIMARY KEY (workspace_id, group_id, member_id)
);

CREATE TABLE team_group_members (
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);

CREATE TABLE team_groups (
    workspace_id TEXT   NOT NULL,
    group_id     TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, group_id)
);

CREATE TABLE undos (
    workspace_id TEXT   NOT NULL,
    undo_id      TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    actor        TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    was          TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, undo_id, subject)
);
CREATE INDEX undos_person ON undos (subject);
CREATE INDEX undos_subject ON undos (workspace_id, subject, undo_id);

CREATE TABLE usage_mails (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    every        TEXT   NOT NULL,
    next_at      BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);
CREATE INDEX usage_mails_next ON usage_mails (next_at);

CREATE TABLE usage_marks (
    workspace_id TEXT   NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL
) WITHOUT ROWID;

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

CREATE TABLE webhook_cursors (
    workspace_id  TEXT   NOT NULL PRIMARY KEY,
    seq           BIGINT NOT NULL,
    terms_version BIGINT NOT NULL,
    cancel_at     BIGINT NOT NULL
);

CREATE TABLE webhook_leads (
    workspace_id TEXT NOT NULL,
    lead_id      TEXT NOT NULL,
    PRIMARY KEY (workspace_id, lead_id)
);

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

CREATE TABLE withheld_values (
    workspace_id TEXT NOT NULL,
    person_id    TEXT NOT NULL,
    field        TEXT NOT NULL,
    data         TEXT NOT NULL,
    PRIMARY KEY (workspace_id, person_id, field)
) WITHOUT ROWID;
CREATE INDEX withheld_values_person ON withheld_values (person_id);

CREATE TABLE workspaces (
    workspace_id     TEXT   NOT NULL PRIMARY KEY,
    name             TEXT   NOT NULL,
    clock_id         TEXT   NOT NULL,
    auto_unlock      TEXT   NOT NULL,
    auto_cap         BIGINT,
    created_at       BIGINT NOT NULL,
    usage_visible_to TEXT   NOT NULL DEFAULT 'managers'
);
