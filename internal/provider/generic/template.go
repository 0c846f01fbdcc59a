package generic

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/http/httpguts"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

// Placeholders, by where they may stand.
var (
	ofPerson = []string{"first_name", "last_name", "full_name", "company", "domain", "linkedin_url", "email", "country"}
	ofPoll   = append(slices.Clone(ofPerson), "ticket")
	ofHeader = []string{"key"}
)

// fill puts what is known into a template's placeholders, each through escape,
// and counts those of which something is known and those of which nothing is.
func fill(template string, known map[string]string, escape func(string) string) (text string, have, lack int) {
	var b strings.Builder
	for rest := template; rest != ""; {
		before, after, open := strings.Cut(rest, "{")
		b.WriteString(before)
		if !open {
			break
		}
		name, tail, _ := strings.Cut(after, "}")
		word := known[name]
		if word == "" {
			lack++
		} else {
			have++
		}
		if escape != nil {
			word = escape(word)
		}
		b.WriteString(word)
		rest = tail
	}
	return b.String(), have, lack
}

// segment encodes a word for a URL's path, where two dots would mean the folder
// above.
func segment(word string) string {
	return strings.ReplaceAll(url.PathEscape(word), "..", "%2E%2E")
}

// fillBody fills the strings of a body. False means that it is nothing now:
// what has only unknown placeholders is left out of maps and lists.
func fillBody(template any, known map[string]string) (any, bool) {
	switch t := template.(type) {
	case string:
		text, have, lack := fill(t, known, nil)
		return text, have > 0 || lack == 0
	case map[string]any:
		members := map[string]any{}
		for name, member := range t {
			if value, ok := fillBody(member, known); ok {
				members[name] = value
			}
		}
		return members, len(members) > 0 || len(t) == 0
	case []any:
		list := []any{}
		for _, item := range t {
			if value, ok := fillBody(item, known); ok {
				list = append(list, value)
			}
		}
		return list, len(list) > 0 || len(t) == 0
	}
	return template, true
}

// check refuses a configuration that could not work, or that would put a key
// where keys do not belong.
func check(s provider.Setup) error {
	h := s.HTTP
	if h == nil {
		return fmt.Errorf(".http is missing: it says how the source is asked")
	}
	if err := checkRequest(h.Request, ofPerson, s); err != nil {
		return fmt.Errorf(".http.request%w", err)
	}
	if h.Poll != nil {
		if err := checkRequest(*h.Poll, ofPoll, s); err != nil {
			return fmt.Errorf(".http.poll%w", err)
		}
		if h.Answer.Ticket == "" {
			return fmt.Errorf(".http.answer.ticket is missing: it says where a reply has the ticket that poll uses")
		}
	}
	for i, set := range h.Needs {
		for _, word := range set {
			if !slices.Contains(ofPerson, word) {
				return fmt.Errorf(".http.needs[%d] names %q; it may name %s", i, word, strings.Join(ofPerson, ", "))
			}
		}
	}
	return checkReading(h.Answer)
}

func checkRequest(r provider.Request, allowed []string, s provider.Setup) error {
	if r.Method != http.MethodGet && r.Method != http.MethodPost {
		return fmt.Errorf(".method must be GET or POST")
	}
	if strings.ContainsAny(r.Path, "?#") || r.Path != "" && r.Path[0] != '/' {
		return fmt.Errorf(".path must begin with / and have no ? or #; parameters stand in query")
	}
	if err := placeholders(r.Path, allowed); err != nil {
		return fmt.Errorf(".path: %w", err)
	}
	for name, template := range r.Query {
		if secretive(name) {
			return fmt.Errorf(".query.%s: a key does not belong in a URL; send it in headers, as {key}", name)
		}
		if err := placeholders(template, allowed); err != nil {
			return fmt.Errorf(".query.%s: %w", name, err)
		}
	}
	for name, template := range r.Headers {
		switch {
		case !httpguts.ValidHeaderFieldName(name) || !httpguts.ValidHeaderFieldValue(template):
			return fmt.Errorf(".headers: %q is not a header", name)
		case secretive(name) && !strings.Contains(template, "{key}"):
			return fmt.Errorf(".headers.%s must have {key} where the key goes; the key itself is given by key_env", name)
		case strings.Contains(template, "{key}") && s.Key.Reveal() == "":
			return fmt.Errorf(".headers.%s has {key}, and there is no key; name the environment variable that holds it as key_env", name)
		}
		if err := placeholders(template, ofHeader); err != nil {
			return fmt.Errorf(".headers.%s: %w", name, err)
		}
	}
	if r.Body != nil && r.Method == http.MethodGet {
		return fmt.Errorf(".body: a GET has none")
	}
	return checkBody(r.Body, allowed)
}

