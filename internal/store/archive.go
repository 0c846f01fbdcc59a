package store

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// Moved is how much one step moved into the archive, or out of it.
type Moved struct {
	Entries int64
	// Values are the bytes of the entries' values, 8 for each number, and Packed what the archive
	// takes for them.
	Values, Packed int64
}

// Add adds what another step moved.
func (m *Moved) Add(more Moved) {
	m.Entries, m.Values, m.Packed = m.Entries+more.Entries, m.Values+more.Values, m.Packed+more.Packed
}

// errArchived says that a step met another one.
var errArchived = fault.New(fault.Conflict, "Another process archives this workspace, or restores it; nothing was changed.")

// ArchiveNext moves the oldest entries of a workspace that are not archived, those before an instant
// and at most a block of so many (BlockEntries at most), in one transaction: each is in one place at
// any time. It moves none that webhooks were not told of, and sums up usage first, so that no page
// sums archived days. Entries never change, so they are read and packed before the transaction that
// moves them.
func (s *Store) ArchiveNext(ctx context.Context, ws string, at int64, most int) (m Moved, err error) {
	most = min(most, BlockEntries)
	var before block
	var list, moving []Entry
	err = s.View(ctx, func(tx *Tx) error {
		if before, list, err = tx.Entries().lastBlock(ws, most); err == nil {
			moving, err = tx.Entries().archivable(ws, before.last, at, most-len(list))
		}
		return err
	})
	if err != nil || len(moving) == 0 {
		return m, err
	}
	if moving[0].Seq != before.last+1 {
		return m, fmt.Errorf("entry %d follows entry %d; run leadmeter verify", moving[0].Seq, before.last)
	}
	after, err := packed(ws, append(list, moving...))
	if err != nil {
		return m, err
	}
	m = Moved{Entries: int64(len(moving)), Packed: after.size()}
	if after.first == before.first {
		m.Packed -= before.size()
	}
	for n := range moving {
		m.Values += moving[n].size()
	}
	if err := s.sumUsageTo(ctx, ws, after.last); err != nil {
		return m, err
	}
	return m, s.Update(ctx, func(tx *Tx) error { return tx.Entries().archive(ws, before.last, after) })
}

// packed packs entries, and reads them again before anybody drops them.
func packed(ws string, list []Entry) (block, error) {
	b, err := pack(ws, list)
	if err != nil {
		return b, err
	}
	back, err := b.unpack(ws)
	if err == nil && !reflect.DeepEqual(list, back) {
		err = errors.New("an archived block does not read as the entries that it was made of; nothing was moved")
	}
	return b, err
}

func (b *block) size() int64 { return int64(len(b.people) + len(b.body)) }

// size is how many bytes an entry's values have.
func (e *Entry) size() int64 {
	n := 8 * (len(numberColumns) + 2)
	for _, column := range textColumns {
		n += len(*column(e))
	}
	return int64(n)
}

// lastBlock is the newest block of a workspace, with its entries where there is room for more.
func (t Entries) lastBlock(ws string, most int) (b block, list []Entry, err error) {
	b, found, err := t.newestBlock(ws)
	if err != nil || !found || b.entries() >= int64(most) {
		return b, nil, err
	}
	if _, err = t.one(sqlBlockBody, []any{&b.body}, ws, b.first); err == nil {
		list, err = b.unpack(ws)
	}
	return b, list, err
}

func (t Entries) newestBlock(ws string) (b block, found bool, err error) {
	err = t.q.query(sqlBlockBefore, func(scan scanner) error {
		b, err = scanHead(scan)
		found = true
		return err
	}, ws, int64(1)<<ownBits)
	if !found {
		b.first = 1 // where the first one begins: it has no entries yet
	}
	return b, found, err
}

// archivable are the oldest entries after one that may be archived, at most so many.
func (t Entries) archivable(ws string, after, at int64, limit int) ([]Entry, error) {
	told := int64(1)<<ownBits - 1
	if _, err := t.one(`SELECT seq FROM webhook_cursors WHERE workspace_id = $1`, []any{&told}, ws); err != nil {
		return nil, err
	}
	old := func(limit int) ([]Entry, error) {
		list, err := t.unarchived(ws, after, told, limit)
		for n := range list {
			if list[n].At >= at {
				return list[:n], err
			}
		}
		return list, err
	}
	if first, err := old(1); err != nil || len(first) == 0 { // most workspaces have nothing to archive
		return nil, err
	}
	return old(limit)
}

