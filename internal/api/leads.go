package api

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// LeadOut is a person on the lead sheet.
type LeadOut struct {
	ID         string                  `json:"id"`
	Person     PersonOut               `json:"person"`
	Fields     map[string]LeadFieldOut `json:"fields"`
	Member     *string                 `json:"member" doc:"Who captured first; null: the workspace itself."`
	CapturedAt time.Time               `json:"captured_at"`
	Lists      []string                `json:"lists"`
	Tags       []string                `json:"tags"`
	Notes      string                  `json:"notes"`
}

// LeadFieldOut is a field of a lead.
type LeadFieldOut struct {
	Outcome string     `json:"outcome"`
	Values  []ValueOut `json:"values"`
	At      time.Time  `json:"at"`
}

func leadOut(l capture.Lead) LeadOut {
	out := LeadOut{ID: l.ID, Person: personOut(l.Person), Fields: map[string]LeadFieldOut{}, Member: opt(l.Member), CapturedAt: l.CapturedAt, Lists: l.Lists, Tags: l.Tags, Notes: l.Notes}
	if out.Lists == nil {
		out.Lists = []string{}
	}
	for f, v := range l.Fields {
		out.Fields[string(f)] = LeadFieldOut{Outcome: string(v.Outcome), Values: valuesOut(f, v.Values), At: v.At}
	}
	return out
}

// LeadQuery chooses leads.
type LeadQuery struct {
	WS
	Query  string    `query:"q" maxLength:"200"`
	List   string    `query:"list" maxLength:"100"`
	Member string    `query:"member" maxLength:"100"`
	Tag    string    `query:"tag" maxLength:"100"`
	Has    string    `query:"has" enum:"work_email,work_phone,personal_email,mobile_phone,verified_email"`
	Lacks  string    `query:"lacks" enum:"work_email,work_phone,personal_email,mobile_phone"`
	From   time.Time `query:"from"`
	To     time.Time `query:"to"`
	Sort   string    `query:"sort" default:"-captured" enum:"captured,-captured,name,-name,title,-title,company,-company"`
}

func (q LeadQuery) filter() store.LeadFilter {
	f := store.LeadFilter{Query: q.Query, List: q.List, Tag: q.Tag, Member: q.Member, Has: q.Has, Lacks: q.Lacks, From: microsOf(q.From), To: microsOf(q.To)}
	f.Sort, f.Down = strings.TrimPrefix(q.Sort, "-"), strings.HasPrefix(q.Sort, "-")
	return f
}

func microsOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

type listLeads struct {
	LeadQuery
	Page
}

// LeadPath is a lead in a path.
type LeadPath struct {
	WS
	Lead string `path:"lead"`
}

type changeLead struct {
	LeadPath
	Body struct {
		Notes *string   `json:"notes,omitempty"`
		Tags  *[]string `json:"tags,omitempty"`
		Lists *[]string `json:"lists,omitempty"`
	}
}

type mergeLeads struct {
	LeadPath
	Body struct {
		Other string `json:"other" doc:"The lead that goes off the sheet."`
	}
}

type unlockLead struct {
	LeadPath
	Once
	Body struct {
		Member  string   `json:"member,omitempty"`
		Fields  []string `json:"fields"`
		Channel string   `json:"channel,omitempty" enum:"api,extension,sheet,page,bulk,mcp"`
	}
}

