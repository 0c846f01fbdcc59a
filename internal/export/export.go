// Package export writes what a page or an answer shows as CSV: leads, usage and
// the ledger. Exporting what is owned is always free.
package export

import (
	"context"
	"encoding/csv"
	"io"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
)

// Export reads what is to be written.
type Export struct {
	Store    *store.Store
	Accounts *account.Accounts
	Captures *capture.Service
	Reports  *usage.Reports

	running running
}

// begun notes an export in the workspace's audit log.
func (e *Export) begun(ctx context.Context, s *account.Scope, what string) error {
	return e.Accounts.Exported(ctx, s, what)
}

// Row takes one row.
type Row func(cells []string) error

// CSV streams rows to w as RFC 4180. before is called ahead of the first row, to say what comes; an
// error with begun false left nothing written.
func CSV(w io.Writer, before func() error, rows func(write Row) error) (begun bool, err error) {
	var out *csv.Writer
	err = rows(func(cells []string) error {
		if !begun {
			begun = true
			if err := before(); err != nil {
				return err
			}
			out = csv.NewWriter(w)
		}
		safe := make([]string, len(cells))
		for n, c := range cells {
			safe[n] = Safe(c)
		}
		return out.Write(safe)
	})
	if out != nil {
		out.Flush()
		if err == nil {
			err = out.Error()
		}
	}
	return begun, err
}

// Safe keeps a spreadsheet from running a cell as a formula, by the leading
// apostrophe that it takes for text and that an import here takes off again.
// Numbers such as +14155550100 and -3.5 stay as they are; -1+1 is a formula.
func Safe(c string) string {
	if c == "" || !strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(c)[0]) || numbers.MatchString(c) {
		return c
	}
	return "'" + c
}

// numbers are one number or phone number, or several with semicolons.
var numbers = regexp.MustCompile(`^[+-]?[0-9][0-9 .()]*(;(ext=[0-9]+|\+[0-9][0-9 .()]*))*$`)

// joined writes several values in one cell. Each is safe by itself: where ; parts cells,
// each is one.
func joined(values []string) string {
	safe := make([]string, len(values))
	for n, v := range values {
		safe[n] = Safe(v)
	}
	return strings.Join(safe, ";")
}

// joinedNames is joined for names that people gave, which may hold semicolons and quotes.
func joinedNames(names []string) string {
	safe := make([]string, len(names))
	for n, v := range names {
		safe[n] = Safe(v)
	}
	return contactfile.QuoteNames(safe)
}

// leadColumns are the columns of leads.csv: the directory's own, so that what was
// exported can be imported, and what the sheet adds.
var leadColumns = []string{
	"lead", "full_name", "title", "company", "company_domain", "linkedin_url", "location", "industry", "company_size", "work_email", "work_email_status",
	"personal_emails", "work_phones", "mobile_phones", "lists", "tags", "notes", "captured_by", "captured_at",
}

// Leads writes the leads that a filter chooses, in its order.
func (e *Export) Leads(ctx context.Context, s *account.Scope, f store.LeadFilter, write Row) error {
	return e.leads(ctx, s, f, leadCells, write)
}

func (e *Export) leads(ctx context.Context, s *account.Scope, f store.LeadFilter, cells func(l capture.Lead, names map[string]string) []string, write Row) error {
	if err := e.begun(ctx, s, "leads"); err != nil {
		return err
	}
	names, err := e.Accounts.MemberNames(ctx, s)
	if err != nil {
		return err
	}
	if err := write(leadColumns); err != nil {
		return err
	}
	return e.each(ctx, s, f, func(l capture.Lead) error { return write(cells(l, names)) })
}

func leadCells(l capture.Lead, names map[string]string) []string {
	values := func(f lead.Field) (list []string) {
		for _, v := range l.Fields[f].Values {
			list = append(list, v.Value)
		}
		return list
	}
	var statuses []string // one for each address
	for _, v := range l.Fields[lead.WorkEmail].Values {
		statuses = append(statuses, v.Status)
	}
	return []string{
		l.ID, l.Person.FullName, l.Person.Title, l.Person.Company, l.Person.CompanyDomain, l.Person.LinkedInURL, l.Person.Location, l.Person.Industry, l.Person.CompanySize,
		joined(values(lead.WorkEmail)), joined(statuses), joined(values(lead.PersonalEmail)), joined(values(lead.WorkPhone)), joined(values(lead.MobilePhone)),
		joinedNames(l.Lists), joinedNames(l.Tags), l.Notes, names[l.Member], l.CapturedAt.Format(time.RFC3339Nano),
	}
}

