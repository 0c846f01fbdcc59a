-- +goose Up

-- When all sign-ins of somebody were ended last: by a new password, by themselves or by
-- an admin. What they, or anybody, had proved before that leads nowhere.
CREATE TABLE proofs_ended (
    workspace_id TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    ended_at     BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);
