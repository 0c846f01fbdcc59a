package server_test

import (
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

const mergePeople = `full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,personal_emails,mobile_phones
Pam One,Mco,https://linkedin.com/in/m-pam,pam@mco.example,verified,2020-01-01,,
Quin Two,Mco,https://linkedin.com/in/m-quin,quin@mco.example,verified,2020-01-01,quin@home.example,+4915112391002
Rex Three,Mco,https://linkedin.com/in/m-rex,rex@mco.example,verified,2020-01-01,,+4915112391003
Sue Four,Mco,https://linkedin.com/in/m-sue,sue@mco.example,verified,2020-01-01,,
`

// merging is a workspace whose leads are merged, by name.
type merging struct {
	*world
	ws           string
	ada          *client.Client // who captured all
	lead, person map[string]string
	boss         *visitor // an admin's browser, once it was used
	other        string   // a member of whom nothing is on the sheet
}

func merges(w *world) *merging {
	m := &merging{world: w, ws: w.workspace("pro", 2, nil), lead: map[string]string{}, person: map[string]string{}}
	_, m.ada = w.member(m.ws, "Ada")
	for _, who := range []string{"pam", "quin", "rex", "sue"} {
		m.capture(who)
		w.call(w.operator, "PATCH", client.In(m.ws, "leads", m.lead[who]), is{"notes": "notes of " + who, "tags": []string{"tag-" + who}, "lists": []string{"list-" + who}}, 200)
	}
	return m
}

func (m *merging) capture(who string) is {
	m.Helper()
	out := m.post(m.ada, client.In(m.ws, "captures"), is{"person": profile("m-" + who), "fields": []string{"work_email", "personal_email", "mobile_phone"}}, 200)
	if m.lead[who] == "" { // else it may be merged into another
		m.lead[who], m.person[who] = out["lead"].(string), out["person"].(is)["id"].(string)
	}
	return out
}

func (m *merging) merge(keep, other string) {
	m.Helper()
	m.post(m.operator, client.In(m.ws, "leads", m.lead[keep], "merge"), is{"other": m.lead[other]}, 200)
}

func (m *merging) suppress(who string) {
	m.Helper()
	m.post(m.operator, "/v1/directory/suppressions", is{"person": m.person[who]}, 201)
}

func (m *merging) lift(who string) {
	m.Helper()
	ops := m.visitor()
	ops.byCode("", "")
	ops.post("/operator/suppressions", "kind", "person", "value", m.person[who], "do", "remove")
}

// split takes a merge back, on the lead's page.
func (m *merging) split(keep, other string) {
	m.Helper()
	if m.boss == nil {
		m.boss = m.signedInAs(m.ws, m.newMember(m.ws, "boss@acme.example", "Boss", "admin"))
	}
	m.boss.get("/leads/" + m.lead[keep])
	m.boss.post("/leads/"+m.lead[keep]+"/split", "person", m.person[other])
}

func (m *merging) erase(who string) {
	m.Helper()
	m.call(m.operator, "DELETE", "/v1/directory/people/"+m.person[who], nil, 204)
}

// one is all that a lead shows.
func (m *merging) one(who string) string {
	m.Helper()
	l := m.get(m.operator, client.In(m.ws, "leads", m.lead[who]))
	return fmt.Sprint(l["member"], l["captured_at"], l["notes"], l["tags"], l["lists"], l["fields"])
}

// sheet is who is on it, and by which addresses and fields they are found.
func (m *merging) sheet() string {
	m.Helper()
	names := func(query string) string {
		var list []string
		for _, l := range m.get(m.operator, client.In(m.ws, "leads")+query)["data"].([]any) {
			list = append(list, strings.Fields(l.(is)["person"].(is)["full_name"].(string))[0])
		}
		slices.Sort(list)
		return strings.Join(list, " ")
	}
	text := names("")
	for _, query := range []string{"q=quin@mco.example", "q=quin@home.example", "q=rex@mco.example", "q=%2B4915112391002", "has=mobile_phone", "has=personal_email", "lacks=mobile_phone", "has=verified_email", "list=list-quin"} {
		text += "\n" + query + ": " + names("?"+query)
	}
	return text
}

// again: a capture of somebody who stays is free, and shows their lead.
func (m *merging) again(who string) {
	m.Helper()
	used, premium := m.credit(m.ws, "standard")["used"], m.credit(m.ws, "premium")["used"]
	out := m.capture(who)
	m.same(who+" is owned", m.outcome(out, "work_email"), "already_owned")
	m.same("standard used", m.credit(m.ws, "standard")["used"], used)
	m.same("premium used", m.credit(m.ws, "premium")["used"], premium)
	m.get(m.operator, client.In(m.ws, "leads", out["lead"].(string)))
}

// Whoever was merged into somebody who is suppressed or erased stays on the sheet, as the lead
// that they were, with whom that had, and is not paid for again; lifting the suppression merges them again. In
// another workspace's merge nothing changes (rule C12).
func TestMergedPeopleOutliveTheLeadTheyAreIn(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m, other := merges(w), merges(w)
		alone := map[string]string{}
		for who := range m.lead {
			alone[who] = m.one(who)
		}
		first := m.sheet()
		m.merge("quin", "rex")
		both := m.one("quin")
		m.merge("pam", "quin") // a chain
		other.merge("rex", "pam")
		merged, sheet, elsewhere := m.one("pam"), m.sheet(), other.sheet()
		m.same("merged", sheet[:strings.Index(sheet, "\n")], "Pam Sue")

		m.suppress("pam")
		m.same("suppressed, the sheet", m.sheet()[:strings.Index(m.sheet(), "\n")], "Quin Sue")
		m.same("Quin's lead", m.one("quin"), both)
		m.again("quin")
		m.again("rex")
		if got := other.sheet(); got != elsewhere {
			t.Errorf("another workspace's sheet was\n%s\nand is\n%s", elsewhere, got)
		}
		m.post(m.operator, client.In(m.ws, "leads", m.lead["quin"], "unlock"), is{"fields": []string{"work_email"}}, 200)
		m.suppress("pam") // twice
		m.lift("pam")
		m.same("lifted, the sheet", m.sheet(), sheet)
		m.same("lifted, the lead", m.one("pam"), merged)

		// What the team does meanwhile stays.
		m.suppress("pam")
		m.split("quin", "rex")
		m.same("split, Rex's lead", m.one("rex"), alone["rex"])
		m.same("split, Quin's lead", m.one("quin"), alone["quin"])
		m.merge("sue", "rex")
		w.call(w.operator, "PATCH", client.In(m.ws, "leads", m.lead["quin"]), is{"notes": "newer"}, 200)
		m.post(m.operator, client.In(m.ws, "leads", m.lead["pam"], "merge"), is{"other": m.lead["quin"]}, 404)
		m.lift("pam")
		m.same("merged otherwise", m.sheet()[:strings.Index(m.sheet(), "\n")], "Pam Sue")
		if got := m.one("pam"); !strings.Contains(got, "newer") || strings.Contains(got, "rex@") {
			t.Errorf("Pam's lead is %s", got)
		}
		if got := m.one("sue"); !strings.Contains(got, "rex@") {
			t.Errorf("Sue's lead is %s", got)
		}

		m.erase("pam")
		m.same("erased", m.sheet()[:strings.Index(m.sheet(), "\n")], "Quin Sue")
		if got := m.one("quin"); strings.Contains(got, "pam") {
			t.Errorf("Quin's lead is %s", got)
		}
		m.again("quin")
		m.erase("sue")
		m.same("the other is erased", m.sheet()[:strings.Index(m.sheet(), "\n")], "Quin Rex")
		m.same("as it was", m.one("rex"), alone["rex"])
		m.again("rex")
		if got := other.sheet(); !strings.HasPrefix(got, "Quin Rex\n") {
			t.Errorf("another workspace's sheet, of which Pam and Sue were erased, is %s", got)
		}
		if strings.Count(first, "\n") < 9 {
			t.Fatal(first)
		}
	})
}

