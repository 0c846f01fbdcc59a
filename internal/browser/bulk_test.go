package browser_test

import (
	"context"
	"net/http"
	"testing"
)

// Many people at once: what it may cost comes first, nothing is charged before the
// button, the bar moves and survives a reload, Stop stops, the results say what
// became of every row.
func TestBulkCapture(t *testing.T) {
	w := start(t, "pro")
	boss := w.signedIn(w.admin)
	boss.goTo("/capture")
	boss.follow("a[href='/bulk']")
	boss.has("section", "None yet.")
	boss.expect(http.StatusUnprocessableEntity)
	boss.follow("form.card button.primary")
	boss.has("#people-problem", "Name at least one person, or choose a file.")
	boss.fill("#people", ada+"\nNobody Atall, Nowhere\nada@engines.example\nOnly A Name\n")
	boss.follow("form.card button.primary")
	boss.has("#bulk h2", "not started")
	boss.has("#bulk", "At most")
	boss.has("#bulk button.primary", "Start · at most 6 standard") // of an address nobody owns nothing is said beforehand
	boss.fits("/bulk/…")
	w.wantUsed(0, 0)

	run, stop := context.WithCancel(t.Context())
	defer stop()
	worked := make(chan struct{})
	go func() {
		defer close(worked)
		w.server.Bulk.Work(run)
	}()
	boss.follow("#bulk button.primary")
	boss.has("#bulk h2", "done") // the page asks for itself again
	boss.has("#bulk", "Nobody matches: 1")
	boss.has("#bulk", "Rows without a name, profile or email: 1")
	boss.has("#bulk", "Already owned")
	w.wantUsed(3, 0)
	boss.js(`location.reload()`)
	boss.has("#bulk h2", "4 of 4 rows")
	boss.goTo("/bulk")
	boss.has("table", "4 of 4")

	boss.fill("#people", "https://linkedin.com/in/grace\n")
	boss.follow("form.card button.primary")
	boss.follow("#bulk form[action$=stop] button")
	boss.has("#bulk h2", "stopped")
	boss.lacks("#bulk", "Start ·")
	w.wantUsed(3, 0)
	boss.everyLook([]string{"/bulk"})
	stop()
	<-worked
}
