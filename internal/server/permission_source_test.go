package server_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// refusing are the ways to write the permission table a second time.
var refusing = regexp.MustCompile(`Only an admin of the workspace|Only the operator may|(?:who|scope|\bs|\bp)\.ReadOnly\b`)

// Who may do what is said in one file (rule A1): nobody else looks whether a key may
// only read, or writes the sentence that refuses it.
func TestOnePermissionTable(t *testing.T) {
	read := 0
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasSuffix(path, "_templ.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		read++
		if found := refusing.Find(text); found != nil && !strings.HasSuffix(filepath.ToSlash(path), "internal/account/permit.go") {
			t.Errorf("%s decides by itself: %s", path, found)
		}
		return nil
	})
	if err != nil || read < 200 {
		t.Errorf("%d files were read: %v", read, err)
	}
}
