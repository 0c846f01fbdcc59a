package command

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/archive"
	"github.com/leadmeter/leadmeter/internal/server"
)

type archiveC struct {
	database
	Before     string   `help:"Archive entries before this day, such as 2025-01-01, in UTC." placeholder:"DAY" xor:"what"`
	OlderThan  string   `name:"older-than" help:"Archive entries older than so many days, such as 400d." placeholder:"DAYS" xor:"what"`
	Restore    bool     `help:"Move everything that is archived back among the entries." xor:"what"`
	Workspace  string   `help:"One workspace alone." placeholder:"ID"`
	PriceBooks []string `name:"price-books" help:"Files of price books beside the shipped ones." env:"LEADMETER_PRICE_BOOKS"`
}

// Run archives old entries, or restores them.
func (c *archiveC) Run(o *output) (err error) {
	if err := existing(c.Database); err != nil {
		return err
	}
	before, err := c.before(time.Now())
	if err != nil {
		return err
	}
	srv, err := server.Open(o.ctx, server.Config{Database: c.Database, PriceBooks: c.PriceBooks})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	began := time.Now()
	a := &archive.Archive{Store: srv.Store, Ledger: srv.Ledger, Accounts: srv.Accounts, Clock: time.Now}
	a.Progress = (&archiveProgress{output: o, began: began, shown: began}).show
	var r archive.Result
	if c.Restore {
		r, err = a.Restore(o.ctx, c.Workspace)
	} else {
		r, err = a.Run(o.ctx, c.Workspace, before)
	}
	if o.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped after %s; nothing is lost. Run the same command again to continue", plural(r.Entries, "entry", "entries"))
	}
	if err != nil {
		return err
	}
	return c.report(o, r, time.Since(began), srv.Store.Parts())
}

// before is the instant that --before or --older-than names.
func (c *archiveC) before(now time.Time) (time.Time, error) {
	switch {
	case c.Restore:
		return time.Time{}, nil
	case c.Before != "":
		day, err := time.Parse(time.DateOnly, c.Before)
		if err != nil {
			err = fmt.Errorf("--before %q must be a day such as 2025-01-01", c.Before)
		}
		return day, err
	case c.OlderThan != "":
		days, err := strconv.Atoi(strings.TrimSuffix(c.OlderThan, "d"))
		if err != nil || days < 1 || !strings.HasSuffix(c.OlderThan, "d") {
			return time.Time{}, fmt.Errorf("--older-than %q must be a number of days such as 400d", c.OlderThan)
		}
		return now.AddDate(0, 0, -days), nil
	}
	return time.Time{}, errors.New("say what to archive: --before DAY or --older-than DAYS; or --restore to move everything back")
}

func (c *archiveC) report(o *output, r archive.Result, took time.Duration, parts int) error {
	verb, sizes := "Archived", fmt.Sprintf("their values took %s, the archive takes %s for them", megabytes(r.Values), megabytes(r.Packed))
	if c.Restore {
		verb, sizes = "Restored", fmt.Sprintf("the archive took %s for them, their values take %s", megabytes(r.Packed), megabytes(r.Values))
	}
	if r.Entries == 0 {
		fmt.Fprintln(o.stdout, "There was nothing to move.")
	} else {
		fmt.Fprintf(o.stdout, "%s %s of %s in %s, %.0f entries/s; %s.\n", verb, plural(r.Entries, "entry", "entries"), plural(r.Workspaces, "workspace", "workspaces"),
			round(took), rate(r.Entries, took), sizes)
		if strings.HasPrefix(c.Database, "sqlite:") {
			fmt.Fprintln(o.stdout, "The file keeps its size and uses the space again. To make it smaller: leadmeter backup FILE writes one without the gaps; stop the server and put it in its place.")
		} else {
			fmt.Fprintln(o.stdout, "Postgres uses the space again once autovacuum was there. VACUUM FULL entries gives it back, and keeps everybody out meanwhile.")
		}
	}
	for _, sentence := range r.Left {
		fmt.Fprintln(o.stdout, sentence)
	}
	for _, u := range r.Unreached {
		fmt.Fprintf(o.stdout, "Node %s does not answer; its workspaces, in %d of the database's %d parts, were left. Run the command again when it is back.\n", u.Node, u.Parts, parts)
	}
	if len(r.Unreached) > 0 {
		return fmt.Errorf("%s of the database did not answer, listed above", plural(len(r.Unreached), "node", "nodes"))
	}
	if len(r.Left) > 0 {
		return fmt.Errorf("%s could not be moved completely, listed above", plural(len(r.Left), "workspace", "workspaces"))
	}
	return nil
}

func megabytes(n int64) string { return fmt.Sprintf("%.1f MB", float64(n)/1e6) }

// archiveProgress prints how far an archive is, every few seconds.
type archiveProgress struct {
	*output
	began, shown time.Time
}

func (p *archiveProgress) show(workspace string, r archive.Result) {
	now := time.Now()
	if now.Sub(p.shown) < progressEvery {
		return
	}
	p.shown = now
	fmt.Fprintf(p.stderr, "%s: %d entries moved, %.0f entries/s\n", workspace, r.Entries, rate(r.Entries, now.Sub(p.began)))
}
