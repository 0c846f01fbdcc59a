package browser_test

import (
	"strconv"
	"strings"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// watchKeys notes in the page where the Tab key leads. What can be reached must be,
// must be in sight when it is, and must look unlike it did.
const watchKeys = `(() => {
	const natural = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex], [contenteditable]";
	const inView = (e) => e.checkVisibility({visibilityProperty: true}) && e.getClientRects().length > 0 && e.getBoundingClientRect().width > 0;
	const name = (e) => e.tagName.toLowerCase() + (e.id && "#" + e.id) + (e.name ? "[name=" + e.name + "]" : "") + " " + (e.ariaLabel || e.textContent.trim().replace(/\s+/g, " ")).slice(0, 40);
	const modal = document.querySelector("dialog:modal"); // what is behind it cannot be reached
	const list = [...(modal || document).querySelectorAll(natural)].filter((e) => inView(e) && !e.matches(":disabled") && !e.closest("[inert]"));
	const radios = new Map();
	const wanted = new Set(list.filter((e) => {
		if (e.tabIndex < 0) return false;
		if (e.type != "radio") return true;
		const group = e.form?.action + " " + e.name, checked = list.some((o) => o.type == "radio" && o.name == e.name && o.form == e.form && o.checked);
		if (checked ? !e.checked : radios.has(group)) return false;
		radios.set(group, e);
		return true;
	}));
	// What a chart leads to may be led to beside it; a grid's cells have the arrow keys, and a
	// cell's card repeats what is in it.
	const ways = new Set([...wanted].map((e) => e.href));
	const passed = list.filter((e) => e.tabIndex < 0 && e.matches("a, button, input, select, textarea, summary") && !e.closest("[role=grid], .cell-card") && !(e.href && ways.has(e.href.baseVal ? new URL(e.href.baseVal, location).href : e.href)));
	const bad = new Set(passed.map((e) => "the Tab key passes over " + name(e)));
	const look = (e) => { const s = getComputedStyle(e); return [s.outlineStyle != "none" && parseFloat(s.outlineWidth) >= 1 && !/, 0\)$/.test(s.outlineColor), s.boxShadow]; };
	const rest = new Map([...wanted].map((e) => [e, look(e)[1]]));
	const seen = new Set();
	const walk = {wanted: wanted.size, pressed: 0, same: 0, last: null, over: false};
	walk.look = (e) => {
		const [ring, shadow] = look(e);
		if (!ring && (shadow == "none" || shadow == rest.get(e))) bad.add("the focus cannot be seen on " + name(e));
		const points = [...e.getClientRects()].flatMap((r) => {
			const x = (r.left + r.right) / 2, y = (r.top + r.bottom) / 2;
			return [[x, y], [r.left + 4, r.top + 4], [r.right - 4, r.top + 4], [r.left + 4, r.bottom - 4], [r.right - 4, r.bottom - 4], [x, r.top + 4], [x, r.bottom - 4]];
		});
		const shown = points.some(([px, py]) => { const top = document.elementFromPoint(px, py); return top && (e.contains(top) || top.contains(e) && !top.matches("header, nav, .chosen-bar")); });
		if (!shown) bad.add("the focus is out of sight on " + name(e));
	};
	document.addEventListener("keyup", (k) => {
		if (k.key != "Tab" || walk.over) return;
		walk.pressed++;
		const e = document.activeElement;
		if (!e || e == document.body) { walk.over = seen.size > 0; return; }
		walk.same = e == walk.last ? walk.same + 1 : 0;
		if (walk.same > 12) { bad.add("the focus does not leave " + name(e)); walk.over = true; }
		if (e == walk.last) return;
		if (seen.has(e)) { walk.over = true; return; }
		walk.last = e;
		seen.add(e);
		walk.look(e);
	}, true);
	if (modal) seen.add(document.activeElement); // where it was opened
	walk.said = () => [...bad, ...[...wanted].filter((e) => !seen.has(e) && inView(e)).map((e) => "the Tab key never comes to " + name(e))].join("\n");
	window.keyWalk = walk;
	const top = document.createElement("span"); // the way begins above everything
	top.tabIndex = -1;
	document.body.prepend(top);
	top.focus();
	top.remove();
	return wanted.size;
})()`

// maxKeys bounds one walk: a lead sheet has a few hundred stops.
const maxKeys = 2000

// keys are the faults that a person meets who has a keyboard and no mouse.
func (t *tab) keys() []string {
	t.Helper()
	t.wait(`!document.querySelector(".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added")`) // an answer that settles may move the focus
	t.js(watchKeys)
	for pressed := 0; t.js(`window.keyWalk.over`) != "true"; {
		if pressed > maxKeys {
			return []string{"the Tab key goes on and on after " + strconv.Itoa(pressed) + " presses"}
		}
		for range 25 {
			t.tabKey()
			pressed++
		}
	}
	said := t.js(`window.keyWalk.said()`)
	if said == "" {
		return nil
	}
	return strings.Split(said, "\n")
}

func (t *tab) tabKey() {
	t.Helper()
	for _, kind := range []input.DispatchKeyEventType{"rawKeyDown", "keyUp"} {
		if _, err := chromedp.Call(t.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: "Tab", Code: "Tab", WindowsVirtualKeyCode: 9, NativeVirtualKeyCode: 9}); err != nil {
			t.Fatal(err)
		}
	}
}
