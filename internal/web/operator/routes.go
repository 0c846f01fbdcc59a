// Package operator has the pages of the operator: workspaces, imports, price
// books, sources and reports of bad data.
package operator

import (
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// visit is one request of a browser for one of these pages.
type visit struct{ *frame.Visit }

func page(h func(v *visit) error) frame.Handler {
	return func(v *frame.Visit) error { return h(&visit{v}) }
}

// Register adds the pages.
func Register(r *frame.Routes) {
	r.Operator(account.SeeServer, "GET /operator", page((*visit).operatorPage))
	r.Operator(account.SeeServer, "GET /operator/set-up", page((*visit).setUpPage))
	r.Operator(account.Operate, "POST /operator/set-up/organization", page((*visit).nameOrganization))
	r.Operator(account.Operate, "POST /operator/set-up/people", page((*visit).addSample))
	r.Operator(account.Operate, "POST /operator/set-up/mail", page((*visit).testMail))
	r.Operator(account.ManagePlan, "POST /operator/set-up/admin", page((*visit).enterAsAdmin))
	r.Operator(account.SeeServer, "GET /operator/imports", page((*visit).directoryPage))
	r.Operator(account.Operate, "POST /operator/imports", page((*visit).importFile), frame.TakesFile(directory.MaxFile))
	r.Operator(account.SeeServer, "GET /operator/imports/{import}", page((*visit).importPage))
	r.Operator(account.Operate, "POST /operator/imports/{import}", page((*visit).startImport))
	r.Operator(account.SeeServer, "GET /operator/imports/{import}/rejected.csv", page((*visit).rejectedCSV), frame.Download())
	r.Operator(account.ManagePlan, "POST /operator/workspaces", page((*visit).createWorkspace))
	r.Operator(account.SeeServer, "GET /operator/workspaces/{ws}", page((*visit).operatorWorkspace))
	r.Operator(account.SeeServer, "GET /operator/reviews", page((*visit).reviewsPage))
	r.Operator(account.Operate, "POST /operator/reviews/{ws}/{entry}", page((*visit).decideReview))
	r.Operator(account.SeeServer, "GET /operator/addon-requests", page((*visit).addOnRequestsPage))
	r.Operator(account.ManagePlan, "POST /operator/addon-requests/{request}", page((*visit).decideAddOn))
	r.Operator(account.SeeServer, "GET /operator/server", page((*visit).serverPage))
	r.Operator(account.SeeServer, "GET /operator/books", page((*visit).booksPage))
	r.Operator(account.SeeServer, "POST /operator/books", page((*visit).compareBooks))
	r.Operator(account.SeeServer, "GET /operator/sources", page((*visit).newSourcePage))
	r.Operator(account.Operate, "POST /operator/sources", page((*visit).addSource))
	r.Operator(account.SeeServer, "GET /operator/sources/{source}", page((*visit).sourcePage))
	r.Operator(account.Operate, "POST /operator/sources/{source}", page((*visit).changeSource))
	r.Operator(account.Operate, "POST /operator/sources/{source}/test", page((*visit).trySource))
	r.Operator(account.Operate, "POST /operator/sources/{source}/pause", page((*visit).pauseSource))
	r.Operator(account.Operate, "POST /operator/sources/{source}/remove", page((*visit).removeSource))
	r.Operator(account.SeeServer, "GET /operator/mail", page((*visit).mailPage))
	r.Operator(account.Operate, "POST /operator/mail", page((*visit).saveMail))
	r.Operator(account.Operate, "POST /operator/mail/test", page((*visit).tryMail))
	r.Operator(account.Operate, "POST /operator/mail/remove", page((*visit).removeMail))
	r.Operator(account.Operate, "POST /operator/suppressions", page((*visit).suppress))
	r.Operator(account.Operate, "POST /operator/workspaces/{ws}/watch", page((*visit).watch))
	r.Operator(account.Operate, "POST /operator/watch/end", page((*visit).endWatch))
	r.Operator(account.ManagePlan, "POST /operator/workspaces/{ws}/plan", page((*visit).changePlan))
	r.Operator(account.ManagePlan, "POST /operator/workspaces/{ws}/grants", page((*visit).giveGrant))
	r.Operator(account.ManagePlan, "POST /operator/workspaces/{ws}/grants/{grant}/end", page((*visit).endGrant))
	r.Operator(account.SeeServer, "GET /operator/workspaces/{ws}/cancel", page((*visit).cancelPage))
	r.Operator(account.ManagePlan, "POST /operator/workspaces/{ws}/cancel", page((*visit).cancel))
	r.Operator(account.ManagePlan, "POST /operator/workspaces/{ws}/reactivate", page((*visit).reactivate))
}
