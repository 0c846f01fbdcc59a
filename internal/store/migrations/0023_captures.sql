-- +goose Up

-- Which capture an entry, or a hold, is of (rule S7); empty: of none, or made before this.
ALTER TABLE entries ADD COLUMN capture_id TEXT NOT NULL DEFAULT '';
ALTER TABLE holds ADD COLUMN capture_id TEXT NOT NULL DEFAULT '';