// archive writes a block, in the place of one that it continues, and drops its entries after one.
func (t Entries) archive(ws string, after int64, b block) error {
	p, err := t.q.place(ws)
	if err != nil {
		return err
	}
	if mark, _, err := t.tx().Usage().mark(ws); err != nil || mark < b.last {
		return errorOf(err, errArchived)
	}
	if b.first == after+1 {
		if err := t.continues(ws, after); err != nil {
			return err
		}
	}
	n, err := t.q.exec(`INSERT INTO entry_archive (workspace_id, first_seq, last_seq, first_at, last_at, people, body) VALUES ($1,$2,$3,$4,$5,$6,$7)
		ON CONFLICT (workspace_id, first_seq) DO UPDATE SET last_seq = excluded.last_seq, last_at = excluded.last_at, people = excluded.people, body = excluded.body
		WHERE entry_archive.last_seq = $8`, ws, b.first, b.last, b.firstAt, b.lastAt, b.people, b.body, after)
	if err == nil && n != 1 {
		err = errArchived
	}
	if err != nil {
		return err
	}
	n, err = t.q.exec(`DELETE FROM entries WHERE workspace_id = $1 AND seq > $2 AND seq <= $3`, ws, p.seq(after), p.seq(b.last))
	if err == nil && n != b.last-after {
		err = errArchived
	}
	return err
}

// continues checks, and makes sure until the transaction ends, that the archive ends with an entry,
// so that a restore meanwhile leaves no gap before a block that begins; 0: before the first one.
func (t Entries) continues(ws string, last int64) error {
	if last == 0 {
		return nil
	}
	lock := " FOR UPDATE"
	if t.tx().sqlite {
		lock = "" // its one writer is who asks
	}
	var first int64
	there, err := t.one(sqlBlockTo+lock, []any{&first}, ws, last-BlockEntries, last)
	if err == nil && !there {
		err = errArchived
	}
	return err
}

// RestoreLast moves the newest archived block of a workspace back among its entries, in one
// transaction. It moves none when there is none.
func (s *Store) RestoreLast(ctx context.Context, ws string) (m Moved, err error) {
	var b block
	var list []Entry
	err = s.View(ctx, func(tx *Tx) error {
		found := false
		if b, found, err = tx.Entries().newestBlock(ws); err != nil || !found {
			return err
		}
		if _, err = tx.Entries().one(sqlBlockBody, []any{&b.body}, ws, b.first); err == nil {
			list, err = b.unpack(ws)
		}
		return err
	})
	if err != nil || len(list) == 0 {
		return m, err
	}
	m.Entries, m.Packed = b.entries(), b.size()
	for n := range list {
		m.Values += list[n].size()
	}
	return m, s.Update(ctx, func(tx *Tx) error { return tx.Entries().restore(ws, b, list) })
}

// restore drops the newest block and adds its entries.
func (t Entries) restore(ws string, b block, list []Entry) error {
	n, err := t.q.exec(`DELETE FROM entry_archive WHERE workspace_id = $1 AND first_seq = $2 AND last_seq = $3`, ws, b.first, b.last)
	if err == nil && n != 1 {
		err = errArchived
	}
	if err != nil {
		return err
	}
	// Only now: who was archiving behind it has ended.
	if newer, found, err := t.newestBlock(ws); err != nil || found && newer.first > b.first {
		return errorOf(err, errArchived)
	}
	return t.putBack(list)
}

// putBack adds entries that were archived.
func (t Entries) putBack(list []Entry) error {
	q, is := t.q.(*postgresQuerier)
	if !is {
		return writeEntries(t.q, list)
	}
	columns := append([]string{"workspace_id"}, strings.Split(entryColumns, ", ")...)
	_, err := q.tx.CopyFrom(q.ctx, pgx.Identifier{"entries"}, columns, pgx.CopyFromSlice(len(list), func(n int) ([]any, error) {
		return entryRow([]any{&list[n].Workspace}, &list[n].Seq, &list[n]), nil
	}))
	return postgresError(err)
}
