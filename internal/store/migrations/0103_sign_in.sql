-- +goose Up

-- Who signs in, and how. Secrets are sealed, or kept as hashes alone.

-- Who may sign in: a member of a workspace, or the operator (workspace_id '').
CREATE TABLE logins (
    email        TEXT NOT NULL,
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    password     TEXT NOT NULL,
    PRIMARY KEY (email, workspace_id, member_id)
);
CREATE INDEX logins_member ON logins (workspace_id, member_id);

CREATE TABLE sessions (
    token  TEXT   NOT NULL PRIMARY KEY,
    data   BLOB   NOT NULL,
    expiry BIGINT NOT NULL
);
CREATE INDEX sessions_expiry ON sessions (expiry);

-- A sign-in that lasts: what a browser's session stands on. Ended is deleted. The operator's have no
-- workspace.
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

-- When all sign-ins of somebody were ended last: by a new password, by themselves or by an admin.
-- What they, or anybody, had proved before that leads nowhere.
CREATE TABLE proofs_ended (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    ended_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);

-- What a workspace asks of those who sign in; without a row nothing.
CREATE TABLE sign_in_policies (
    workspace_id  TEXT   NOT NULL PRIMARY KEY,
    second_factor BIGINT NOT NULL,
    sso_only      BIGINT NOT NULL
);

-- The issuers whose word a workspace takes for both factors; without a row none is.
CREATE TABLE accepted_issuers (
    workspace_id TEXT NOT NULL,
    issuer       TEXT NOT NULL,
    PRIMARY KEY (workspace_id, issuer)
);

-- Authenticator apps, from the first code on. last_step is the time step of the last code taken:
-- none is taken twice.
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

CREATE TABLE recovery_codes (
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    hash         BLOB NOT NULL,
    PRIMARY KEY (workspace_id, member_id, hash)
);

-- The public key, and what WebAuthn keeps beside it as JSON.
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

-- Whom an OpenID Connect issuer calls what.
CREATE TABLE identities (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    issuer       TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, issuer, subject)
);
CREATE UNIQUE INDEX identities_member ON identities (workspace_id, member_id, issuer);
CREATE INDEX identities_subject ON identities (issuer, subject);

-- Members who were invited and did not come yet. made_by is by whose authority: a member's id, a
-- key's, or "operator". It ends with that authority; so do links and jobs.
CREATE TABLE invitations (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    hash         BLOB   NOT NULL,
    sent_at      BIGINT NOT NULL,
    expires_at   BIGINT NOT NULL,
    made_by      TEXT   NOT NULL DEFAULT 'operator',
    PRIMARY KEY (workspace_id, member_id)
);

CREATE TABLE sign_in_codes (
    hash         BLOB   NOT NULL PRIMARY KEY,
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    expires_at   BIGINT NOT NULL,
    made_by      TEXT   NOT NULL DEFAULT 'operator'
);

-- Sign-in links that were mailed: an address's own, of all its workspaces. Hashes of the link, of the
-- browser that asked, and of the code to type there. asker is the hash of a network, or of a browser
-- that was signed in before: each has places of its own, so that nobody uses up somebody else's.
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

-- Browser extensions that asked to be connected. Whose a connection is, is not known before somebody
-- approves it. A refresh token that was replaced is known until the next one replaces it.
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
