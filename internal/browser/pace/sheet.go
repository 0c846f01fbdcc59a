package main

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// watch collects what the browser itself measures, from now on.
const watch = `(() => {
	window.pace = { events: [], long: [] };
	new PerformanceObserver((l) => { for (const e of l.getEntries()) if (e.interactionId) pace.events.push(e.duration); }).observe({ type: "event", durationThreshold: 16 });
	new PerformanceObserver((l) => { for (const e of l.getEntries()) pace.long.push(e.duration); }).observe({ type: "longtask" });
})()`

// settle waits until what was done is painted, reported, and nothing is on its way.
const settle = `new Promise((done) => {
	const quiet = () => document.querySelector(".htmx-request, .htmx-settling, .htmx-swapping, [aria-busy=true]") ? setTimeout(quiet, 20) : requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done, 40)));
	quiet();
})`

// sheet is the lead sheet in a tab.
type sheet struct {
	ctx context.Context
}

// openSheet signs in and opens the sheet at the size of a notebook's screen.
func openSheet(browser context.Context, base, code string) (*sheet, func(), error) {
	tab, end := chromedp.NewContext(browser)
	s := &sheet{tab}
	_, err := chromedp.Call(tab, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1440, Height: 900, DeviceScaleFactor: 1})
	if err == nil {
		err = present(tab)
	}
	if err == nil {
		err = chromedp.Do(tab, chromedp.Navigate(base+"/sign-in#code="+code), chromedp.Click(chromedp.CSS(`form[action="/sign-in/code"] button`)), chromedp.WaitVisible(chromedp.CSS("nav.places")),
			chromedp.Navigate(base+"/leads"), chromedp.WaitVisible(chromedp.CSS(".lead-sheet[role=grid]")), chromedp.Evaluate[chromedp.Void](watch))
	}
	if err != nil {
		end()
		return nil, nil, fmt.Errorf("open the sheet: %w", err)
	}
	return s, end, nil
}

// present has every frame shown to somebody: without a window Chromium shows few of them, and
// the next paint is then that of a later interaction.
func present(tab context.Context) error {
	err := chromedp.Listen(tab, func(ev any) {
		if f, ok := ev.(*page.EventScreencastFrame); ok {
			go chromedp.Call(tab, page.ScreencastFrameAck, page.ScreencastFrameAckParams{SessionID: f.SessionID}) //nolint:errcheck // frames end with the tab
		}
	})
	if err == nil {
		_, err = chromedp.Call(tab, page.StartScreencast, page.StartScreencastParams{Format: "jpeg", MaxWidth: 16, MaxHeight: 16, EveryNthFrame: 1})
	}
	return err
}

func (s *sheet) js(expression string) error {
	return chromedp.Do(s.ctx, chromedp.Evaluate[chromedp.Void](expression))
}

func (s *sheet) number(expression string) (float64, error) {
	return chromedp.Run(s.ctx, chromedp.Evaluate[float64](expression))
}

// await evaluates a promise to its end.
func (s *sheet) await(promise string) error {
	return chromedp.Do(s.ctx, chromedp.Evaluate[chromedp.Void]("window.over = false, ("+promise+").then(() => { window.over = true; }), 0"), chromedp.Poll[chromedp.Void]("window.over"))
}

// key presses a key as a keyboard does.
func (s *sheet) key(key string) error {
	codes := map[string]int64{"Escape": 27}
	for _, kind := range []input.DispatchKeyEventType{"keyDown", "keyUp"} {
		p := input.DispatchKeyEventParams{Type: kind, Key: key, WindowsVirtualKeyCode: codes[key]}
		if codes[key] == 0 && kind == "keyDown" {
			p.Text = key
		}
		if _, err := chromedp.Call(s.ctx, input.DispatchKeyEvent, p); err != nil {
			return err
		}
	}
	return nil
}

// interaction is one kind of thing that people do.
type interaction struct {
	name   string
	times  int
	before string // a script that makes it possible, not measured
	keys   []string
}

// kinds are what is measured. The focus is on a row in sight when one begins.
var kinds = []interaction{
	{"j, k: the row below, above", 40, "", []string{"j", "j", "k"}},
	{"x: select", 20, "", []string{"x", "j"}},
	{"o: open the drawer", 10, "", []string{"o", "Escape"}},
	{"u: unlock", 10, focusLocked, []string{"u"}},
	{"type in the filter", 3, focusFilter, []string{"e", "n", "g", "i", "n", "e"}},
}

