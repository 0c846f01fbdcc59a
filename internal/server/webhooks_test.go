package server_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/webhook"
)

// What happens is told, once, signed as the standard's own library verifies, and
// without anybody's data.
func TestWebhooks(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		w.load("text/csv", people)
		reaches(w.T, w.server)
		ws, other, e := w.workspace("pro", 2, nil), w.workspace("pro", 1, nil), listen(w.T)
		w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 3}, 201) // before there was anybody to tell
		id, secret := w.hook(ws, e.URL+"/in", webhook.Events...)
		ada, adas := w.member(ws, "Ada")
		w.call(w.operator, http.MethodPut, client.In(ws, "members", ada, "allocations"), is{"standard": is{"mode": "limit", "amount": 5}}, 200)
		w.post(adas, client.In(ws, "captures"), is{"person": is{"email": "ada@engines.example"}, "fields": []string{"work_email", "mobile_phone"}}, 200)
		w.post(adas, client.In(ws, "captures"), is{"person": is{"email": "ada@engines.example"}, "fields": []string{"work_email", "mobile_phone"}}, 200)
		w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 2, "description": "for Grace Hopper"}, 201)
		w.post(w.operator, client.In(other, "charges"), is{"credit": "standard", "amount": 7}, 201)
		w.post(w.operator, client.In(ws, "grants"), is{"credit": "premium", "amount": 20, "kind": "once", "note": "for Ada"}, 201)
		request := w.post(adas, client.In(ws, "credit-requests"), is{"credit": "standard", "amount": 4, "reason": "Grace Hopper is worth it"}, 201)["id"].(string)
		w.post(w.operator, client.In(ws, "credit-requests", request, "decide"), is{"grant": 2}, 200)
		w.post(w.operator, client.In(ws, "bulk-captures"), is{"people": []is{{"email": "nobody@nowhere.example"}}, "confirmed": true}, 202)
		working, stop := context.WithCancel(ctx)
		defer stop()
		go w.server.Bulk.Work(working)
		w.post(w.operator, client.In(ws, "cancel"), is{"at": "period_end"}, 200)
		want := map[string]int{"capture.settled": 2, "lead.captured": 1, "charge.created": 1, "grant.created": 1, "credit_request.created": 1, "credit_request.decided": 1, "subscription.cancelled": 1, "bulk.finished": 1}
		for event, n := range want {
			w.wait(e, event, n)
		}
		w.poll(func() bool { return w.allSent(ws, id) })
		signer, err := standard.NewWebhook(secret)
		if err != nil {
			w.Fatal(err)
		}
		count := map[string]int{}
		for _, m := range e.all() {
			count[m.event]++
			if err := signer.Verify(m.body, m.header); err != nil {
				w.Errorf("%s: %v", m.event, err)
			}
			if err := signer.Verify(append(m.body, ' '), m.header); err == nil {
				w.Errorf("%s: a changed body verifies", m.event)
			}
			for _, private := range []string{"Lovelace", "Hopper", "ada@", "engines", "+1", "1212555", "Ada", "worth"} {
				if bytes.Contains(m.body, []byte(private)) {
					w.Errorf("%s tells %q: %s", m.event, private, m.body)
				}
			}
		}
		for event, n := range want {
			w.same(event, count[event], n)
		}
		w.same("kinds of events", len(count), len(want))
		settled := w.wait(e, "capture.settled", 2)[0].data
		w.same("member", settled["member"], ada)
		w.same("fields", len(settled["fields"].([]any)), 2)
		w.same("bulk", w.wait(e, "bulk.finished", 1)[0].data["status"], "done")
		w.same("granted", w.wait(e, "credit_request.decided", 1)[0].data["granted"], 2)
		w.same("charge", w.wait(e, "charge.created", 1)[0].data["amount"], 2)
	})
}

