package bulk

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// resultRows is how many rows are read at once.
const resultRows = 200

// Results writes the outcome of every row, in the order of the rows: whom it was
// about, its lead, and for each field the outcome and the values that the
// workspace may see.
func (b *Bulk) Results(ctx context.Context, s *account.Scope, id string, write func(cells []string) error) error {
	if _, err := b.read(ctx, s, id); err != nil {
		return err
	}
	header := []string{"row", "status", "message", "full_name", "company", "company_domain", "linkedin_url", "email", "lead"}
	for _, f := range lead.Fields {
		header = append(header, string(f)+"_outcome", string(f))
	}
	if err := write(header); err != nil {
		return err
	}
	for after := int64(0); ; {
		var rows []store.BulkRow
		err := b.Store.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.BulkJobs().Rows(s.Workspace.ID, id, "", after, resultRows)
			return err
		})
		if err != nil {
			return err
		}
		if err := b.results(ctx, s, rows, write); err != nil {
			return err
		}
		if len(rows) < resultRows {
			return nil
		}
		after = rows[len(rows)-1].No
	}
}

func (b *Bulk) results(ctx context.Context, s *account.Scope, rows []store.BulkRow, write func(cells []string) error) error {
	var people []string
	var nobody []lead.Reference // of whom it is not known who they are
	refs := make([]lead.Reference, len(rows))
	for n, r := range rows {
		if err := json.Unmarshal([]byte(r.Reference), &refs[n]); err != nil {
			return err
		}
		if r.Person != "" {
			people = append(people, r.Person)
		} else {
			nobody = append(nobody, refs[n])
		}
	}
	values, hidden, err := b.Captures.Values(ctx, s, people)
	if err != nil {
		return err
	}
	barred, err := b.Captures.Barred(ctx, nobody)
	if err != nil {
		return err
	}
	for n, r := range rows {
		out := hidden[r.Person]
		if r.Person == "" {
			out, barred = barred[0], barred[1:]
		}
		if out {
			continue // anyone who is suppressed is in no list
		}
		cells, err := resultOf(r, refs[n], values[r.Person])
		if err != nil {
			return err
		}
		if err := write(cells); err != nil {
			return err
		}
	}
	return nil
}

func resultOf(r store.BulkRow, ref lead.Reference, values map[lead.Field][]lead.Value) ([]string, error) {
	outcome := map[string]string{}
	if r.Outcome != "" {
		if err := json.Unmarshal([]byte(r.Outcome), &outcome); err != nil {
			return nil, err
		}
	}
	cells := []string{strconv.FormatInt(r.No, 10), r.Status, r.Message, ref.FullName, ref.Company, ref.CompanyDomain, ref.LinkedInURL, ref.Email, r.Lead}
	for _, f := range lead.Fields {
		var list []string
		if outcome[string(f)] != "" {
			for _, v := range values[f] {
				list = append(list, v.Value)
			}
		}
		cells = append(cells, outcome[string(f)], strings.Join(list, ";"))
	}
	return cells, nil
}
