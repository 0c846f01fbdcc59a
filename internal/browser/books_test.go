package browser_test

import (
	"net/http"
	"strings"
	"testing"
)

// The operator compares price books: what is different, what the last days would have
// cost, and who would have been stopped. A book that cannot be read says where.
func TestOperatorComparesBooks(t *testing.T) {
	w := start(t, "pro")
	mel := w.signedIn(w.member)
	mel.capture(ada)
	mel.has("#lead-rows", "Ada Byron")
	w.wantUsed(3, 0)
	tab := w.signedIn("")
	tab.goTo("/operator")
	tab.follow(`a[href="/operator/books"]`)
	tab.has("h2#book-title", "Classic")
	tab.has("section[aria-labelledby=book-title]", "365 days")
	text := tab.js(`document.querySelector("#book-text").value`)
	if !strings.Contains(text, "name: classic") {
		t.Fatalf("the form holds %q", text)
	}
	dearer := strings.NewReplacer("name: classic", "name: dearer", "credit: standard, price: 1}", "credit: standard, price: 1000}").Replace(text)
	tab.fill("#book-text", dearer)
	tab.follow(`form[action="/operator/books"][method=post] button`)
	tab.has("section[aria-labelledby=diff-title] tbody", "Work phone 1 standard 1000 standard")
	tab.lacks("section[aria-labelledby=diff-title] tbody", "Mobile")
	tab.has("section[aria-labelledby=past-title]", "Was 3")
	tab.has("section[aria-labelledby=past-title]", "Somebody would have been stopped in 1 of 1 workspace.")
	tab.has("section[aria-labelledby=past-title] tbody", "Acme Standard 3")
	tab.fill("#with", "universal")
	tab.follow(`form[action="/operator/books"][method=post] button`)
	tab.has("section[aria-labelledby=diff-title] tbody", "10 universal")
	for _, width := range []int64{390, 1280} {
		tab.look(width, "dark")
		tab.fits("/operator/books")
	}
	tab.goTo("/operator/books?book=universal")
	tab.has("h2#book-title", "Universal")
	tab.expect(http.StatusUnprocessableEntity)
	tab.fill("#book-text", "name: x\ncredits: [a]\nprizes: []\n")
	tab.follow(`form[action="/operator/books"][method=post] button`)
	tab.has("#book-text-problem", "prizes")
	w.wantUsed(3, 0)
	if got := mel.post("/operator/books", "text=x").StatusCode; got != http.StatusForbidden {
		t.Errorf("a member compares books, answered with %d", got)
	}
}
