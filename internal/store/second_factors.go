package store

// SecondFactor is somebody's authenticator app. Times are microseconds since 1970.
type SecondFactor struct {
	Workspace, Member string
	Secret            string // sealed
	ConfirmedAt       int64  // when its first code was typed
	LastStep          int64  // the time step of the last code that was taken
	Wrong, WrongSince int64  // wrong codes, and since when they are counted
}

const secondFactorColumns = `secret, confirmed_at, last_step, wrong, wrong_since`

// SecondFactor reads one; false: there is none.
func (t Credentials) SecondFactor(ws, member string) (f SecondFactor, found bool, err error) {
	return t.secondFactor(ws, member, "")
}

// SecondFactorForUpdate is the same, and nobody else changes it meanwhile.
func (t Credentials) SecondFactorForUpdate(ws, member string) (f SecondFactor, found bool, err error) {
	if t.sqlite { // which has one writer
		return t.secondFactor(ws, member, "")
	}
	return t.secondFactor(ws, member, " FOR UPDATE")
}

func (t Credentials) secondFactor(ws, member, lock string) (f SecondFactor, found bool, err error) {
	f = SecondFactor{Workspace: ws, Member: member}
	found, err = t.one(`SELECT `+secondFactorColumns+` FROM second_factors WHERE workspace_id = $1 AND member_id = $2`+lock,
		[]any{&f.Secret, &f.ConfirmedAt, &f.LastStep, &f.Wrong, &f.WrongSince}, ws, member)
	return f, found, err
}

// InsertSecondFactor adds one; a Conflict where there is one.
func (t Credentials) InsertSecondFactor(f SecondFactor) error {
	_, err := t.q.exec(`INSERT INTO second_factors (workspace_id, member_id, `+secondFactorColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7)`,
		f.Workspace, f.Member, f.Secret, f.ConfirmedAt, f.LastStep, f.Wrong, f.WrongSince)
	return err
}

// UpdateSecondFactor writes which code was taken last, and how many were wrong.
func (t Credentials) UpdateSecondFactor(f SecondFactor) error {
	_, err := t.q.exec(`UPDATE second_factors SET last_step = $3, wrong = $4, wrong_since = $5 WHERE workspace_id = $1 AND member_id = $2`, f.Workspace, f.Member, f.LastStep, f.Wrong, f.WrongSince)
	return err
}

// DropSecondFactor ends one with its recovery codes.
func (t Credentials) DropSecondFactor(ws, member string) error {
	if _, err := t.q.exec(`DELETE FROM second_factors WHERE workspace_id = $1 AND member_id = $2`, ws, member); err != nil {
		return err
	}
	return t.DropRecoveryCodes(ws, member)
}

// InsertRecoveryCode adds one by its hash.
func (t Credentials) InsertRecoveryCode(ws, member string, hash []byte) error {
	_, err := t.q.exec(`INSERT INTO recovery_codes (workspace_id, member_id, hash) VALUES ($1,$2,$3)`, ws, member, hash)
	return err
}

// TakeRecoveryCode uses one up; false: there is no such code.
func (t Credentials) TakeRecoveryCode(ws, member string, hash []byte) (bool, error) {
	n, err := t.q.exec(`DELETE FROM recovery_codes WHERE workspace_id = $1 AND member_id = $2 AND hash = $3`, ws, member, hash)
	return n > 0, err
}

// CountRecoveryCodes says how many are left.
func (t Credentials) CountRecoveryCodes(ws, member string) (n int, err error) {
	var count int64
	_, err = t.one(`SELECT count(*) FROM recovery_codes WHERE workspace_id = $1 AND member_id = $2`, []any{&count}, ws, member)
	return int(count), err
}

// DropRecoveryCodes takes all of them back.
func (t Credentials) DropRecoveryCodes(ws, member string) error {
	_, err := t.q.exec(`DELETE FROM recovery_codes WHERE workspace_id = $1 AND member_id = $2`, ws, member)
	return err
}

// Drop takes a member's second factor, passkeys and issuers away.
func (t Credentials) Drop(ws, member string) error {
	for _, table := range []string{"second_factors", "recovery_codes", "passkeys", "identities"} {
		if _, err := t.q.exec(`DELETE FROM `+table+` WHERE workspace_id = $1 AND member_id = $2`, ws, member); err != nil {
			return err
		}
	}
	return nil
}

// SignInPolicy is what a workspace asks of those who sign in.
type SignInPolicy struct {
	Workspace             string
	SecondFactor, SSOOnly bool
	// Accepted are the addresses of the issuers whose word it takes for both factors.
	Accepted []string
}

// Policy reads it; a workspace without one asks for nothing.
func (t Credentials) Policy(ws string) (p SignInPolicy, err error) {
	p.Workspace = ws
	var second, sso int64
	_, err = t.one(`SELECT second_factor, sso_only FROM sign_in_policies WHERE workspace_id = $1`, []any{&second, &sso}, ws)
	p.SecondFactor, p.SSOOnly = second != 0, sso != 0
	if err != nil {
		return p, err
	}
	err = t.q.query(`SELECT issuer FROM accepted_issuers WHERE workspace_id = $1 ORDER BY issuer`, func(scan scanner) error {
		var issuer string
		err := scan(&issuer)
		p.Accepted = append(p.Accepted, issuer)
		return err
	}, ws)
	return p, err
}

// PutPolicy writes it.
func (t Credentials) PutPolicy(p SignInPolicy) error {
	_, err := t.q.exec(`INSERT INTO sign_in_policies (workspace_id, second_factor, sso_only) VALUES ($1,$2,$3)
		ON CONFLICT (workspace_id) DO UPDATE SET second_factor = excluded.second_factor, sso_only = excluded.sso_only`, p.Workspace, number(p.SecondFactor), number(p.SSOOnly))
	if err != nil {
		return err
	}
	if _, err := t.q.exec(`DELETE FROM accepted_issuers WHERE workspace_id = $1`, p.Workspace); err != nil {
		return err
	}
	for _, issuer := range p.Accepted {
		if _, err := t.q.exec(`INSERT INTO accepted_issuers (workspace_id, issuer) VALUES ($1,$2)`, p.Workspace, issuer); err != nil {
			return err
		}
	}
	return nil
}
