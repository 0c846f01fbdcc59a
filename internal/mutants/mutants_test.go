package mutants_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// mutant is a mistake, and the test that must catch it.
type mutant struct {
	name  string // what the mistake is
	edits []edit
	// kill is the test that must fail: a package and a pattern, on an engine.
	engine, pkg, run string
}

// edit replaces a text that is in its file exactly once.
type edit struct{ file, old, new string }

// root of the module, from here.
const root = "../.."

// deadline of one test run: a mutant that hangs is caught as well.
const deadline = 3 * time.Minute

// TestMutantsFit keeps the table from rotting.
func TestMutantsFit(t *testing.T) {
	if len(mutants) < 20 {
		t.Errorf("%d mutants", len(mutants))
	}
	names := map[string]bool{}
	for _, m := range mutants {
		if names[m.name] {
			t.Errorf("%s: there are two of that name", m.name)
		}
		names[m.name] = true
		if _, err := m.overlay(); err != nil {
			t.Errorf("%s: %v", m.name, err)
		}
	}
}

// overlay is the changed text of each file.
func (m mutant) overlay() (map[string][]byte, error) {
	texts := map[string][]byte{}
	for _, e := range m.edits {
		text, ok := texts[e.file]
		if !ok {
			var err error
			if text, err = os.ReadFile(filepath.Join(root, e.file)); err != nil {
				return nil, err
			}
		}
		if n := bytes.Count(text, []byte(e.old)); n != 1 || e.old == e.new {
			return nil, fmt.Errorf("%s has the text %d times:\n%s", e.file, n, e.old)
		}
		texts[e.file] = bytes.Replace(text, []byte(e.old), []byte(e.new), 1)
	}
	return texts, nil
}

// TestMutantsAreCaught applies each mutant over the tree, without touching it,
// and runs the test that must fail. LEADMETER_TEST_MUTANTS=1 runs all; any other
// text those whose names contain it.
func TestMutantsAreCaught(t *testing.T) {
	which := os.Getenv("LEADMETER_TEST_MUTANTS")
	if which == "" {
		t.Skip("make mutants runs this; it takes minutes")
	}
	clean := map[string]bool{}
	for _, m := range mutants {
		if which != "1" && !strings.Contains(m.name, which) {
			continue
		}
		t.Run(strings.ReplaceAll(m.name, " ", "_"), func(t *testing.T) {
			if key := m.engine + m.pkg + m.run; !clean[key] {
				if out, err := m.test(t, ""); err != nil {
					t.Fatalf("the test fails without a mistake: %v\n%s", err, out)
				}
				clean[key] = true
			}
			began := time.Now()
			out, err := m.test(t, m.write(t))
			caught := failedTest.FindSubmatch(out)
			switch {
			case err == nil:
				t.Errorf("SURVIVED %s -run %s", m.pkg, m.run)
			case bytes.Contains(out, []byte("[build failed]")) || bytes.Contains(out, []byte("[setup failed]")):
				t.Errorf("BROKEN: it does not compile\n%s", out)
			case caught != nil:
				t.Logf("caught by %s in %v", caught[1], time.Since(began).Round(100*time.Millisecond))
			case bytes.Contains(out, []byte("panic: ")):
				t.Logf("caught by a panic in %s in %v", m.run, time.Since(began).Round(100*time.Millisecond))
			default:
				t.Errorf("it failed, and no test did: %v\n%s", err, out)
			}
		})
	}
}

var failedTest = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`)

// write puts the changed files and the list of them in a directory of the test.
func (m mutant) write(t *testing.T) string {
	t.Helper()
	texts, err := m.overlay()
	if err != nil {
		t.Fatal(err)
	}
	dir, replace := t.TempDir(), map[string]string{}
	for file, text := range texts {
		original, err := filepath.Abs(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		changed := filepath.Join(dir, strings.ReplaceAll(file, "/", "_"))
		if err := os.WriteFile(changed, text, 0o600); err != nil {
			t.Fatal(err)
		}
		replace[original] = changed
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, list, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// test runs the mutant's test over an overlay; none is the clean tree.
func (m mutant) test(t *testing.T, overlay string) ([]byte, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), deadline)
	defer cancel()
	args := []string{"test", "-count=1", "-failfast", "-timeout=2m", "-vet=off", "-run=^(" + m.run + ")$"}
	if overlay != "" {
		args = append(args, "-overlay="+overlay)
	}
	args = append(args, "./"+m.pkg)
	if m.pkg == credits { // the mistake's examples are not the tree's
		args = append(args, "-rapid.nofailfile")
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "LEADMETER_TEST_ENGINES="+m.engine, "LEADMETER_TEST_MUTANTS=", "LEADMETER_TEST_OPERATIONS=20000", "LEADMETER_CRASH_ROUNDS=2")
	cmd.WaitDelay = 5 * time.Second
	return cmd.CombinedOutput()
}