// forExcel writes phone numbers in groups: Excel takes +14155550100 for a number, and
// +1 415 555 0100 for the text that it is.
func forExcel(l capture.Lead, names map[string]string) []string {
	fields := make(map[lead.Field]capture.LeadField, len(l.Fields))
	for f, v := range l.Fields {
		if f == lead.WorkPhone || f == lead.MobilePhone {
			v.Values = slices.Clone(v.Values)
			for n := range v.Values {
				v.Values[n].Value = lead.PhoneText(v.Values[n].Value)
			}
		}
		fields[f] = v
	}
	l.Fields = fields
	return leadCells(l, names)
}

// Usage writes a usage report, one number a row.
func (e *Export) Usage(ctx context.Context, s *account.Scope, ask usage.Ask, write Row) error {
	report, err := e.Reports.Report(ctx, s, ask)
	if err != nil {
		return err
	}
	if err := e.begun(ctx, s, "usage"); err != nil {
		return err
	}
	if err := write([]string{ask.GroupBy, "name", "kind", "what", "count"}); err != nil {
		return err
	}
	return usageRows(report, write)
}

// usageRows writes a report's numbers, each behind the cells given.
func usageRows(report *usage.Report, write Row, before ...string) error {
	row := func(cells ...string) error { return write(append(slices.Clone(before), cells...)) }
	for _, g := range report.Data {
		for _, part := range []struct {
			kind    string
			amounts map[string]credits.Amount
		}{{"credits", g.Credits}, {"saved", g.Saved}} {
			for _, c := range slices.Sorted(maps.Keys(part.amounts)) {
				if err := row(g.Key, g.Name, part.kind, c, part.amounts[c].String()); err != nil {
					return err
				}
			}
		}
		for _, o := range slices.Sorted(maps.Keys(g.Outcomes)) {
			if err := row(g.Key, g.Name, "outcome", o, strconv.FormatInt(g.Outcomes[o], 10)); err != nil {
				return err
			}
		}
	}
	return nil
}

// WholeUsage writes every table of the usage page, one number a row: by member, by
// day, by field, by outcome and by channel.
func (e *Export) WholeUsage(ctx context.Context, s *account.Scope, ask usage.Ask, write Row) error {
	cube, err := e.Reports.Cube(ctx, s, ask)
	if err != nil {
		return err
	}
	if err := e.begun(ctx, s, "usage"); err != nil {
		return err
	}
	names, err := e.Accounts.MemberNames(ctx, s)
	if err != nil {
		return err
	}
	if err := write([]string{"from", "to", "group_by", "key", "name", "kind", "what", "count"}); err != nil {
		return err
	}
	for _, by := range usage.Groups {
		of := names
		if by != "member" {
			of = nil
		}
		if err := usageRows(cube.Report(by, of), write, cube.From.Format(time.RFC3339), cube.To.Format(time.RFC3339), by); err != nil {
			return err
		}
	}
	return nil
}

var entryColumns = []string{
	"seq", "at", "kind", "credit", "amount", "balance_after", "saved", "member", "member_name", "person", "capture", "field", "outcome", "channel", "hold", "grant", "description", "reason", "verified_at",
}

// Entries writes the ledger entries that a filter chooses and the principal may see,
// newest first.
func (e *Export) Entries(ctx context.Context, s *account.Scope, f store.EntryFilter, write Row) error {
	if err := e.begun(ctx, s, "ledger"); err != nil {
		return err
	}
	names, err := e.Accounts.MemberNames(ctx, s)
	if err != nil {
		return err
	}
	if err := write(entryColumns); err != nil {
		return err
	}
	if f.Sight, err = e.Accounts.Visible(ctx, s); err != nil {
		return err
	}
	f.Limit = entriesAtOnce
	for {
		var rows []store.Entry
		err := e.Store.View(ctx, func(tx *store.Tx) (err error) {
			rows, err = tx.Entries().List(f)
			return err
		})
		if err != nil {
			return err
		}
		for _, x := range rows {
			if err := write(entryCells(x, names)); err != nil {
				return err
			}
		}
		if len(rows) < f.Limit {
			return nil
		}
		f.Before = rows[len(rows)-1].Seq
	}
}

// entriesAtOnce is how many entries are read at once: none is while they are sent.
const entriesAtOnce = 1000

func entryCells(x store.Entry, names map[string]string) []string {
	after := "unlimited"
	if x.BalanceAfter != nil {
		after = credits.Amount(*x.BalanceAfter).String()
	}
	description, reason := credits.Noted(x.Kind, x.Field, x.Note)
	verified := ""
	if !reason.VerifiedAt.IsZero() {
		verified = reason.VerifiedAt.Format(time.RFC3339)
	}
	return []string{
		strconv.FormatInt(x.Seq, 10), time.UnixMicro(x.At).UTC().Format(time.RFC3339Nano), x.Kind, x.Credit, credits.Amount(x.Amount).String(), after,
		credits.Amount(x.Waived).String(), x.Member, names[x.Member], x.Person, x.Capture, x.Field, x.Outcome, x.Channel, x.Hold, x.Grant, description, reason.Code, verified,
	}
}
