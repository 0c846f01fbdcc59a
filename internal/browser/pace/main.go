// Pace measures how quickly the lead sheet answers the keyboard and scrolls, in a real
// Chromium on a SQLite database with so many leads:
//
//	go run ./internal/browser/pace --leads 10000
//
// Interaction to next paint is what the Event Timing API says of each interaction; what it does
// not report took less than 16 ms. Long tasks are those that PerformanceObserver reports: of more
// than 50 ms. It measures on the sheet as it opens, scrolls through it, and measures again.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/leadmeter/leadmeter/internal/browser/chrome"
)

func main() {
	leads := flag.Int("leads", 10_000, "how many leads the sheet has")
	scroll := flag.Duration("scroll", time.Minute, "for how long to scroll at most")
	flag.Parse()
	if err := run(context.Background(), *leads, *scroll); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, leads int, scroll time.Duration) (err error) {
	dir, err := os.MkdirTemp("", "leadmeter-pace-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	w, err := seed(ctx, dir, leads)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.Close()) }()
	fmt.Printf("%d leads, ready after %.0f s\n", w.leads, time.Since(began).Seconds())
	code, err := w.Accounts.CreateCode(ctx, w.workspace, w.admin)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	hs := &http.Server{Handler: w.Handler, ReadHeaderTimeout: time.Minute}
	go hs.Serve(l) //nolint:errcheck // it ends with the program
	defer hs.Close()
	browser, end, err := chrome.Start(ctx)
	if err != nil {
		return err
	}
	defer end()
	s, done, err := openSheet(browser, "http://"+l.Addr().String(), code)
	if err != nil {
		return err
	}
	defer done()
	for _, step := range []func() error{
		func() error { return s.interactions("as it opens") },
		func() error { return s.scroll(scroll) },
		func() error { return s.interactions("after scrolling") },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}
