package store

// The ledger's rows as Postgres writes many of them (see bulkRows).

var bulkEntries = newBulkRows(insertInto("entries", ""),
	[]column[Entry]{
		{name: "seq", num: func(e *Entry) int64 { return e.Seq }},
		{name: "at", num: func(e *Entry) int64 { return e.At }},
		{name: "amount", num: func(e *Entry) int64 { return e.Amount }},
		{name: "balance_after", maybe: func(e *Entry) *int64 { return e.BalanceAfter }},
		{name: "member_id", text: func(e *Entry) string { return e.Member }},
	},
	[]column[Entry]{
		{name: "workspace_id", text: func(e *Entry) string { return e.Workspace }},
	},
	[]column[Entry]{
		{name: "kind", text: func(e *Entry) string { return e.Kind }},
		{name: "credit", text: func(e *Entry) string { return e.Credit }},
		{name: "outcome", text: func(e *Entry) string { return e.Outcome }},
		{name: "channel", text: func(e *Entry) string { return e.Channel }},
		{name: "waived", num: func(e *Entry) int64 { return e.Waived }},
	},
	[]column[Entry]{
		{name: "day", num: func(e *Entry) int64 { return int64(e.Day) }},
		{name: "period_start", num: func(e *Entry) int64 { return e.PeriodStart }},
	},
	[]column[Entry]{
		{name: "person_id", text: func(e *Entry) string { return e.Person }},
		{name: "field", text: func(e *Entry) string { return e.Field }},
		{name: "hold_id", text: func(e *Entry) string { return e.Hold }},
		{name: "grant_id", text: func(e *Entry) string { return e.Grant }},
		{name: "note", text: func(e *Entry) string { return e.Note }},
		{name: "capture_id", text: func(e *Entry) string { return e.Capture }},
	})

var bulkReceipts = newBulkRows(insertInto("receipts", ""),
	[]column[Receipt]{
		{name: "key", data: func(r *Receipt) []byte { return packKey(r.Key) }},
		{name: "fingerprint", data: func(r *Receipt) []byte {
			if r.Fingerprint == nil {
				return []byte{}
			}
			return r.Fingerprint
		}},
		{name: "at", num: func(r *Receipt) int64 { return r.At }},
		{name: "answer", data: func(r *Receipt) []byte { return r.Answer }},
	},
	[]column[Receipt]{
		{name: "workspace_id", text: func(r *Receipt) string { return r.Workspace }},
	})

var bulkPools = newBulkRows(insertInto("past_pools", ` ON CONFLICT (workspace_id, period_start, credit) DO UPDATE SET used = excluded.used, held = excluded.held,
	reserved = excluded.reserved, allowance = excluded.allowance, carry_num = excluded.carry_num, carry_den = excluded.carry_den`),
	[]column[Pool]{
		{name: "workspace_id", text: func(p *Pool) string { return p.Workspace }},
		{name: "used", num: func(p *Pool) int64 { return p.Used }},
		{name: "held", num: func(p *Pool) int64 { return p.Held }},
	},
	[]column[Pool]{
		{name: "credit", text: func(p *Pool) string { return p.Credit }},
		{name: "period_start", num: func(p *Pool) int64 { return p.PeriodStart }},
		{name: "period_end", num: func(p *Pool) int64 { return p.PeriodEnd }},
	},
	[]column[Pool]{
		{name: "reserved", num: func(p *Pool) int64 { return p.Reserved }},
		{name: "allowance", num: func(p *Pool) int64 { return p.Allowance }},
		{name: "rolled", num: func(p *Pool) int64 { return p.Rolled }},
		{name: "carry_num", num: func(p *Pool) int64 { return p.CarryNum }},
		{name: "carry_den", num: func(p *Pool) int64 { return p.CarryDen }},
	})

var bulkShares = newBulkRows(insertInto("shares", ` ON CONFLICT (workspace_id, member_id, period_start, credit) DO UPDATE SET used = excluded.used, held = excluded.held`),
	[]column[Share]{
		{name: "workspace_id", text: func(s *Share) string { return s.Workspace }},
		{name: "member_id", text: func(s *Share) string { return s.Member }},
		{name: "used", num: func(s *Share) int64 { return s.Used }},
		{name: "held", num: func(s *Share) int64 { return s.Held }},
	},
	[]column[Share]{
		{name: "period_start", num: func(s *Share) int64 { return s.PeriodStart }},
		{name: "credit", text: func(s *Share) string { return s.Credit }},
	})