// Every entry that comes after an endpoint is told to it exactly once, while
// charges come, endpoints are added and two servers follow one ledger.
func TestEventsAreExact(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		ws, e := w.workspace("enterprise", 1, nil), listen(w.T)
		servers := []*server.Server{w.server}
		if w.server.Store.Engine() == "postgres" {
			second, err := server.Open(ctx, server.Config{Database: w.server.Config.Database, WebhooksPrivate: true})
			if err != nil {
				w.Fatal(err)
			}
			w.Cleanup(func() { second.Close() })
			servers = append(servers, second)
		}
		for _, s := range servers {
			for range 2 {
				reaches(w.T, s)
			}
		}
		const n = 600
		var hooks []string
		var charging sync.WaitGroup
		charging.Go(func() {
			for i := range n {
				w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 1 + i%3}, 201)
			}
		})
		for range 5 {
			id, _ := w.hook(ws, e.URL, webhook.ChargeCreated)
			hooks = append(hooks, id)
			time.Sleep(20 * time.Millisecond) // spreads the endpoints over the charges
		}
		charging.Wait()
		var list []store.Webhook
		if err := w.server.Store.View(ctx, func(tx *store.Tx) (err error) { list, err = tx.Webhooks().Of(ws); return err }); err != nil {
			w.Fatal(err)
		}
		late := false
		for _, h := range list {
			want := n - int(h.FromSeq)
			late = late || h.FromSeq > 0
			w.poll(func() bool { return len(w.effects(ws, h.ID)) >= want && w.allSent(ws, h.ID) })
			told := map[string]bool{}
			for _, x := range w.effects(ws, h.ID) {
				var what struct{ Data webhook.ChargeData }
				if err := json.Unmarshal(x.Payload, &what); err != nil {
					w.Fatal(err)
				}
				if told[what.Data.Entry] {
					w.Errorf("%s was told twice to %s", what.Data.Entry, h.ID)
				}
				told[what.Data.Entry] = true
			}
			w.same("entries told", len(told), want)
		}
		if !late {
			w.Error("no endpoint came after the first entry; the test shows nothing")
		}
		times := map[string]int{}
		for _, m := range e.all() {
			times[m.id]++
		}
		for id, n := range times {
			if n > 5 { // one for each endpoint that shares the event
				w.Errorf("%s was sent %d times", id, n)
			}
		}
		w.same("endpoints", len(hooks), len(list))
	})
}

