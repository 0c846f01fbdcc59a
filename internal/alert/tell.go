package alert

import (
	"encoding/json"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Crossing is the data of credits.low and credits.exhausted.
type Crossing struct {
	Credit    string         `json:"credit"`
	Percent   int64          `json:"percent"`
	Used      credits.Amount `json:"used"`
	Allowance credits.Amount `json:"allowance"`
	Period    time.Time      `json:"period_starts_at"`
	RefillsAt *time.Time     `json:"refills_at"`
	Times     int64          `json:"times"`
}

// tell writes crossings with what follows from them; one that another server wrote
// first is left to it. Of several marks of one credit type that are crossed at
// once, each is an event, and the highest a mail.
func (a *Alerts) tell(tx *store.Tx, s *account.Scope, view *credits.View, crossed []store.Alert) error {
	highest := map[string]store.Alert{}
	for _, c := range crossed {
		mine, err := tx.Alerts().Put(c)
		if err != nil {
			return err
		}
		if !mine {
			continue
		}
		if c.Percent > highest[c.Credit].Percent {
			highest[c.Credit] = c
		}
		name := "credits.low"
		if c.Percent == 100 {
			name = "credits.exhausted"
		}
		data := Crossing{Credit: c.Credit, Percent: c.Percent, Used: credits.Amount(c.Used), Allowance: credits.Amount(c.Allowance), Period: view.Current.Period.Start.UTC(), Times: c.Times}
		data.RefillsAt = view.Current.Refill(c.Credit).At
		if err := outbox.Event(tx, s.Workspace.ID, name, s.Now, a.Clock(), data); err != nil {
			return err
		}
	}
	if !a.Mail.On() || len(highest) == 0 {
		return nil
	}
	admins, err := account.Admins(tx, s.Workspace.ID)
	if err != nil {
		return err
	}
	for _, credit := range view.Book.Credits {
		c, ok := highest[credit]
		if !ok {
			continue
		}
		data := map[string]any{"Workspace": s.Workspace.Name, "Credit": credit, "Percent": c.Percent, "Used": credits.Amount(c.Used).String(), "Allowance": credits.Amount(c.Allowance).String(), "Refill": view.Current.Refill(credit).Text(view.Current.Zone())}
		for _, m := range admins {
			if err := a.Mail.Put(tx, s.Workspace.ID, mail.Message{To: m.Email, Name: m.Name, Template: "alert", Data: data}); err != nil {
				return err
			}
		}
	}
	return nil
}

// HandleEvent mails what an event tells to those whom it concerns: a wish for more
// credits to the admins, its answer to the member (rule D6); a workspace's to the operator, its
// answer to the admin who asked (rule G7).
func (a *Alerts) HandleEvent(tx *store.Tx, e store.Effect) error {
	if !a.Mail.On() {
		return nil
	}
	switch e.Label {
	case "credit_request.created", "credit_request.decided":
		return a.mailRequest(tx, e)
	case account.AddOnAsked, account.AddOnDecided:
		return a.mailAddOn(tx, e)
	}
	return nil
}

func (a *Alerts) mailRequest(tx *store.Tx, e store.Effect) error {
	var what outbox.Happened
	var r account.RequestEvent
	if err := json.Unmarshal(e.Payload, &what); err != nil {
		return err
	}
	if err := json.Unmarshal(what.Data, &r); err != nil {
		return err
	}
	ws, _, err := tx.Workspaces().ByID(e.Workspace)
	if err != nil {
		return err
	}
	member, found, err := tx.Members().ByID(e.Workspace, r.Member)
	if err != nil || !found {
		return err
	}
	wish, _, err := tx.CreditRequests().ByID(e.Workspace, r.Request)
	if err != nil {
		return err
	}
	data := map[string]any{"Workspace": ws.Name, "Member": member.Name, "Credit": r.Credit, "Amount": r.Amount.String(), "Reason": wish.Reason, "Granted": ""}
	if r.Granted > 0 {
		data["Granted"] = r.Granted.String()
	}
	if e.Label == "credit_request.decided" {
		if member.RemovedAt != 0 {
			return nil
		}
		return a.Mail.Put(tx, e.Workspace, mail.Message{To: member.Email, Name: member.Name, Template: "request_decided", Data: data})
	}
	admins, err := account.Admins(tx, e.Workspace)
	if err != nil {
		return err
	}
	for _, m := range admins {
		if err := a.Mail.Put(tx, e.Workspace, mail.Message{To: m.Email, Name: m.Name, Template: "request_made", Data: data}); err != nil {
			return err
		}
	}
	return nil
}

// mailAddOn mails a workspace's request for an add-on to the operator, and its answer to the
// admin who asked, while they are one. A request that was withdrawn or replaced meanwhile is
// told to nobody.
func (a *Alerts) mailAddOn(tx *store.Tx, e store.Effect) error {
	var what outbox.Happened
	var event account.AddOnEvent
	if err := json.Unmarshal(e.Payload, &what); err != nil {
		return err
	}
	if err := json.Unmarshal(what.Data, &event); err != nil {
		return err
	}
	r, found, err := tx.AddOnRequests().ByID(event.Request)
	if err != nil || !found || r.Workspace != e.Workspace {
		return err
	}
	ws, _, err := tx.Workspaces().ByID(e.Workspace)
	if err != nil {
		return err
	}
	data := map[string]any{"Workspace": ws.Name, "Credit": r.Credit, "Amount": credits.Amount(r.Amount).String(), "Recurring": r.Kind == credits.Recurring, "Note": r.Note, "Granted": ""}
	if e.Label == account.AddOnAsked {
		to, err := account.OperatorEmail(tx)
		if err != nil || to == "" {
			return err
		}
		return a.Mail.Put(tx, "", mail.Message{To: to, Name: "operator", Template: "addon_asked", Data: data})
	}
	if r.Granted > 0 {
		data["Granted"] = credits.Amount(r.Granted).String()
	}
	asker, found, err := tx.Members().ByID(e.Workspace, r.Member)
	if err != nil || !found || asker.RemovedAt != 0 || asker.Role != account.Admin {
		return err
	}
	return a.Mail.Put(tx, e.Workspace, mail.Message{To: asker.Email, Name: asker.Name, Template: "addon_decided", Data: data})
}
