package api

import (
	"context"
	"strconv"

	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/seal"
)

// Page is which part of a list is asked for.
type Page struct {
	Limit  int    `query:"limit" default:"50" minimum:"1" maximum:"500"`
	Cursor string `query:"cursor" maxLength:"2000" doc:"The next_cursor of the page before. It is good for the same list with the same filters and order."`
}

// one more than is shown is read: it says whether there is another page.
func (p Page) more() int { return p.Limit + 1 }

// after reads the cursor: the id or the number of the last row before. A cursor is
// sealed, and bound to its list, its workspace and what was asked of it: one that was made up, or
// that another list or search gave, is refused. It holds nobody's data.
func (a *API) after(ctx context.Context, p Page) (string, error) {
	if p.Cursor == "" {
		return "", nil
	}
	text, err := a.Cursors.Open(askingOf(ctx).place(), p.Cursor)
	if err != nil {
		return "", fault.Wrong("cursor", "must be the next_cursor that this list gave")
	}
	return text.Reveal(), nil
}

// afterNumber is after where rows have numbers; none where there is no cursor.
func (a *API) afterNumber(ctx context.Context, p Page, none int64) (int64, error) {
	text, err := a.after(ctx, p)
	if err != nil || text == "" {
		return none, err
	}
	return strconv.ParseInt(text, 10, 64)
}

// List is a page of a list.
type List[T any] struct {
	Data       []T     `json:"data"`
	NextCursor *string `json:"next_cursor"`
}

// Out is an answer's body.
type Out[T any] struct{ Body T }

// page is the page that rows, read with one more than is shown, make. at says where a
// list continues after a row.
func page[R, T any](a *API, ctx context.Context, p Page, rows []R, at func(R) string, show func(R) (T, error)) (*Out[List[T]], error) {
	out := &Out[List[T]]{Body: List[T]{Data: []T{}}}
	if len(rows) > p.Limit {
		rows = rows[:p.Limit]
		sealed, err := a.Cursors.Seal(askingOf(ctx).place(), seal.Hide(at(rows[len(rows)-1])))
		if err != nil {
			return nil, err
		}
		out.Body.NextCursor = &sealed
	}
	for _, r := range rows {
		one, err := show(r)
		if err != nil {
			return nil, err
		}
		out.Body.Data = append(out.Body.Data, one)
	}
	return out, nil
}

// sure makes a page's function of one that cannot fail.
func sure[R, T any](show func(R) T) func(R) (T, error) {
	return func(r R) (T, error) { return show(r), nil }
}

// whole is a list that has one page.
func whole[T any](data []T) *Out[List[T]] {
	if data == nil {
		data = []T{}
	}
	return &Out[List[T]]{Body: List[T]{Data: data}}
}
