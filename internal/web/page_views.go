package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
)

// views are the saved views, with the one whose filters are set now.
func (v *visit) views(q url.Values) (bar ViewBar, err error) {
	saved, err := v.app.Desk.Views(v.Context(), v.scope)
	if err != nil {
		return bar, err
	}
	now := q.Encode()
	bar.Tabs = append(bar.Tabs, ViewTab{Name: "All leads", Link: "/leads", Here: now == ""})
	for _, s := range saved {
		values, err := url.ParseQuery(s.Query)
		if err != nil {
			continue // it was checked when it was saved
		}
		query := sheetQuery(values).Encode()
		tab := ViewTab{Name: s.Name, Link: "/leads?" + query, Here: query == now, Shared: s.Shared}
		if tab.Here && (s.Member == v.scope.Member || v.scope.Manages()) && v.who.Can(account.EditSheet) {
			bar.Drop = s.ID
		}
		bar.Known = bar.Known || tab.Here
		bar.Tabs = append(bar.Tabs, tab)
	}
	bar.Query, bar.Key = now, newKey()
	bar.MaySave = now != "" && !bar.Known && v.who.Can(account.EditSheet)
	return bar, nil
}

// labels are words of the team, one of them chosen.
func (v *visit) labels(read func(context.Context, *account.Scope) ([]string, error), chosen string) (list []Option, err error) {
	names, err := read(v.Context(), v.scope)
	for _, name := range names {
		list = append(list, Option{name, name, name == chosen})
	}
	return list, err
}

func (a *App) saveView(v *visit) error {
	query := v.PostFormValue("query")
	if err := a.Desk.SaveView(v.Context(), v.scope, v.PostFormValue("name"), query, v.PostFormValue("shared") == "on"); err != nil {
		return err
	}
	return v.to("/leads?"+localQuery(query), "success", "Saved as a view.")
}

// localQuery keeps nothing of a text but what the sheet's address may say.
func localQuery(text string) string {
	values, _ := url.ParseQuery(text) // what cannot be read is left out
	return sheetQuery(values).Encode()
}

func (a *App) dropView(v *visit) error {
	if err := a.Desk.DropView(v.Context(), v.scope, v.PathValue("view")); err != nil {
		return err
	}
	return v.to("/leads", "success", "The view is gone. The leads stay.")
}

// saveColumns remembers the columns that were chosen: by the form, with a place
// and a width for each, or by the mouse, as one text.
func (a *App) saveColumns(v *visit) error {
	text := v.PostFormValue("layout")
	if text == "" && v.PostFormValue("usual") == "" {
		text = chosenColumns(v.PostForm)
	}
	if v.PostFormValue("usual") == "" {
		text = layoutOf(text).text()
	}
	if err := a.Desk.SetColumns(v.Context(), v.scope, text); err != nil {
		return err
	}
	if v.htmx() {
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	return v.to("/leads?"+localQuery(v.PostFormValue("query")), "", "")
}

// chosenColumns puts the ticked columns in the order of their places.
func chosenColumns(form url.Values) string {
	type chosen struct {
		place int
		text  string
	}
	var list []chosen
	for n, c := range sheetColumns {
		if !slices.Contains(form["column"], c.Name) {
			continue
		}
		place, err := strconv.Atoi(form.Get("place_" + c.Name))
		if err != nil {
			place = n + 1
		}
		list = append(list, chosen{place, c.Name + "." + form.Get("width_"+c.Name)})
	}
	slices.SortStableFunc(list, func(a, b chosen) int { return cmp.Compare(a.place, b.place) })
	var parts []string
	for _, c := range list {
		parts = append(parts, c.text)
	}
	return strings.Join(parts, ",") + ";" + form.Get("frozen")
}

// leadNews is what colleagues did since the page was drawn: the rows that changed
// of those it shows, and how many leads are new.
func (a *App) leadNews(v *visit) error {
	after, _ := strconv.ParseInt(v.PostFormValue("seq"), 10, 64) // 0: from the start, which changes more rows and no meaning
	since, _ := strconv.ParseInt(v.PostFormValue("since"), 10, 64)
	news, err := a.Desk.News(v.Context(), v.scope, after, since)
	if err != nil {
		return err
	}
	if news.Seq == after {
		v.w.WriteHeader(http.StatusNoContent)
		return nil
	}
	shown := strings.Split(v.PostFormValue("shown"), " ")
	changed := slices.DeleteFunc(news.Changed, func(l capture.Lead) bool { return !slices.Contains(shown, l.ID) })
	sheet, _ := v.onSheet()
	layout, err := v.layout(sheet.Get("columns"))
	if err != nil {
		return err
	}
	rows, err := v.leadRows(changed, layout)
	if err != nil {
		return err
	}
	view, err := v.look(v.who.Member)
	if err != nil {
		return err
	}
	answer := []templ.Component{SheetNews(news.Seq, since, news.New), Balance(headerBalance(view, v.who.Member), true)}
	for _, row := range rows {
		answer = append(answer, LeadRowBeside(row))
	}
	return v.show(http.StatusOK, templ.Join(answer...))
}
