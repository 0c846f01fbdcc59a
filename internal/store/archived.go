package store

// What is archived is read here, for every reader of entries: they ask the table of entries first,
// and these functions for what is older. Entries that are archived are the first of their
// workspace, so who found what it wanted among the others asks for nothing here.

const (
	headsAtOnce       = 8   // blocks that are looked up together
	headsAtOncePerson = 256 // where most of them are passed over
)

// eachBlock hands over the archived entries after one up to another, in the order of their
// numbers within a block; down is from the newest block on. Blocks that cannot have the person are
// passed over; empty: any. It ends when each returns false. One block is in memory at a time.
func (t Entries) eachBlock(ws string, after, upTo int64, down bool, person string, each func(list []Entry) (more bool, err error)) error {
	limit := headsAtOnce
	if person != "" {
		limit = headsAtOncePerson
	}
	for after < upTo {
		heads, err := t.heads(ws, after, upTo, down, limit)
		if err != nil {
			return err
		}
		for _, b := range heads {
			if b.last <= after { // of those that are read downwards, the last one
				return nil
			}
			if person == "" || b.mayHave(person) {
				list, err := t.entriesOf(ws, b)
				if err != nil {
					return err
				}
				more, err := each(within(list, after, upTo))
				if err != nil || !more {
					return err
				}
			}
			if down {
				upTo = b.first - 1
			} else {
				after = b.last
			}
		}
		if len(heads) < limit {
			return nil
		}
	}
	return nil
}

// within are those of consecutive entries that are after one up to another.
func within(list []Entry, after, upTo int64) []Entry {
	first := list[0].Seq
	low, high := max(after+1-first, 0), min(upTo+1-first, int64(len(list)))
	return list[low:max(low, high)]
}

const (
	blockHead      = `SELECT first_seq, last_seq, first_at, last_at, people FROM entry_archive WHERE workspace_id = $1`
	sqlHeadsDown   = blockHead + ` AND first_seq > $2 AND first_seq <= $3 ORDER BY first_seq DESC LIMIT $4`
	sqlHeadsUp     = blockHead + ` AND first_seq > $2 AND first_seq <= $3 AND last_seq > $5 ORDER BY first_seq LIMIT $4`
	sqlBlockBody   = `SELECT body FROM entry_archive WHERE workspace_id = $1 AND first_seq = $2`
	sqlBlockBefore = blockHead + ` AND first_seq <= $2 ORDER BY first_seq DESC LIMIT 1`
	sqlBlockTo     = `SELECT first_seq FROM entry_archive WHERE workspace_id = $1 AND first_seq > $2 AND first_seq <= $3 AND last_seq = $3`
)

func scanHead(scan scanner) (b block, err error) {
	err = scan(&b.first, &b.last, &b.firstAt, &b.lastAt, &b.people)
	return b, err
}

func (t Entries) heads(ws string, after, upTo int64, down bool, limit int) (list []block, err error) {
	// A block that begins further before an entry does not have it.
	sql, args := sqlHeadsUp, []any{ws, after - BlockEntries, upTo, limit, after}
	if down {
		sql, args = sqlHeadsDown, args[:4]
	}
	err = t.q.query(sql, func(scan scanner) error {
		b, err := scanHead(scan)
		list = append(list, b)
		return err
	}, args...)
	return list, err
}

// blockOf finds the block that an entry is in; false: it is in none.
func (t Entries) blockOf(ws string, seq int64) (b block, found bool, err error) {
	err = t.q.query(sqlBlockBefore, func(scan scanner) error {
		b, err = scanHead(scan)
		return err
	}, ws, seq)
	return b, b.last >= seq && seq > 0, err
}

// entriesOf unpacks a block whose head was read.
func (t Entries) entriesOf(ws string, b block) ([]Entry, error) {
	if _, err := t.one(sqlBlockBody, []any{&b.body}, ws, b.first); err != nil {
		return nil, err
	}
	return b.unpack(ws)
}

// entryIn unpacks a block and finds an entry in it.
func (b *block) entryIn(ws string, seq int64) (Entry, error) {
	list, err := b.unpack(ws)
	if err != nil {
		return Entry{}, err
	}
	return list[seq-b.first], nil
}

// listArchived adds to a list, newest first, what a filter chooses of the archived entries.
func (t Entries) listArchived(f EntryFilter, list []Entry) ([]Entry, error) {
	upTo := int64(1)<<ownBits - 1
	if f.Before != 0 {
		upTo = f.Before - 1
	}
	person := f.Person
	if person == None {
		person = ""
	}
	err := t.eachBlock(f.Workspace, f.After, upTo, true, person, func(of []Entry) (bool, error) {
		for n := len(of) - 1; n >= 0 && len(list) < f.Limit; n-- {
			if f.chooses(&of[n]) {
				list = append(list, of[n])
			}
		}
		return len(list) < f.Limit, nil
	})
	return list, err
}

// cellsArchived sums archived entries as cellsOf does.
func (t Entries) cellsArchived(ws string, after, upTo int64, f cellFilter) ([]UsageCell, error) {
	cells := map[UsageCell]UsageCell{}
	err := t.eachBlock(ws, after, upTo, false, "", func(of []Entry) (bool, error) {
		for _, e := range of {
			if !f.chooses(&e) {
				continue
			}
			id := UsageCell{Day: int64(e.Day), Member: e.Member, Credit: e.Credit, Field: e.Field, Channel: e.Channel, Outcome: e.Outcome}
			sum, is := cells[id]
			if !is {
				sum = id
			}
			sum.Answers++
			sum.Waived += e.Waived
			switch e.Kind {
			case "charge":
				sum.Used += e.Amount
			case "refund":
				sum.Used -= e.Amount
			}
			cells[id] = sum
		}
		return true, nil
	})
	list := make([]UsageCell, 0, len(cells))
	for _, c := range cells {
		list = append(list, c)
	}
	return list, err
}

// step narrows the search of before by the block that an entry is in: to what is before or after
// it, or to the answer.
func (t Entries) step(ws string, b block, at, low, high int64) (int64, int64, error) {
	switch {
	case b.lastAt < at:
		return b.last, high, nil
	case b.firstAt >= at:
		return low, b.first - 1, nil
	}
	list, err := t.entriesOf(ws, b)
	if err != nil {
		return 0, 0, err
	}
	low = b.first - 1
	for n := range list {
		if list[n].At < at {
			low = list[n].Seq
		}
	}
	return low, low, nil
}
