-- +goose Up

CREATE TABLE bulk_jobs (
    workspace_id TEXT   NOT NULL,
    job_id       TEXT   NOT NULL,
    member_id    TEXT   NOT NULL,
    status       TEXT   NOT NULL,
    message      TEXT   NOT NULL,
    fields       TEXT   NOT NULL,
    list         TEXT   NOT NULL,
    cap          TEXT   NOT NULL,
    estimate     TEXT   NOT NULL,
    counts       TEXT   NOT NULL,
    charged      TEXT   NOT NULL,
    rows_total   BIGINT NOT NULL,
    rows_done    BIGINT NOT NULL,
    attempt      BIGINT NOT NULL,
    goes_on      BIGINT NOT NULL,
    goes_on_at   BIGINT NOT NULL,
    owner        TEXT   NOT NULL,
    lease_until  BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    PRIMARY KEY (workspace_id, job_id)
);
CREATE INDEX bulk_jobs_status ON bulk_jobs (status, lease_until);

-- A reference holds people's data: it is dropped with the person, and a while
-- after the job has ended.
CREATE TABLE bulk_rows (
    workspace_id TEXT   NOT NULL,
    job_id       TEXT   NOT NULL,
    row_no       BIGINT NOT NULL,
    status       TEXT   NOT NULL,
    reference    TEXT   NOT NULL,
    person_id    TEXT   NOT NULL,
    lead_id      TEXT   NOT NULL,
    outcome      TEXT   NOT NULL,
    message      TEXT   NOT NULL,
    PRIMARY KEY (workspace_id, job_id, row_no)
) WITHOUT ROWID;
CREATE INDEX bulk_rows_waiting ON bulk_rows (workspace_id, job_id, row_no) WHERE status = 'waiting';
CREATE INDEX bulk_rows_person ON bulk_rows (person_id);
