-- +goose Up

-- Authenticator apps, from the first code on: the secret is sealed. last_step is the
-- time step of the last code taken: none is taken twice.
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

-- What a workspace asks of those who sign in; without a row nothing.
CREATE TABLE sign_in_policies (
    workspace_id  TEXT   NOT NULL PRIMARY KEY,
    second_factor BIGINT NOT NULL,
    sso_only      BIGINT NOT NULL
);
