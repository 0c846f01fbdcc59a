package alert

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/words"
)

// How often usage is mailed.
const (
	Never   = ""
	Weekly  = "week"  // on Mondays, of the week before
	Monthly = "month" // at the turn of the plan's month, or the calendar's where it has none
)

// membersShown is how many members a usage mail names; the file has all.
const membersShown = 20

// maxFile bounds the file of a usage mail, in bytes; a longer one is left out.
const maxFile = 4 << 20

// UsageMail is how often a member is mailed the usage.
func (a *Alerts) UsageMail(ctx context.Context, s *account.Scope, member string) (every string, err error) {
	err = a.Store.View(ctx, func(tx *store.Tx) error {
		m, _, err := tx.Alerts().UsageMail(s.Workspace.ID, member)
		every = m.Every
		return err
	})
	return every, err
}

// SetUsageMail says how often an admin is mailed the usage, from the turn that
// comes next.
func (a *Alerts) SetUsageMail(ctx context.Context, s *account.Scope, member, every string) error {
	if err := s.May(account.ManageAlerts); err != nil {
		return err
	}
	if every != Never && every != Weekly && every != Monthly {
		return fault.Wrong("every", "must be week, month or empty for never")
	}
	m, err := a.Accounts.Member(ctx, s, member)
	if err != nil {
		return err
	}
	if m.Role != account.Admin && every != Never {
		return fault.New(fault.Conflict, "Usage is mailed to admins.")
	}
	view, err := a.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return account.FromRefusal(err)
	}
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		if err := s.Audit(tx, "settings.changed", "usage mail", every); err != nil {
			return err
		}
		if every == Never {
			return tx.Alerts().DropUsageMail(s.Workspace.ID, member)
		}
		return tx.Alerts().PutUsageMail(store.UsageMail{Workspace: s.Workspace.ID, Member: member, Every: every, Next: span(view, every, s.Now).End.UnixMicro()})
	})
}

// span is the week or month that an instant is in.
func span(view *credits.View, every string, at time.Time) credits.Period {
	if every == Weekly {
		return credits.Schedule{Interval: credits.Week, Weekday: 1, Zone: view.Current.Zone()}.At(at)
	}
	if view.Current.Plan.Interval == credits.Month && view.Current.Period.Contains(at) {
		return view.Current.Period
	}
	return credits.Schedule{Interval: credits.Month, Day: 1, Zone: view.Current.Zone()}.At(at)
}

// MailUsage writes the usage mails that are due. The turn and the mail are one
// transaction, so that of several servers one sends it; a server that slept
// through several turns sends the last.
func (a *Alerts) MailUsage(ctx context.Context) error {
	var due []store.UsageMail
	failed := a.Store.ViewEach(ctx, func(tx *store.Tx) error {
		some, err := tx.Alerts().DueUsageMails(a.Clock().UnixMicro(), page)
		due = append(due, some...)
		return err
	})
	for _, m := range due {
		failed = errors.Join(failed, store.Within(ctx, func(ctx context.Context) error { return a.mailUsage(ctx, m) }))
	}
	return failed
}

func (a *Alerts) mailUsage(ctx context.Context, due store.UsageMail) error {
	s, err := a.Accounts.Enter(ctx, account.Principal{Role: account.Admin, Workspace: due.Workspace, Member: due.Member}, due.Workspace)
	if err != nil {
		return err
	}
	m, err := a.Accounts.Member(ctx, s, due.Member)
	if fault.Is(err, fault.NotFound) || err == nil && m.Role != account.Admin {
		return a.Store.Update(ctx, func(tx *store.Tx) error { return tx.Alerts().DropUsageMail(due.Workspace, due.Member) })
	}
	if err != nil {
		return err
	}
	view, err := a.Ledger.Look(ctx, due.Workspace, nil, s.Now)
	if err != nil {
		return account.FromRefusal(err)
	}
	running := span(view, due.Every, s.Now)
	turn := running.Start
	before := turn.Add(-time.Microsecond)
	over := span(view, due.Every, before)
	if due.Every == Monthly && view.Current.Plan.Interval == credits.Month { // the plan's own month before
		past, err := a.Ledger.Look(ctx, due.Workspace, nil, before)
		if err != nil {
			return account.FromRefusal(err)
		}
		if past.Current.Period.Contains(before) {
			over = past.Current.Period
		}
	}
	over.End = turn
	message, err := a.usageMessage(ctx, s, m, view, over)
	if err != nil {
		return err
	}
	return a.Store.Update(ctx, func(tx *store.Tx) error {
		mine, err := tx.Alerts().MoveUsageMail(due, running.End.UnixMicro())
		if err != nil || !mine {
			return err
		}
		return a.Mail.Put(tx, due.Workspace, message)
	})
}

type usageLine struct{ Credit, Name, Used, Saved string }

// usageMessage is the mail of a span, with its numbers from package usage.
func (a *Alerts) usageMessage(ctx context.Context, s *account.Scope, m store.Member, view *credits.View, over credits.Period) (mail.Message, error) {
	ask := usage.Ask{GroupBy: "member", From: over.Start, To: over.End}
	report, err := a.Export.Reports.Report(ctx, s, ask)
	if err != nil {
		return mail.Message{}, err
	}
	var totals, members []usageLine
	for _, credit := range view.Book.Credits {
		var used, saved credits.Amount
		for _, g := range report.Data {
			used += g.Credits[credit]
			saved += g.Saved[credit]
		}
		totals = append(totals, usageLine{Credit: credit, Used: used.String(), Saved: saved.String()})
	}
	more := 0
	for _, g := range report.Data {
		if len(members) == membersShown {
			more++
			continue
		}
		name := g.Name
		if g.Key == "" {
			name = "Workspace"
		}
		line := ""
		for n, credit := range view.Book.Credits {
			if n > 0 {
				line += ", "
			}
			line += g.Credits[credit].String() + " " + credit
		}
		members = append(members, usageLine{Name: name, Used: line})
	}
	zone := view.Current.Zone()
	data := map[string]any{"Workspace": s.Workspace.Name, "Span": words.FullDay(over.Start, zone) + " to " + words.FullDay(over.End.Add(-time.Nanosecond), zone), "Credits": totals, "Members": members, "More": more, "Path": "/usage"}
	message := mail.Message{To: m.Email, Name: m.Name, Template: "usage", Data: data}
	var file bytes.Buffer
	if _, err := export.CSV(&file, func() error { return nil }, func(write export.Row) error { return a.Export.Usage(ctx, s, ask, write) }); err != nil {
		return message, err
	}
	if file.Len() <= maxFile {
		message.Files = []mail.File{{Name: "usage-" + over.Start.In(zone).Format(time.DateOnly) + ".csv", Type: "text/csv", Body: file.Bytes()}}
	}
	return message, nil
}
