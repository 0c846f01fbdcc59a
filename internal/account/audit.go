package account

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/store"
)

// Every change of a workspace by a person leaves a row in its audit log, in the
// transaction of the change: what goes through the ledger by ExecuteAudited, the rest by
// Scope.Audit. What spends credits is in the ledger itself.

// Actor is who the principal is in an audit log.
func (p Principal) Actor() string {
	switch {
	case p.Watching, p.IsOperator():
		return Operator
	case p.Member != "":
		return p.Member
	}
	if p.Key != "" {
		return p.Key
	}
	return "server"
}

// via is by what the principal acts.
func (p Principal) via() string {
	switch {
	case p.Key != "":
		return p.Key
	case p.Extension != "":
		return p.Extension
	}
	return "page"
}

// Audit adds a row to the workspace's audit log, in the transaction of the change.
// The detail holds ids, names and amounts: no secret and nobody's contact data.
func (s *Scope) Audit(tx *store.Tx, action, subject, detail string) error {
	return tx.AuditLog().Add(store.Audit{
		Workspace: s.Workspace.ID, ID: ident.New("aud"), At: s.Now.UnixMicro(), Actor: s.Actor(), Via: s.via(),
		Action: action, Subject: subject, Detail: detail,
	})
}

// Record adds a row for what changes nothing else, such as an export.
func (a *Accounts) Record(ctx context.Context, s *Scope, action, subject, detail string) error {
	return a.Store.Update(ctx, func(tx *store.Tx) error { return s.Audit(tx, action, subject, detail) })
}

// Exported records that data was taken out. A disk that is full keeps nobody from
// taking out what is theirs.
func (a *Accounts) Exported(ctx context.Context, s *Scope, what string) error {
	err := a.Record(ctx, s, "export."+what, "", "")
	if fault.Is(err, fault.Overloaded) {
		return nil
	}
	return err
}

// ExecuteAudited carries out a command that changes what a workspace or a member may use,
// with its row in the audit log.
func (a *Accounts) ExecuteAudited(ctx context.Context, s *Scope, c credits.Command) (credits.Result, error) {
	note := func(action, subject, detail string) *credits.Note {
		return &credits.Note{ID: ident.New("aud"), Actor: s.Actor(), Via: s.via(), Action: action, Subject: subject, Detail: detail}
	}
	switch c := c.(type) {
	case *credits.Allocate:
		c.Request.Note = note("allocation.set", c.For, allocatedText(c))
	case *credits.ChangePlan:
		c.Request.Note = note("plan.changed", c.Plan, fmt.Sprintf("%d seats", c.Seats))
	case *credits.GiveGrant:
		c.Request.Note = note("addon.given", c.ID, fmt.Sprintf("%s %s, %s", c.Amount, c.Credit, c.Kind))
	case *credits.EndGrant:
		c.Request.Note = note("addon.ended", c.ID, "")
	case *credits.Cancel:
		c.Request.Note = note("plan.cancelled", "", map[bool]string{true: "at once", false: "at the period's end"}[c.Now])
	case *credits.Reactivate:
		c.Request.Note = note("plan.reactivated", c.Plan, "")
	case *credits.Report:
		c.Request.Note = note("report.made", credits.EntryID(c.Entry), c.Reason)
	case *credits.Decide:
		c.Request.Note = note("report.decided", credits.EntryID(c.Entry), map[bool]string{true: "credit given back", false: "declined"}[c.Refund])
	case *credits.Remove:
		c.Request.Note = note("allocation.returned", c.Gone, "what was assigned is back in the pool")
	default:
		return credits.Result{}, fmt.Errorf("account: %T has no words for the audit log", c)
	}
	return a.Ledger.Do(ctx, c)
}

func allocatedText(c *credits.Allocate) string {
	var parts []string
	for _, credit := range slices.Sorted(maps.Keys(c.Sets)) {
		text := credit + " " + c.Sets[credit].Mode
		if c.Sets[credit].Mode != credits.FromPool {
			text += " " + c.Sets[credit].Amount.String()
		}
		parts = append(parts, text)
	}
	for _, credit := range slices.Sorted(maps.Keys(c.Raise)) {
		parts = append(parts, credit+" raised by "+c.Raise[credit].String())
	}
	return strings.Join(parts, ", ")
}

// auditAtOnce is how many rows of the audit log are read at once.
const auditAtOnce = 500

// AuditLog hands over at most f.Limit rows of a workspace's audit log, newest first,
// to those who manage it. Nothing is being read while each has a row.
func (a *Accounts) AuditLog(ctx context.Context, s *Scope, f store.AuditFilter, each func(store.Audit) error) error {
	if err := s.May(SeeSetup); err != nil {
		return err
	}
	f.Workspace = s.Workspace.ID
	for left := f.Limit; left > 0; {
		f.Limit = min(left, auditAtOnce)
		var rows []store.Audit
		err := a.Store.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.AuditLog().List(f)
			return err
		})
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := each(row); err != nil {
				return err
			}
		}
		if len(rows) < f.Limit {
			return nil
		}
		left, f.Before = left-len(rows), rows[len(rows)-1].ID
	}
	return nil
}
