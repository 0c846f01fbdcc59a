package server_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// spender is somebody whose usage leaves words that nothing else has.
type spender struct {
	member, hold, bulk, entry string
	key                       *client.Client
	canaries                  []string
}

// team is a workspace whose people each spent something of their own.
type team struct {
	*world
	ws    string
	of    map[string]*spender // by name
	pages map[string]*http.Client
}

func newTeam(w *world) *team {
	m := &team{world: w, ws: w.workspace("pro", 5, nil), of: map[string]*spender{}, pages: map[string]*http.Client{}}
	w.load("text/csv", people)
	for n, name := range []string{"mel", "nia", "otto", "gia", "gus", "ann"} {
		role := map[string]string{"gia": "manager", "gus": "manager", "ann": "admin"}[name]
		if role == "" {
			role = "member"
		}
		s := &spender{member: w.newMember(m.ws, name+"@acme.example", name, role)}
		s.key = w.as(w.post(w.operator, client.In(m.ws, "keys"), is{"role": "member", "member": s.member}, 201)["key"].(string))
		amount := "2.0" + strings.Repeat("1", 3) + string(rune('0'+n)) + "7"
		s.entry = w.post(s.key, client.In(m.ws, "charges"), is{"credit": "standard", "amount": jsonNumber(amount), "description": "spent by " + name + " alone"}, 201)["entry"].(string)
		s.hold = w.post(s.key, client.In(m.ws, "holds"), is{"credit": "standard", "amount": 1, "expires_in": "24h"}, 201)["id"].(string)
		s.bulk = w.post(s.key, client.In(m.ws, "bulk-captures"), is{"people": []is{{"linkedin_url": "https://linkedin.com/in/ada"}}, "confirm_above": 0}, 202)["id"].(string)
		w.post(s.key, client.In(m.ws, "credit-requests"), is{"credit": "standard", "amount": 1, "reason": "wished by " + name + " alone"}, 201)
		s.canaries = []string{"spent by " + name + " alone", "wished by " + name + " alone", amount, s.hold, s.bulk}
		m.of[name] = s
		k := &walk{world: w, ws: m.ws}
		k.signIn(m.ws, s.member)
		m.pages[name] = k.pages
	}
	scope := &account.Scope{Principal: account.Principal{Role: account.Operator}, Workspace: store.Workspace{ID: m.ws}, Now: w.now}
	if err := w.server.Store.Update(ctx, func(tx *store.Tx) error {
		_, err := w.server.Accounts.SaveGroup(tx, scope, store.Group{Name: "North", Members: []string{m.of["nia"].member}, Managers: []string{m.of["gia"].member}})
		return err
	}); err != nil {
		w.Fatal(err)
	}
	return m
}

type jsonNumber string

func (n jsonNumber) MarshalJSON() ([]byte, error) { return []byte(n), nil }

