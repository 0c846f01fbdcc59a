package capture

import (
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// maxInCursor bounds the leads that a cursor names.
const maxInCursor = 20

// After is the cursor behind the last of a page's leads, and Before that ahead of its first.
// A cursor names when the lead was captured and by whom, which is its place in those orders,
// and the leads next to it. It holds nobody's data (rule C12).
func After(page []Lead) string {
	var near []Lead
	for n := len(page) - 1; n >= 0 && len(near) < maxInCursor; n-- {
		near = append(near, page[n])
	}
	return cursor(near)
}

// Before is described at After.
func Before(page []Lead) string { return cursor(page[:min(len(page), maxInCursor)]) }

func cursor(near []Lead) string {
	if len(near) == 0 {
		return ""
	}
	parts := []string{strconv.FormatInt(near[0].CapturedAt.UnixMicro(), 10), near[0].row.Member}
	for _, l := range near {
		parts = append(parts, l.ID)
	}
	return strings.Join(parts, ",")
}

// Continue lets a filter continue after a lead that was read just now.
func Continue(f *store.LeadFilter, last Lead) {
	f.AfterID, f.AfterAt = last.ID, last.CapturedAt.UnixMicro()
	switch f.Sort {
	case "name":
		f.AfterKey = last.row.FullName
	case "title":
		f.AfterKey = last.row.Title
	case "company":
		f.AfterKey = last.row.Company
	case store.ByOwner:
		f.AfterKey = last.row.Member
	}
}

// position lets a filter continue where its cursor says. By date and by owner the place is the
// cursor's own, whatever became of the lead. By a text it is that of the nearest lead that is
// still there; where none is, the list begins again, which repeats leads and leaves none out.
func position(tx *store.Tx, f *store.LeadFilter) error {
	if f.Cursor == "" {
		return nil
	}
	parts := strings.Split(f.Cursor, ",")
	if len(parts) < 3 {
		return badCursor()
	}
	at, err := strconv.ParseInt(parts[0], 10, 64)
	if err != nil {
		return badCursor()
	}
	if f.Sort == "captured" || f.Sort == store.ByOwner {
		f.AfterAt, f.AfterKey, f.AfterID = at, parts[1], parts[2]
		return nil
	}
	for _, id := range parts[2:min(len(parts), 2+maxInCursor)] {
		row, found, err := tx.Leads().ByID(f.Workspace, id)
		if err != nil {
			return err
		}
		if found {
			Continue(f, Lead{ID: row.ID, CapturedAt: time.UnixMicro(row.At).UTC(), row: row.LeadRow})
			return nil
		}
	}
	return nil
}

func badCursor() error { return fault.Wrong("cursor", "must be the next_cursor that this list gave") }
