package push

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
)

func bearer(token seal.Secret) http.Header {
	h := http.Header{}
	h.Set("Authorization", "Bearer "+token.Reveal())
	return h
}

var codeText = regexp.MustCompile(`^[A-Z][A-Z0-9_]{0,59}$`)

// because is why one lead was refused: the other side's code, and never its text,
// which repeats what was sent.
func because(where, code string) string {
	if !codeText.MatchString(code) {
		code = "no reason that can be shown"
	}
	return where + " refused it: " + code + "."
}

// filled are the parts of a contact that are there: an empty one would delete what
// the other side has.
func filled(parts map[string]string) map[string]any {
	out := map[string]any{}
	for name, value := range parts {
		if value != "" {
			out[name] = value
		}
	}
	return out
}

type hubspotInput struct {
	ID         string         `json:"id"`
	IDProperty string         `json:"idProperty"`
	Trace      string         `json:"objectWriteTraceId"` // comes back with each result and error
	Properties map[string]any `json:"properties"`
}

type hubspotReply struct {
	Results []struct {
		New   bool   `json:"new"`
		Trace string `json:"objectWriteTraceId"`
	} `json:"results"`
	Errors []struct {
		Category string              `json:"category"`
		Context  map[string][]string `json:"context"`
	} `json:"errors"`
	Category string `json:"category"` // of an error of the whole
}

// toHubSpot creates or updates contacts by their email address.
func (p *Pushes) toHubSpot(ctx context.Context, t target, items []item, done results) (int, error) {
	var good []item
	seen := map[string]bool{}
	for _, i := range items {
		email := strings.ToLower(i.contact.Email)
		switch {
		case email == "":
			done.end(i, Skipped, "No email address of this person is owned; HubSpot knows contacts by it.")
		case seen[email]:
			done.end(i, Skipped, "Another lead of this push has the same email address.")
		default:
			seen[email] = true
			good = append(good, i)
		}
	}
	if len(good) == 0 {
		return 0, nil
	}
	return p.hubspotBatch(ctx, t, good, done)
}

// hubspotBatch sends a batch. One contact that HubSpot finds wrong may fail them
// all: then halves are sent, down to that one.
func (p *Pushes) hubspotBatch(ctx context.Context, t target, items []item, done results) (int, error) {
	inputs := make([]hubspotInput, len(items))
	byTrace := map[string]item{}
	for n, i := range items {
		c := i.contact
		trace := strconv.FormatInt(i.row.No, 10)
		byTrace[trace] = i
		inputs[n] = hubspotInput{ID: c.Email, IDProperty: "email", Trace: trace, Properties: filled(map[string]string{
			"email": c.Email, "firstname": c.First, "lastname": c.Last, "jobtitle": c.Title, "company": c.Company, "phone": c.Phone, "mobilephone": c.Mobile, "website": c.Site})}
	}
	body, err := json.Marshal(map[string]any{"inputs": inputs})
	if err != nil {
		return 0, err
	}
	reply, err := p.call(ctx, http.MethodPost, p.HubSpotAPI+"/crm/v3/objects/contacts/batch/upsert", bearer(t.token), body)
	if err != nil {
		return reply.Status, err
	}
	var out hubspotReply
	if json.Unmarshal(reply.Body, &out) != nil {
		return reply.Status, &outbox.SendError{Text: "its reply cannot be read", Code: reply.Status}
	}
	if reply.Status == http.StatusBadRequest {
		if len(items) == 1 {
			done.end(items[0], Failed, because("HubSpot", out.Category))
			return http.StatusOK, nil
		}
		half := len(items) / 2
		if code, err := p.hubspotBatch(ctx, t, items[:half], done); err != nil {
			return code, err
		}
		return p.hubspotBatch(ctx, t, items[half:], done)
	}
	for _, r := range out.Results {
		if i, ok := byTrace[r.Trace]; ok {
			done.end(i, outcomeOf(r.New), "")
		}
	}
	for _, e := range out.Errors {
		for _, trace := range e.Context["objectWriteTraceId"] {
			if i, ok := byTrace[trace]; ok {
				done.end(i, Failed, because("HubSpot", e.Category))
			}
		}
	}
	return reply.Status, unanswered(items, done, reply.Status)
}

func outcomeOf(created bool) string {
	if created {
		return Created
	}
	return Updated
}

// unanswered lets a part be tried again of which not every lead was answered.
func unanswered(items []item, done results, status int) error {
	for _, i := range items {
		if _, ok := done[i.row.No]; !ok {
			return &outbox.SendError{Text: "its reply does not give the outcome of every lead", Code: status}
		}
	}
	return nil
}

// toWebhook posts leads with their values, signed by Standard Webhooks.
func (p *Pushes) toWebhook(ctx context.Context, t target, e store.Effect, items []item, done results) (int, error) {
	type one struct {
		Lead string `json:"lead"`
		hook
	}
	leads := make([]one, len(items))
	for n, i := range items {
		c := i.contact
		leads[n] = one{i.row.Lead, hook{c.First, c.Last, c.Title, c.Company, c.Site, c.Email, c.Phone, c.Mobile}}
	}
	now := p.Clock()
	data, err := json.Marshal(map[string]any{"leads": leads})
	if err != nil {
		return 0, err
	}
	body, err := json.Marshal(outbox.Happened{Type: "leads.push", At: now.UTC(), Data: data})
	if err != nil {
		return 0, err
	}
	signer, err := standard.NewWebhook(t.token.Reveal())
	if err != nil {
		return 0, &outbox.SendError{Text: "the signing secret is not one", Never: true}
	}
	signature, err := signer.Sign(e.Message, now, body)
	if err != nil {
		return 0, err
	}
	h := http.Header{}
	h.Set(standard.HeaderWebhookID, e.Message)
	h.Set(standard.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	h.Set(standard.HeaderWebhookSignature, signature)
	reply, err := p.call(ctx, http.MethodPost, t.Address, h, body)
	if err != nil {
		return reply.Status, err
	}
	if reply.Status == http.StatusBadRequest {
		return reply.Status, &outbox.SendError{Text: "it refused the request", Code: reply.Status, Never: true}
	}
	for _, i := range items {
		done.end(i, Sent, "")
	}
	return reply.Status, nil
}

// hook is a lead's values in a webhook's body.
type hook struct {
	First   string `json:"first_name,omitempty"`
	Last    string `json:"last_name,omitempty"`
	Title   string `json:"title,omitempty"`
	Company string `json:"company,omitempty"`
	Site    string `json:"website,omitempty"`
	Email   string `json:"email,omitempty"`
	Phone   string `json:"work_phone,omitempty"`
	Mobile  string `json:"mobile_phone,omitempty"`
}