// Hiding the one and the other of a merge in any order, and lifting it in any, ends in the
// same sheet (rule C12).
func TestMergesAreHiddenInAnyOrder(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		m.merge("quin", "rex")
		m.suppress("quin")
		m.merge("pam", "rex") // while the other is hidden
		m.lift("quin")
		m.same("merged otherwise", m.sheet()[:strings.Index(m.sheet(), "\n")], "Pam Quin Sue")
		m.merge("pam", "quin")
		sheet, lead := m.sheet(), m.one("pam")
		for _, off := range [][]string{{"pam", "quin"}, {"quin", "pam"}, {"rex", "pam"}, {"pam", "rex"}} {
			for _, on := range [][]string{{off[0], off[1]}, {off[1], off[0]}} {
				for _, who := range off {
					m.suppress(who)
				}
				for _, who := range off {
					if got := m.sheet(); strings.Contains(strings.ToLower(got[:strings.Index(got, "\n")]), who) || strings.Contains(got, "q="+who+"@mco.example: P") {
						t.Errorf("%v are suppressed: %s", off, got)
					}
				}
				for _, who := range on {
					m.lift(who)
				}
				if got := m.sheet(); got != sheet {
					t.Fatalf("%v were suppressed, and %v lifted: the sheet was\n%s\nand is\n%s", off, on, sheet, got)
				}
				m.same(fmt.Sprint(off, on), m.one("pam"), lead)
			}
		}
	})
}

