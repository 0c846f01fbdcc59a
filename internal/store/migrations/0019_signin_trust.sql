-- +goose Up

-- The issuers whose word a workspace takes for both factors; without a row none is.
CREATE TABLE accepted_issuers (
    workspace_id TEXT NOT NULL,
    issuer       TEXT NOT NULL,
    PRIMARY KEY (workspace_id, issuer)
);

-- Mailed links last a quarter of an hour, so those of before an update are asked for again.
-- asker is the hash of who asked: a network, or a browser that was signed in before. Each
-- has places of its own, so that nobody uses up somebody else's.
DROP TABLE mail_links;
CREATE TABLE mail_links (
    hash       BLOB   NOT NULL PRIMARY KEY,
    browser    BLOB   NOT NULL,
    code       BLOB   NOT NULL,
    email      TEXT   NOT NULL,
    asker      BLOB   NOT NULL,
    place      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX mail_links_browser ON mail_links (browser);
CREATE UNIQUE INDEX mail_links_asker ON mail_links (email, asker, place);
