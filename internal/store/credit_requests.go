package store

// CreditRequest is a member's wish for more credits.
type CreditRequest struct {
	Workspace, ID, Member, Credit string
	Amount                        int64
	Reason                        string
	Status                        string // open, granted or declined
	Granted                       int64
	DecidedBy                     string // empty: the operator, or a key of the workspace's
	CreatedAt, DecidedAt          int64
}

const requestColumns = `request_id, member_id, credit, amount, reason, status, granted, decided_by, created_at, decided_at`

func scanRequest(scan scanner, r *CreditRequest) error {
	return scan(&r.ID, &r.Member, &r.Credit, &r.Amount, &r.Reason, &r.Status, &r.Granted, &r.DecidedBy, &r.CreatedAt, &r.DecidedAt)
}

// Insert adds an open request.
func (t CreditRequests) Insert(r CreditRequest) error {
	_, err := t.q.exec(`INSERT INTO credit_requests (workspace_id, `+requestColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
		r.Workspace, r.ID, r.Member, r.Credit, r.Amount, r.Reason, r.Status, r.Granted, r.DecidedBy, r.CreatedAt, r.DecidedAt)
	return err
}

// ByID reads one; false: there is none.
func (t CreditRequests) ByID(ws, id string) (r CreditRequest, found bool, err error) {
	r.Workspace = ws
	err = t.q.query(`SELECT `+requestColumns+` FROM credit_requests WHERE workspace_id = $1 AND request_id = $2`, func(scan scanner) error {
		found = true
		return scanRequest(scan, &r)
	}, ws, id)
	return r, found, err
}

// Of lists those of whom the sight sees before an id, newest first; of a
// status, or of any where it is empty.
func (t CreditRequests) Of(ws, status string, sight Sight, before string, limit int) (list []CreditRequest, err error) {
	seen, members := t.seen(sight, "member_id", 5)
	err = t.q.query(`SELECT `+requestColumns+` FROM credit_requests WHERE workspace_id = $1 AND ($2 = '' OR status = $2)
		AND ($3 = '' OR request_id < $3)`+seen+` ORDER BY request_id DESC LIMIT $4`, func(scan scanner) error {
		r := CreditRequest{Workspace: ws}
		err := scanRequest(scan, &r)
		list = append(list, r)
		return err
	}, ws, status, before, limit, members)
	return list, err
}

// Decide answers an open request; false: it is open no more.
func (t CreditRequests) Decide(r CreditRequest) (bool, error) {
	n, err := t.q.exec(`UPDATE credit_requests SET status = $3, granted = $4, decided_by = $5, decided_at = $6
		WHERE workspace_id = $1 AND request_id = $2 AND status = 'open'`, r.Workspace, r.ID, r.Status, r.Granted, r.DecidedBy, r.DecidedAt)
	return n > 0, err
}
