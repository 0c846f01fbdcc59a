package store

import (
	"cmp"
	"maps"
	"slices"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// ByOwner sorts leads by the name of who captured them, and an owner's by when, the newest
// first. No index is in that order: the leads are counted by owner, and of the owners only those
// are walked whom the page shows. A list continues after AfterID, whose owner is AfterKey.
const ByOwner = "owner"

// sheetByOwner is Sheet in that order.
func (t Leads) sheetByOwner(f LeadFilter) (list []Lead, total int, err error) {
	leads, err := t.ofOwners(f)
	if err != nil {
		return nil, 0, err
	}
	names, err := t.tx().Members().names(f.Workspace)
	if err != nil {
		return nil, 0, err
	}
	order := func(a, b string) int {
		by := cmp.Or(cmp.Compare(lead.Fold(names[a]), lead.Fold(names[b])), cmp.Compare(a, b))
		if f.Down != f.Back {
			by = -by
		}
		return by
	}
	owners := slices.SortedFunc(maps.Keys(leads), order)
	for _, n := range leads {
		total += n
	}
	if f.AfterID != "" {
		owners = slices.DeleteFunc(owners, func(owner string) bool { return order(owner, f.AfterKey) < 0 })
	}
	for _, owner := range owners {
		of := f
		of.owner, of.Sort, of.Down, of.Limit = &owner, "captured", true, f.Limit-len(list)
		if f.AfterID != "" && owner != f.AfterKey {
			of.AfterID = ""
		}
		part, err := t.List(of)
		if err != nil {
			return nil, 0, err
		}
		if list = append(list, part...); len(list) >= f.Limit {
			break
		}
	}
	return list, total, nil
}

// ofOwners counts the leads that a filter chooses, by who captured them.
func (t Leads) ofOwners(f LeadFilter) (map[string]int, error) {
	where, args := t.where(f, false)
	leads := map[string]int{}
	err := t.q.query(`SELECT l.member_id, count(*) FROM leads l WHERE `+where+` GROUP BY l.member_id`, func(scan scanner) error {
		var owner string
		var n int
		err := scan(&owner, &n)
		leads[owner] = n
		return err
	}, args...)
	return leads, err
}

// names are the names of a workspace's members, those who left included.
func (t Members) names(ws string) (map[string]string, error) {
	names := map[string]string{}
	err := t.q.query(`SELECT member_id, name FROM members WHERE workspace_id = $1`, func(scan scanner) error {
		var id, name string
		err := scan(&id, &name)
		names[id] = name
		return err
	}, ws)
	return names, err
}
