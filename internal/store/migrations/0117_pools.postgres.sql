-- +goose Up

-- A charge writes one row of balances: an account has the newest pool of each credit type, in the
-- form of store.PoolsText. The table keeps those that newer ones followed, and has another name so
-- that a server of an earlier version fails and does not charge what it no longer finds there.
ALTER TABLE accounts ADD COLUMN pools TEXT NOT NULL DEFAULT '';
UPDATE accounts SET pools = newest.text FROM (
    SELECT p.workspace_id, string_agg(p.credit || ' ' || p.period_start || ' ' || p.period_end || ' ' || p.used || ' ' || p.held || ' ' ||
            p.reserved || ' ' || p.allowance || ' ' || p.rolled || ' ' || p.carry_num || ' ' || p.carry_den, chr(10)) AS text
        FROM pools p JOIN (SELECT workspace_id, credit, max(period_start) AS period_start FROM pools GROUP BY workspace_id, credit) n
            ON n.workspace_id = p.workspace_id AND n.credit = p.credit AND n.period_start = p.period_start
        GROUP BY p.workspace_id
    ) AS newest WHERE newest.workspace_id = accounts.workspace_id;
DELETE FROM pools p USING (SELECT workspace_id, credit, max(period_start) AS period_start FROM pools GROUP BY workspace_id, credit) n
    WHERE n.workspace_id = p.workspace_id AND n.credit = p.credit AND n.period_start = p.period_start;
ALTER TABLE pools RENAME TO past_pools;
ALTER INDEX pools_pkey RENAME TO past_pools_pkey;
