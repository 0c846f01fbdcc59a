package capture

import (
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

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

// position reads where in its order the lead is that a filter continues after: a cursor
// that somebody keeps holds the lead's id and none of its data.
func position(tx *store.Tx, f *store.LeadFilter) error {
	if f.AfterID == "" || f.AfterAt != 0 {
		return nil
	}
	row, found, err := tx.Leads().ByID(f.Workspace, f.AfterID)
	if err != nil {
		return err
	}
	if !found {
		return fault.Wrong("cursor", "ends with a lead that is gone; start the list again")
	}
	Continue(f, Lead{ID: row.ID, CapturedAt: time.UnixMicro(row.At).UTC(), row: row.LeadRow})
	return nil
}
