package server_test

import (
	"fmt"
	"strings"
	"testing"
)

// A row that many may mean lists as many of them as a page holds, and says that there are more.
func TestManyNamesakesAreListed(t *testing.T) {
	start(t, func(w *world) {
		file := "full_name,title,company,linkedin_url,work_email\n"
		for n := range 30 {
			file += fmt.Sprintf("Kim Same,Title %02d,Large,https://linkedin.com/in/kim-same-%d,\n", n, n)
			if n < 7 {
				file += fmt.Sprintf("Lee Few,Title %02d,Large,https://linkedin.com/in/lee-few-%d,lee%d@gone.example\n", n, n, n)
			}
		}
		w.load("text/csv", file)
		ws := w.workspace("pro", 1, nil)
		member, _ := w.member(ws, "Mia")
		page := w.signedInAs(ws, member)
		page.post("/bulk", "people", "Kim Same, Large\nLee Few, Large\n")
		page.post(page.where, "as", "lines", "fields", "work_email", "do", "estimate")
		page.has("Several match")
		for row, want := range map[string]int{"choice-1": 25, "choice-2": 7} {
			if got := strings.Count(page.page, `name="`+row+`"`) - 1; got != want { // and nobody yet
				t.Errorf("%s has %d people, want %d", row, got, want)
			}
		}
		page.has("21 more")
		page.has("3 more")
		page.has("More people match than are listed.")

		// Suppressed while the file waits, somebody is not on its preview.
		page.post("/bulk", "people", "https://linkedin.com/in/lee-few-1\nhttps://linkedin.com/in/kim-same-3\n")
		waiting := page.where
		for path, shown := range map[string]bool{"kim-same-3": true, "lee-few-1": true} {
			if strings.Contains(page.page, path) != shown {
				t.Errorf("before, the preview shows %s: %t", path, !shown)
			}
		}
		w.post(w.operator, "/v1/directory/suppressions", is{"domain": "gone.example"}, 201)
		page.get(waiting)
		if strings.Contains(page.page, "lee-few-1") || !strings.Contains(page.page, "kim-same-3") {
			t.Error("the preview shows somebody who is suppressed, or leaves somebody else out")
		}
	})
}
