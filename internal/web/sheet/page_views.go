package sheet

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// views are the saved views, with the one whose filters are set now.
func (v *visit) views(q url.Values) (bar ViewBar, err error) {
	saved, err := v.App.Desk.Views(v.Context(), v.Scope)
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
		if tab.Here && (s.Member == v.Scope.Member || v.Scope.Manages()) && v.Who.Can(account.EditSheet) {
			bar.Drop = s.ID
		}
		bar.Known = bar.Known || tab.Here
		bar.Tabs = append(bar.Tabs, tab)
	}
	bar.Query, bar.Key = now, frame.NewKey()
	bar.MaySave = now != "" && !bar.Known && v.Who.Can(account.EditSheet)
	return bar, nil
}

// labelOptions are words of the team, one of them chosen.
func labelOptions(names []string, chosen string) (list []frame.Option) {
	for _, name := range names {
		list = append(list, frame.Option{Value: name, Label: name, Selected: name == chosen})
	}
	return list
}

func (v *visit) saveView() error {
	query := v.PostFormValue("query")
	if err := v.App.Desk.SaveView(v.Context(), v.Scope, v.PostFormValue("name"), query, v.PostFormValue("shared") == "on"); err != nil {
		return err
	}
	return v.To("/leads?"+localQuery(query), "success", "Saved as a view.")
}

// localQuery keeps nothing of a text but what the sheet's address may say.
func localQuery(text string) string {
	values, _ := url.ParseQuery(text) // what cannot be read is left out
	return sheetQuery(values).Encode()
}

func (v *visit) dropView() error {
	if err := v.App.Desk.DropView(v.Context(), v.Scope, v.PathValue("view")); err != nil {
		return err
	}
	return v.To("/leads", "success", "The view is gone. The leads stay.")
}

// saveColumns remembers the columns that were chosen: by the form, with a place
// and a width for each, or by the mouse, as one text.
func (v *visit) saveColumns() error {
	text := v.PostFormValue("layout")
	if text == "" && v.PostFormValue("usual") == "" {
		text = chosenColumns(v.PostForm)
	}
	if v.PostFormValue("usual") == "" {
		text = LayoutOf(text).text()
	}
	if err := v.App.Desk.SetColumns(v.Context(), v.Scope, text); err != nil {
		return err
	}
	if v.HTMX() {
		v.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	return v.To("/leads?"+localQuery(v.PostFormValue("query")), "", "")
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
func (v *visit) leadNews() error {
	after, _ := strconv.ParseInt(v.PostFormValue("seq"), 10, 64) // 0: from the start, which changes more rows and no meaning
	since, _ := strconv.ParseInt(v.PostFormValue("since"), 10, 64)
	news, err := v.App.Desk.News(v.Context(), v.Scope, after, since)
	if err != nil {
		return err
	}
	if news.Seq == after {
		v.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	shown := strings.Split(v.PostFormValue("shown"), " ")
	changed := slices.DeleteFunc(news.Changed, func(l capture.Lead) bool { return !slices.Contains(shown, l.ID) })
	sheet, _ := v.onSheet()
	layout, err := v.layout(sheet.Get("columns"))
	if err != nil {
		return err
	}
	rows, err := v.rowsNow(changed, layout)
	if err != nil {
		return err
	}
	balance, err := v.BalanceNow()
	if err != nil {
		return err
	}
	answer := []templ.Component{SheetNews(news.Seq, since, news.New), frame.Balance(balance, true)}
	for _, row := range rows {
		answer = append(answer, LeadRowBeside(row))
	}
	return v.Show(http.StatusOK, templ.Join(answer...))
}
