// Package docs has the pages of this folder that people read inside the product, under Help.
package docs

import (
	"bytes"
	"embed"
	"net/url"
	"path"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
)

//go:embed guides/*.md bulk-captures.md extension.md imports.md operating.md providers.md push.md rules.md webhooks.md
var files embed.FS

// Page is one of them.
type Page struct {
	Name  string // as its address has it, such as rep
	Title string
	// Guide is for whom it is a first guide: rep, admin, revops or operator; empty for a reference page.
	Guide string
	HTML  string // of what is below the title; nothing in it is from outside
	// Sections are what a search finds.
	Sections []Section
}

// Section is the text below a heading, without marks.
type Section struct{ ID, Title, Text string }

// order is in which order they are listed.
var order = []string{
	"guides/rep.md", "guides/admin.md", "guides/revops.md", "guides/operator.md",
	"rules.md", "extension.md", "bulk-captures.md", "webhooks.md", "push.md", "imports.md", "providers.md", "operating.md",
}

// Pages are all pages: the guides first.
var Pages = sync.OnceValue(func() (list []Page) {
	for _, file := range order {
		source, err := files.ReadFile(file)
		if err != nil {
			panic(err) // it is embedded
		}
		list = append(list, read(file, source))
	}
	return list
})

// Find is the page of a name.
func Find(name string) (Page, bool) {
	for _, p := range Pages() {
		if p.Name == name {
			return p, true
		}
	}
	return Page{}, false
}

func nameOf(file string) string { return strings.TrimSuffix(path.Base(file), ".md") }

func read(file string, source []byte) Page {
	p := Page{Name: nameOf(file)}
	if strings.HasPrefix(file, "guides/") {
		p.Guide = p.Name
	}
	md := goldmark.New(goldmark.WithExtensions(extension.Table), goldmark.WithParserOptions(parser.WithAutoHeadingID()), goldmark.WithRendererOptions(html.WithXHTML()))
	doc := md.Parser().Parse(text.NewReader(source))
	if title, ok := doc.FirstChild().(*ast.Heading); ok && title.Level == 1 {
		p.Title = plain(title, source)
		doc.RemoveChild(doc, title)
	}
	relink(doc, path.Dir(file))
	p.Sections = sections(doc, source, p.Title)
	var b bytes.Buffer
	if err := md.Renderer().Render(&b, source, doc); err != nil {
		panic(err) // a buffer takes everything
	}
	p.HTML = strings.NewReplacer("<table>", `<div class="scroll" tabindex="0"><table class="grid">`, "</table>", "</table></div>", "<th></th>", "<td></td>", "<pre>", `<pre tabindex="0">`).Replace(b.String())
	return p
}

// relink leads from page to page inside the product; a link to what is not in it becomes its text.
func relink(doc ast.Node, dir string) {
	var out []*ast.Link
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		link, ok := n.(*ast.Link)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		to, err := url.Parse(string(link.Destination))
		switch file := path.Join(dir, to.Path); {
		case err != nil:
			out = append(out, link)
		case to.IsAbs() || to.Path == "":
		case has(file):
			link.Destination = []byte("/help/" + nameOf(file))
			if to.Fragment != "" {
				link.Destination = append(link.Destination, "#"+to.Fragment...)
			}
		default:
			out = append(out, link)
		}
		return ast.WalkContinue, nil
	})
	for _, link := range out {
		for c := link.FirstChild(); c != nil; c = link.FirstChild() {
			link.Parent().InsertBefore(link.Parent(), link, c)
		}
		link.Parent().RemoveChild(link.Parent(), link)
	}
}

func has(file string) bool {
	for _, f := range order {
		if f == file {
			return true
		}
	}
	return false
}

// sections are the parts of a page under its headings; what comes before the first is under the title.
func sections(doc ast.Node, source []byte, title string) []Section {
	list := []Section{{Title: title}}
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if h, ok := n.(*ast.Heading); ok {
			id, _ := h.AttributeString("id")
			name, _ := id.([]byte)
			list = append(list, Section{ID: string(name), Title: plain(h, source)})
			continue
		}
		at := &list[len(list)-1]
		at.Text = strings.TrimSpace(at.Text + " " + plain(n, source))
	}
	return list
}

// plain is a node's text without marks.
func plain(n ast.Node, source []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			if n.Type() == ast.TypeBlock {
				b.WriteByte(' ')
			}
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(source))
			if n.SoftLineBreak() || n.HardLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		case *ast.FencedCodeBlock, *ast.CodeBlock:
			for i := range n.Lines().Len() {
				line := n.Lines().At(i)
				b.Write(line.Value(source))
			}
		}
		return ast.WalkContinue, nil
	})
	return strings.Join(strings.Fields(b.String()), " ")
}
