package copying_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/copying"
	"github.com/leadmeter/leadmeter/internal/sample"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// copyChild tells the test binary that it is a copy until it is killed; it holds both addresses.
const copyChild = "LEADMETER_TEST_COPY_CHILD"

func TestMain(m *testing.M) {
	if from, to, child := strings.Cut(os.Getenv(copyChild), " "); child {
		if _, err := run(context.Background(), from, to, nil); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(testdb.Main(m))
}

// run copies one database to another.
func run(ctx context.Context, from, to string, progress func(copying.Progress)) (r copying.Result, err error) {
	c, err := copying.Open(ctx, from, to)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	c.Source, c.Target, c.Books, c.Progress = from, to, credits.ShippedBooks(), progress
	return c.Run(ctx)
}

func mustRun(t *testing.T, from, to string) copying.Result {
	t.Helper()
	r, err := run(t.Context(), from, to, nil)
	if err != nil || r.Unequal.N+r.Ledger.N > 0 || r.Complete {
		t.Fatalf("copy %s to %s: %+v, %v", from, to, r, err)
	}
	return r
}

// said is a request and its answer.
type said struct{ path, key, body, answer string }

// full is a database with everything in it.
type full struct {
	address, key string
	workspace    string
	said         []said
}

// filled is made once; each test has a copy of its file.
var filled struct {
	sync.Mutex
	full
	file []byte
}

func fill(t *testing.T) *full {
	t.Helper()
	filled.Lock()
	defer filled.Unlock()
	if filled.file == nil {
		f := fillNew(t, testdb.Address(t, "sqlite"))
		file, err := os.ReadFile(strings.TrimPrefix(f.address, "sqlite:"))
		if err != nil {
			t.Fatal(err)
		}
		filled.full, filled.file = *f, file
	}
	f := filled.full
	f.address = testdb.Address(t, "sqlite")
	if err := os.WriteFile(strings.TrimPrefix(f.address, "sqlite:"), filled.file, 0o600); err != nil {
		t.Fatal(err)
	}
	return &f
}

// fillNew makes the sample, charges, holds and refusals with keys that can be sent again, a
// suppression, and rows in every table that is empty then.
func fillNew(t *testing.T, address string) *full {
	t.Helper()
	s, err := server.Open(t.Context(), server.Config{Database: address})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	made, err := sample.Fill(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	f := &full{address: address, workspace: made.Workspace}
	if f.key, err = s.Accounts.CreateOperatorKey(t.Context(), "test", false); err != nil {
		t.Fatal(err)
	}
	ws := "/v1/workspaces/" + f.workspace
	for n, r := range []said{
		{path: ws + "/charges", body: `{"credit":"standard","amount":1.25,"description":"Größe 中文"}`},
		{path: ws + "/charges", body: `{"credit":"premium","amount":1000000}`}, // refused
		{path: ws + "/holds", body: `{"credit":"standard","amount":3,"expires_in":"1h"}`},
		{path: ws + "/grants", body: `{"credit":"premium","amount":5,"kind":"once","note":"n"}`},
		{path: ws + "/members", body: `{"email":"new@northlight.example","name":"New","role":"member"}`},
		{path: ws + "/webhooks", body: `{"url":"https://hooks.example/x","events":["credits.low"]}`},
		{path: "/v1/directory/suppressions", body: `{"domain":"suppressed.example"}`},
		{path: "/v1/workspaces", body: `{"name":"Another","plan":"pro","seats":2,"time_zone":"Asia/Kolkata"}`},
	} {
		r.key = fmt.Sprintf("key-%d", n)
		if n%2 == 1 {
			r.key = fmt.Sprintf("018f0000-0000-7000-8000-00000000000%d", n) // kept packed
		}
		status, answer := f.send(t, s, r)
		if refused := n == 1; refused != (status == http.StatusPaymentRequired) || status >= 400 && !refused {
			t.Fatalf("%s %s: %d %s", r.path, r.body, status, answer)
		}
		_, r.answer = f.send(t, s, r) // without the secret that a first answer shows once
		f.said = append(f.said, r)
	}
	if err := s.Store.Update(t.Context(), func(tx *store.Tx) error {
		_, err := tx.Leases().Swap("archiving", "", "nobody")
		return err
	}); err != nil {
		t.Fatal(err)
	}
	for range 3 { // in blocks of 40
		if moved, err := s.Store.ArchiveNext(t.Context(), f.workspace, time.Now().AddDate(0, 0, -7).UnixMicro(), 40); err != nil || moved.Entries != 40 {
			t.Fatalf("archive: %+v, %v", moved, err)
		}
	}
	if err := s.Store.Update(t.Context(), fillEmpty); err != nil {
		t.Fatal(err)
	}
	return f
}

// fillEmpty puts three rows in every table without any, with values at the bounds of their kinds.
func fillEmpty(tx *store.Tx) error {
	tables, err := tx.Tables().List()
	if err != nil {
		return err
	}
	for _, table := range tables {
		if some, err := tx.Tables().Any(table); err != nil || some {
			if err != nil {
				return err
			}
			continue
		}
		var rows [][]any
		for n := range 3 {
			var row []any
			for _, c := range table.Columns {
				switch {
				case c.Null && n == 0:
					row = append(row, nil)
				case c.Kind == store.Number:
					row = append(row, []int64{0, 1, math.MaxInt64}[n])
				case c.Kind == store.Text:
					row = append(row, []string{"", "ünï 中 \u2028", "Z'\"\\ z"}[n])
				default:
					row = append(row, [][]byte{{}, {0, 255, 0}, {'{'}}[n])
				}
			}
			rows = append(rows, row)
		}
		if err := tx.Tables().Insert(table, rows); err != nil {
			return fmt.Errorf("%s: %w", table.Name, err)
		}
	}
	return nil
}

func (f *full) send(t *testing.T, s *server.Server, r said) (status int, answer string) {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), http.MethodPost, r.path, strings.NewReader(r.body))
	if r.body == "" {
		req.Method = http.MethodGet
	} else {
		req.Header.Set("Idempotency-Key", r.key)
	}
	req.Header.Set("Authorization", "Bearer "+f.key)
	req.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	s.Handler.ServeHTTP(w, req)
	body, err := io.ReadAll(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	return w.Code, string(body)
}

// sealed is a cursor, which is another each time.
var sealed = regexp.MustCompile(`"next_cursor":"[^"]*"`)

// shows is what a server over a database answers: balances, usage, entries and old keys.
func (f *full) shows(t *testing.T, address string) (list []string) {
	t.Helper()
	at := time.Now()
	s, err := server.Open(t.Context(), server.Config{Database: address, ReadOnly: true, Clock: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for _, r := range f.said {
		if _, answer := f.send(t, s, r); answer != r.answer {
			t.Errorf("%s: key %s was answered with\n%s\nand now with\n%s", address, r.key, r.answer, answer)
		}
	}
	for _, path := range []string{"", "/balance", "/usage?group_by=day", "/usage?group_by=member", "/entries?limit=100", "/leads?limit=100", "/grants", "/keys"} {
		status, answer := f.send(t, s, said{path: "/v1/workspaces/" + f.workspace + path})
		if status != http.StatusOK {
			t.Errorf("%s: %s: %d %s", address, path, status, answer)
		}
		list = append(list, sealed.ReplaceAllString(answer, ""))
	}
	if _, err := s.Ledger.Verify(t.Context(), func(d credits.Difference) { t.Errorf("%s: %s", address, d) }); err != nil {
		t.Error(err)
	}
	return list
}

// A database with rows in every table is the same on the other engine, and back again.
func TestCopyThereAndBack(t *testing.T) {
	for _, by := range testdb.Engines {
		t.Run("by "+by, func(t *testing.T) {
			there := testdb.Address(t, by)
			back := "sqlite:" + filepath.Join(t.TempDir(), "back.db") // there is no such file
			f := fill(t)
			from := f.address
			first := mustRun(t, from, there)
			before := f.shows(t, from)
			if first.Tables < 70 || first.Rows < 10_000 || first.Workspaces < 5 {
				t.Errorf("copied %+v", first)
			}
			shown := f.shows(t, there)
			second := mustRun(t, there, back)
			if second.Rows < first.Rows {
				t.Errorf("%d rows came, %d went back", first.Rows, second.Rows)
			}
			again := f.shows(t, back)
			for n := range before {
				if before[n] != shown[n] || before[n] != again[n] {
					t.Errorf("shown before, there and back:\n%.400s\n%.400s\n%.400s", before[n], shown[n], again[n])
				}
			}
			sameFiles(t, from, back)
		})
	}
}

// A copy that is killed at random moments continues, and comes to the same; so does one from there.
func TestKilledCopyContinues(t *testing.T) {
	testdb.Slow(t)
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			to := testdb.Address(t, engine)
			from := fill(t).address
			back := "sqlite:" + filepath.Join(t.TempDir(), "back.db")
			killed := killedCopy(t, from, to) + killedCopy(t, to, back)
			t.Logf("killed %d times", killed)
			if killed == 0 {
				t.Error("no copy was killed")
			}
			sameFiles(t, from, back)
		})
	}
}

// killedCopy copies by processes that are killed, until one ends; it says how many did not.
func killedCopy(t *testing.T, from, to string) (killed int) {
	t.Helper()
	for try := range 200 {
		cmd := exec.Command(os.Args[0], "-test.run=^$")
		cmd.Env = append(os.Environ(), copyChild+"="+from+" "+to)
		var out strings.Builder
		cmd.Stdout = &out
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		late := time.Duration(30+rand.IntN(150+20*try)) * time.Millisecond
		timer := time.AfterFunc(late, func() { _ = cmd.Process.Kill() })
		err := cmd.Wait()
		timer.Stop()
		if err == nil {
			return killed
		}
		if out.Len() > 0 {
			t.Fatalf("the copy fails after %d kills: %s", killed, out.String())
		}
		killed++
	}
	t.Fatal("the copy does not come to an end")
	return killed
}
