package web_test

import (
	"bytes"
	"context"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"golang.org/x/net/html"

	"github.com/leadmeter/leadmeter/internal/web/capturing"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/web/gate"
	"github.com/leadmeter/leadmeter/internal/web/operator"
	"github.com/leadmeter/leadmeter/internal/web/settings"
	"github.com/leadmeter/leadmeter/internal/web/sheet"
	"github.com/leadmeter/leadmeter/internal/web/spending"
	"github.com/leadmeter/leadmeter/internal/web/static"
	"github.com/leadmeter/leadmeter/internal/web/team"
)

func render(t testing.TB, c templ.Component) string {
	t.Helper()
	var b bytes.Buffer
	if err := c.Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func parse(t testing.TB, text string) *html.Node {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func attr(n *html.Node, name string) string {
	v, _ := has(n, name)
	return v
}

func has(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func elements(doc *html.Node) []*html.Node {
	var all []*html.Node
	for n := range doc.Descendants() {
		if n.Type == html.ElementNode {
			all = append(all, n)
		}
	}
	return all
}

// hostile fills every string of a component's samples with what attackers and
// long names bring; see hostilePages.
const hostile = `"><script>alert(1)</script><img src=x onerror=alert(1)>`

// poison puts text into every string of a view model.
func poison(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		if v.CanSet() {
			v.SetString(text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			// Ids and names of fields and types come from the server itself.
			switch v.Type().Field(i).Name {
			case "ID", "Field", "Type", "Types", "Nav", "Theme", "Mode", "Kind", "Outcome", "Code", "State":
				continue
			}
			poison(v.Field(i), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), text)
		}
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), text)
		}
	}
}

func poisoned[T any](v T, text string) T {
	poison(reflect.ValueOf(&v).Elem(), text)
	return v
}

func hostilePages(text string) []sample {
	invited := sampleTeam(true)
	invited.Link = &frame.SignInLink{}
	keyed := sampleSettings()
	keyed.Keys.New = &settings.NewKey{}
	return []sample{
		{"sign-in", gate.SignIn(poisoned(gate.SignInPage{}, text))},
		{"sign-in-all", gate.SignIn(poisoned(gate.SignInPage{Mail: true, Passkeys: true, Issuers: []gate.IssuerLink{{}}}, text))},
		{"choose", gate.ChooseDoor(poisoned(gate.ChoosePage{Memberships: []gate.MembershipChoice{{}}}, text))},
		{"set-up", gate.SetUpStep(poisoned(gate.SetUpPage{Required: true}, text))},
		{"second", gate.SecondStep(poisoned(gate.SecondPage{App: true, Passkeys: true}, text))},
		{"join", gate.Join(poisoned(gate.JoinPage{Issuers: []gate.IssuerLink{{}}}, text))},
		{"recovery", gate.Recovery(poisoned(gate.RecoveryPage{Codes: []string{""}}, text))},
		{"security", gate.Security(poisoned(sampleSecurity(), text))},
		{"member-sign-in", gate.MemberSignIn(poisoned(sampleMemberSignIn(), text))},
		{"leads", sheet.Leads(poisoned(sheet.LeadsPage{Page: samplePage("leads", ""), Layout: sheet.LayoutOf(""), Rows: sampleRows(), Search: sheet.LeadSearch{Selects: []sheet.Filter{{Options: []frame.Option{{}}}}, Chips: []sheet.Chip{{}}}, Views: sheet.ViewBar{MaySave: true}}, text))},
		{"lead", sheet.Lead(poisoned(sheet.LeadPage{Page: samplePage("leads", ""), Lead: sampleLead()}, text))},
		{"lookup", capturing.Capture(poisoned(capturing.CapturePage{Page: samplePage("capture", ""), Form: sampleCaptureForm(), Result: sampleLookup()}, text))},
		{"captured", capturing.Capture(poisoned(capturing.CapturePage{Page: samplePage("capture", ""), Form: sampleCaptureForm(), Result: sampleCaptured()}, text))},
		{"no-match", capturing.Capture(poisoned(capturing.CapturePage{Page: samplePage("capture", ""), Form: sampleCaptureForm(), Result: &capturing.CaptureOutcome{NoMatch: &capturing.NoMatch{}}}, text))},
		{"people", capturing.People(poisoned(samplePeople(), text))},
		{"bulk", capturing.Bulk(poisoned(capturing.BulkPage{Page: samplePage("capture", ""), Jobs: []capturing.BulkLine{{}}}, text))},
		{"bulk-columns", capturing.BulkColumns(poisoned(sampleBulkColumns(), text))},
		{"bulk-capture", capturing.BulkCapture(poisoned(sampleBulkCapture(), text))},
		{"usage", spending.Usage(poisoned(sampleUsage(), text))},
		{"team", team.Team(poisoned(invited, text))},
		{"settings", settings.Settings(poisoned(keyed, text))},
		{"webhooks", settings.Webhooks(poisoned(sampleWebhooks(), text))},
		{"webhook", settings.Webhook(poisoned(sampleWebhook(), text))},
		{"alerts", settings.Alerts(poisoned(sampleAlerts(), text))},
		{"push", settings.Push(poisoned(samplePush(), text))},
		{"connect", settings.Connect(poisoned(sampleConnect("ask"), text))},
		{"help", settings.Help(poisoned(sampleHelp(), text))},
		{"help-search", settings.HelpFound(poisoned(settings.HelpSearch{Page: samplePage("help", ""), Results: []settings.HelpResult{{}}}, text))},
		{"operator", operator.Operator(poisoned(sampleOperator(), text))}, {"directory", operator.Directory(poisoned(sampleDirectory(), text))},
		{"import", operator.Import(poisoned(sampleImport(), text))},
		{"books", operator.Books(poisoned(sampleBooks(), text))},
		{"operator-workspace", operator.OperatorWorkspace(poisoned(sampleOperatorWorkspace(), text))},
		{"error", frame.Failure(poisoned(frame.ErrorPage{Page: samplePage("", "")}, text))},
	}
}

