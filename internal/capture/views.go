package capture

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Bounds of saved views.
const (
	maxViews    = 100 // that a member sees
	maxViewName = 60  // characters
	maxQuery    = 2000
)

// Pages that have saved views.
const (
	LeadsPage  = "leads"
	PeoplePage = "people"
)

// Views are the saved views of a page that a member sees.
func (svc *Service) Views(ctx context.Context, s *account.Scope, page string) (list []store.LeadView, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		if list, err = tx.Views().Of(s.Workspace.ID, s.Member, page); err != nil || len(list) == 0 {
			return err
		}
		var names []string
		for _, v := range list {
			names = append(names, labelsIn(v)...)
		}
		hidden, err := tx.Labels().Hidden(s.Workspace.ID, names)
		list = slices.DeleteFunc(list, func(v store.LeadView) bool {
			return slices.ContainsFunc(labelsIn(v), func(name string) bool { return hidden[name] })
		})
		return err
	})
	return list, err
}

// labelsIn are the lists and tags that a view shows.
func labelsIn(v store.LeadView) []string {
	q, _ := url.ParseQuery(v.Query) // SaveView wrote it
	return append(slices.Clone(q["list"]), q["tag"]...)
}

// SaveView gives what stands behind the ? of a page's address a name, for the
// member alone or for the whole team.
func (svc *Service) SaveView(ctx context.Context, s *account.Scope, page, name, query string, shared bool) error {
	if err := s.May(account.EditSheet); err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	if err := fault.Length("name", name, 1, maxViewName); err != nil {
		return err
	}
	values, err := url.ParseQuery(query)
	if err != nil || len(query) > maxQuery {
		return fault.Wrong("query", "must be what stands behind the ? of the page's address")
	}
	values.Del("cursor")
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		views, err := tx.Views().Of(s.Workspace.ID, s.Member, page)
		if err != nil {
			return err
		}
		if len(views) >= maxViews {
			return fault.New(fault.Conflict, "There are 100 views already. Delete one that nobody needs.")
		}
		for _, v := range views {
			if strings.EqualFold(v.Name, name) {
				return fault.New(fault.Conflict, "There is a view of that name already. Choose another name, or delete that one.")
			}
		}
		return tx.Views().Put(store.LeadView{
			Workspace: s.Workspace.ID, ID: ident.New("view"), Member: s.Member, Page: page, Name: name, Query: values.Encode(), Shared: shared, CreatedAt: s.Now.UnixMicro(),
		})
	})
}

// DropView removes a view: one's own, or as an admin any shared one.
func (svc *Service) DropView(ctx context.Context, s *account.Scope, page, id string) error {
	if err := s.May(account.EditSheet); err != nil {
		return err
	}
	return svc.Store.Update(ctx, func(tx *store.Tx) error {
		views, err := tx.Views().Of(s.Workspace.ID, s.Member, page)
		if err != nil {
			return err
		}
		for _, v := range views {
			if v.ID != id {
				continue
			}
			if !s.MayDropView(v.Member) {
				return fault.New(fault.NotAllowed, "A shared view is deleted by who made it, or by an admin.")
			}
			return tx.Views().Drop(s.Workspace.ID, id)
		}
		return fault.New(fault.NotFound, "There is no such view.")
	})
}

// Columns are what a member sees of the sheet, as they were last chosen; empty:
// nothing was chosen.
func (svc *Service) Columns(ctx context.Context, s *account.Scope) (columns string, err error) {
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		columns, err = tx.Views().Columns(s.Workspace.ID, s.Member)
		return err
	})
	return columns, err
}

// SetColumns remembers what a member sees of the sheet.
func (svc *Service) SetColumns(ctx context.Context, s *account.Scope, columns string) error {
	return svc.Store.Update(ctx, func(tx *store.Tx) error { return tx.Views().SetColumns(s.Workspace.ID, s.Member, columns) })
}

// News is what happened on the sheet since an entry of the ledger.
type News struct {
	Seq     int64  // of the newest entry
	Changed []Lead // of whom something was delivered, at most 50
	New     int    // captured since
}

// News says what colleagues did since the entry numbered after, and since an
// instant in microseconds.
func (svc *Service) News(ctx context.Context, s *account.Scope, after, since int64) (n News, err error) {
	const most = 50
	ws := s.Workspace.ID
	err = svc.Store.View(ctx, func(tx *store.Tx) error {
		acc, found, err := tx.Accounts().ByID(ws)
		if err != nil || !found || acc.Seq <= after {
			n.Seq = after
			return err
		}
		n.Seq = acc.Seq
		people, err := tx.Entries().PeopleSince(ws, after, most)
		if err != nil || len(people) == 0 {
			return err
		}
		leads, err := tx.Leads().Of(ws, people)
		if err != nil || len(leads) == 0 {
			return err
		}
		var ids []string
		for _, l := range leads {
			ids = append(ids, l.ID)
		}
		rows, err := tx.Leads().List(store.LeadFilter{Workspace: ws, IDs: ids, Sort: "captured", Down: true, Limit: most})
		if err != nil {
			return err
		}
		if n.New, err = tx.Leads().Count(store.LeadFilter{Workspace: ws, From: since + 1}); err != nil {
			return err
		}
		n.Changed, err = svc.fill(tx, ws, rows)
		return err
	})
	return n, err
}
