package capture

import (
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Cursor is where a list of leads goes on after a lead: its id and the key that
// the list is sorted by.
func Cursor(sort string, l Lead) string {
	key := strconv.FormatInt(l.CapturedAt.UnixMicro(), 10)
	switch sort {
	case "name":
		key = l.row.FullName
	case "title":
		key = l.row.Title
	case "company":
		key = l.row.Company
	}
	return l.ID + " " + key
}

// After lets a filter go on after a Cursor.
func After(f *store.LeadFilter, cursor string) error {
	id, key, ok := strings.Cut(cursor, " ")
	if !ok {
		return fault.Wrong("cursor", "must be a next_cursor as it was given")
	}
	f.AfterID, f.AfterKey = id, key
	if f.Sort == "captured" {
		at, err := strconv.ParseInt(key, 10, 64)
		if err != nil {
			return fault.Wrong("cursor", "must be a next_cursor as it was given, with the same sort")
		}
		f.AfterAt = at
	}
	return nil
}
