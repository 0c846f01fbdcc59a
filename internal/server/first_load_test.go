package server_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// mostFirstLoad is what the first page of a browser that has nothing yet may weigh,
// compressed, with everything that it loads. In bytes.
const mostFirstLoad = 150_000

// The first page of the lead sheet through the server, with everything that a browser
// loads with it. LEADMETER_TEST_LEADS=100000 is what docs/benchmarks-pages.md tells of.
func TestFirstLoad(t *testing.T) {
	testdb.Slow(t)
	leads := 2000
	if text := os.Getenv("LEADMETER_TEST_LEADS"); text != "" {
		var err error
		if leads, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, engine := range testdb.Engines {
		t.Run(engine, func(t *testing.T) {
			testdb.Want(t, engine)
			address := testdb.Address(t, engine)
			w := openWith(t, server.Config{Database: address})
			k := &walk{world: w, heard: map[string]bool{}}
			k.ws = w.workspace("pro", 20, nil)
			boss := w.post(w.operator, client.In(k.ws, "members"), is{"email": "boss@acme.example", "name": "Bo Boss", "role": "admin"}, 201)["id"].(string)
			k.fillSheet(boss, leads)
			analyze(t, address)
			k.signIn(k.ws, boss)
			for _, c := range []struct{ name, path string }{
				{"the lead sheet", "/leads"}, {"sorted by name", "/leads?sort=name"}, {"with a mobile number", "/leads?has=mobile_phone"}, {"a word", "/leads?q=sales"},
			} {
				k.firstLoad(c.name, c.path, leads)
			}
		})
	}
}

// analyze lets Postgres know what is in its tables, as it does by itself after a while.
func analyze(t *testing.T, address string) {
	t.Helper()
	if !strings.HasPrefix(address, "postgres") {
		return
	}
	c, err := pgx.Connect(ctx, address)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.Background())
	if _, err := c.Exec(ctx, "VACUUM ANALYZE"); err != nil {
		t.Fatal(err)
	}
}

// fillSheet puts leads on the sheet as captures leave them: emails, a main line for
// every second, a mobile for every third.
func (k *walk) fillSheet(member string, leads int) {
	k.Helper()
	const batch = 2000
	for from := 0; from < leads; from += batch {
		err := k.server.Store.Ledger(ctx, k.ws, func(store.LedgerTx) (*store.Writes, error) {
			w := &store.Writes{}
			for n := from; n < min(from+batch, leads); n++ {
				l := sheetRow(k.ws, member, n)
				w.Leads = append(w.Leads, l)
				reveal := func(field, outcome, values string) {
					w.Reveals = append(w.Reveals, store.Reveal{Workspace: k.ws, Person: l.Person, Field: field, Outcome: outcome, At: l.At, Values: values})
				}
				reveal("work_email", "charged", fmt.Sprintf(`[{"value":"person%d@%s","status":"verified"}]`, n, l.Domain))
				reveal("personal_email", "not_found", "")
				if n%2 == 0 {
					reveal("work_phone", "same_as_main_line", fmt.Sprintf(`[{"value":"+1212555%04d"}]`, n%10000))
				}
				if n%3 == 0 {
					reveal("mobile_phone", "charged", fmt.Sprintf(`[{"value":"+1917555%04d"}]`, n%10000))
				}
			}
			return w, nil
		})
		if err != nil {
			k.Fatal(err)
		}
	}
}

func sheetRow(ws, member string, n int) store.LeadRow {
	first := []string{"Ada", "Zoë", "Łukasz", "Mary", "Ödön", "Hedy", "Alan"}[n%7]
	company := n * 17 % 9001
	return store.LeadRow{
		Workspace: ws, ID: fmt.Sprintf("lead_%08d", n*7919%1_000_003), Person: fmt.Sprintf("per_%08d", n), Member: member, FullName: fmt.Sprintf("%s Person%d", first, n*31%50_021),
		Title: []string{"Head of Sales", "VP Engineering", "Buyer"}[n%3], Company: fmt.Sprintf("Company %d", company), Domain: fmt.Sprintf("company%d.example", company),
		Location: "Berlin", Profile: fmt.Sprintf("https://www.linkedin.com/in/person-%d", n), At: time.Date(2026, 1, 1, 0, 0, n, 0, time.UTC).UnixMicro(), List: []string{"", "", "Autumn outreach", "Conference"}[n%4],
	}
}

var assetLink = regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`)

// firstLoad asks for a page often, says how long it took and what it weighs, and
// holds the whole to the limit.
func (k *walk) firstLoad(name, path string, leads int) {
	k.Helper()
	var times []time.Duration
	var page []byte
	var weight int
	for n := range 120 {
		begun := time.Now()
		var body []byte
		body, weight = k.load(path)
		if n >= 20 { // warm
			times = append(times, time.Since(begun))
		}
		page = body
	}
	slices.Sort(times)
	total, plain, files := weight, len(page), 0
	seen := map[string]bool{}
	for _, m := range assetLink.FindAllStringSubmatch(string(page), -1) {
		if !seen[m[1]] {
			seen[m[1]] = true
			body, size := k.load(m[1])
			total, plain, files = total+size, plain+len(body), files+1
		}
	}
	k.Logf("%s, %d leads: p50 %.1f ms, p95 %.1f ms; the page %d bytes, compressed %d; with its %d files %d, compressed %d", name, leads,
		ms(times[len(times)/2]), ms(times[len(times)*95/100]), len(page), weight, files, plain, total)
	if total > mostFirstLoad || weight >= len(page) {
		k.Errorf("the first load of %s is %d bytes, compressed; at most %d", path, total, mostFirstLoad)
	}
	if files < 3 {
		k.Errorf("%s loads %d files", path, files)
	}
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// load asks for something as a browser does, reads it to its end, and says how many
// bytes came.
func (k *walk) load(path string) (body []byte, weight int) {
	k.Helper()
	to, err := url.Parse(k.http.URL + path)
	if err != nil {
		k.Fatal(err)
	}
	r := &http.Request{Method: http.MethodGet, URL: to, Header: http.Header{"Accept-Encoding": {"gzip"}}}
	answer, err := k.pages.Do(r)
	if err != nil {
		k.Fatal(err)
	}
	defer answer.Body.Close()
	raw, err := io.ReadAll(answer.Body)
	if err != nil || answer.StatusCode != http.StatusOK {
		k.Fatalf("%s is answered with %d, %v", path, answer.StatusCode, err)
	}
	if answer.Header.Get("Content-Encoding") != "gzip" {
		return raw, len(raw)
	}
	z, err := gzip.NewReader(strings.NewReader(string(raw)))
	if err != nil {
		k.Fatal(err)
	}
	body, err = io.ReadAll(z)
	if err != nil {
		k.Fatal(err)
	}
	return body, len(raw)
}
