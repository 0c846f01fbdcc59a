package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	jsonv2 "github.com/go-json-experiment/json"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
)

const (
	// maxBulk bounds the body of a bulk capture, in bytes.
	maxBulk = 16 << 20
	// confirmAbove is what a bulk capture may cost at most, in any credit type,
	// before it waits to be confirmed, where the request does not say.
	confirmAbove = 100 * credits.Credit
)

// BulkIn is a bulk capture to be begun. With a file as the body, everything but
// the people stands in the query.
type BulkIn struct {
	Member       string            `json:"member,omitempty"`
	People       []PersonIn        `json:"people,omitempty"`
	Leads        []string          `json:"leads,omitempty" doc:"Leads of the sheet, beside or instead of people."`
	Fields       *[]string         `json:"fields,omitempty"`
	List         string            `json:"list,omitempty"`
	Cap          map[string]Amount `json:"cap,omitempty" doc:"What the job may charge at most, per credit type."`
	ConfirmAbove *Amount           `json:"confirm_above,omitempty" doc:"Wait to be confirmed when it may cost more than this in any credit type; 100 where left out."`
	Confirmed    bool              `json:"confirmed,omitempty"`
	GoesOn       bool              `json:"resume_after_refill,omitempty" doc:"Go on by itself after the refill, should the credits run out."`
}

// BulkOut is a bulk capture as it stands.
type BulkOut struct {
	ID        string                      `json:"id"`
	Status    string                      `json:"status" enum:"waiting,running,paused,cancelled,done"`
	Message   string                      `json:"message,omitempty" doc:"Why it is paused."`
	Member    *string                     `json:"member"`
	Rows      int64                       `json:"rows"`
	Done      int64                       `json:"done"`
	Estimate  map[string]capture.Estimate `json:"estimate"`
	Charged   map[string]credits.Amount   `json:"charged"`
	Found     map[string]int64            `json:"found" doc:"Of the rows, how many the estimate found to be known, owned, ambiguous (several people match; chosen counts those of which one was chosen on the page), contradictory, nobody, decided_at_capture (by an address that the workspace does not own) or not_looked_up (the day's lookups are used up), and how many are repeated."`
	Outcomes  map[string]int64            `json:"outcomes" doc:"How many fields came to each outcome, and how many rows were captured, matched nobody or failed."`
	Cap       map[string]credits.Amount   `json:"cap,omitempty"`
	GoesOn    bool                        `json:"resume_after_refill"`
	GoesOnAt  *time.Time                  `json:"refills_at"`
	CreatedAt time.Time                   `json:"created_at"`
	UpdatedAt time.Time                   `json:"updated_at"`
}

func bulkOut(j bulk.Job) BulkOut {
	out := BulkOut{
		ID: j.ID, Status: j.Status, Message: j.Message, Member: opt(j.Member), Rows: j.Rows, Done: j.Done, Estimate: j.Estimate,
		Charged: j.Charged, Found: maps.Clone(j.Found), Outcomes: j.Counts, Cap: j.Cap, GoesOn: j.GoesOn, CreatedAt: j.CreatedAt, UpdatedAt: j.UpdatedAt,
	}
	delete(out.Found, bulk.FoundFree) // it says whether to begin, and no more
	if !j.GoesOnAt.IsZero() {
		out.GoesOnAt = &j.GoesOnAt
	}
	return out
}

// BulkPath is a bulk capture in a path.
type BulkPath struct {
	WS
	Bulk string `path:"bulk"`
}

// BulkOrder is what is to become of a bulk capture.
type BulkOrder struct {
	BulkPath
	Key string `header:"Idempotency-Key" maxLength:"255"`
}

func (o BulkOrder) order(ctx context.Context, verb string, limit map[string]credits.Amount) bulk.Order {
	body, _ := json.Marshal(limit) // amounts always encode
	return bulk.Order{Key: o.Key, Fingerprint: digest(ctx, "bulk-captures/"+o.Bulk+"/"+verb, body), Cap: limit}
}

type bulkGo struct {
	BulkOrder
	Body *struct {
		Cap map[string]Amount `json:"cap,omitempty" doc:"Another cap from here on."`
	}
}

type bulkResults struct {
	BulkPath
	Found   string `query:"found" doc:"Only rows that the estimate found to be this, such as ambiguous."`
	Outcome string `query:"outcome" doc:"Only rows of this status, such as nobody, or with a field of this outcome, such as charged."`
}

type bulkList struct {
	WS
	Page
}

