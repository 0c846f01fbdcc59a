// Package browser_test uses the pages as people do: a real Chromium against a real
// server. Nothing in it waits for a time to pass, only for what must become true.
package browser_test

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/browser/chrome"
	"github.com/leadmeter/leadmeter/internal/command"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

var ctx = context.Background()

// chromium is one browser for all tests; each has a profile of its own in it.
var chromium struct {
	sync.Once
	ctx context.Context
	end func()
	err error
}

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(command.Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	code := testdb.Main(m)
	if chromium.end != nil {
		chromium.end()
	}
	os.Exit(code)
}

// people are the directory: Ada has everything and costs 3 standard and 1 premium,
// Alan nothing that costs, Grace an address that is only likely, and a mobile.
const people = `id,full_name,title,company,company_domain,company_phone,linkedin_url,location,work_email,work_email_status,work_email_verified_at,personal_emails,work_phones,mobile_phones,country
p1,Ada Byron,Chief Analyst,Engines,engines.example,+1 212-555-0100,https://www.linkedin.com/in/ada-byron,London,ada@engines.example,verified,2025-06-01,ada@mail.example,+1 212-555-0111,+1 917-555-0112;+1 917-555-0113,US
p2,Alan Main,Operator,Engines,engines.example,+1 212-555-0100,https://www.linkedin.com/in/alan-main,London,alan@engines.example,verified,2026-02-20,,+1 212-555-0100,,US
p3,Grace Yard,Admiral,Harbor,harbor.example,+1 212-555-0120,https://www.linkedin.com/in/grace-yard,Boston,grace@harbor.example,likely,,,+1 212-555-0121,+1 917-555-0122,US
p4,Mary Orbit,Engineer,Harbor,harbor.example,+1 212-555-0120,https://www.linkedin.com/in/mary-orbit,Boston,,,,,+1 212-555-0131,+1 917-555-0132,US
p5,Sam Twin,Engineer,Harbor,harbor.example,+1 212-555-0120,https://www.linkedin.com/in/sam-twin-1,Boston,,,,,+1 212-555-0141,,US
p6,Sam Twin,Captain,Harbor,harbor.example,+1 212-555-0120,https://www.linkedin.com/in/sam-twin-2,Boston,,,,,+1 212-555-0142,,US
`

const (
	ada   = "https://www.linkedin.com/in/ada-byron"
	alan  = "Alan Main, Engines"
	grace = "https://www.linkedin.com/in/grace-yard"
	mary  = "https://www.linkedin.com/in/mary-orbit"
)

// world is a running server with one workspace: an admin and a member.
type world struct {
	*testing.T
	server        *server.Server
	config        server.Config
	base          string
	begun         time.Time
	ws            string
	admin, member string
	tabTime       time.Duration // how long a tab may be open; three minutes at least
}

// now is the server's: a morning in March that continues.
func (w *world) now() time.Time {
	return time.Date(2026, 3, 10, 9, 30, 0, 0, time.UTC).Add(time.Since(w.begun))
}

// start opens a server whose workspace is on a plan with a seat for each of two.
func start(t *testing.T, plan string) *world {
	t.Helper()
	return startWith(t, plan, nil)
}

