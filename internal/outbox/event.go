package outbox

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// EventKind is the kind of effects that Event makes.
const EventKind = "event"

// Event notes that something happened which webhooks and mails may tell of. Data is
// JSON: ids, kinds, amounts and outcomes, never people's data. At is the instant by
// the workspace's clock, now the machine's.
func Event(tx *store.Tx, workspace, name string, at, now time.Time, data any) error {
	payload, err := json.Marshal(Happened{Type: name, At: at.UTC(), Data: mustJSON(data)})
	if err != nil {
		return err
	}
	return Put(tx, store.Effect{Workspace: workspace, Kind: EventKind, Label: name, Message: ident.New("evt"), Payload: payload}, now)
}

// Happened is an event's payload, and with it a webhook's body.
type Happened struct {
	Type string          `json:"type"`
	At   time.Time       `json:"timestamp"`
	Data json.RawMessage `json:"data"`
}

func mustJSON(v any) json.RawMessage {
	text, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("outbox: an event that is no JSON: %v", err)) // a mistake of the caller's
	}
	return text
}
