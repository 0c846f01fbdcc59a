package server_test

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	standard "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// secretKey is a file with a key to keep tokens with.
func secretKey(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(file, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// pushing runs fn with a workspace that owns four leads: Ada, Alan, Grace, whose
// address is only likely, and Mary, of whom there is a mobile alone.
func pushing(t *testing.T, now *machineClock, fn func(w *world, ws string, leads []string)) {
	reachable(t, server.Config{SecretKeyFile: secretKey(t), Clock: now.Now}, func(w *world) {
		w.load("text/csv", people)
		reaches(w.T, w.server)
		ws := w.workspace("pro", 1, nil)
		var leads []string
		for _, who := range []string{"ada", "alan", "grace", "mary"} {
			out := w.post(w.operator, client.In(ws, "captures"), is{"person": is{"linkedin_url": "https://linkedin.com/in/" + who}, "fields": []string{"work_email", "mobile_phone"}, "list": "Fair"}, 200)
			leads = append(leads, out["lead"].(string))
		}
		fn(w, ws, leads)
	})
}

func (w *world) pushed(ws, id string) (is, string) {
	w.Helper()
	var p is
	w.poll(func() bool {
		p = w.get(w.operator, client.In(ws, "pushes", id))
		return p["status"] == "done"
	})
	var texts []string
	for _, r := range w.get(w.operator, client.In(ws, "pushes", id, "rows"))["data"].([]any) {
		texts = append(texts, fmt.Sprint(r.(is)["outcome"]))
		if m, _ := r.(is)["message"].(string); strings.Contains(m, "@") {
			w.Errorf("a message holds an address: %s", m)
		}
	}
	return p, strings.Join(texts, " ")
}

func (w *world) push(ws string, body is) string {
	w.Helper()
	return w.post(w.operator, client.In(ws, "pushes"), body, 202)["id"].(string)
}

// Leads go to HubSpot by their email: what is refused is said of that lead alone,
// limits and failures are waited for, an expired token is said, and it costs nothing.
func TestPushToHubSpot(t *testing.T) {
	now := newMachineClock()
	pushing(t, now, func(w *world, ws string, leads []string) {
		hub := newCRM(w.T, "pat-canary-1")
		w.server.Pushes.HubSpotAPI = hub.URL
		w.post(w.operator, client.In(ws, "pushes"), is{"to": "hubspot", "leads": leads}, 400) // nothing is connected
		w.call(w.operator, http.MethodPut, client.In(ws, "push-connections", "hubspot"), is{"token": "pat-canary-1"}, 200)
		before := w.credit(ws, "standard")["used"]
		_, got := w.pushed(ws, w.push(ws, is{"to": "hubspot", "leads": leads}))
		w.same("first", got, "created created created skipped")
		ada := hub.contacts["ada@engines.example"]
		w.same("name", ada["lastname"], "Lovelace")
		w.same("mobile", strings.HasPrefix(fmt.Sprint(ada["mobilephone"]), "+1202555"), true)
		if _, there := hub.contacts["alan@engines.example"]["mobilephone"]; there {
			w.Error("what is not owned was sent")
		}
		hub.bad = "grace@navy.example"
		_, got = w.pushed(ws, w.push(ws, is{"to": "hubspot", "list": "Fair"}))
		w.same("again, one refused (207)", strings.Count(got, "updated")+10*strings.Count(got, "failed")+100*strings.Count(got, "skipped"), 112)
		hub.bad = ""

		hub.first(429, "Retry-After", "3600")
		hub.first(502, "", "")
		id := w.push(ws, is{"to": "hubspot", "leads": leads})
		calls := func(n int) func() bool {
			return func() bool { hub.mu.Lock(); defer hub.mu.Unlock(); return hub.calls >= n }
		}
		n := hub.calls
		target := "push hubspot " + ws
		w.poll(func() bool {
			e := w.effects(ws, target)[0]
			return e.Code == 429 && e.Owner == "" && e.Due >= now.Now().Add(time.Hour).UnixMicro()
		})
		w.same("waits", w.get(w.operator, client.In(ws, "pushes", id))["status"], "running")
		now.add(2 * time.Hour)
		w.poll(calls(n + 1))
		w.poll(func() bool { return w.effects(ws, target)[0].Code == 502 && w.effects(ws, target)[0].Owner == "" })
		now.add(time.Hour)
		_, got = w.pushed(ws, id)
		w.same("after the limit", got, "updated updated updated skipped")

		hub.mu.Lock()
		hub.token = "pat-canary-2"
		hub.mu.Unlock()
		_, got = w.pushed(ws, w.push(ws, is{"to": "hubspot", "leads": leads[:1]}))
		w.same("expired token", got, "failed")
		if c := w.get(w.operator, client.In(ws, "push-connections"))["data"].([]any)[0].(is); c["token_refused_at"] == nil || strings.Contains(fmt.Sprint(c), "canary") {
			w.Errorf("the connection: %v", c)
		}
		w.call(w.operator, http.MethodPut, client.In(ws, "push-connections", "hubspot"), is{"token": "pat-canary-2"}, 200)
		_, got = w.pushed(ws, w.push(ws, is{"to": "hubspot", "leads": leads[:1]}))
		w.same("a new token", got, "updated")
		w.same("used", w.credit(ws, "standard")["used"], before)
		for _, e := range w.effects(ws, target) {
			if strings.Contains(string(e.Payload), "@") {
				w.Error("people's data waits in the outbox")
			}
		}
		w.post(w.operator, "/v1/directory/suppressions", is{"email": "ada@engines.example"}, 201)
		w.post(w.operator, client.In(ws, "pushes"), is{"to": "hubspot", "leads": leads[:1]}, 400) // suppressed: it is no lead
		w.call(w.operator, http.MethodDelete, client.In(ws, "push-connections", "hubspot"), nil, 204)
		for action, rows := range map[string]int{"push.connected": 2, "push.disconnected": 1, "export.pushed": 5} {
			if n := w.audits(ws, action); n != rows {
				w.Errorf("%d rows of %s in the audit log, want %d", n, action, rows)
			}
		}
	})
}

// A push that its maker may not make any more sends nothing more: rule A1.
func TestPushesEndWithTheirMaker(t *testing.T) {
	now := newMachineClock()
	pushing(t, now, func(w *world, ws string, leads []string) {
		hub := newCRM(w.T, "pat-canary")
		w.server.Pushes.HubSpotAPI = hub.URL
		w.call(w.operator, http.MethodPut, client.In(ws, "push-connections", "hubspot"), is{"token": "pat-canary"}, 200)
		boss := w.newMember(ws, "boss@acme.example", "Bo", "admin")
		w.newMember(ws, "deputy@acme.example", "Dee", "admin")
		var key string
		s, err := w.server.Accounts.EnterAs(ctx, ws, boss, account.ManageKeys)
		if err == nil {
			err = w.server.Store.Update(ctx, func(tx *store.Tx) (err error) {
				_, key, err = w.server.Accounts.CreateKey(tx, s, account.NewKey{Name: "theirs", Role: account.Admin})
				return err
			})
		}
		if err != nil {
			t.Fatal(err)
		}
		hub.first(429, "Retry-After", "3600")
		id := w.post(w.as(key), client.In(ws, "pushes"), is{"to": "hubspot", "leads": leads}, 202)["id"].(string)
		target := "push hubspot " + ws
		w.poll(func() bool {
			all := w.effects(ws, target)
			return len(all) > 0 && all[0].Code == 429 && all[0].Owner == ""
		})
		w.call(w.operator, http.MethodPatch, client.In(ws, "members", boss), is{"role": "member"}, 200)
		now.add(2 * time.Hour)
		_, got := w.pushed(ws, id)
		w.same("after the demotion", got, "failed failed failed skipped") // the last one has no email
		w.same("sent", len(hub.contacts), 0)
	})
}

// One contact that HubSpot finds wrong fails a whole batch there, and itself alone here.
func TestPushSplitsBatches(t *testing.T) {
	pushing(t, newMachineClock(), func(w *world, ws string, _ []string) {
		hub := newCRM(w.T, "pat-canary")
		w.server.Pushes.HubSpotAPI = hub.URL
		w.call(w.operator, http.MethodPut, client.In(ws, "push-connections", "hubspot"), is{"token": "pat-canary"}, 200)
		var csv strings.Builder
		csv.WriteString("id,full_name,work_email,work_email_status,linkedin_url\n")
		for n := range 30 {
			name := fmt.Sprint("p", n)
			if n == 17 {
				name = "invalid"
			}
			fmt.Fprintf(&csv, "x%d,Person Number%d,%s@many.example,verified,https://linkedin.com/in/many%d\n", n, n, name, n)
		}
		w.load("text/csv", csv.String())
		var leads []string
		for n := range 30 {
			leads = append(leads, w.post(w.operator, client.In(ws, "captures"), is{"person": is{"linkedin_url": fmt.Sprint("https://linkedin.com/in/many", n)}, "fields": []string{"work_email"}}, 200)["lead"].(string))
		}
		p, got := w.pushed(ws, w.push(ws, is{"to": "hubspot", "leads": leads}))
		w.same("created", p["counts"].(is)["created"], 29)
		w.same("the wrong one", strings.Fields(got)[17], "failed")
	})
}

// Leads go to Salesforce by an external id, to a webhook signed and with their values.
func TestPushToSalesforceAndWebhook(t *testing.T) {
	pushing(t, newMachineClock(), func(w *world, ws string, leads []string) {
		force := newCRM(w.T, "none yet")
		force.bad = "Turing"
		connect := func(more is) {
			body := is{"client_id": "3MVG9-key", "client_secret": "00D-canary", "address": force.URL}
			maps.Copy(body, more)
			w.call(w.operator, http.MethodPut, client.In(ws, "push-connections", "salesforce"), body, 200)
		}
		connect(nil)
		_, got := w.pushed(ws, w.push(ws, is{"to": "salesforce", "leads": leads}))
		w.same("first", got, "created failed created created")
		_, got = w.pushed(ws, w.push(ws, is{"to": "salesforce", "leads": append(leads, leads...)}))
		w.same("again", got, "updated failed updated updated")
		w.same("one session for both", force.issued, 1)
		force.expire() // as Salesforce's sessions do
		_, got = w.pushed(ws, w.push(ws, is{"to": "salesforce", "leads": leads[:1]}))
		w.same("after the session ended", got, "updated")
		w.same("a session more", force.issued, 2)
		w.same("by", force.contacts[leads[3]]["LastName"], "Jackson")
		connect(is{"field": "Other__c"})
		_, got = w.pushed(ws, w.push(ws, is{"to": "salesforce", "leads": leads[:1]}))
		w.same("a field that is not there", got, "failed")
		connect(is{"client_secret": "00D-other"})
		id := w.push(ws, is{"to": "salesforce", "leads": leads[:1]})
		_, got = w.pushed(ws, id)
		w.same("a secret that is not the app's", got, "failed")
		rows := w.get(w.operator, client.In(ws, "pushes", id, "rows"))["data"].([]any)
		if why := rows[0].(is)["message"].(string); !strings.Contains(why, "consumer key and secret") {
			w.Errorf("it says %q", why)
		}
		w.same("the connection says so", w.get(w.operator, client.In(ws, "push-connections"))["data"].([]any)[0].(is)["token_refused_at"] != nil, true)

		e := listen(w.T)
		secret := w.call(w.operator, http.MethodPut, client.In(ws, "push-connections", "webhook"), is{"address": e.URL}, 200)["secret"].(string)
		_, got = w.pushed(ws, w.push(ws, is{"to": "webhook", "leads": leads}))
		w.same("webhook", got, "sent sent sent sent")
		m := w.wait(e, "leads.push", 1)[0]
		signer, err := standard.NewWebhook(secret)
		if err != nil {
			w.Fatal(err)
		}
		if err := signer.VerifyIgnoringTimestamp(m.body, m.header); err != nil {
			w.Error(err)
		}
		w.same("email", m.data["leads"].([]any)[0].(is)["email"], "ada@engines.example")
		if err := w.server.Store.View(ctx, func(tx *store.Tx) error {
			list, err := tx.Pushes().Connections(ws)
			for _, c := range list {
				if !strings.HasPrefix(c.Secret, "seal1.") || strings.Contains(c.Secret, "canary") {
					w.Errorf("%s is not sealed", c.Kind)
				}
			}
			return err
		}); err != nil {
			w.Fatal(err)
		}
	})
}

// Pushes are the admins' and a workspace's own; without a secret key no token is kept.
func TestPushRoles(t *testing.T) {
	pushing(t, newMachineClock(), func(w *world, ours string, leads []string) {
		theirs := w.workspace("starter", 1, nil)
		_, member := w.member(ours, "Tom")
		stranger := w.as(w.post(w.operator, client.In(theirs, "keys"), is{"role": "admin"}, 201)["key"].(string))
		hub := newCRM(w.T, "pat-canary")
		w.server.Pushes.HubSpotAPI = hub.URL
		conn := client.In(ours, "push-connections", "hubspot")
		w.call(w.operator, http.MethodPut, conn, is{"token": "pat-canary"}, 200)
		id := w.push(ours, is{"to": "hubspot", "leads": leads[:1]})
		for _, c := range []struct {
			method, path string
			body         any
		}{
			{"GET", client.In(ours, "push-connections"), nil}, {"PUT", conn, is{"token": "pat-canary-x"}}, {"DELETE", conn, nil}, {"GET", client.In(ours, "pushes"), nil},
			{"POST", client.In(ours, "pushes"), is{"to": "hubspot", "leads": leads}}, {"GET", client.In(ours, "pushes", id), nil}, {"GET", client.In(ours, "pushes", id, "rows"), nil},
		} {
			w.same(c.method+" "+c.path+" by a member", w.status(member, c.method, c.path, c.body), 403)
			w.same(c.method+" "+c.path+" by a stranger", w.status(stranger, c.method, c.path, c.body), 404)
		}
		w.call(stranger, http.MethodGet, client.In(theirs, "pushes", id), nil, 404)
		w.call(stranger, http.MethodPut, client.In(theirs, "push-connections", "hubspot"), is{"token": "pat-canary"}, 200)
		w.post(stranger, client.In(theirs, "pushes"), is{"to": "hubspot", "leads": leads}, 400) // not their leads
		plain := openWith(w.T, server.Config{Database: w.server.Config.Database})
		plain.call(plain.operator, http.MethodPut, conn, is{"token": "pat-canary"}, 409)
		w.call(w.operator, http.MethodPut, client.In(ours, "push-connections", "fax"), is{"token": "pat-canary"}, 400)
		w.call(w.operator, http.MethodPut, client.In(ours, "push-connections", "salesforce"), is{"client_id": "3MVG9-key", "client_secret": "00D-canary", "address": "ftp://x"}, 400)
		w.call(w.operator, http.MethodPut, client.In(ours, "push-connections", "salesforce"), is{"client_id": "3MVG9-key", "address": "https://acme.my.salesforce.com"}, 400)
		w.call(w.operator, http.MethodPut, conn, is{"token": "two words"}, 400)
		w.call(w.operator, http.MethodDelete, conn, nil, 204)
		w.call(w.operator, http.MethodDelete, conn, nil, 404)
	})
}
