// Package capturing has the pages that find people and pay for them, one or many at once.
// A capture from the sheet is answered with its rows, which package sheet draws.
package capturing

import (
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// visit is one request of a browser for one of these pages.
type visit struct{ *frame.Visit }

func page(h func(v *visit) error) frame.Handler {
	return func(v *frame.Visit) error { return h(&visit{v}) }
}

// Register adds the pages.
func Register(r *frame.Routes) {
	r.Member(account.SeeSheet, "GET /capture", page((*visit).capturePage))
	r.Member(account.LookUp, "POST /capture", page((*visit).capture))
	r.Member(account.LookUp, "GET /people", page((*visit).peoplePage))
	r.Member(account.CaptureLeads, "POST /people/capture", page((*visit).capturePerson))
	r.Member(account.CaptureMany, "POST /people/chosen", page((*visit).captureChosen))
	r.Member(account.CaptureMany, "POST /people/total", page((*visit).chosenTotal))
	r.Member(account.EditSheet, "POST /people/searches", page((*visit).saveSearch))
	r.Member(account.EditSheet, "POST /people/searches/{view}/delete", page((*visit).dropSearch))
	r.Member(account.SeeSheet, "GET /bulk", page((*visit).bulkPage))
	r.Member(account.CaptureMany, "POST /bulk", page((*visit).keepBulk), frame.TakesFile(maxBulk))
	r.Member(account.SeeSheet, "GET /bulk/{bulk}/columns", page((*visit).bulkColumns))
	r.Member(account.CaptureMany, "POST /bulk/{bulk}/columns", page((*visit).changeBulk))
	r.Member(account.ExportSheet, "GET /bulk/{bulk}/problems.csv", page((*visit).bulkProblemsCSV), frame.Download())
	r.Member(account.SeeSheet, "GET /bulk/{bulk}", page((*visit).bulkJobPage))
	r.Member(account.SeeSheet, "GET /bulk/{bulk}/progress", page((*visit).bulkProgress))
	r.Member(account.CaptureMany, "POST /bulk/{bulk}/choices", page((*visit).chooseBulk))
	r.Member(account.CaptureMany, "POST /bulk/{bulk}/go", page((*visit).goBulk))
	r.Member(account.CaptureMany, "POST /bulk/{bulk}/stop", page((*visit).stopBulk))
	r.Member(account.ExportSheet, "GET /bulk/{bulk}/results.csv", page((*visit).bulkResults), frame.Download())
}
