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

// views marks the saved view that is shown now, and says what can be done with it.
func (v *visit) views(q url.Values, layout SheetLayout) (bar ViewBar) {
	now, known := q.Encode(), false
	for n := range v.Page.Views {
		one := &v.Page.Views[n]
		_, query, _ := strings.Cut(one.Link, "?")
		query = localQuery(query)
		one.Link, one.Here = "/leads?"+query, query == now
		if one.Here && one.Mine {
			bar.Drop = one.ID
		}
		known = known || one.Here
	}
	bar.Query, bar.Columns, bar.Key = now, layout.text(), frame.NewKey()
	bar.MaySave = now != "" && !known && v.Who.Can(account.EditSheet)
	return bar
}

func (v *visit) saveView() error {
	values, _ := url.ParseQuery(v.PostFormValue("query")) // what cannot be read is left out
	if columns := v.PostFormValue("columns"); columns != "" {
		values.Set("columns", LayoutOf(columns).text())
	}
	query := sheetQuery(values).Encode()
	if err := v.App.Captures.SaveView(v.Context(), v.Scope, capture.LeadsPage, v.PostFormValue("name"), query, v.PostFormValue("shared") == "on"); err != nil {
		return err
	}
	return v.To("/leads?"+query, "success", "Saved as a view.")
}

// localQuery keeps nothing of a text but what the sheet's address may say.
func localQuery(text string) string {
	values, _ := url.ParseQuery(text) // what cannot be read is left out
	return sheetQuery(values).Encode()
}

func (v *visit) dropView() error {
	if err := v.App.Captures.DropView(v.Context(), v.Scope, capture.LeadsPage, v.PathValue("view")); err != nil {
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
	if err := v.App.Captures.SetColumns(v.Context(), v.Scope, text); err != nil {
		return err
	}
	if v.HTMX() {
		v.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	values, _ := url.ParseQuery(v.PostFormValue("query")) // what cannot be read is left out
	q := sheetQuery(values)
	if q.Get("columns") != "" { // of a view, which is another one now
		q.Set("columns", text)
	}
	return v.To("/leads?"+sheetQuery(q).Encode(), "", "")
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
	return strings.Join(parts, ",") + ";" + form.Get("frozen") + ";" + form.Get("density")
}

// leadNews is what colleagues did since the page was drawn: the rows that changed
// of those it shows, and how many leads are new.
func (v *visit) leadNews() error {
	after, _ := strconv.ParseInt(v.PostFormValue("seq"), 10, 64) // 0: from the start, which changes more rows and no meaning
	since, _ := strconv.ParseInt(v.PostFormValue("since"), 10, 64)
	news, err := v.App.Captures.News(v.Context(), v.Scope, after, since)
	if err != nil {
		return err
	}
	if news.Seq == after {
		v.W.WriteHeader(http.StatusNoContent)
		return nil
	}
	shown := map[string]bool{}
	for id := range strings.SplitSeq(v.PostFormValue("shown"), " ") {
		shown[id] = true
	}
	changed := slices.DeleteFunc(news.Changed, func(l capture.Lead) bool { return !shown[l.ID] })
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
