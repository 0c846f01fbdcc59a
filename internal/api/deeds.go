package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
)

// DeedOut is something that was done and can be undone.
type DeedOut struct {
	ID      string    `json:"id"`
	Kind    string    `json:"kind" enum:"leads.deleted,leads.listed,leads.tagged,lead.changed,leads.merged,member.removed,limits.set"`
	Actor   string    `json:"actor"`
	Changed int       `json:"changed" doc:"How many leads or limits it changed."`
	DoneAt  time.Time `json:"done_at"`
}

// UndoneOut is what undoing a deed came to.
type UndoneOut struct {
	Undone int `json:"undone" doc:"How many leads, members or limits are as they were."`
	Left   int `json:"left" doc:"How many are not: they are suppressed, erased, or there again."`
}

type deedPath struct {
	WS
	Deed string `path:"deed" maxLength:"100"`
}

// maxDeeds bounds the deeds that are listed.
const maxDeeds = 100

func (a *API) deeds(h huma.API) {
	handle(a, h, http.MethodGet, "/v1/workspaces/{ws}/deeds", "list-deeds", "List what was done within a day and this key may undo", 200, func(ctx context.Context, in *WS) (*Out[List[DeedOut]], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		list, err := a.Accounts.Deeds(ctx, s, maxDeeds)
		if err != nil {
			return nil, err
		}
		var data []DeedOut
		for _, d := range list {
			data = append(data, DeedOut{ID: d.ID, Kind: d.Kind, Actor: d.Actor, Changed: d.Things, DoneAt: d.At})
		}
		return whole(data), nil
	})
	handle(a, h, http.MethodDelete, "/v1/workspaces/{ws}/deeds/{deed}", "undo-deed", "Undo what was done; keys and sessions stay ended, and nobody who is suppressed or erased comes back", 200, func(ctx context.Context, in *deedPath) (*Out[UndoneOut], error) {
		s, err := a.enter(ctx, in.Workspace)
		if err != nil {
			return nil, err
		}
		u, err := a.Captures.Undo(ctx, s, in.Deed)
		return &Out[UndoneOut]{Body: UndoneOut{Undone: u.Done, Left: u.Left}}, err
	})
}