func TestPagesHoldTheRules(t *testing.T) {
	sets := map[string][]sample{
		"full": fullPages(), "gate": sampleGate(), "empty": emptyPages(), "hostile": hostilePages(hostile),
		"long": hostilePages(strings.Repeat("Wolfeschlegelsteinhausen", 13)), "link": hostilePages("javascript:alert(1)"),
	}
	for set, pages := range sets {
		for _, p := range pages {
			t.Run(set+"/"+p.name, func(t *testing.T) {
				text := render(t, p.page)
				all := elements(parse(t, text))
				noInline(t, all)
				oneOutline(t, all)
				uniqueIDs(t, all)
				labelled(t, all)
				keyed(t, all)
				for _, want := range []string{"main", "header"} {
					if !strings.Contains(text, "<"+want) {
						t.Errorf("the %s landmark is missing", want)
					}
				}
			})
		}
	}
}

// noInline: nothing that the Content-Security-Policy would stop.
func noInline(t *testing.T, all []*html.Node) {
	t.Helper()
	for _, n := range all {
		if n.Data == "style" || n.Data == "script" && (attr(n, "src") == "" || n.FirstChild != nil) {
			t.Errorf("inline <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Key, "hx-on") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
			if (a.Key == "href" || a.Key == "action" || a.Key == "src") && strings.HasPrefix(strings.ToLower(strings.TrimSpace(a.Val)), "javascript:") {
				t.Errorf("<%s %s=%q>", n.Data, a.Key, a.Val)
			}
		}
	}
}

// oneOutline: exactly one h1, first, and no level left out.
func oneOutline(t *testing.T, all []*html.Node) {
	t.Helper()
	last, tops := 0, 0
	for _, n := range all {
		if len(n.Data) != 2 || n.Data[0] != 'h' || n.Data[1] < '1' || n.Data[1] > '6' {
			continue
		}
		level := int(n.Data[1] - '0')
		if level == 1 {
			tops++
		}
		if level > last+1 && !(last == 0 && level == 1) {
			t.Errorf("h%d follows h%d", level, last)
		}
		last = level
	}
	if tops != 1 {
		t.Errorf("%d h1", tops)
	}
}

func uniqueIDs(t *testing.T, all []*html.Node) {
	t.Helper()
	seen := map[string]bool{}
	for _, n := range all {
		if id, ok := has(n, "id"); ok {
			if id == "" || seen[id] {
				t.Errorf("the id %q is there twice or empty", id)
			}
			seen[id] = true
		}
	}
	for _, n := range all {
		for _, name := range []string{"for", "aria-labelledby", "aria-describedby", "form"} {
			for id := range strings.FieldsSeq(attr(n, name)) {
				if !seen[id] {
					t.Errorf("<%s %s=%q> names nothing", n.Data, name, id)
				}
			}
		}
	}
}

func labelled(t *testing.T, all []*html.Node) {
	t.Helper()
	labels := map[string]bool{}
	for _, n := range all {
		if n.Data == "label" {
			labels[attr(n, "for")] = true
		}
	}
	for _, n := range all {
		if n.Data != "input" && n.Data != "select" && n.Data != "textarea" || attr(n, "type") == "hidden" {
			continue
		}
		inside := false
		for p := range n.Ancestors() {
			inside = inside || p.Data == "label"
		}
		if id := attr(n, "id"); attr(n, "aria-label") == "" && !inside && (id == "" || !labels[id]) {
			t.Errorf("<%s name=%q> has no label", n.Data, attr(n, "name"))
		}
	}
}

// keyed: whatever is posted twice happens once (rule C9).
func keyed(t *testing.T, all []*html.Node) {
	t.Helper()
	for _, n := range all {
		if n.Data != "form" || attr(n, "method") != "post" {
			continue
		}
		keys := 0
		for c := range n.Descendants() {
			if c.Data == "input" && attr(c, "name") == "idempotency_key" {
				keys++
			}
		}
		if keys != 1 {
			t.Errorf("the form to %s has %d idempotency keys", attr(n, "action"), keys)
		}
		if h, ok := has(n, "hx-post"); ok && h != attr(n, "action") {
			t.Errorf("the form to %s goes to %s with htmx", attr(n, "action"), h)
		}
	}
}

// TestCostIsSaidBeforeItIsSpent holds rule U3.
func TestCostIsSaidBeforeItIsSpent(t *testing.T) {
	sheet := render(t, sheet.Leads(sheet.LeadsPage{Page: samplePage("leads", "Leads"), Bar: sampleBar(), Layout: sheet.LayoutOf(""), Rows: sampleRows()}))
	for _, want := range []string{"Capture · at most 3 standard", "Unlock · 1 premium", "Look (free)", "not found · free", "free · main line", "free · verified in directory", "Needs 1 premium, 0 left. Refills Dec 1."} {
		if !strings.Contains(sheet, want) {
			t.Errorf("the sheet does not say %q", want)
		}
	}
	answer := render(t, capturing.CaptureAnswer(*sampleLookup()))
	if !strings.Contains(answer, "Capture · at most 1 standard + 1 premium") {
		t.Error("the lookup's button does not say its cost")
	}
}

// TestRefusalSaysWhatStoppedIt holds rule D7.
func TestRefusalSaysWhatStoppedIt(t *testing.T) {
	for limit, words := range map[string]string{"workspace": "your workspace’s allowance", "pool": "the shared pool", "member": "your own limit"} {
		r := *sampleRefusal().Refusal
		r.LimitedBy = limit
		text := strings.ReplaceAll(html.UnescapeString(render(t, capturing.RefusalPanel(r))), "'", "’")
		for _, want := range []string{words, "1 premium", "0 premium", "Dec 1, 2026", "Ask your admin"} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing", limit, want)
			}
		}
	}
}

