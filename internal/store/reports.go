package store

// Report is data that was reported bad, by the entry that charged for it.
type Report struct {
	Workspace     string
	Seq           int64 // of the charge
	Member        string
	Person, Field string
	Reason        string
	Status        string
	PeriodStart   int64 // that ran when it was reported
	At            int64
}

// BadValue is a value that is not sold to a workspace again.
type BadValue struct {
	Workspace, Person, Field string
	Hash                     []byte
}

const (
	sqlReport      = `SELECT member_id, person_id, field, reason, status, period_start, at FROM reports WHERE workspace_id = $1 AND seq = $2`
	sqlReports     = `SELECT count(*) FROM reports WHERE workspace_id = $1 AND member_id = $2 AND period_start = $3`
	sqlReportTotal = `SELECT r.n, CASE WHEN r.n >= $4 THEN (SELECT count(*) FROM entries WHERE workspace_id = $1 AND seq > $3 AND seq <= $5 AND period_start = $2 AND kind = 'charge' AND field <> '') ELSE 0 END
		FROM (SELECT count(*) AS n FROM reports WHERE workspace_id = $1 AND period_start = $2) r`
	// One statement, because an entry may be archived between two.
	sqlReportEntry = `SELECT at, period_start, kind, credit, amount, member_id, person_id, field, outcome, 0, 0, 0, 0, NULL, NULL FROM entries WHERE workspace_id = $1 AND seq = $2
		UNION ALL SELECT 0, 0, '', '', 0, '', '', '', '', b.first_seq, b.last_seq, b.first_at, b.last_at, b.people, b.body
		FROM (SELECT first_seq, last_seq, first_at, last_at, people, body FROM entry_archive WHERE workspace_id = $1 AND first_seq <= $3 ORDER BY first_seq DESC LIMIT 1) b WHERE b.last_seq >= $3`
)

// loadReports reads what reports ask for, in the same words on both engines.
func loadReports(query func(sql string, each func(scan scanner) error, args ...any) error, of func(ws string) (place, error), w *Want, rows *Rows) error {
	for _, k := range w.Entries {
		p, err := of(k.Workspace)
		if err != nil {
			return err
		}
		if err := query(sqlReportEntry, func(scan scanner) error {
			e, b := Entry{Workspace: k.Workspace, Seq: k.Seq}, block{}
			err := scan(&e.At, &e.PeriodStart, &e.Kind, &e.Credit, &e.Amount, &e.Member, &e.Person, &e.Field, &e.Outcome,
				&b.first, &b.last, &b.firstAt, &b.lastAt, &b.people, &b.body)
			if err == nil && b.first != 0 {
				e, err = b.entryIn(k.Workspace, k.Seq)
			}
			rows.Entries = append(rows.Entries, e)
			return err
		}, k.Workspace, p.seq(k.Seq), k.Seq); err != nil {
			return err
		}
		if err := query(sqlReport, func(scan scanner) error {
			r := Report{Workspace: k.Workspace, Seq: k.Seq}
			err := scan(&r.Member, &r.Person, &r.Field, &r.Reason, &r.Status, &r.PeriodStart, &r.At)
			rows.Reports = append(rows.Reports, r)
			return err
		}, k.Workspace, k.Seq); err != nil {
			return err
		}
	}
	for _, k := range w.ReportCounts {
		if err := query(sqlReports, func(scan scanner) error {
			c := ReportCount{Key: k}
			err := scan(&c.Count)
			rows.ReportCounts = append(rows.ReportCounts, c)
			return err
		}, k.Workspace, k.Member, k.PeriodStart); err != nil {
			return err
		}
	}
	for _, k := range w.ReportTotals {
		p, err := of(k.Workspace)
		if err != nil {
			return err
		}
		if err := query(sqlReportTotal, func(scan scanner) error {
			t := ReportTotal{Key: k}
			err := scan(&t.Reports, &t.Charges)
			rows.ReportTotals = append(rows.ReportTotals, t)
			return err
		}, k.Workspace, k.PeriodStart, p.seq(k.After), k.AtLeast, p.newest()); err != nil {
			return err
		}
	}
	return nil
}

