package server_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// upstreamYAML describes the upstream of these tests as a file would.
const upstreamYAML = `retries: 0
per_second: 1000
burst: 1000
http:
  needs: [[full_name, domain], [linkedin_url], [email]]
  request:
    method: POST
    path: /search
    headers: {Authorization: "Bearer {key}"}
    body: {name: "{full_name}", domain: "{domain}", profile: "{linkedin_url}", email: "{email}"}
  answer:
    status: {404: not_found}
    cost: cost
    values:
      - {field: work_email, value: email, status: quality, statuses: {ok: verified}}
      - {field: mobile_phone, value: mobile}
`

// sourceForm is the form of a source, as a browser sends it.
func sourceForm(u *upstream, changes ...string) []string {
	return with([]string{"name", "up", "kind", "generic", "url", u.URL, "key", "s3cret-key", "daily", "", "allow_private", "on", "more", upstreamYAML}, changes...)
}

// The operator adds a source by form: captures ask it at once, a test says what came back and changes
// nothing, and pausing, changing and removing it count at once, too.
func TestSourceByForm(t *testing.T) {
	gated(t, nil, func(w *world, _ *hands) {
		u, page := newUpstream(t), w.visitor()
		ws := w.workspace("pro", 5, nil)
		page.byCode("", "")
		page.get("/operator/server").has("No sources yet.")
		page.post("/operator/sources", sourceForm(u)...).has("Added.")
		page.lacks("s3cret-key")
		w.same("page", page.where, "/operator/sources/up")

		u.say(200, `{"email":"ada@engines.example","quality":"ok","cost":2}`)
		page.post("/operator/sources/up/test", "who", "linkedin.com/in/ada-tried")
		for _, want := range []string{"Work email Found ada@engines.example (verified)", "Mobile Not found", "Cost 2 of its units"} {
			page.has(want)
		}
		u.say(403, `{}`)
		page.post("/operator/sources/up/test", "who", "linkedin.com/in/ada-tried").has("It refuses the key, or your plan hides the data")
		page.post("/operator/sources/up/test", "who", "Ada").has("Must be a profile URL")
		w.same("asked", u.count(), 2)

		u.say(200, `{"email":"ada@engines.example","quality":"ok"}`)
		ask := func(who string) string {
			return w.outcome(w.post(w.operator, client.In(ws, "captures"), is{"person": profile(who), "fields": []string{"work_email"}}, 200), "work_email")
		}
		w.same("captured", ask("ada-one"), "charged")
		page.post("/operator/sources/up/pause", "do", "pause").has("Paused.")
		page.get("/operator/server").has("up Paused")
		w.call(w.operator, "POST", client.In(ws, "captures"), is{"person": profile("ada-two"), "fields": []string{"work_email"}}, 404)
		page.post("/operator/sources/up", sourceForm(u, "key", "", "daily", "9")...).has("Saved.")
		page.get("/operator/sources/up").has("Paused") // a change resumes nothing
		page.post("/operator/sources/up/pause", "do", "resume").has("Resumed.")
		u.say(200, `{"email":"eve@engines.example","quality":"ok"}`)
		w.same("captured", ask("eve-one"), "charged")

		page.post("/operator/sources/up/remove").has("Removed.")
		page.get("/operator/server").has("up Removed")
		w.same("kept", w.setting("sources"), "[]")
		page.get("/operator/sources/up")
		w.same("status", page.status, 404)
	})
}

