package browser_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// guide is a guide of docs/guides, read beside a test that does what it says. A section is one
// task. Every name in bold must be on the page that the test is at, in the guide's order, as a
// button, a link, a label, a heading or an option: a renamed button fails the test.
type guide struct {
	*testing.T
	name     string
	sections []guideSection
	now      int             // the section that is being done; -1 before the first
	missing  []string        // its names that no page has shown yet
	seen     map[string]bool // its names that one has
	marks    int
}

// guideSection is one task of a guide.
type guideSection struct {
	title    string
	names    []string // in bold
	commands []string // lines of the terminal
}

var boldNames = regexp.MustCompile(`\*\*([^*]+)\*\*`)

// readGuide reads a guide and bounds it: a guide is short, and its lines fit a terminal.
func readGuide(t *testing.T, name string) *guide {
	t.Helper()
	text, err := os.ReadFile("../../docs/guides/" + name + ".md")
	if err != nil {
		t.Fatal(err)
	}
	g := &guide{T: t, name: name, sections: guideSections(string(text)), now: -1}
	lines := strings.Split(string(text), "\n")
	if len(lines) > 100 {
		t.Errorf("%s has %d lines, more than two screens", name, len(lines))
	}
	for n, line := range lines {
		if len([]rune(line)) > 100 {
			t.Errorf("%s:%d is wider than 100 columns", name, n+1)
		}
	}
	return g
}

// guideSections takes a guide apart. What is before the first section names no control.
func guideSections(text string) (list []guideSection) {
	parts := strings.Split("\n"+text, "\n## ")
	for _, part := range parts[1:] {
		title, body, _ := strings.Cut(part, "\n")
		s := guideSection{title: title}
		for _, m := range boldNames.FindAllStringSubmatch(strings.ReplaceAll(body, "\n", " "), -1) {
			s.names = append(s.names, m[1])
		}
		for line := range strings.Lines(body) {
			if command, is := strings.CutPrefix(line, "    leadmeter "); is {
				s.commands = append(s.commands, strings.TrimSpace(command))
			}
		}
		list = append(list, s)
	}
	return list
}

// section begins the guide's next section, which must have this title.
func (g *guide) section(title string) {
	g.Helper()
	g.endSection()
	g.now++
	if g.now >= len(g.sections) || g.sections[g.now].title != title {
		g.Fatalf("%s.md has no section %q at place %d", g.name, title, g.now+1)
	}
	g.missing, g.seen = g.sections[g.now].names, map[string]bool{}
}

// end fails for a section that was not done.
func (g *guide) end() {
	g.Helper()
	g.endSection()
	if g.now != len(g.sections)-1 {
		g.Errorf("%s.md has sections that the test does not do, from %q on", g.name, g.sections[g.now+1].title)
	}
}

func (g *guide) endSection() {
	g.Helper()
	if len(g.missing) > 0 {
		g.Errorf("%s.md, %q: no page that the test was at shows %q there", g.name, g.sections[g.now].title, g.missing)
	}
	g.missing = nil
}

// at looks which of the section's next names the tab's page has.
func (g *guide) at(t *tab) {
	g.Helper()
	for len(g.missing) > 0 && t.js(namedElement(g.missing[0], anything, "")+" != null") == "true" {
		g.seen[g.missing[0]] = true
		g.missing = g.missing[1:]
	}
}

// find waits for the control of a name of the section, inside an element or anywhere, marks it and
// returns its selector.
func (g *guide) find(t *tab, name, kinds, inside string) string {
	g.Helper()
	t.wait(namedElement(name, kinds, inside))
	g.at(t)
	if !g.seen[name] {
		g.Errorf("%s.md, %q: the test uses %q, and the guide names %q next", g.name, g.sections[g.now].title, name, g.missing)
	}
	g.marks++
	mark := fmt.Sprintf("g%d", g.marks)
	t.wait(fmt.Sprintf(`(() => { const e = %s; (e?.control ?? e)?.setAttribute("data-guide", %q); return e; })()`, namedElement(name, kinds, inside), mark))
	return `[data-guide="` + mark + `"]`
}

// press presses a control by its name, on the page that stays.
func (g *guide) press(t *tab, name string) {
	g.Helper()
	t.click(g.find(t, name, pressable, ""))
}

// follow presses a control by its name and waits for the page that comes after.
func (g *guide) follow(t *tab, name string) {
	g.Helper()
	t.follow(g.find(t, name, pressable, "main"))
}

// place follows a link of the side bar.
func (g *guide) place(t *tab, name string) {
	g.Helper()
	t.follow(g.find(t, name, "a", "nav.places"))
}

// fill types into the field that has a label, inside an element.
func (g *guide) fill(t *tab, inside, label, text string) {
	g.Helper()
	t.fill(g.find(t, label, fields, inside), text)
}

// upload chooses a file in the field that has a label.
func (g *guide) upload(t *tab, label, name, text string) {
	g.Helper()
	field := chromedp.CSS(g.find(t, label, fields, "main"))
	if err := chromedp.Do(t.ctx, chromedp.SetUploadFiles(field, []string{t.file(name, text)})); err != nil {
		g.Fatal(err)
	}
}

// command is the section's only line for the terminal that begins so.
func (g *guide) command(begins string) string {
	g.Helper()
	for _, c := range g.sections[g.now].commands {
		if strings.HasPrefix(c, begins) {
			return c
		}
	}
	g.Fatalf("%s.md, %q: no command begins with %q", g.name, g.sections[g.now].title, begins)
	return ""
}

// Which elements have names: those one presses, those one types into, and all of a page.
const (
	pressable = "a, button, summary, label"
	fields    = "label, input[aria-label], select[aria-label], textarea[aria-label]"
	anything  = "a, button, summary, legend, h1, h2, h3, th, dt, option, " + fields
)

// namedElement is the expression for the first element in sight that is called so: by its label,
// all its text, or a part of it that is a text of its own. A price may follow the name after a dot
// in the middle. A name that ends with " …" leaves out the rest, such as somebody's name.
func namedElement(name, kinds, inside string) string {
	return fmt.Sprintf(`((name, kinds, inside) => {
		const flat = (s) => (s ?? "").replace(/\s+/g, " ").trim();
		const named = (text) => text == name || text.startsWith(name + " ·") || name.endsWith(" …") && text.startsWith(name.slice(0, -1));
		const texts = (e) => {
			const list = [flat(e.ariaLabel), flat(e.innerText)], walk = document.createTreeWalker(e, NodeFilter.SHOW_TEXT);
			while (walk.nextNode()) list.push(flat(walk.currentNode.data));
			return list;
		};
		return [...(inside ? document.querySelector(inside) ?? document.createElement("p") : document).querySelectorAll(kinds)]
			.find((e) => (e.closest("select") ?? e).checkVisibility({ visibilityProperty: true }) && texts(e).some(named)) ?? null;
	})(%q, %q, %q)`, name, kinds, inside)
}
