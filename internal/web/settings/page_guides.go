package settings

import (
	"net/http"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/docs"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// guidePage shows a page of the documentation.
func (v *visit) guidePage() error {
	p, found := docs.Find(v.PathValue("guide"))
	if !found {
		return fault.New(fault.NotFound, "There is no such help page.")
	}
	g := GuidePage{Page: v.Page, Title: p.Title, HTML: p.HTML, Others: v.guides()}
	for _, s := range p.Sections {
		if s.ID != "" {
			g.Sections = append(g.Sections, frame.PageLink{Name: s.Title, Path: "#" + s.ID})
		}
	}
	g.Page.Title, g.Page.Nav = p.Title, "help"
	return v.Show(http.StatusOK, Guide(g))
}

// guideOf is the guide for somebody's daily work.
func (v *visit) guideOf() string {
	switch {
	case v.Page.Workspace == "":
		return "operator"
	case v.Page.UserRole == "admin":
		return "admin"
	}
	return "rep"
}

// guides links to every page, the guide for who reads this first.
func (v *visit) guides() (list GuideList) {
	for _, p := range docs.Pages() {
		link := frame.PageLink{Name: p.Title, Path: "/help/" + p.Name}
		switch {
		case p.Guide == "":
			list.More = append(list.More, link)
		case p.Name == v.guideOf():
			list.Guides = slices.Insert(list.Guides, 0, link)
		default:
			list.Guides = append(list.Guides, link)
		}
	}
	return list
}

// Bounds of a search of the help.
const (
	maxHelpQuery = 200
	maxHelpFound = 30
	snippetRunes = 160
)

// questionWords are in every question and tell no two answers apart.
var questionWords = strings.Fields("a an and are can did do does for from happen happens how i if in is it me my of on or our that the there this to was we were what when where which who why will with you your")

// searchWords are the words of a query that an answer must have: people ask in sentences, "When do
// my credits refill?". A query of nothing but question words is looked for as it is.
func searchWords(query string) (list []string) {
	var all []string
	for _, w := range strings.Fields(strings.ToLower(query)) {
		if w = strings.Trim(w, `?!.,;:"“”()`); w == "" {
			continue
		}
		all = append(all, w)
		if !slices.Contains(questionWords, w) {
			list = append(list, w)
		}
	}
	if len(list) == 0 {
		return all
	}
	return list
}

// helpSearch finds the questions and sections that have every word.
func (v *visit) helpSearch() error {
	p := HelpSearch{Page: v.Page, Query: strings.TrimSpace(v.FormValue("q")), Guides: v.guides()}
	p.Page.Title, p.Page.Nav = "Search the help", "help"
	if err := fault.Length("q", p.Query, 0, maxHelpQuery); err != nil {
		return err
	}
	words := searchWords(p.Query)
	if v.Scope != nil && len(words) > 0 {
		facts, err := v.App.Screens.Help(v.Context(), v.Scope)
		if err != nil {
			return err
		}
		for _, t := range (helper{facts}).topics() {
			p.add(words, "Your workspace", t.Question, strings.Join(t.Answer, " "), "/help#q-"+t.ID)
		}
	}
	for _, page := range docs.Pages() {
		for _, s := range page.Sections {
			link := "/help/" + page.Name
			if s.ID != "" {
				link += "#" + s.ID
			}
			p.add(words, page.Title, s.Title, s.Text, link)
		}
	}
	titled := func(r HelpResult) int { // those whose title has the words are what is meant
		if hasWords(r.Title, words) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(p.Results, func(a, b HelpResult) int { return titled(a) - titled(b) })
	p.Results = p.Results[:min(len(p.Results), maxHelpFound)]
	return v.Show(http.StatusOK, HelpFound(p))
}

// add adds a text if it has every word. A text whose title has them is shown from its beginning.
func (p *HelpSearch) add(words []string, page, title, text, link string) {
	if len(words) == 0 || !hasWords(page+" "+title+" "+text, words) {
		return
	}
	from := words[0]
	if hasWords(title, words) {
		from = ""
	}
	p.Found++
	p.Results = append(p.Results, HelpResult{Page: page, Title: title, Text: snippet(text, from), Link: link})
}

// hasWords reports whether a text has every word.
func hasWords(text string, words []string) bool {
	text = strings.ToLower(text)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// snippet is a part of a text, from some words before the first place of a word.
func snippet(text, word string) string {
	runes := []rune(text)
	at := 0
	if i := strings.Index(strings.ToLower(text), word); i > 0 && len(strings.ToLower(text)) == len(text) {
		at = max(0, len([]rune(text[:i]))-40)
	}
	for at > 0 && at < len(runes) && runes[at-1] != ' ' {
		at++
	}
	end := min(len(runes), at+snippetRunes)
	for end < len(runes) && end > at && runes[end] != ' ' {
		end--
	}
	part := string(runes[at:end])
	if at > 0 {
		part = "… " + part
	}
	if end < len(runes) {
		part += " …"
	}
	return part
}
