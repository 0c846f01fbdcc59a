package command

import (
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

type replay struct {
	database
	PriceBook string `required:"" help:"The price book to charge by." type:"existingfile"`
	Plan      string `help:"The plan that everybody would have been on; default: the one of the same name as theirs."`
	From      string `help:"First day, such as 2026-03-01; default: a month before --to."`
	To        string `help:"Day after the last; default: today."`
	Workspace string `help:"One workspace alone."`
}

// Run says what the past would have cost under another price book, and who would
// have been stopped when.
func (c *replay) Run(o *output) (err error) {
	if err := existing(c.Database); err != nil {
		return err
	}
	w, err := c.whatIf()
	if err != nil {
		return err
	}
	srv, err := open(o, c.Database, []string{c.PriceBook})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	table := tabwriter.NewWriter(o.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(table, "workspace\tcredit\twas\twould be\tstopped\tfirst stop\n")
	err = credits.Replay(o.ctx, srv.Store, w, func(r credits.WouldBe) {
		first := ""
		if len(r.Stopped) > 0 {
			s := r.Stopped[0]
			first = fmt.Sprintf("%s, %s, by %s", s.At.Format(time.DateTime), s.Entry, s.Refusal.LimitedBy)
		}
		for _, credit := range r.Types() {
			fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", r.Workspace, credit, r.Was[credit], r.Would[credit], r.Stops, first)
		}
		if r.Unsold > 0 {
			fmt.Fprintf(table, "%s\t(%d charges are of a plan, a credit type or a field that the book does not sell)\n", r.Workspace, r.Unsold)
		}
	})
	return errors.Join(err, table.Flush())
}

func (c *replay) whatIf() (credits.WhatIf, error) {
	w := credits.WhatIf{Plan: c.Plan, Workspace: c.Workspace}
	text, err := os.ReadFile(c.PriceBook)
	if err != nil {
		return w, err
	}
	if w.Book, err = credits.ParseBook(text); err != nil {
		return w, fmt.Errorf("%s: %w", c.PriceBook, err)
	}
	if c.Plan != "" && w.Book.Plans[c.Plan] == nil {
		return w, fmt.Errorf("--plan %q is not in the price book; it has %v", c.Plan, w.Book.PlanNames())
	}
	w.To = time.Now().UTC().Truncate(24*time.Hour).AddDate(0, 0, 1)
	if c.To != "" {
		if w.To, err = time.Parse(time.DateOnly, c.To); err != nil {
			return w, fmt.Errorf("--to %q must be a day such as 2026-04-01", c.To)
		}
	}
	w.From = w.To.AddDate(0, -1, 0)
	if c.From != "" {
		if w.From, err = time.Parse(time.DateOnly, c.From); err != nil {
			return w, fmt.Errorf("--from %q must be a day such as 2026-03-01", c.From)
		}
	}
	if !w.From.Before(w.To) {
		return w, errors.New("--from must be before --to")
	}
	return w, nil
}
