package browser_test

import (
	"bytes"
	"mime/multipart"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/browser/chrome"
	"github.com/leadmeter/leadmeter/internal/sample"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// sampled is a server with the sample's workspace, and with one of everything that
// a page can show, made by the forms and calls that people make it with.
type sampled struct {
	*world
	manager, empty, emptyAdmin string
	profile                    string // of somebody not captured yet
	ids                        map[string]string
}

func startSampled(t *testing.T) *sampled {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves out the browser")
	}
	if _, err := chrome.Path(); err != nil {
		t.Fatal(err)
	}
	needAxe(t)
	t.Parallel()
	key := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(key, []byte(strings.Repeat("ab", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &world{T: t, begun: time.Now(), tabTime: 8 * time.Minute}
	s, err := server.Open(ctx, server.Config{Database: testdb.AddressOnAny(t), Clock: w.now, SecretKeyFile: key, Support: "help@leadmeter.example"})
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.Handler)
	t.Cleanup(func() {
		h.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	w.server, w.base = s, h.URL
	made, err := sample.Fill(ctx, s)
	if err != nil {
		t.Fatal(err)
	}
	w.ws, w.admin = made.Workspace, made.Admin
	w.member = w.memberNamed("Ada Lovelace")
	k := &sampled{world: w, profile: made.Profile, ids: map[string]string{}}
	k.workspaceWithNothing()
	k.fill()
	t.Cleanup(w.verify)
	return k
}

// workspaceWithNothing is one whose pages are all empty.
func (k *sampled) workspaceWithNothing() {
	k.Helper()
	err := k.server.Store.Update(ctx, func(tx *store.Tx) error {
		made, err := k.server.Accounts.CreateWorkspace(tx, account.NewWorkspace{Name: "Nothing yet", Plan: "free", TimeZone: "UTC", PriceBook: "classic", Seats: 1, Anchor: 1})
		if err != nil {
			return err
		}
		scope := &account.Scope{Principal: account.Principal{Role: account.Operator}, Workspace: made, Now: k.now()}
		m, err := k.server.Accounts.AddMember(tx, scope, account.NewMember{Email: "first@nothing.example", Name: "Fi First", Role: account.Admin})
		k.empty, k.emptyAdmin = made.ID, m.ID
		return err
	})
	if err != nil {
		k.Fatal(err)
	}
}

// fill makes one of everything.
func (k *sampled) fill() {
	k.Helper()
	boss, mel := k.signedIn(k.admin), k.signedIn(k.member)
	boss.made("/team", url.Values{"email": {"max@northlight.example"}, "name": {"Max Manager"}, "role": {"manager"}})
	k.manager = k.memberNamed("Max Manager")
	boss.made("/groups", url.Values{"name": {"North"}, "member": {k.member}, "manager": {k.manager}, "budget.standard": {"40"}})
	boss.made("/settings/keys", url.Values{"name": {"CRM"}, "role": {"admin"}})
	boss.made("/settings/alerts", url.Values{"percents.standard": {"1"}, "percents.premium": {"1"}})
	if err := k.server.Alerts.Look(ctx, k.ws); err != nil {
		k.Fatal(err)
	}
	boss.made("/settings/webhooks", url.Values{"url": {"https://93.184.215.14/in"}, "events": {"charge.created"}})
	k.ids["{webhook}"] = boss.found("/settings/webhooks", `main table a`)
	boss.made(k.ids["{webhook}"]+"/test", nil)
	boss.made("/settings/push/webhook", url.Values{"address": {"https://93.184.215.14/leads"}})
	boss.made("/settings/push", url.Values{"list": {"Conference"}, "to": {"webhook"}})
	mel.made("/ask", url.Values{"credit": {"premium"}, "amount": {"20"}, "reason": {"The fair in Hanover is next week."}})
	mel.made("/ask", url.Values{"credit": {"standard"}, "amount": {"5"}})
	k.ids["{lead}"] = boss.found("/leads", `#lead-rows .person`)
	boss.made(k.ids["{lead}"], url.Values{"notes": {"Asked for a call in spring."}, "tags": {"key account, fair"}, "lists": {"Conference"}})
	k.ids["/bulk/{bulk}/columns"] = boss.multipart("/bulk", nil, "people.csv", "Who,Firm,Mail\nNora New,Labs,nora@labs.example\nOnly Name,,no address\n")
	k.ids["{bulk}"] = boss.bulk(k.profile + "\nNobody Atall, Nowhere")
	k.ids["{import}"] = k.importOf("full_name,company,work_email\nNora New,Labs,nora@labs.example\nBad Row,Labs,not-an-address\n")
	op := k.signedIn("")
	op.made("/operator/sources", url.Values{"name": {"vendor"}, "kind": {"peopledatalabs"}, "key": {"sample"}, "url": {"http://127.0.0.1:9"}, "allow_private": {"on"}, "more": {"retries: 0"}})
	op.made("/operator/sources/vendor/pause", url.Values{"do": {"pause"}}) // captures ask nobody
	k.ids["{source}"] = "/operator/sources/vendor"
	k.ids["/team/{member}/sign-in"] = "/team/" + k.member + "/sign-in"
	k.ids["{ws}"] = "/operator/workspaces/" + k.ws
	k.ids["/operator/workspaces/{ws}/cancel"] = k.ids["{ws}"] + "/cancel"
	k.review()
	for _, t := range []*tab{boss, mel} {
		t.clean()
	}
}

// made sends a form that must be taken.
func (t *tab) made(path string, form url.Values) {
	t.Helper()
	if got := t.post(path, form.Encode()).StatusCode; got >= 400 {
		t.Fatalf("POST %s was answered with %d", path, got)
	}
}

// found is where the first such link on a page leads.
func (t *tab) found(path, css string) string {
	t.Helper()
	t.goTo(path)
	to := t.js(`document.querySelector(` + "`" + css + "`" + `)?.getAttribute("href")`)
	if !strings.HasPrefix(to, "/") {
		t.Fatalf("no %s on %s", css, path)
	}
	return to
}

// bulk begins a bulk capture and says where it is.
func (t *tab) bulk(people string) string {
	t.Helper()
	columns := t.multipart("/bulk", map[string]string{"people": people}, "", "")
	to := t.post(columns, url.Values{"as": {"lines"}, "fields": {"work_email"}, "do": {"estimate"}}.Encode()).Header.Get("Location")
	if !strings.HasPrefix(to, "/bulk/") {
		t.Fatalf("a bulk capture is at %q", to)
	}
	return to
}

// importOf hands a file in and says where it is looked at.
func (k *sampled) importOf(text string) string {
	k.Helper()
	t := k.signedIn("")
	to := t.multipart("/operator/imports", map[string]string{"source": "crm-export"}, "people.csv", text)
	if !strings.HasPrefix(to, "/operator/imports/") {
		t.Fatalf("an import is at %q", to)
	}
	return to
}

// multipart sends a form with a file and says where it leads.
func (t *tab) multipart(path string, values map[string]string, name, text string) string {
	t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	for key, value := range values {
		if err := form.WriteField(key, value); err != nil {
			t.Fatal(err)
		}
	}
	if name != "" {
		file, err := form.CreateFormFile("file", name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	return t.post(path, body.String(), "Content-Type", form.FormDataContentType()).Header.Get("Location")
}
