package store

// Webhook is an endpoint that a workspace's events are sent to. Events is JSON;
// package webhook says how a secret is kept.
type Webhook struct {
	Workspace, ID, URL, Events string
	Secret, OldSecret          string
	OldUntil                   int64  // until when the old secret signs too
	Paused                     string // why; empty: it is not
	FailingSince               int64  // 0: the last attempt went well
	FromSeq                    int64  // of the ledger: what came later is told
	CreatedAt                  int64
}

const webhookColumns = `workspace_id, webhook_id, url, events, secret, old_secret, old_until, paused, failing_since, from_seq, created_at`

func (t Webhooks) list(where string, args ...any) (list []Webhook, err error) {
	err = t.q.query(`SELECT `+webhookColumns+` FROM webhooks WHERE `+where, func(scan scanner) error {
		var w Webhook
		err := scan(&w.Workspace, &w.ID, &w.URL, &w.Events, &w.Secret, &w.OldSecret, &w.OldUntil, &w.Paused, &w.FailingSince, &w.FromSeq, &w.CreatedAt)
		list = append(list, w)
		return err
	}, args...)
	return list, err
}

// Of lists a workspace's, oldest first.
func (t Webhooks) Of(ws string) ([]Webhook, error) {
	return t.list(`workspace_id = $1 ORDER BY webhook_id`, ws)
}

// ByID reads one; false: there is none.
func (t Webhooks) ByID(ws, id string) (w Webhook, found bool, err error) {
	list, err := t.list(`workspace_id = $1 AND webhook_id = $2`, ws, id)
	if len(list) > 0 {
		return list[0], true, err
	}
	return w, false, err
}

// Insert adds one. Its workspace's cursor must be locked.
func (t Webhooks) Insert(w Webhook) error {
	_, err := t.q.exec(`INSERT INTO webhooks (`+webhookColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
		w.Workspace, w.ID, w.URL, w.Events, w.Secret, w.OldSecret, w.OldUntil, w.Paused, w.FailingSince, w.FromSeq, w.CreatedAt)
	return err
}

// Update writes what may change of one.
func (t Webhooks) Update(w Webhook) error {
	_, err := t.q.exec(`UPDATE webhooks SET url = $3, events = $4, secret = $5, old_secret = $6, old_until = $7, paused = $8, failing_since = $9 WHERE workspace_id = $1 AND webhook_id = $2`,
		w.Workspace, w.ID, w.URL, w.Events, w.Secret, w.OldSecret, w.OldUntil, w.Paused, w.FailingSince)
	return err
}

// Fail notes since when one fails, 0 for not; it changes nothing else.
func (t Webhooks) Fail(ws, id string, since int64) error {
	_, err := t.q.exec(`UPDATE webhooks SET failing_since = $3 WHERE workspace_id = $1 AND webhook_id = $2`, ws, id, since)
	return err
}

// Pause pauses one; false: it is paused already, or gone.
func (t Webhooks) Pause(ws, id, why string) (bool, error) {
	n, err := t.q.exec(`UPDATE webhooks SET paused = $3 WHERE workspace_id = $1 AND webhook_id = $2 AND paused = ''`, ws, id, why)
	return n > 0, err
}

// Drop forgets one, with what still waits for it; false: there is none.
func (t Webhooks) Drop(ws, id string) (bool, error) {
	n, err := t.q.exec(`DELETE FROM webhooks WHERE workspace_id = $1 AND webhook_id = $2`, ws, id)
	if err != nil || n == 0 {
		return false, err
	}
	return true, t.tx().Effects().DropTarget(ws, id)
}

// WebhookCursor is up to where a workspace's events were derived.
type WebhookCursor struct {
	Seq, TermsVersion, CancelAt int64
}

// LockCursor reads a workspace's cursor, which nobody else moves before this
// transaction ends; false: it has none.
func (t Webhooks) LockCursor(ws string) (c WebhookCursor, found bool, err error) {
	if _, err = t.q.exec(`UPDATE webhook_cursors SET seq = seq WHERE workspace_id = $1`, ws); err != nil {
		return c, false, err
	}
	found, err = t.one(`SELECT seq, terms_version, cancel_at FROM webhook_cursors WHERE workspace_id = $1`, []any{&c.Seq, &c.TermsVersion, &c.CancelAt}, ws)
	return c, found, err
}

// PutCursor writes a workspace's cursor; a first one stays where another
// transaction was first.
func (t Webhooks) PutCursor(ws string, c WebhookCursor, first bool) error {
	if first {
		_, err := t.q.exec(`INSERT INTO webhook_cursors (workspace_id, seq, terms_version, cancel_at) VALUES ($1,$2,$3,$4)
			ON CONFLICT (workspace_id) DO UPDATE SET seq = webhook_cursors.seq`, ws, c.Seq, c.TermsVersion, c.CancelAt)
		return err
	}
	_, err := t.q.exec(`UPDATE webhook_cursors SET seq = $2, terms_version = $3, cancel_at = $4 WHERE workspace_id = $1`, ws, c.Seq, c.TermsVersion, c.CancelAt)
	return err
}

// BehindLedger is a workspace whose ledger is ahead of its cursor.
type BehindLedger struct {
	Workspace string
	Terms     bool // by its terms too
}

// Behind lists them.
func (t Webhooks) Behind(limit int) (list []BehindLedger, err error) {
	err = t.q.query(`SELECT c.workspace_id, a.terms_version > c.terms_version FROM webhook_cursors c JOIN accounts a ON a.workspace_id = c.workspace_id
		WHERE a.seq > c.seq OR a.terms_version > c.terms_version ORDER BY c.workspace_id LIMIT $1`, func(scan scanner) error {
		var b BehindLedger
		err := scan(&b.Workspace, &b.Terms)
		list = append(list, b)
		return err
	}, limit)
	return list, err
}

// TellLead notes that a lead is told of; false: it was before.
func (t Webhooks) TellLead(ws, lead string) (bool, error) {
	n, err := t.q.exec(`INSERT INTO webhook_leads (workspace_id, lead_id) VALUES ($1,$2) ON CONFLICT (workspace_id, lead_id) DO NOTHING`, ws, lead)
	return n > 0, err
}
