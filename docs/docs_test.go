package docs

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Every link of a page leads to something: a page, a heading that it has, or the world.
func TestPagesLeadSomewhere(t *testing.T) {
	link, heading := regexp.MustCompile(`href="([^"]*)"`), regexp.MustCompile(`id="([^"]*)"`)
	ids := map[string]map[string]bool{}
	for _, p := range Pages() {
		ids[p.Name] = map[string]bool{"": true}
		for _, m := range heading.FindAllStringSubmatch(p.HTML, -1) {
			ids[p.Name][m[1]] = true
		}
	}
	seen := 0
	for _, p := range Pages() {
		if p.Title == "" || len(p.Sections) == 0 || strings.Contains(p.HTML, "<h1") || strings.Contains(p.HTML, "<!--") {
			t.Errorf("%s: the title %q, %d sections", p.Name, p.Title, len(p.Sections))
		}
		for _, m := range link.FindAllStringSubmatch(p.HTML, -1) {
			seen++
			to := m[1]
			switch name, id, _ := strings.Cut(strings.TrimPrefix(to, "/help/"), "#"); {
			case strings.HasPrefix(to, "https://"):
			case strings.HasPrefix(to, "#"):
				if !ids[p.Name][to[1:]] {
					t.Errorf("%s has no heading %s", p.Name, to)
				}
			case !strings.HasPrefix(to, "/help/") || ids[name] == nil || !ids[name][id]:
				t.Errorf("%s leads to %s", p.Name, to)
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d links", seen)
	}
}

// What the product's pages link to is there, down to the heading.
func TestLinksToPages(t *testing.T) {
	link, heading, seen := regexp.MustCompile(`"/help/([a-z-]+)(?:#([^"]*))?"`), regexp.MustCompile(`id="([^"]*)"`), 0
	err := filepath.WalkDir("../internal/web", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".templ" {
			return err
		}
		text, err := os.ReadFile(path)
		for _, m := range link.FindAllStringSubmatch(string(text), -1) {
			if m[1] == "search" {
				continue
			}
			seen++
			p, ok := Find(m[1])
			if ok = ok && m[2] == ""; !ok {
				for _, h := range heading.FindAllStringSubmatch(p.HTML, -1) {
					ok = ok || h[1] == m[2]
				}
			}
			if !ok {
				t.Errorf("%s leads to %s", path, m[0])
			}
		}
		return err
	})
	if err != nil || seen < 3 {
		t.Errorf("%d links, %v", seen, err)
	}
}

// A guide of the folder is a guide of the product.
func TestEveryGuideIsListed(t *testing.T) {
	files, err := os.ReadDir("guides")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if p, ok := Find(nameOf(f.Name())); !ok || p.Guide != p.Name {
			t.Errorf("%s is not in the product: %+v", f.Name(), p.Guide)
		}
	}
}
