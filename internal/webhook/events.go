package webhook

import (
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// FieldSettled is the outcome of one field of a capture.
type FieldSettled struct {
	Field   string         `json:"field"`
	Outcome string         `json:"outcome"`
	Credit  string         `json:"credit"`
	Amount  credits.Amount `json:"amount"`
	Entry   string         `json:"entry"`
}

// Settled is the data of capture.settled.
type Settled struct {
	Capture string                    `json:"capture,omitempty"`
	Person  string                    `json:"person"`
	Lead    string                    `json:"lead,omitempty"` // where the person is on the sheet
	Member  string                    `json:"member,omitempty"`
	Channel string                    `json:"channel"`
	Fields  []FieldSettled            `json:"fields"`
	Charged map[string]credits.Amount `json:"charged"`
}

// LeadData is the data of lead.captured.
type LeadData struct {
	Lead   string `json:"lead"`
	Person string `json:"person"`
	Member string `json:"member,omitempty"`
}

// ChargeData is the data of charge.created.
type ChargeData struct {
	Entry  string         `json:"entry"`
	Credit string         `json:"credit"`
	Amount credits.Amount `json:"amount"`
	Member string         `json:"member,omitempty"`
	Hold   string         `json:"hold,omitempty"`
}

// GrantData is the data of grant.created.
type GrantData struct {
	Grant  string         `json:"grant"`
	Credit string         `json:"credit"`
	Amount credits.Amount `json:"amount"`
	Entry  string         `json:"entry"`
}

// one tells of the entries of one capture, or of one other entry.
func (t *deliveries) one(run []store.Entry) error {
	e := run[0]
	at, message := time.UnixMicro(e.At).UTC(), ident.New("evt")
	switch {
	case e.Person != "" && settled(e):
		return t.capture(run, at, message)
	case e.Kind == credits.KindCharge:
		return t.tell(ChargeCreated, message, e.Seq, at, ChargeData{credits.EntryID(e.Seq), e.Credit, credits.Amount(e.Amount), e.Member, e.Hold})
	case e.Kind == credits.KindGrant && e.Outcome == "add_on" && e.Grant != "":
		return t.tell(GrantCreated, message, e.Seq, at, GrantData{e.Grant, e.Credit, credits.Amount(e.Amount), credits.EntryID(e.Seq)})
	}
	return nil
}

func (t *deliveries) capture(run []store.Entry, at time.Time, message string) error {
	first := run[0]
	d := Settled{Capture: first.Capture, Person: first.Person, Member: first.Member, Channel: first.Channel, Charged: map[string]credits.Amount{}}
	for _, e := range run {
		d.Fields = append(d.Fields, FieldSettled{e.Field, e.Outcome, e.Credit, credits.Amount(e.Amount), credits.EntryID(e.Seq)})
		if e.Kind == credits.KindCharge {
			d.Charged[e.Credit] += credits.Amount(e.Amount)
		}
	}
	leads, err := t.tx.Leads().Of(t.workspace, []string{first.Person})
	if err != nil {
		return err
	}
	row := leads[first.Person]
	d.Lead = row.ID
	if err := t.tell(CaptureSettled, message, first.Seq, at, d); err != nil {
		return err
	}
	if row.Person != first.Person || row.At != first.At { // it was on the sheet before, or came later
		return nil
	}
	isNew, err := t.tx.Webhooks().TellLead(t.workspace, row.ID)
	if err != nil || !isNew {
		return err
	}
	return t.tell(LeadCaptured, ident.New("evt"), first.Seq, at, LeadData{row.ID, first.Person, first.Member})
}