func (a *API) bulk(h huma.API) {
	const at = "/v1/workspaces/{ws}/bulk-captures"
	text := &huma.Schema{Type: huma.TypeString}
	besideFile := func(name, about string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Schema: text, Description: about + " With a file as the body alone."}
	}
	bodies := files()
	bodies["application/json"] = &huma.MediaType{Schema: huma.SchemaFromType(h.OpenAPI().Components.Schemas, reflect.TypeFor[BulkIn]())}
	upload(a, h, maxBulk, a.beginBulk, huma.Operation{
		OperationID: "create-bulk-capture", Method: http.MethodPost, Path: at, Tags: []string{"bulk-captures"},
		Summary: "Capture many people in the background; what it may cost comes back first",
		Parameters: []*huma.Param{
			{Name: "ws", In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}},
			{Name: "Idempotency-Key", In: "header", Schema: text},
			besideFile("member", "Who spends."), besideFile("list", "The list that leads go on."), besideFile("fields", "Joined by commas."), besideFile("confirmed", "true or false."),
			besideFile("confirm_above", "An amount."), besideFile("resume_after_refill", "true or false."), besideFile("cap.CREDIT", "An amount for the credit type CREDIT."),
			besideFile("mapping", "What columns are, as a JSON object: a column's name in the file to a column of the directory, or to the empty string to leave it out."),
		},
		RequestBody: &huma.RequestBody{Required: true, Content: bodies},
		Responses: map[string]*huma.Response{"202": {Description: "It runs, or waits to be confirmed.", Content: map[string]*huma.MediaType{
			"application/json": {Schema: huma.SchemaFromType(h.OpenAPI().Components.Schemas, reflect.TypeFor[BulkOut]())},
		}}},
	})
	handle(a, h, http.MethodGet, at, "list-bulk-captures", "Bulk captures, newest first", 200, func(ctx context.Context, in *bulkList) (*Out[List[BulkOut]], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		before, err := a.after(ctx, in.Page)
		if err != nil {
			return nil, err
		}
		jobs, err := a.Bulk.Jobs(ctx, s, before, in.more())
		if err != nil {
			return nil, err
		}
		return page(a, ctx, in.Page, jobs, func(j bulk.Job) string { return j.ID }, sure(bulkOut))
	})
	handle(a, h, http.MethodGet, at+"/{bulk}", "get-bulk-capture", "How far a bulk capture is, and what it has charged", 200, func(ctx context.Context, in *BulkPath) (*Out[BulkOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		j, err := a.Bulk.Job(ctx, s, in.Bulk)
		return &Out[BulkOut]{Body: bulkOut(j)}, err
	})
	handle(a, h, http.MethodPost, at+"/{bulk}/resume", "resume-bulk-capture", "Start one that waits to be confirmed, or resume one that is paused", 200, func(ctx context.Context, in *bulkGo) (*Out[BulkOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		var limit map[string]credits.Amount
		if in.Body != nil {
			if limit, err = capIn(in.Body.Cap); err != nil {
				return nil, err
			}
		}
		j, err := a.Bulk.Go(ctx, s, in.Bulk, in.order(ctx, "resume", limit))
		return &Out[BulkOut]{Body: bulkOut(j)}, err
	})
	handle(a, h, http.MethodPost, at+"/{bulk}/cancel", "cancel-bulk-capture", "Stop before the next row; nothing is charged after this is answered", 200, func(ctx context.Context, in *BulkOrder) (*Out[BulkOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		j, err := a.Bulk.Cancel(ctx, s, in.Bulk, in.order(ctx, "cancel", nil))
		return &Out[BulkOut]{Body: bulkOut(j)}, err
	})
	csv(a, h, at+"/{bulk}/results.csv", "get-bulk-capture-results", "Download rows with their outcomes", func(ctx context.Context, in *bulkResults, write export.Row) error {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return err
		}
		return a.Bulk.Results(ctx, s, in.Bulk, bulk.Filter{Found: in.Found, Outcome: in.Outcome}, write)
	})
}

// beginBulk begins a bulk capture of JSON or a file.
func (a *API) beginBulk(w http.ResponseWriter, r *http.Request) {
	j, err := a.readBulk(r)
	if err != nil {
		WriteProblem(w, err)
		return
	}
	writeJSON(w, http.StatusAccepted, bulkOut(j))
}

func (a *API) readBulk(r *http.Request) (bulk.Job, error) {
	ctx := r.Context()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return bulk.Job{}, err
	}
	s, err := a.enter(ctx, r.PathValue("ws"))
	if err != nil {
		return bulk.Job{}, err
	}
	o := Once{Key: r.Header.Get("Idempotency-Key"), RawBody: body}
	var in BulkIn
	var people []bulk.Person
	var mapping contactfile.Mapping
	switch kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind {
	case "application/json", "":
		if err = strictJSON(o.RawBody, &in); err == nil && r.URL.RawQuery != "" {
			err = fault.Wrong("query", "must be empty: with a JSON body its members say everything")
		}
		for _, person := range in.People {
			people = append(people, bulk.Person{Reference: person.reference()})
		}
	default:
		if in, err = bulkQuery(r); err == nil {
			mapping, err = mappingIn(r.URL.Query())
		}
		if err == nil {
			people, err = bulk.ReadFile(o.RawBody, r.Header.Get("Content-Type"), mapping)
		}
	}
	if err != nil {
		return bulk.Job{}, err
	}
	leads, err := a.Captures.PeopleOf(ctx, s, in.Leads, bulk.MaxRows)
	if err != nil {
		return bulk.Job{}, err
	}
	for n, person := range leads {
		one := bulk.Person{Reference: lead.Reference{ID: person}}
		if person == "" {
			one.Problem = fmt.Sprintf("leads[%d] is not a lead of this workspace", n)
		}
		people = append(people, one)
	}
	ask := bulk.Ask{
		Member: in.Member, People: people, List: in.List, ConfirmAbove: confirmAbove, Confirmed: in.Confirmed, GoesOn: in.GoesOn,
		Key: o.Key, Fingerprint: o.fingerprint(ctx, "bulk-captures?"+r.URL.RawQuery),
	}
	if ask.Cap, err = capIn(in.Cap); err != nil {
		return bulk.Job{}, err
	}
	if in.ConfirmAbove != nil {
		if ask.ConfirmAbove, err = in.ConfirmAbove.read("confirm_above"); err != nil {
			return bulk.Job{}, err
		}
	}
	if in.Fields != nil {
		if ask.Fields, err = fieldsIn(*in.Fields); err != nil {
			return bulk.Job{}, err
		}
	}
	return a.Bulk.Begin(ctx, s, ask)
}

