-- +goose Up

-- Merges of people who are hidden are taken apart, as those into them were before: anyone who is on
-- the suppression list and was merged into a lead is hidden again.
UPDATE suppressions SET applied = 0 WHERE EXISTS (SELECT 1 FROM lead_merges m JOIN hidden_people h ON h.person_id = m.person_id);
