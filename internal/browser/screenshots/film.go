package main

import (
	"context"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// maxFilm is what the README's animated picture may weigh, in bytes.
const maxFilm = 2 << 20

// film is the README's animated picture while it is taken.
type film struct {
	reel
	tab     context.Context
	pointer image.Point
}

// film takes the animated picture: capture a person, unlock a mobile, see the usage.
func (p photographer) film(browser context.Context, code, profile string) error {
	if !p.wants("film", "") {
		return nil
	}
	tab, end := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	defer end()
	tab, cancel := context.WithTimeout(tab, 2*time.Minute)
	defer cancel()
	f := &film{tab: tab, pointer: image.Pt(640, 420)}
	if err := p.signIn(tab, code); err != nil {
		return err
	}
	if err := p.dress(tab, look{"light", 1280, 740, 1, "light"}); err != nil {
		return err
	}
	if err := f.play(p.base, profile); err != nil {
		return fmt.Errorf("film: %w", err)
	}
	file := filepath.Join(p.out, "film.gif")
	w, err := os.Create(file)
	if err != nil {
		return err
	}
	defer w.Close()
	if err := f.encode(w); err != nil {
		return err
	}
	size, err := w.Seek(0, 1)
	fmt.Printf("%s  %d KB, %d frames\n", file, size/1024, len(f.frames))
	if err == nil && size > maxFilm {
		err = fmt.Errorf("film: %d bytes are more than %d", size, maxFilm)
	}
	return err
}

// play does what the film shows.
func (f *film) play(base, profile string) error {
	const mobile = "#lead-rows tr:first-child .f-mobile_phone"
	value := chromedp.WaitVisible(chromedp.CSS(mobile + " .value"))
	for _, step := range []func() error{
		func() error {
			return f.do(150, chromedp.Navigate(base+"/leads"), chromedp.WaitVisible(chromedp.CSS(".lead-sheet[role=grid]")))
		},
		func() error { return f.press("#bar-who", 30) },
		func() error { return f.write(strings.TrimPrefix(profile, "https://www.")) },
		func() error {
			return f.press(".capture-bar button[value=capture]", 40, chromedp.WaitVisible(chromedp.CSS("#capture-result .panel")))
		},
		func() error { return f.do(250) },
		func() error { return f.press("#capture-result .dismiss", 60) },
		func() error { return f.press(mobile+" .unlock", 40, value) },
		func() error { return f.do(250) },
		func() error {
			return f.press(`nav.places a[href="/usage"]`, 40, chromedp.WaitVisible(chromedp.CSS("main h1")), chromedp.Poll[chromedp.Void](`location.pathname == "/usage" && document.readyState == "complete"`))
		},
		func() error { return f.do(400) },
	} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// do takes a frame after some steps.
func (f *film) do(delay int, steps ...chromedp.Action[chromedp.Void]) error {
	if err := chromedp.Do(f.tab, steps...); err != nil {
		return err
	}
	// What settles and fades is over, and no caret blinks in one frame and not in the next.
	still := `document.querySelector(".htmx-request, .htmx-settling, .htmx-swapping, .htmx-added") || document.getAnimations().some((a) => a.playState == "running") ? false : true`
	if err := chromedp.Do(f.tab, chromedp.Poll[chromedp.Void](still)); err != nil {
		return err
	}
	shot, err := chromedp.Run(f.tab, chromedp.CaptureScreenshot())
	if err != nil {
		return err
	}
	return f.add(shot, delay, f.pointer)
}

// press moves the pointer to an element in a few frames and presses it.
func (f *film) press(css string, delay int, then ...chromedp.Action[chromedp.Void]) error {
	at := func(axis string) (float64, error) {
		return chromedp.Run(f.tab, chromedp.Evaluate[float64](fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return Math.round(%s); })()`, css, axis)))
	}
	x, err := at("r.left + Math.min(r.width / 2, 120)")
	if err != nil {
		return fmt.Errorf("%s: %w", css, err)
	}
	y, err := at("r.top + r.height / 2")
	if err != nil {
		return fmt.Errorf("%s: %w", css, err)
	}
	const moves = 6
	from, to := f.pointer, image.Pt(int(x), int(y))
	for n := 1; n <= moves; n++ {
		f.pointer = from.Add(to.Sub(from).Mul(n).Div(moves))
		if err := f.mouse("mouseMoved"); err != nil {
			return err
		}
		if err := f.do(5); err != nil {
			return err
		}
	}
	if err := f.do(35); err != nil {
		return err
	}
	for _, kind := range []input.DispatchMouseEventType{"mousePressed", "mouseReleased"} {
		if err := f.mouse(kind); err != nil {
			return err
		}
	}
	return f.do(delay, then...)
}

func (f *film) mouse(kind input.DispatchMouseEventType) error {
	p := input.DispatchMouseEventParams{Type: kind, X: float64(f.pointer.X), Y: float64(f.pointer.Y)}
	if kind != "mouseMoved" {
		p.Button, p.ClickCount = "left", 1
	}
	_, err := chromedp.Call(f.tab, input.DispatchMouseEvent, p)
	return err
}

// write types a text, a few letters a frame.
func (f *film) write(text string) error {
	for len(text) > 0 {
		part := text[:min(4, len(text))]
		text = text[len(part):]
		if err := f.do(9, chromedp.KeyEvent(part)); err != nil {
			return err
		}
	}
	return nil
}

// dress sets a tab's size and colors.
func (p photographer) dress(tab context.Context, look look) error {
	_, err := chromedp.Call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{
		Width: look.width, Height: look.height, DeviceScaleFactor: look.scale, Mobile: look.name == "phone",
	})
	if err != nil {
		return err
	}
	_, err = chromedp.Call(tab, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: look.scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	return err
}
