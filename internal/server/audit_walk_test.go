package server_test

import (
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
)

// walk exercises operations and notes which of them left a row.
type walk struct {
	*world
	ws    string
	heard map[string]bool
	pages *http.Client
}

// leaves runs one operation, which must leave a row.
func (k *walk) leaves(operation string, do func()) {
	k.Helper()
	before := k.audits(k.ws, "")
	do()
	if k.audits(k.ws, "") <= before {
		k.Errorf("%s left no row in the audit log", operation)
	}
	k.heard[operation] = true
}

func (k *walk) code(ws, member string) string {
	k.Helper()
	code, err := k.server.Accounts.CreateCode(ctx, ws, member)
	if err != nil {
		k.Fatal(err)
	}
	return code
}

// signIn begins a browser's session without a browser.
func (k *walk) signIn(ws, member string) {
	k.Helper()
	code := k.code(ws, member)
	jar, err := cookiejar.New(nil)
	if err != nil {
		k.Fatal(err)
	}
	k.pages = &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	k.form("/sign-in/code", url.Values{"code": {code}})
}

// form sends a form of a page, which must be taken.
func (k *walk) form(path string, values url.Values) {
	k.Helper()
	answer, err := k.pages.PostForm(k.http.URL+path, values)
	if err != nil {
		k.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 400 {
		k.Fatalf("POST %s was answered with %d", path, answer.StatusCode)
	}
}

// page sends a form that must leave a row; the path's parts in braces are filled in.
func (k *walk) page(pattern string, values url.Values, parts ...string) {
	k.Helper()
	path := strings.NewReplacer(parts...).Replace(pattern)
	k.leaves("POST "+pattern, func() { k.form(path, values) })
}

func (k *walk) overTheAPI() {
	w := k.world
	op := w.operator
	k.ws = w.post(op, "/v1/workspaces", is{"name": "Acme", "plan": "pro", "seats": 3}, 201)["id"].(string)
	if k.heard["create-workspace"] = w.audits(k.ws, "workspace.made") == 1; !k.heard["create-workspace"] {
		w.Error("create-workspace left no row")
	}
	in := func(parts ...string) string { return client.In(k.ws, parts...) }
	var member, key string
	k.leaves("create-member", func() {
		member = w.post(op, in("members"), is{"email": "ada@acme.example", "name": "Ada", "role": "member"}, 201)["id"].(string)
	})
	k.leaves("create-key", func() {
		made := w.post(op, in("keys"), is{"name": "hers", "role": "member", "member": member}, 201)
		key = made["key"].(string)
		k.leaves("revoke-key", func() {
			other := w.post(op, in("keys"), is{"name": "other", "role": "admin"}, 201)["id"].(string)
			before := w.audits(k.ws, "key.revoked")
			w.call(op, "DELETE", in("keys", other), nil, 204)
			w.same("revoked", w.audits(k.ws, "key.revoked"), before+1)
		})
	})
	ada := w.as(key)
	k.leaves("change-member", func() { w.call(op, "PATCH", in("members", member), is{"name": "Ada B"}, 200) })
	k.leaves("set-allocations", func() {
		w.call(op, "PUT", in("members", member, "allocations"), is{"premium": is{"mode": "limit", "amount": 5}}, 200)
	})
	k.leaves("set-settings", func() { w.call(op, "PUT", in("settings"), is{"auto_unlock": "member"}, 200) })
	k.leaves("set-member-settings", func() { w.call(ada, "PUT", in("members", member, "settings"), is{"auto_unlock": true}, 200) })
	wish := ""
	k.leaves("ask-for-more", func() {
		wish = w.post(ada, in("credit-requests"), is{"credit": "premium", "amount": 3, "reason": "x"}, 201)["id"].(string)
	})
	k.leaves("decide-credit-request", func() { w.post(op, in("credit-requests", wish, "decide"), is{"grant": 1}, 200) })
	k.leaves("change-workspace", func() { w.call(op, "PATCH", in(), is{"seats": 4}, 200) })
	grant := ""
	k.leaves("create-grant", func() {
		grant = w.post(op, in("grants"), is{"credit": "premium", "amount": 9, "kind": "recurring", "note": "x"}, 201)["id"].(string)
	})
	k.leaves("ask-for-addon", func() { k.addOn() })
	k.leaves("withdraw-addon-request", func() { w.call(op, "DELETE", in("addon-requests", k.addOn()), nil, 204) })
	k.leaves("decide-addon-request", func() { w.post(op, "/v1/addon-requests/"+k.addOn()+"/decide", is{"grant": 1}, 200) })
	k.leaves("end-grant", func() { w.call(op, "DELETE", in("grants", grant), nil, 200) })
	k.leads(ada)
	k.hooks()
	x := w.connected(k.ws, member)
	k.leaves("end-extension", func() {
		if status, out := w.ask(x.access, "DELETE", "/v1/extension/connections/"+x.id, nil); status != 204 {
			w.Errorf("ending a connection was answered with %d: %v", status, out)
		}
	})
	k.leaves("remove-member", func() { w.call(op, "DELETE", in("members", member), nil, 204) })
	k.leaves("cancel-workspace", func() { w.post(op, in("cancel"), is{"at": "now"}, 200) })
	k.leaves("reactivate-workspace", func() { w.post(op, in("reactivate"), is{"plan": "pro"}, 200) })
}

// addOn asks the operator for an add-on.
func (k *walk) addOn() (id string) {
	k.Helper()
	return k.post(k.operator, client.In(k.ws, "addon-requests"), is{"credit": "premium", "amount": 3, "kind": "once"}, 201)["id"].(string)
}

// charge captures somebody and says which lead and which entry came of it.
func (k *walk) charge(c *client.Client, who string) (lead, entry string) {
	k.Helper()
	out := k.post(c, client.In(k.ws, "captures"), is{"person": profile(who), "fields": []string{"mobile_phone"}}, 200)
	for _, e := range k.get(c, client.In(k.ws, "entries")+"?kind=charge&limit=1")["data"].([]any) {
		entry = e.(is)["id"].(string)
	}
	return out["lead"].(string), entry
}

func (k *walk) leads(ada *client.Client) {
	lead, entry := k.charge(ada, "ada")
	other, _ := k.charge(ada, "grace")
	k.leaves("report-bad-data", func() {
		k.post(ada, client.In(k.ws, "entries", entry, "report"), is{"reason": "wrong_number"}, 200)
	})
	k.leaves("merge-leads", func() { k.post(ada, client.In(k.ws, "leads", lead, "merge"), is{"other": other}, 200) })
	k.leaves("delete-lead", func() { k.call(ada, "DELETE", client.In(k.ws, "leads", lead), nil, 204) })
}

func (k *walk) hooks() {
	w, id := k.world, ""
	at := client.In(k.ws, "webhooks")
	k.leaves("create-webhook", func() {
		id = w.post(w.operator, at, is{"url": "https://93.184.215.14/hook", "events": []string{"charge.created"}}, 201)["id"].(string)
	})
	k.leaves("change-webhook", func() { w.call(w.operator, "PATCH", at+"/"+id, is{"paused": true}, 200) })
	k.leaves("rotate-webhook-secret", func() { w.post(w.operator, at+"/"+id+"/rotate", is{}, 200) })
	k.leaves("set-alerts", func() {
		w.call(w.operator, "PUT", client.In(k.ws, "alerts"), is{"percents": is{"standard": []int{50}}}, 200)
	})
	chief := w.post(w.operator, client.In(k.ws, "members"), is{"email": "chief@acme.example", "name": "Chi", "role": "admin"}, 201)["id"].(string)
	k.leaves("set-usage-mail", func() {
		w.call(w.operator, "PUT", client.In(k.ws, "members", chief, "usage-mail"), is{"every": "week"}, 200)
	})
	k.leaves("delete-webhook", func() { w.call(w.operator, "DELETE", at+"/"+id, nil, 204) })
}

func (k *walk) onPages() {
	w := k.world
	boss := w.post(w.operator, client.In(k.ws, "members"), is{"email": "boss@acme.example", "name": "Bo", "role": "admin"}, 201)["id"].(string)
	mel, _ := w.member(k.ws, "Mel")
	k.signIn(k.ws, boss)
	k.page("/team", url.Values{"email": {"new@acme.example"}, "name": {"Nia"}, "role": {"member"}})
	k.page("/team/allocations", url.Values{"mode." + boss + ".premium": {"limit"}, "amount." + boss + ".premium": {"4"}})
	k.page("/team/{member}/sign-in-link", nil, "{member}", mel)
	k.waysIn(mel)
	k.page("/groups", url.Values{"name": {"North"}, "member": {mel}})
	group := ""
	if err := w.server.Store.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Groups().Of(k.ws)
		if err == nil {
			group = list[0].ID
		}
		return err
	}); err != nil {
		w.Fatal(err)
	}
	k.page("/groups/{group}", url.Values{"name": {"South"}, "member": {mel}}, "{group}", group)
	k.page("/groups/{group}/drop", nil, "{group}", group)
	k.page("/ask", url.Values{"credit": {"premium"}, "amount": {"2"}, "reason": {"x"}})
	wish := w.get(w.operator, client.In(k.ws, "credit-requests")+"?status=open")["data"].([]any)[0].(is)["id"].(string)
	k.page("/requests/{request}", url.Values{"answer": {"all"}}, "{request}", wish)
	k.page("/plan/ask", url.Values{"credit": {"premium"}, "amount": {"2"}, "kind": {"once"}})
	k.page("/plan/requests/{request}/withdraw", nil, "{request}", k.addOn())
	k.page("/settings/my-auto-unlock", url.Values{"auto_unlock": {"on"}})
	k.page("/settings/usage", url.Values{"usage_visible_to": {"everyone"}})
	k.page("/settings/auto-unlock", url.Values{"auto_unlock": {"off"}})
	k.page("/settings/keys", url.Values{"name": {"CRM"}, "role": {"admin"}})
	keys := w.get(w.operator, client.In(k.ws, "keys"))["data"].([]any)
	k.page("/settings/keys/{key}/revoke", nil, "{key}", keys[len(keys)-1].(is)["id"].(string))
	x := w.begin()
	k.page("/connect/extension", url.Values{"id": {x.id}, "answer": {"approve"}, "approve": {"yes"}})
	x.fetch(x.verifier, 200)
	k.page("/settings/extensions/{connection}/end", nil, "{connection}", x.id)
	k.pageLeads(boss)
	k.page("/team/{member}/remove", nil, "{member}", mel)
	k.operatorForms()
}

