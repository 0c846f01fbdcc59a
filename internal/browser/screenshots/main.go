// Screenshots draws the pages of the sample workspace for the documentation:
//
//	go run ./internal/browser/screenshots
//
// It writes docs/screenshots/PAGE-{light,dark,phone}.png, states of the extension's panel as
// extension-STATE-{light,dark}.png and the README's film.gif: the few that the documentation
// keeps, or with -all every page and state. The sample's clock does not move, so every run gives the same
// pages.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/chromedp"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/browser/chrome"
	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/sample"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/store"
)

// now is when the pictures are taken.
var now = time.Date(2026, 11, 19, 13, 40, 0, 0, time.UTC)

func main() {
	out := flag.String("out", "docs/screenshots", "where to write the pictures")
	only := flag.String("only", "", "a part of the names of those to write")
	all := flag.Bool("all", false, "every page and state, not only those that docs keeps")
	whole := flag.Bool("whole", false, "whole pages, not the first screen")
	flag.Parse()
	if err := run(context.Background(), photographer{out: *out, only: *only, all: *all, whole: *whole}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// look is one way to look at a page.
type look struct {
	name          string
	width, height int64
	scale         float64
	scheme        string
}

var looks = []look{
	{"light", 1280, 800, 1, "light"},
	{"dark", 1280, 800, 1, "dark"},
	{"phone", 390, 844, 1.5, "light"},
}

// page is one page and what is done on it before each picture is taken, after what
// is done once for all of them.
type page struct {
	name, path string
	once, do   steps
}

type steps []chromedp.Action[chromedp.Void]

// kept are the pages and states that docs/screenshots has: at most 30 pictures.
var kept = []string{"lead-sheet", "lead", "captured", "bulk", "usage", "team", "settings", "operator", "extension-people", "extension-captured", "film"}

func run(ctx context.Context, p photographer) (err error) {
	dir, err := os.MkdirTemp("", "leadmeter-screenshots-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	key := filepath.Join(dir, "secret.key")
	if err := os.WriteFile(key, []byte(strings.Repeat("5a", 32)), 0o600); err != nil {
		return err
	}
	srv, err := server.Open(ctx, server.Config{Database: "sqlite:" + filepath.Join(dir, "leadmeter.db"), Support: "support@leadmeter.example", Clock: func() time.Time { return now },
		SecretKeyFile: key, Mail: mail.Config{Dir: filepath.Join(dir, "mails"), Base: "https://leads.example.com"}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	s, err := sample.Fill(ctx, srv)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	hs := &http.Server{Handler: srv.Handler, ReadHeaderTimeout: time.Minute}
	go hs.Serve(l) //nolint:errcheck // it ends with the program
	defer hs.Close()
	browser, end, err := chrome.Start(ctx)
	if err != nil {
		return err
	}
	defer end()
	if err := os.MkdirAll(p.out, 0o755); err != nil {
		return err
	}
	// Browsers keep passkeys for localhost, and for no IP address.
	p.base = strings.Replace("http://"+l.Addr().String(), "127.0.0.1", "localhost", 1)
	var member [3]string // a code is for one sign-in
	for n := range member {
		if member[n], err = srv.Accounts.CreateCode(ctx, s.Workspace, s.Admin); err != nil {
			return err
		}
	}
	operator, err := srv.Accounts.CreateCode(ctx, "", "")
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte("screenshots"))
	asked, err := srv.Accounts.BeginConnection(ctx, "Chrome on Linux", base64.RawURLEncoding.EncodeToString(sum[:]))
	if err != nil {
		return err
	}
	people := filepath.Join(dir, "fair.csv")
	if err := os.WriteFile(people, []byte(fair), 0o600); err != nil {
		return err
	}
	invitation, err := invite(ctx, srv, s)
	if err != nil {
		return err
	}
	return errors.Join(
		p.visit(browser, "", []page{{name: "sign-in", path: "/sign-in"}, {name: "sign-in-link", path: "/sign-in/link/sent"}, {name: "join", path: invitation}}),
		p.visit(browser, member[0], sheetPages(s)),
		p.visit(browser, member[1], append(adminPages(s), page{name: "connect", path: "/connect/extension?id=" + asked.ID})),
		p.panels(browser, "extension"),
		p.visit(browser, operator, operatorPages(s, people)),
		p.film(browser, member[2], s.Profile),
	)
}

// invite is where the invitation of a new member leads.
func invite(ctx context.Context, srv *server.Server, s sample.Sample) (path string, err error) {
	scope, err := srv.Accounts.Enter(ctx, account.Principal{Role: account.Admin, Workspace: s.Workspace, Member: s.Admin}, s.Workspace)
	if err != nil {
		return "", err
	}
	byHand := *srv.SignIn // which mails nothing, and gives the path instead
	byHand.Mail = nil
	err = srv.Store.Update(ctx, func(tx *store.Tx) error {
		m, err := srv.Accounts.AddMember(tx, scope, account.NewMember{Email: "nia@northlight.example", Name: "Nia New", Role: account.Regular})
		if err != nil {
			return err
		}
		path, err = byHand.Invite(tx, scope, m)
		return err
	})
	return path, err
}

func sheetPages(s sample.Sample) []page {
	return []page{
		{name: "lead-sheet", path: "/leads"},
		{name: "lead", path: "/leads", do: steps{chromedp.Click(chromedp.CSS("#lead-rows tr:nth-child(2) .person")), chromedp.WaitVisible(chromedp.ID("lead-detail"))}},
		{name: "chosen", path: "/leads?list=Conference", do: steps{
			chromedp.Click(chromedp.CSS("#lead-rows .pick input")), chromedp.Click(chromedp.CSS(".chosen-bar button[value=unlock]")), chromedp.WaitVisible(chromedp.CSS("input[name=fields]")),
		}},
		{name: "empty-search", path: "/leads?q=nobody"},
		{name: "capture", path: "/capture", do: steps{ask(s.Profile, "look")}},
		{name: "nobody", path: "/capture", do: steps{ask("Nobody Atall, Nowhere", "look")}},
		{name: "bulk", path: "/bulk", do: steps{
			chromedp.SetValue(chromedp.ID("people"), s.Profile+"\nNobody Atall, Nowhere"), chromedp.Click(chromedp.CSS("form.card button.primary")), chromedp.WaitVisible(chromedp.CSS("button[value=estimate]")),
			chromedp.Click(chromedp.CSS("button[value=estimate]")), chromedp.WaitVisible(chromedp.ID("bulk")),
		}},
		{name: "bulk-form", path: "/bulk"},
		{name: "captured", path: "/capture", do: steps{ask(s.Profile, "capture")}},
		{name: "missing", path: "/leads/lead_none"},
	}
}

func adminPages(s sample.Sample) []page {
	click := func(css string) chromedp.Action[chromedp.Void] { return chromedp.Click(chromedp.CSS(css)) }
	return []page{
		{name: "usage", path: "/usage"},
		{name: "entries", path: "/usage/entries?kind=charge"},
		{name: "team", path: "/team"},
		{name: "ask", path: "/ask"},
		{name: "plan", path: "/plan"},
		{name: "audit", path: "/audit"},
		{name: "settings", path: "/settings"},
		{name: "how-you-sign-in", path: "/settings/sign-in"},
		{name: "second-factor", path: "/settings/sign-in/app"},
		{name: "member-access", path: "/team/" + s.Admin + "/sign-in"},
		{name: "alerts", path: "/settings/alerts"},
		{name: "webhook", path: "/settings/webhooks", once: steps{
			chromedp.SetValue(chromedp.ID("hook-url"), "https://crm.northlight.example/leadmeter"), click("input[value='lead.captured']"), click("input[value='credits.low']"),
			click("main form button[type=submit]"), chromedp.WaitVisible(chromedp.ID("deliveries")), click("form[action$='/test'] button"), chromedp.WaitVisible(chromedp.CSS("#deliveries table")),
		}, do: steps{click("main table a"), chromedp.WaitVisible(chromedp.ID("deliveries"))}},
		{name: "webhooks", path: "/settings/webhooks"},
		{name: "push", path: "/settings/push", once: steps{
			chromedp.SetValue(chromedp.ID("webhook-address"), "https://crm.northlight.example/leads"), click("form[action='/settings/push/webhook'] button"), chromedp.WaitVisible(chromedp.ID("push-secret")),
			click("form[action='/settings/push'] button"), chromedp.WaitVisible(chromedp.CSS("main table")),
		}},
		{name: "help", path: "/help"}, {name: "guide", path: "/help/rep"}, {name: "help-search", path: "/help/search?q=mobile"},
	}
}

// fair is a file that somebody brings home from a fair.
const fair = `First name,Surname,Employer,Mail,Direct line
Nora,Lindqvist,Lantern Security,nora@lanternsecurity.example,+1 212-555-0155
Samir,Okafor,Orchard Robotics,samir at orchard,+1 212-555-0156
Thea,Dubois,Canopy Logistics,thea@canopylogistics.example,
`

func operatorPages(s sample.Sample, people string) []page {
	return []page{
		{name: "import", path: "/operator/imports", do: steps{
			chromedp.SetValue(chromedp.ID("import-source"), "Hanover fair"), chromedp.SetUploadFiles(chromedp.ID("import-file"), []string{people}),
			chromedp.Click(chromedp.CSS("form[action='/operator/imports'] button")), chromedp.WaitVisible(chromedp.ID("read-as")),
		}},
		{name: "operator", path: "/operator"}, {name: "workspace", path: "/operator/workspaces/" + s.Workspace},
		{name: "directory", path: "/operator/imports"}, {name: "reviews", path: "/operator/reviews"}, {name: "addon-requests", path: "/operator/addon-requests"}, {name: "sources", path: "/operator/server"}, {name: "add-source", path: "/operator/sources"}, {name: "mail", path: "/operator/mail"},
		{name: "books", path: "/operator/books", do: steps{
			chromedp.SetValue(chromedp.ID("with"), "universal"), chromedp.Click(chromedp.CSS("form.col button.primary")), chromedp.WaitVisible(chromedp.ID("diff-title")),
		}},
	}
}

// ask fills in the capture form and presses one of its buttons.
func ask(who, button string) chromedp.Action[chromedp.Void] {
	return chromedp.Steps(
		chromedp.SetValue(chromedp.ID("who"), who), chromedp.Click(chromedp.CSS("button[value="+button+"]")),
		chromedp.WaitVisible(chromedp.CSS("#capture-result .panel")),
		chromedp.Evaluate[chromedp.Void]("document.activeElement.blur(); scrollTo(0, 0)"),
	)
}

type photographer struct {
	base, out, only string
	all, whole      bool
}

// wants reports whether a picture is to be written.
func (p photographer) wants(page, look string) bool {
	return (p.all || slices.Contains(kept, page)) && strings.Contains(page+"-"+look, p.only)
}

// visit signs in, unless the code is empty, and takes every page in every look.
func (p photographer) visit(browser context.Context, code string, pages []page) error {
	tab, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	defer end()
	tab, cancel := context.WithTimeout(tab, 2*time.Minute)
	defer cancel()
	if code != "" {
		if err := p.signIn(tab, code); err != nil {
			return err
		}
	}
	for _, page := range pages {
		if len(page.once) > 0 {
			if err := chromedp.Do(tab, append(steps{chromedp.Navigate(p.base + page.path)}, page.once...)...); err != nil {
				return fmt.Errorf("%s: %w", page.name, err)
			}
		}
		for _, look := range looks {
			name := page.name + "-" + look.name
			if !p.wants(page.name, look.name) {
				continue
			}
			if err := p.take(tab, name, page, look); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}

func (p photographer) signIn(tab context.Context, code string) error {
	err := chromedp.Do(tab, chromedp.Navigate(p.base+"/sign-in#code="+code), chromedp.Click(chromedp.CSS(`form[action="/sign-in/code"] button`)), chromedp.WaitVisible(chromedp.CSS("nav.places")))
	if err != nil {
		return fmt.Errorf("sign in: %w", err)
	}
	return nil
}

func (p photographer) take(tab context.Context, name string, page page, look look) error {
	if err := p.dress(tab, look); err != nil {
		return err
	}
	if err := chromedp.Do(tab, append(steps{chromedp.Navigate(p.base + page.path)}, page.do...)...); err != nil {
		return err
	}
	shot := chromedp.CaptureScreenshot()
	if p.whole {
		shot = chromedp.FullScreenshot(100)
	}
	picture, err := chromedp.Run(tab, shot)
	if err != nil {
		return err
	}
	file := filepath.Join(p.out, name+".png")
	fmt.Printf("%s  %d KB\n", file, len(picture)/1024)
	return os.WriteFile(file, picture, 0o644)
}
