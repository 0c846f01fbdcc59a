package api

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// verbs names what each operation does, by its id, as the permission table of package
// account knows it. An operation that is not here cannot be registered. Those of
// openOperations need no key.
var verbs = map[string]account.Verb{
	"create-workspace": account.ManagePlan, "list-workspaces": account.SeeServer, "get-workspace": account.SeeWorkspace, "change-workspace": account.ManagePlan,
	"cancel-workspace": account.ManagePlan, "reactivate-workspace": account.ManagePlan,
	"create-grant": account.ManagePlan, "list-grants": account.SeeWorkspace, "end-grant": account.ManagePlan,
	"ask-for-addon": account.AskAddOns, "list-addon-requests": account.SeeSetup, "withdraw-addon-request": account.AskAddOns,
	"list-all-addon-requests": account.SeeServer, "decide-addon-request": account.ManagePlan,
	"create-test-clock": account.Operate, "advance-test-clock": account.Operate, "list-providers": account.SeeServer,
	"create-import": account.Operate, "preview-import": account.Operate, "get-import": account.SeeServer, "export-rejected-rows": account.SeeServer,
	"create-suppression": account.Operate, "erase-person": account.Operate,

	"create-member": account.ManageTeam, "list-members": account.SeeWorkspace, "get-member": account.SeeWorkspace, "change-member": account.ManageTeam, "remove-member": account.ManageTeam,
	"set-allocations": account.SetLimits, "get-allocations": account.SeeUsage,
	"get-settings": account.SeeWorkspace, "set-settings": account.ManageSetup, "get-member-settings": account.SeeOwn, "set-member-settings": account.ChangeOwn,
	"create-key": account.ManageKeys, "list-keys": account.SeeSetup, "revoke-key": account.ManageKeys,
	"get-alerts": account.SeeAlerts, "set-alerts": account.ManageAlerts, "set-usage-mail": account.ManageAlerts,
	"create-webhook": account.ManageWebhooks, "list-webhooks": account.SeeWebhooks, "get-webhook": account.SeeWebhooks, "change-webhook": account.ManageWebhooks, "delete-webhook": account.ManageWebhooks,
	"rotate-webhook-secret": account.ManageWebhooks, "test-webhook": account.ManageWebhooks, "list-deliveries": account.SeeWebhooks, "redeliver": account.ManageWebhooks,
	"list-push-connections": account.SeePushes, "put-push-connection": account.ManagePushes, "delete-push-connection": account.ManagePushes,
	"push-leads": account.ManagePushes, "list-pushes": account.SeePushes, "get-push": account.SeePushes, "list-push-rows": account.SeePushes,

	"get-balance": account.SeePrices, "get-fair-use": account.SeeUsage, "get-usage": account.SeeUsage, "usage-csv": account.SeeUsage, "list-entries": account.SeeUsage, "entries-csv": account.SeeUsage,
	"ask-for-more": account.AskCredits, "list-credit-requests": account.SeeUsage, "decide-credit-request": account.ManageCredits,
	"report-bad-data": account.ReportData, "list-reports": account.SeeUsage, "decide-report": account.Operate,

	"create-charge": account.Charge, "create-charges": account.Charge, "stream-charges": account.Charge, "create-hold": account.Charge, "get-hold": account.SeeUsage,
	"settle-hold": account.Charge, "release-hold": account.Charge, "extend-hold": account.Charge,

	"lookup": account.LookUp, "search-people": account.LookUp, "capture": account.CaptureLeads, "unlock-lead": account.CaptureMany, "get-prices": account.SeePrices, "add-amounts": account.SeePrices, "list-lists": account.SeePrices,
	"list-leads": account.SeeSheet, "get-lead": account.SeeSheet, "change-lead": account.EditSheet, "delete-lead": account.DeleteLeads, "merge-leads": account.DeleteLeads,
	"leads-csv": account.ExportSheet, "leads-xlsx": account.ExportSheet, "leads-vcf": account.ExportSheet,
	"create-bulk-capture": account.CaptureMany, "list-bulk-captures": account.SeeSheet, "get-bulk-capture": account.SeeSheet, "resume-bulk-capture": account.CaptureMany,
	"cancel-bulk-capture": account.CaptureMany, "get-bulk-capture-results": account.ExportSheet,

	"list-deeds": account.SeeWorkspace, "undo-deed": account.Undo,

	"end-extension": account.EndConnection,
}

// openOperations need no key: each proves who asks in another way.
var openOperations = map[string]bool{"begin-extension": true, "connect-extension": true, "renew-extension": true}

// maxOpen bounds the body of an operation that needs no key, in bytes.
const maxOpen = 16 << 10

// operation is what stands before an operation's handler.
type operation struct {
	id    string
	verb  account.Verb
	open  bool
	body  int64 // bytes; 0: as usual
	file  bool
	long  bool            // the answer may be long
	both  bool            // the body and the answer go on together
	query map[string]bool // the parameters there are
}

