package web

import (
	"net/http"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// files are the forms that take a file, with how large one may be, in bytes.
var files = map[string]int64{"POST /bulk": maxBulk, "POST /operator/imports": directory.MaxFile}

// downloads are the answers that may be long.
var downloads = map[string]bool{
	"GET /leads.csv": true, "GET /leads/export": true, "POST /leads/chosen/do": true, "GET /usage.csv": true, "GET /entries.csv": true, "GET /audit.csv": true,
	"GET /bulk/{bulk}/results.csv": true, "GET /operator/imports/{import}/rejected.csv": true,
}

// routes is every page and every form, each with what its visitor must be allowed to
// do, as the permission table of package account knows it.
func (a *App) routes(mux *edge.Mux) {
	cross := http.NewCrossOriginProtection()
	add := func(pattern string, h func(v *visit) error) {
		route := edge.Route{Pattern: pattern, Refuse: a.refuse}
		if limit, takes := files[pattern]; takes {
			route.Body, route.File = limit, true
		}
		route.Download = downloads[pattern]
		mux.Handle(route, secure(cross.Handler(a.sessions.LoadAndSave(a.handle(h)))))
	}
	open := func(pattern string, h func(v *visit) error) { add(pattern, a.unhurried(read(h))) }
	member := func(verb account.Verb, pattern string, h func(v *visit) error) {
		add(pattern, a.signedIn(verb, read(h)))
	}
	operator := func(verb account.Verb, pattern string, h func(v *visit) error) {
		add(pattern, a.operators(verb, read(h)))
	}
	person := func(verb account.Verb, pattern string, h func(v *visit) error) {
		add(pattern, a.anybody(verb, read(h)))
	}

	open("GET /{$}", a.home)
	open("/", func(*visit) error { return fault.New(fault.NotFound, "There is no such page.") })
	open("GET /sign-in", a.signInPage)
	open("POST /sign-in", a.signIn)
	open("POST /sign-in/code/look", a.lookAtCode)
	open("POST /sign-in/code", a.signInByCode)
	add("POST /sign-out", read(a.signOut)) // nobody guesses here
	open("POST /sign-in/link", a.askLink)
	open("GET /sign-in/link/sent", a.linkSentPage)
	open("GET /sign-in/link", a.linkPage)
	open("POST /sign-in/link/use", a.useLink)
	open("POST /sign-in/link/code", a.useLinkCode)
	open("GET /sign-in/choose", a.choosePage)
	open("POST /sign-in/choose", a.choose)
	open("GET /sign-in/second", a.secondPage)
	open("POST /sign-in/second", a.second)
	open("GET /sign-in/set-up", a.setUpPage)
	open("POST /sign-in/set-up", a.setUp)
	open("POST /sign-in/passkey/ask", a.askPasskey)
	open("POST /sign-in/passkey", a.signInByPasskey)
	open("GET /sign-in/with/{issuer}", a.beginSSO)
	open("GET /sign-in/with/{issuer}/back", a.backFromSSO)
	open("GET /join", a.joinPage)
	open("POST /join", a.join)

	person(account.SeeOwn, "GET /settings/sign-in", a.securityPage)
	person(account.SignInOwn, "POST /settings/password", a.savePassword)
	person(account.SignInOwn, "POST /settings/sessions/{session}/end", a.endSession)
	person(account.SignInOwn, "POST /settings/sessions/end-others", a.endOtherSessions)
	person(account.SeeOwn, "GET /settings/sign-in/app", a.appPage)
	person(account.SignInOwn, "POST /settings/sign-in/app", a.confirmApp)
	person(account.SignInOwn, "POST /settings/sign-in/app/off", a.turnOffApp)
	person(account.SignInOwn, "POST /settings/sign-in/recovery", a.newRecovery)
	person(account.SignInOwn, "POST /settings/passkeys/ask", a.offerPasskey)
	person(account.SignInOwn, "POST /settings/passkeys", a.addPasskey)
	person(account.SignInOwn, "POST /settings/passkeys/{passkey}", a.renamePasskey)
	person(account.SignInOwn, "POST /settings/passkeys/{passkey}/remove", a.removePasskey)
	person(account.SignInOwn, "POST /settings/identities/end", a.endIdentity)
	member(account.ManageSetup, "POST /settings/sign-in/policy", a.saveSignInPolicy)
	member(account.SeeSetup, "GET /team/{member}/sign-in", a.memberSignInPage)
	member(account.ManageTeam, "POST /team/{member}/sessions/end", a.endMemberSessions)
	member(account.ManageTeam, "POST /team/{member}/reset", a.resetMember)
	member(account.ManageTeam, "POST /team/{member}/invite", a.inviteAgain)
	member(account.ManageTeam, "POST /team/{member}/withdraw", a.withdraw)

	member(account.SeeSheet, "GET /leads", a.leadsPage)
	member(account.SeeSheet, "GET /leads/{lead}", a.leadPage)
	member(account.EditSheet, "POST /leads/{lead}", a.changeLead)
	member(account.CaptureMany, "POST /leads/{lead}/unlock", a.unlock)
	member(account.SeeSheet, "GET /leads/{lead}/drawer", a.drawer)
	member(account.DeleteLeads, "POST /leads/{lead}/merge", a.merge)
	member(account.DeleteLeads, "POST /leads/{lead}/split", a.split)
	member(account.SeeSheet, "POST /leads/news", a.leadNews)
	member(account.ChangeOwn, "POST /leads/columns", a.saveColumns)
	member(account.EditSheet, "POST /leads/views", a.saveView)
	member(account.EditSheet, "POST /leads/views/{view}/delete", a.dropView)
	member(account.SeeSheet, "POST /leads/chosen", a.chosen)
	member(account.SeeSheet, "POST /leads/chosen/do", a.doChosen)
	member(account.ExportSheet, "GET /leads.csv", a.leadsCSV)
	member(account.ExportSheet, "GET /leads/export", a.exportLeads)
	member(account.SeeSheet, "GET /capture", a.capturePage)
	member(account.LookUp, "POST /capture", a.capture)
	member(account.SeeSheet, "GET /bulk", a.bulkPage)
	member(account.CaptureMany, "POST /bulk", a.beginBulk)
	member(account.SeeSheet, "GET /bulk/{bulk}", a.bulkJobPage)
	member(account.SeeSheet, "GET /bulk/{bulk}/progress", a.bulkProgress)
	member(account.CaptureMany, "POST /bulk/{bulk}/go", a.goBulk)
	member(account.CaptureMany, "POST /bulk/{bulk}/stop", a.stopBulk)
	member(account.ExportSheet, "GET /bulk/{bulk}/results.csv", a.bulkResults)
	member(account.SeeUsage, "GET /usage", a.usagePage)
	member(account.SeeUsage, "GET /usage/entries", a.entriesPage)
	member(account.ReportData, "POST /entries/{entry}/report", a.reportEntry)
	member(account.SeeUsage, "GET /usage.csv", a.usageCSV)
	member(account.SeeUsage, "GET /entries.csv", a.entriesCSV)
	member(account.SeeWorkspace, "GET /team", a.teamPage)
	member(account.SetLimits, "POST /team/allocations", a.saveTeam)
	member(account.ManageCredits, "POST /team/allocations/fill", a.fillTeam)
	member(account.ManageCredits, "POST /team/allocations/check", a.checkTeam)
	member(account.ManageTeam, "POST /groups", a.saveGroup)
	member(account.ManageTeam, "POST /groups/{group}", a.saveGroup)
	member(account.ManageTeam, "POST /groups/{group}/drop", a.dropGroup)
	member(account.ManageCredits, "POST /requests/{request}", a.decideRequest)
	member(account.SeeWorkspace, "GET /ask", a.askPage)
	member(account.SeeSetup, "GET /plan", a.planPage)
	member(account.SeeSetup, "GET /audit", a.auditPage)
	member(account.SeeSetup, "GET /audit.csv", a.auditCSV)
	member(account.AskCredits, "POST /ask", a.ask)
	member(account.ManageTeam, "POST /team", a.addMember)
	member(account.ManageTeam, "POST /team/{member}/remove", a.removeMember)
	member(account.ManageTeam, "POST /team/{member}/sign-in-link", a.signInLink)
	member(account.SeeWorkspace, "GET /settings", a.settingsPage)
	member(account.ManageSetup, "POST /settings/auto-unlock", a.savePolicy)
	member(account.ManageSetup, "POST /settings/usage", a.saveVisibility)
	member(account.ChangeOwn, "POST /settings/my-auto-unlock", a.saveOwn)
	member(account.ChangeOwn, "POST /settings/theme", a.saveTheme)
	member(account.ManageKeys, "POST /settings/keys", a.createKey)
	member(account.ManageKeys, "POST /settings/keys/{key}/revoke", a.revokeKey)
	member(account.EndConnection, "POST /settings/extensions/{connection}/end", a.endConnection)
	member(account.SeeSetup, "GET /settings/webhooks", a.webhooksPage)
	member(account.ManageSetup, "POST /settings/webhooks", a.addWebhook)
	member(account.SeeSetup, "GET /settings/webhooks/{webhook}", a.webhookPage)
	member(account.ManageSetup, "POST /settings/webhooks/{webhook}", a.changeWebhook)
	member(account.ManageSetup, "POST /settings/webhooks/{webhook}/pause", a.pauseWebhook)
	member(account.ManageSetup, "POST /settings/webhooks/{webhook}/test", a.testWebhook)
	member(account.ManageSetup, "POST /settings/webhooks/{webhook}/rotate", a.rotateWebhook)
	member(account.ManageSetup, "POST /settings/webhooks/{webhook}/delete", a.deleteWebhook)
	member(account.ManageSetup, "POST /settings/webhooks/{webhook}/deliveries/{delivery}", a.redeliver)
	member(account.SeeSetup, "GET /settings/push", a.pushPage)
	member(account.ManageSetup, "POST /settings/push", a.beginPush)
	member(account.ManageSetup, "POST /settings/push/{kind}", a.connectPush)
	member(account.ManageSetup, "POST /settings/push/{kind}/end", a.endPushConnection)
	member(account.SeeSetup, "GET /settings/alerts", a.alertsPage)
	member(account.ManageSetup, "POST /settings/alerts", a.saveAlerts)
	member(account.ManageSetup, "POST /settings/alerts/usage-mail", a.saveUsageMail)
	member(account.SeeOwn, "GET /connect/extension", a.connectPage)
	member(account.Approve, "POST /connect/extension", a.connect)
	member(account.SeeWorkspace, "GET /help", a.helpPage)

	operator(account.SeeServer, "GET /operator", a.operatorPage)
	operator(account.SeeServer, "GET /operator/imports", a.importsFragment)
	operator(account.Operate, "POST /operator/imports", a.importFile)
	operator(account.SeeServer, "GET /operator/imports/{import}", a.importPage)
	operator(account.Operate, "POST /operator/imports/{import}", a.startImport)
	operator(account.SeeServer, "GET /operator/imports/{import}/rejected.csv", a.rejectedCSV)
	operator(account.ManagePlan, "POST /operator/workspaces", a.createWorkspace)
	operator(account.SeeServer, "GET /operator/workspaces/{ws}", a.operatorWorkspace)
	operator(account.SeeServer, "GET /operator/reviews", a.reviewsPage)
	operator(account.Operate, "POST /operator/reviews/{ws}/{entry}", a.decideReview)
	operator(account.SeeServer, "GET /operator/server", a.serverPage)
	operator(account.SeeServer, "GET /operator/books", a.booksPage)
	operator(account.SeeServer, "POST /operator/books", a.compareBooks)
	operator(account.Operate, "POST /operator/suppressions", a.suppress)
	operator(account.Operate, "POST /operator/workspaces/{ws}/watch", a.watch)
	operator(account.Operate, "POST /operator/watch/end", a.endWatch)
	operator(account.ManagePlan, "POST /operator/workspaces/{ws}/plan", a.changePlan)
	operator(account.ManagePlan, "POST /operator/workspaces/{ws}/grants", a.giveGrant)
	operator(account.ManagePlan, "POST /operator/workspaces/{ws}/grants/{grant}/end", a.endGrant)
	operator(account.ManagePlan, "POST /operator/workspaces/{ws}/cancel", a.cancel)
	operator(account.ManagePlan, "POST /operator/workspaces/{ws}/reactivate", a.reactivate)
}
