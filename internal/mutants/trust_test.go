package mutants_test

const (
	server = "internal/server"
	pages  = "internal/web/frame"
)

// trust are the holes of the first release, dug again one by one: who may take what of
// the server, who may do what, and what a free answer gives away.
var trust = append(append(append(resources, credentials...), honesty...), late...)

var resources = []mutant{
	{
		name:   "a body has no end",
		edits:  []edit{{"internal/edge/body.go", "limit: limit, left: limit, answer", "limit: limit, left: 1 << 40, answer"}},
		engine: "sqlite", pkg: server, run: "TestEndlessBodies",
	},
	{
		name:   "every form may bring files",
		edits:  []edit{{"internal/edge/edge.go", "strings.EqualFold(kind[:len(form)], form) && !route.File {", "strings.EqualFold(kind[:len(form)], form) && route.Body < 0 {"}},
		engine: "sqlite", pkg: server, run: "TestEveryBodyIsBounded",
	},
	{
		name: "an answer waits for ever for its reader",
		edits: []edit{
			{"internal/edge/download.go", "d.control.SetWriteDeadline(d.moved.Add(d.idle))", "d.control.SetWriteDeadline(time.Time{})"},
			{"internal/edge/body.go", "	_ = x.control().SetWriteDeadline(time.Now().Add(x.answer)) // only a test's recorder has none\n", "	_ = x.answer\n"},
		},
		engine: "sqlite", pkg: server, run: "TestStalledClientsAreCutOff",
	},
	{
		name:   "exports are without number",
		edits:  []edit{{"internal/export/download.go", "const atOnce = 4\n", "const atOnce = 4000\n"}},
		engine: "sqlite", pkg: server, run: "TestStalledDownloadsHoldNothing",
	},
	{
		name:   "a body may take as long as it likes",
		edits:  []edit{{"internal/edge/edge.go", "ReadTimeout: m.timeouts.Body, WriteTimeout", "WriteTimeout"}},
		engine: "sqlite", pkg: server, run: "TestEveryBodyHasADeadline",
	},
	{
		name:   "a refusal waits for the rest of the body",
		edits:  []edit{{"internal/edge/body.go", "		x.Header().Set(\"Connection\", \"close\")\n", "		_ = x.over\n"}},
		engine: "sqlite", pkg: server, run: "TestTooLargeIsSaidAtOnce",
	},
	{
		name:   "a body is read before it is known who sends it",
		edits:  []edit{{"internal/api/routes.go", "		known, at := m.a.Store.Admissions(), time.Now()\n", "		known, at := m.a.Store.Admissions(), time.Now()\n		if r.ContentLength > 0 {\n			_, _ = r.Body.Read(make([]byte, 1))\n		}\n"}},
		engine: "sqlite", pkg: server, run: "TestRefusalsWaitForNoBody",
	},
	{
		name:   "a download outlives its key",
		edits:  []edit{{"internal/export/download.go", "if time.Since(c.at) >= checkEvery {", "if c.still == nil {"}},
		engine: "sqlite", pkg: server, run: "TestDownloadsEndWithTheirReader",
	},
	{
		name:   "a visitor who proved nothing gets a session",
		edits:  []edit{{"internal/web/frame/before.go", `if v.App.Sessions.Exists(v.Context(), "who") {`, `if v.Context() != nil {`}},
		engine: "sqlite", pkg: server, run: "TestNothingIsWrittenBeforeAProof",
	},
	{
		name:   "the rest of a refused body is not read",
		edits:  []edit{{"internal/edge/body.go", "!x.ended && !x.expects && x.control().Flush() == nil {", "x.limit < 0 {"}},
		engine: "sqlite", pkg: server, run: "TestEveryRefusalArrives",
	},
	{
		name:   "metrics are served beside everything else",
		edits:  []edit{{"internal/server/server.go", `	open("GET /readyz", s.ready)` + "\n", `	open("GET /readyz", s.ready)` + "\n" + `	open("GET /metrics", s.metrics().ServeHTTP)` + "\n"}},
		engine: "sqlite", pkg: server, run: "TestMetricsAreApart",
	},
	{
		name:   "half a job is a job",
		edits:  []edit{{"internal/bulk/begin.go", "j.Status, j.LeaseUntil = store.BulkPreparing, until()", "j.LeaseUntil = until()"}},
		engine: "sqlite", pkg: server, run: "TestHalfMadeJobsAreDropped|TestBeginningABulkCaptureIsAllOrNothing",
	},
	{
		name:   "a batch is taken where there is no room for it",
		edits:  []edit{{"credits/queue.go", "if r.lines > 0 && r.lines+len(calls) > limit {", "if false {"}, {"credits/queue.go", "has > 0 && has+lines > maxOwn", "has+lines < 0"}},
		engine: "sqlite", pkg: credits, run: "TestBatchesAreTakenAsOne",
	},
	{
		name:   "one workspace's streams fill the queue",
		edits:  []edit{{"credits/queue.go", "has > 0 && has+lines > maxOwn", "has+lines < 0"}},
		engine: "sqlite", pkg: credits, run: "TestGroupsLeaveRoom",
	},
	{
		name:   "room that became free is told to nobody",
		edits:  []edit{{"credits/queue.go", "		close(r.freed)\n", ""}},
		engine: "sqlite", pkg: credits, run: "TestGroupsLeaveRoom",
	},
}

