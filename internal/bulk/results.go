package bulk

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// resultRows is how many rows are read at once.
const resultRows = 200

// Filter chooses rows of a job; what is empty chooses all.
type Filter struct {
	Found string // what the estimate found, as package capture calls it
	// Outcome is a status of a row, or an outcome of any of its fields.
	Outcome string
}

// of is the filter as the store has it. Fault: Invalid for a word that is none.
func (f Filter) of() (store.BulkFilter, error) {
	out := store.BulkFilter{Found: f.Found}
	switch f.Outcome {
	case RowWaiting, RowCaptured, RowNobody, RowFailed:
		out.Status = f.Outcome
	default:
		out.Outcome = f.Outcome
	}
	for name, word := range map[string]string{"found": f.Found, "outcome": f.Outcome} {
		if strings.Trim(word, "abcdefghijklmnopqrstuvwxyz_") != "" {
			return out, fault.Wrong(name, "must be one of the words that the bulk capture counts its rows by")
		}
	}
	return out, nil
}

// JobRow is a row of a job as it is shown.
type JobRow struct {
	No              int64
	Status, Message string
	Reference       lead.Reference
	Lead            string
	Outcomes        map[lead.Field]string
	Found           string
	Person          *capture.Lookup // whom it was captured as, was found to mean, or was chosen; nil: nobody
	Several         []*capture.Lookup
}

// Rows lists rows of a job after a number. next is the number to continue after; 0: there are
// no more. Rows about suppressed people are left out (rule C12).
func (b *Bulk) Rows(ctx context.Context, s *account.Scope, id string, f Filter, after int64, limit int) (list []JobRow, next int64, err error) {
	if _, err := b.read(ctx, s, id); err != nil {
		return nil, 0, err
	}
	of, err := f.of()
	if err != nil {
		return nil, 0, err
	}
	rows, err := b.slice(ctx, s, id, of, after, limit)
	if err != nil {
		return nil, 0, err
	}
	if len(rows) == limit {
		next = rows[limit-1].No
	}
	seen, err := b.seen(ctx, s, rows)
	if err != nil {
		return nil, 0, err
	}
	var people []string
	for _, r := range seen {
		people = append(append(people, r.people...), r.Person)
	}
	shown, err := b.Captures.Show(ctx, s, people)
	if err != nil {
		return nil, 0, err
	}
	for _, r := range seen {
		one := JobRow{No: r.No, Status: r.Status, Message: r.Message, Reference: r.ref, Lead: r.Lead, Outcomes: r.outcomes, Found: r.Found, Person: shown[r.Person]}
		for _, person := range r.people {
			if l := shown[person]; l != nil && r.Found == capture.FoundAmbiguous {
				one.Several = append(one.Several, l)
			} else if one.Person == nil {
				one.Person = l
			}
		}
		list = append(list, one)
	}
	return list, next, nil
}

func (b *Bulk) slice(ctx context.Context, s *account.Scope, id string, f store.BulkFilter, after int64, limit int) (rows []store.BulkRow, err error) {
	err = b.Store.View(ctx, func(tx *store.Tx) error {
		rows, err = tx.BulkJobs().Rows(s.Workspace.ID, id, f, after, limit)
		return err
	})
	return rows, err
}

// Results writes the outcome of the rows that a filter chooses, in the order of the rows: whom
// it was about, its lead, and for each field the outcome and the values that the workspace may
// see.
func (b *Bulk) Results(ctx context.Context, s *account.Scope, id string, f Filter, write func(cells []string) error) error {
	if _, err := b.read(ctx, s, id); err != nil {
		return err
	}
	of, err := f.of()
	if err != nil {
		return err
	}
	header := []string{"row", "status", "message", "full_name", "company", "company_domain", "linkedin_url", "email", "lead"}
	for _, f := range lead.Fields {
		header = append(header, string(f)+"_outcome", string(f))
	}
	if err := write(append(header, "found")); err != nil {
		return err
	}
	for after := int64(0); ; {
		rows, err := b.slice(ctx, s, id, of, after, resultRows)
		if err == nil {
			err = b.results(ctx, s, rows, write)
		}
		if err != nil || len(rows) < resultRows {
			return err
		}
		after = rows[len(rows)-1].No
	}
}

func (b *Bulk) results(ctx context.Context, s *account.Scope, rows []store.BulkRow, write func(cells []string) error) error {
	seen, err := b.seen(ctx, s, rows)
	if err != nil {
		return err
	}
	for _, r := range seen {
		if err := write(r.cells()); err != nil {
			return err
		}
	}
	return nil
}

// seenRow is a row that may be shown, with the values that the workspace was delivered.
type seenRow struct {
	store.BulkRow
	ref      lead.Reference
	people   []string
	outcomes map[lead.Field]string
	values   map[lead.Field][]lead.Value
}

// seen are those of rows that are about nobody on the suppression list. A row of which an address
// decides is shown in any case, as the workspace typed it: if it were missing, that would say what
// no free answer says of an address (rule C13).
func (b *Bulk) seen(ctx context.Context, s *account.Scope, rows []store.BulkRow) (list []seenRow, err error) {
	var people []string
	var nobody []lead.Reference // of whom it is not known who they are
	for _, r := range rows {
		one := seenRow{BulkRow: r}
		for _, m := range []struct {
			from string
			into any
		}{{r.Reference, &one.ref}, {r.Outcome, &one.outcomes}, {r.People, &one.people}} {
			if m.from == "" {
				continue
			}
			if err := json.Unmarshal([]byte(m.from), m.into); err != nil {
				return nil, err
			}
		}
		if list = append(list, one); r.Person != "" {
			people = append(people, r.Person)
		} else {
			nobody = append(nobody, one.ref)
		}
	}
	values, hidden, err := b.Captures.Values(ctx, s, people)
	if err != nil {
		return nil, err
	}
	barred, err := b.Captures.Barred(ctx, nobody)
	if err != nil {
		return nil, err
	}
	shown := list[:0]
	for _, r := range list {
		out := hidden[r.Person]
		if r.Person == "" {
			out, barred = barred[0] && r.Found != capture.FoundAtCapture, barred[1:]
		}
		if r.values = values[r.Person]; !out {
			shown = append(shown, r)
		}
	}
	return shown, nil
}

func (r *seenRow) cells() []string {
	cells := []string{strconv.FormatInt(r.No, 10), r.Status, r.Message, r.ref.FullName, r.ref.Company, r.ref.CompanyDomain, r.ref.LinkedInURL, r.ref.Email, r.Lead}
	for _, f := range lead.Fields {
		var list []string
		if r.outcomes[f] != "" {
			for _, v := range r.values[f] {
				list = append(list, v.Value)
			}
		}
		cells = append(cells, r.outcomes[f], strings.Join(list, ";"))
	}
	return append(cells, r.Found)
}
