-- +goose Up

-- Old entries, out of the table of entries: some thousand consecutive ones of a workspace in a row,
-- packed (decisions/0021). An entry is here or among the entries and never in both, and those here
-- are the first of their workspace, without a gap. people tells quickly that a person is not in the
-- row; it is in front of body, so that SQLite reads it without that.
CREATE TABLE entry_archive (
    workspace_id TEXT   NOT NULL,
    first_seq    BIGINT NOT NULL,
    last_seq     BIGINT NOT NULL,
    first_at     BIGINT NOT NULL,
    last_at      BIGINT NOT NULL,
    people       BLOB   NOT NULL,
    body         BLOB   NOT NULL,
    PRIMARY KEY (workspace_id, first_seq)
);
