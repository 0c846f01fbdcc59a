// Package spending has the pages that say where credits went and what there are: usage,
// entries, the audit log and the plan.
package spending

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
	r.Member(account.SeeUsage, "GET /usage", page((*visit).usagePage))
	r.Member(account.SeeUsage, "GET /usage/entries", page((*visit).entriesPage))
	r.Member(account.ReportData, "POST /entries/{entry}/report", page((*visit).reportEntry))
	r.Member(account.SeeUsage, "GET /usage.csv", page((*visit).usageCSV), frame.Download())
	r.Member(account.SeeUsage, "GET /entries.csv", page((*visit).entriesCSV), frame.Download())
	r.Member(account.SeeSetup, "GET /plan", page((*visit).planPage))
	r.Member(account.SeeSetup, "GET /plan/cancel", page((*visit).cancelPage))
	r.Member(account.AskAddOns, "POST /plan/ask", page((*visit).askOperator))
	r.Member(account.AskAddOns, "POST /plan/requests/{request}/withdraw", page((*visit).withdrawRequest))
	r.Member(account.SeeSetup, "GET /audit", page((*visit).auditPage))
	r.Member(account.SeeSetup, "GET /audit.csv", page((*visit).auditCSV), frame.Download())
}