func (a *API) leads(h huma.API) {
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/leads", "list-leads", "The lead sheet", 200, a.listLeads)
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/leads/{lead}", "get-lead", "Read a lead", 200, func(ctx context.Context, in *LeadPath) (*Out[LeadOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		l, err := a.Captures.Lead(ctx, s, in.Lead)
		if err != nil {
			return nil, err
		}
		return &Out[LeadOut]{Body: leadOut(*l)}, nil
	})
	handle(a, h, http.MethodPatch, "/v1/workspaces/{ws}/leads/{lead}", "change-lead", "Write notes, tags and lists", 200, func(ctx context.Context, in *changeLead) (*Out[LeadOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		l, err := a.Captures.ChangeLead(ctx, s, in.Lead, capture.Change(in.Body))
		if err != nil {
			return nil, err
		}
		return &Out[LeadOut]{Body: leadOut(*l)}, nil
	})
	handle(a, h, http.MethodDelete, "/v1/workspaces/{ws}/leads/{lead}", "delete-lead", "Take a lead off the sheet; what was paid for stays owned", 204, func(ctx context.Context, in *LeadPath) (*struct{}, error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		n, err := a.Captures.Delete(ctx, s, []string{in.Lead})
		if err == nil && n == 0 {
			err = fault.New(fault.NotFound, "There is no such lead.")
		}
		return nil, err
	})
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/leads/{lead}/merge", "merge-leads", "Say that another lead is the same person; free", 200, func(ctx context.Context, in *mergeLeads) (*Out[LeadOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err == nil {
			err = a.Captures.Merge(ctx, s, in.Lead, in.Body.Other)
		}
		if err != nil {
			return nil, err
		}
		l, err := a.Captures.Lead(ctx, s, in.Lead)
		if err != nil {
			return nil, err
		}
		return &Out[LeadOut]{Body: leadOut(*l)}, nil
	})
	handle(a, h, http.MethodPost, "/v1/workspaces/{ws}/leads/{lead}/unlock", "unlock-lead", "Pay for more fields of a lead", 200, a.unlock)
	csv(a, h, "/v1/workspaces/{ws}/leads.csv", "leads-csv", "The lead sheet as CSV; free", a.leadsCSV)
	file(a, h, "/v1/workspaces/{ws}/leads.xlsx", "leads-xlsx", "The lead sheet as an Excel workbook; free", export.SheetType, func(ctx context.Context, in *LeadQuery, w io.Writer) error {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return err
		}
		return a.Export.Sheet(ctx, s, in.filter(), w)
	})
	file(a, h, "/v1/workspaces/{ws}/leads.vcf", "leads-vcf", "The lead sheet as vCards; free", export.CardType, func(ctx context.Context, in *LeadQuery, w io.Writer) error {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return err
		}
		return a.Export.Cards(ctx, s, in.filter(), w)
	})
}

func (a *API) listLeads(ctx context.Context, in *listLeads) (*Out[List[LeadOut]], error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	f := in.filter()
	f.Limit = in.more()
	if f.Cursor, err = a.after(ctx, in.Page); err != nil {
		return nil, err
	}
	rows, err := a.Captures.Leads(ctx, s, f)
	if err != nil {
		return nil, err
	}
	shown := rows[:min(len(rows), in.Limit)]
	return page(a, ctx, in.Page, rows, func(capture.Lead) string { return capture.After(shown) }, sure(leadOut))
}

func (a *API) unlock(ctx context.Context, in *unlockLead) (*captureAnswer, error) {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return nil, err
	}
	ask := capture.Ask{Member: in.Body.Member, Channel: in.Body.Channel}
	if ask.Channel == "" {
		ask.Channel = "sheet"
	}
	if ask.Fields, err = fieldsIn(in.Body.Fields); err != nil {
		return nil, err
	}
	return a.doCapture(ctx, s, ask, "leads/"+in.Lead+"/unlock", in.Once, func(ctx context.Context, s *account.Scope, ask capture.Ask) (*capture.Answer, error) {
		return a.Captures.Unlock(ctx, s, in.Lead, ask)
	})
}

type leadsCSV struct {
	LeadQuery
	For string `query:"for" enum:"excel,salesforce,hubspot,google" doc:"In the columns that this program imports; left out: in the directory's own."`
}

func (q *leadsCSV) mark() string { return export.Mark(q.For) }

func (a *API) leadsCSV(ctx context.Context, in *leadsCSV, write export.Row) error {
	s, err := a.enter(ctx, in.Workspace)
	if err != nil {
		return err
	}
	return a.Export.LeadsFor(ctx, s, in.For, in.filter(), write)
}
