-- +goose Up

-- The terms of people (package find) by their numbers. What is new is kept in a list of at most
-- 16 MiB, which is sorted in when it is full and when an import ends: that costs an import half.
CREATE TABLE people_words (
    rowid BIGINT   NOT NULL PRIMARY KEY,
    words TSVECTOR NOT NULL
);
CREATE INDEX people_words_words ON people_words USING gin (words) WITH (gin_pending_list_limit = 16384);