var bulkHolds = newBulkRows(insertInto("holds", ` ON CONFLICT (workspace_id, hold_id) DO UPDATE SET remaining = excluded.remaining, expires_at = excluded.expires_at, state = excluded.state`),
	[]column[Hold]{
		{name: "workspace_id", text: func(h *Hold) string { return h.Workspace }},
		{name: "hold_id", text: func(h *Hold) string { return h.ID }},
		{name: "member_id", text: func(h *Hold) string { return h.Member }},
		{name: "capture_id", text: func(h *Hold) string { return h.Capture }},
		{name: "amount", num: func(h *Hold) int64 { return h.Amount }},
		{name: "remaining", num: func(h *Hold) int64 { return h.Remaining }},
		{name: "expires_at", num: func(h *Hold) int64 { return h.ExpiresAt }},
		{name: "created_at", num: func(h *Hold) int64 { return h.CreatedAt }},
	},
	[]column[Hold]{
		{name: "credit", text: func(h *Hold) string { return h.Credit }},
		{name: "state", text: func(h *Hold) string { return h.State }},
		{name: "channel", text: func(h *Hold) string { return h.Channel }},
		{name: "period_start", num: func(h *Hold) int64 { return h.PeriodStart }},
	})

var bulkReveals = newBulkRows(insertInto("reveals", ` ON CONFLICT (workspace_id, person_id, field) DO UPDATE SET outcome = excluded.outcome, at = excluded.at, data = excluded.data`),
	[]column[Reveal]{
		{name: "workspace_id", text: func(r *Reveal) string { return r.Workspace }},
		{name: "person_id", text: func(r *Reveal) string { return r.Person }},
		{name: "field", text: func(r *Reveal) string { return r.Field }},
		{name: "outcome", text: func(r *Reveal) string { return r.Outcome }},
		{name: "at", num: func(r *Reveal) int64 { return r.At }},
		{name: "data", text: func(r *Reveal) string { return r.Values }},
	})

var bulkAccounts = newBulkRows(func(columns, rows string) string {
	return `UPDATE accounts a SET seq = k.seq, terms_version = k.terms_version, last_at = k.last_at, next_expiry = k.next_expiry, pools = k.pools
		FROM (` + rows + `) AS k(` + columns + `) WHERE a.workspace_id = k.workspace_id`
},
	[]column[Account]{
		{name: "workspace_id", text: func(a *Account) string { return a.Workspace }},
		{name: "seq", num: func(a *Account) int64 { return a.Seq }},
		{name: "last_at", num: func(a *Account) int64 { return a.LastAt }},
		{name: "pools", text: func(a *Account) string { return a.Pools }},
	},
	[]column[Account]{
		{name: "terms_version", num: func(a *Account) int64 { return a.TermsVersion }},
		{name: "next_expiry", num: func(a *Account) int64 { return a.NextExpiry }},
	})

// step is an account as it must be, and as it will be.
type step struct{ was, is *Account }

// bulkSteps moves accounts on; the number of one that is not what it was becomes null.
var bulkSteps = newBulkRows(func(columns, rows string) string {
	return `UPDATE accounts a SET last_at = k.last_at, next_expiry = k.next_expiry, pools = k.pools,
		seq = CASE WHEN a.seq = k.was_seq AND a.terms_version = k.was_version AND a.last_at = k.was_last_at AND a.next_expiry = k.was_next_expiry THEN k.seq END
		FROM (` + rows + `) AS k(` + columns + `) WHERE a.workspace_id = k.workspace_id`
},
	[]column[step]{
		{name: "workspace_id", text: func(s *step) string { return s.was.Workspace }},
		{name: "was_seq", num: func(s *step) int64 { return s.was.Seq }},
		{name: "was_last_at", num: func(s *step) int64 { return s.was.LastAt }},
		{name: "seq", num: func(s *step) int64 { return s.is.Seq }},
		{name: "last_at", num: func(s *step) int64 { return s.is.LastAt }},
		{name: "pools", text: func(s *step) string { return s.is.Pools }},
	},
	[]column[step]{
		{name: "was_version", num: func(s *step) int64 { return s.was.TermsVersion }},
		{name: "was_next_expiry", num: func(s *step) int64 { return s.was.NextExpiry }},
		{name: "next_expiry", num: func(s *step) int64 { return s.is.NextExpiry }},
	})
