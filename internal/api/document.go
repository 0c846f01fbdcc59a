package api

import (
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/account"
)

// documentVersion is the version of the contract under /v1, not of the program.
const documentVersion = "1.0.0"

const introduction = `Capture leads and pay for what is found in metered credits.

Amounts are exact decimals with up to six places; null is unlimited. Times are RFC 3339 in UTC.
Lists come in pages: send next_cursor as cursor until it is null. A POST with an Idempotency-Key
happens once, for ever; the same request again gets the first answer and the header
Idempotent-Replayed. Errors are application/problem+json: decide by code, show detail.`

// groups are the tags of the document: what it is called, what is in it, and the parts of
// paths that belong to it.
var groups = []struct{ name, text, parts string }{
	{"workspaces", "Customer accounts, their plan and its end.", "workspaces cancel reactivate settings"},
	{"grants", "Additional credits that the operator gives.", "grants"},
	{"test-clocks", "Clocks that move only when told, to try a year in a second.", "test-clocks"},
	{"members", "People in a workspace, and how much each may spend.", "members"},
	{"keys", "API keys of a workspace, of its members and for services.", "keys"},
	{"usage", "What is left, who spent what, and every entry of the ledger.", "balance usage usage.csv entries entries.csv fair-use prices totals"},
	{"charges", "Metering of anything sold by the credit: charges and holds.", "charges holds"},
	{"captures", "Searching for people, looking them up and capturing their contact data.", "captures lookups people"},
	{"bulk-captures", "Capturing many people in the background.", "bulk-captures"},
	{"leads", "The lead sheet, its lists and its exports.", "leads leads.csv leads.xlsx leads.vcf lists"},
	{"deeds", "What was done within a day and can be undone.", "deeds"},
	{"credit-requests", "Members ask for more credits; admins decide.", "credit-requests"},
	{"addon-requests", "Workspaces ask for more than their plan gives; the operator decides.", "addon-requests"},
	{"reports", "Bad data that was reported, and what was given back.", "reports"},
	{"alerts", "Usage alerts and the usage mail.", "alerts"},
	{"webhooks", "Events sent to addresses of the workspace.", "webhooks"},
	{"push", "Sending leads to a CRM.", "push-connections pushes"},
	{"extension", "Connecting a browser extension.", "extension"},
	{"directory", "The shared directory: imports, suppression and erasure.", "directory"},
	{"providers", "The sources that the server asks.", "providers"},
}

// groupOf is the tag of a path.
func groupOf(path string) string {
	parts := strings.Split(strings.TrimPrefix(path, "/v1/"), "/")
	part := parts[0]
	if part == "workspaces" && len(parts) > 2 {
		part = parts[2]
	}
	for _, g := range groups {
		for p := range strings.SplitSeq(g.parts, " ") {
			if p == part {
				return g.name
			}
		}
	}
	panic("api: " + path + " belongs to no group of the document")
}

// failures are the error answers by status; each has the schema Problem.
var failures = map[int]string{
	400: "The request is wrong; errors names each field and what would be right.",
	401: "The key is missing, unknown or revoked.",
	402: "A limit does not cover the price; limited_by says which one, refills_at when there is more.",
	403: "The key's owner may not do this.",
	404: "There is no such thing, or it belongs to somebody else.",
	409: "The request contradicts what is there.",
	413: "The body is larger than this address takes.",
	422: "The Idempotency-Key was used for another request.",
	429: "Too many requests, or the day's fair use is used up; Retry-After says how long to wait.",
	503: "The server is stopping or has more to do than it can take; send the request again.",
}

// complete describes what every operation has in common: the groups, who may call it,
// and its error answers.
func (m *routes) complete(d *huma.OpenAPI) {
	d.Servers = []*huma.Server{{URL: "/", Description: "This server"}}
	for _, g := range groups {
		d.Tags = append(d.Tags, &huma.Tag{Name: g.name, Description: g.text})
	}
	problem := d.Components.Schemas.Schema(reflect.TypeFor[Problem](), true, "Problem")
	d.Components.Responses = map[string]*huma.Response{}
	for status, text := range failures {
		d.Components.Responses[failureName(status)] = &huma.Response{
			Description: text, Content: map[string]*huma.MediaType{"application/problem+json": {Schema: problem}},
		}
	}
	for path, item := range d.Paths {
		for method, o := range operationsOf(item) {
			known := m.ops[method+" "+path]
			o.Description = whoMay(known)
			if o.Responses == nil {
				o.Responses = map[string]*huma.Response{}
			}
			delete(o.Responses, "default")
			for _, status := range failuresOf(method, path, o, known) {
				o.Responses[strconv.Itoa(status)] = &huma.Response{Ref: "#/components/responses/" + failureName(status)}
			}
		}
	}
}

func operationsOf(item *huma.PathItem) map[string]*huma.Operation {
	all := map[string]*huma.Operation{"GET": item.Get, "POST": item.Post, "PUT": item.Put, "PATCH": item.Patch, "DELETE": item.Delete}
	for method, o := range all {
		if o == nil {
			delete(all, method)
		}
	}
	return all
}

func failureName(status int) string {
	return strings.ReplaceAll(http.StatusText(status), " ", "")
}

func whoMay(o *operation) string {
	if o.open {
		return "Needs no key: the request proves by itself who sends it."
	}
	return fmt.Sprintf("Who may: %s.", o.verb.Who())
}

// failuresOf are the statuses of the errors that an operation can answer with.
func failuresOf(method, path string, o *huma.Operation, known *operation) []int {
	list := []int{400, 429, 503}
	if known.open {
		list = append(list, 401)
	} else {
		list = append(list, 401, 403)
	}
	if strings.Contains(path, "{") {
		list = append(list, 404)
	}
	if o.RequestBody != nil {
		list = append(list, 413)
	}
	if method != http.MethodGet {
		list = append(list, 409)
	}
	for _, p := range o.Parameters {
		if p.Name == "Idempotency-Key" {
			list = append(list, 422)
		}
	}
	switch known.verb {
	case account.CaptureLeads, account.CaptureMany, account.Charge:
		if method == http.MethodPost {
			list = append(list, 402)
		}
	}
	return list
}
