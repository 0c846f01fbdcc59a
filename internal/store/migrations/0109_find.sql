-- +goose Up

-- People are found by words, beside people: see docs/decisions/0019. number is the place in that
-- index, by when somebody was added: microseconds since 1970, and less for people of before this
-- migration; 0: not in it yet, a job of the server adds them. No index holds anybody's contact data.
ALTER TABLE people ADD COLUMN industry TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN company_size TEXT NOT NULL DEFAULT '';
ALTER TABLE people ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX people_number ON people (number) WHERE number > 0;
CREATE INDEX people_unnumbered ON people (person_id) WHERE number = 0;

-- A saved view is of the lead sheet, or of the search for people.
ALTER TABLE lead_views ADD COLUMN page TEXT NOT NULL DEFAULT 'leads';