// capIn reads a cap; nil where there is none.
func capIn(in map[string]Amount) (map[string]credits.Amount, error) {
	if in == nil {
		return nil, nil
	}
	limit := map[string]credits.Amount{}
	for credit, a := range in {
		var err error
		if limit[credit], err = a.read("cap." + credit); err != nil {
			return nil, err
		}
	}
	return limit, nil
}

func strictJSON(body []byte, into any) error {
	if err := strictText(body); err != nil {
		return err
	}
	// The names of members count as they are written, which encoding/json passes over.
	if err := jsonv2.Unmarshal(body, into, jsonv2.RejectUnknownMembers(true)); err != nil {
		var at *jsonv2.SemanticError
		if errors.As(err, &at) {
			if errors.Is(err, jsonv2.ErrUnknownName) {
				return fault.Wrong(place(at.JSONPointer), "is not a member that there is")
			}
			return fault.Wrong(place(at.JSONPointer), "must be of the type that is described at /openapi.json")
		}
		return fault.Wrong("body", "must be one JSON object")
	}
	return nil
}

// bulkQuery reads what a file has no place for.
func bulkQuery(r *http.Request) (in BulkIn, err error) {
	q := r.URL.Query()
	for name, values := range q {
		v := values[0]
		switch name {
		case "member":
			in.Member = v
		case "list":
			in.List = v
		case "confirmed", "resume_after_refill":
			yes, err := strconv.ParseBool(v)
			if err != nil {
				return in, fault.Wrong(name, "must be true or false")
			}
			if name == "confirmed" {
				in.Confirmed = yes
			} else {
				in.GoesOn = yes
			}
		case "fields":
			fields := strings.Split(v, ",")
			in.Fields = &fields
		case "confirm_above":
			in.ConfirmAbove = &Amount{v}
		case "mapping": // mappingIn reads it
		default:
			credit, isCap := strings.CutPrefix(name, "cap.")
			if !isCap {
				return in, fault.Wrong(name, "is not one of member, list, fields, confirmed, confirm_above, resume_after_refill, mapping and cap.CREDIT")
			}
			if in.Cap == nil {
				in.Cap = map[string]Amount{}
			}
			in.Cap[credit] = Amount{v}
		}
	}
	return in, nil
}
