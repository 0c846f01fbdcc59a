package directory

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// land is a directory on a database, with a clock that moves when told to.
type land struct {
	testing.TB
	*Directory
	store *store.Store
	db    *sql.DB
	now   time.Time
}

var spring = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

// eachLand runs fn on an empty directory of each engine.
func eachLand(t *testing.T, fn func(l *land)) {
	t.Helper()
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) { fn(landAt(t, engine, testdb.Address(t, engine))) })
	}
}

func landAt(t testing.TB, engine, address string) *land {
	t.Helper()
	l := &land{TB: t, store: testdb.OpenAt(t, address), now: spring}
	var err error
	if l.Directory, err = Open(context.Background(), l.store, func() time.Time { return l.now }); err != nil {
		t.Fatal(err)
	}
	l.Spools = t.TempDir()
	driver, dsn := "pgx", address
	if engine == "sqlite" {
		driver, dsn = "sqlite", "file:"+strings.TrimPrefix(address, "sqlite:")+"?_pragma=busy_timeout(10000)"
	}
	if l.db, err = sql.Open(driver, dsn); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.db.Close() })
	return l
}

// load imports a file of a source and returns its report.
func (l *land) load(source, file string) Report {
	l.Helper()
	i, err := l.BeginFile(context.Background(), File{Content: strings.NewReader(file), ContentType: "text/csv", Source: source})
	if err != nil {
		l.Fatal(err)
	}
	if _, err := i.Run(context.Background()); err != nil {
		l.Fatal(err)
	}
	r, err := l.Report(context.Background(), i.ID())
	if err != nil {
		l.Fatal(err)
	}
	return r
}

func (r Report) told() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d read, %d in, %d out", r.Rows, r.Imported, r.Rejected)
	for _, p := range r.Problems {
		fmt.Fprintf(&b, " [%d: %s]", p.Row, p.Message)
	}
	return b.String()
}

