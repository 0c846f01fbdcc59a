-- +goose Up

-- Who sees the team's usage (rule S5): managers as shipped, or everyone.
ALTER TABLE workspaces ADD COLUMN usage_visible_to TEXT NOT NULL DEFAULT 'managers';

-- Who is on the suppression list, as the leads that they are: they leave every sheet
-- (rule C12). The list itself holds hashes, so who is meant is found when it changes;
-- applied says that this was done.
CREATE TABLE hidden_people (
    person_id TEXT NOT NULL PRIMARY KEY,
    lead_id   TEXT NOT NULL
);
CREATE UNIQUE INDEX hidden_people_lead ON hidden_people (lead_id);
ALTER TABLE suppressions ADD COLUMN applied BIGINT NOT NULL DEFAULT 0;

-- Until when a push is made ready, in slices; 0: it is. What is past it is dropped.
ALTER TABLE pushes ADD COLUMN preparing_until BIGINT NOT NULL DEFAULT 0;
