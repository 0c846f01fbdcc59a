-- +goose Up

-- What a merged lead was, as JSON: so it is brought back when the merge is taken apart. Of
-- those merged before there is the owner and the date of the lead that they came to.
ALTER TABLE lead_merges ADD COLUMN was TEXT NOT NULL DEFAULT '{}';
UPDATE lead_merges SET was = '{"ID":"lead_' || substr(person_id, 5)
    || '","Member":"' || COALESCE((SELECT l.member_id FROM leads l WHERE l.workspace_id = lead_merges.workspace_id AND l.lead_id = lead_merges.lead_id), '')
    || '","At":' || CAST(COALESCE((SELECT l.captured_at FROM leads l WHERE l.workspace_id = lead_merges.workspace_id AND l.lead_id = lead_merges.lead_id), at) AS TEXT) || '}';

-- Merges into somebody who is hidden, until they are shown again.
CREATE TABLE paused_merges (
    workspace_id TEXT   NOT NULL,
    person_id    TEXT   NOT NULL,
    into_person  TEXT   NOT NULL,
    at           BIGINT NOT NULL,
    was          TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, person_id)
);
CREATE INDEX paused_merges_into ON paused_merges (into_person);
CREATE INDEX paused_merges_person ON paused_merges (person_id);

-- People who were hidden before are hidden again, so that their merges are taken apart.
UPDATE suppressions SET applied = 0 WHERE EXISTS (SELECT 1 FROM lead_merges m JOIN hidden_people h ON h.lead_id = m.lead_id OR h.person_id = m.person_id);