var credentials = []mutant{
	{
		name:   "a key keeps the rights that its maker had",
		edits:  []edit{{"internal/account/authority.go", "	p.Role = m.Role\n	switch {", "	p.Role = Admin\n	switch {"}},
		engine: "sqlite", pkg: server, run: "TestKeysNeverOutrankTheirMaker|TestEveryRoutePermits",
	},
	{
		name:   "a member's key acts as a manager",
		edits:  []edit{{"internal/account/authority.go", "Lesser(m.Role, Manager), k.Member", "Manager, k.Member"}},
		engine: "sqlite", pkg: server, run: "TestKeysNeverOutrankTheirMaker|TestAMembersKeyIsTheirs|TestEveryRoutePermits",
	},
	{
		name:   "a link outlives the right of its maker",
		edits:  []edit{{"internal/account/authority.go", "return err == nil && p.Can(ManageTeam), err", "return err == nil || p.Can(ManageTeam), err"}},
		engine: "sqlite", pkg: server, run: "TestLinksEndWithTheirMaker",
	},
	{
		name:   "a push outlives the right of its maker",
		edits:  []edit{{"internal/account/authority.go", "		err = p.May(v)\n", "		_ = p.May(v)\n"}},
		engine: "sqlite", pkg: server, run: "TestPushesEndWithTheirMaker",
	},
	{
		name:   "service keys end with their owner",
		edits:  []edit{{"internal/account/authority.go", "tx.APIKeys().PassService(s.Workspace.ID, from, to)", "int64(0), error(nil)"}},
		engine: "sqlite", pkg: server, run: "TestServiceKeysPassOn",
	},
	{
		name:   "an extension may delete leads",
		edits:  []edit{{"internal/account/permit.go", "DeleteLeads:    {least: Regular, writes: true},", "DeleteLeads:   {least: Regular, writes: true, extension: true},"}},
		engine: "sqlite", pkg: server, run: "TestEveryRoutePermits",
	},
	{
		name:   "a key that may only read sets limits",
		edits:  []edit{{"internal/account/permit.go", "SetLimits:      {least: Manager, writes: true},", "SetLimits:     {least: Manager},"}},
		engine: "sqlite", pkg: server, run: "TestEveryRoutePermits",
	},
	{
		name:   "anybody lets anybody's lead disappear",
		edits:  []edit{{"internal/account/whose.go", `member != "" && member == s.Member)`, `member != "")`}},
		engine: "sqlite", pkg: server, run: "TestWhoMayLetALeadDisappear",
	},
	{
		name:   "an issuer vouches for anyone",
		edits:  []edit{{"internal/signin/issuer.go", "return i.servesWorkspace(m.Workspace) && (len(i.Domains) == 0 || slices.Contains(i.Domains, domainOf(m.Email)))", "return i.servesWorkspace(m.Workspace)"}},
		engine: "sqlite", pkg: server, run: "TestIssuerServesWhatItNames",
	},
	{
		name:   "guessing from many addresses is not counted",
		edits:  []edit{{"internal/throttle/throttle.go", "return a.Pair(from, account) && a.accounts.allow(account)", "return a.Pair(from, account)"}},
		engine: "sqlite", pkg: server, run: "TestGuessingFromManyAddresses",
	},
	{
		name:   "a browser is sent to where somebody else wrote",
		edits:  []edit{{"internal/web/frame/redirect.go", `u.Scheme != "" || u.Host != "" || u.User`, `u.User`}},
		engine: "sqlite", pkg: pages, run: "TestLocalTargets",
	},
	{
		name:   "an expected password is taken",
		edits:  []edit{{"internal/account/passwords.go", "if commonPasswords()[form] || len(form) < 4 {", "if len(form) < 4 {"}},
		engine: "sqlite", pkg: server, run: "TestCommonPasswordsAreRefusedOnPages",
	},
	{
		name:   "every connection shows one code",
		edits:  []edit{{"internal/account/extension.go", `ident.Hash("compare " + c.ID + " " + string(c.Challenge))`, `ident.Hash("compare")`}},
		engine: "sqlite", pkg: server, run: "TestExtensionShowsACode",
	},
	{
		name:   "answers are kept by caches",
		edits:  []edit{{"internal/edge/edge.go", `[]string{"no-store"}, []string`, `[]string{"max-age=60"}, []string`}},
		engine: "sqlite", pkg: server, run: "TestAnswersAreKeptByNobody",
	},
	{
		name:   "a server behind https does not say so",
		edits:  []edit{{"internal/server/observe.go", `strings.HasPrefix(s.Config.PublicURL, "https://")`, `strings.HasPrefix(s.Config.PublicURL, "ftp://")`}},
		engine: "sqlite", pkg: server, run: "TestHSTS",
	},
}

