-- +goose Up

-- Who does what only one may do at a time, and until when. Unlike a setting it is on the coordinator
-- of a Citus alone, so that a node that is gone stops nobody.
CREATE TABLE leases (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
);
DELETE FROM server_settings WHERE name = 'archiving';
