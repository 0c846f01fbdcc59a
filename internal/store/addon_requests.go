package store

// AddOnRequest is what a workspace asked the operator for beyond its plan.
type AddOnRequest struct {
	Workspace, ID, Member string // Member is empty where a key or the operator asked
	Credit                string
	Amount                int64
	Kind, Note            string // the kind is recurring or once
	Status                string // open, granted or declined
	Granted               int64
	Grant                 string // the add-on that was given; empty: none
	CreatedAt, DecidedAt  int64
}

const addOnRequestColumns = `workspace_id, request_id, member_id, credit, amount, kind, note, status, granted, grant_id, created_at, decided_at`

func scanAddOnRequest(scan scanner, r *AddOnRequest) error {
	return scan(&r.Workspace, &r.ID, &r.Member, &r.Credit, &r.Amount, &r.Kind, &r.Note, &r.Status, &r.Granted, &r.Grant, &r.CreatedAt, &r.DecidedAt)
}

// Put adds an open request in the place of the one that is open for the credit type, if any.
func (t AddOnRequests) Put(r AddOnRequest) error {
	_, err := t.q.exec(`INSERT INTO addon_requests (`+addOnRequestColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,'open',0,'',$8,0)
		ON CONFLICT (workspace_id, credit) WHERE status = 'open' DO UPDATE SET request_id = excluded.request_id, member_id = excluded.member_id,
			amount = excluded.amount, kind = excluded.kind, note = excluded.note, created_at = excluded.created_at`,
		r.Workspace, r.ID, r.Member, r.Credit, r.Amount, r.Kind, r.Note, r.CreatedAt)
	return err
}

// ByID reads one, whichever workspace's; false: there is none.
func (t AddOnRequests) ByID(id string) (r AddOnRequest, found bool, err error) {
	err = t.q.query(`SELECT `+addOnRequestColumns+` FROM addon_requests WHERE request_id = $1`, func(scan scanner) error {
		found = true
		return scanAddOnRequest(scan, &r)
	}, id)
	return r, found, err
}

// Of lists those of a workspace, or of all where it is empty, before an id, newest first; of a
// status, or of any where it is empty.
func (t AddOnRequests) Of(ws, status, before string, limit int) (list []AddOnRequest, err error) {
	of, args := ``, []any{status, before, limit}
	if ws != "" {
		of, args = ` AND workspace_id = $4`, append(args, ws)
	}
	err = t.q.query(`SELECT `+addOnRequestColumns+` FROM addon_requests WHERE ($1 = '' OR status = $1)
		AND ($2 = '' OR request_id < $2)`+of+` ORDER BY request_id DESC LIMIT $3`, func(scan scanner) error {
		var r AddOnRequest
		err := scanAddOnRequest(scan, &r)
		list = append(list, r)
		return err
	}, args...)
	return list, err
}

// CountOpen says how many wait for the operator.
func (t AddOnRequests) CountOpen() (n int64, err error) {
	_, err = t.one(`SELECT count(*) FROM addon_requests WHERE status = 'open'`, []any{&n})
	return n, err
}

// Decide answers an open request; false: it is open no more.
func (t AddOnRequests) Decide(r AddOnRequest) (bool, error) {
	n, err := t.q.exec(`UPDATE addon_requests SET status = $3, granted = $4, grant_id = $5, decided_at = $6
		WHERE workspace_id = $1 AND request_id = $2 AND status = 'open'`, r.Workspace, r.ID, r.Status, r.Granted, r.Grant, r.DecidedAt)
	return n > 0, err
}

// Withdraw deletes an open request; false: there is no such open one.
func (t AddOnRequests) Withdraw(ws, id string) (bool, error) {
	n, err := t.q.exec(`DELETE FROM addon_requests WHERE workspace_id = $1 AND request_id = $2 AND status = 'open'`, ws, id)
	return n > 0, err
}
