package mail

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	htmltemplate "html/template"
	"io/fs"
	"path"
	"strings"
	texttemplate "text/template"
)

//go:embed templates
var files embed.FS

// page is what a template reads.
type page struct {
	Name string
	Data any
	base string
}

// Link is the address of a page of the server's.
func (p page) Link(to string) string { return p.base + to }

// Credits is an amount of a credit type: "1 premium credit", "5 premium credits"; with more, "5
// more premium credits".
func (p page) Credits(amount, credit string, more bool) string {
	text := amount + " "
	if more {
		text += "more "
	}
	if text += credit + " credit"; amount != "1" {
		text += "s"
	}
	return text
}

// Host is where the server is, for the line below a mail.
func (p page) Host() string {
	_, host, _ := strings.Cut(p.base, "://")
	return host
}

// pair is a mail's text and HTML inside the frame.
type pair struct {
	text *texttemplate.Template
	html *htmltemplate.Template
}

var pairs = load()

// load reads every pair; a template that is wrong stops the program at its start.
func load() map[string]pair {
	text := texttemplate.Must(texttemplate.New("").Option("missingkey=error").ParseFS(files, "templates/layout.txt"))
	html := htmltemplate.Must(htmltemplate.New("").Option("missingkey=error").ParseFS(files, "templates/layout.html"))
	names, err := fs.Glob(files, "templates/*.txt")
	if err != nil {
		panic(err)
	}
	all := map[string]pair{}
	for _, file := range names {
		name := strings.TrimSuffix(path.Base(file), ".txt")
		if name == "layout" {
			continue
		}
		all[name] = pair{
			texttemplate.Must(texttemplate.Must(text.Clone()).ParseFS(files, file)),
			htmltemplate.Must(htmltemplate.Must(html.Clone()).ParseFS(files, "templates/"+name+".html")),
		}
	}
	return all
}

// fill writes a mail's subject and its two bodies.
func fill(name string, p page) (subject, text, html string, err error) {
	t, ok := pairs[name]
	if !ok {
		return "", "", "", fmt.Errorf("mail: there is no template %q", name)
	}
	var s, plain, rich bytes.Buffer
	err = errors.Join(t.text.ExecuteTemplate(&s, "subject", p), t.text.ExecuteTemplate(&plain, "layout.txt", p), t.html.ExecuteTemplate(&rich, "layout.html", p))
	if err != nil {
		return "", "", "", fmt.Errorf("mail: template %s: %w", name, err)
	}
	return oneLine(s.String(), 200), plain.String(), rich.String(), nil
}
