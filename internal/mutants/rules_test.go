package mutants_test

// rules are the rules of docs/rules.md turned wrong.
var rules = []mutant{
	{
		name:   "the period is that of the server's own clock",
		edits:  []edit{{"credits/state.go", "s.now = at.UTC().Truncate(time.Microsecond)", "s.now = time.Now().UTC().Truncate(time.Microsecond)"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a pool that a newer one follows is not kept",
		edits:  []edit{{"credits/pools.go", "			past = append(past, p.Pool)\n", ""}},
		engine: "sqlite", pkg: credits, run: "TestScripts|TestLedgerAgainstModel",
	},
	{
		name:   "a pool of a period that is over is taken to be new",
		edits:  []edit{{"credits/wants.go", "	past := newest != nil && newest.PeriodStart > start\n", "	past := newest == nil\n"}},
		engine: "sqlite", pkg: credits, run: "TestScripts|TestLedgerAgainstModel",
	},
	{
		name:   "a new pool forgets the account's others",
		edits:  []edit{{"credits/pools.go", "written := func(p *poolRow) bool { return p.own || p.dirty }", "written := func(p *poolRow) bool { return p.dirty }"}},
		engine: "sqlite", pkg: credits, run: "TestScripts|TestLedgerAgainstModel",
	},
	{
		name:   "a late clock reopens a closed period",
		edits:  []edit{{"credits/state.go", "		s.now = last\n", "		_ = last\n"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a period's end belongs to it",
		edits:  []edit{{"credits/unit/limit.go", "!t.Before(p.Start) && t.Before(p.End)", "!t.Before(p.Start) && !t.After(p.End)"}},
		engine: "sqlite", pkg: credits, run: "TestP3PeriodsTile|TestScripts",
	},
	{
		name:   "the 31st is the 28th in every month",
		edits:  []edit{{"credits/period.go", "min(max(day, 1), last)", "min(max(day, 1), last, 28)"}},
		engine: "sqlite", pkg: credits, run: "TestP2Periods",
	},
	{
		name:   "a late settlement pays from the period that runs",
		edits:  []edit{{"credits/holds.go", "p := s.findPool(h.PeriodStart, h.Credit)", "p := s.findPool(micros(s.current.Period.Start), h.Credit)"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a third is rounded, and what is left over is dropped",
		edits:  []edit{{"credits/price.go", "remainder{part % common, common}", "remainder{0, common}"}},
		engine: "sqlite", pkg: credits, run: "TestG6RemainderIsExact",
	},
	{
		name:   "an amount is read through a float",
		edits:  []edit{{"credits/unit/amount.go", "		return errAmountForm\n	}\n	v, err := ParseAmount(string(b))", "		return errAmountForm\n	}\n	f, _ := strconv.ParseFloat(string(b), 32)\n	v, err := Amount(f*float64(Credit)), error(nil)"}},
		engine: "sqlite", pkg: credits + "/unit", run: "TestG6AmountJSON",
	},
	{
		name:   "a charge is allowed that one credit is missing for",
		edits:  []edit{{"credits/limits.go", "	if r.spends.Covers(need) {", "	if r.spends.Covers(need - Credit) {"}},
		engine: "sqlite", pkg: credits, run: "TestC8ConcurrentUse",
	},
	{
		name:   "what a member used is not counted",
		edits:  []edit{{"credits/state.go", "		share.Used += int64(used)\n", ""}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "what is assigned to one is spent by others",
		edits:  []edit{{"credits/limits.go", "Pool: workspace.Minus(aside)", "Pool: workspace.Minus(aside * 0)"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a hold outlives its time by an instant",
		edits:  []edit{{"credits/holds.go", "		if h.ExpiresAt <= micros(s.now) {", "		if h.ExpiresAt < micros(s.now) {"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a hold that expires within a batch hides the others",
		edits:  []edit{{"credits/holds.go", "	next := s.nextExpiry\n", "	next := int64(0)\n"}},
		engine: "sqlite", pkg: credits, run: "TestC8ExpiryWithinABatch",
	},
	{
		name:   "a capture takes from the pool what its hold had set aside",
		edits:  []edit{{"credits/capture.go", "		s.move(p, c.Member, line.Amount, -held)\n", "		s.move(p, c.Member, line.Amount, 0)\n"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a capture keeps what its hold has left",
		edits:  []edit{{"credits/capture.go", "			s.giveBack(s.holdPool(h), h, HoldSettled, \"\")\n", "			_ = h\n"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "the same bad data gives its credit back twice",
		edits:  []edit{{"credits/report.go", "	case r.Status != \"\":\n		return Result{}, refuse(Conflict, \"This was", "	case r.Status == Declined:\n		return Result{}, refuse(Conflict, \"This was"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "bad data gives its credit back to who reports it",
		edits:  []edit{{"credits/report.go", "		s.move(p, e.Member, -Amount(e.Amount), 0)\n", "		s.move(p, \"\", -Amount(e.Amount), 0)\n"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "bad data gives its credit back to the period that runs, whichever paid",
		edits:  []edit{{"credits/terms.go", "	return !c.Cancelled && period.Equal(c.Period.Start)", "	return !c.Cancelled"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a capture is paid from somebody else's hold",
		edits:  []edit{{"credits/capture.go", " || h.Member != c.Member", ""}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a final settlement keeps what no line took",
		edits:  []edit{{"credits/spend.go", "	if c.Final || h.Remaining == 0 {", "	if h.Remaining == 0 {"}},
		engine: "sqlite", pkg: credits, run: "TestC9HistoryOnSQLite",
	},
	{
		name:   "a hold gives back what was settled too",
		edits:  []edit{{"credits/holds.go", "left := Amount(h.Remaining)", "left := min(Amount(h.Amount), Amount(p.Held))"}},
		engine: "sqlite", pkg: credits, run: "TestC9HistoryOnSQLite",
	},
	{
		name:   "seeing what is owned makes it last longer",
		edits:  []edit{{"credits/capture.go", `outcome != AlreadyOwned || !known.Owns() && known != AlreadyOwned {`, `outcome != "" || known == "" {`}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a free delivery is not counted",
		edits:  []edit{{"credits/fairuse.go", "		row.Used++\n", "		row.Used += 0\n"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a workspace reports without end",
		edits:  []edit{{"credits/book.go", "workspace < max(int64(r.AtLeast), charges*int64(r.SharePercent)/100)", "true"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "all or nothing charges for a part",
		edits:  []edit{{"credits/capture.go", "(c.AllOrNothing || !plan.delivers)", "!plan.delivers"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "more rolls over than the cap",
		edits:  []edit{{"credits/state.go", "		carried := min(limit, left)\n", "		carried := left\n"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a grant for one period comes in every period",
		edits:  []edit{{"credits/terms.go", "return g.Period.Equal(p.Start)", "return true"}},
		engine: "sqlite", pkg: credits, run: "TestScripts",
	},
	{
		name:   "a sum meets no limit",
		edits:  []edit{{"internal/screen/stopped.go", "!b.Available.Covers(t.Costs[n].Amount)", "!b.Available.Covers(0)"}},
		engine: "sqlite", pkg: server, run: "TestTheAPISaysOfALimitWhatPagesSay",
	},
	{
		name:   "what follows from an entry reads the terms again",
		edits:  []edit{{"internal/webhook/follow.go", "	if behind.Terms {\n", "	if behind.Workspace != \"\" {\n"}},
		engine: "sqlite", pkg: server, run: "TestReadsOfAWebhook",
	},
}
