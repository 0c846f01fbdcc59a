package store

// BulkJob is a bulk capture. Fields, Cap, Estimate, Found, Counts and Charged are JSON
// that package bulk reads and writes.
type BulkJob struct {
	Workspace, ID, Member            string
	File, Found                      string // the file it was read from, may be empty; what the estimate found
	MadeBy                           string // a member, a key or the operator
	Status, Message                  string
	Fields, List                     string
	Cap, Estimate, Counts, Charged   string
	Rows, Done, Attempt              int64
	GoesOn                           bool  // after a refill, by itself
	GoesOnAt                         int64 // when; 0: not known
	Owner                            string
	LeaseUntil, CreatedAt, UpdatedAt int64
}

// BulkRow is one person of a bulk capture. Reference, People and Outcome are JSON. The Person
// of a row that waits was chosen among several.
type BulkRow struct {
	Workspace, Job          string
	No                      int64 // from 1
	Status                  string
	Reference, Person, Lead string
	Outcome, Message        string
	Found, People           string // what the estimate found, and whom
}

// BulkFilter chooses rows of a job; what is empty chooses all.
type BulkFilter struct {
	Status, Found string
	Outcome       string // of any field
}

const bulkColumns = `workspace_id, job_id, member_id, status, message, fields, list, cap, estimate, counts, charged, rows_total, rows_done, attempt, goes_on, goes_on_at, owner, lease_until, created_at, updated_at, made_by, found, file_id`

func scanBulk(scan scanner, j *BulkJob) error {
	var goesOn int64
	err := scan(&j.Workspace, &j.ID, &j.Member, &j.Status, &j.Message, &j.Fields, &j.List, &j.Cap, &j.Estimate, &j.Counts, &j.Charged,
		&j.Rows, &j.Done, &j.Attempt, &goesOn, &j.GoesOnAt, &j.Owner, &j.LeaseUntil, &j.CreatedAt, &j.UpdatedAt, &j.MadeBy, &j.Found, &j.File)
	j.GoesOn = goesOn != 0
	return err
}

// BulkPreparing is the status of a job whose rows are not all there yet: nobody sees it,
// and it is dropped when its lease has ended.
const BulkPreparing = "preparing"

