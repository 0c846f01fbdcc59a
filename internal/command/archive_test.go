package command

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/sample"
	"github.com/leadmeter/leadmeter/internal/server"
)

func TestArchive(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "sample.db")
	srv, err := server.Open(t.Context(), server.Config{Database: address})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sample.Fill(t.Context(), srv)
	if err != nil {
		t.Fatal(err)
	}
	db := "--database=" + address
	// The server has the file open, as one that serves it has.
	code, out, said := command("archive", "--older-than=33d", db)
	moved := regexp.MustCompile(`^Archived (\d+ entries) of \d+ workspaces? in .*the archive takes`).FindStringSubmatch(out)
	if code != 0 || moved == nil || !strings.Contains(out, "leadmeter backup FILE") {
		t.Fatalf("archive: exit %d, %q, %q", code, out, said)
	}
	if code, out, said := command("verify", db); code != 0 {
		t.Errorf("verify: exit %d, %q, %q", code, out, said)
	}
	if code, out, said := command("archive", "--older-than=33d", db); code != 0 || !strings.Contains(out, "There was nothing to move.") {
		t.Errorf("again: exit %d, %q, %q", code, out, said)
	}
	if code, out, said := command("archive", "--restore", "--workspace="+s.Workspace, db); code != 0 || !strings.Contains(out, "Restored ") {
		t.Errorf("restore: exit %d, %q, %q", code, out, said)
	}
	if code, out, said := command("verify", db); code != 0 {
		t.Errorf("verify: exit %d, %q, %q", code, out, said)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flag, say string
	}{
		{"--workspace=x", "say what to archive"}, {"--before=yesterday", `--before "yesterday" must be a day such as 2025-01-01`},
		{"--older-than=1y", `--older-than "1y" must be a number of days such as 400d`}, {"--older-than=0d", "must be a number of days"},
	} {
		if code, _, said := command("archive", c.flag, db); code == 0 || !strings.Contains(said, c.say) {
			t.Errorf("archive %s: exit %d, says %q", c.flag, code, said)
		}
	}
	if code, _, said := command("archive", "--before=2025-01-01", "--workspace=ws_none", db); code == 0 || !strings.Contains(said, "There is no such workspace.") {
		t.Errorf("no such workspace: exit %d, says %q", code, said)
	}
	if code, _, said := command("archive", "--before=2025-01-01", "--restore", db); code == 0 || !strings.Contains(said, "--restore") {
		t.Errorf("both: exit %d, says %q", code, said)
	}
	if code, _, said := command("archive", "--before=2025-01-01", db+".none"); code == 0 || !strings.Contains(said, "there is no database at") {
		t.Errorf("no database: exit %d, says %q", code, said)
	}
}
