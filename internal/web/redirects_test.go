package web_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/web/frame"
)

var (
	redirects = regexp.MustCompile(`http\.Redirect\(|Header\(\)\.Set\("(?:Location|HX-Redirect|HX-Location)", ([^)]*)`)
	gets      = regexp.MustCompile(`r\.(?:Member|Operator|Person)\((?:account\.\w+, )?"GET (/[^"{.]*)["{]`)
)

// Every redirect goes through the one function, and every page is in its table.
func TestEveryRedirectIsRebuilt(t *testing.T) {
	files, pages := 0, 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, m := range redirects.FindAllStringSubmatch(string(text), -1) {
			if filepath.ToSlash(path) != "frame/redirect.go" && !strings.HasPrefix(strings.TrimPrefix(m[1], "frame."), "LocalTarget(") {
				t.Errorf("%s sends a browser on by itself: %s", path, m[0])
			}
		}
		for _, m := range gets.FindAllStringSubmatch(string(text), -1) {
			pages++
			if frame.LocalTarget("/"+strings.Trim(m[1], "/")) == "" {
				t.Errorf("%s is in no section", m[1])
			}
		}
		return nil
	})
	if err != nil || files < 80 || pages < 20 {
		t.Fatalf("%d pages in %d files, %v", pages, files, err)
	}
}
