package command

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

type replay struct {
	database
	PriceBook   string   `help:"The price book to charge by; default: each workspace's own." type:"existingfile"`
	Allocations string   `help:"CSV of what admins would have set: workspace, member (id or email), credit, mode (pool, limit or assigned), amount." type:"existingfile"`
	Plan        string   `help:"The plan that everybody would have been on; default: the one of the same name as theirs."`
	From        string   `help:"First day, such as 2026-03-01; default: a month before --to."`
	To          string   `help:"Day after the last; default: today."`
	Workspace   string   `help:"One workspace alone."`
	PriceBooks  []string `name:"price-books" help:"Files of price books that workspaces are on, beside the shipped ones." env:"LEADMETER_PRICE_BOOKS"`
}

// Run says what the past would have cost under another price book or other
// allocations, and who would have been stopped when.
func (c *replay) Run(o *output) (err error) {
	if err := existing(c.Database); err != nil {
		return err
	}
	w, err := c.whatIf()
	if err != nil {
		return err
	}
	books := c.PriceBooks
	if c.PriceBook != "" {
		books = append(books, c.PriceBook)
	}
	srv, err := server.Open(o.ctx, server.Config{Database: c.Database, PriceBooks: books, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	if c.Allocations != "" {
		if w.Allocations, err = c.allocations(o.ctx, srv.Store); err != nil {
			return fmt.Errorf("%s: %w", c.Allocations, err)
		}
	}
	table := tabwriter.NewWriter(o.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(table, "workspace\tcredit\twas\twould be\tstopped\tfirst stop\n")
	err = srv.Ledger.Rerun(o.ctx, w, func(r credits.WouldBe) {
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
	if c.PriceBook == "" && c.Allocations == "" {
		return w, errors.New("say what would have been different: --price-book, --allocations or both")
	}
	if c.PriceBook == "" && c.Plan != "" {
		return w, errors.New("--plan needs the --price-book that has it")
	}
	var err error
	if c.PriceBook != "" {
		text, err := os.ReadFile(c.PriceBook)
		if err != nil {
			return w, err
		}
		if w.Book, err = credits.ParseBook(text); err != nil {
			return w, fmt.Errorf("%s: %w", c.PriceBook, err)
		}
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

// allocations reads what admins would have set. A row that cannot be meant stops
// the replay: a comparison with half of it would mislead.
func (c *replay) allocations(ctx context.Context, st *store.Store) (map[string]map[string]map[string]credits.Allocation, error) {
	f, err := os.Open(c.Allocations)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	rows := csv.NewReader(f)
	header, err := rows.Read()
	if err != nil || strings.Join(header, ",") != "workspace,member,credit,mode,amount" {
		return nil, errors.New("the first row must be workspace,member,credit,mode,amount")
	}
	sets := map[string]map[string]map[string]credits.Allocation{}
	for n := 1; ; n++ {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return sets, nil
		}
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", n, err)
		}
		a := credits.Allocation{Mode: row[3]}
		if a.Mode != credits.FromPool {
			if a.Amount, err = credits.ParseAmount(row[4]); err != nil {
				return nil, fmt.Errorf("row %d: amount %w", n, err)
			}
			if a.Amount < 0 || a.Amount > credits.MaxAmount {
				return nil, fmt.Errorf("row %d: amount must be from 0 to %s", n, credits.MaxAmount)
			}
		}
		if a.Mode != credits.FromPool && a.Mode != credits.Limited && a.Mode != credits.Assigned {
			return nil, fmt.Errorf("row %d: mode must be pool, limit or assigned, not %q", n, a.Mode)
		}
		member, err := memberNamed(ctx, st, row[0], row[1])
		if err != nil {
			return nil, fmt.Errorf("row %d: %w", n, err)
		}
		if sets[row[0]] == nil {
			sets[row[0]] = map[string]map[string]credits.Allocation{}
		}
		if sets[row[0]][member] == nil {
			sets[row[0]][member] = map[string]credits.Allocation{}
		}
		sets[row[0]][member][row[2]] = a
	}
}

// memberNamed finds a member, one who was removed included, by id or email.
func memberNamed(ctx context.Context, st *store.Store, workspace, name string) (id string, err error) {
	err = st.View(ctx, func(tx *store.Tx) error {
		for after := ""; ; {
			list, err := tx.Members().Of(workspace, after, 500, true)
			if err != nil {
				return err
			}
			for _, m := range list {
				if after = m.ID; m.ID == name || strings.EqualFold(m.Email, name) {
					id = m.ID
					return nil
				}
			}
			if len(list) < 500 {
				return fmt.Errorf("member %q is not one of workspace %q", name, workspace)
			}
		}
	})
	return id, err
}
