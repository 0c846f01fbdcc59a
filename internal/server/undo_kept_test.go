package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/credits"
)

// A form's limits are undone together or not at all, and a limit that a colleague sets in the same
// instant is theirs: undoing never takes it away.
func TestLimitsAreUndoneWhole(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		m.other = m.newMember(m.ws, "olu@acme.example", "Olu", "member")
		path := client.In(m.ws, "members", m.other, "allocations")
		set := func(standard, premium int) {
			m.call(m.operator, "PUT", path, is{"standard": is{"mode": "limit", "amount": standard}, "premium": is{"mode": "limit", "amount": premium}}, 200)
		}
		set(9, 7)
		set(5, 3)
		id := m.deed(m.operator)
		m.call(m.operator, "PUT", path, is{"standard": is{"mode": "limit", "amount": 6}}, 200)
		before := fmt.Sprint(m.get(m.operator, path))
		m.call(m.operator, "DELETE", client.In(m.ws, "deeds", id), nil, 409)
		m.same("limits after a refused undo", fmt.Sprint(m.get(m.operator, path)), before)

		for n := range 12 {
			set(20, 7)
			set(100, 7)
			id := m.deed(m.operator)
			var undone, theirs error
			var both sync.WaitGroup
			both.Go(func() {
				var out is
				_, undone = m.operator.Do(ctx, http.MethodDelete, client.In(m.ws, "deeds", id), "", nil, &out)
			})
			both.Go(func() {
				var out is
				_, theirs = m.operator.Do(ctx, http.MethodPut, path, "", is{"standard": is{"mode": "limit", "amount": 101 + n}}, &out)
			})
			both.Wait()
			if theirs != nil {
				t.Fatal(theirs)
			}
			if got := fmt.Sprint(m.get(m.operator, path)["standard"].(is)["amount"]); got != fmt.Sprint(101+n) {
				t.Fatalf("a colleague set %d, undone at once (%v): it is %s", 101+n, undone, got)
			}
		}
	})
}

// What an allocation is changed to only if it is as somebody saw it is refused when it is not.
func TestAllocateIf(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		m.other = m.newMember(m.ws, "olu@acme.example", "Olu", "member")
		set := func(seen, to credits.Allocation) error {
			_, err := w.server.Ledger.Do(ctx, &credits.Allocate{
				Request: credits.Request{Workspace: m.ws, At: time.Now()}, For: m.other,
				Sets: map[string]credits.Allocation{"standard": to}, If: map[string]credits.Allocation{"standard": seen},
			})
			return err
		}
		pool, five, six := credits.Allocation{Mode: credits.FromPool}, credits.Allocation{Mode: credits.Limited, Amount: 5 * credits.Credit}, credits.Allocation{Mode: credits.Limited, Amount: 6 * credits.Credit}
		if err := set(pool, five); err != nil {
			t.Fatal(err)
		}
		if err := set(pool, six); err == nil {
			t.Error("a limit that was set since was overwritten")
		}
		if err := set(five, six); err != nil {
			t.Error(err)
		}
	})
}

// Who was merged into somebody who is erased is another person: their deleted lead comes back, by
// itself, and nothing of who is erased.
func TestErasedPeopleTakeNobodyWithThem(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		m.merge("rex", "quin")
		m.call(m.operator, "DELETE", client.In(m.ws, "leads", m.lead["rex"]), nil, 204)
		id := m.deed(m.operator)
		m.erase("rex")
		m.same("undone", fmt.Sprint(m.call(m.operator, "DELETE", client.In(m.ws, "deeds", id), nil, 200)["undone"]), "1")
		text := m.sheetNow()
		for want, there := range map[string]bool{"notes of quin": true, "tag-quin": true, "notes of rex": false, "tag-rex": false} {
			if strings.Contains(text, want) != there {
				t.Errorf("%q on the sheet is %v:\n%s", want, !there, text)
			}
		}
	})
}

// What cannot be undone now can be when what was in its way is gone.
func TestUndoWaitsForALiftedSuppression(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		before := m.sheetNow()
		m.call(m.operator, "DELETE", client.In(m.ws, "leads", m.lead["pam"]), nil, 204)
		id := m.deed(m.operator)
		m.suppress("pam")
		undo := func() is { return m.call(m.operator, "DELETE", client.In(m.ws, "deeds", id), nil, 200) }
		m.same("while she is suppressed", fmt.Sprint(undo()["undone"]), "0")
		m.lift("pam")
		m.same("then", fmt.Sprint(undo()["undone"]), "1")
		m.same("sheet", m.sheetNow(), before)
		m.call(m.operator, "DELETE", client.In(m.ws, "deeds", id), nil, 404)
	})
}

// What can be undone says nothing of somebody who is suppressed since (rule C12), and lists what the
// reader may undo alone.
func TestDeedsAreTheReadersOwn(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		mel, melKey := w.member(m.ws, "Mel")
		boss := m.operator
		count := func(c *client.Client) string {
			n := 0
			for _, d := range m.get(c, client.In(m.ws, "deeds"))["data"].([]any) {
				if d.(is)["kind"] == "leads.deleted" {
					n++
				}
			}
			return fmt.Sprint(n)
		}
		m.call(m.operator, "DELETE", client.In(m.ws, "leads", m.lead["pam"]), nil, 204)
		m.same("of the admin", count(boss), "1")
		m.same("of a member who captured none of it", count(melKey), "0")
		v := w.visitor()
		v.byCode(m.ws, mel)
		v.get("/changes").lacks("Pam One")

		m.suppress("pam")
		m.same("of the admin while she is suppressed", count(boss), "0")
		m.lift("pam")
		m.same("of the admin then", count(boss), "1")
	})
}
