-- +goose Up

-- After 13, which fills in what these are made of.
ALTER TABLE leads DROP COLUMN tags;
DROP INDEX leads_captured;
CREATE INDEX leads_sheet ON leads (workspace_id, captured_at, lead_id, member_id, has, search);
CREATE INDEX leads_name ON leads (workspace_id, name_key, lead_id);
CREATE INDEX leads_title ON leads (workspace_id, title_key, lead_id);
CREATE INDEX leads_company ON leads (workspace_id, company_key, lead_id);
