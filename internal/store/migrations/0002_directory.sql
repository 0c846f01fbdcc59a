-- +goose Up

-- The two keys that a name makes stand side by side: an import writes one page of
-- the index for both. A domain has a dot and a company's key has none.
UPDATE person_keys SET kind = 'name' WHERE kind IN ('name_domain', 'name_company');

-- What an import needs to go on after a restart: the file as it was kept, how it
-- is to be read (JSON), whose it is, and until when its reader surely lives.
ALTER TABLE imports ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN source TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN plan TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN read_as TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN host TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN spool TEXT NOT NULL DEFAULT '';
ALTER TABLE imports ADD COLUMN lease_until BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN problems BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN rejects BIGINT NOT NULL DEFAULT 0;
ALTER TABLE imports ADD COLUMN rejects_size BIGINT NOT NULL DEFAULT 0;

-- Rejected rows, a few hundred a row: JSON, in the order of the file. They hold
-- what people sent and are dropped after a time.
CREATE TABLE import_rejects (
    import_id  TEXT   NOT NULL,
    n          BIGINT NOT NULL,
    data       TEXT   NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (import_id, n)
);
CREATE INDEX import_rejects_created ON import_rejects (created_at);
