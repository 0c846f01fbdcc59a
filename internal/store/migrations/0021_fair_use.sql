-- +goose Up

-- How many free answers a member had in a local day, and the workspace (member_id '').
CREATE TABLE fair_uses (
    workspace_id TEXT   NOT NULL,
    day          BIGINT NOT NULL,
    member_id    TEXT   NOT NULL,
    kind         TEXT   NOT NULL,
    used         BIGINT NOT NULL CHECK (used >= 0),
    PRIMARY KEY (workspace_id, day, member_id, kind)
) WITHOUT ROWID;
