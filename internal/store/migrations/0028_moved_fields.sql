-- +goose Up

-- A field that a workspace was delivered of one person and that is another's since, because
-- the person proved to be several: a report of the payment gives it back too (rule C11).
CREATE TABLE moved_fields (
    workspace_id TEXT NOT NULL,
    paid_id      TEXT NOT NULL,
    field        TEXT NOT NULL,
    person_id    TEXT NOT NULL,
    PRIMARY KEY (workspace_id, paid_id, field, person_id)
) WITHOUT ROWID;
CREATE INDEX moved_fields_workspace ON moved_fields (workspace_id, person_id);
CREATE INDEX moved_fields_person ON moved_fields (person_id);
