-- +goose Up

-- Keys that the product makes itself are apart from clients' keys. Of those in use
-- only the rows of bulk captures that still wait can be asked for again.
UPDATE receipts SET key = 'leadmeter:' || key WHERE (workspace_id, key) IN (
    SELECT r.workspace_id, r.job_id || ':' || CAST(r.row_no AS TEXT) || ':' || CAST(j.attempt AS TEXT)
    FROM bulk_rows r JOIN bulk_jobs j ON j.workspace_id = r.workspace_id AND j.job_id = r.job_id
    WHERE r.status = 'waiting');
