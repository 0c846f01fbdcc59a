package directory

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Reject is a row that was not imported: its number, why, and the row itself as it
// stood in the file. Of a row that was rejected for suppression there is no more
// than its number and the reason.
type Reject struct {
	Row    int      `json:"row"`
	Reason string   `json:"reason"`
	Cells  []string `json:"cells,omitempty"`
}

// What is kept of rejected rows, in bytes: of one row, and of an import, beyond
// which only numbers and reasons are kept.
const (
	maxReject  = 64 << 10
	maxRejects = 256 << 20
	// keptRejects is how many rejected rows of an import are kept.
	keptRejects = 10_000
)

// keepRejects adds a transaction's rejected rows to those of the import.
func (i *Import) keepRejects(tx *store.Tx, rejects []Reject) error {
	before := i.state.Rejected - int64(len(rejects))
	rejects = rejects[:min(int64(len(rejects)), max(0, keptRejects-before))]
	if len(rejects) == 0 {
		return nil
	}
	for n := range rejects {
		r := &rejects[n]
		size := 0
		for c, cell := range r.Cells {
			if size += len(cell); size > maxReject {
				r.Cells = append(r.Cells[:c:c], "(the rest of the row is not kept)")
				break
			}
		}
		if i.state.RejectsSize > maxRejects {
			r.Cells = nil
		}
	}
	data, err := json.Marshal(rejects)
	if err != nil {
		return err
	}
	i.state.Rejects++
	i.state.RejectsSize += int64(len(data))
	return tx.Imports().AddRejects(i.state.ID, i.state.Rejects, string(data), i.directory.clock().UnixMicro())
}

// Rejected hands an import's rejected rows on as a table: row, reason and the
// columns of the file. They can be put right and imported as they are. write gets
// the header first.
func (d *Directory) Rejected(ctx context.Context, id string, write func(cells []string) error) error {
	var i store.Import
	err := d.store.View(ctx, func(tx *store.Tx) error {
		found := false
		var err error
		if i, found, err = tx.Imports().ByID(id); err == nil && !found {
			err = fault.New(fault.NotFound, "There is no such import.")
		}
		return err
	})
	if err != nil {
		return err
	}
	var u contactfile.Understood
	if i.ReadAs != "" {
		if err := json.Unmarshal([]byte(i.ReadAs), &u); err != nil {
			return fmt.Errorf("directory: what import %s was read as: %w", id, err)
		}
	}
	header := u.Header()
	if len(header) == 0 {
		header = []string{"text"}
	}
	if err := write(append([]string{"row", "reason"}, header...)); err != nil {
		return err
	}
	for n := int64(0); ; {
		var data string
		found := false
		err := d.store.View(ctx, func(tx *store.Tx) (err error) {
			n, data, found, err = tx.Imports().Rejects(id, n)
			return err
		})
		if err != nil {
			return err
		}
		if !found {
			return more(i.Rejected-keptRejects, write)
		}
		var rejects []Reject
		if err := json.Unmarshal([]byte(data), &rejects); err != nil {
			return fmt.Errorf("directory: rejected rows of import %s: %w", id, err)
		}
		for _, r := range rejects {
			cells := append([]string{strconv.Itoa(r.Row), r.Reason}, r.Cells...)
			for len(cells) < len(header)+2 {
				cells = append(cells, "")
			}
			if err := write(cells[:len(header)+2]); err != nil {
				return err
			}
		}
	}
}

// more says, in a last row, how many rejected rows are not kept.
func more(n int64, write func(cells []string) error) error {
	if n <= 0 {
		return nil
	}
	return write([]string{"", fmt.Sprintf("%d more rows were rejected. The first %d are kept: put them right, import again, and the next ones follow.", n, keptRejects)})
}
