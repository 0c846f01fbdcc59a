// Package sheet has the pages of the lead sheet: its rows, a lead, its views, what is done
// with chosen leads, and exports.
package sheet

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
	r.Member(account.SeeSheet, "GET /leads", page((*visit).leadsPage))
	r.Member(account.SeeSheet, "GET /leads/rows", page((*visit).moreRows))
	r.Member(account.SeeSheet, "GET /leads/find", page((*visit).find))
	r.Member(account.SeeSheet, "GET /leads/{lead}", page((*visit).leadPage))
	r.Member(account.EditSheet, "POST /leads/{lead}", page((*visit).changeLead))
	r.Member(account.CaptureMany, "POST /leads/{lead}/unlock", page((*visit).unlock))
	r.Member(account.SeeSheet, "GET /leads/{lead}/drawer", page((*visit).drawer))
	r.Member(account.SeeSheet, "GET /leads/{lead}/edit", page((*visit).edit))
	r.Member(account.DeleteLeads, "POST /leads/{lead}/merge", page((*visit).merge))
	r.Member(account.DeleteLeads, "POST /leads/{lead}/split", page((*visit).split))
	r.Member(account.Undo, "GET /changes", page((*visit).changes))
	r.Member(account.Undo, "POST /deeds/{deed}/undo", page((*visit).undo))
	r.Member(account.SeeSheet, "POST /leads/news", page((*visit).leadNews))
	r.Member(account.ChangeOwn, "POST /leads/columns", page((*visit).saveColumns))
	r.Member(account.EditSheet, "POST /leads/views", page((*visit).saveView))
	r.Member(account.EditSheet, "POST /leads/views/{view}/delete", page((*visit).dropView))
	r.Member(account.SeeSheet, "POST /leads/chosen", page((*visit).chosen))
	r.Member(account.SeeSheet, "POST /leads/chosen/price", page((*visit).chosenPrice))
	r.Member(account.SeeSheet, "GET /leads/unlocking/{bulk}/now", page((*visit).unlocking))
	r.Member(account.CaptureMany, "POST /leads/unlocking/{bulk}/stop", page((*visit).stopUnlocking))
	r.Member(account.SeeSheet, "POST /leads/chosen/do", page((*visit).doChosen), frame.Download())
	r.Member(account.ExportSheet, "GET /leads.csv", page((*visit).leadsCSV), frame.Download())
	r.Member(account.ExportSheet, "GET /leads/export", page((*visit).exportLeads), frame.Download())
}
