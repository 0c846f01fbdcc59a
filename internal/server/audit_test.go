package server_test

import (
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/store"
)

// unaudited are the operations that change something and leave no row in a
// workspace's audit log, each with the reason.
var unaudited = map[string]string{
	"add-amounts": "adds amounts up, and changes nothing", "POST /people/total": "adds prices up, and changes nothing",
	"lookup":  "looks whether fields exist, and changes nothing",
	"capture": spends, "unlock-lead": spends, "create-charge": spends, "create-charges": spends, "stream-charges": spends, "create-hold": spends, "settle-hold": spends, "release-hold": spends, "extend-hold": spends,
	"create-bulk-capture": spends, "resume-bulk-capture": spends, "cancel-bulk-capture": spends,
	"change-lead":        "notes, tags and lists are the sheet's own",
	"create-suppression": ownServer, "erase-person": ownServer, "create-import": ownServer, "preview-import": "reads a file and changes nothing", "create-test-clock": ownServer, "advance-test-clock": ownServer,
	"begin-extension": nobody, "connect-extension": "was noted when it was approved", "renew-extension": "renews what was noted when it was approved",
	"test-webhook": "sends a test and changes nothing", "redeliver": "sends again and changes nothing",
	"POST /settings/webhooks/{webhook}/test": "sends a test and changes nothing", "POST /settings/webhooks/{webhook}/deliveries/{delivery}": "sends again and changes nothing",
	"POST /capture": spends, "POST /people/capture": spends, "POST /people/chosen": spends, "POST /people/searches": ownView, "POST /people/searches/{view}/delete": ownView, "POST /bulk": spends, "POST /bulk/{bulk}/columns": spends, "POST /bulk/{bulk}/choices": spends, "POST /bulk/{bulk}/go": spends, "POST /bulk/{bulk}/stop": spends, "POST /leads/unlocking/{bulk}/stop": spends, "POST /leads/{lead}/unlock": spends,
	"POST /leads/{lead}": "notes, tags and lists are the sheet's own", "POST /leads/columns": ownView, "POST /leads/news": ownView, "POST /leads/views": ownView,
	"POST /leads/views/{view}/delete": ownView, "POST /leads/chosen": "shows what an action would cost, and changes nothing", "POST /leads/chosen/price": "shows what unlocking would cost, and changes nothing",
	"POST /team/allocations/fill": "fills the form in and saves nothing", "POST /team/allocations/check": "runs the past again and saves nothing",
	"POST /sign-in/link": nobody, "POST /sign-in/code/look": nobody, "POST /sign-in/link/use": nobody, "POST /sign-in/link/code": nobody, "POST /sign-in/choose": nobody, "POST /sign-in/passkey/ask": nobody,
	"POST /settings/passkeys/ask": "asks for a passkey and keeps none",
	"POST /settings/theme":        ownView,
	"POST /operator/imports":      ownServer, "POST /operator/suppressions": ownServer, "POST /operator/books": "compares price books and writes nothing", "POST /operator/imports/{import}": ownServer,
	"POST /operator/set-up/people": ownServer, "POST /operator/set-up/organization": ownServer, "POST /operator/set-up/mail": sendsMail,
	"POST /operator/sources": ownServer, "POST /operator/sources/{source}": ownServer, "POST /operator/sources/{source}/pause": ownServer, "POST /operator/sources/{source}/remove": ownServer,
	"POST /operator/sources/{source}/test": "asks a source and changes nothing",
	"POST /operator/mail":                  ownServer, "POST /operator/mail/remove": ownServer, "POST /operator/mail/test": sendsMail,
}

const (
	spends    = "spends, which the ledger tells"
	ownServer = "is about the server's own directory, settings or clocks, and no workspace"
	sendsMail = "sends a mail and writes nothing"
	nobody    = "nobody is known yet"
	ownView   = "changes what the visitor sees, for themselves alone"
)