// waysIn changes who can get in, and where they are signed in.
func (k *walk) waysIn(mel string) {
	who := ""
	err := k.server.Store.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Members().Invitations(k.ws)
		if err == nil {
			who = list[0].Member
		}
		return err
	})
	if err != nil {
		k.Fatal(err)
	}
	k.page("/team/{member}/invite", nil, "{member}", who)
	k.page("/team/{member}/withdraw", nil, "{member}", who)
	k.page("/settings/password", url.Values{"password": {"correct horse battery"}})
	k.page("/settings/sessions/end-others", nil)
	k.page("/team/{member}/sessions/end", nil, "{member}", mel)
	boss := k.pages
	k.signIn(k.ws, mel)
	second := k.pages
	k.signIn(k.ws, mel)
	for _, s := range k.sessions(k.ws, mel)[:1] {
		k.page("/settings/sessions/{session}/end", nil, "{session}", s.ID)
	}
	k.pages = second
	k.page("/sign-in/code", url.Values{"code": {k.code(k.ws, mel)}})
	k.page("/sign-in", url.Values{"email": {"boss@acme.example"}, "password": {"correct horse battery"}})
	k.page("/sign-out", nil)
	k.pages = boss
}

func (k *walk) pageLeads(boss string) {
	w := k.world
	key := w.post(w.operator, client.In(k.ws, "keys"), is{"name": "boss", "role": "member", "member": boss}, 201)["key"].(string)
	w.call(w.operator, "PUT", client.In(k.ws, "members", boss, "allocations"), is{"premium": is{"mode": "pool"}}, 200)
	lead, _ := k.charge(w.as(key), "alan")
	other, _ := k.charge(w.as(key), "grace")
	_, entry := k.charge(w.as(key), "mary")
	k.page("/entries/{entry}/report", url.Values{"reason": {"wrong_number"}}, "{entry}", entry)
	who := k.person(other)
	k.page("/leads/{lead}/merge", url.Values{"other": {other}}, "{lead}", lead)
	k.page("/leads/{lead}/split", url.Values{"person": {who}}, "{lead}", lead)
	k.page("/leads/chosen/do", url.Values{"do": {"delete"}, "leads": {other}})
}