var honesty = []mutant{
	{
		name:   "the second half of a change is its own transaction",
		edits:  []edit{{"internal/store/sqlite.go", "		if err := with(q, w); err != nil {\n			return err\n		}\n		return writeRows(q, w)\n", "		if err := writeRows(q, w); err != nil {\n			return err\n		}\n		_ = with(q, w)\n		return nil\n"}},
		engine: "sqlite", pkg: server, run: "TestNoChangeByHalvesWhenAWriteIsRefused",
	},
	{
		name:   "a client takes the product's key",
		edits:  []edit{{"credits/command.go", "	if r.Own {\n", "	if r.Own && r.Key == \"\" {\n"}},
		engine: "sqlite", pkg: server, run: "TestClientsKeysAreApartFromTheProductsOwn",
	},
	{
		name:   "reports of bad data are without number",
		edits:  []edit{{"credits/report.go", "case !s.book.Reports.allows(*count, total.Reports, total.Charges+s.charged(period)):", "case !s.book.Reports.allows(0, 0, total.Charges+s.charged(period)):"}},
		engine: "sqlite", pkg: server, run: "TestBadDataCannotBeFarmed",
	},
	{
		name:   "what one payment bought ends by halves",
		edits:  []edit{{"credits/report.go", "known.Outcome == string(AlreadyOwned) && s.book.together(paid.Field, known.Field) {", "known.Outcome == string(Charged) && s.book.together(paid.Field, known.Field) {"}},
		engine: "sqlite", pkg: server, run: "TestBadDataEndsWhatAPaymentBought",
	},
	{
		name:   "free deliveries are without number",
		edits:  []edit{{"credits/fairuse.go", "	return max(0, n)\n", "	return max(1, n)\n"}},
		engine: "sqlite", pkg: server, run: "TestFreeDeliveriesAreMetered|TestLookupsAreMetered",
	},
	{
		name:   "a free answer confirms an address",
		edits:  []edit{{"internal/capture/fairuse.go", "	ref.Email = \"\"\n	return ref, len(ref.Keys()) > 0, nil", "	return ref, len(ref.Keys()) > 0, nil"}},
		engine: "sqlite", pkg: server, run: "TestNoFreeAnswerConfirmsAnAddress",
	},
	{
		name:   "suppressed people are shown",
		edits:  []edit{{"internal/store/hidden.go", "return `(NOT EXISTS (SELECT 1 FROM hidden_people) OR", "return `(1 = 1 OR"}},
		engine: "sqlite", pkg: server, run: "TestSuppressedIsGone",
	},
	{
		name:   "a cursor is good in every list",
		edits:  []edit{{"internal/api/lists.go", "a.Cursors.Open(askingOf(ctx).place(), p.Cursor)", "a.Cursors.Open(\"\", p.Cursor)"}, {"internal/api/lists.go", "a.Cursors.Seal(askingOf(ctx).place(), seal", "a.Cursors.Seal(\"\", seal"}},
		engine: "sqlite", pkg: server, run: "TestCursorsAreSealed",
	},
	{
		name:   "a cancelled plan refills",
		edits:  []edit{{"credits/refill.go", "!next.Cancelled && (g.Unlimited", "(g.Unlimited"}},
		engine: "sqlite", pkg: server, run: "TestOneAnswerToWhenItRefills",
	},
	{
		name:   "members see the team's usage",
		edits:  []edit{{"internal/account/account.go", "	if s.Role != Manager {\n		return store.Only(s.Member), nil", "	if s.Role != Manager {\n		return store.Everybody(), nil"}},
		engine: "sqlite", pkg: server, run: "TestWhoSeesTheTeamsUsage",
	},
	{
		name:   "a member of a body that is said twice counts once",
		edits:  []edit{{"internal/api/strict.go", "jsontext.NewDecoder(bytes.NewReader(data))", "jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true))"}},
		engine: "sqlite", pkg: server, run: "TestEveryOperationIsStrict",
	},
	{
		name:   "a member of a body in capitals is passed over",
		edits:  []edit{{"internal/api/api.go", "huma.ValidateStrictCasing = true", "huma.ValidateStrictCasing = false"}},
		engine: "sqlite", pkg: server, run: "TestEveryOperationIsStrict",
	},
	{
		name:   "a last page says that there is another",
		edits:  []edit{{"internal/api/lists.go", "	if len(rows) > p.Limit {\n		rows = rows[:p.Limit]", "	if len(rows) >= p.Limit {\n		rows = rows[:p.Limit]"}},
		engine: "sqlite", pkg: server, run: "TestLastPagesSayTheyAreLast",
	},
	{
		name:   "a replay does not say so",
		edits:  []edit{{"internal/api/api.go", `a.head.Set("Idempotent-Replayed", "true")`, `_ = a.head`}},
		engine: "sqlite", pkg: server, run: "TestReplaysSaySo",
	},
	{
		name:   "entries do not say of which capture they are",
		edits:  []edit{{"internal/store/ledger_common.go", "&e.Hold, &e.Grant, &e.Note, &e.Capture)", "&e.Hold, &e.Grant, &e.Note, \"\")"}},
		engine: "sqlite", pkg: server, run: "TestEntriesNameTheirCapture",
	},
}
