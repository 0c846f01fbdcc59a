package server_test

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/live"
)

// stream asks for the stream as a browser does.
func (v *visitor) stream(c context.Context) *http.Response {
	v.Helper()
	r, err := http.NewRequestWithContext(c, http.MethodGet, v.base+"/usage/live", nil)
	if err != nil {
		v.Fatal(err)
	}
	r.Header.Set("User-Agent", v.agent)
	r.Header.Set("Accept", "text/event-stream")
	answer, err := v.client.Do(r)
	if err != nil {
		v.Fatal(err)
	}
	return answer
}

// listen opens the stream of a visitor's browser: the events' names and data, until it ends.
func (v *visitor) listen() (events <-chan string, end func()) {
	v.Helper()
	c, cancel := context.WithCancel(ctx)
	answer := v.stream(c)
	if kind := answer.Header.Get("Content-Type"); answer.StatusCode != 200 || kind != "text/event-stream" {
		v.Fatalf("the stream is answered with %d, %s", answer.StatusCode, kind)
	}
	heard := make(chan string, 100)
	go func() {
		defer close(heard)
		defer answer.Body.Close()
		event := ""
		for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = name
			} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				heard <- event + " " + data
			}
		}
	}()
	return heard, func() {
		cancel()
		for range heard {
		}
	}
}

// within is the next event that begins so, within two seconds; "": the stream ended.
func (v *visitor) within(events <-chan string, begins string) string {
	v.Helper()
	late := time.After(2 * time.Second)
	for {
		select {
		case e, open := <-events:
			if !open || strings.HasPrefix(e, begins) {
				return e
			}
		case <-late:
			v.Fatalf("no %q within two seconds", begins)
		}
	}
}

// Who watches a workspace hears within two seconds what a colleague spends or sets, and nothing of
// another workspace; the stream ends with the session.
func TestOpenPagesHearOfChanges(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", halPeople)
		ws, theirs := w.workspace("pro", 2, nil), w.workspace("pro", 1, nil)
		mel, _ := w.member(ws, "Mel")
		page := w.signedInAs(ws, mel)
		events, end := page.listen()
		defer end()
		page.within(events, "still")
		first := page.within(events, "change")
		w.post(w.operator, client.In(theirs, "captures"), is{"person": profile("hal-1"), "fields": []string{"work_phone"}}, 200)
		w.post(w.operator, client.In(ws, "captures"), is{"person": profile("hal-1"), "fields": []string{"work_phone"}}, 200)
		spent := page.within(events, "change")
		w.call(w.operator, "PUT", client.In(ws, "members", mel, "allocations"), is{"standard": is{"mode": "limit", "amount": 3}}, 200)
		set := page.within(events, "change")
		if first == spent || spent == set {
			t.Errorf("heard %q, %q, %q", first, spent, set)
		}
		page.get("/usage/live/balance").has("of 3")

		// Removed, they hear nothing any more.
		w.call(w.operator, "DELETE", client.In(ws, "members", mel), nil, 204)
		if e := page.within(events, "end"); e != "end -" {
			t.Errorf("heard %q", e)
		}
		if _, open := <-events; open {
			t.Error("the stream continues")
		}
		// A visitor who is not signed in hears nothing; the stream of a tab that was signed out ends
		// with the answer at which browsers neither come back nor report an error.
		stranger := w.visitor()
		stranger.get("/usage/live").at("/sign-in")
		for _, v := range []*visitor{stranger, page} {
			answer := v.stream(ctx)
			answer.Body.Close()
			if answer.StatusCode != http.StatusNoContent {
				t.Errorf("the stream of a visitor who is not signed in is answered with %d", answer.StatusCode)
			}
		}
	})
}

// However many watch a workspace, it is read once a second, and not at all once nobody does; there
// is an end to how many may.
func TestWatchersShareAReading(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("pro", 1, nil)
		ended := make(chan struct{}, 10)
		watched := &live.Live{Store: w.server.Store, Background: func(_ string, work func(context.Context)) {
			go func() { work(ctx); ended <- struct{}{} }()
		}}
		var leaves []func()
		before := w.server.Store.Reads()
		for n := range live.MaxOfWorkspace {
			changes, leave, err := watched.Watch(ws, fmt.Sprint("mem_", n/live.MaxOfOne))
			if err != nil {
				t.Fatalf("the watcher %d: %v", n, err)
			}
			leaves = append(leaves, leave)
			if n%50 == 0 {
				<-changes
			}
			if n == live.MaxOfOne-1 {
				if _, _, err := watched.Watch(ws, "mem_0"); !fault.Is(err, fault.RateLimited) {
					t.Errorf("one more of one member is answered with %v", err)
				}
			}
		}
		if _, _, err := watched.Watch(ws, "mem_new"); !fault.Is(err, fault.RateLimited) {
			t.Errorf("one more is answered with %v", err)
		}
		if n := w.server.Store.Reads() - before; n > 20 {
			t.Errorf("%d reads for %d watchers", n, live.MaxOfWorkspace)
		}
		leaves[0]()
		leaves[0]() // again is nothing
		_, leave, err := watched.Watch(ws, "mem_0")
		if err != nil {
			t.Error(err)
		}
		for _, leave := range append(leaves, leave) {
			leave()
		}
		<-ended
	})
}

// A stream that a page opens, or a download, between an action and the page that tells of it does
// not take what is told.
func TestStreamsLeaveNotices(t *testing.T) {
	start(t, func(w *world) {
		w.load("text/csv", mergePeople)
		m := merges(w)
		boss := m.signedInAs(m.ws, m.newMember(m.ws, "boss@acme.example", "Boss", "admin"))
		boss.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		boss.post("/leads/chosen/do", "do", "tag", "tag", "fair", "leads", m.lead["pam"])
		_, end := boss.listen()
		end()
		boss.get("/leads.csv")
		boss.get("/leads").has("tagged")
	})
}
