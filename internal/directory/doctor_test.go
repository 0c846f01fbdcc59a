package directory

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// doubts is what the doctor lists, a line each.
func (l *land) doubts() string {
	l.Helper()
	var lines []string
	if err := l.MixedPeople(context.Background(), func(d MixedPerson) error {
		lines = append(lines, d.Name+": "+d.Because)
		return nil
	}); err != nil {
		l.Fatal(err)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// joinedBefore puts somebody in as an earlier version joined them.
func (l *land) joinedBefore(id, name, details string, keys ...string) {
	l.Helper()
	exec := func(sql string, args ...any) {
		l.Helper()
		if _, err := l.db.Exec(sql, args...); err != nil {
			l.Fatal(err)
		}
	}
	exec(`INSERT INTO people (person_id, full_name, first_name, last_name, title, company, company_domain, company_phone, linkedin_url, location, country, source_id, extra, details, updated_at)
		VALUES ($1,$2,'','','','Acme','','','','','','','null',$3,1)`, id, name, details)
	for _, k := range keys {
		kind, key, _ := strings.Cut(k, " ")
		exec(`INSERT INTO person_keys (kind, key, person_id) VALUES ($1,$2,$3)`, kind, key, id)
	}
}

// People whom earlier versions joined are found and taken apart; what a workspace was sold
// goes with whom it is of.
func TestDoctor(t *testing.T) {
	eachLand(t, func(l *land) {
		l.load("crm", "full_name,company,linkedin_url,work_email\nAda King,Acme,linkedin.com/in/ada-king,ada.king@acme.example\nBob Quill,Acme,,robert.quill@acme.example\nIda Berg,Acme,linkedin.com/in/theberg,ida@berg.example\n")
		l.same("nobody", l.doubts(), "")
		l.joinedBefore("per_two", "Ben Dovecot", `[{"field":"work_email","value":"ann.colley@colley.example"},{"field":"work_email","value":"ben.dovecot@dovecot.example"},{"field":"mobile_phone","value":"+447700900151"},{"field":"mobile_phone","value":"+447700900152"}]`,
			"profile linkedin.com/profile/view", "email ann.colley@colley.example", "email ben.dovecot@dovecot.example", "name ben dovecot|acme")
		l.joinedBefore("per_locked", "Yul Brook", `[{"field":"mobile_phone","value":"+447700900141"},{"field":"mobile_phone","value":"+447700900142"}]`, "email email_not_unlocked@domain.com")
		l.same("two", l.doubts(), "Ben Dovecot: Ben Dovecot and ann.colley@colley.example name different people\nYul Brook: it is known by email_not_unlocked@domain.com, which identifies nobody")
		for _, sql := range []string{
			`INSERT INTO reveals (workspace_id, person_id, field, outcome, at, data) VALUES ('ws_1','per_two','work_email','charged',5,'[{"field":"work_email","value":"ann.colley@colley.example"},{"field":"work_email","value":"ben.dovecot@dovecot.example"}]')`,
			`INSERT INTO reveals (workspace_id, person_id, field, outcome, at, data) VALUES ('ws_1','per_two','mobile_phone','charged',5,'[{"field":"mobile_phone","value":"+447700900151"}]')`,
			`INSERT INTO leads (workspace_id, lead_id, person_id, member_id, full_name, title, company, domain, location, profile, captured_at, notes) VALUES ('ws_1','lead_two','per_two','mem_1','Ben Dovecot','','','','','',4,'')`,
		} {
			if _, err := l.db.Exec(sql); err != nil {
				l.Fatal(err)
			}
		}
		s, err := l.Split(context.Background(), "per_two")
		if err != nil || len(s.People) != 2 || s.LeftOut != 2 {
			l.Fatalf("%+v, %v", s, err)
		}
		if s, err := l.Split(context.Background(), "per_locked"); err != nil || len(s.People) != 1 || s.LeftOut != 2 {
			l.Fatalf("%+v, %v", s, err)
		}
		l.same("none is left", l.doubts(), "")
		l.same("people", l.people(), "Ada King https://linkedin.com/in/ada-king ada.king@acme.example(crm)\nAnn Colley ann.colley@colley.example\nBen Dovecot ben.dovecot@dovecot.example\nBob Quill robert.quill@acme.example(crm)\n"+
			"Ida Berg https://linkedin.com/in/theberg ida@berg.example(crm)\nYul Brook")
		l.same("what was sold", l.rows(`SELECT p.full_name, r.field, r.data, r.at FROM reveals r JOIN people p ON p.person_id = r.person_id`),
			"Ann Colley work_email "+valueText("work_email", "ann.colley@colley.example")+" 5\nBen Dovecot mobile_phone [{\"field\":\"mobile_phone\",\"value\":\"+447700900151\"}] 5\n"+
				"Ben Dovecot work_email "+valueText("work_email", "ben.dovecot@dovecot.example")+" 5")
		l.same("leads", l.rows(`SELECT full_name, member_id, captured_at FROM leads`), "Ann Colley mem_1 4\nBen Dovecot mem_1 4")
		if _, err := l.Split(context.Background(), "per_two"); err == nil {
			l.Error("one person was taken apart")
		}
	})
}

func valueText(field, value string) string {
	return fmt.Sprintf(`[{"field":%q,"value":%q}]`, field, value)
}

// rows is what a query gives, a line each, in order.
func (l *land) rows(sql string) string {
	l.Helper()
	rows, err := l.db.Query(sql)
	if err != nil {
		l.Fatal(err)
	}
	defer rows.Close()
	columns, _ := rows.Columns()
	var lines []string
	for rows.Next() {
		cells, into := make([]any, len(columns)), make([]any, len(columns))
		for i := range cells {
			into[i] = &cells[i]
		}
		if err := rows.Scan(into...); err != nil {
			l.Fatal(err)
		}
		lines = append(lines, strings.TrimSpace(fmt.Sprintln(cells...)))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// A later row takes people apart, and what a workspace was sold of them goes with whom it is
// of; two people of whom a workspace was sold data are not joined.
func TestWhatWasSoldStays(t *testing.T) {
	eachLand(t, func(l *land) {
		const head = "full_name,company,linkedin_url,work_email\n"
		l.load("a", head+"Bob Ray,Acme,linkedin.com/in/bob,bob@acme.example\n")
		l.load("b", head+"B. Ray,Acme,linkedin.com/in/bob,bray@acme.example\n")
		id := l.rows(`SELECT person_id FROM people`)
		if strings.Contains(id, "\n") {
			t.Fatal("two people")
		}
		sell := func(id, email string) {
			l.Helper()
			if _, err := l.db.Exec(`INSERT INTO reveals (workspace_id, person_id, field, outcome, at, data) VALUES ('ws_1',$1,'work_email','charged',5,$2)`, id, valueText("work_email", email)); err != nil {
				l.Fatal(err)
			}
		}
		sell(id, "bray@acme.example")
		l.load("c", head+"Zoe Ash,Acme,linkedin.com/in/bob,zoe@acme.example\n")
		l.same("taken apart", l.people(), "B. Ray https://linkedin.com/in/bob bray@acme.example(b)\nBob Ray https://linkedin.com/in/bob bob@acme.example(a)\nZoe Ash https://linkedin.com/in/bob zoe@acme.example(c)")
		l.same("sold", l.rows(`SELECT p.full_name FROM reveals r JOIN people p ON p.person_id = r.person_id`), "B. Ray")
		l.load("d", head+"Cy Day,Acme,linkedin.com/in/cy,\nCy Day,Acme,,cy@acme.example\n")
		for _, id := range strings.Fields(l.rows(`SELECT person_id FROM people WHERE full_name = 'Cy Day'`)) {
			sell(id, "x@acme.example")
		}
		r := l.load("e", head+"Cy Day,Acme,linkedin.com/in/cy,cy@acme.example\n")
		if !strings.Contains(r.told(), "the two are kept apart") || len(strings.Fields(l.rows(`SELECT person_id FROM people WHERE full_name = 'Cy Day'`))) != 2 {
			t.Errorf("two of whom a workspace was sold data: %s\n%s", r.told(), l.people())
		}
	})
}

// Two imports at once, of files that contradict each other, come to what they come to one
// after the other.
func TestTwoContradictingImportsAtOnce(t *testing.T) {
	eachLand(t, func(l *land) {
		one, two := whoHead, whoHead
		for n := range 300 {
			one += fmt.Sprintf("a,%d,Ada King%d,Acme,linkedin.com/in/p%d,hall%d@acme.example,+4479111%05d\n", n, n%7, n, n%20, n)
			two += fmt.Sprintf("b,%d,Bob Ray%d,Acme,linkedin.com/in/p%d,own%d@acme.example,+4479112%05d\n", n, n%7, n%150, n, n)
		}
		done := make(chan error, 2)
		for _, file := range []string{one, two} {
			i, err := l.BeginFile(context.Background(), File{Content: strings.NewReader(file), ContentType: "text/csv"})
			if err != nil {
				t.Fatal(err)
			}
			i.pace.size = 17
			go func() {
				_, err := i.Run(context.Background())
				done <- err
			}()
		}
		for range 2 {
			if err := <-done; err != nil {
				t.Fatal(err)
			}
		}
		together := l.partition()
		l.clear()
		for _, file := range []string{two, one} {
			l.load("", file)
		}
		l.same("one after the other", together, l.partition())
		if n := l.rows(`SELECT COUNT(*) FROM person_keys k WHERE k.kind IN ('email', 'profile', 'source') AND k.person_id <> ''
			AND NOT EXISTS (SELECT 1 FROM person_keys c WHERE c.kind = k.kind AND c.key = k.key AND c.person_id = '')
			AND EXISTS (SELECT 1 FROM person_keys o WHERE o.kind = k.kind AND o.key = k.key AND o.person_id <> k.person_id)`); n != "0" {
			t.Errorf("%s keys belong to two people and are not contested", n)
		}
	})
}
