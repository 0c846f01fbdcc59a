package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// testdata/upgrade has databases as earlier versions left them, by the number of their last
// migration: 0107 is the first schema of 0.1.0. Beside each is what that version answered to
// requests: of balances, usage, entries, leads and limits, and of keys that it had taken.
const upgrades = "testdata/upgrade/"

// A server of today answers over an old database what the old one did: old keys give their first
// answer, nothing is charged again, and the ledger adds up.
func TestUpgradesKeepEveryAnswer(t *testing.T) {
	for _, of := range []string{"0107"} {
		for _, engine := range testdb.Engines {
			t.Run(of+" "+engine, func(t *testing.T) {
				testdb.Want(t, engine)
				if engine == "postgres" {
					testdb.NotOnCitus(t, "the old database is a dump of a plain one")
				}
				upgraded(t, oldDatabase(t, engine, of), readOld(t, of+"."+engine+".json"))
			})
		}
	}
}

type oldAnswer struct {
	Method, Path, Key string
	Body              map[string]any
	Status            int
	Answer            map[string]any
}

func upgraded(t *testing.T, address string, answers []byte) {
	var old struct {
		OperatorKey string `json:"operator_key"`
		Asked       []oldAnswer
	}
	if err := json.Unmarshal(answers, &old); err != nil || len(old.Asked) == 0 {
		t.Fatal(err)
	}
	for range 2 { // migrated, and then opened again
		w := open(t, address)
		for _, a := range old.Asked {
			w.sameAs(old.OperatorKey, a)
		}
		w.verify()
	}
	w := open(t, address)
	w.emailsFollow()
	in := old.Asked[0].Path[:strings.LastIndex(old.Asked[0].Path, "/")]
	operator := w.as(old.OperatorKey)
	w.post(operator, in+"/charges", is{"credit": "standard", "amount": 2}, 201)
	for n := 21; n < 24; n++ {
		w.post(operator, in+"/captures", is{"person": is{"linkedin_url": fmt.Sprintf("https://www.linkedin.com/in/person-number-%d", n)}}, 200)
	}
	w.verify()
}

// emailsFollow finds every member of every workspace by their address.
func (w *world) emailsFollow() {
	w.Helper()
	found := 0
	err := w.server.Store.View(ctx, func(tx *store.Tx) error {
		all, err := tx.Workspaces().List("", 1000)
		for _, at := range all {
			members, err := tx.Members().Of(at.ID, "", 1000, false)
			if err != nil {
				return err
			}
			for _, m := range members {
				emails, err := tx.Members().ByEmail(m.Email)
				if err != nil {
					return err
				}
				if !slices.Contains(emails, store.MemberEmail{Email: m.Email, Workspace: m.Workspace, Member: m.ID}) {
					return fmt.Errorf("%s does not lead to %s", m.Email, m.ID)
				}
				found++
			}
		}
		return err
	})
	if err != nil || found == 0 {
		w.Errorf("%d members were found by their addresses: %v", found, err)
	}
}

// sameAs sends a request again. What an answer of today has beside the old one's members is new.
func (w *world) sameAs(key string, a oldAnswer) {
	w.Helper()
	var body io.Reader
	if a.Body != nil {
		text, _ := json.Marshal(a.Body)
		body = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(ctx, a.Method, w.http.URL+a.Path, body)
	if err != nil {
		w.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	if a.Key != "" {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", a.Key)
	}
	answer, err := w.http.Client().Do(r)
	if err != nil {
		w.Fatal(err)
	}
	defer answer.Body.Close()
	var got map[string]any
	if err := json.NewDecoder(answer.Body).Decode(&got); err != nil || answer.StatusCode != a.Status {
		w.Fatalf("%s %s: %d %v, %v", a.Method, a.Path, answer.StatusCode, err, got)
	}
	if replayed := answer.Header.Get("Idempotent-Replayed") == "true"; replayed != (a.Key != "") {
		w.Errorf("%s %s: replayed is %v", a.Method, a.Path, replayed)
	}
	for _, d := range lost(a.Method+" "+a.Path, a.Answer, got) {
		w.Error(d)
	}
}

// lost are the places where an answer has not what the old one had.
func lost(place string, old, now any) (list []string) {
	switch was := old.(type) {
	case map[string]any:
		is, _ := now.(map[string]any)
		for _, name := range slices.Sorted(maps.Keys(was)) {
			list = append(list, lost(place+" "+name, was[name], is[name])...)
		}
		return list
	case []any:
		is, _ := now.([]any)
		if len(is) != len(was) {
			return []string{fmt.Sprintf("%s: %d of %d", place, len(is), len(was))}
		}
		for n := range was {
			list = append(list, lost(fmt.Sprintf("%s %d", place, n), was[n], is[n])...)
		}
		return list
	}
	if !reflect.DeepEqual(old, now) {
		list = []string{fmt.Sprintf("%s: %v, was %v", place, now, old)}
	}
	return list
}

func readOld(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(upgrades + name + ".gz")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// oldDatabase is a database of the engine's own as the version left it.
func oldDatabase(t *testing.T, engine, of string) (address string) {
	t.Helper()
	address = testdb.Address(t, engine)
	if file, ok := strings.CutPrefix(address, "sqlite:"); ok {
		if err := os.WriteFile(file, readOld(t, of+".sqlite"), 0o600); err != nil {
			t.Fatal(err)
		}
		return address
	}
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	for _, sql := range []string{"DROP SCHEMA public CASCADE; CREATE SCHEMA public", string(readOld(t, of+".postgres.sql"))} {
		if _, err := conn.PgConn().Exec(ctx, sql).ReadAll(); err != nil {
			t.Fatal(err)
		}
	}
	return address
}

// Every database of before has a version below today's, else nothing is upgraded.
func TestOldDatabasesAreOld(t *testing.T) {
	last, err := store.SchemaVersion()
	if err != nil || last <= 107 {
		t.Errorf("the last migration is %d, %v", last, err)
	}
}
