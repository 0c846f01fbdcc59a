-- +goose Up

-- People are found by their countries' names since this version. The server's job puts them into
-- the index again.
TRUNCATE people_words;
UPDATE people SET number = 0 WHERE number > 0;
