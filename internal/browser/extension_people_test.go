package browser_test

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/find"
)

// crew adds people of one company to the directory.
func (w *world) crew(company, domain string, n int) {
	w.Helper()
	var rows strings.Builder
	rows.WriteString("id,full_name,title,company,company_domain,work_email,work_email_status\n")
	for i := range n {
		fmt.Fprintf(&rows, "crew%d,Deck %c%c,Sailor,%s,%s,deck%d@%s,verified\n", i, 'A'+i/26, 'a'+i%26, company, domain, i, domain)
	}
	w.imports(rows.String())
}

// From the people on a page to those whom the directory knows at their company: names are
// free and contact data is not shown, a second page comes by a button, one is captured,
// a title narrows the search, and past fair use the server's refusal is shown.
func TestExtensionFindsPeopleLikeThese(t *testing.T) {
	w := start(t, "pro")
	w.crew("Harbor", "harbor.example", 55)
	p := w.openPanel(w.member)
	p.connect("approve")
	p.row("Grace Yard", "Capture at most 1 standard")
	p.click("[data-focus=like]") // most people on the page are of Harbor
	p.has("h1", "59 people in the directory")
	p.wantJS(`document.querySelector("[data-focus=like-company]").value`, "Harbor")
	p.wantJS(`document.querySelectorAll("li.person").length`, "50")
	p.click("[data-focus=like-more]")
	p.wantJS(`document.querySelectorAll("li.person").length`, "59")
	p.wantJS(`document.querySelector("[data-focus=like-more]")`, "null")
	p.lacks("main", "@harbor.example")
	w.wantUsed(0, 0)

	p.fill("[data-focus=like-title]", "Admiral")
	p.click("[data-focus=like-search]")
	p.has("h1", "1 person in the directory")
	p.row("Grace Yard", "Capture at most 1 standard")
	p.press("Grace Yard", captureButton)
	p.row("Grace Yard", "grace@harbor.example")
	w.wantUsed(1, 0)
	p.click("[data-focus=like-search]")
	p.row("Grace Yard", "Partly yours") // her mobile is not
	p.choose("Grace Yard", "unlock")
	p.row("Grace Yard", "+1 917-555-0122")
	w.wantUsed(1, 1)
	p.clean()

	s, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Regular, Workspace: w.ws, Member: w.member}, w.ws)
	for n := 0; err == nil && n < 1000; n++ {
		_, err = w.server.Captures.People(ctx, s, capture.Wanted{Query: find.Query{Company: "Harbor"}, Limit: 50})
	}
	var refused *fault.Error
	if !errors.As(err, &refused) || refused.Kind != fault.FairUse {
		t.Fatalf("searching without end: %v", err)
	}
	p.expect(http.StatusTooManyRequests)
	p.click("[data-focus=like-search]")
	p.has(".notice[role=alert]", refused.Message)
	p.click("[data-focus=back]")
	p.has("h1", "4 people on this page")
}
