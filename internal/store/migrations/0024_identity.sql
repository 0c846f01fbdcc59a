-- +goose Up

-- What rows of different names say of one person, each by itself, as JSON; empty while
-- one name says all. And when the newest row about the person's employer was true.
-- A row of person_keys without a person says of a key that people of contradicting names
-- claim it, so that it joins nobody (docs/decisions/0012).
ALTER TABLE people ADD COLUMN parts TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN stated_at BIGINT NOT NULL DEFAULT 0;
