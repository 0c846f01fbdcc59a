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

-- Delivered values that are on the suppression list, out of the deliveries that they were in
-- until the list says otherwise (rule C12).
CREATE TABLE withheld_values (
    workspace_id TEXT NOT NULL,
    person_id    TEXT NOT NULL,
    field        TEXT NOT NULL,
    data         TEXT NOT NULL,
    PRIMARY KEY (workspace_id, person_id, field)
) WITHOUT ROWID;
CREATE INDEX withheld_values_person ON withheld_values (person_id);