// people is everybody in the directory, a line each, in order.
func (l *land) people() string {
	l.Helper()
	rows, err := l.db.Query(`SELECT person_id, full_name, title, source_id, linkedin_url, details, extra FROM people`)
	if err != nil {
		l.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var r store.PersonRow
		if err := rows.Scan(&r.ID, &r.FullName, &r.Title, &r.SourceID, &r.LinkedInURL, &r.Details, &r.Extra); err != nil {
			l.Fatal(err)
		}
		p, err := fromRow(r)
		if err != nil {
			l.Fatal(err)
		}
		line := p.FullName
		for _, text := range []string{p.Title, withoutUpload(p.SourceID), p.LinkedInURL} {
			if text != "" {
				line += " " + text
			}
		}
		for _, v := range p.Values {
			line += " " + v.Value
			if v.Status != "" && v.Status != lead.Unverified {
				line += "/" + v.Status
			}
			if !v.VerifiedAt.IsZero() {
				line += v.VerifiedAt.Format("@0102")
			}
			if v.Source != "" {
				line += "(" + v.Source + ")"
			}
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (l *land) same(what, got, want string) {
	l.Helper()
	if got != want {
		l.Errorf("%s:\ngot:\n%s\nwant:\n%s", what, got, want)
	}
}

// Who is who: only what belongs to one person alone joins two rows.
func TestJoining(t *testing.T) {
	for name, c := range map[string]struct{ file, told, people string }{
		"by each strong key": {"id,full_name,company,linkedin_url,work_email\n1,Ada King,Acme,,\n1,,,linkedin.com/in/ada,\n,,,https://www.linkedin.com/in/Ada/,ada@acme.example\n,Ada L. King,,,ADA@acme.example\n",
			"4 read, 4 in, 0 out", "Ada L. King 1 https://www.linkedin.com/in/Ada/ ada@acme.example"},
		"not by name and company": {"full_name,company,mobile_phones\nAda King,Acme,+447911123456\nAda King,Acme,+447911123457\n",
			"2 read, 2 in, 0 out", "Ada King +447911123456\nAda King +447911123457"},
		"not by a switchboard": {"full_name,company,work_phones\nAda King,Acme,+12022243121\nBob Ray,Acme,+12022243121\n",
			"2 read, 2 in, 0 out", "Ada King +12022243121\nBob Ray +12022243121"},
		"not by a shared mailbox": {"full_name,company,work_email,work_email_status\nAda King,Acme,info@acme.example,verified\nBob Ray,Acme,info@acme.example,likely\n",
			"2 read, 2 in, 0 out [1: work_email: \"info@acme.example\" is a shared mailbox; it is kept as likely, not as verified]",
			"Ada King info@acme.example/likely\nBob Ray info@acme.example/likely"},
		"not by a disposable address": {"full_name,company,personal_emails\nAda King,Acme,x@mailinator.com\nBob Ray,Acme,x@mailinator.com\n",
			"2 read, 2 in, 0 out", "Ada King x@mailinator.com\nBob Ray x@mailinator.com"},
		"two people are not joined by a row": {"id,full_name,linkedin_url,work_email\n1,Ada King,linkedin.com/in/ada,\n2,Bob Ray,,bob@acme.example\n,Ada B. King,linkedin.com/in/ada,bob@acme.example\n",
			"3 read, 3 in, 0 out [3: email: \"bob@acme.example\" is also that of a person of a contradicting name in row 2; it joins neither of them to anybody, but for rows of the same name]",
			"Ada B. King 1 https://linkedin.com/in/ada bob@acme.example\nBob Ray 2 bob@acme.example"},
		"the same row": {"full_name,company,title\nAda King,Acme,Analyst\nAda King,Acme,Analyst\nAda King,Acme,Director\n",
			"3 read, 3 in, 0 out", "Ada King Analyst\nAda King Director"},
	} {
		t.Run(name, func(t *testing.T) {
			eachLand(t, func(l *land) {
				l.same("report", l.load("", c.file).told(), c.told)
				l.same("people", l.people(), c.people)
				l.load("", c.file)
				l.same("people, imported twice", l.people(), c.people)
			})
		})
	}
}

// What several sources say of one person, over time.
func TestSourcesOverTime(t *testing.T) {
	eachLand(t, func(l *land) {
		const head = "linkedin_url,full_name,work_email,work_email_status,work_email_verified_at,mobile_phones\n"
		row := func(email, status, at, mobile string) string {
			return head + "linkedin.com/in/ada,Ada," + email + "," + status + "," + at + "," + mobile + "\n"
		}
		const who = "Ada https://linkedin.com/in/ada "
		step := func(source, file, want string) {
			l.Helper()
			l.now = l.now.Add(24 * time.Hour)
			l.load(source, file)
			l.same(source, l.people(), who+want)
		}
		step("crm", row("ada@acme.example", "verified", "2026-02-01", "+447911123456"), "ada@acme.example/verified@0201(crm) +447911123456(crm)")
		step("list", row("ada@acme.example", "likely", "", "+447911123457"), "ada@acme.example/verified@0201(crm) +447911123457(list) +447911123456(crm)")
		step("crm", row("", "", "", "+447911123458"), "ada@acme.example/verified@0201(crm) +447911123458(crm) +447911123457(list)")
		step("list", row("ada@acme.example", "verified", "2026-03-04", ""), "ada@acme.example/verified@0304(list) +447911123458(crm) +447911123457(list)")
		step("crm", row("ada@acme.example", "verified", "2026-01-04", ""), "ada@acme.example/verified@0304(list) +447911123458(crm) +447911123457(list)")
		step("mail", row("ada@acme.example", "bounced", "", ""), "ada@acme.example/bounced@0308(mail) +447911123458(crm) +447911123457(list)")
		step("crm", row("ada@acme.example", "verified", "2026-03-01", ""), "ada@acme.example/bounced@0308(mail) +447911123458(crm) +447911123457(list)")
		step("crm", row("ada@new.example", "verified", "2026-03-09", ""), "ada@new.example/verified@0309(crm) ada@acme.example/bounced@0308(mail) +447911123458(crm) +447911123457(list)")
		r := l.load("crm", row("ada@new.example", "verified", "2126-03-09", ""))
		l.same("in the future", r.told(), `1 read, 1 in, 0 out [1: work_email_verified_at: "2126-03-09" is in the future; it is taken as now] [0: Column mobile_phones is empty in every row]`)
		l.same("in the future", l.people(), who+"ada@new.example/verified@0310(crm) ada@acme.example/bounced@0308(mail) +447911123458(crm) +447911123457(list)")
	})
}

// Ids are of their source; what a person was known by stays theirs.
func TestIdsOfSources(t *testing.T) {
	eachLand(t, func(l *land) {
		l.load("a", "id,full_name,company,work_email\n1,Ada King,Acme,ada@acme.example\n")
		l.load("b", "id,full_name,company,work_email\n1,Bob Ray,Acme,\n7,Ada King,Acme,ada@acme.example\n")
		l.load("a", "id,full_name,company,title\n1,Ada King,Acme,Director\n") // found by the id that a gave
		l.same("people", l.people(), "Ada King Director a:1 ada@acme.example(a)\nBob Ray b:1")
		l.load("", "id,full_name,source\n7,Ada L. King,B\n") // a row may name its source
		l.same("people", l.people(), "Ada L. King Director b:7 ada@acme.example(a)\nBob Ray b:1")
	})
}

// An erased person does not come back by anything that they were known by, and a
// suppressed row leaves nothing behind but its number.
func TestErasedStaysOut(t *testing.T) {
	eachLand(t, func(l *land) {
		l.load("a", "id,full_name,linkedin_url,work_email\n1,Ada King,linkedin.com/in/ada-old,ada@acme.example\n")
		l.load("b", "id,full_name,linkedin_url,work_email\n9,Ada King,linkedin.com/in/ada,ada@acme.example\n")
		l.load("", "full_name,company\nBob Ray,Acme\n")
		for _, k := range []store.KeyRow{{Kind: "email", Key: "ada@acme.example"}, {Kind: "name", Key: "bob ray|acme"}} {
			var id string
			if err := l.db.QueryRow(`SELECT person_id FROM person_keys WHERE kind = $1 AND key = $2`, k.Kind, k.Key).Scan(&id); err != nil {
				l.Fatal(err)
			}
			if err := l.Erase(context.Background(), id); err != nil {
				l.Fatal(err)
			}
		}
		out := "1 read, 0 in, 1 out [1: is on the suppression list]"
		l.same("by the first id", l.load("a", "id,full_name\n1,Ada King\n").told(), out)
		l.same("by an old profile", l.load("", "linkedin_url\nlinkedin.com/in/ada-old\n").told(), out)
		l.same("by nothing but the row", l.load("", "full_name,company\nBob Ray,Acme\n").told(), out)
		last := l.load("", "full_name,work_email\nAda,ada@acme.example\nCem,cem@acme.example\n")
		l.same("people", l.people(), "Cem cem@acme.example")
		l.same("rejected", l.rejected(last.ID), "row,reason,full_name,work_email\n1,is on the suppression list,,")
	})
}

func (l *land) rejected(id string) string {
	l.Helper()
	var lines []string
	err := l.Rejected(context.Background(), id, func(cells []string) error {
		lines = append(lines, strings.Join(cells, ","))
		return nil
	})
	if err != nil {
		l.Fatal(err)
	}
	return strings.Join(lines, "\n")
}

// Importing a file twice, or its rows in another order, gives the same people.
func TestImportingAgainChangesNothing(t *testing.T) {
	eachLand(t, func(l *land) {
		n := 0
		rapid.Check(t, func(r *rapid.T) {
			if n++; n > 30 { // a hundred databases would take minutes
				return
			}
			person := rapid.Custom(func(r *rapid.T) string {
				who := rapid.IntRange(0, 5).Draw(r, "who")
				// The profile is in every row of a person; the rest is now and then.
				line := fmt.Sprintf("linkedin.com/in/p%d-%d,Person %d,", n, who, who)
				if rapid.Bool().Draw(r, "own email") {
					line += fmt.Sprintf("p%d-%d-%d@acme.example", n, who, rapid.IntRange(0, 2).Draw(r, "email"))
				} else {
					line += rapid.SampledFrom([]string{"", "info@acme.example", "a@mailinator.com"}).Draw(r, "email")
				}
				return line + "," + rapid.SampledFrom([]string{"", "verified", "likely", "bounced", "unverified"}).Draw(r, "status") +
					"," + rapid.SampledFrom([]string{"", "2026-01-01", "2026-02-01"}).Draw(r, "at") + "," + rapid.SampledFrom([]string{"", "+447911123456", "+447911123457"}).Draw(r, "phone")
			})
			rows := rapid.SliceOfN(person, 1, 12).Draw(r, "rows")
			head := "linkedin_url,full_name,work_email,work_email_status,work_email_verified_at,phone\n"
			l.clear()
			l.load("", head+strings.Join(rows, "\n"))
			first := l.sorted()
			l.load("", head+strings.Join(rows, "\n"))
			if again := l.sorted(); again != first {
				r.Fatalf("twice:\n%s\nonce:\n%s", again, first)
			}
			shuffled := rapid.Permutation(rows).Draw(r, "shuffled")
			l.clear()
			half := rapid.IntRange(0, len(rows)).Draw(r, "half")
			l.now = l.now.Add(time.Microsecond)
			i, err := l.BeginFile(context.Background(), File{Content: strings.NewReader(head + strings.Join(shuffled, "\n")), ContentType: "text/csv"})
			if err != nil {
				r.Fatal(err)
			}
			i.pace.size = float64(max(1, half)) // in transactions of any size
			if _, err := i.Run(context.Background()); err != nil {
				r.Fatal(err)
			}
			if again := l.sorted(); again != first {
				r.Fatalf("shuffled:\n%s\nonce:\n%s", again, first)
			}
		})
	})
}

func (l *land) clear() {
	l.Helper()
	for _, table := range []string{"people_words", "person_keys", "people"} {
		if _, err := l.db.Exec("DELETE FROM " + table); err != nil {
			l.Fatal(err)
		}
	}
}

// sorted is people without the order of a person's values.
func (l *land) sorted() string {
	lines := strings.Split(l.people(), "\n")
	for i, line := range lines {
		words := strings.Fields(line)
		slices.Sort(words)
		lines[i] = strings.Join(words, " ")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
