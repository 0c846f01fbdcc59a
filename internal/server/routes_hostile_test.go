package server_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/testdb"
)

var hostile = []string{"\x00", "a\x00b", "\xff\xfe", "\xed\xa0\x80", strings.Repeat("x", 70_000), "'; DROP TABLE leads; --", "\u202e<script>"}

// No text that anybody sends is the server's fault: paths, parameters, forms and
// members with NULs, broken UTF-8 and too much of it are refused or taken, on both
// engines alike.
func TestEveryRouteTakesAnyText(t *testing.T) {
	testdb.Slow(t)
	start(t, func(w *world) {
		m := newMatrix(w)
		for _, route := range w.server.Routes.Routes() {
			method, at, ok := strings.Cut(route.Pattern, " ")
			if !ok || strings.Contains(route.Pattern, "/sign-out") || strings.Contains(route.Pattern, "/watch") || strings.Contains(route.Pattern, "/password") {
				continue
			}
			at = strings.NewReplacer("{$}", "").Replace(at)
			for n, text := range hostile {
				if n == 4 && method == http.MethodGet {
					text = text[:2000]
				}
				quoted := url.PathEscape(text)
				path := strings.ReplaceAll(at, "{ws}", m.ws)
				path = placeholder.ReplaceAllString(path, quoted)
				query := "?" + url.Values{"cursor": {text}, "q": {text}, "member": {text}, "list": {text}, "sort": {text}, "next": {text}, "token": {text}}.Encode()
				for _, c := range m.everybody(route.Pattern) {
					for _, body := range bodies(text) {
						if method == http.MethodGet || method == http.MethodDelete {
							body = hostileBody{"", nil}
						}
						for _, q := range []string{"", query} {
							if got := m.send(c, method, path+q, body.kind, body.text); got.status >= 500 {
								t.Errorf("%s with %.20q in path, query %v and %s: %d", route.Pattern, text, q != "", body.kind, got.status)
							}
						}
						if method == http.MethodGet || method == http.MethodDelete {
							break
						}
					}
				}
			}
		}
	})
}

type hostileBody struct {
	kind string
	text []byte
}

// bodies are a text as the members and the names of a body.
func bodies(text string) []hostileBody {
	form := url.Values{}
	for _, name := range []string{"email", "password", "code", "token", "name", "list", "tag", "do", "leads", "who", "notes", "note", "member", "amount", "idempotency_key", "query", "next", "kind", "url", "address", "reason", "grant", "membership"} {
		form.Set(name, text)
	}
	members := `{"name":"` + text + `","email":"` + text + `","person":{"full_name":"` + text + `"},"description":"` + text + `","credit":"` + text + `","amount":1,"charges":[],"challenge":"` + text + `","verifier":"` + text + `","refresh_token":"` + text + `"}`
	return []hostileBody{{"application/x-www-form-urlencoded", []byte(form.Encode())}, {"application/json", []byte(members)}}
}

// everybody are those who are let into a route, and nobody.
func (m *matrix) everybody(pattern string) []*http.Client {
	if strings.Contains(pattern, " /v1/") || strings.Contains(pattern, " /openapi") {
		return []*http.Client{{Transport: bearerOf(m.keys["o"].Key)}, {Transport: bearerOf(m.keys["a"].Key)}}
	}
	if strings.Contains(pattern, " /operator") {
		return []*http.Client{m.pages["o"]}
	}
	return []*http.Client{m.pages["a"]}
}

// Every operation of the API refuses, with its place, text that nobody could have
// meant: unknown parameters, members said twice, in another case or not known.
func TestEveryOperationIsStrict(t *testing.T) {
	start(t, func(w *world) {
		m := newMatrix(w)
		known := m.bodyMembers()
		for _, route := range w.server.Routes.Routes() {
			method, _, _ := strings.Cut(route.Pattern, " ")
			if !strings.Contains(route.Pattern, " /v1/") {
				continue
			}
			_, path := m.path(route.Pattern, m.members["m"])
			c := &http.Client{Transport: bearerOf(m.keys["o"].Key)}
			for _, query := range []string{"?page=2", "?%zz", "?limit=1&limit=2", "?cursor=%00", "?cursor=%ff"} {
				if got := m.send(c, method, path+query, "application/json", []byte("{}")); got.status != 400 {
					t.Errorf("%s with %s: %d", route.Pattern, query, got.status)
				}
			}
			for _, keys := range [][]string{{""}, {" \t"}, {"a", "b"}, {"a", ""}, {strings.Repeat("é", 256)}, {"\xff"}} {
				once := &http.Client{Transport: onceAs{c.Transport, keys}}
				if got := m.send(once, method, path, "application/json", []byte("{}")); got.status != 400 || !strings.Contains(got.text, "Idempotency-Key") {
					t.Errorf("%s with the keys %q: %d %s", route.Pattern, keys, got.status, got.text)
				}
			}
			if method == http.MethodGet || method == http.MethodDelete || route.File && !strings.Contains(path, "bulk") || bodiless[route.Pattern] || route.Stream { // TestStream has its lines
				continue
			}
			for body, says := range map[string]string{
				`{"nobody_knows":1}`: "nobody_knows", "{\"\xff\":1}": "UTF-8", `{"a\u0000":1}`: "NUL", `{"\ud800":1}`: "UTF-8",
				fmt.Sprintf(`{%[1]q:null,%[1]q:null}`, known[route.Pattern]):    "given once",
				fmt.Sprintf(`{%q:null}`, strings.ToUpper(known[route.Pattern])): strings.ToUpper(known[route.Pattern]),
			} {
				if got := m.send(c, method, path, "application/json", []byte(body)); got.status != 400 || !strings.Contains(got.text, says) {
					t.Errorf("%s with %q: %d %s, want 400 and %q", route.Pattern, body, got.status, got.text, says)
				}
			}
		}
	})
}

// onceAs sends every request with idempotency keys as they are.
type onceAs struct {
	http.RoundTripper
	keys []string
}

func (o onceAs) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header["Idempotency-Key"] = o.keys
	return o.RoundTripper.RoundTrip(r)
}

// bodyMembers is a member of each operation's JSON body, by pattern, from the document.
func (m *matrix) bodyMembers() map[string]string {
	m.Helper()
	doc, known := m.get(m.operator, "/openapi.json"), map[string]string{}
	for path, methods := range doc["paths"].(is) {
		for method, o := range methods.(is) {
			body, _ := o.(is)["requestBody"].(is)
			content, _ := body["content"].(is)
			kind, _ := content["application/json"].(is)
			schema, _ := kind["schema"].(is)
			if ref, _ := schema["$ref"].(string); ref != "" {
				schema = doc["components"].(is)["schemas"].(is)[ref[strings.LastIndex(ref, "/")+1:]].(is)
			}
			properties, _ := schema["properties"].(is)
			for _, name := range slices.Sorted(maps.Keys(properties)) {
				known[strings.ToUpper(method)+" "+path] = name
			}
		}
	}
	return known
}

// bodiless are operations that take no body.
var bodiless = map[string]bool{
	"POST /v1/workspaces/{ws}/holds/{hold}/release": true, "POST /v1/workspaces/{ws}/bulk-captures/{bulk}/cancel": true,
	"POST /v1/workspaces/{ws}/webhooks/{webhook}/rotate": true, "POST /v1/workspaces/{ws}/webhooks/{webhook}/test": true,
	"POST /v1/workspaces/{ws}/webhooks/{webhook}/deliveries/{delivery}/redeliver": true,
}
