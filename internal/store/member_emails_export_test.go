package store

// ForgetEmail makes member_emails wrong, as a server does that does not know it.
func (t Members) ForgetEmail(m Member) error {
	_, err := t.q.exec(`DELETE FROM member_emails WHERE workspace_id = $1 AND member_id = $2`, m.Workspace, m.ID)
	return err
}

// KeepEmail makes it wrong in the other way.
func (t Members) KeepEmail(e MemberEmail) error {
	_, err := t.q.exec(`INSERT INTO member_emails (email, workspace_id, member_id) VALUES ($1,$2,$3) ON CONFLICT (email, workspace_id, member_id) DO NOTHING`, e.Email, e.Workspace, e.Member)
	return err
}
