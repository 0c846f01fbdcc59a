package server_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// pollYAML is upstreamYAML for a source that answers later.
const pollYAML = upstreamYAML + `    outcome_path: state
    outcomes: {done: found, working: pending}
    ticket: job
  poll: {method: GET, path: "/jobs/{ticket}"}
`

// An answer that a source still owes is not given up while the source is paused: it may be paid for.
func TestPausedSourceOwesItsAnswer(t *testing.T) {
	gated(t, func(c *server.Config) { c.Sources.Deadline = 300 * time.Millisecond }, func(w *world, clock *hands) {
		u, page := newUpstream(t), w.visitor()
		ws := w.workspace("starter", 1, nil)
		page.byCode("", "")
		page.post("/operator/sources", sourceForm(u, "more", pollYAML)...).has("Added.")
		mary := is{"person": is{"linkedin_url": "https://linkedin.com/in/mary"}, "fields": []string{"work_email"}}
		u.say(202, `{"state":"working","job":"j-1"}`)
		u.polls = func() (int, string) { return 200, `{"state":"done","email":"mary@engines.example","quality":"ok"}` }
		w.call(w.operator, "POST", client.In(ws, "captures"), mary, 404)
		round := func() {
			w.rest() // which also holds that one search waits
			clock.move(time.Hour)
			if err := w.server.Sources.Round(ctx); err != nil {
				t.Fatal(err)
			}
		}

		page.post("/operator/sources/up/pause", "do", "pause").has("Paused.")
		round()
		page.post("/operator/sources/up/pause", "do", "resume").has("Resumed.")
		round()
		u.nothing()
		calls := u.count()
		w.same("captured", w.outcome(w.post(w.operator, client.In(ws, "captures"), mary, 200), "work_email"), "verified_in_directory")
		w.same("asked again", u.count()-calls, 0)
	})
}

// A key that one operator typed for a new address is not sent to the old one by another operator,
// whose server has not noticed yet; nor is the source resumed.
func TestKeptKeyStaysWithItsAddress(t *testing.T) {
	c := server.Config{Database: testdb.Address(t, "postgres"), SecretKeyFile: sealingKey(t)}
	one := openWith(t, c)
	before, after, page := newUpstream(t), newUpstream(t), one.visitor()
	page.byCode("", "")
	page.post("/operator/sources", sourceForm(before)...).has("Added.")
	two := openWith(t, c)
	late := two.visitor()
	late.byCode("", "")
	page.post("/operator/sources/up", sourceForm(after, "key", "the-new-key")...).has("Saved.")
	page.post("/operator/sources/up/pause", "do", "pause").has("Paused.")
	late.post("/operator/sources/up", sourceForm(before, "key", "")...).has("Must be typed again")
	late.post("/operator/sources/up", sourceForm(before, "daily", "9")...).has("Saved.")
	late.get("/operator/sources/up").has("Paused")
}

// A source whose key could not be read for a moment is asked again as soon as it can.
func TestSourceWhoseKeyComesBack(t *testing.T) {
	file := ""
	gated(t, func(c *server.Config) { file = c.SecretKeyFile }, func(w *world, _ *hands) {
		u, page := newUpstream(t), w.visitor()
		page.byCode("", "")
		page.post("/operator/sources", sourceForm(u)...).has("Added.")
		if err := os.Rename(file, file+".away"); err != nil {
			t.Fatal(err)
		}
		page.post("/operator/sources/up/pause", "do", "resume")
		page.get("/operator/server").has("up Not usable")
		if err := os.Rename(file+".away", file); err != nil {
			t.Fatal(err)
		}
		go w.server.Sources.Follow(t.Context())
		within(t, w.server.Sources.Any)
	})
}

// A source of the operator's whose name the file took since can still be removed, and the sealed key
// of the name is then the file's source's.
func TestSourceTwice(t *testing.T) {
	c := server.Config{Database: testdb.Address(t, "postgres"), SecretKeyFile: sealingKey(t)}
	u := newUpstream(t)
	page := openWith(t, c).visitor()
	page.byCode("", "")
	page.post("/operator/sources", sourceForm(u)...).has("Added.")
	c.Sources = u.settings()
	w := openWith(t, c)
	page = w.visitor()
	page.byCode("", "")
	page.get("/operator/server").has("up Not usable")
	page.get("/operator/sources/up").has("Second source of this name")
	page.post("/operator/sources/up/remove").has("Removed.")
	page.get("/operator/sources/up")
	page.lacks("Second source")
	w.same("kept", w.setting("sources"), "[]")
	err := w.server.Store.View(ctx, func(tx *store.Tx) error {
		key, err := tx.Providers().Key("up")
		w.same("key", strings.HasPrefix(key, "seal1."), true)
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