// startWith lets the configuration be changed first.
func startWith(t *testing.T, plan string, change func(c *server.Config)) *world {
	t.Helper()
	if testing.Short() {
		t.Skip("-short leaves out the browser")
	}
	if _, err := chrome.Path(); err != nil {
		t.Fatal(err)
	}
	t.Parallel()
	w := &world{T: t, begun: time.Now(), config: server.Config{Database: testdb.AddressOnAny(t)}}
	w.config.Clock = w.now
	if change != nil {
		change(&w.config)
	}
	s := w.open()
	h := httptest.NewServer(s.Handler)
	t.Cleanup(func() {
		h.Close()
		if err := w.server.Close(); err != nil {
			t.Error(err)
		}
	})
	w.base = h.URL
	t.Cleanup(w.verify)
	if plan == "" {
		return w // an empty server
	}
	w.imports(people)
	err := s.Store.Update(ctx, func(tx *store.Tx) error {
		made, err := s.Accounts.CreateWorkspace(tx, account.NewWorkspace{Name: "Acme", Plan: plan, TimeZone: "Europe/Berlin", PriceBook: "classic", Seats: 2, Anchor: 1})
		if err != nil {
			return err
		}
		w.ws = made.ID
		scope := &account.Scope{Principal: account.Principal{Role: account.Operator}, Workspace: made, Now: w.now()}
		for _, n := range []account.NewMember{{Email: "boss@acme.example", Name: "Bo Boss", Role: account.Admin}, {Email: "mel@acme.example", Name: "Mel Member", Role: account.Regular}} {
			m, err := s.Accounts.AddMember(tx, scope, n)
			if err != nil {
				return err
			}
			if n.Role == account.Admin {
				w.admin = m.ID
			} else {
				w.member = m.ID
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// imports puts people in the directory.
func (w *world) imports(file string) {
	w.Helper()
	i, err := w.server.Directory.Begin(ctx, strings.NewReader(file), "text/csv")
	if err != nil {
		w.Fatal(err)
	}
	if _, err := i.Run(ctx); err != nil {
		w.Fatal(err)
	}
}

// open opens the world's server, or the one that comes after it.
func (w *world) open() *server.Server {
	w.Helper()
	s, err := server.Open(ctx, w.config)
	if err != nil {
		w.Fatal(err)
	}
	w.server = s
	return s
}

// verify: whatever was pressed, the ledger adds up (rule S3).
func (w *world) verify() {
	if _, err := w.server.Ledger.Verify(ctx, func(d credits.Difference) { w.Errorf("verify: %s", d) }); err != nil {
		w.Error(err)
	}
}

// code is a sign-in code of a member; empty: the operator's.
func (w *world) code(member string) string {
	w.Helper()
	ws := w.ws
	if member == "" {
		ws = ""
	}
	code, err := w.server.Accounts.CreateCode(ctx, ws, member)
	if err != nil {
		w.Fatal(err)
	}
	return code
}

// do carries out a command of the workspace.
func (w *world) do(make func(r credits.Request) credits.Command) {
	w.Helper()
	if _, err := w.server.Ledger.Do(ctx, make(credits.Request{Workspace: w.ws, At: w.now()})); err != nil {
		w.Fatal(err)
	}
}

// allocate sets what the member may use of one credit type.
func (w *world) allocate(credit, mode string, amount int64) {
	w.Helper()
	w.do(func(r credits.Request) credits.Command {
		return &credits.Allocate{Request: r, For: w.member, Sets: map[string]credits.Allocation{credit: {Mode: mode, Amount: credits.Amount(amount) * credits.Credit}}}
	})
}

// view is what the ledger says, past every page.
func (w *world) view() *credits.View {
	w.Helper()
	v, err := w.server.Ledger.Look(ctx, w.ws, []string{w.admin, w.member}, w.now())
	if err != nil {
		w.Fatal(err)
	}
	return v
}

// used is what the workspace used of a credit type.
func (w *world) used(credit string) string {
	w.Helper()
	c, ok := w.view().Credit(credit)
	if !ok {
		w.Fatalf("no credit type %s", credit)
	}
	return c.Used.String()
}

func (w *world) wantUsed(standard, premium int) {
	w.Helper()
	got, want := w.used("standard")+" standard, "+w.used("premium")+" premium", fmt.Sprintf("%d standard, %d premium", standard, premium)
	if got != want {
		w.Errorf("used %s, want %s", got, want)
	}
}

// browser starts Chromium, once.
func browser(t *testing.T) context.Context {
	t.Helper()
	chromium.Do(func() { chromium.ctx, chromium.end, chromium.err = chrome.Start(ctx) })
	if errors.Is(chromium.err, chrome.ErrMissing) {
		t.Fatal(chromium.err)
	}
	if chromium.err != nil {
		t.Fatalf("Chromium does not start: %v", chromium.err)
	}
	return chromium.ctx
}

// entries are the workspace's ledger, newest first.
func (w *world) entries() (list []store.Entry) {
	w.Helper()
	err := w.server.Store.View(ctx, func(tx *store.Tx) (err error) {
		list, err = tx.Entries().List(store.EntryFilter{Workspace: w.ws, Sight: store.Everybody(), Limit: 1000})
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return list
}
