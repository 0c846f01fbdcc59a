package server_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
)

// crm answers as HubSpot and Salesforce say they do; next are answers to give first.
type crm struct {
	*httptest.Server
	mu       sync.Mutex
	next     []func(w http.ResponseWriter)
	calls    int
	contacts map[string]is // HubSpot's by email, Salesforce's by external id
	token    string
	issued   int    // Salesforce's access tokens, of which the last is good
	bad      string // the email or last name that is refused
}

func newCRM(t *testing.T, token string) *crm {
	c := &crm{contacts: map[string]is{}, token: token}
	c.Server = httptest.NewServer(http.HandlerFunc(c.serve))
	t.Cleanup(c.Close)
	return c
}

func (c *crm) serve(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	body, _ := io.ReadAll(r.Body)
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/services/oauth2/token" {
		c.access(w, r, body)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+c.token {
		w.WriteHeader(401)
		fmt.Fprint(w, `{"status":"error","category":"EXPIRED_AUTHENTICATION","message":"The OAuth token used to make this call expired"}`)
		return
	}
	if len(c.next) > 0 {
		answer := c.next[0]
		c.next = c.next[1:]
		answer(w)
		return
	}
	switch {
	case r.Method == http.MethodPost && r.URL.Path == "/crm/v3/objects/contacts/batch/upsert":
		c.hubspot(w, body)
	case r.Method == http.MethodPatch && r.URL.Path == "/services/data/v62.0/composite/sobjects/Contact/Leadmeter_Id__c":
		c.salesforce(w, body)
	default:
		w.WriteHeader(404)
	}
}

// access issues a token to the app whose secret is the canary, by the client credentials flow.
func (c *crm) access(w http.ResponseWriter, r *http.Request, body []byte) {
	form, err := url.ParseQuery(string(body))
	if err != nil || r.Method != http.MethodPost || form.Get("grant_type") != "client_credentials" || form.Get("client_id") != "3MVG9-key" || form.Get("client_secret") != "00D-canary" {
		w.WriteHeader(400)
		fmt.Fprint(w, `{"error":"invalid_client","error_description":"invalid client credentials"}`)
		return
	}
	c.issued++
	c.token = fmt.Sprintf("00D!session-%d", c.issued)
	_ = json.NewEncoder(w).Encode(is{"access_token": c.token, "instance_url": "https://acme.my.salesforce.com", "token_type": "Bearer"})
}

// expire ends the access token that was issued.
func (c *crm) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = "ended"
}

func (c *crm) hubspot(w http.ResponseWriter, body []byte) {
	var in struct {
		Inputs []struct {
			ID, IDProperty, ObjectWriteTraceID string
			Properties                         map[string]string
		}
	}
	if json.Unmarshal(body, &in) != nil || len(in.Inputs) > 100 {
		w.WriteHeader(400)
		return
	}
	seen := map[string]bool{}
	var results, errors []is
	for _, i := range in.Inputs { // before anything is written
		if seen[i.ID] || i.IDProperty != "email" || strings.HasPrefix(i.ID, "invalid@") {
			w.WriteHeader(400) // the whole batch
			fmt.Fprint(w, `{"status":"error","category":"VALIDATION_ERROR","message":"Property values were not valid: `+i.ID+`"}`)
			return
		}
		seen[i.ID] = true
	}
	for _, i := range in.Inputs {
		if i.ID == c.bad {
			errors = append(errors, is{"status": "error", "category": "OBJECT_ALREADY_EXISTS", "message": i.ID + " is there", "context": is{"objectWriteTraceId": []string{i.ObjectWriteTraceID}}})
			continue
		}
		_, known := c.contacts[i.ID]
		one := is{}
		for k, v := range i.Properties {
			one[k] = v
		}
		c.contacts[i.ID] = one
		results = append(results, is{"id": "1", "new": !known, "objectWriteTraceId": i.ObjectWriteTraceID, "properties": i.Properties})
	}
	if len(errors) > 0 {
		w.WriteHeader(207)
	}
	_ = json.NewEncoder(w).Encode(is{"status": "COMPLETE", "results": results, "numErrors": len(errors), "errors": errors})
}

func (c *crm) salesforce(w http.ResponseWriter, body []byte) {
	var in struct {
		AllOrNone bool
		Records   []is
	}
	if json.Unmarshal(body, &in) != nil || in.AllOrNone || len(in.Records) > 200 {
		w.WriteHeader(400)
		return
	}
	var out []is
	for _, r := range in.Records {
		id, _ := r["Leadmeter_Id__c"].(string)
		if id == "" || r["LastName"] == nil || r["attributes"].(is)["type"] != "Contact" || r["LastName"] == c.bad {
			out = append(out, is{"success": false, "errors": []is{{"statusCode": "DUPLICATES_DETECTED", "message": "Use one of these: " + fmt.Sprint(r["Email"]), "fields": []string{}}}})
			continue
		}
		_, known := c.contacts[id]
		c.contacts[id] = r
		out = append(out, is{"id": "003", "success": true, "created": !known, "errors": []is{}})
	}
	_ = json.NewEncoder(w).Encode(out)
}

func (c *crm) first(status int, header, value string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = append(c.next, func(w http.ResponseWriter) {
		if header != "" {
			w.Header().Set(header, value)
		}
		w.WriteHeader(status)
	})
}
