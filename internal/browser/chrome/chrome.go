// Package chrome starts the machine's own Chromium for the browser tests and the
// screenshots, with nothing that it would do on the network by itself.
package chrome

import (
	"context"
	"errors"
	"os"
	"os/exec"

	"github.com/chromedp/chromedp"
)

// ErrMissing says what to do where there is no Chromium.
//
//lint:ignore ST1005 a name begins it
var ErrMissing = errors.New("Chromium is not installed; `make setup` installs it")

// WithExtension loads an unpacked extension.
func WithExtension(dir string) []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.Flag("headless", "new"), chromedp.Flag("disable-extensions", false),
		chromedp.Flag("load-extension", dir), chromedp.Flag("disable-extensions-except", dir),
	}
}

// Path is where Chromium is.
func Path() (string, error) {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, nil
		}
	}
	return "", ErrMissing
}

// Start starts a browser with a profile of its own; the function ends it and
// removes the profile. Tabs are made of the context by chromedp.NewContext. More
// options come after its own.
func Start(ctx context.Context, more ...chromedp.ExecAllocatorOption) (context.Context, func(), error) {
	path, err := Path()
	if err != nil {
		return nil, nil, err
	}
	profile, err := os.MkdirTemp("", "leadmeter-chromium-")
	if err != nil {
		return nil, nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
		// Text is drawn the same way everywhere.
		chromedp.Flag("font-render-hinting", "none"), chromedp.Flag("disable-lcd-text", true),
	)
	if os.Geteuid() == 0 {
		options = append(options, chromedp.NoSandbox)
	}
	allocator, endAllocator := chromedp.NewExecAllocator(ctx, append(options, more...)...)
	browser, endBrowser := chromedp.NewContext(allocator)
	end := func() {
		endBrowser()
		endAllocator()
		os.RemoveAll(profile)
	}
	if err := chromedp.Do(browser); err != nil {
		end()
		return nil, nil, err
	}
	return browser, end, nil
}
