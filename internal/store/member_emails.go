package store

import (
	"context"
	"errors"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// MemberEmail says that a workspace has a member with an address.
type MemberEmail struct{ Email, Workspace, Member string }

// ByEmail are the workspaces in which an address is a member's. On a Citus no workspace's node is
// asked, so who relies on it reads the member too.
func (t Members) ByEmail(email string) ([]MemberEmail, error) {
	return t.emails(`SELECT email, workspace_id, member_id FROM member_emails WHERE email = $1 ORDER BY workspace_id`, email)
}

func (t Members) emails(sql string, args ...any) (list []MemberEmail, err error) {
	err = t.q.query(sql, func(scan scanner) error {
		var e MemberEmail
		err := scan(&e.Email, &e.Workspace, &e.Member)
		list = append(list, e)
		return err
	}, args...)
	return list, err
}

// keepEmail makes member_emails say of a member what their row says. It writes nothing where it does
// already: a write goes to every node of a Citus.
func (t Members) keepEmail(m Member) error {
	kept, err := t.emails(`SELECT email, workspace_id, member_id FROM member_emails WHERE workspace_id = $1 AND member_id = $2`, m.Workspace, m.ID)
	if err != nil {
		return err
	}
	there := false
	for _, e := range kept {
		if m.RemovedAt == 0 && e.Email == m.Email {
			there = true
			continue
		}
		if _, err := t.q.exec(`DELETE FROM member_emails WHERE workspace_id = $1 AND member_id = $2 AND email = $3`, e.Workspace, e.Member, e.Email); err != nil {
			return err
		}
	}
	if there || m.RemovedAt != 0 {
		return nil
	}
	_, err = t.q.exec(`INSERT INTO member_emails (email, workspace_id, member_id) VALUES ($1,$2,$3)`, m.Email, m.Workspace, m.ID)
	return err
}

const mendAtOnce = 500

// sqlWrongEmails are members of whom member_emails says something else than their rows: those whom it
// lacks, and those whom it should not have.
const sqlWrongEmails = `SELECT m.email, m.workspace_id, m.member_id FROM members m WHERE m.removed_at = 0 AND NOT EXISTS
		(SELECT 1 FROM member_emails e WHERE e.workspace_id = m.workspace_id AND e.member_id = m.member_id AND e.email = m.email)
	UNION ALL SELECT m.email, m.workspace_id, m.member_id FROM members m JOIN member_emails e ON e.workspace_id = m.workspace_id AND e.member_id = m.member_id
		WHERE m.removed_at <> 0 OR m.email <> e.email LIMIT $1`

// MendMemberEmails corrects what a server of an earlier version left out while it ran beside this one,
// and says how many members were wrong.
func (s *Store) MendMemberEmails(ctx context.Context) (n int, err error) {
	for {
		var wrong []MemberEmail
		unread := s.ViewEach(ctx, func(tx *Tx) error {
			list, err := tx.Members().emails(sqlWrongEmails, mendAtOnce)
			wrong = append(wrong, list...)
			return err
		})
		if len(wrong) == 0 {
			return n, unread
		}
		for _, e := range wrong {
			err := s.Update(ctx, func(tx *Tx) error {
				m, found, err := tx.Members().ByID(e.Workspace, e.Member)
				if err != nil || !found {
					return err
				}
				return tx.Members().keepEmail(m)
			})
			if err != nil && !fault.Is(err, fault.Conflict) { // another server was first
				return n, errors.Join(err, unread)
			}
			n++
		}
	}
}
