package mutants_test

// late are the holes that were found after the first ones were closed: what counts although
// its right ended meanwhile, what waits for ever, and what merges and guesses give away.
var late = []mutant{
	{
		name:   "a suppression that was left half done waits for a start",
		edits:  []edit{{"internal/directory/resume.go", "	go d.hideLater(ctx, err != nil)\n", "	_ = d.hideLater\n"}},
		engine: "sqlite", pkg: server, run: "TestSuppressionIsAppliedLater",
	},
	{
		name:   "a suppression that was put there again is taken as applied",
		edits:  []edit{{"internal/store/withheld.go", " AND hash = $2 AND created_at = $3`", " AND hash = $2 AND created_at >= $3`"}},
		engine: "sqlite", pkg: server, run: "TestSuppressedAgainWhileItIsApplied",
	},
	{
		name:   "rights are asked for before the body alone",
		edits:  []edit{{"internal/api/api.go", "	if c.operation.open || c.known == known && now.Sub(c.at) < account.AdmittedFor {", "	if c.operation.open || c.known <= known {"}},
		engine: "sqlite", pkg: server, run: "TestRightsEndWhileABodyArrives",
	},
	{
		name:   "sessions are asked for before the form alone",
		edits:  []edit{{"internal/web/frame/arriving.go", "	if late := b.mayStill(); late != nil {", "	if late := error(nil); late != nil {"}},
		engine: "sqlite", pkg: server, run: "TestSessionsEndWhileAFormArrives|TestPasskeyOfAnEndedSession",
	},
	{
		name:   "a form may end before its last boundary",
		edits:  []edit{{"internal/web/frame/arriving.go", "	if len(b.closing) > 0 {\n		return n, fault", "	if len(b.closing) > 1000 {\n		return n, fault"}},
		engine: "sqlite", pkg: server, run: "TestCutFormsDoNothing",
	},
	{
		name:   "an answer's time is what its request left",
		edits:  []edit{{"internal/edge/body.go", "	_ = x.control().SetWriteDeadline(time.Now().Add(x.answer)) // only a test's recorder has none\n", "	_ = x.answer\n"}},
		engine: "sqlite", pkg: server, run: "TestLongUploadsAreAnswered|TestUnreadAnswersEnd",
	},
	{
		name:   "half of a sign-in outlives a new password",
		edits:  []edit{{"internal/account/sessions.go", "	return at >= ended, err\n", "	return at >= 0*ended, err\n"}},
		engine: "sqlite", pkg: server, run: "TestHalfMadeSignInsEnd|TestLinksAndCodesEndWithTheSignIns",
	},
	{
		name:   "an ended session sets a password",
		edits:  []edit{{"internal/account/sessions.go", "	if err == nil && (!found || s.Member != p.Member) {\n		err = endedSession()\n	}\n	return err\n}\n\nfunc endedSession", "	_, _ = s, found\n	return err\n}\n\nfunc endedSession"}},
		engine: "sqlite", pkg: server, run: "TestEndedSessionsChangeNothing",
	},
	{
		name:   "a proof is as old as its hash",
		edits:  []edit{{"internal/signin/signin.go", "	e := entry(at, ByPassword,", "	e := entry(svc.Clock(), ByPassword,"}, {"internal/signin/signin.go", "	at := svc.Clock()\n	people,", "	people,"}},
		engine: "sqlite", pkg: server, run: "TestProofsBeginBeforeTheyAreChecked",
	},
	{
		name:   "strangers take the owner's place",
		edits:  []edit{{"internal/signin/link.go", "all >= maxNetworks || all >= maxStrangers && own > 0", "all >= maxStrangers+0*own"}},
		engine: "sqlite", pkg: server, run: "TestMailLinkLimits",
	},
	{
		name:   "an issuer brings back who was removed",
		edits:  []edit{{"internal/signin/arrive.go", "	if removed {\n", "	if removed && i.Join == \"\" {\n"}},
		engine: "sqlite", pkg: server, run: "TestIssuerBringsNobodyBack",
	},
	{
		name:   "people without a subject are one",
		edits:  []edit{{"internal/signin/issuer.go", `	case said.Subject == "":`, `	case said.Subject == "nobody":`}},
		engine: "sqlite", pkg: server, run: "TestIssuerBringsNobodyBack",
	},
	{
		name:   "a special network is taken for the internet",
		edits:  []edit{{"internal/outbound/target.go", "	return control(Options{})(network, netip.AddrPortFrom(ip, 443).String(), nil) == nil\n", "	_ = network\n	return !ip.IsLoopback() && !ip.IsPrivate()\n"}},
		engine: "", pkg: "internal/outbound", run: "TestForbiddenTargets",
	},
	{
		name:   "who is suppressed keeps the people merged into them",
		edits:  []edit{{"internal/store/hidden.go", "		if err := t.tx().Merges().pause(p.Person); err != nil {\n			return err\n		}\n", ""}},
		engine: "sqlite", pkg: server, run: "TestMergedPeopleOutliveTheLeadTheyAreIn",
	},
	{
		name:   "a bounced address is known",
		edits:  []edit{{"internal/capture/fairuse.go", "	ref.Email = \"\"\n	return ref, len(ref.Keys()) > 0, nil", "	return ref, len(ref.Keys()) > 0, nil"}},
		engine: "sqlite", pkg: server, run: "TestUnsellableAddressesAreUnknown",
	},
	{
		name:   "an estimate that is not started waits for ever",
		edits:  []edit{{"internal/bulk/expire.go", "	return j.Status == Waiting && j.CreatedAt <= unstarted(s)\n", "	return j.Status == Waiting && j.CreatedAt <= 0*unstarted(s)\n"}},
		engine: "sqlite", pkg: server, run: "TestBulkEstimatesExpireAfterADay",
	},
	{
		name:   "a choice among several is not captured",
		edits:  []edit{{"internal/bulk/found.go", "	if row.Status == RowWaiting && row.Person != \"\" {", "	if row.Status == \"\" && row.Person != \"\" {"}},
		engine: "sqlite", pkg: server, run: "TestBulkUploadIsMappedEstimatedAndChosen",
	},
	{
		name:   "an address beside a name costs nothing more",
		edits:  []edit{{"internal/capture/appraise.go", "		if k.address {\n			p.address(ref, k, high)\n		}\n", ""}},
		engine: "sqlite", pkg: server, run: "TestBulkEstimatesCoverAddresses",
	},
	{
		name:   "invented people take lookups",
		edits:  []edit{{"internal/web/capturing/page_people_capture.go", "		if people[id] != nil {", "		if people != nil {"}},
		engine: "sqlite", pkg: server, run: "TestInventedPeopleCostNoLookups",
	},
}
