package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"time"

	"github.com/chromedp/chromedp"
)

// states of the extension's panel that are in the documentation; the extension's
// own test page shows each without a server.
var states = []string{
	"disconnected", "pending", "ended", "no-access", "empty", "people", "chosen", "no-company", "captured", "all", "out-of-credits", "asked", "not-enough", "offline",
	"settings", "settings-managed", "sign-out", "hostile",
}

// panels takes the panel in its states, as wide as browsers first show it.
func (p photographer) panels(browser context.Context, dir string) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	hs := &http.Server{Handler: http.FileServer(http.Dir(dir)), ReadHeaderTimeout: time.Minute}
	go hs.Serve(l) //nolint:errcheck // it ends with the program
	defer hs.Close()
	p.base = "http://" + l.Addr().String()
	tab, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	defer end()
	tab, cancel := context.WithTimeout(tab, 2*time.Minute)
	defer cancel()
	for _, state := range states {
		for _, scheme := range []string{"light", "dark"} {
			name := filepath.Base(dir) + "-" + state + "-" + scheme
			if !p.wants(filepath.Base(dir)+"-"+state, scheme) {
				continue
			}
			page := page{path: "/test/panel.html?state=" + state + "&theme=" + scheme, do: steps{chromedp.Poll[chromedp.Void](fmt.Sprintf("document.title == %q", "shown "+state))}}
			if err := p.take(tab, name, page, look{scheme, 400, 760, 1.5, scheme}); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return nil
}
