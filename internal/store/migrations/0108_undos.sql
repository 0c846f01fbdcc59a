-- +goose Up
-- What the deeds of a day changed, a row for each thing, so that they can be undone.
CREATE TABLE undos (
    workspace_id TEXT   NOT NULL,
    undo_id      TEXT   NOT NULL,
    subject      TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    actor        TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    was          TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, undo_id, subject)
);
CREATE INDEX undos_subject ON undos (workspace_id, subject, undo_id);
CREATE INDEX undos_person ON undos (subject);
