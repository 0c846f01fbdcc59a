package enrich

import (
	"context"
	"encoding/json"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/store"
)

const (
	// maxWaiting bounds the searches that one message is compared with.
	maxWaiting = 1000
	farAhead   = int64(1) << 62
)

// Called takes the message by which a source says that an answer is ready. Anybody
// could send it, so it only makes us ask the source itself sooner.
func (s *Sources) Called(ctx context.Context, source string, body []byte) error {
	if s == nil {
		return fault.New(fault.NotFound, "There are no sources.")
	}
	id, err := s.Waterfall().Accept(source, body)
	if err != nil {
		return fault.New(fault.Invalid, "%s", err)
	}
	if !s.called.TryLock() {
		return fault.New(fault.Overloaded, "Another message is being read; send it again.")
	}
	defer s.called.Unlock()
	return s.Store.Update(ctx, func(tx *store.Tx) error {
		rows, err := tx.Searches().Due(farAhead, maxWaiting)
		if err != nil {
			return err
		}
		for _, row := range rows {
			var t provider.Ticket
			if json.Unmarshal([]byte(row.Ticket), &t) != nil || !waitsFor(t, source, id) {
				continue
			}
			row.Due = s.Clock().UnixMicro()
			return tx.Searches().Put(row)
		}
		return nil
	})
}

func waitsFor(t provider.Ticket, source, id string) bool {
	for _, w := range t.Waiting {
		if w.Provider == source && w.ID == id {
			return true
		}
	}
	return false
}