func TestBalanceIsAlwaysInView(t *testing.T) {
	for _, p := range fullPages() {
		text := strings.Join(strings.Fields(render(t, p.page)), " ")
		if p.name == "sign-in" || strings.Contains(text, "runs this server") {
			continue // nobody there has a balance
		}
		if !strings.Contains(text, "<b>2,235</b> of 2,500 left <small>· refills Dec 1 · in the pool</small>") {
			t.Errorf("%s does not show the balance", p.name)
		}
	}
}

// Each of the operator's pages is an entry of the navigation, and says which one it is.
func TestOperatorNavigation(t *testing.T) {
	places := map[string]string{"operator": "/operator", "addon-requests": "/operator/addon-requests", "reviews": "/operator/reviews", "directory": "/operator/imports", "import": "/operator/imports", "server": "/operator/server", "books": "/operator/books"}
	current := regexp.MustCompile(`<a href="([^"]+)" title="[^"]*" aria-current="page"`)
	for _, p := range fullPages() {
		here, ok := places[p.name]
		if !ok {
			continue
		}
		delete(places, p.name)
		text := render(t, p.page)
		if found := current.FindAllStringSubmatch(text, -1); len(found) != 1 || found[0][1] != here {
			t.Errorf("%s is %v in the navigation, want %s", p.name, found, here)
		}
		for _, to := range []string{"/operator", "/operator/addon-requests", "/operator/reviews", "/operator/imports", "/operator/server", "/operator/books", "/operator/mail"} {
			if !strings.Contains(text, `<a href="`+to+`" title=`) {
				t.Errorf("%s has no entry that leads to %s", p.name, to)
			}
		}
	}
	if len(places) > 0 {
		t.Errorf("not among the sample pages: %v", places)
	}
}