// person is who a lead is.
func (k *walk) person(lead string) (id string) {
	k.Helper()
	err := k.server.Store.View(ctx, func(tx *store.Tx) error {
		l, _, err := tx.Leads().ByID(k.ws, lead)
		id = l.Person
		return err
	})
	if err != nil {
		k.Fatal(err)
	}
	return id
}

// operatorForms are the operator's own forms.
func (k *walk) operatorForms() {
	k.signIn("", "")
	at := []string{"{ws}", k.ws}
	k.page("/operator/workspaces/{ws}/plan", url.Values{"plan": {"pro"}, "seats": {"6"}}, at...)
	k.page("/operator/workspaces/{ws}/grants", url.Values{"credit": {"premium"}, "amount": {"5"}, "kind": {"recurring"}, "note": {"x"}}, at...)
	grants := k.get(k.operator, client.In(k.ws, "grants"))["data"].([]any)
	k.page("/operator/workspaces/{ws}/grants/{grant}/end", nil, "{ws}", k.ws, "{grant}", grants[0].(is)["id"].(string))
	k.page("/operator/addon-requests/{request}", url.Values{"answer": {"decline"}}, "{request}", k.addOn())
	k.page("/operator/workspaces/{ws}/cancel", url.Values{"at": {"now"}, "confirm": {k.get(k.operator, client.In(k.ws))["name"].(string)}}, at...)
	k.page("/operator/workspaces/{ws}/reactivate", url.Values{"plan": {"pro"}}, at...)
	k.page("/operator/workspaces/{ws}/watch", nil, at...)
	k.page("/operator/watch/end", nil)
	k.page("/operator/set-up/admin", nil)
	k.page("/operator/reviews/{ws}/{entry}", url.Values{"answer": {"decline"}}, "{ws}", k.ws, "{entry}", k.review())
	before := k.ws
	k.form("/operator/workspaces", url.Values{"name": {"Other"}, "plan": {"universal/pro"}, "seats": {"1"}, "time_zone": {"UTC"}, "anchor": {"1"}, "admin_email": {"o@o.example"}, "admin_name": {"O"}})
	for _, one := range k.get(k.operator, "/v1/workspaces")["data"].([]any) {
		if one.(is)["name"] == "Other" {
			if book := one.(is)["price_book"]; book != "universal" {
				k.Errorf("the price book is %v, chosen was a plan of universal", book)
			}
			k.heard["POST /operator/workspaces"] = k.audits(one.(is)["id"].(string), "workspace.made") == 1
		}
	}
	k.ws = before
}

// review makes a charge wait for the operator, as a member's twenty-first report
// does, and says which.
func (k *walk) review() string {
	k.Helper()
	id := k.get(k.operator, client.In(k.ws, "entries")+"?kind=charge&limit=1")["data"].([]any)[0].(is)["id"].(string)
	seq, _ := credits.EntrySeq(id)
	err := k.server.Store.Ledger(ctx, k.ws, func(store.LedgerTx) (*store.Writes, error) {
		return &store.Writes{Reports: []store.Report{{Workspace: k.ws, Seq: seq, Field: "mobile_phone", Reason: "wrong_number", Status: credits.Review, At: 1}}}, nil
	})
	if err != nil {
		k.Fatal(err)
	}
	return id
}