// fastPath handles a request itself, or says that the common path must.
type fastPath func(w http.ResponseWriter, r *http.Request, ctx context.Context) (done bool)

// routes registers operations: nothing of the API runs before authorized admits it.
type routes struct {
	a    *API
	mux  *edge.Mux
	ops  map[string]*operation // by pattern
	fast map[string]fastPath   // by pattern
}

// declare says what stands before an operation, ahead of its registration.
func (m *routes) declare(o huma.Operation, more operation) {
	more.id, more.verb, more.open = o.OperationID, verbs[o.OperationID], openOperations[o.OperationID]
	if !more.open && !more.verb.Known() {
		panic(fmt.Sprintf("api: operation %s has no verb", more.id))
	}
	m.ops[o.Method+" "+o.Path] = &more
}

// document adds the parameters that the finished document has for each operation.
func (m *routes) document(d *huma.OpenAPI) {
	for path, item := range d.Paths {
		for method, o := range operationsOf(item) {
			known := m.ops[method+" "+path]
			if known == nil {
				panic("api: " + method + " " + path + " was not declared")
			}
			known.query = map[string]bool{}
			for _, p := range o.Parameters {
				if p.In == "query" {
					known.query[p.Name] = true
				}
			}
		}
	}
}

// upload registers an operation whose body is a file, which huma would hold in memory.
func upload(a *API, h huma.API, limit int64, handler http.HandlerFunc, op huma.Operation) {
	a.routes.declare(op, operation{body: limit, file: true})
	a.routes.HandleFunc(op.Method+" "+op.Path, handler)
	h.OpenAPI().AddOperation(&op)
}

// HandleFunc registers a handler that runs once its request is authorized.
func (m *routes) HandleFunc(pattern string, h func(http.ResponseWriter, *http.Request)) {
	o := m.ops[pattern]
	if o == nil { // the document itself, and what is unknown
		o = &operation{open: true}
	}
	m.mux.Handle(edge.Route{Pattern: pattern, Body: o.body, File: o.file, Download: o.long, Stream: o.both, Refuse: refuse}, m.authorized(o, m.fast[pattern], h))
}

// ServeHTTP is for huma, which wants it.
func (m *routes) ServeHTTP(w http.ResponseWriter, r *http.Request) { m.mux.ServeHTTP(w, r) }

// authorized admits a request with a good key to what its holder may do, before a byte of
// the body is read, and refuses addresses that are not as they should be.
func (m *routes) authorized(o *operation, fast fastPath, h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var p account.Principal
		known, at := m.a.Store.Admissions(), time.Now()
		if !o.open {
			var err error
			if p, err = m.a.admit(r, o); err != nil {
				WriteProblem(w, err)
				return
			}
		}
		if o.id != "" {
			if err := strictAddress(r, o.query); err != nil {
				WriteProblem(w, err)
				return
			}
		}
		ctx := &askingContext{
			Context: r.Context(), asking: asking{p, o.id, r.URL, w.Header()},
			ReadCloser: r.Body, api: m.a, request: r, operation: o, known: known, at: at,
		}
		r.Body = ctx
		if fast != nil && fast(w, r, ctx) {
			return
		}
		h(w, r.WithContext(ctx))
	}
}

// admit says who asks, and refuses who may not. Another workspace is as little there
// as one that does not exist.
func (a *API) admit(r *http.Request, o *operation) (account.Principal, error) {
	p, err := a.authenticateHeader(r.Context(), r.Header.Get("Authorization"))
	if err != nil {
		return p, err
	}
	return p, a.may(p, r, o)
}

// may refuses who may not do the operation on what the path names.
func (a *API) may(p account.Principal, r *http.Request, o *operation) error {
	if ws := r.PathValue("ws"); ws != "" && !p.IsOperator() && p.Workspace != ws {
		return account.NoWorkspace()
	}
	return p.May(o.verb)
}

// authenticateHeader says whose key a header has, and holds the key to its rate.
func (a *API) authenticateHeader(ctx context.Context, header string) (p account.Principal, err error) {
	secret, ok := bearer(header)
	if !ok {
		return p, fault.New(fault.Unauthenticated, "Send a key as Authorization: Bearer KEY.")
	}
	p, err = a.Accounts.Authenticate(ctx, secret)
	if err == nil && !p.IsOperator() && !a.Rates.Allow(cmp.Or(p.Key, p.Extension)) {
		return account.Principal{}, fault.New(fault.RateLimited, "This key sends more requests than the server allows. Wait a second and send it again. Nothing was done.")
	}
	return p, err
}

func refuse(w http.ResponseWriter, _ *http.Request, err error) { WriteProblem(w, err) }
