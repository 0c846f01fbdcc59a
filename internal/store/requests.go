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

// InsertCreditRequest adds an open request.
func (t *Tx) InsertCreditRequest(r CreditRequest) error {
	_, err := t.q.exec(`INSERT INTO credit_requests (workspace_id, `+requestColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
		r.Workspace, r.ID, r.Member, r.Credit, r.Amount, r.Reason, r.Status, r.Granted, r.DecidedBy, r.CreatedAt, r.DecidedAt)
	return err
}

// CreditRequest reads one; false: there is none.
func (t *Tx) CreditRequest(ws, id string) (r CreditRequest, found bool, err error) {
	r.Workspace = ws
	err = t.q.query(`SELECT `+requestColumns+` FROM credit_requests WHERE workspace_id = $1 AND request_id = $2`, func(scan scanner) error {
		found = true
		return scanRequest(scan, &r)
	}, ws, id)
	return r, found, err
}

// CreditRequests lists those of whom the sight sees before an id, newest first; of a
// status, or of any where it is empty.
func (t *Tx) CreditRequests(ws, status string, sight Sight, before string, limit int) (list []CreditRequest, err error) {
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

// DecideCreditRequest answers an open request; false: it is open no more.
func (t *Tx) DecideCreditRequest(r CreditRequest) (bool, error) {
	n, err := t.q.exec(`UPDATE credit_requests SET status = $3, granted = $4, decided_by = $5, decided_at = $6
		WHERE workspace_id = $1 AND request_id = $2 AND status = 'open'`, r.Workspace, r.ID, r.Status, r.Granted, r.DecidedBy, r.DecidedAt)
	return n > 0, err
}

// HalfGranted is an open request whose amount the ledger granted already, as earlier
// versions of the program left it when they were stopped in between.
type HalfGranted struct {
	CreditRequest
	Fingerprint []byte // of the ledger's receipt
	At          int64
}

// HalfGranted lists at most limit of them, of all workspaces.
func (t *Tx) HalfGranted(limit int) (list []HalfGranted, err error) {
	err = t.q.query(`SELECT r.workspace_id, r.request_id, r.member_id, r.credit, r.amount, r.reason, r.status, t.fingerprint, t.at FROM credit_requests r
		JOIN receipts t ON t.workspace_id = r.workspace_id AND t.key = 'credit-request:' || r.request_id WHERE r.status = 'open' LIMIT $1`, func(scan scanner) error {
		var h HalfGranted
		err := scan(&h.Workspace, &h.ID, &h.Member, &h.Credit, &h.Amount, &h.Reason, &h.Status, &h.Fingerprint, &h.At)
		list = append(list, h)
		return err
	}, limit)
	return list, err
}

// RemovedWithAllocation lists at most limit members, of one workspace or of all, who
// were removed and still have a limit or an assigned amount.
func (t *Tx) RemovedWithAllocation(ws string, limit int) (list []Member, err error) {
	err = t.q.query(`SELECT DISTINCT m.workspace_id, m.member_id FROM allocations a
		JOIN members m ON m.workspace_id = a.workspace_id AND m.member_id = a.member_id WHERE m.removed_at > 0 AND ($2 = '' OR a.workspace_id = $2) LIMIT $1`, func(scan scanner) error {
		var m Member
		err := scan(&m.Workspace, &m.ID)
		list = append(list, m)
		return err
	}, limit, ws)
	return list, err
}
