-- +goose Up

-- A number for each account, given once. It is in front of the numbers of its entries, and stands
-- for the workspace in receipts (store.place).
CREATE TABLE account_numbers (
    number       INTEGER PRIMARY KEY AUTOINCREMENT,
    workspace_id TEXT NOT NULL UNIQUE
);

-- The ledger itself, as SQLite keeps it. A row is never changed or deleted. capture_id says which
-- capture it is of (rule S7); empty: of none.
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

-- What a request with an idempotency key came to, for ever. The key leads, so that keys in the
-- order of time are appended, whatever workspace they are of; a UUID is a zero and its 16 bytes.
CREATE TABLE receipts (
    workspace_id BIGINT NOT NULL,
    key          BLOB   NOT NULL,
    fingerprint  BLOB   NOT NULL,
    at           BIGINT NOT NULL,
    answer       BLOB   NOT NULL,
    PRIMARY KEY (key, workspace_id)
) WITHOUT ROWID;