func checkBody(template any, allowed []string) error {
	switch t := template.(type) {
	case string:
		if err := placeholders(t, allowed); err != nil {
			return fmt.Errorf(".body: %w", err)
		}
	case map[string]any:
		for _, member := range t {
			if err := checkBody(member, allowed); err != nil {
				return err
			}
		}
	case []any:
		for _, item := range t {
			if err := checkBody(item, allowed); err != nil {
				return err
			}
		}
	case nil, bool, int, int64, uint64, float64:
	default:
		return fmt.Errorf(".body may have maps with names, lists, texts, numbers and true or false; not %T", template)
	}
	return nil
}

// secretive tells whether a header or parameter is one that keys travel in.
func secretive(name string) bool {
	name = strings.ToLower(name)
	for _, part := range []string{"auth", "key", "token", "secret", "password"} {
		if strings.Contains(name, part) {
			return true
		}
	}
	return false
}

// placeholders refuses placeholders that are none or stand in the wrong place.
func placeholders(template string, allowed []string) error {
	for rest := template; ; {
		_, after, open := strings.Cut(rest, "{")
		if !open {
			return nil
		}
		name, tail, closed := strings.Cut(after, "}")
		if !closed || !slices.Contains(allowed, name) {
			return fmt.Errorf("{%s} may not stand here; these may: {%s}", name, strings.Join(allowed, "}, {"))
		}
		rest = tail
	}
}

var outcomes = []provider.Outcome{provider.Found, provider.NotFound, provider.Pending, provider.RateLimited, provider.OutOfQuota,
	provider.Forbidden, provider.OptedOut, provider.Invalid, provider.Failed}

func checkReading(r provider.Reading) error {
	for status, o := range r.Status {
		if status < 200 || status > 599 || status/100 == 3 || !slices.Contains(outcomes, o) {
			return fmt.Errorf(".http.answer.status: %d: %q; it maps HTTP statuses but redirects to %v", status, o, outcomes)
		}
	}
	for word, o := range r.Outcomes {
		if !slices.Contains(outcomes, o) {
			return fmt.Errorf(".http.answer.outcomes.%s is %q; it must be one of %v", word, o, outcomes)
		}
	}
	if (r.OutcomePath == "") != (len(r.Outcomes) == 0) {
		return fmt.Errorf(".http.answer: outcome_path and outcomes need each other")
	}
	if len(r.Values) == 0 {
		return fmt.Errorf(".http.answer.values is missing: it says where a reply has the values")
	}
	for i, v := range r.Values {
		if _, known := lead.ParseField(string(v.Field)); !known || v.Value == "" {
			return fmt.Errorf(".http.answer.values[%d] needs field, one of %v, and value, a path", i, lead.Fields)
		}
		for word, status := range v.Statuses {
			if _, known := lead.EmailStatus(status); !known || status == "" || !v.Field.IsEmail() {
				return fmt.Errorf(".http.answer.values[%d].statuses.%s must be verified, likely, unverified or bounced, of an email", i, word)
			}
		}
	}
	return nil
}
