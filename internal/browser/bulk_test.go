package browser_test

import (
	"context"
	"net/http"
	"testing"
)

// Many people at once: how the rows are read and what they may cost come first, nothing is
// charged before the button, the bar moves and survives a reload, Stop stops, the rows are told
// by their outcomes.
func TestBulkCapture(t *testing.T) {
	w := start(t, "pro")
	boss := w.signedIn(w.admin)
	boss.goTo("/capture")
	boss.follow("a[href='/bulk']")
	boss.has("section", "None yet.")
	boss.expect(http.StatusUnprocessableEntity)
	boss.follow("form.card button.primary")
	boss.has("#people-problem", "Paste at least one person, or choose a file.")
	boss.fill("#people", ada+"\nNobody Atall, Nowhere\nada@engines.example\nOnly A Name\n")
	boss.follow("form.card button.primary")
	boss.has("#read-as", "4 rows, a person a line.")
	boss.has("#problems", "Write a profile URL, an email address, or a name and a company: Ada Lovelace, Analytical Engines.")
	boss.has("table", "Name and company")
	boss.follow("button[value=estimate]")
	boss.has("#bulk h2", "not started")
	boss.has("#bulk", "At most")
	boss.has("#bulk .counts", "1 Decided at capture")
	boss.has("#bulk button.primary", "Start · at most 6 standard") // of an address nobody owns nothing is said beforehand
	boss.fits("/bulk/…")
	boss.follow(`.counts a[href*="outcome=failed"]`)
	boss.has("#rows", "Only A Name")
	boss.lacks("#rows", "Nobody Atall")
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
	boss.has("#bulk .counts", "1 Nobody matches")
	boss.has("#bulk .counts", "1 Left out")
	boss.has("#bulk .counts", "Already owned")
	boss.has("#rows", "Captured") // and the rows beside it
	w.wantUsed(3, 0)
	boss.js(`location.reload()`)
	boss.has("#bulk h2", "4 of 4 rows")
	boss.follow(`.counts a[href*="outcome=charged"]`)
	boss.has("#rows h2", "Rows: Charged")
	boss.has("#rows", "Ada Byron")
	boss.lacks("#rows", "Nobody Atall")
	boss.standsUp("rows by an outcome")
	boss.goTo("/bulk")
	boss.has("table", "4 of 4")

	boss.fill("#people", "https://linkedin.com/in/grace\n")
	boss.follow("form.card button.primary")
	boss.follow("button[value=estimate]")
	boss.follow("#bulk form[action$=stop] button")
	boss.has("#bulk h2", "stopped")
	boss.lacks("#bulk", "Start ·")
	w.wantUsed(3, 0)
	boss.everyLook([]string{"/bulk"})
	stop()
	<-worked
}

// A spreadsheet's columns are mapped, and somebody is chosen among several: by mouse and by
// keyboard, at every width, with nothing lost.
func TestBulkColumnsAndChoices(t *testing.T) {
	w := start(t, "pro")
	boss := w.signedIn(w.admin)
	boss.goTo("/bulk")
	boss.fill("#people", "Wer\tBude\tRang\nSam Twin\tHarbor\t1\nMary Orbit\tHarbor\t2\nAda Byron\t\t3\n")
	boss.follow("form.card button.primary")
	boss.follow("button[value=preview]")
	boss.fill(`[aria-label="Column Wer"]`, "full_name")
	boss.fill(`[aria-label="Column Bude"]`, "company")
	boss.fill("#bulk-list", "Fair")
	boss.follow("button[value=preview]")
	boss.wantJS(`document.querySelector('[aria-label="Column Wer"]').value`, "full_name")
	boss.wantJS(`document.querySelector("#bulk-list").value`, "Fair")
	boss.has("#problems", "left out")
	boss.standsUp("columns of a paste")
	boss.follow("button[value=estimate]")
	boss.follow(`.counts a[href*="found=ambiguous"]`)
	boss.has("#rows", "Captain · Harbor · Boston")
	boss.standsUp("a choice among several")
	boss.click(`#rows label.check:has(small)`)
	boss.follow("#rows button.primary")
	boss.has(".counts", "1 chosen, 0 to choose.")
	boss.has("#rows .tag", "Chosen")
	boss.has("#bulk button.primary", "Start · ")
}