// A rotated secret signs beside the new one for a day; neither is ever shown again,
// kept in the clear where the server has a key, or logged.
func TestSecrets(t *testing.T) {
	var logs bytes.Buffer
	var mu sync.Mutex
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(lockedWriter{&mu, &logs}, &slog.HandlerOptions{Level: slog.LevelDebug})))
	t.Cleanup(func() { slog.SetDefault(before) })
	keyFile := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(keyFile, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	now := newMachineClock()
	reachable(t, server.Config{SecretKeyFile: keyFile, Clock: now.Now}, func(w *world) {
		reaches(w.T, w.server)
		ws, e := w.workspace("pro", 1, nil), listen(w.T)
		out := w.callOnce(w.operator, http.MethodPost, client.In(ws, "webhooks"), "k", is{"url": e.URL + "/path-canary", "events": []string{"charge.created"}}, 201)
		id, old := out["id"].(string), out["secret"].(string)
		again := w.callOnce(w.operator, http.MethodPost, client.In(ws, "webhooks"), "k", is{"url": e.URL + "/path-canary", "events": []string{"charge.created"}}, 201)
		w.same("the same one", again["id"], id)
		if again["secret"] != nil {
			w.Error("a repetition shows the secret again")
		}
		fresh := w.post(w.operator, client.In(ws, "webhooks", id, "rotate"), is{}, 200)["secret"].(string)
		if fresh == old || w.get(w.operator, client.In(ws, "webhooks", id))["secret"] != nil {
			w.Error("the secret was not rotated, or is shown")
		}
		w.post(w.operator, client.In(ws, "webhooks", id, "test"), is{}, 202)
		verifies := func(m message, secret string) bool {
			signer, err := standard.NewWebhook(secret)
			return err == nil && signer.VerifyIgnoringTimestamp(m.body, m.header) == nil
		}
		m := w.wait(e, webhook.Test, 1)[0]
		if !verifies(m, old) || !verifies(m, fresh) || len(strings.Fields(m.header.Get("webhook-signature"))) != 2 {
			w.Errorf("both secrets must sign: %s", m.header.Get("webhook-signature"))
		}
		now.add(25 * time.Hour)
		w.post(w.operator, client.In(ws, "webhooks", id, "test"), is{}, 202)
		m = w.wait(e, webhook.Test, 2)[1]
		if verifies(m, old) || !verifies(m, fresh) {
			w.Error("after a day the new secret alone signs")
		}
		e.answer(500)
		w.post(w.operator, client.In(ws, "webhooks", id, "test"), is{}, 202)
		w.wait(e, webhook.Test, 3)
		if err := w.server.Store.View(ctx, func(tx *store.Tx) error {
			row, _, err := tx.Webhooks().ByID(ws, id)
			if strings.Contains(row.Secret, fresh) || strings.Contains(row.OldSecret, old) || !strings.HasPrefix(row.Secret, "seal1.") {
				w.Error("a secret is kept in the clear")
			}
			return err
		}); err != nil {
			w.Fatal(err)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, canary := range []string{old, fresh, "path-canary", "whsec_"} {
			if strings.Contains(logs.String(), canary) {
				w.Errorf("the log holds %q", canary)
			}
		}
	})
}

// An endpoint that fails for days is paused and its admins are told; what happens
// meanwhile waits, and is sent when it is resumed. One that says it is gone is
// paused at once. Redelivery keeps the id.
func TestFailingEndpoint(t *testing.T) {
	now := newMachineClock()
	reachable(t, server.Config{Clock: now.Now}, func(w *world) {
		reaches(w.T, w.server)
		ws, e := w.workspace("pro", 1, nil), listen(w.T)
		w.post(w.operator, client.In(ws, "members"), is{"email": "boss@acme.example", "name": "Boss", "role": "admin"}, 201)
		id, _ := w.hook(ws, e.URL, "charge.created")
		path := client.In(ws, "webhooks", id)
		e.answer(503)
		w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 1}, 201)
		w.wait(e, "", 1)
		ended := func() bool {
			return !slices.ContainsFunc(w.effects(ws, id), func(e store.Effect) bool { return e.Owner != "" })
		}
		w.poll(ended)
		now.add(47 * time.Hour)
		w.wait(e, "", 2)
		w.poll(ended)
		w.same("paused before two days", w.get(w.operator, path)["paused"], false)
		now.add(2 * time.Hour)
		w.poll(func() bool { return w.get(w.operator, path)["paused"].(bool) })
		w.same("why", w.get(w.operator, path)["paused_why"], "failing")
		w.poll(func() bool { return len(w.mails()) == 1 })
		if text := w.mails()[0]; !strings.Contains(text, "boss@acme.example") || !strings.Contains(text, "was paused") {
			w.Errorf("the mail: %s", text)
		}
		e.answer(200)
		tries := len(e.all())
		w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 2}, 201)
		w.poll(func() bool { return len(w.effects(ws, id)) == 2 })
		w.same("sent while paused", len(e.all()), tries)
		w.post(w.operator, path+"/test", is{}, 409)
		w.call(w.operator, http.MethodPatch, path, is{"paused": false}, 200)
		w.wait(e, "", tries+2)
		w.poll(func() bool { return w.allSent(ws, id) })
		last := e.all()[tries:]
		ids := map[string]bool{last[0].id: true, last[1].id: true}
		if len(ids) != 2 || !ids[e.all()[0].id] {
			w.Errorf("the first message was not sent again under its id: %v", ids)
		}

		delivery := w.get(w.operator, path+"/deliveries")["data"].([]any)[0].(is)
		w.same("code", delivery["response_code"], 200)
		w.post(w.operator, path+"/deliveries/"+delivery["id"].(string)+"/redeliver", is{}, 202)
		w.wait(e, "", tries+3)
		w.same("the id of a redelivery", e.all()[tries+2].id, delivery["message"])

		e.answer(410)
		w.post(w.operator, client.In(ws, "charges"), is{"credit": "standard", "amount": 2}, 201)
		w.poll(func() bool { return w.get(w.operator, path)["paused_why"] == "gone" })
		w.call(w.operator, http.MethodDelete, path, nil, 204)
		w.same("left of it", len(w.effects(ws, id)), 0)
	})
}

