-- +goose Up

-- Upstream sources are the server's own, as the directory is.

-- Searches that a source is still to answer. A ticket holds people's data and is
-- dropped with the person, or after a day.
CREATE TABLE searches (
    search_id  TEXT   NOT NULL PRIMARY KEY,
    person_id  TEXT   NOT NULL,
    due_at     BIGINT NOT NULL,
    ticket     TEXT   NOT NULL
);
CREATE INDEX searches_due ON searches (due_at);
CREATE INDEX searches_person ON searches (person_id);

-- What a source was asked in a day (UTC): the budget is taken from asks.
CREATE TABLE provider_days (
    provider   TEXT   NOT NULL,
    day        TEXT   NOT NULL,
    taken      BIGINT NOT NULL,
    asked      BIGINT NOT NULL,
    found      BIGINT NOT NULL,
    missed     BIGINT NOT NULL,
    failed     BIGINT NOT NULL,
    latency    BIGINT NOT NULL,
    cost       BIGINT NOT NULL,
    PRIMARY KEY (provider, day)
) WITHOUT ROWID;

CREATE TABLE provider_keys (
    provider TEXT NOT NULL PRIMARY KEY,
    sealed   TEXT NOT NULL
) WITHOUT ROWID;