// read is what a viewer is answered, a page or an operation of the API.
func (m *team) read(viewer, path string) (int, string) {
	m.Helper()
	c := m.pages[viewer]
	if strings.HasPrefix(path, "/v1/") {
		c = &http.Client{Transport: bearerOf(m.of[viewer].key.Key)}
	}
	answer, err := c.Get(m.http.URL + path)
	if err != nil {
		m.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		m.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

// about are the addresses of a route that could tell of somebody.
func (m *team) about(pattern string, of *spender) []string {
	path := strings.NewReplacer("{ws}", m.ws, "{member}", of.member, "{hold}", of.hold, "{bulk}", of.bulk, "{entry}", of.entry, "{$}", "").Replace(strings.TrimPrefix(pattern, "GET "))
	path = placeholder.ReplaceAllString(path, "none")
	return []string{path, path + "?" + url.Values{"member": {of.member}}.Encode(), path + "?group_by=member", path + "?group_by=day"}
}

// shown are the places where somebody's usage is shown to who may see it.
func (m *team) shown(of *spender) map[string]int { // to the canary there
	in := func(parts ...string) string { return client.In(m.ws, parts...) }
	return map[string]int{
		in("entries") + "?member=" + of.member: 0, in("entries") + "?limit=500": 0, in("entries.csv"): 0, in("credit-requests"): 1, in("usage"): 2, in("usage.csv"): 2,
		in("usage") + "?member=" + of.member: 2, in("holds", of.hold): 3, in("bulk-captures"): 4, in("bulk-captures", of.bulk): 4,
		"/usage": 2, "/usage/entries": 0, "/usage.csv": 2, "/entries.csv": 0, "/bulk": 4,
	}
}

// Members see their own usage, managers their groups' and their own, admins everybody's,
// and all see all where the workspace says so (rule S5): on every route there is.
func TestWhoSeesTheTeamsUsage(t *testing.T) {
	start(t, func(w *world) {
		m := newTeam(w)
		sees := map[string]string{"mel": "mel", "gia": "gia nia", "gus": "gus", "ann": "mel nia otto gia gus ann"}
		for _, setting := range []string{"managers", "everyone"} {
			w.call(w.operator, "PUT", client.In(m.ws, "settings"), is{"auto_unlock": "member", "usage_visible_to": setting}, 200)
			w.same("the setting", w.get(w.operator, client.In(m.ws, "settings"))["usage_visible_to"], setting)
			for viewer, own := range sees {
				for name, of := range m.of {
					if setting == "everyone" || viewer == name || strings.Contains(own, name) {
						m.mustShow(viewer, name, setting)
						continue
					}
					m.mustHide(viewer, name)
					m.likeNobody(viewer, of)
				}
				if code, text := m.read(viewer, client.In(m.ws, "members")); code != 200 || strings.Count(text, "@acme.example") != len(m.of) {
					t.Errorf("%s does not see the names of the team: %d", viewer, code)
				}
			}
		}
		rows := 0
		rows += w.audits(m.ws, "settings.changed")
		w.same("rows of the audit log", rows, 2)
		// An admin's key that acts as a member is a manager's at most.
		w.call(w.operator, "PUT", client.In(m.ws, "settings"), is{"auto_unlock": "member", "usage_visible_to": "nobody"}, 400)
		w.call(w.operator, "PUT", client.In(m.ws, "settings"), is{"auto_unlock": "on"}, 200)
		w.same("the setting left out", w.get(w.operator, client.In(m.ws, "settings"))["usage_visible_to"], "everyone")
	})
}

func (m *team) mustShow(viewer, name, setting string) {
	m.Helper()
	for path, canary := range m.shown(m.of[name]) {
		if viewer == "ann" && strings.HasPrefix(path, "/v1/") && setting == "managers" && name != "ann" {
			continue // her key acts as a member, which has a manager's rights at most
		}
		if code, text := m.read(viewer, path); code != 200 || !strings.Contains(text, m.of[name].canaries[canary]) {
			m.Errorf("%s with %q does not see %s's in %s: %d", viewer, setting, name, path, code)
		}
	}
	for _, path := range []string{client.In(m.ws, "members", m.of[name].member, "allocations"), client.In(m.ws, "balance") + "?member=" + m.of[name].member} {
		if code, _ := m.read(viewer, path); code != 200 && !(viewer == "ann" && setting == "managers") {
			m.Errorf("%s with %q may not read %s: %d", viewer, setting, path, code)
		}
	}
}

func (m *team) mustHide(viewer, name string) {
	m.Helper()
	for _, route := range m.server.Routes.Routes() {
		if !strings.HasPrefix(route.Pattern, "GET /") {
			continue
		}
		for _, path := range m.about(route.Pattern, m.of[name]) {
			code, text := m.read(viewer, path)
			text = strings.ReplaceAll(text, url.QueryEscape(m.of[name].member), "")
			for _, canary := range m.of[name].canaries {
				if code < 400 && strings.Contains(text, canary) {
					m.Errorf("%s sees %q of %s in %s", viewer, canary, name, path)
				}
			}
		}
	}
}

// likeNobody: who is not theirs to see is answered like somebody who is not there.
func (m *team) likeNobody(viewer string, of *spender) {
	m.Helper()
	for _, parts := range [][2]string{
		{"balance?member=" + of.member, "balance?member=mem_none"}, {"usage?member=" + of.member, "usage?member=mem_none"},
		{"entries?member=" + of.member, "entries?member=mem_none"}, {"entries.csv?member=" + of.member, "entries.csv?member=mem_none"},
		{"members/" + of.member + "/allocations", "members/mem_none/allocations"}, {"holds/" + of.hold, "holds/hold_none"},
		{"bulk-captures/" + of.bulk, "bulk-captures/bulk_none"}, {"bulk-captures/" + of.bulk + "/results.csv", "bulk-captures/bulk_none/results.csv"},
	} {
		code, text := m.read(viewer, client.In(m.ws)+"/"+parts[0])
		none, nothing := m.read(viewer, client.In(m.ws)+"/"+parts[1])
		if code != none || text != nothing {
			m.Errorf("%s asks %s: %d %s, and of nobody %d %s", viewer, parts[0], code, text, none, nothing)
		}
	}
	for path, in := range map[string]is{"entries/" + of.entry + "/report": {"reason": "bounced"}, "entries/ent_99999/report": {"reason": "bounced"}, "bulk-captures/" + of.bulk + "/resume": {}} {
		m.post(m.of[viewer].key, client.In(m.ws)+"/"+path, in, 404)
	}
	m.call(m.of[viewer].key, "PUT", client.In(m.ws, "members", of.member, "allocations"), is{"standard": is{"mode": "limit", "amount": 1}}, map[bool]int{true: 404, false: 403}[viewer != "mel"])
}
