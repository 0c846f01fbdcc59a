-- +goose Up

-- Whose an API key is: a member, whose rights bound it and with whom it ends, or
-- "operator". A service key passes on instead of ending. Keys that were made before are
-- whoever's the audit log says made them; the others become service keys of the operator.
ALTER TABLE api_keys ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN service BIGINT NOT NULL DEFAULT 0;
UPDATE api_keys SET owner = member_id WHERE member_id <> '';
UPDATE api_keys SET owner = COALESCE((SELECT MIN(a.actor) FROM audit_log a
    WHERE a.workspace_id = api_keys.workspace_id AND a.action = 'key.made' AND a.subject = api_keys.key_id AND a.actor LIKE 'mem\_%' ESCAPE '\'), 'operator') WHERE member_id = '';
UPDATE api_keys SET service = 1 WHERE owner = 'operator';

-- By what authority a link, an invitation or a job was made: a member's id, a key's, or
-- "operator". It ends with that authority.
ALTER TABLE sign_in_codes ADD COLUMN made_by TEXT NOT NULL DEFAULT 'operator';
ALTER TABLE invitations ADD COLUMN made_by TEXT NOT NULL DEFAULT 'operator';
ALTER TABLE pushes ADD COLUMN made_by TEXT NOT NULL DEFAULT 'operator';
ALTER TABLE bulk_jobs ADD COLUMN made_by TEXT NOT NULL DEFAULT 'operator';
UPDATE bulk_jobs SET made_by = member_id WHERE member_id <> '';
