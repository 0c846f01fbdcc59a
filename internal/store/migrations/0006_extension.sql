-- +goose Up

-- Browser extensions that asked to be connected. The server's own table, like
-- logins: whose a connection is, is not known before somebody approves it. Hashes
-- alone; a refresh token that was replaced is known until the next replaces it.
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
CREATE INDEX extension_connections_member ON extension_connections (workspace_id, member_id);
CREATE INDEX extension_connections_access ON extension_connections (workspace_id, access);
CREATE INDEX extension_connections_waiting ON extension_connections (expires_at) WHERE status = 'waiting';
CREATE INDEX extension_connections_expiry ON extension_connections (expires_at);