// Somebody who was merged into another lead and is suppressed, or erased, is found by nothing
// there: by no address or number, in the API, exports and pages, and by no field (rule C12).
func TestSuppressedPersonOfAMergedLeadIsNotFound(t *testing.T) {
	for _, how := range []string{"suppress", "erase"} {
		t.Run(how, func(t *testing.T) {
			start(t, func(w *world) {
				w.load("text/csv", mergePeople)
				m := merges(w)
				m.merge("pam", "quin")
				before := m.sheet()
				page := w.signedInAs(m.ws, w.newMember(m.ws, "boss@acme.example", "Boss", "admin"))
				queries := []string{"quin@mco.example", "quin@home.example", "+4915112391002", "15112391002"}
				finds := func(q string) (n int) {
					n = len(m.get(m.operator, client.In(m.ws, "leads")+"?q="+url.QueryEscape(q))["data"].([]any))
					var csv []byte
					if _, err := m.operator.Do(ctx, http.MethodGet, client.In(m.ws, "leads.csv")+"?q="+url.QueryEscape(q), "", nil, &csv); err != nil {
						t.Fatal(err)
					}
					n += strings.Count(string(csv), "Pam One")
					n += strings.Count(page.get("/leads?q="+url.QueryEscape(q)).page, "/leads/"+m.lead["pam"])
					return n
				}
				for _, q := range queries {
					if finds(q) < 3 {
						t.Fatalf("%s finds %d before", q, finds(q))
					}
				}
				detail := page.get("/leads/" + m.lead["pam"]).page
				if how == "suppress" {
					m.suppress("quin")
				} else {
					m.erase("quin")
				}
				nobody := finds("nobody@mco.example")
				for _, q := range queries {
					w.same(q+" finds", finds(q), nobody)
				}
				for query, want := range map[string]string{"has=mobile_phone": "Rex", "has=personal_email": "", "lacks=mobile_phone": "Pam Sue", "has=verified_email": "Pam Rex Sue"} {
					if got := m.sheet(); !strings.Contains(got+"\n", "\n"+query+": "+want+"\n") {
						t.Errorf("%s, want %s: %s", query, want, got)
					}
				}
				if !strings.Contains(detail, m.person["quin"]) || strings.Contains(page.get("/leads/"+m.lead["pam"]).page, m.person["quin"]) {
					t.Error("the lead's page names who was merged into it")
				}
				page.post("/leads/"+m.lead["pam"]+"/split", "person", m.person["quin"])
				if how == "suppress" {
					m.lift("quin")
					m.same("lifted", m.sheet(), before)
				}
			})
		})
	}
}

// database is the server's, beside it.
func (w *world) database() *sql.DB {
	w.Helper()
	engine, address := "pgx", w.server.Config.Database
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		engine, address = "sqlite", file+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(engine, address)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = db.Close() })
	return db
}

// An earlier version erased leads and left the merges into them: a capture gives anyone who was
// merged a lead of their own, and the server's next start does so by itself.
func TestStrandedMergesAreTakenApart(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		m.merge("pam", "quin")
		m.merge("rex", "sue")
		db := w.database()
		if _, err := db.ExecContext(ctx, `DELETE FROM leads WHERE lead_id IN ('`+m.lead["pam"]+`', '`+m.lead["rex"]+`')`); err != nil {
			t.Fatal(err)
		}
		m.same("before", strings.HasPrefix(m.sheet(), "\n"), true)
		m.again("quin")
		m.same("captured", strings.HasPrefix(m.sheet(), "Quin\n"), true)
		if err := w.server.Directory.HideListed(ctx); err != nil {
			t.Fatal(err)
		}
		m.same("started", strings.HasPrefix(m.sheet(), "Quin Sue\n"), true)
		m.again("sue")
	})
}

// Whoever is merged in the very moment in which the other is suppressed stays on the sheet:
// the merge is refused, or is taken apart.
func TestMergeWhileTheOtherIsSuppressed(t *testing.T) {
	start(t, func(w *world) {
		const pairs = 12
		var file strings.Builder
		file.WriteString("full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at\n")
		for n := range pairs {
			for _, who := range []string{"hid", "stays"} {
				fmt.Fprintf(&file, "%s No%c,Rco,https://linkedin.com/in/m-%s%d,%s%d@rco.example,verified,2020-01-01\n", who, 'a'+n, who, n, who, n)
			}
		}
		w.load("text/csv", file.String())
		m := &merging{world: w, ws: w.workspace("pro", 2, nil), lead: map[string]string{}, person: map[string]string{}}
		_, m.ada = w.member(m.ws, "Ada")
		for n := range pairs {
			hid, stays := fmt.Sprint("hid", n), fmt.Sprint("stays", n)
			m.capture(hid)
			m.capture(stays)
			var both sync.WaitGroup
			both.Go(func() {
				_, _ = m.operator.Do(ctx, http.MethodPost, client.In(m.ws, "leads", m.lead[hid], "merge"), "", is{"other": m.lead[stays]}, nil)
			})
			both.Go(func() {
				if _, err := m.operator.Do(ctx, http.MethodPost, "/v1/directory/suppressions", "", is{"person": m.person[hid]}, nil); err != nil {
					t.Error(err)
				}
			})
			both.Wait()
			m.get(m.operator, client.In(m.ws, "leads", m.lead[stays]))
			m.again(stays)
		}
		m.same("leads", len(m.get(m.operator, client.In(m.ws, "leads"))["data"].([]any)), pairs)
	})
}
