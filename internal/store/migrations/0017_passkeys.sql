-- +goose Up

-- Passkeys: the public key and what WebAuthn keeps beside it, as JSON.
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
