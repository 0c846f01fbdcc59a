package server_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/outbound"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// Where an extension is approved is the server's own address or a path, and never what a
// request calls the server.
func TestApproveURLIgnoresTheHost(t *testing.T) {
	for _, public := range []string{"", "https://leads.example.com"} {
		w := openWith(t, server.Config{Database: testdb.AddressOnAny(t), PublicURL: public})
		r, err := http.NewRequestWithContext(ctx, "POST", w.http.URL+"/v1/extension/connections", strings.NewReader(`{"name":"x","challenge":"n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg"}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Host = "evil.example"
		r.Header.Set("X-Forwarded-Host", "evil.example")
		r.Header.Set("Content-Type", "application/json")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != 201 || strings.Contains(string(text), "evil") || !strings.Contains(string(text), `"approve_url":"`+public+`/connect/extension?id=ext_`) {
			t.Errorf("with the address %q: %d %s", public, answer.StatusCode, text)
		}
	}
}

// An address that is not public, or that nobody answers at, is refused in one sentence:
// nothing about the server's own network is to be learnt from what it says.
func TestAddressesSayOneThing(t *testing.T) {
	gated(t, nil, func(w *world, _ *hands) {
		ws := w.workspace("pro", 1, nil)
		said := map[string]bool{}
		for _, url := range []string{"https://127.0.0.1/x", "https://10.0.0.1/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/", "https://localhost/", "https://db/",
			"https://printer.local/", "https://x.internal/", "https://LOCALHOST./", "https://0.0.0.0/", "http://example.com/", "https://example.com:8443/", "https://u:p@example.com/", "ftp://example.com/", "https://", "nonsense", "https://example.com/#x"} {
			said[w.post(w.operator, client.In(ws, "webhooks"), is{"url": url, "events": []string{"credits.low"}}, 400)["detail"].(string)] = true
			said[strings.Replace(w.call(w.operator, "PUT", client.In(ws, "push-connections", "webhook"), is{"address": url}, 400)["detail"].(string), "address", "url", 1)] = true
		}
		sentences := 0
		for text := range said {
			if strings.Contains(text, "public internet") {
				sentences++
			} else {
				t.Errorf("it is said that %q", text)
			}
		}
		if sentences > 2 { // two examples
			t.Errorf("%d sentences: %v", sentences, said)
		}
	})
	for _, url := range []string{"https://127.0.0.1:1/", "https://nobody.invalid/", "https://localhost/"} {
		_, err := outbound.NewClient(outbound.Options{}).Do(ctx, outbound.Call{Method: "POST", URL: url})
		if got := outbound.Outside(err); got != outbound.Unreachable {
			t.Errorf("%s: %q", url, got)
		}
	}
}

// An import keeps ten thousand rejected rows and says how many more there were.
func TestRejectedRowsAreBounded(t *testing.T) {
	start(t, func(w *world) {
		var file strings.Builder
		file.WriteString("full_name,work_email\n")
		for n := range 10_007 {
			fmt.Fprintf(&file, ",bad %d\n", n)
		}
		id := w.load("text/csv", file.String())["id"].(string)
		r, err := http.NewRequestWithContext(ctx, "GET", w.http.URL+"/v1/directory/imports/"+id+"/rejected.csv", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+w.operator.Key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if err != nil || len(lines) != 1+10_000+1 || !strings.Contains(lines[len(lines)-1], "7 more rows were rejected") {
			t.Errorf("%d lines, the last one %q", len(lines), lines[len(lines)-1])
		}
	})
}
