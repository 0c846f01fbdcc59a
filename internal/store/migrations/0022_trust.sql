-- +goose Up

-- Who sees the team's usage (rule S5): managers as shipped, or everyone.
ALTER TABLE workspaces ADD COLUMN usage_visible_to TEXT NOT NULL DEFAULT 'managers';
