-- +goose Up

-- What a workspace spent, summed by local day: made from ledger entries that never
-- change, by those who read usage and not by those who charge. A mark says up to
-- which entry the sums go; what came after it is added while reading.
CREATE TABLE usage_sums (
    workspace_id TEXT   NOT NULL,
    day          BIGINT NOT NULL,
    member_id    TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    field        TEXT   NOT NULL,
    channel      TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    answers      BIGINT NOT NULL,
    used         BIGINT NOT NULL,
    waived       BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, day, member_id, credit, field, channel, outcome)
) WITHOUT ROWID;

CREATE TABLE usage_marks (
    workspace_id TEXT   NOT NULL PRIMARY KEY,
    seq          BIGINT NOT NULL
) WITHOUT ROWID;

-- Parts of a team that a manager looks after. A member is in one at most.
CREATE TABLE team_groups (
    workspace_id TEXT   NOT NULL,
    group_id     TEXT   NOT NULL,
    name         TEXT   NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, group_id)
);

CREATE TABLE team_group_members (
    workspace_id TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    PRIMARY KEY (workspace_id, member_id)
);

CREATE TABLE team_group_managers (
    workspace_id TEXT NOT NULL,
    group_id     TEXT NOT NULL,
    member_id    TEXT NOT NULL,
    PRIMARY KEY (workspace_id, group_id, member_id)
);

-- How much of a credit type a group's manager may give out as limits; without a
-- row none.
CREATE TABLE team_group_budgets (
    workspace_id TEXT   NOT NULL,
    group_id     TEXT   NOT NULL,
    credit       TEXT   NOT NULL,
    amount       BIGINT NOT NULL CHECK (amount >= 0),
    PRIMARY KEY (workspace_id, group_id, credit)
);