func TestSignedOutShowsNothing(t *testing.T) {
	p := samplePage("leads", "Sign in")
	p.SignedIn = false
	text := render(t, gate.SignIn(gate.SignInPage{Page: p}))
	for _, secret := range []string{p.Workspace, p.UserName, "/sign-out", "2,235"} {
		if strings.Contains(text, secret) {
			t.Errorf("%q is shown to nobody in particular", secret)
		}
	}
}

// TestWriteSamples writes the sample pages for a look in a browser, into the
// directory that LEADMETER_SAMPLES names.
func TestWriteSamples(t *testing.T) {
	dir := os.Getenv("LEADMETER_SAMPLES")
	if dir == "" {
		t.Skip("set LEADMETER_SAMPLES to a directory to write the sample pages there")
	}
	if err := os.MkdirAll(filepath.Join(dir, "static"), 0o755); err != nil {
		t.Fatal(err)
	}
	pages := append(append(fullPages(), sampleGate()...), sample{"empty-leads", sheet.Leads(sheet.LeadsPage{Page: samplePage("leads", "Leads"), Bar: sampleBar()})},
		sample{"long-leads", hostilePages(strings.Repeat("Wolfeschlegelsteinhausen", 13))[9].page},
		sample{"long-usage", hostilePages(strings.Repeat("Wolfeschlegelsteinhausen", 13))[14].page})
	spent := samplePage("", "").Balance
	spent[1].Available = of(40)
	row := sampleRows()[1]
	row.ID = "lead_0"
	pages = append(pages,
		sample{"fragment-unlock", templ.Join(sheet.LeadRowView(row), frame.Balance(spent, true), frame.Notices([]frame.Notice{{Text: "Unlocked for 1 premium."}}, true))},
		sample{"fragment-capture", templ.Join(capturing.CaptureAnswer(*sampleCaptured()), sheet.LeadRows(sampleRows()[:2], true), frame.Balance(spent, true))})
	for _, p := range pages {
		if err := os.WriteFile(filepath.Join(dir, p.name+".html"), []byte(render(t, p.page)), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	files, err := os.ReadDir("static")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		url := static.URL(f.Name())
		w := httptest.NewRecorder()
		static.Handler().ServeHTTP(w, httptest.NewRequest("GET", url, nil))
		if err := os.WriteFile(filepath.Join(dir, url), w.Body.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
