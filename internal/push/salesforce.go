package push

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/leadmeter/leadmeter/internal/outbound"
	"github.com/leadmeter/leadmeter/internal/outbox"
	"github.com/leadmeter/leadmeter/internal/seal"
)

// salesforceVersion is the version of Salesforce's API that is spoken.
const salesforceVersion = "v62.0"

// keys are Salesforce's consumer key and secret as one secret: neither has a space.
func keys(id, secret string) string { return id + " " + secret }

// accesses are the access tokens that this process fetched, by the connection they
// are of. They end with Salesforce's session, which is when one is fetched again.
type accesses struct {
	mu     sync.Mutex
	tokens map[string]seal.Secret
}

func (a *accesses) get(t target) (seal.Secret, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	token, ok := a.tokens[accessName(t)]
	return token, ok
}

// put keeps a token; an empty one is forgotten.
func (a *accesses) put(t target, token seal.Secret) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.tokens == nil {
		a.tokens = map[string]seal.Secret{}
	}
	if a.tokens[accessName(t)] = token; token.Reveal() == "" {
		delete(a.tokens, accessName(t))
	}
}

// accessName has the sealed keys in it, so that a new connection begins again.
func accessName(t target) string { return t.Workspace + " " + string(t.Secret) }

// callSalesforce makes a call with an access token, a fresh one where there is none
// or the one there was has ended.
func (p *Pushes) callSalesforce(ctx context.Context, t target, method, path string, body []byte) (outbound.Reply, error) {
	for fresh := false; ; fresh = true {
		token, ok := p.accesses.get(t)
		if !ok {
			status, err := 0, error(nil)
			if token, status, err = p.fetchAccess(ctx, t); err != nil {
				return outbound.Reply{Status: status}, err
			}
			fresh = true
			p.accesses.put(t, token)
		}
		reply, err := p.call(ctx, method, t.Address+path, bearer(token), body)
		if reply.Status != http.StatusUnauthorized {
			return reply, err
		}
		p.accesses.put(t, seal.Secret{})
		if fresh {
			return reply, err
		}
	}
}

// fetchAccess gets an access token for the consumer key and secret, by the client
// credentials flow of OAuth 2.0 (RFC 6749, section 4.4), which nobody has to sign in for.
// The status is 401 where the keys are refused.
func (p *Pushes) fetchAccess(ctx context.Context, t target) (token seal.Secret, status int, err error) {
	id, secret, ok := strings.Cut(t.token.Reveal(), " ")
	if !ok {
		return token, http.StatusUnauthorized, &outbox.SendError{Text: "it was connected with an access token, which has ended; connect it again with a consumer key and secret", Never: true}
	}
	header := http.Header{}
	header.Set("Content-Type", "application/x-www-form-urlencoded")
	form := url.Values{"grant_type": {"client_credentials"}, "client_id": {id}, "client_secret": {secret}}
	reply, err := p.call(ctx, http.MethodPost, t.Address+"/services/oauth2/token", header, []byte(form.Encode()))
	if reply.Status == http.StatusBadRequest || reply.Status == http.StatusUnauthorized {
		return token, http.StatusUnauthorized, &outbox.SendError{Text: "it does not take the consumer key and secret, or its app has no client credentials flow; connect it again, and push again", Never: true}
	}
	if err != nil {
		return token, reply.Status, err
	}
	var out struct {
		AccessToken string `json:"access_token"`
	}
	if json.Unmarshal(reply.Body, &out) != nil || out.AccessToken == "" || len(out.AccessToken) > 4000 || !printable(out.AccessToken) {
		return token, reply.Status, &outbox.SendError{Text: "its reply holds no access token", Code: reply.Status}
	}
	return seal.Hide(out.AccessToken), reply.Status, nil
}

type salesforceResult struct {
	Success bool `json:"success"`
	Created bool `json:"created"`
	Errors  []struct {
		Code string `json:"statusCode"`
	} `json:"errors"`
}

// salesforceAgain are refusals that pass by themselves.
var salesforceAgain = map[string]bool{"UNABLE_TO_LOCK_ROW": true, "SERVER_UNAVAILABLE": true, "REQUEST_RUNNING_TOO_LONG": true}

// toSalesforce creates or updates contacts by an external id, which is our lead's.
func (p *Pushes) toSalesforce(ctx context.Context, t target, items []item, done results) (int, error) {
	records := make([]map[string]any, len(items))
	for n, i := range items {
		c := i.contact
		if c.Last == "" {
			c.Last = "[not provided]" // what Salesforce itself writes there
		}
		records[n] = filled(map[string]string{"FirstName": c.First, "LastName": c.Last, "Title": c.Title, "Email": c.Email, "Phone": c.Phone, "MobilePhone": c.Mobile, t.Field: i.row.Lead})
		records[n]["attributes"] = map[string]string{"type": "Contact"}
	}
	body, err := json.Marshal(map[string]any{"allOrNone": false, "records": records})
	if err != nil {
		return 0, err
	}
	reply, err := p.callSalesforce(ctx, t, http.MethodPatch, "/services/data/"+salesforceVersion+"/composite/sobjects/Contact/"+url.PathEscape(t.Field), body)
	if err != nil {
		return reply.Status, err
	}
	var out []salesforceResult
	if reply.Status == http.StatusBadRequest {
		return reply.Status, &outbox.SendError{Text: "it refused the request: the external id field is perhaps not one", Code: reply.Status, Never: true}
	}
	if json.Unmarshal(reply.Body, &out) != nil || len(out) != len(items) {
		return reply.Status, &outbox.SendError{Text: "its reply cannot be read", Code: reply.Status}
	}
	var again error
	for n, r := range out {
		code := ""
		if len(r.Errors) > 0 {
			code = r.Errors[0].Code
		}
		switch {
		case r.Success:
			done.end(items[n], outcomeOf(r.Created), "")
		case salesforceAgain[code]:
			again = &outbox.SendError{Text: "some contacts were in use", Code: reply.Status}
		default:
			done.end(items[n], Failed, because("Salesforce", code))
		}
	}
	return reply.Status, again
}
