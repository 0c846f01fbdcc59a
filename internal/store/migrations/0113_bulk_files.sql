-- +goose Up

-- What an estimate found: on the job how many rows of each kind, on a row its kind and the people it
-- may mean, as JSON. file_id is the file that a job was read from; empty: none.
ALTER TABLE bulk_jobs ADD COLUMN found TEXT NOT NULL DEFAULT '{}';
ALTER TABLE bulk_jobs ADD COLUMN file_id TEXT NOT NULL DEFAULT '';
ALTER TABLE bulk_rows ADD COLUMN found TEXT NOT NULL DEFAULT '';
ALTER TABLE bulk_rows ADD COLUMN people TEXT NOT NULL DEFAULT '';
CREATE INDEX bulk_jobs_file ON bulk_jobs (workspace_id, file_id) WHERE file_id <> '';

-- Files and pasted people that wait to be estimated, for a day at most: they hold people's data.
-- settings is JSON: how the columns are read and what is asked for.
CREATE TABLE bulk_files (
    workspace_id TEXT   NOT NULL,
    file_id      TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    content_type TEXT   NOT NULL,
    settings     TEXT   NOT NULL,
    parts        BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, file_id)
);

-- A file in pieces, compressed, so that no transaction is long.
CREATE TABLE bulk_file_parts (
    workspace_id TEXT   NOT NULL,
    file_id      TEXT   NOT NULL,
    n            BIGINT NOT NULL,
    data         BLOB   NOT NULL,
    PRIMARY KEY (workspace_id, file_id, n)
);
