package directory

import (
	"context"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Two imports of one file at once add nobody twice, on two servers either.
func TestTwoImportsAtOnce(t *testing.T) {
	eachLand(t, func(l *land) {
		ctx := context.Background()
		ended := make(chan error, 2)
		for range cap(ended) {
			i, err := l.Begin(ctx, newCrowd(3000), "text/csv")
			if err != nil {
				t.Fatal(err)
			}
			go func() {
				_, err := i.Run(ctx)
				ended <- err
			}()
		}
		for range cap(ended) {
			if err := <-ended; err != nil {
				t.Error(err)
			}
		}
		var people, keys int
		if err := l.db.QueryRow(`SELECT (SELECT count(*) FROM people), (SELECT count(*) FROM person_keys)`).Scan(&people, &keys); err != nil || people != 3000 || keys != 15_000 {
			t.Errorf("%d people with %d keys, %v", people, keys, err)
		}
	})
}

// What a capture learns of people is kept as an import's rows are.
func TestPut(t *testing.T) {
	eachLand(t, func(l *land) {
		l.load("crm", "linkedin_url,full_name,work_email,work_email_status,work_email_verified_at\nlinkedin.com/in/ada,Ada,ada@acme.example,verified,2026-02-01\n")
		put := func(people ...lead.Person) (ids []string) {
			t.Helper()
			if err := l.store.Update(context.Background(), func(tx *store.Tx) (err error) {
				ids, err = l.Put(tx, people)
				return err
			}); err != nil {
				t.Fatal(err)
			}
			return ids
		}
		mobile := lead.Value{Field: lead.MobilePhone, Value: "+447911123456", Source: "finder"}
		guess := lead.Value{Field: lead.WorkEmail, Value: "ada@acme.example", Status: lead.Likely, Source: "finder"}
		ids := put(lead.Person{LinkedInURL: "https://linkedin.com/in/ada", Values: []lead.Value{mobile, guess}}, lead.Person{FullName: "Bob", Company: "Acme"})
		l.same("people", l.people(), "Ada https://linkedin.com/in/ada ada@acme.example/verified@0201(crm) +447911123456(finder)\nBob")
		if again := put(lead.Person{LinkedInURL: "https://linkedin.com/in/ada"}); again[0] != ids[0] || !strings.HasPrefix(ids[1], "per_") {
			t.Errorf("%q, then %q", ids, again)
		}
		if m, err := l.Get(context.Background(), ids[0]); err != nil || m.Person.Values[1].LastSeen != spring {
			t.Errorf("%+v, %v", m, err)
		}
		if err := l.Erase(context.Background(), ids[0]); err != nil {
			t.Fatal(err)
		}
		if gone := put(lead.Person{LinkedInURL: "https://linkedin.com/in/ada", FullName: "Ada"}); gone[0] != "" {
			t.Errorf("an erased person came back as %s", gone[0])
		}
	})
}
