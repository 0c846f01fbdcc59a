package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/leadmeter/leadmeter/internal/copying"
	"github.com/leadmeter/leadmeter/internal/server"
)

type copyC struct {
	From       string   `required:"" help:"The database to copy: sqlite:PATH or postgres://…; no server may have it open." placeholder:"ADDRESS"`
	To         string   `help:"The database to copy to; it must be empty, or hold an unfinished copy of this one." placeholder:"ADDRESS"`
	Undo       bool     `help:"Let the database that was copied be used again; what was written to the other one since is not in it."`
	PriceBooks []string `name:"price-books" help:"Files of price books beside the shipped ones, for verifying the copy." env:"LEADMETER_PRICE_BOOKS"`
}

// Run copies, or takes back that a database was copied.
func (c *copyC) Run(o *output) (err error) {
	if c.Undo {
		return c.undo(o)
	}
	if c.To == "" {
		return errors.New("--to is needed: the address of an empty database, sqlite:PATH or postgres://…")
	}
	books, err := server.LoadBooks(c.PriceBooks)
	if err != nil {
		return err
	}
	job, err := copying.Open(o.ctx, c.From, c.To)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, job.Close()) }()
	job.Source, job.Target, job.Books = withoutPassword(c.From), withoutPassword(c.To), books
	job.Progress = (&copyProgress{output: o, began: time.Now(), shown: time.Now()}).show
	result, err := job.Run(o.ctx)
	if o.ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return errors.New("stopped; nothing is lost. Run the same command again to continue where it was, or leadmeter copy --undo --from with the same address to use the source again")
	}
	if err != nil {
		return err
	}
	return c.report(o, result)
}

func (c *copyC) report(o *output, r copying.Result) error {
	if r.Complete {
		fmt.Fprintf(o.stdout, "The copy was complete already. Serve %s from now on.\n", withoutPassword(c.To))
		return nil
	}
	if r.Unequal.N > 0 {
		c.list(o, r.Unequal)
		return fmt.Errorf("the copy is not equal to its source: %s, listed above. Neither database is served. Run leadmeter copy --undo --from with the same address to use the source again, and copy to an empty database", plural(r.Unequal.N, "difference", "differences"))
	}
	resumed := ""
	if r.Resumed > 0 {
		resumed = fmt.Sprintf(" (%d were copied before)", r.Resumed)
	}
	fmt.Fprintf(o.stdout, "Copied %d rows of %d tables%s in %s, %.0f rows/s. Compared every row in %s. Verified the ledger of %s in %s.\n",
		r.Rows, r.Tables, resumed, round(r.Copying), rate(r.Rows, r.Copying), round(r.Comparing), plural(r.Workspaces, "workspace", "workspaces"), round(r.Verifying))
	if r.Ledger.N > 0 {
		c.list(o, r.Ledger)
		fmt.Fprintf(o.stdout, "The ledger has %s, listed above. The source has the same ones: they are older than the copy, which is complete.\n", plural(r.Ledger.N, "difference", "differences"))
	}
	fmt.Fprintf(o.stdout, "Serve %s from now on, with the same secret key file. %s is not served any more; leadmeter copy --undo changes that.\n", withoutPassword(c.To), withoutPassword(c.From))
	return nil
}

func (c *copyC) list(o *output, f copying.Findings) {
	for _, sentence := range f.First {
		fmt.Fprintln(o.stdout, sentence)
	}
	if more := f.N - len(f.First); more > 0 {
		fmt.Fprintf(o.stdout, "and %d more\n", more)
	}
}

func (c *copyC) undo(o *output) (err error) {
	st, err := copying.OpenSource(o.ctx, c.From)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, st.Close()) }()
	to, err := copying.Undo(o.ctx, st)
	if err != nil {
		return err
	}
	fmt.Fprintf(o.stdout, "%s may be served again. Do not serve %s beside it: each would charge without knowing of the other.\n", withoutPassword(c.From), to)
	return nil
}

// copyProgress prints how far a copy is, every few seconds.
type copyProgress struct {
	*output
	began, shown time.Time
	from         int64 // rows that earlier runs copied
	started      bool
}

const progressEvery = 2 * time.Second

func (p *copyProgress) show(at copying.Progress) {
	now := time.Now()
	if !p.started {
		p.started, p.from = true, at.Rows-at.Batch
	}
	if at.Comparing {
		fmt.Fprintf(p.stderr, "All %d rows are copied. Comparing every row with the source.\n", at.Total)
	}
	if now.Sub(p.shown) < progressEvery || at.Comparing {
		return
	}
	p.shown = now
	speed := rate(at.Rows-p.from, now.Sub(p.began))
	left := time.Duration(float64(at.Total-at.Rows) / max(speed, 1) * float64(time.Second))
	fmt.Fprintf(p.stderr, "%s: %d of %d rows, %.0f rows/s, about %s left\n", at.Table, at.Rows, at.Total, speed, round(left))
}

func rate(rows int64, in time.Duration) float64 { return float64(rows) / max(in.Seconds(), 0.001) }

func round(d time.Duration) time.Duration {
	if d < time.Minute {
		return d.Round(10 * time.Millisecond)
	}
	return d.Round(time.Second)
}
