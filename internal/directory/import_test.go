package directory

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

func TestMain(m *testing.M) {
	if address := os.Getenv("LEADMETER_TEST_IMPORTER"); address != "" {
		importer(address)
		return
	}
	os.Exit(testdb.CheckedMain(m))
}

// Every rejected row can be had again, to be put right and sent once more.
func TestRejectedRowsAreKept(t *testing.T) {
	eachLand(t, func(l *land) {
		var file strings.Builder
		file.WriteString("Full Name,company,mobile_phones\n")
		for n := range 3000 {
			fmt.Fprintf(&file, "Nobody %d,,\n", n)
		}
		file.WriteString("Ada,Acme,12\n\"open,Acme,\nBob,Acme\n")
		r := l.load("", file.String())
		if r.Rows != 3003 || r.Imported != 1 || r.Rejected != 3002 || r.Import.Problems != 3003 || len(r.Problems) != maxProblemsKept {
			t.Errorf("%d read, %d in, %d out, %d problems, %d kept", r.Rows, r.Imported, r.Rejected, r.Import.Problems, len(r.Problems))
		}
		lines := strings.Split(l.rejected(r.ID), "\n")
		if len(lines) != 3003 || lines[0] != "row,reason,Full Name,company,mobile_phones" || !strings.HasSuffix(lines[3000], ",Nobody 2999,,") {
			t.Errorf("%d lines, first %s, last %s", len(lines), lines[0], lines[3000])
		}
		l.same("no row", lines[3001], `3002,a quote in the row is never closed,"open,Acme,,,`)
		l.same("two cells", lines[3002], "3003,the row has 2 of 3 cells,Bob,Acme,,")
		again := l.load("", "row,reason,Full Name,company,mobile_phones\n1,nobody could find,Nobody 0,Acme,\n")
		l.same("put right", again.told(), "1 read, 1 in, 0 out [0: Column mobile_phones is empty in every row]")

		l.now = l.now.Add(RejectsKept + time.Hour)
		if err := l.sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
		l.same("after 30 days", l.rejected(r.ID), "row,reason,Full Name,company,mobile_phones")
	})
}

func TestGuessedEncodingIsTold(t *testing.T) {
	eachLand(t, func(l *land) {
		r := l.load("", "full_name,company\nZo\xeb,Acme\n")
		l.same("report", r.told(), "1 read, 1 in, 0 out [0: the file is not UTF-8 text; it was read as Windows-1252]")
		if r.Understood.Encoding != "Windows-1252" || r.Understood.Format != contactfile.FormatDirectory {
			t.Errorf("%+v", r.Understood)
		}
		l.same("people", l.people(), "Zoë")
	})
}

// here runs background work at once.
func here(_ string, work func(ctx context.Context)) { work(context.Background()) }

func TestDraft(t *testing.T) {
	eachLand(t, func(l *land) {
		ctx := context.Background()
		id, err := l.Draft(ctx, File{Content: strings.NewReader("Wer,Bude\nAda King,Acme\n"), ContentType: "text/csv", Name: "wer.csv", Source: "fair"})
		if err != nil {
			t.Fatal(err)
		}
		p, f, err := l.PreviewDraft(ctx, id, nil)
		if err != nil || f.Name != "wer.csv" || len(p.Columns) != 2 || p.Columns[0].Field != "extra" || len(p.Problems) != 1 || !p.Rows[0].Rejected {
			t.Fatalf("%+v, %v", p, err)
		}
		if err := l.Start(ctx, id, nil, here); err == nil || !strings.HasPrefix(err.Error(), "the header has no column that says who") {
			t.Errorf("without a mapping: %v", err)
		}
		if list, _ := l.Imports(ctx, 10); len(list) != 0 {
			t.Errorf("a draft is listed: %+v", list)
		}
		m := contactfile.Mapping{"Wer": "full_name", "Bude": "company"}
		if p, _, err := l.PreviewDraft(ctx, id, m); err != nil || len(p.Problems) != 0 || p.Rows[0].Person.Name() != "Ada King" {
			t.Errorf("%+v, %v", p, err)
		}
		for n, want := range []string{"", "The import was begun already."} {
			if err := l.Start(ctx, id, m, here); err != nil && err.Error() != want || (err == nil) != (n == 0) {
				t.Errorf("start %d: %v", n, err)
			}
		}
		r, err := l.Report(ctx, id)
		if err != nil || r.told() != "1 read, 1 in, 0 out" || r.Status != Done {
			t.Errorf("%s %s, %v", r.told(), r.Status, err)
		}
		l.empty()
		if _, err := l.Draft(ctx, File{Content: strings.NewReader(""), ContentType: "text/csv"}); err == nil {
			t.Error("an empty file is no draft")
		}
		if id, err = l.Draft(ctx, File{Content: strings.NewReader("full_name\n"), ContentType: "text/csv"}); err != nil {
			t.Fatal(err)
		}
		l.now = l.now.Add(draftsKept + time.Hour)
		if err := l.sweep(ctx); err != nil {
			t.Fatal(err)
		}
		if _, _, err := l.PreviewDraft(ctx, id, nil); err == nil {
			t.Error("a draft is kept for ever")
		}
		l.empty()
	})
}

