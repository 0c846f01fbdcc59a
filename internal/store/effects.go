package store

// Statuses of an effect.
const (
	EffectWaiting = "waiting"
	EffectHeld    = "held" // its target is paused
	EffectSent    = "sent"
	EffectDead    = "dead" // given up
)

// Effect is something that leaves the server after the commit of what caused it.
// Package outbox says what the parts mean.
type Effect struct {
	Workspace, ID   string
	Kind, Target    string
	Message, Label  string
	Payload         []byte
	Status          string
	Attempts, Code  int64
	Error, Owner    string
	Due             int64 // from when it may be taken; 0: at once
	Created, Update int64
}

const effectColumns = `workspace_id, effect_id, kind, target, message_id, label, payload, status, attempts, code, error, owner, due_at, created_at, updated_at`

func scanEffect(scan scanner, e *Effect) error {
	return scan(&e.Workspace, &e.ID, &e.Kind, &e.Target, &e.Message, &e.Label, &e.Payload, &e.Status, &e.Attempts, &e.Code, &e.Error, &e.Owner, &e.Due, &e.Created, &e.Update)
}

// Put adds an effect: it is sent after this transaction's commit, and not
// without it.
func (t Effects) Put(e Effect) error {
	t.effects = true
	_, err := t.q.exec(`INSERT INTO effects (`+effectColumns+`) VALUES ($1,$2,$3,$4,$5,$6,$7,$8,0,0,'','',$9,$10,$10)`,
		e.Workspace, e.ID, e.Kind, e.Target, e.Message, e.Label, e.Payload, e.Status, e.Due, e.Created)
	return err
}

// Due lists effects that nobody has and whose time has come, the longest
// due first; those of the targets named are left out.
func (t Effects) Due(now int64, without []string, limit int) ([]Effect, error) {
	sql, args := `SELECT `+effectColumns+` FROM effects WHERE status = 'waiting' AND due_at <= $1`, []any{now}
	for _, target := range without {
		args = append(args, target)
		sql += ` AND target <> $` + itoa(len(args))
	}
	args = append(args, limit)
	return t.of(sql+` ORDER BY due_at LIMIT $`+itoa(len(args)), args...)
}

func (t Effects) of(sql string, args ...any) (list []Effect, err error) {
	err = t.q.query(sql, func(scan scanner) error {
		var e Effect
		err := scanEffect(scan, &e)
		list = append(list, e)
		return err
	}, args...)
	return list, err
}

// Take gives a waiting effect to a server until an instant, and counts the
// attempt; false: another one was first.
func (t Effects) Take(e Effect, owner string, until int64) (bool, error) {
	n, err := t.q.exec(`UPDATE effects SET owner = $3, due_at = $4, attempts = attempts + 1 WHERE workspace_id = $1 AND effect_id = $2 AND status = 'waiting' AND due_at = $5 AND attempts = $6`,
		e.Workspace, e.ID, owner, until, e.Due, e.Attempts)
	return n > 0, err
}

// End writes the outcome of an attempt: its status, and when it waits
// again, from when on. False: the lease was lost, and nothing was written.
func (t Effects) End(e Effect) (bool, error) {
	n, err := t.q.exec(`UPDATE effects SET status = CASE WHEN status = 'held' AND $5 = 'waiting' THEN 'held' ELSE $5 END, code = $6, error = $7, payload = $8, due_at = $9, updated_at = $10, owner = ''
		WHERE workspace_id = $1 AND effect_id = $2 AND owner = $3 AND attempts = $4 AND status IN ('waiting', 'held')`,
		e.Workspace, e.ID, e.Owner, e.Attempts, e.Status, e.Code, e.Error, e.Payload, e.Due, e.Update)
	return n > 0, err
}

// Leave gives an effect back whose attempt did not end; the attempt is not
// counted.
func (t Effects) Leave(e Effect) error {
	_, err := t.q.exec(`UPDATE effects SET due_at = 0, owner = '', attempts = attempts - 1 WHERE workspace_id = $1 AND effect_id = $2 AND owner = $3 AND attempts = $4 AND status = 'waiting'`,
		e.Workspace, e.ID, e.Owner, e.Attempts)
	return err
}

// Free takes every effect from the servers that had them: for a database
// that one process owns, at its start.
func (t Effects) Free() error {
	_, err := t.q.exec(`UPDATE effects SET due_at = 0, owner = '' WHERE status = 'waiting' AND owner <> ''`)
	return err
}

// ByID reads one; false: there is none.
func (t Effects) ByID(ws, id string) (e Effect, found bool, err error) {
	list, err := t.of(`SELECT `+effectColumns+` FROM effects WHERE workspace_id = $1 AND effect_id = $2`, ws, id)
	if len(list) > 0 {
		return list[0], true, err
	}
	return e, false, err
}

// OfTarget lists a target's effects before an id, newest first.
func (t Effects) OfTarget(ws, target, before string, limit int) ([]Effect, error) {
	return t.of(`SELECT `+effectColumns+` FROM effects WHERE workspace_id = $1 AND target = $2 AND ($3 = '' OR effect_id < $3) ORDER BY effect_id DESC LIMIT $4`, ws, target, before, limit)
}

// Again sends an ended effect once more; false: it is not ended, or gone.
func (t Effects) Again(ws, id, status string, now int64) (bool, error) {
	t.effects = true
	n, err := t.q.exec(`UPDATE effects SET status = $3, attempts = 0, due_at = 0, error = '', code = 0, owner = '', updated_at = $4 WHERE workspace_id = $1 AND effect_id = $2 AND status IN ('sent', 'dead')`, ws, id, status, now)
	return n > 0, err
}

// MoveTarget changes the status of a target's effects: waiting ones are
// held while it is paused, held ones wait again after it.
func (t Effects) MoveTarget(ws, target, from, to string, now int64) error {
	t.effects = true
	_, err := t.q.exec(`UPDATE effects SET status = $4, due_at = 0, updated_at = $5, attempts = CASE WHEN $4 = 'waiting' THEN 0 ELSE attempts END WHERE workspace_id = $1 AND target = $2 AND status = $3`, ws, target, from, to, now)
	return err
}

// DropTarget forgets a target's effects.
func (t Effects) DropTarget(ws, target string) error {
	_, err := t.q.exec(`DELETE FROM effects WHERE workspace_id = $1 AND target = $2`, ws, target)
	return err
}

// Held counts a target's held effects, up to a limit.
func (t Effects) Held(ws, target string, limit int) (n int64, err error) {
	_, err = t.one(`SELECT COUNT(*) FROM (SELECT 1 FROM effects WHERE workspace_id = $1 AND target = $2 AND status = 'held' LIMIT $3) AS h`, []any{&n}, ws, target, limit)
	return n, err
}

// DropOld forgets what ended, or was held, before an instant; of a kind,
// or of every one where it is empty.
func (t Effects) DropOld(kind string, before int64) error {
	_, err := t.q.exec(`DELETE FROM effects WHERE status <> 'waiting' AND updated_at < $1 AND ($2 = '' OR kind = $2)`, before, kind)
	return err
}

// Counts are how many effects there are of each status, and when the oldest
// waiting one was made.
func (t Effects) Counts() (counts map[string]int64, oldest int64, err error) {
	counts = map[string]int64{}
	err = t.q.query(`SELECT status, COUNT(*), MIN(created_at) FROM effects GROUP BY status`, func(scan scanner) error {
		var status string
		var n, first int64
		err := scan(&status, &n, &first)
		counts[status] = n
		if status == EffectWaiting {
			oldest = first
		}
		return err
	})
	return counts, oldest, err
}