// writeReports writes reports and the values that they mark.
func writeReports(q querier, w *Writes) error {
	for _, r := range w.Reports {
		if _, err := q.exec(`INSERT INTO reports (workspace_id, seq, member_id, person_id, field, reason, status, period_start, at) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9)
			ON CONFLICT (workspace_id, seq) DO UPDATE SET status = excluded.status`,
			r.Workspace, r.Seq, r.Member, r.Person, r.Field, r.Reason, r.Status, r.PeriodStart, r.At); err != nil {
			return err
		}
	}
	for _, r := range w.Reveals {
		if len(w.Reports) > 0 && r.Outcome == "reported" { // also of others who had a part of it
			if _, err := q.exec(sqlRecountHas, r.Workspace, r.Person); err != nil {
				return err
			}
		}
	}
	for _, b := range w.BadValues {
		if _, err := q.exec(`INSERT INTO bad_values (workspace_id, person_id, field, hash) VALUES ($1,$2,$3,$4)
			ON CONFLICT (workspace_id, person_id, field, hash) DO NOTHING`, b.Workspace, b.Person, b.Field, b.Hash); err != nil {
			return err
		}
	}
	return nil
}

// BadValues are what a workspace has reported of people.
func (t Reports) BadValues(ws string, people ...string) (list []BadValue, err error) {
	err = t.q.query(`SELECT person_id, field, hash FROM bad_values WHERE workspace_id = $1 AND person_id `+t.anyOf(2), func(scan scanner) error {
		b := BadValue{Workspace: ws}
		err := scan(&b.Person, &b.Field, &b.Hash)
		list = append(list, b)
		return err
	}, ws, t.texts(people))
	return list, err
}

// Of lists the reports of whom the sight sees before an entry's number, newest
// first; of a status, or of any where it is empty.
func (t Reports) Of(ws, status string, sight Sight, before int64, limit int) (list []Report, err error) {
	seen, members := t.seen(sight, "member_id", 5)
	err = t.q.query(`SELECT seq, member_id, person_id, field, reason, status, period_start, at FROM reports
		WHERE workspace_id = $1 AND ($2 = '' OR status = $2) AND seq < $3`+seen+` ORDER BY seq DESC LIMIT $4`, func(scan scanner) error {
		r := Report{Workspace: ws}
		err := scan(&r.Seq, &r.Member, &r.Person, &r.Field, &r.Reason, &r.Status, &r.PeriodStart, &r.At)
		list = append(list, r)
		return err
	}, ws, status, before, limit, members)
	return list, err
}

// Between lists the reports of entries with numbers from low to high.
func (t Reports) Between(ws string, low, high int64) (list []Report, err error) {
	err = t.q.query(`SELECT seq, reason, status FROM reports WHERE workspace_id = $1 AND seq >= $2 AND seq <= $3`, func(scan scanner) error {
		r := Report{Workspace: ws}
		err := scan(&r.Seq, &r.Reason, &r.Status)
		list = append(list, r)
		return err
	}, ws, low, high)
	return list, err
}

// ToReview lists the reports of every workspace that wait for the operator,
// oldest first. The operator's own question: no charge asks it.
func (t Reports) ToReview(limit int) (list []Report, err error) {
	err = t.q.query(`SELECT workspace_id, seq, member_id, person_id, field, reason, status, period_start, at FROM reports
		WHERE status = 'review' ORDER BY at, workspace_id, seq LIMIT $1`, func(scan scanner) error {
		var r Report
		err := scan(&r.Workspace, &r.Seq, &r.Member, &r.Person, &r.Field, &r.Reason, &r.Status, &r.PeriodStart, &r.At)
		list = append(list, r)
		return err
	}, limit)
	return list, err
}