// Insert adds a job without its rows.
func (t BulkJobs) Insert(j BulkJob) error {
	_, err := t.q.exec(`INSERT INTO bulk_jobs (`+bulkColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23)`,
		j.Workspace, j.ID, j.Member, j.Status, j.Message, j.Fields, j.List, j.Cap, j.Estimate, j.Counts, j.Charged,
		j.Rows, j.Done, j.Attempt, number(j.GoesOn), j.GoesOnAt, j.Owner, j.LeaseUntil, j.CreatedAt, j.UpdatedAt, j.MadeBy, j.Found, j.File)
	return err
}

// AddRows adds rows to a job that is prepared, and renews its lease; false: it was
// dropped meanwhile, and nothing was added.
func (t BulkJobs) AddRows(ws, job string, rows []BulkRow, until int64) (bool, error) {
	n, err := t.q.exec(`UPDATE bulk_jobs SET lease_until = $3 WHERE workspace_id = $1 AND job_id = $2 AND status = '`+BulkPreparing+`'`, ws, job, until)
	if err != nil || n == 0 {
		return false, err
	}
	for n := range rows {
		r := &rows[n]
		if _, err := t.q.exec(`INSERT INTO bulk_rows (workspace_id, job_id, row_no, status, reference, person_id, lead_id, outcome, message, found, people) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)`,
			r.Workspace, r.Job, r.No, r.Status, r.Reference, r.Person, r.Lead, r.Outcome, r.Message, r.Found, r.People); err != nil {
			return false, err
		}
	}
	return true, nil
}

// DropRows drops at most limit rows of a job that is prepared, and the job with the
// last of them; more says that there are others.
func (t BulkJobs) DropRows(ws, job string, limit int) (more bool, err error) {
	n, err := t.q.exec(`DELETE FROM bulk_rows WHERE workspace_id = $1 AND job_id = $2 AND row_no IN (SELECT row_no FROM bulk_rows WHERE workspace_id = $1 AND job_id = $2 ORDER BY row_no LIMIT $3)
		AND EXISTS (SELECT 1 FROM bulk_jobs j WHERE j.workspace_id = $1 AND j.job_id = $2 AND j.status = '`+BulkPreparing+`')`, ws, job, limit)
	if err != nil || n == int64(limit) {
		return n > 0, err
	}
	_, err = t.q.exec(`DELETE FROM bulk_jobs WHERE workspace_id = $1 AND job_id = $2 AND status = '`+BulkPreparing+`'`, ws, job)
	return false, err
}

// ByID reads a job; false: there is none.
func (t BulkJobs) ByID(ws, id string) (j BulkJob, found bool, err error) {
	err = t.q.query(`SELECT `+bulkColumns+` FROM bulk_jobs WHERE workspace_id = $1 AND job_id = $2 AND status <> '`+BulkPreparing+`'`, func(scan scanner) error {
		found = true
		return scanBulk(scan, &j)
	}, ws, id)
	return j, found, err
}

// Of lists the jobs of whom the sight sees before an id, newest first; an empty
// id begins with the newest. Jobs that wait to be confirmed count if they were made after
// unstarted.
func (t BulkJobs) Of(ws string, sight Sight, before string, unstarted int64, limit int) (list []BulkJob, err error) {
	seen, members := t.seen(sight, "member_id", 5)
	err = t.q.query(`SELECT `+bulkColumns+` FROM bulk_jobs WHERE workspace_id = $1 AND ($2 = '' OR job_id < $2) AND status <> '`+BulkPreparing+`' AND (status <> 'waiting' OR created_at > $4)`+seen+` ORDER BY job_id DESC LIMIT $3`, func(scan scanner) error {
		var j BulkJob
		err := scanBulk(scan, &j)
		list = append(list, j)
		return err
	}, ws, before, limit, unstarted, members)
	return list, err
}

// Open lists jobs of a status that no server has, of any workspace but those
// named.
func (t BulkJobs) Open(status string, now int64, without []string, limit int) (list []BulkJob, err error) {
	sql, args := `SELECT `+bulkColumns+` FROM bulk_jobs WHERE status = $1 AND lease_until <= $2`, []any{status, now}
	for _, ws := range without {
		args = append(args, ws)
		sql += ` AND workspace_id <> $` + itoa(len(args))
	}
	args = append(args, limit)
	err = t.q.query(sql+` ORDER BY lease_until LIMIT $`+itoa(len(args)), func(scan scanner) error {
		var j BulkJob
		err := scanBulk(scan, &j)
		list = append(list, j)
		return err
	}, args...)
	return list, err
}

// Take gives a running job to a server until an instant; false: another one
// has it, or it runs no more.
func (t BulkJobs) Take(j BulkJob, owner string, now, until int64) (bool, error) {
	n, err := t.q.exec(`UPDATE bulk_jobs SET owner = $3, lease_until = $4 WHERE workspace_id = $1 AND job_id = $2 AND status = 'running' AND lease_until <= $5`,
		j.Workspace, j.ID, owner, until, now)
	return n > 0, err
}

// Free takes every job from the servers that had them: for a database that
// one process owns, at its start.
func (t BulkJobs) Free() error {
	_, err := t.q.exec(`UPDATE bulk_jobs SET owner = '', lease_until = 0 WHERE lease_until > 0`)
	return err
}

// Advance writes how far a server's job is; false: the job is not its own
// any more, and nothing was written.
func (t BulkJobs) Advance(j BulkJob) (bool, error) {
	n, err := t.q.exec(`UPDATE bulk_jobs SET counts = $4, charged = $5, rows_done = $6, lease_until = $7, updated_at = $8
		WHERE workspace_id = $1 AND job_id = $2 AND owner = $3`, j.Workspace, j.ID, j.Owner, j.Counts, j.Charged, j.Done, j.LeaseUntil, j.UpdatedAt)
	return n > 0, err
}

// Leave gives a server's job back.
func (t BulkJobs) Leave(j BulkJob) error {
	_, err := t.q.exec(`UPDATE bulk_jobs SET owner = '', lease_until = 0 WHERE workspace_id = $1 AND job_id = $2 AND owner = $3`, j.Workspace, j.ID, j.Owner)
	return err
}

// Move changes a job's status from what it was; false: it was another.
func (t BulkJobs) Move(j BulkJob, from string) (bool, error) {
	n, err := t.q.exec(`UPDATE bulk_jobs SET status = $4, message = $5, attempt = $6, goes_on_at = $7, updated_at = $8, cap = $9, made_by = $10
		WHERE workspace_id = $1 AND job_id = $2 AND status = $3`, j.Workspace, j.ID, from, j.Status, j.Message, j.Attempt, j.GoesOnAt, j.UpdatedAt, j.Cap, j.MadeBy)
	return n > 0, err
}

// Rows lists rows after a number.
func (t BulkJobs) Rows(ws, job string, f BulkFilter, after int64, limit int) (list []BulkRow, err error) {
	sql, args := `SELECT row_no, status, reference, person_id, lead_id, outcome, message, found, people FROM bulk_rows WHERE workspace_id = $1 AND job_id = $2 AND row_no > $3`, []any{ws, job, after}
	only := func(cond, value string) {
		if value != "" {
			args = append(args, value)
			sql += ` AND ` + cond + itoa(len(args))
		}
	}
	if f.Status == "waiting" {
		sql += ` AND status = 'waiting'` // as the index of waiting rows has it
	} else {
		only(`status = $`, f.Status)
	}
	only(`found = $`, f.Found)
	if f.Outcome != "" {
		args = append(args, `%:"`+likeEscape.Replace(f.Outcome)+`"%`)
		sql += ` AND outcome LIKE $` + itoa(len(args)) + ` ESCAPE '!'`
	}
	args = append(args, limit)
	err = t.q.query(sql+` ORDER BY row_no LIMIT $`+itoa(len(args)), func(scan scanner) error {
		r := BulkRow{Workspace: ws, Job: job}
		err := scan(&r.No, &r.Status, &r.Reference, &r.Person, &r.Lead, &r.Outcome, &r.Message, &r.Found, &r.People)
		list = append(list, r)
		return err
	}, args...)
	return list, err
}

// People are whom the rows of a job that wait were found to mean, each as JSON: a list of ids.
func (t BulkJobs) People(ws, job string) (list []string, err error) {
	err = t.q.query(`SELECT people FROM bulk_rows WHERE workspace_id = $1 AND job_id = $2 AND status = 'waiting' AND people NOT IN ('', 'null', '[]')`, func(scan scanner) error {
		var people string
		err := scan(&people)
		list = append(list, people)
		return err
	}, ws, job)
	return list, err
}

// Choose keeps whom a waiting row means among several; false: the row waits no more.
func (t BulkJobs) Choose(r BulkRow) (bool, error) {
	n, err := t.q.exec(`UPDATE bulk_rows SET person_id = $4 WHERE workspace_id = $1 AND job_id = $2 AND row_no = $3 AND status = 'waiting'`,
		r.Workspace, r.Job, r.No, r.Person)
	return n > 0, err
}

// Estimated writes what a job that waits to be confirmed would cost; false: it waits no more.
func (t BulkJobs) Estimated(j BulkJob) (bool, error) {
	n, err := t.q.exec(`UPDATE bulk_jobs SET estimate = $3, found = $4, updated_at = $5 WHERE workspace_id = $1 AND job_id = $2 AND status = 'waiting'`,
		j.Workspace, j.ID, j.Estimate, j.Found, j.UpdatedAt)
	return n > 0, err
}

// OfFile lists the jobs that were read from a file and wait to be confirmed.
func (t BulkJobs) OfFile(ws, file string) (list []BulkJob, err error) {
	err = t.q.query(`SELECT `+bulkColumns+` FROM bulk_jobs WHERE workspace_id = $1 AND file_id = $2 AND file_id <> '' AND status = 'waiting' ORDER BY job_id`, func(scan scanner) error {
		var j BulkJob
		err := scanBulk(scan, &j)
		list = append(list, j)
		return err
	}, ws, file)
	return list, err
}

// Discard gives up a job that waits to be confirmed: nobody sees it any more, and it is dropped
// as one that was never ready.
func (t BulkJobs) Discard(ws, id string) error {
	_, err := t.q.exec(`UPDATE bulk_jobs SET status = '`+BulkPreparing+`', lease_until = 0 WHERE workspace_id = $1 AND job_id = $2 AND status = 'waiting'`, ws, id)
	return err
}

// DiscardUnstarted is Discard of all that were made before an instant.
func (t BulkJobs) DiscardUnstarted(ws string, before int64) error {
	_, err := t.q.exec(`UPDATE bulk_jobs SET status = '`+BulkPreparing+`', lease_until = 0 WHERE workspace_id = $1 AND status = 'waiting' AND created_at <= $2`, ws, before)
	return err
}

// EndRow writes the outcome of a waiting row; false: it was written before.
func (t BulkJobs) EndRow(r BulkRow) (bool, error) {
	n, err := t.q.exec(`UPDATE bulk_rows SET status = $4, person_id = $5, lead_id = $6, outcome = $7, message = $8
		WHERE workspace_id = $1 AND job_id = $2 AND row_no = $3 AND status = 'waiting'`, r.Workspace, r.Job, r.No, r.Status, r.Person, r.Lead, r.Outcome, r.Message)
	return n > 0, err
}

// ForgetReferences drops whom the rows of jobs that ended before an instant
// were about.
func (t BulkJobs) ForgetReferences(before int64) error {
	_, err := t.q.exec(`UPDATE bulk_rows SET reference = '{}' WHERE reference <> '{}' AND EXISTS (SELECT 1 FROM bulk_jobs j
		WHERE j.workspace_id = bulk_rows.workspace_id AND j.job_id = bulk_rows.job_id AND j.status IN ('done', 'cancelled') AND j.updated_at < $1)`, before)
	return err
}
