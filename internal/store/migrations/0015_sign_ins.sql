-- +goose Up

-- A sign-in that lasts: what a browser's session stands on. Ended is deleted. The
-- operator's have no workspace.
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
CREATE INDEX sign_ins_member ON sign_ins (workspace_id, member_id);
CREATE INDEX sign_ins_expiry ON sign_ins (expires_at);

-- Members who were invited and did not come yet.
CREATE TABLE invitations (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    hash         BLOB   NOT NULL,
    sent_at      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);

-- Sign-in links that were mailed: an address's own, of all its workspaces. Hashes alone:
-- of the link, of the browser that asked, and of the code to type there. An address has
-- a few places for them, so that nobody can have it flooded.
CREATE TABLE mail_links (
    hash       BLOB   NOT NULL PRIMARY KEY,
    browser    BLOB   NOT NULL,
    code       BLOB   NOT NULL,
    email      TEXT   NOT NULL,
    place      BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX mail_links_browser ON mail_links (browser);
CREATE UNIQUE INDEX mail_links_email ON mail_links (email, place);
CREATE INDEX members_address ON members (email, workspace_id);
CREATE INDEX logins_member ON logins (workspace_id, member_id);
