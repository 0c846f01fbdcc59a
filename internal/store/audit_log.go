package store

import "strings"

// Audit is one change that somebody made in a workspace.
type Audit struct {
	Workspace string
	ID        string // sorts by the order of their making
	At        int64
	Actor     string // a member's or a key's id, "operator", or "server"
	Via       string // page, api, or the id of a key or a connection
	Action    string // such as member.added
	Subject   string // the id of what was changed, or a name
	Detail    string // what it was changed to, in words
}

const sqlAudit = `INSERT INTO audit_log (workspace_id, audit_id, at, actor, via, action, subject, detail) VALUES ($1,$2,$3,$4,$5,$6,$7,$8)`

// Add adds to a workspace's audit log, in the transaction of the change.
func (t AuditLog) Add(a Audit) error { return writeAudit(t.q, a) }

func writeAudit(q querier, a Audit) error {
	_, err := q.exec(sqlAudit, a.Workspace, a.ID, a.At, a.Actor, a.Via, a.Action, a.Subject, a.Detail)
	return err
}

// AuditFilter chooses rows of one workspace's audit log.
type AuditFilter struct {
	Workspace string
	Actor     string // empty: anybody
	Kind      string // what an action begins with, such as member; empty: any
	Before    string // an id; empty: from the newest
	Limit     int
}

// List lists rows, newest first.
func (t AuditLog) List(f AuditFilter) (list []Audit, err error) {
	cond, args := []string{"workspace_id = $1"}, []any{f.Workspace}
	add := func(text string, v any) {
		args = append(args, v)
		cond = append(cond, strings.Replace(text, "?", "$"+itoa(len(args)), 1))
	}
	if f.Actor != "" {
		add("actor = ?", f.Actor)
	}
	if f.Kind != "" {
		add("action LIKE ?", f.Kind+".%")
	}
	if f.Before != "" {
		add("audit_id < ?", f.Before)
	}
	args = append(args, f.Limit)
	err = t.q.query(`SELECT audit_id, at, actor, via, action, subject, detail FROM audit_log WHERE `+strings.Join(cond, " AND ")+
		` ORDER BY audit_id DESC LIMIT $`+itoa(len(args)), func(scan scanner) error {
		a := Audit{Workspace: f.Workspace}
		if err := scan(&a.ID, &a.At, &a.Actor, &a.Via, &a.Action, &a.Subject, &a.Detail); err != nil {
			return err
		}
		list = append(list, a)
		return nil
	}, args...)
	return list, err
}

// Actors are those who are in a workspace's audit log.
func (t AuditLog) Actors(ws string) (list []string, err error) {
	err = t.q.query(`SELECT DISTINCT actor FROM audit_log WHERE workspace_id = $1 ORDER BY actor LIMIT 1000`, func(scan scanner) error {
		var a string
		err := scan(&a)
		list = append(list, a)
		return err
	}, ws)
	return list, err
}