// Private and special addresses are refused where they are written and, whatever
// a name says, where they are connected to; redirects are not followed.
func TestWebhookAddresses(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		ws, e := w.workspace("pro", 1, nil), listen(w.T)
		closed := openWith(w.T, server.Config{Database: w.server.Config.Database})
		for _, url := range []string{
			"http://example.com/in", "https://127.0.0.1/", "https://localhost/", "https://10.1.2.3/", "https://[::1]/", "https://[::ffff:10.0.0.1]/", "https://169.254.169.254/latest", "https://0.0.0.0/",
			"https://example.com:8443/", "https://user:pass@example.com/", "https://example.com/#x", "ftp://example.com", "https://", "nonsense", "https://exa mple.com/", "https://example.com/" + strings.Repeat("x", 2000),
		} {
			got := closed.post(closed.operator, client.In(ws, "webhooks"), is{"url": url, "events": []string{"charge.created"}}, 400)
			if fields := got["errors"].([]client.Field); len(fields) == 0 || fields[0].Field != "url" {
				w.Errorf("%s: %v", url, got)
			}
		}
		w.post(w.operator, client.In(ws, "webhooks"), is{"url": e.URL, "events": []string{}}, 400)
		w.post(w.operator, client.In(ws, "webhooks"), is{"url": e.URL, "events": []string{"everything"}}, 400)
		id, _ := w.hook(ws, e.URL, "charge.created")
		w.post(w.operator, client.In(ws, "webhooks", id, "test"), is{}, 202)
		x := w.effects(ws, id)[0]
		for _, url := range []string{e.URL, "https://localhost", "https://[::ffff:127.0.0.1]", "https://169.254.169.254", "https://100.64.0.1", "https://[64:ff9b::7f00:1]", "https://0177.0.0.1"} {
			if err := w.server.Store.Update(ctx, func(tx *store.Tx) error {
				row, _, err := tx.Webhooks().ByID(ws, id)
				row.URL = url
				if err != nil {
					return err
				}
				return tx.Webhooks().Update(row)
			}); err != nil {
				w.Fatal(err)
			}
			if _, err := closed.server.Webhooks.Send(ctx, x); err == nil {
				w.Errorf("%s was called", url)
			}
		}
		w.same("calls", len(e.all()), 0)
		inside := listen(w.T)
		e.header.Set("Location", inside.URL)
		e.answer(302)
		w.call(w.operator, http.MethodPatch, client.In(ws, "webhooks", id), is{"url": e.URL}, 200)
		if _, err := w.server.Webhooks.Send(ctx, x); err == nil || len(inside.all()) != 0 {
			w.Errorf("a redirect was followed: %v", err)
		}
	})
}

// Webhooks are the admins', and a workspace's own.
func TestWebhookRoles(t *testing.T) {
	reachable(t, server.Config{}, func(w *world) {
		ours, theirs, e := w.workspace("starter", 1, nil), w.workspace("starter", 1, nil), listen(w.T)
		_, member := w.member(ours, "Ada")
		key := func(ws string, readOnly bool) *client.Client {
			return w.as(w.post(w.operator, client.In(ws, "keys"), is{"role": "admin", "read_only": readOnly}, 201)["key"].(string))
		}
		admin, reader, stranger, nobody := key(ours, false), key(ours, true), key(theirs, false), w.as("")
		id, _ := w.hook(ours, e.URL, "charge.created")
		foreign, _ := w.hook(theirs, e.URL, "charge.created")
		path := client.In(ours, "webhooks", id)
		w.post(admin, path+"/test", is{}, 202)
		delivery := w.effects(ours, id)[0].ID
		body := is{"url": e.URL, "events": []string{"charge.created"}}
		for _, c := range []struct {
			method, path string
			body         any
			admin, member, reader,
			stranger, nobody int
		}{
			{"GET", client.In(ours, "webhooks"), nil, 200, 403, 200, 404, 401},
			{"GET", path, nil, 200, 403, 200, 404, 401},
			{"GET", path + "/deliveries", nil, 200, 403, 200, 404, 401},
			{"POST", client.In(ours, "webhooks"), body, 201, 403, 403, 404, 401},
			{"POST", path + "/rotate", is{}, 201, 403, 403, 404, 401},
			{"POST", path + "/test", is{}, 201, 403, 403, 404, 401},
			{"POST", path + "/deliveries/" + delivery + "/redeliver", is{}, 409, 403, 403, 404, 401},
			{"PATCH", path, is{"paused": true}, 200, 403, 403, 404, 401},
			{"GET", client.In(ours, "webhooks", foreign), nil, 404, 403, 404, 404, 401},
			{"PATCH", client.In(ours, "webhooks", foreign), is{"paused": true}, 404, 403, 403, 404, 401},
			{"DELETE", client.In(ours, "webhooks", foreign), nil, 404, 403, 403, 404, 401},
			{"POST", client.In(ours, "webhooks", foreign) + "/rotate", is{}, 404, 403, 403, 404, 401},
			{"POST", client.In(ours, "webhooks", foreign) + "/deliveries/" + delivery + "/redeliver", is{}, 404, 403, 403, 404, 401},
		} {
			for _, who := range []struct {
				name   string
				client *client.Client
				status int
			}{{"member", member, c.member}, {"reader", reader, c.reader}, {"stranger", stranger, c.stranger}, {"nobody", nobody, c.nobody}, {"admin", admin, c.admin}} {
				if got := w.status(who.client, c.method, c.path, c.body); got != who.status {
					w.Errorf("%s %s as %s: %d, want %d", c.method, c.path, who.name, got, who.status)
				}
			}
		}
		for n := 1; n < webhook.MaxEndpoints-1; n++ {
			w.hook(ours, fmt.Sprint(e.URL, "/", n), "charge.created")
		}
		w.post(w.operator, client.In(ours, "webhooks"), body, 409)
	})
}