// auditedIn are the operations whose rows another test holds, as they need much else.
// Of the pages named here, the form calls what the operation of the API calls.
var auditedIn = map[string]string{
	"undo-deed": "undo_test.go", "POST /deeds/{deed}/undo": "undo-deed",
	"decide-report": "bad_data_test.go", "put-push-connection": "push_test.go", "delete-push-connection": "push_test.go", "push-leads": "push_test.go",
	"POST /settings/push": "push-leads", "POST /settings/push/{kind}": "put-push-connection", "POST /settings/push/{kind}/end": "delete-push-connection",
	"POST /settings/webhooks": "create-webhook", "POST /settings/webhooks/{webhook}": "change-webhook", "POST /settings/webhooks/{webhook}/pause": "change-webhook",
	"POST /settings/webhooks/{webhook}/rotate": "rotate-webhook-secret", "POST /settings/webhooks/{webhook}/delete": "delete-webhook",
	"POST /sign-in/second": "second_factor_test.go", "POST /sign-in/set-up": "second_factor_test.go", "POST /settings/sign-in/app": "second_factor_test.go", "POST /settings/sign-in/app/off": "second_factor_test.go",
	"POST /settings/sign-in/recovery": "second_factor_test.go", "POST /team/{member}/reset": "second_factor_test.go", "POST /settings/sign-in/policy": "second_factor_test.go",
	"POST /sign-in/passkey": "passkey_test.go", "POST /settings/passkeys": "passkey_test.go", "POST /settings/passkeys/{passkey}": "passkey_test.go", "POST /settings/passkeys/{passkey}/remove": "passkey_test.go",
	"POST /settings/identities/end": "issuer_test.go", "POST /join": "signin_test.go",
	"POST /settings/alerts": "set-alerts", "POST /settings/alerts/usage-mail": "set-usage-mail",
}

// audits counts the rows of a workspace's audit log, of an action or of any.
func (w *world) audits(ws, action string) (n int) {
	w.Helper()
	err := w.server.Store.View(ctx, func(tx *store.Tx) error {
		rows, err := tx.AuditLog().List(store.AuditFilter{Workspace: ws, Limit: 1000})
		for _, a := range rows {
			if action == "" || a.Action == action {
				n++
			}
			for _, secret := range []string{"lm_", "@", "+1"} {
				if strings.Contains(a.Detail+a.Subject, secret) {
					w.Errorf("%s holds %q", a.Action, a.Detail+a.Subject)
				}
			}
		}
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// Every operation that changes a workspace leaves a row, by the API and by the
// pages alike; what does not stands in a list with its reason.
func TestEveryChangeIsAudited(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", people)
		k := &walk{world: w, heard: map[string]bool{}}
		k.overTheAPI()
		k.onPages()
		known := map[string]bool{}
		for _, methods := range w.get(w.operator, "/openapi.json")["paths"].(is) {
			for method, op := range methods.(is) {
				if id, ok := op.(is)["operationId"].(string); ok && method != "get" {
					known[id] = true
				}
			}
		}
		for _, route := range pageRoutes(w) {
			known[route] = true
		}
		if len(known) < 70 {
			t.Errorf("only %d operations were found", len(known))
		}
		for operation := range known {
			if !k.heard[operation] && unaudited[operation] == "" && auditedIn[operation] == "" {
				t.Errorf("%s is neither seen to leave a row in the audit log nor on the list of those that need none", operation)
			}
		}
		for operation := range unaudited {
			if !known[operation] || k.heard[operation] {
				t.Errorf("%s is on the list for nothing", operation)
			}
		}
	})
}

// The log is an admin's and the operator's, of their own workspace.
func TestAuditLogIsTheAdmins(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 2, nil)
		m, _ := w.member(ws, "Ada")
		for role, may := range map[string]bool{account.Regular: false, account.Manager: false, account.Admin: true} {
			s, err := w.server.Accounts.Enter(ctx, account.Principal{Role: role, Workspace: ws, Member: m}, ws)
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			err = w.server.Accounts.AuditLog(ctx, s, store.AuditFilter{Limit: 10}, func(store.Audit) error { rows++; return nil })
			if (err == nil) != may || may && rows == 0 {
				t.Errorf("%s: %d rows, %v", role, rows, err)
			}
		}
		other := w.workspace("pro", 1, nil)
		if _, err := w.server.Accounts.Enter(ctx, account.Principal{Role: account.Admin, Workspace: ws, Member: m}, other); err == nil {
			t.Error("another workspace's log is open")
		}
	})
}
