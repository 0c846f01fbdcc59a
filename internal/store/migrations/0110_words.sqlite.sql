-- +goose Up

-- The terms of people (package find) by their numbers. Terms hold no sign that the tokenizer parts
-- them at. Eight segments are merged at a time, where four are usual: that writes less.
CREATE VIRTUAL TABLE people_words USING fts5 (words, content = '', contentless_delete = 1, detail = none, tokenize = 'ascii tokenchars ''.-_+''');
INSERT INTO people_words (people_words, rank) VALUES ('automerge', 8);
