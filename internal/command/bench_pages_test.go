package command

import (
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/testdb"
)

// bench --pages fills a database whose ledger adds up, and every page that it measures is the right
// one: it fails for an answer that says nothing of the workspace.
func TestBenchPages(t *testing.T) {
	testdb.Slow(t)
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			t.Setenv(asProgram, "1") // the server is this program once more
			database := testdb.Address(t, engine)
			code, out, problems := command("bench", "--pages", "--workspaces", "64", "--entries", "3000", "--database", database)
			if code != 0 {
				t.Fatalf("%s\n%s", out, problems)
			}
			for _, page := range []string{"sign in", "charge", "balance", "usage page", "entries page", "lead sheet"} {
				if n := strings.Count(out, "\n"+page+" "); n != 4 {
					t.Errorf("%s is measured of %d samples of 4", page, n)
				}
			}
			for _, say := range []string{"from the server's start to its first answer ", "The month ends for ", "\nthe second after "} {
				if !strings.Contains(out, say) {
					t.Errorf("it does not say %q", say)
				}
			}
			t.Log(out)
			if code, out, problems := command("verify", "--database", database); code != 0 || !strings.HasPrefix(out, "64 workspaces add up") {
				t.Errorf("verify says %d, %s%s", code, out, problems)
			}
		})
	}
	if code, _, problems := command("bench", "--pages", "--workspaces", "64", "--entries", "3"); code == 0 || !strings.Contains(problems, "at least as many --entries") {
		t.Errorf("fewer entries than workspaces: %d, %s", code, problems)
	}
}
