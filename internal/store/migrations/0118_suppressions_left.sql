-- +goose Up

-- Servers look every few seconds for suppressions that were written and not applied.
CREATE INDEX suppressions_left ON suppressions (created_at) WHERE applied = 0;
