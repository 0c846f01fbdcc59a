package mutants_test

// peers are mistakes of servers that decide for each other.
var peers = []mutant{
	{
		name:   "charges sent to another server: what it does not answer is lost",
		edits:  []edit{{"credits/peers.go", "			failed = true\n			k.keep(c)\n", "			c.answered = true\n			c.wake()\n"}},
		engine: "postgres", pkg: credits, run: "TestC8ServersThatShare|TestC9HistoryOfServersThatShare",
	},
	{
		name:   "charges sent to another server: later ones of a batch before earlier ones",
		edits:  []edit{{"credits/peers.go", "	if len(s.calls) == maxUnsent {", "	if len(s.calls) == 64 {"}},
		engine: "postgres", pkg: credits, run: "TestOrderOfABatchThatIsSent",
	},
	{
		name:   "charges sent to another server: also those without a key",
		edits:  []edit{{"credits/peers.go", `c.Key != "" && c.With`, `c.With`}},
		engine: "postgres", pkg: credits, run: "TestWhatIsNotSent",
	},
	{
		name:   "charges sent to another server: a fingerprint stays behind",
		edits:  []edit{{"credits/peers_frame.go", "		c.Fingerprint = r.take(r.count())\n", "		r.take(r.count())\n"}},
		engine: "postgres", pkg: credits, run: "TestFrames|TestAnswersOfAnOwner",
	},
	{
		name:   "charges sent to another server: for ever, though nobody else has any",
		edits:  []edit{{"credits/batch.go", "	s.heard(c, b.at)\n	return admitted\n", "	return admitted\n"}, {"credits/batch.go", "		s.heard(c, b.at)\n	}\n", "	}\n"}},
		engine: "postgres", pkg: credits, run: "TestQuietOwner",
	},
	{
		name:   "charges sent to another server: anybody may send them",
		edits:  []edit{{"internal/peer/wire.go", "		VerifyConnection: knows(func(f string) bool { return (*s.trust.Load())[f] }),\n", "		VerifyConnection: knows(func(f string) bool { return true }),\n"}},
		engine: "postgres", pkg: "internal/peer", run: "TestStrangers",
	},
	{
		name:   "charges sent to another server: to anybody at its address",
		edits:  []edit{{"internal/peer/wire.go", "knows(func(f string) bool { return f == c.Certificate })", "knows(func(f string) bool { return f != \"\" || f == c.Certificate })"}},
		engine: "postgres", pkg: "internal/peer", run: "TestStrangers",
	},
	{
		name:   "charges sent to another server: though it decides by something else",
		edits:  []edit{{"internal/peer/peer.go", " && o.Build == s.self.Build {", " {"}},
		engine: "postgres", pkg: "internal/peer", run: "TestOtherBuilds",
	},
	{
		name:   "charges sent to another server: again at once after it failed",
		edits:  []edit{{"internal/peer/peer.go", "w > most && !o.resting() {", "w > most {"}},
		engine: "postgres", pkg: "internal/peer", run: "TestSilentPeer",
	},
	{
		name:   "charges sent to another server: what comes while a ledger closes",
		edits:  []edit{{"credits/peers.go", " || k.sender.closed {", " {"}},
		engine: "postgres", pkg: credits, run: "TestCloseDecidesWhatIsQueued",
	},
	{
		name:   "charges sent to another server: those that come with them wait for its answer",
		edits:  []edit{{"credits/committer.go", "	k.gather()\n	k.dispatch()\n	switch", "	if k.flying == nil && k.open.size() > 0 {\n		k.gather()\n	}\n	defer func() {\n		k.gather()\n		k.dispatch()\n	}()\n	switch"}},
		engine: "postgres", pkg: credits, run: "TestFrozenPeerKeepsNoOthersWaiting",
	},
	{
		name:   "charges sent to another server: as long as a row names it",
		edits:  []edit{{"internal/peer/peer.go", "if o.runs && time", "if time"}},
		engine: "postgres", pkg: "internal/peer", run: "TestRowsOfServersThatDoNotRun",
	},
	{
		name:   "charges sent to another server: each frame that fails is a failure",
		edits:  []edit{{"internal/peer/wire.go", "	if !o.resting() {\n", "	{\n"}},
		engine: "postgres", pkg: "internal/peer", run: "TestFailuresAtOnce",
	},
}
