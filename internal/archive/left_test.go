package archive_test

import (
	"testing"

	"github.com/leadmeter/leadmeter/internal/archive"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// A workspace that is deleted while others are archived stops nobody.
func TestDeletedMeanwhile(t *testing.T) {
	eachLedger(t, func(t *testing.T, l *ledger) {
		for _, ws := range []string{"ws_1", "ws_2", "ws_3"} {
			l.add(t, ws, 60)
		}
		a := l.archive(20)
		deleted := ""
		a.Progress = func(ws string, _ archive.Result) {
			if deleted != "" {
				return
			}
			deleted = map[string]string{"ws_1": "ws_2", "ws_2": "ws_3", "ws_3": "ws_1"}[ws]
			l.exec(t, `DELETE FROM accounts WHERE workspace_id = $1`, deleted)
		}
		r, err := a.Run(t.Context(), "", cut)
		if err != nil || deleted == "" || r.Workspaces != 2 || len(r.Left) > 0 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

// While a worker is gone, what others have is archived; the result names the node, and the next run
// moves the rest. A worker that was restarted quickly stops no run.
func TestArchivePassesAGoneNode(t *testing.T) {
	harm := testdb.Faults(t)
	l := openLedger(t, testdb.Address(t, "postgres"))
	spaces := []string{"ws_1", "ws_2", "ws_3", "ws_4", "ws_5", "ws_6", "ws_7", "ws_8"}
	at := map[string]int{}
	for _, ws := range spaces {
		l.add(t, ws, 60)
		at[l.store.Node(l.store.Part(ws))]++
	}
	node := l.store.Node(l.store.Part("ws_1"))
	if at[node] == len(spaces) {
		t.Fatal("all workspaces are on one node")
	}
	for _, fault := range []string{"kill", "freeze", "cut"} {
		harm(fault, node)
		r, err := l.archive(20).Run(t.Context(), "", cut)
		harm("back", node)
		if err != nil || r.Workspaces != len(spaces)-at[node] || len(r.Unreached) != 1 || r.Unreached[0].Node != node {
			t.Errorf("%s: %+v, %v", fault, r, err)
		}
		for l.store.Answers(t.Context(), l.store.Part("ws_1")) != nil {
			if t.Context().Err() != nil {
				t.Fatal("the node does not come back")
			}
		}
		if r, err = l.archive(20).Run(t.Context(), "", cut); err != nil || r.Workspaces != at[node] || len(r.Unreached) != 0 {
			t.Errorf("after %s: %+v, %v", fault, r, err)
		}
		if r, err = l.archive(20).Restore(t.Context(), ""); err != nil || r.Workspaces != len(spaces) {
			t.Errorf("restored after %s: %+v, %v", fault, r, err)
		}
	}
	harm("kill", node)
	harm("back", node) // before anybody noticed: only the connections to it are broken
	if r, err := l.archive(20).Run(t.Context(), "", cut); err != nil || r.Workspaces != len(spaces) || len(r.Unreached) != 0 {
		t.Errorf("after a quick restart: %+v, %v", r, err)
	}
	if list := l.differences(t); len(list) > 0 {
		t.Error(list)
	}
}
