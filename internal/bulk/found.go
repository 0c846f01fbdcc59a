package bulk

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Found counts rows by the kinds that a capture.Appraisal has, and by these.
const (
	FoundChosen   = "chosen"   // of the ambiguous ones: it was said who is meant
	FoundRepeated = "repeated" // an earlier row means the same person
	FoundFree     = "free"     // something comes of the row without a credit
)

// meant is whom a row is captured as: somebody who was chosen among several, or as it names
// them itself.
func meant(row store.BulkRow, ref lead.Reference) lead.Reference {
	if row.Status == RowWaiting && row.Person != "" {
		return lead.Reference{ID: row.Person}
	}
	return ref
}

// note writes on the rows that wait what an appraisal found of them, and counts it. A row of
// which somebody was chosen stays ambiguous, so that another can be chosen; if they were suppressed or
// erased since, it counts as nobody, as for any other row (rule C12).
func note(rows []store.BulkRow, a *capture.Appraisal) (map[string]int64, error) {
	counts, at := map[string]int64{}, 0
	for n := range rows {
		r := &rows[n]
		if r.Status != RowWaiting {
			continue
		}
		one := a.Found[at]
		at++
		kind := one.Kind
		if r.Person == "" {
			text, err := json.Marshal(one.People)
			if err != nil {
				return nil, err
			}
			r.Found, r.People = kind, string(text)
		} else if kind != capture.FoundNobody {
			kind = r.Found
			counts[FoundChosen]++
		}
		counts[kind]++
		if one.Again {
			counts[FoundRepeated]++
		}
		if one.Free {
			counts[FoundFree]++
		}
	}
	return counts, nil
}

// Choices say whom rows of a job mean, by the row's number; an empty id takes a choice back.
type Choices map[int64]string

// Choose keeps whom ambiguous rows of a job mean that waits to be confirmed, and estimates it
// again; nobody is looked up a second time. Faults: Conflict for a job that was started,
// Invalid for somebody whom the row does not mean.
func (b *Bulk) Choose(ctx context.Context, s *account.Scope, id string, c Choices) (Job, error) {
	j, err := b.read(ctx, s, id)
	if err == nil {
		err = may(s, j)
	}
	if err == nil && j.Status != Waiting {
		err = fault.New(fault.Conflict, "The bulk capture was started already. Nothing was changed.")
	}
	if err != nil {
		return Job{}, err
	}
	rows, err := b.allRows(ctx, j)
	if err != nil {
		return Job{}, err
	}
	var changed []store.BulkRow
	there := 0
	for n := range rows {
		r := &rows[n]
		person, said := c[r.No]
		if said {
			there++
		}
		if !said || person == r.Person {
			continue
		}
		var people []string
		if r.Found == capture.FoundAmbiguous && r.Status == RowWaiting {
			if err := json.Unmarshal([]byte(r.People), &people); err != nil {
				return Job{}, err
			}
		}
		if person != "" && !slices.Contains(people, person) {
			return Job{}, fault.Wrong("choices", "row %d does not mean that person; choose one of those it lists", r.No)
		}
		r.Person = person
		changed = append(changed, *r)
	}
	if there < len(c) {
		return Job{}, fault.Wrong("choices", "must be of rows that the bulk capture has")
	}
	if len(changed) == 0 {
		return jobOf(j)
	}
	return b.estimateAgain(ctx, s, j, rows, changed)
}

// allRows are the rows of a job.
func (b *Bulk) allRows(ctx context.Context, j store.BulkJob) (rows []store.BulkRow, err error) {
	for after := int64(0); ; after = rows[len(rows)-1].No {
		var part []store.BulkRow
		err := b.Store.View(ctx, func(tx *store.Tx) (err error) {
			part, err = tx.BulkJobs().Rows(j.Workspace, j.ID, store.BulkFilter{}, after, 1000)
			return err
		})
		if rows = append(rows, part...); err != nil || len(part) < 1000 {
			return rows, err
		}
	}
}

// estimateAgain appraises a job whose rows mean others now, and writes both.
func (b *Bulk) estimateAgain(ctx context.Context, s *account.Scope, j store.BulkJob, rows, changed []store.BulkRow) (Job, error) {
	if err := b.appraise(ctx, s, &j, rows); err != nil {
		return Job{}, err
	}
	j.UpdatedAt = s.Now.UnixMicro()
	err := b.Store.Update(ctx, func(tx *store.Tx) error {
		waits, err := tx.BulkJobs().Estimated(j)
		if err == nil && !waits {
			err = fault.New(fault.Conflict, "The bulk capture was started meanwhile. Nothing was changed.")
		}
		for _, r := range changed {
			if err == nil {
				_, err = tx.BulkJobs().Choose(r)
			}
		}
		return err
	})
	if err != nil {
		return Job{}, err
	}
	return jobOf(j)
}

// appraise sets what a job would cost now and what is found of its rows. Nobody is looked up who
// was not before.
func (b *Bulk) appraise(ctx context.Context, s *account.Scope, j *store.BulkJob, rows []store.BulkRow) error {
	state, err := jobOf(*j)
	if err != nil {
		return err
	}
	var refs []lead.Reference
	var looked []bool
	for _, r := range rows {
		if r.Status != RowWaiting {
			continue
		}
		var ref lead.Reference
		if err := json.Unmarshal([]byte(r.Reference), &ref); err != nil {
			return err
		}
		refs, looked = append(refs, meant(r, ref)), append(looked, wasLookedUp(r))
	}
	a, err := b.Captures.Appraise(ctx, s, j.Member, refs, state.Fields, capture.Lookups{Made: looked, NoMore: true})
	if err != nil {
		return err
	}
	found, err := note(rows, a)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		into *string
		from any
	}{{&j.Estimate, a.Estimate}, {&j.Found, found}} {
		text, err := json.Marshal(m.from)
		if err != nil {
			return err
		}
		*m.into = string(text)
	}
	return nil
}

// wasLookedUp reports whether the estimate of a row looked its person up.
func wasLookedUp(r store.BulkRow) bool {
	return r.Status == RowWaiting && r.Found != "" && r.Found != capture.FoundUnlooked
}

// withoutHidden is a job that waits to be confirmed as its estimate would be now, where somebody
// whom it found was suppressed or erased since: they are not counted (rule C12).
func (b *Bulk) withoutHidden(ctx context.Context, s *account.Scope, row store.BulkJob, j Job) (Job, error) {
	var people []string
	err := b.Store.View(ctx, func(tx *store.Tx) error {
		found, err := tx.BulkJobs().People(row.Workspace, row.ID)
		for _, text := range found {
			var of []string
			if err := json.Unmarshal([]byte(text), &of); err != nil {
				return err
			}
			people = append(people, of...)
		}
		return err
	})
	if err != nil {
		return j, err
	}
	if shown, err := b.Captures.AllShown(ctx, people); err != nil || shown {
		return j, err
	}
	rows, err := b.allRows(ctx, row)
	if err == nil {
		err = b.appraise(ctx, s, &row, rows)
	}
	if err != nil {
		return j, err
	}
	return jobOf(row)
}
