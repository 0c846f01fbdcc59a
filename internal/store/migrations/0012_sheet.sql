-- +goose Up

-- The lead sheet in large: what it is sorted by and searched in, folded by the
-- program (lead.Fold), and which fields were delivered, as bits. One index holds
-- all that a filter asks for, so that a rare filter reads that and no rows.
ALTER TABLE leads ADD COLUMN search TEXT NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN name_key TEXT COLLATE BINARY NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN title_key TEXT COLLATE BINARY NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN company_key TEXT COLLATE BINARY NOT NULL DEFAULT '';
ALTER TABLE leads ADD COLUMN has BIGINT NOT NULL DEFAULT 0;

CREATE TABLE lead_tags (
    workspace_id TEXT NOT NULL,
    lead_id      TEXT NOT NULL,
    tag          TEXT NOT NULL,
    PRIMARY KEY (workspace_id, lead_id, tag)
);
CREATE INDEX lead_tags_tag ON lead_tags (workspace_id, tag, lead_id);
CREATE INDEX lead_lists_list ON lead_lists (workspace_id, list, lead_id);

-- People of whom a workspace says that they are a lead it has already.
CREATE TABLE lead_merges (
    workspace_id TEXT   NOT NULL,
    person_id    TEXT   NOT NULL,
    lead_id      TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, person_id)
);
CREATE INDEX lead_merges_lead ON lead_merges (workspace_id, lead_id);
CREATE INDEX lead_merges_person ON lead_merges (person_id);

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