// What is wrong with a source is said at its field, by the words of the file's check, and nothing is
// kept of it; no key is ever shown, nor kept for another address.
func TestSourceFormRefuses(t *testing.T) {
	gated(t, nil, func(w *world, _ *hands) {
		u, page := newUpstream(t), w.visitor()
		page.byCode("", "")
		var bomb strings.Builder // each line is ten times the one before
		bomb.WriteString("http: {request: {method: POST, body:\n  [&a0 [x]")
		for n := range 20 {
			fmt.Fprintf(&bomb, ",\n  &a%d [%s]", n+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", n), 10), ","))
		}
		bomb.WriteString("]}}")
		for _, c := range []struct{ field, value, want string }{
			{"name", "Up Stream", "Must be 1 to 40 of a-z"}, {"name", "", "Must be 1 to 40 of a-z"}, {"kind", "oracle", "is not known; it must be one of"},
			{"url", "ftp://x.example", "Must begin with https://"}, {"url", "https://x.example?key=1", "Must end before any ?"}, {"url", "", "Is missing"},
			{"daily", "many", "Must be a number"}, {"key", "two words", "Has a space or another character"},
			{"more", "retries: 99", "Has a retries that is not right"}, {"more", "speed: 3", `Has the unknown key "speed" in line 1`}, {"more", "http: [", "line"},
			{"more", bomb.String(), "Has an anchor or alias (& or *) in line 2"}, {"more", "retries: 1\n---\nretries: 2", "Has a second document after ---"},
			{"more", "url: https://x.example", "Must leave url out"}, {"more", "key_env: HOME", "Must leave key_env out"}, {"more", strings.Repeat("#", 20001), "Must have at most 20000 characters"},
		} {
			page.post("/operator/sources", sourceForm(u, c.field, c.value)...)
			w.same(c.field+" "+c.value[:min(len(c.value), 20)], page.status, 422)
			page.has(c.want)
			page.lacks("s3cret-key")
		}
		page.post("/operator/sources", "name", "hunter", "kind", "hunter").has("Must not be empty for this kind.")
		page.post("/operator/sources", "name", "hunter", "kind", "hunter", "key", "k", "fields", "mobile_phone").has("does not give")
		w.same("kept", w.setting("sources"), "")

		page.post("/operator/sources", sourceForm(u)...).has("Added.")
		page.post("/operator/sources", sourceForm(u)...).has("Is that of another source.")
		other := newUpstream(t)
		page.post("/operator/sources/up", sourceForm(other, "key", "")...).has("Must be typed again")
		page.post("/operator/sources/up/test", "who", "linkedin.com/in/ada")
		w.same("asked elsewhere", other.count(), 0)
		w.same("asked", u.count(), 1)
		if kept := w.setting("sources"); strings.Contains(kept, "s3cret-key") {
			t.Errorf("kept as %s", kept)
		}
		// Nobody on the suppression list is asked about.
		w.post(w.operator, "/v1/directory/suppressions", is{"email": "gone@engines.example"}, 201)
		page.post("/operator/sources/up/test", "who", "gone@engines.example").has("on the suppression list")
		w.same("asked", u.count(), 1)
		u.say(200, `{"email":"gone@engines.example","quality":"ok"}`)
		page.post("/operator/sources/up/test", "who", "linkedin.com/in/gone").has("on the suppression list")
	})
}

// Sources of the file are shown and tested, and no form changes them.
func TestGivenSourceIsReadOnly(t *testing.T) {
	withSources(t, func(w *world, u *upstream) {
		page := w.visitor()
		page.byCode("", "")
		page.get("/operator/sources/up").has("The configuration file of this server has this source")
		page.lacks("Save source")
		for _, path := range []string{"", "/pause", "/remove"} {
			page.post("/operator/sources/up"+path, sourceForm(u, "key", "")...)
			w.same(path, page.status, 404)
		}
		page.post("/operator/sources", sourceForm(u, "key", "", "more", strings.Replace(upstreamYAML, `{Authorization: "Bearer {key}"}`, "{}", 1))...).has("Is that of a source in the configuration’s file.")
		page.post("/operator/sources/up/test", "who", "linkedin.com/in/ada").has("Not found")
		w.same("kept", w.setting("sources"), "")
	})
}

// A server notices the source that another one of the same database was given.
func TestSourceOnEveryServer(t *testing.T) {
	c := server.Config{Database: testdb.Address(t, "postgres"), SecretKeyFile: sealingKey(t)}
	one, two := openWith(t, c), openWith(t, c)
	c.SecretKeyFile = ""
	keyless := openWith(t, c)
	running, stop := context.WithCancel(ctx)
	defer stop()
	for _, w := range []*world{two, keyless} {
		go w.server.Sources.Follow(running)
	}
	u, page := newUpstream(t), one.visitor()
	page.byCode("", "")
	page.post("/operator/sources", sourceForm(u)...).has("Added.")
	within(t, func() bool { return two.server.Sources.Any() && len(keyless.server.Sources.List()) == 1 })
	if l := keyless.server.Sources.List()[0]; !strings.Contains(l.Broken, "secret_key_file") || keyless.server.Sources.Any() {
		t.Errorf("without the key: %+v", l)
	}
	page.post("/operator/sources/up/remove").has("Removed.")
	within(t, func() bool { return !two.server.Sources.Any() })
}

// within waits for another server to notice.
func within(t *testing.T, done func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the other server noticed nothing")
		}
	}
}
