package api

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
)

// Problem is an error answer: RFC 9457 with the code that clients decide by.
type Problem struct {
	Type   string        `json:"type" doc:"Always about:blank; decide by code."`
	Title  string        `json:"title"`
	Status int           `json:"status"`
	Code   string        `json:"code" enum:"invalid_request,unauthenticated,insufficient_credits,not_allowed,not_found,conflict,expired,subscription_cancelled,payload_too_large,idempotency_mismatch,rate_limited,fair_use,internal,overloaded"`
	Detail string        `json:"detail" doc:"What happened and what to do."`
	Errors []fault.Field `json:"errors,omitempty" doc:"The wrong members of the request."`

	Credit    string          `json:"credit,omitempty" doc:"Of a 402: the credit type that ran out."`
	Needed    *credits.Amount `json:"needed,omitempty"`
	Available *credits.Amount `json:"available,omitempty" doc:"What the limit that stopped it left."`
	LimitedBy string          `json:"limited_by,omitempty" enum:"workspace,pool,member"`
	Heading   string          `json:"heading,omitempty" doc:"Of a refused spending: what happened, as a heading."`
	Limit     string          `json:"limit,omitempty" doc:"That limit in words, to the member who spends."`
	Advice    string          `json:"advice,omitempty" doc:"What that member can do about it."`
	// RefillsAt holds a *time.Time in every 402, and nothing in other problems: a nil
	// pointer in it is written as null, which says that nothing refills by itself.
	RefillsAt any            `json:"refills_at,omitempty" doc:"Of a 402: when there will be more; null when nothing refills by itself."`
	Rooms     *credits.Rooms `json:"rooms,omitempty" doc:"What each limit would still have allowed."`

	retryAfter string
}

func (p *Problem) Error() string { return p.Detail }

// GetStatus is the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// GetHeaders are the answer's own headers.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retryAfter != "" {
		h.Set("Retry-After", p.retryAfter)
	}
	return h
}

// ContentType says that this is a problem.
func (p *Problem) ContentType(string) string { return "application/problem+json" }

// newProblem is the one way from an error to an answer. What is not a fault is
// the server's own failure: its text goes to the log and never out.
func newProblem(err error) *Problem {
	var known *Problem
	if errors.As(err, &known) {
		return known
	}
	err = account.FromRefusal(err)
	var f *fault.Error
	if !errors.As(err, &f) {
		if errors.Is(err, credits.ErrClosed) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
			f = fault.New(fault.Overloaded, "The server is stopping or the request was given up; send it again with the same idempotency key.")
		} else {
			f = fault.Wrap(fault.Internal, err, "Something failed on the server. If the request had an idempotency key, sending it again is safe.")
		}
	}
	if f.Kind == fault.Internal {
		slog.Error("request failed", "error", err)
		f = &fault.Error{Kind: fault.Internal, Message: "Something failed on the server. If the request had an idempotency key, sending it again is safe."}
	}
	p := &Problem{
		Type: "about:blank", Title: http.StatusText(f.Kind.Status()), Status: f.Kind.Status(), Code: string(f.Kind),
		Detail: plainDetail(f.Message), Errors: short(f.Fields),
	}
	if f.Kind == fault.Overloaded || f.Kind == fault.RateLimited {
		p.retryAfter = "1"
	}
	if wait := f.Seconds(); wait > 0 {
		p.retryAfter = strconv.Itoa(wait)
	}
	var r *credits.Refusal
	if errors.As(err, &r) && r.Code == credits.Insufficient {
		needed, available := r.Needed, r.Available
		p.Credit, p.Needed, p.Available = r.Credit, &needed, &available
		p.LimitedBy, p.RefillsAt, p.Rooms = r.LimitedBy, r.RefillsAt, r.Rooms
	}
	if stopped := screen.StoppedBy(err); stopped != nil {
		p.Heading, p.Limit, p.Advice = stopped.Heading(), stopped.Limit().Name(), stopped.Advice(false)
	}
	return p
}

var missing = regexp.MustCompile(`^expected required property (\S+) to be present$`)

// fromHuma turns what the HTTP layer itself refuses into the same problems.
func fromHuma(status int, message string, errs ...error) huma.StatusError {
	f := &fault.Error{Kind: kindOf(status), Message: message}
	for _, err := range errs {
		if err == nil {
			continue
		}
		if len(f.Fields) == maxErrors {
			break
		}
		var detail *huma.ErrorDetail
		if !errors.As(err, &detail) {
			if status < 500 {
				f.Fields = append(f.Fields, fault.Field{Field: "body", Message: plain(err.Error())})
			}
			continue
		}
		field := detail.Location
		for _, place := range []string{"body.", "query.", "path.", "header."} {
			field = strings.TrimPrefix(field, place)
		}
		text := detail.Message
		if m := missing.FindStringSubmatch(text); m != nil {
			if field == "body" {
				field = m[1]
			} else {
				field += "." + m[1]
			}
			text = "is required"
		}
		if strings.HasPrefix(text, "invalid date/time") {
			text = "must be a time such as 2026-03-01T05:00:00Z"
		}
		f.Fields = append(f.Fields, fault.Field{Field: field, Message: text})
	}
	// What package edge and the reader of JSON say is said in their words.
	for _, err := range errs {
		var said *fault.Error
		if errors.As(err, &said) {
			return newProblem(said)
		}
	}
	if status == http.StatusRequestTimeout {
		return newProblem(edge.Unread(os.ErrDeadlineExceeded))
	}
	if f.Kind == fault.Invalid && len(f.Fields) == 0 {
		f.Fields = []fault.Field{{Field: "body", Message: plain(message)}}
	}
	if len(f.Fields) > 0 {
		f.Message = f.Fields[0].Field + ": " + f.Fields[0].Message
	}
	return newProblem(f)
}

// maxErrors is how many wrong members an answer names.
const maxErrors = 20

// plain keeps what is repeated from a request short.
func plain(s string) string {
	const most = 200
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// plainDetail keeps a sentence that repeats a request short.
func plainDetail(s string) string {
	const most = 600
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// short is fields as they may be answered.
func short(fields []fault.Field) (list []fault.Field) {
	for _, f := range fields[:min(len(fields), maxErrors)] {
		list = append(list, fault.Field{Field: plain(f.Field), Message: plain(f.Message)})
	}
	return list
}

func kindOf(status int) fault.Kind {
	switch status {
	case 401:
		return fault.Unauthenticated
	case 403:
		return fault.NotAllowed
	case 404:
		return fault.NotFound
	case 409:
		return fault.Conflict
	case 413:
		return fault.TooLarge
	case 429:
		return fault.RateLimited
	case 503:
		return fault.Overloaded
	}
	if status >= 500 {
		return fault.Internal
	}
	return fault.Invalid
}
