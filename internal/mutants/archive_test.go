package mutants_test

// archived are mistakes with entries that were archived.
var archived = []mutant{
	{
		name:   "a list ends where the archive begins",
		edits:  []edit{{"internal/store/entries.go", "	return t.listArchived(f, list)\n", "	return list, nil\n"}},
		engine: "sqlite", pkg: "internal/server", run: "TestNobodySeesThatEntriesAreArchived",
	},
	{
		name:   "a day that a range cuts is summed without its archived entries",
		edits:  []edit{{"internal/store/usage.go", "	return append(list, old...), err\n", "	return append(list, old[:0]...), err\n"}},
		engine: "sqlite", pkg: "internal/server", run: "TestNobodySeesThatEntriesAreArchived",
	},
	{
		name:   "the search by time stops at the archive",
		edits:  []edit{{"internal/store/entries.go", "			if !archived {\n", "			if !archived || true {\n"}},
		engine: "sqlite", pkg: "internal/server", run: "TestNobodySeesThatEntriesAreArchived",
	},
	{
		name:   "a report does not find the archived charge",
		edits:  []edit{{"internal/store/reports.go", "if err == nil && b.first != 0 {", "if b.first != 0 {\n				return nil\n			}\n			if false {"}},
		engine: "sqlite", pkg: credits, run: "TestLedgerAgainstModel",
	},
	{
		name:   "entries that are archived stay",
		edits:  []edit{{"internal/store/archive.go", "p.seq(after), p.seq(b.last))", "p.seq(after), p.seq(after))"}, {"internal/store/archive.go", "if err == nil && n != b.last-after {", "if false {"}},
		engine: "sqlite", pkg: "internal/archive", run: "TestOldEntriesMoveAndComeBack",
	},
	{
		name:   "an archived block is read whatever its checksum",
		edits:  []edit{{"internal/store/archive_block.go", "if !bytes.Equal(sum, b.sum(ws, plain, deflated)) {", "if false && !bytes.Equal(sum, b.sum(ws, plain, deflated)) {"}},
		engine: "sqlite", pkg: storage, run: "TestADamagedBlockIsFound",
	},
	{
		name:   "what webhooks were not told of is archived",
		edits:  []edit{{"internal/store/archive.go", "t.unarchived(ws, after, told, limit)", "t.unarchived(ws, after, 1<<ownBits-1, limit)"}},
		engine: "sqlite", pkg: "internal/archive", run: "TestWhatRulesLookAtStays",
	},
	{
		name:   "a restored block is dropped from the archive before its entries are back",
		edits:  []edit{{"internal/store/archive.go", "	return t.putBack(list)\n", "	return nil\n"}},
		engine: "sqlite", pkg: "internal/archive", run: "TestOldEntriesMoveAndComeBack",
	},
	{
		name:   "a block is archived behind one that another process has restored",
		edits:  []edit{{"internal/store/archive.go", "	if b.first == after+1 {\n", "	if false {\n"}},
		engine: "sqlite", pkg: storage, run: "TestStepsOfTwoArchivesLeaveNoGap",
	},
}
