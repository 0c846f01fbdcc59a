package command

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/pprof"
	"time"

	"github.com/leadmeter/leadmeter/internal/bench"
	"github.com/leadmeter/leadmeter/internal/bulk"
)

type benchC struct {
	Database   string        `help:"A database to fill: sqlite:PATH or postgres://…; default a new SQLite file, removed afterwards."`
	Workload   string        `default:"hot" enum:"hot,cold,mixed,capture" help:"hot: one pool; cold: many; mixed: half and half; capture: a person's field each."`
	Workspaces int           `default:"10000" help:"Of the cold and mixed workloads."`
	Callers    []int         `default:"1,64,256,1024" help:"How many callers at once."`
	Rounds     int           `default:"3" help:"Rounds a line; the median counts."`
	Round      time.Duration `default:"3s" help:"Length of a round."`
	HTTP       bool          `help:"Charge over HTTP, beside a handler that only decodes and answers."`
	Stream     bool          `help:"Charge on one connection that stays open, in turn with the ledger in process."`
	Batch      int           `default:"1" help:"Charges a request, with --http; at most 1000."`
	Boundary   bool          `help:"Let the month end in the middle, and show each second's slowest answers."`
	Rate       int           `help:"Charge at so many a second, answered or not, with a flood and a month's end; --workspaces by Zipf's law."`
	Servers    int           `default:"1" help:"In turn with one server: so many on the same database, which share the callers."`
	Apart      bool          `help:"The --servers do not know each other: none sends another its charges of a busy workspace."`
	Soak       time.Duration `help:"With --rate: charge for so long without a flood or a month's end, and write latency and peak memory ten times."`
	Entries    int           `help:"Measure a database with so many entries in turn with an empty one."`
	Full       string        `name:"full-database" help:"The database to fill with --entries; default for SQLite: a second file, removed afterwards."`
	Job        int           `help:"Measure charges beside the making of a bulk capture with so many rows; at most 10000."`
	People     int           `help:"Measure searches of a directory with so many people, who are imported first where there are none."`
	Pages      bool          `help:"Fill --database with --workspaces and the --entries of a year, once, and measure pages of large and small workspaces, a month's end, a start and a server's memory; with --full-database, fill that, and measure it in turn with a hundredth of it."`
	Busy       int           `help:"Goroutines that compute without rest beside the callers, as a large export does."`
	Profile    string        `help:"Write a processor profile to this file." type:"path"`
	Against    string        `enum:",handwritten,function,bare" default:"" help:"In turn, on the same database. handwritten: the transaction that a good engineer writes by hand; function: the same as one plpgsql function, on Postgres; bare: the driver alone with the same rows, a thousand charges a transaction."`
}

// Run measures.
func (c *benchC) Run(o *output) error {
	for _, n := range c.Callers {
		if n < 1 || n > 4096 {
			return fmt.Errorf("--callers must be from 1 to 4096, not %d", n)
		}
	}
	if c.Rounds < 1 || c.Round < 100*time.Millisecond || c.Workspaces < 1 || c.Busy < 0 || c.Batch < 1 || c.Batch > 1000 {
		return fmt.Errorf("--rounds and --workspaces must be at least 1, --busy at least 0, --batch from 1 to 1000, --round at least 100ms")
	}
	if c.Profile != "" {
		f, err := os.Create(c.Profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	address := c.Database
	if address == "" {
		dir, err := os.MkdirTemp("", "leadmeter-bench-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		address = "sqlite:" + filepath.Join(dir, "bench.db")
	}
	options := bench.Options{
		Database: address, Workload: c.Workload, Workspaces: c.Workspaces, Callers: c.Callers, Rounds: c.Rounds, Round: c.Round, Entries: c.Entries, Busy: c.Busy, Servers: c.Servers, Apart: c.Apart, Handwritten: c.Against == "handwritten", Function: c.Against == "function", Bare: c.Against == "bare",
	}
	least := 16
	if c.Full != "" {
		least *= 100
	}
	if c.Pages && (c.Entries < c.Workspaces || c.Workspaces < least) {
		return fmt.Errorf("--pages needs --workspaces, at least %d, and at least as many --entries", least)
	}
	if c.Entries < 0 || c.Entries > 0 && c.Full == "" && c.Database != "" && !c.Pages {
		return fmt.Errorf("--entries must be at least 1, and needs --full-database beside --database")
	}
	if options.FullDatabase = c.Full; c.Full == "" && !c.Pages {
		options.FullDatabase = address + "-full"
	}
	if c.Job < 0 || c.Job > bulk.MaxRows {
		return fmt.Errorf("--job must be from 1 to %d", bulk.MaxRows)
	}
	if c.People < 0 {
		return fmt.Errorf("--people must be at least 1")
	}
	if c.Servers < 1 || c.Servers > 16 {
		return fmt.Errorf("--servers must be from 1 to 16")
	}
	if c.Rate < 0 || c.Rate > 1_000_000 {
		return fmt.Errorf("--rate must be from 1 to 1,000,000")
	}
	if c.Soak != 0 && (c.Rate == 0 || c.Soak < 10*time.Second) {
		return fmt.Errorf("--soak must be at least 10s, and needs --rate")
	}
	switch {
	case c.Rate > 0:
		return bench.RunArrivals(o.ctx, options, c.Rate, c.Soak, o.stdout)
	case c.Pages:
		return bench.RunPages(o.ctx, options, o.stdout)
	case c.People > 0:
		return bench.RunPeople(o.ctx, options, c.People, o.stdout)
	case c.Job > 0:
		return bench.RunJob(o.ctx, options, c.Job, o.stdout)
	case c.Boundary:
		return bench.RunBoundary(o.ctx, options, o.stdout)
	case c.Stream:
		return bench.RunStream(o.ctx, options, o.stdout)
	case c.HTTP:
		return bench.RunHTTP(o.ctx, options, c.Batch, o.stdout)
	}
	return bench.Run(o.ctx, options, o.stdout)
}