// empty holds that the spool keeps nothing.
func (l *land) empty() {
	l.Helper()
	files, err := os.ReadDir(l.Spools)
	if err != nil || len(files) != 0 {
		l.Errorf("%d files wait, %v", len(files), err)
	}
}

const crashPeople = 12_000

// importer is the process that dies: it begins an import and lets it run.
func importer(address string) {
	ctx := context.Background()
	st, err := store.Open(ctx, address)
	if err != nil {
		panic(err)
	}
	d, err := Open(ctx, st, time.Now)
	if err != nil {
		panic(err)
	}
	d.Spools = os.Getenv("LEADMETER_TEST_SPOOLS")
	_, err = d.Spool(ctx, File{Content: crashFile(), ContentType: "text/csv", Source: "fair"}, here)
	fmt.Println(err)
}

// crashFile has bad rows among the good, and people who come twice.
func crashFile() io.Reader {
	return io.MultiReader(newCrowd(crashPeople), strings.NewReader(",,Engineer,,,,,,,,,,\n"), &crowd{n: 50, random: newCrowd(0).random}, strings.NewReader("few\n"))
}

// A server that is killed in the middle of an import continues when it is started
// again: every row once, none lost, the counts exact.
func TestKilledImportGoesOn(t *testing.T) {
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			address, spools := testdb.Address(t, engine), t.TempDir()
			l := landAt(t, engine, address)
			l.Spools = spools
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			child := exec.Command(self)
			child.Env = append(os.Environ(), "LEADMETER_TEST_IMPORTER="+address, "LEADMETER_TEST_SPOOLS="+spools)
			child.Stderr = os.Stderr
			if err := child.Start(); err != nil {
				t.Fatal(err)
			}
			ctx := context.Background()
			rows := int64(0)
			for rows < 1000 {
				list, err := l.Imports(ctx, 1)
				if err != nil {
					t.Fatal(err)
				}
				if len(list) > 0 {
					if rows = list[0].Rows; list[0].Status != Running {
						t.Fatalf("too late: %+v", list[0])
					}
				}
			}
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = child.Wait()
			l.now = time.Now() // its lease still runs: perhaps it is alive
			ctx, stop := context.WithCancel(ctx)
			defer stop()
			if err := l.stopped.Begin(ctx); err != nil {
				t.Fatal(err)
			}
			l.Wait()
			before, _ := l.Imports(ctx, 1)
			if before[0].Status != Running {
				t.Fatalf("taken over from one that may live: %+v", before[0])
			}
			l.now = time.Now().Add(2 * lease)
			if err := l.stopped.Begin(ctx); err != nil {
				t.Fatal(err)
			}
			l.Wait()
			r, err := l.Report(ctx, before[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("killed after %d rows", before[0].Rows)
			if r.Status != Done || r.Rows != crashPeople+52 || r.Imported != crashPeople+50 || r.Rejected != 2 || r.Import.Problems != 2 {
				t.Errorf("%s %s", r.Status, r.told())
			}
			var people int
			if err := l.db.QueryRow("SELECT count(*) FROM people").Scan(&people); err != nil || people != crashPeople {
				t.Errorf("%d people, %v; want %d", people, err, crashPeople)
			}
			if lines := strings.Split(l.rejected(r.ID), "\n"); len(lines) != 3 {
				t.Errorf("rejected rows: %q", lines)
			}
			l.empty()
		})
	}
}

// Without its file nobody can continue.
func TestImportWhoseFileIsGone(t *testing.T) {
	eachLand(t, func(l *land) {
		ctx, cancel := context.WithCancel(context.Background())
		id, err := l.Spool(ctx, File{Content: strings.NewReader("full_name,company\nAda,Acme\n"), ContentType: "text/csv"}, func(_ string, work func(ctx context.Context)) {
			cancel() // the server stops before a row is in
			work(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		files, err := filepath.Glob(l.Spools + "/import-*")
		if err != nil || len(files) != 1 {
			t.Fatalf("%q, %v", files, err)
		}
		if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v, %v", info.Mode(), err)
		}
		if err := os.Remove(files[0]); err != nil {
			t.Fatal(err)
		}
		if err := l.stopped.Begin(context.Background()); err != nil {
			t.Fatal(err)
		}
		r, err := l.Report(context.Background(), id)
		if err != nil || r.Status != Failed || r.Message != goneMessage {
			t.Errorf("%+v, %v", r.Import, err)
		}
	})
}
