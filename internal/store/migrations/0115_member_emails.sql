-- +goose Up

-- Signing in asks which workspaces know somebody, before it knows a workspace. Both tables are on
-- every node of a Citus, so that no other node is asked and a member changes together with them.

-- The workspaces that have a member with an address.
CREATE TABLE member_emails (
    email        TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    PRIMARY KEY (email, workspace_id, member_id)
);
CREATE INDEX member_emails_member ON member_emails (workspace_id, member_id);
INSERT INTO member_emails (email, workspace_id, member_id)
    SELECT email, workspace_id, member_id FROM members WHERE removed_at = 0;
DROP INDEX members_address;

-- Whom an OpenID Connect issuer calls what. It is made again because a table that a Citus has
-- divided does not become one that every node has; the key has a name because Postgres keeps the old
-- one's until it is dropped.
ALTER TABLE identities RENAME TO identities_before;
CREATE TABLE identities (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    issuer       TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    CONSTRAINT identities_key PRIMARY KEY (workspace_id, issuer, subject)
);
INSERT INTO identities (workspace_id, member_id, issuer, subject, created_at)
    SELECT workspace_id, member_id, issuer, subject, created_at FROM identities_before;
DROP TABLE identities_before;
CREATE UNIQUE INDEX identities_member ON identities (workspace_id, member_id, issuer);
CREATE INDEX identities_subject ON identities (issuer, subject);
