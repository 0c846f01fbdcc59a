package server_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/store"
)

// sheetNow is everything that a workspace's sheet shows, as text.
func (m *merging) sheetNow() string {
	m.Helper()
	var lines []string
	for _, l := range m.get(m.operator, client.In(m.ws, "leads"))["data"].([]any) {
		lines = append(lines, fmt.Sprint(m.get(m.operator, client.In(m.ws, "leads", l.(is)["id"].(string)))))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// deed is the newest that can be undone.
func (m *merging) deed(c *client.Client) string {
	m.Helper()
	list := m.get(c, client.In(m.ws, "deeds"))["data"].([]any)
	if len(list) == 0 {
		m.Fatal("nothing can be undone")
	}
	return list[0].(is)["id"].(string)
}

// Each deed that can be undone is, once, to what was; not by who has not its right, and not when
// what it changed was changed again.
func TestDeedsAreUndone(t *testing.T) {
	type deed struct {
		name   string
		do     func(m *merging)
		again  func(m *merging) // changes the same thing since; nil: undoing it all the same is right
		admins bool             // only they undo it
		kind   string
	}
	for _, d := range []deed{
		{"delete leads", func(m *merging) {
			m.boss.post("/leads/chosen/do", "do", "delete", "leads", m.lead["pam"]+" "+m.lead["sue"])
		}, nil, false, "leads.deleted"},
		{"delete a lead that others are merged into", func(m *merging) {
			m.call(m.operator, "DELETE", client.In(m.ws, "leads", m.lead["rex"]), nil, 204)
		}, nil, false, "leads.deleted"},
		{"list", func(m *merging) {
			m.boss.post("/leads/chosen/do", "do", "list", "list", "list-pam", "leads", m.lead["pam"]+" "+m.lead["sue"])
		}, nil, false, "leads.listed"},
		{"tag", func(m *merging) {
			m.boss.post("/leads/chosen/do", "do", "tag", "tag", "fair", "leads", m.lead["pam"]+" "+m.lead["sue"])
		}, nil, false, "leads.tagged"},
		{"remove from a list", func(m *merging) {
			m.boss.post("/leads/"+m.lead["pam"], "notes", "other", "tags", "tag-pam, more", "list", "list-sue")
		}, func(m *merging) {
			m.call(m.operator, "PATCH", client.In(m.ws, "leads", m.lead["pam"]), is{"notes": "newer"}, 200)
		}, false, "lead.changed"},
		{"merge", func(m *merging) {
			m.boss.post("/leads/"+m.lead["pam"]+"/merge", "other", m.lead["sue"])
		}, func(m *merging) { m.boss.post("/leads/"+m.lead["pam"]+"/split", "person", m.person["sue"]) }, false, "leads.merged"},
		{"limits", func(m *merging) {
			m.call(m.operator, "PUT", client.In(m.ws, "members", m.other, "allocations"), is{"standard": is{"mode": "limit", "amount": 3}, "premium": is{"mode": "assigned", "amount": 5}}, 200)
		}, func(m *merging) {
			m.call(m.operator, "PUT", client.In(m.ws, "members", m.other, "allocations"), is{"standard": is{"mode": "limit", "amount": 4}}, 200)
		}, true, "limits.set"},
		{"remove a member", func(m *merging) {
			m.call(m.operator, "DELETE", client.In(m.ws, "members", m.other), nil, 204)
		}, func(m *merging) {
			m.post(m.operator, client.In(m.ws, "members"), is{"email": "olu@acme.example", "name": "Olu", "role": "member"}, 201)
		}, true, "member.removed"},
	} {
		t.Run(d.name, func(t *testing.T) {
			start(t, func(w *world) {
				w.load("text/csv", mergePeople)
				m := merges(w)
				m.other = m.newMember(m.ws, "olu@acme.example", "Olu", "manager")
				m.boss = m.signedInAs(m.ws, m.newMember(m.ws, "boss@acme.example", "Boss", "admin"))
				m.call(m.operator, "PUT", client.In(m.ws, "members", m.other, "allocations"), is{"standard": is{"mode": "limit", "amount": 9}, "premium": is{"mode": "assigned", "amount": 7}}, 200)
				m.merge("rex", "quin")
				m.call(m.operator, "PATCH", client.In(m.ws, "leads", m.lead["rex"]), is{"notes": m.get(m.operator, client.In(m.ws, "leads", m.lead["rex"]))["notes"].(string) + "\n\nmore"}, 200)
				now := func() string {
					var shares is // none of who is removed
					_, _ = m.operator.Do(ctx, http.MethodGet, client.In(m.ws, "members", m.other, "allocations"), "", nil, &shares)
					return m.sheetNow() + fmt.Sprint(m.get(m.operator, client.In(m.ws, "members")), m.get(m.operator, client.In(m.ws, "balance")), shares)
				}
				before := now()
				d.do(m)
				if now() == before {
					t.Fatal("nothing was done")
				}
				id := m.deed(m.operator)
				if kind := m.get(m.operator, client.In(m.ws, "deeds"))["data"].([]any)[0].(is)["kind"]; kind != d.kind {
					t.Errorf("it is %v, not %s", kind, d.kind)
				}
				theirs := w.workspace("pro", 1, nil)
				m.call(m.operator, "DELETE", client.In(theirs, "deeds", id), nil, 404)
				if d.admins {
					m.call(m.ada, "DELETE", client.In(m.ws, "deeds", id), nil, 403)
				}
				audits := m.audits(m.ws, "")
				m.call(m.operator, "DELETE", client.In(m.ws, "deeds", id), nil, 200)
				if after := now(); after != before {
					t.Errorf("undone:\n%s\nwas:\n%s", after, before)
				}
				if m.audits(m.ws, "") <= audits {
					t.Error("it is not in the audit log")
				}
				m.call(m.operator, "DELETE", client.In(m.ws, "deeds", id), nil, 404)
				if d.again == nil {
					return
				}
				d.do(m)
				id = m.deed(m.operator)
				d.again(m)
				changed := now()
				m.call(m.operator, "DELETE", client.In(m.ws, "deeds", id), nil, 409)
				if now() != changed {
					t.Error("it was undone after it was changed again")
				}
			})
		})
	}
}

// Nobody who was suppressed or erased since comes back, alone or within another lead, and the rest
// does; who is captured again stays as they are now.
func TestUndoGivesNobodyBackWhoIsGone(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		m.boss = m.signedInAs(m.ws, m.newMember(m.ws, "boss@acme.example", "Boss", "admin"))
		m.merge("rex", "quin")
		m.boss.post("/leads/chosen/do", "do", "delete", "leads", m.lead["pam"]+" "+m.lead["rex"]+" "+m.lead["sue"])
		m.boss.has("3 leads deleted")
		path := m.boss.found(`action="(/deeds/[^"]+/undo)"`)
		m.erase("pam")
		m.suppress("quin")
		m.capture("sue")
		m.boss.post(path, "back", "/leads?sort=name")
		m.boss.at("/leads")
		m.boss.has("1 lead is back on the sheet. 1 lead is left as they are now")
		text := m.sheetNow()
		for _, gone := range []string{"notes of pam", "tag-pam", "notes of quin", "tag-quin", "list-quin", "notes of sue"} {
			if strings.Contains(text, gone) {
				t.Errorf("%q is on the sheet:\n%s", gone, text)
			}
		}
		if !strings.Contains(text, "notes of rex") {
			t.Errorf("Rex is not back:\n%s", text)
		}
		m.boss.get("/leads/" + m.lead["rex"])
		m.boss.lacks("notes of quin")
	})
}

