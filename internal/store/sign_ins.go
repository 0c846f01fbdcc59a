package store

// SignIn is a sign-in that lasts. Times are microseconds since 1970.
type SignIn struct {
	Workspace, ID, Member string
	// How somebody got in, Browser and Address are words for people.
	How, Browser, Address        string
	CreatedAt, SeenAt, ExpiresAt int64
	// ResetUntil is until when a password may be set without the old one.
	ResetUntil int64
}

const signInColumns = `workspace_id, sign_in_id, member_id, how, browser, address, created_at, seen_at, expires_at, reset_until`

func scanSignIn(scan scanner, s *SignIn) error {
	return scan(&s.Workspace, &s.ID, &s.Member, &s.How, &s.Browser, &s.Address, &s.CreatedAt, &s.SeenAt, &s.ExpiresAt, &s.ResetUntil)
}

// Insert adds one.
func (t SignIns) Insert(s SignIn) error {
	_, err := t.q.exec(`INSERT INTO sign_ins (`+signInColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10)`,
		s.Workspace, s.ID, s.Member, s.How, s.Browser, s.Address, s.CreatedAt, s.SeenAt, s.ExpiresAt, s.ResetUntil)
	return err
}

// ByID reads one that lasts; false: it was ended or its time is over.
func (t SignIns) ByID(ws, id string, now int64) (s SignIn, found bool, err error) {
	err = t.q.query(`SELECT `+signInColumns+` FROM sign_ins WHERE workspace_id = $1 AND sign_in_id = $2 AND expires_at > $3`, func(scan scanner) error {
		found = true
		return scanSignIn(scan, &s)
	}, ws, id, now)
	return s, found, err
}

// Of lists a member's that last, the one seen last first.
func (t SignIns) Of(ws, member string, now int64) ([]SignIn, error) {
	var list []SignIn
	err := t.q.query(`SELECT `+signInColumns+` FROM sign_ins WHERE workspace_id = $1 AND member_id = $2 AND expires_at > $3 ORDER BY seen_at DESC, sign_in_id DESC`, func(scan scanner) error {
		var s SignIn
		err := scanSignIn(scan, &s)
		list = append(list, s)
		return err
	}, ws, member, now)
	return list, err
}

// See notes that one was used.
func (t SignIns) See(ws, id string, now int64) error {
	_, err := t.q.exec(`UPDATE sign_ins SET seen_at = $3 WHERE workspace_id = $1 AND sign_in_id = $2`, ws, id, now)
	return err
}

// CloseReset takes back that a password may be set without the old one.
func (t SignIns) CloseReset(ws, id string) error {
	_, err := t.q.exec(`UPDATE sign_ins SET reset_until = 0 WHERE workspace_id = $1 AND sign_in_id = $2`, ws, id)
	return err
}

// End ends one of a member's; false: there was none.
func (t SignIns) End(ws, member, id string) (bool, error) {
	n, err := t.q.exec(`DELETE FROM sign_ins WHERE workspace_id = $1 AND member_id = $2 AND sign_in_id = $3`, ws, member, id)
	return n > 0, err
}

// EndAll ends all of a member's but one, which may be empty, and says how many. What was
// made before to sign them in, a link, a code or a half-made sign-in, no longer does.
func (t SignIns) EndAll(ws, member, but string, at int64) (int64, error) {
	if _, err := t.q.exec(`INSERT INTO proofs_ended (workspace_id, member_id, ended_at) VALUES ($1,$2,$3)
		ON CONFLICT (workspace_id, member_id) DO UPDATE SET ended_at = excluded.ended_at`, ws, member, at); err != nil {
		return 0, err
	}
	n, err := t.q.exec(`DELETE FROM sign_ins WHERE workspace_id = $1 AND member_id = $2 AND sign_in_id <> $3`, ws, member, but)
	return int64(n), err
}

// ProofsEnded is when a member's sign-ins were ended last; 0: never.
func (t SignIns) ProofsEnded(ws, member string) (at int64, err error) {
	_, err = t.one(`SELECT ended_at FROM proofs_ended WHERE workspace_id = $1 AND member_id = $2`, []any{&at}, ws, member)
	return at, err
}

// Invitation is a member who was invited and did not come yet.
type Invitation struct {
	Workspace, Member string
	MadeBy            string // a member, a key or the operator
	Hash              []byte
	SentAt, ExpiresAt int64
}

// PutInvitation makes one, in the place of one before it.
func (t Members) PutInvitation(i Invitation) error {
	_, err := t.q.exec(`INSERT INTO invitations (workspace_id, member_id, hash, sent_at, expires_at, made_by) VALUES ($1,$2,$3,$4,$5,$6)
		ON CONFLICT (workspace_id, member_id) DO UPDATE SET hash = excluded.hash, sent_at = excluded.sent_at, expires_at = excluded.expires_at, made_by = excluded.made_by`,
		i.Workspace, i.Member, i.Hash, i.SentAt, i.ExpiresAt, i.MadeBy)
	return err
}

// Invitations lists a workspace's.
func (t Members) Invitations(ws string) ([]Invitation, error) {
	var list []Invitation
	err := t.q.query(`SELECT member_id, hash, sent_at, expires_at FROM invitations WHERE workspace_id = $1 ORDER BY member_id`, func(scan scanner) error {
		i := Invitation{Workspace: ws}
		err := scan(&i.Member, &i.Hash, &i.SentAt, &i.ExpiresAt)
		list = append(list, i)
		return err
	}, ws)
	return list, err
}

// InvitationByHash finds the one with this secret; false: there is none that is still good.
func (t Members) InvitationByHash(ws string, hash []byte, now int64) (i Invitation, found bool, err error) {
	i = Invitation{Workspace: ws, Hash: hash}
	found, err = t.one(`SELECT member_id, sent_at, expires_at, made_by FROM invitations WHERE workspace_id = $1 AND hash = $2 AND expires_at > $3`, []any{&i.Member, &i.SentAt, &i.ExpiresAt, &i.MadeBy}, ws, hash, now)
	return i, found, err
}

// DropInvitation takes a member's back; false: there was none.
func (t Members) DropInvitation(ws, member string) (bool, error) {
	n, err := t.q.exec(`DELETE FROM invitations WHERE workspace_id = $1 AND member_id = $2`, ws, member)
	return n > 0, err
}

// MailLink is a sign-in link that was mailed to an address.
type MailLink struct {
	Hash, Browser, Code []byte
	Email               string
	Asker               []byte // hash of who asked for it
	ExpiresAt           int64
}

// PutMailLink writes one in a place that is free or whose link is too old; false: it
// is taken.
func (t Credentials) PutMailLink(l MailLink, place int, now int64) (bool, error) {
	n, err := t.q.exec(`INSERT INTO mail_links (hash, browser, code, email, asker, place, expires_at) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (email, asker, place) DO UPDATE SET hash = excluded.hash, browser = excluded.browser, code = excluded.code, expires_at = excluded.expires_at
		WHERE mail_links.expires_at <= $8`, l.Hash, l.Browser, l.Code, l.Email, l.Asker, place, l.ExpiresAt, now)
	return n > 0, err
}

// CountMailLinks says how many of an address are still good, and how many of them one
// asked for.
func (t Credentials) CountMailLinks(email string, asker []byte, now int64) (all, own int64, err error) {
	_, err = t.one(`SELECT count(*), COALESCE(sum(CASE WHEN asker = $3 THEN 1 ELSE 0 END), 0) FROM mail_links WHERE email = $1 AND expires_at > $2`, []any{&all, &own}, email, now, asker)
	return all, own, err
}

// MailLink reads one; false: there is none that is still good.
func (t Credentials) MailLink(hash []byte, now int64) (l MailLink, found bool, err error) {
	l.Hash = hash
	found, err = t.one(`SELECT browser, code, email, expires_at FROM mail_links WHERE hash = $1 AND expires_at > $2`, []any{&l.Browser, &l.Code, &l.Email, &l.ExpiresAt}, hash, now)
	return l, found, err
}

// MailLinkByCode finds the one that a browser asked for, by its code.
func (t Credentials) MailLinkByCode(browser, code []byte, now int64) (l MailLink, found bool, err error) {
	l = MailLink{Browser: browser, Code: code}
	found, err = t.one(`SELECT hash, email, expires_at FROM mail_links WHERE browser = $1 AND code = $2 AND expires_at > $3`, []any{&l.Hash, &l.Email, &l.ExpiresAt}, browser, code, now)
	return l, found, err
}

// TakeMailLink uses one up; false: somebody else did.
func (t Credentials) TakeMailLink(hash []byte) (bool, error) {
	n, err := t.q.exec(`DELETE FROM mail_links WHERE hash = $1`, hash)
	return n > 0, err
}

// WasRemoved reports whether somebody with an address was taken out of a workspace.
func (t Members) WasRemoved(ws, email string) (bool, error) {
	var n int
	return t.one(`SELECT 1 FROM members WHERE workspace_id = $1 AND email = $2 AND removed_at > 0 LIMIT 1`, []any{&n}, ws, email)
}

// From reports whether a member is signed in from a network; see SignIn.Address.
func (t SignIns) From(ws, member, address string, now int64) (bool, error) {
	var n int
	return t.one(`SELECT 1 FROM sign_ins WHERE workspace_id = $1 AND member_id = $2 AND address = $3 AND expires_at > $4 LIMIT 1`, []any{&n}, ws, member, address, now)
}
