-- +goose Up

-- The names that a mark on the suppression list is for, as JSON of keyed hashes of their
-- words; empty: it is for everybody. Rows of kind "of" held words without their places, which
-- barred people who would not have been joined and let others back in. Marks that had them are
-- for everybody from now on.
ALTER TABLE suppressions ADD COLUMN names TEXT NOT NULL DEFAULT '';
DELETE FROM suppressions WHERE kind = 'of';
