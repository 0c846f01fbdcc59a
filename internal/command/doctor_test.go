package command

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// The doctor lists whose rows contradict each other and exits with 1, takes one apart with
// what workspaces were sold, and then has nothing to list; the ledger adds up.
func TestDoctorPeople(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			address := testdb.Address(t, engine)
			db := "--database=" + address
			people := filepath.Join(t.TempDir(), "people.csv")
			if err := os.WriteFile(people, []byte(`full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at,personal_emails
Ada King,Acme,linkedin.com/in/ada-king,ada.king@acme.example,verified,2020-01-01,
Ben Dovecot,Acme,linkedin.com/in/ben-dovecot,ben.dovecot@dovecot.example;ann.colley@colley.example,verified,2020-01-01,ann.colley@home.example
`), 0o600); err != nil {
				t.Fatal(err)
			}
			if code, out, said := command("import", people, db); code != 0 {
				t.Fatalf("import: exit %d, %s%s", code, out, said)
			}
			sold := func(buy bool) (fields string, leads int) {
				t.Helper()
				s, err := server.Open(context.Background(), server.Config{Database: address})
				if err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				h := httptest.NewServer(s.Handler)
				defer h.Close()
				key, err := s.Accounts.CreateOperatorKey(context.Background(), "test", false)
				if err != nil {
					t.Fatal(err)
				}
				c := &client.Client{Server: h.URL, Key: key, HTTP: h.Client()}
				do := func(method, path string, in any) map[string]any {
					t.Helper()
					out := map[string]any{}
					if _, err := c.Do(context.Background(), method, path, "", in, &out); err != nil {
						t.Fatalf("%s: %v", path, err)
					}
					return out
				}
				var ws string
				if buy {
					ws = do("POST", "/v1/workspaces", map[string]any{"name": "Acme", "plan": "pro"})["id"].(string)
				} else {
					ws = do("GET", "/v1/workspaces", nil)["data"].([]any)[0].(map[string]any)["id"].(string)
				}
				for _, who := range []string{"linkedin.com/in/ben-dovecot", "ann.colley@home.example"} {
					if buy && strings.Contains(who, "@") {
						break // they are one yet
					}
					ref := map[string]any{"linkedin_url": who}
					if strings.Contains(who, "@") {
						ref = map[string]any{"email": who}
					}
					a := do("POST", client.In(ws, "captures"), map[string]any{"person": ref, "fields": []string{"work_email", "personal_email"}})
					for _, f := range []string{"work_email", "personal_email"} {
						field := a["fields"].(map[string]any)[f].(map[string]any)
						fields += fmt.Sprint(a["person"].(map[string]any)["full_name"], " ", f, " ", field["outcome"])
						for _, v := range field["values"].([]any) {
							fields += fmt.Sprint(" ", v.(map[string]any)["value"])
						}
						fields += "\n"
					}
				}
				return fields, len(do("GET", client.In(ws, "leads"), nil)["data"].([]any))
			}
			if got, _ := sold(true); strings.Count(got, "charged") != 2 {
				t.Fatalf("bought: %s", got)
			}
			code, out, said := command("doctor", "people", db)
			id := regexp.MustCompile(`per_\w+`).FindString(out)
			if code != 1 || id == "" || !strings.Contains(out, "Ben Dovecot: ") || strings.Contains(out, "Ada King") || !strings.Contains(out, "--split PERSON") {
				t.Fatalf("doctor people: exit %d, %q, %q", code, out, said)
			}
			if code, out, said := command("doctor", "people", "--split", "per_nobody", db); code == 0 || out != "" || !strings.Contains(said, "There is no person per_nobody") {
				t.Errorf("--split of nobody: exit %d, %q, %q", code, out, said)
			}
			code, out, said = command("doctor", "people", "--split", id, db)
			if lines := strings.Split(strings.TrimSpace(out), "\n"); code != 0 || len(lines) != 2 || !strings.Contains(out, id) || !strings.Contains(out, "Ann Colley") || !strings.Contains(out, "Ben Dovecot") {
				t.Fatalf("--split: exit %d, %q, %q", code, out, said)
			}
			if code, out, said := command("doctor", "people", db); code != 0 || out != "No person's rows contradict each other.\n" {
				t.Errorf("doctor people afterwards: exit %d, %q, %q", code, out, said)
			}
			if code, _, said := command("doctor", "people", "--split", id, db); code == 0 || !strings.Contains(said, "Nothing was changed") {
				t.Errorf("--split again: exit %d, %q", code, said)
			}
			want := "Ben Dovecot work_email already_owned ben.dovecot@dovecot.example\nBen Dovecot personal_email not_found\n" +
				"Ann Colley work_email already_owned ann.colley@colley.example\nAnn Colley personal_email already_owned ann.colley@home.example\n"
			if got, leads := sold(false); got != want || leads != 2 {
				t.Errorf("owned afterwards, %d leads:\n%s", leads, got)
			}
			if code, out, said := command("verify", db); code != 0 || !strings.Contains(out, "add up") {
				t.Errorf("verify: exit %d, %q, %q", code, out, said)
			}
		})
	}
}
