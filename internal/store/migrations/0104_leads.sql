-- +goose Up

-- The lead sheet.

-- search and the keys are what the sheet is searched in and sorted by, folded by the program
-- (lead.Fold); has holds as bits which fields were delivered. One index holds all that a filter asks
-- for, so that a rare filter reads that and no rows.
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
CREATE UNIQUE INDEX leads_person ON leads (workspace_id, person_id);
CREATE INDEX leads_by_person ON leads (person_id);
CREATE INDEX leads_sheet ON leads (workspace_id, captured_at, lead_id, member_id, has, search);
CREATE INDEX leads_name ON leads (workspace_id, name_key, lead_id);
CREATE INDEX leads_title ON leads (workspace_id, title_key, lead_id);
CREATE INDEX leads_company ON leads (workspace_id, company_key, lead_id);

CREATE TABLE lead_lists (
    workspace_id TEXT NOT NULL,
    lead_id      TEXT NOT NULL,
    list         TEXT NOT NULL,
    PRIMARY KEY (workspace_id, lead_id, list)
);
CREATE INDEX lead_lists_list ON lead_lists (workspace_id, list, lead_id);

CREATE TABLE lead_tags (
    workspace_id TEXT NOT NULL,
    lead_id      TEXT NOT NULL,
    tag          TEXT NOT NULL,
    PRIMARY KEY (workspace_id, lead_id, tag)
);
CREATE INDEX lead_tags_tag ON lead_tags (workspace_id, tag, lead_id);

-- People of whom a workspace says that they are a lead it has already. was is that lead as it was,
-- as JSON: so it is brought back when the merge is taken apart.
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

-- Merges into somebody who is hidden, until they are shown again.
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

-- A saved view is a name for what stands behind the ? of the sheet's address.
CREATE TABLE lead_views (
    workspace_id TEXT   NOT NULL,
    view_id      TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    query        TEXT   NOT NULL,
    shared       BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, view_id)
);

-- The columns that a member sees, in order, with their widths.
CREATE TABLE member_columns (
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    columns      TEXT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);
