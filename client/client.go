// Package client talks to a leadmeter server. It adds nothing to the API but what
// a caller would otherwise write again each time: the key, JSON, idempotency keys
// in order of time, and errors as values.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// Client is a server and a key. It may be used by any number of goroutines.
type Client struct {
	// Server is where it is, such as https://leads.example.com.
	Server string
	// Key is an API key.
	Key string
	// HTTP does the requests; nil is http.DefaultClient.
	HTTP *http.Client
}

// maxAnswer bounds an answer that is read into memory, in bytes.
const maxAnswer = 64 << 20

// Problem is an error answer (RFC 9457). Decide by Code.
type Problem struct {
	Status    int          `json:"status"`
	Code      string       `json:"code"`
	Detail    string       `json:"detail"`
	Errors    []Field      `json:"errors"`
	Credit    string       `json:"credit"`
	Needed    *unit.Amount `json:"needed"`
	Available *unit.Amount `json:"available"`
	LimitedBy string       `json:"limited_by"`
	RefillsAt *time.Time   `json:"refills_at"`
	// RetryAfter is how long to wait before it is worth sending again; 0: not said.
	RetryAfter time.Duration `json:"-"`
}

// Field is a wrong member of a request.
type Field struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (p *Problem) Error() string { return p.Code + ": " + p.Detail }

// NewKey makes an idempotency key. Keys in order of time keep the server's
// indexes compact.
func NewKey() string { return uuid.Must(uuid.NewV7()).String() }

// Do sends a request and reads the answer into out, unless that is nil. The error
// is a *Problem when the server said no. A POST with an idempotency key may be
// sent again after any other error: it happens once.
func (c *Client) Do(ctx context.Context, method, path, idempotencyKey string, in, out any) (http.Header, error) {
	var body io.Reader
	contentType := "application/json"
	switch v := in.(type) {
	case nil:
	case File:
		body, contentType = v.Content, v.Type
	default:
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.Server+path, body)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Authorization", "Bearer "+c.Key)
	if body != nil {
		r.Header.Set("Content-Type", contentType)
	}
	if idempotencyKey != "" {
		r.Header.Set("Idempotency-Key", idempotencyKey)
	}
	return c.send(r, out)
}

func (c *Client) send(r *http.Request, out any) (http.Header, error) {
	h := c.HTTP
	if h == nil {
		h = http.DefaultClient
	}
	answer, err := h.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	if err != nil {
		return answer.Header, err
	}
	if answer.StatusCode >= 400 {
		p := &Problem{Status: answer.StatusCode}
		if json.Unmarshal(text, p) != nil || p.Code == "" {
			return answer.Header, fmt.Errorf("%s %s: %s", r.Method, r.URL.Path, answer.Status)
		}
		if seconds, err := strconv.Atoi(answer.Header.Get("Retry-After")); err == nil {
			p.RetryAfter = time.Duration(seconds) * time.Second
		}
		return answer.Header, p
	}
	switch v := out.(type) {
	case nil:
		return answer.Header, nil
	case *[]byte:
		*v = text
		return answer.Header, nil
	}
	return answer.Header, json.Unmarshal(text, out)
}

// File is a body that is not JSON.
type File struct {
	Type    string
	Content io.Reader
}

// In is the path of something in a workspace: In("ws_1", "leads") is
// /v1/workspaces/ws_1/leads.
func In(workspace string, parts ...string) string {
	path := "/v1/workspaces/" + url.PathEscape(workspace)
	for _, p := range parts {
		path += "/" + url.PathEscape(p)
	}
	return path
}

// Person names somebody: by id, profile URL, email, or name and company.
type Person struct {
	ID            string `json:"id,omitempty"`
	LinkedInURL   string `json:"linkedin_url,omitempty"`
	Email         string `json:"email,omitempty"`
	FullName      string `json:"full_name,omitempty"`
	Company       string `json:"company,omitempty"`
	CompanyDomain string `json:"company_domain,omitempty"`
}

// Capture asks for a person's fields; no fields are the standard ones.
type Capture struct {
	Member       string   `json:"member,omitempty"`
	Person       Person   `json:"person"`
	Fields       []string `json:"fields,omitempty"`
	Mode         string   `json:"mode,omitempty"`
	List         string   `json:"list,omitempty"`
	AllOrNothing bool     `json:"all_or_nothing,omitempty"`
	Channel      string   `json:"channel,omitempty"`
}

// Captured is the outcome of each field.
type Captured struct {
	ID     string  `json:"id"`
	Mode   string  `json:"mode"`
	Lead   *string `json:"lead"`
	Person struct {
		Person
		Title    string `json:"title"`
		Location string `json:"location"`
	} `json:"person"`
	Fields  map[string]CapturedField `json:"fields"`
	Charged map[string]unit.Amount   `json:"charged"`
	Balance map[string]unit.Balance  `json:"balance"`
}

// CapturedField is one field's outcome and values.
type CapturedField struct {
	Outcome unit.Outcome `json:"outcome"`
	Values  []struct {
		Value  string `json:"value"`
		Status string `json:"status"`
	} `json:"values"`
	Credit string      `json:"credit"`
	Amount unit.Amount `json:"amount"`
}

// Capture captures or previews a person, once for a key.
func (c *Client) Capture(ctx context.Context, workspace, key string, in Capture) (*Captured, error) {
	out := new(Captured)
	_, err := c.Do(ctx, http.MethodPost, In(workspace, "captures"), key, in, out)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Charge spends an amount of a credit type, once for a key.
func (c *Client) Charge(ctx context.Context, workspace, key, credit string, amount unit.Amount) (unit.Balance, error) {
	var out struct {
		Balance unit.Balance `json:"balance"`
	}
	in := map[string]any{"credit": credit, "amount": amount}
	_, err := c.Do(ctx, http.MethodPost, In(workspace, "charges"), key, in, &out)
	return out.Balance, err
}