// Of many who undo in one instant one does, and the others are told.
func TestUndoIsDoneOnce(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		m.call(m.operator, "DELETE", client.In(m.ws, "leads", m.lead["pam"]), nil, 204)
		id := m.deed(m.operator)
		var done sync.WaitGroup
		answers := make(chan int, 8)
		for range cap(answers) {
			done.Go(func() {
				var out is
				_, err := m.operator.Do(ctx, http.MethodDelete, client.In(m.ws, "deeds", id), "", nil, &out)
				if p, ok := err.(*client.Problem); ok {
					answers <- p.Status
				} else if err == nil {
					answers <- 200
				}
			})
		}
		done.Wait()
		close(answers)
		n := map[int]int{}
		for status := range answers {
			n[status]++
		}
		if n[200] != 1 || n[200]+n[404]+n[409] != 8 {
			t.Errorf("answers %v", n)
		}
	})
}

// After a day nothing is kept of what was done.
func TestUndoEndsAfterADay(t *testing.T) {
	gated(t, nil, func(w *world, clock *hands) {
		w.load("text/csv", mergePeople)
		ws := w.plainWorkspace("Acme")
		lead := w.post(w.operator, client.In(ws, "captures"), is{"person": profile("m-pam"), "fields": []string{"work_email"}}, 200)["lead"].(string)
		w.call(w.operator, "DELETE", client.In(ws, "leads", lead), nil, 204)
		id := w.get(w.operator, client.In(ws, "deeds"))["data"].([]any)[0].(is)["id"].(string)
		kept := func() (n int) {
			if err := w.server.Store.View(ctx, func(tx *store.Tx) error {
				rows, err := tx.Undos().ByID(ws, id)
				n = len(rows)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return n
		}
		clock.move(25 * time.Hour)
		w.call(w.operator, "DELETE", client.In(ws, "deeds", id), nil, 404)
		w.same("kept until it is swept", kept(), 1)
		if err := w.server.Accounts.Sweep(ctx); err != nil {
			t.Fatal(err)
		}
		w.same("kept then", kept(), 0)
	})
}