const (
	focusRow    = `(() => { const top = document.querySelector(".lead-scroll").getBoundingClientRect().top + 80; [...document.querySelectorAll(".lead-sheet tbody tr[id]")].find((r) => r.getBoundingClientRect().top > top).children[1].focus({ preventScroll: true }); })()`
	focusLocked = `(() => { const top = document.querySelector(".lead-scroll").getBoundingClientRect().top + 80; const b = [...document.querySelectorAll(".lead-sheet tbody tr[id] .f-mobile_phone .unlock")].find((b) => b.getBoundingClientRect().top > top); const cell = b.closest("td"); cell.focus(); cell.scrollIntoView({ block: "center" }); })()`
	focusFilter = `(() => { const q = document.querySelector("#filters [name=q]"); q.focus(); q.value = ""; })()`
	noFilter    = `(() => { const q = document.querySelector("#filters [name=q]"); q.value = ""; q.dispatchEvent(new Event("input", { bubbles: true })); q.dispatchEvent(new Event("change", { bubbles: true })); })()`
)

// interactions measures every kind and prints it.
func (s *sheet) interactions(when string) error {
	rows, err := s.number(`document.querySelectorAll(".lead-sheet tbody tr[id]").length`)
	if err != nil {
		return err
	}
	fmt.Printf("\n%-34s %6s %8s %8s %8s %14s\n", fmt.Sprintf("%s, %.0f rows in the page", when, rows), "times", "p50", "p75", "max", "longest task")
	for _, k := range kinds {
		if err := s.js(focusRow); err != nil {
			return err
		}
		times, err := s.measure(k)
		if err != nil {
			return fmt.Errorf("%s: %w", k.name, err)
		}
		long, err := s.longest()
		if err != nil {
			return err
		}
		fmt.Printf("%-34s %6d %8s %8s %8s %14s\n", k.name, len(times), short(at(times, 0.5)), short(at(times, 0.75)), short(at(times, 1)), task(long))
	}
	return s.await(`Promise.resolve(` + noFilter + `).then(() => ` + settle + `)`)
}

// measure does one kind of thing and gives the milliseconds to the next paint of each key, in order.
func (s *sheet) measure(k interaction) (times []float64, err error) {
	if err := s.await(settle); err != nil {
		return nil, err
	}
	if err := s.js(`pace.long.length = 0`); err != nil {
		return nil, err
	}
	for range k.times {
		if k.before != "" {
			if err := s.js(k.before); err != nil {
				return nil, err
			}
		}
		for _, key := range k.keys {
			if err := s.js(`pace.events.length = 0`); err != nil {
				return nil, err
			}
			if err := s.key(key); err != nil {
				return nil, err
			}
			if err := s.await(settle); err != nil {
				return nil, err
			}
			took, err := s.number(`Math.max(0, ...pace.events)`)
			if err != nil {
				return nil, err
			}
			times = append(times, took)
		}
	}
	slices.Sort(times)
	return times, nil
}

// scroll turns the wheel until the end of the sheet, or until the time is over.
func (s *sheet) scroll(most time.Duration) error {
	if err := s.js(`pace.long.length = 0`); err != nil {
		return err
	}
	began, turns := time.Now(), 0
	for ; time.Since(began) < most; turns++ {
		if _, err := chromedp.Call(s.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: "mouseWheel", X: 720, Y: 500, DeltaX: 0.001, DeltaY: 1200}); err != nil {
			return err
		}
		end, err := s.number(`(() => { const s = document.querySelector(".lead-scroll"); return s.scrollTop + s.clientHeight > s.scrollHeight - 4 && !document.querySelector(".sheet-foot [rel=next]") ? 1 : 0; })()`)
		if err != nil {
			return err
		}
		if end == 1 {
			break
		}
		if err := s.await(`new Promise((done) => requestAnimationFrame(() => done()))`); err != nil {
			return err
		}
	}
	took := time.Since(began)
	if err := s.await(settle); err != nil {
		return err
	}
	passed, err := s.number(`Math.round(document.querySelector(".lead-scroll").scrollTop / document.querySelector(".lead-sheet tbody tr[id]").offsetHeight)`)
	if err != nil {
		return err
	}
	long, err := s.longest()
	if err != nil {
		return err
	}
	fmt.Printf("\nscrolled past %.0f rows in %.0f s, %d turns of the wheel; longest task %s\n", passed, took.Seconds(), turns, task(long))
	return nil
}

// longest is the longest task since the last look, in milliseconds.
func (s *sheet) longest() (float64, error) {
	return s.number(`Math.max(0, ...pace.long)`)
}

func at(sorted []float64, share float64) float64 {
	return sorted[int(share*float64(len(sorted)-1))]
}

func short(ms float64) string {
	if ms < 16 {
		return "< 16 ms"
	}
	return fmt.Sprintf("%.0f ms", ms)
}

func task(ms float64) string {
	if ms < 50 {
		return "< 50 ms"
	}
	return fmt.Sprintf("%.0f ms", ms)
}
