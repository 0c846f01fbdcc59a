package capture

import (
	"context"
	"encoding/json"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// stored is what the workspace had delivered of a person.
type stored struct {
	values map[string][]lead.Value // by field
	aside  map[[2]string]bool      // by person and field: some of it is on the suppression list
}

func (svc *Service) stored(ctx context.Context, s *account.Scope, person string) (*stored, error) {
	had := &stored{values: map[string][]lead.Value{}}
	err := svc.Store.View(ctx, func(tx *store.Tx) error {
		reveals, err := tx.Reveals().Of(s.Workspace.ID, []string{person})
		if err != nil {
			return err
		}
		for _, r := range reveals[person] {
			if had.values[r.Field], err = readValues(r); err != nil {
				return err
			}
		}
		had.aside, err = tx.Reveals().WithheldFields(s.Workspace.ID, []string{person})
		return err
	})
	return had, err
}

// readValues are a reveal's values, where its outcome lets them be shown.
func readValues(r store.Reveal) (values []lead.Value, err error) {
	if !credits.Outcome(r.Outcome).Delivers() || r.Values == "" {
		return nil, nil
	}
	err = json.Unmarshal([]byte(r.Values), &values)
	return values, err
}
