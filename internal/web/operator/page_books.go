package operator

import (
	"errors"
	"net/http"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

func (v *visit) booksPage() error {
	return v.Show(http.StatusOK, Books(v.books(v.URL.Query().Get("book"))))
}

// books is the page with a book of the server's; the first where there is none of
// that name.
func (v *visit) books(name string) BooksPage {
	of := v.App.Screens.Books(name)
	v.Page.Notices = v.Notices()
	p := BooksPage{Page: v.Page, Name: of.Name, Parts: of.Parts, Form: BookForm{Key: frame.NewKey(), Text: of.Source, With: []frame.Option{{Value: "", Label: "The text below", Selected: false}}}}
	for _, n := range of.Names {
		p.Books = append(p.Books, frame.Option{Value: n, Label: words.Capital(n), Selected: n == of.Name})
		if n != of.Name {
			p.Form.With = append(p.Form.With, frame.Option{Value: n, Label: words.Capital(n), Selected: false})
		}
	}
	p.Page.Title, p.Page.Nav = "Price books", "books"
	return p
}

// compareBooks shows what another book has differently, and the past under both.
// It writes nothing.
func (v *visit) compareBooks() error {
	p := v.books(v.PostFormValue("book"))
	p.Form.Text = v.PostFormValue("text")
	for n := range p.Form.With {
		p.Form.With[n].Selected = p.Form.With[n].Value == v.PostFormValue("with")
	}
	t, err := v.App.Screens.TryBook(v.Context(), p.Name, v.PostFormValue("with"), p.Form.Text)
	var bad screen.BadBook
	if errors.As(err, &bad) {
		p.Form.Error = bad.Error()
		return v.Show(http.StatusUnprocessableEntity, Books(p))
	}
	if err != nil {
		return err
	}
	d := &BookDiff{Other: t.Other, Lines: t.Changes, Checked: t.Checked, Stopped: t.Stopped, Totals: pastTotals(t.Totals), Past: "From " + words.FullDay(t.From, time.UTC) + " to now, workspaces on " + p.Name}
	switch {
	case t.TimedOut:
		d.More = "There is too much history to check all of it here in time. For the rest, run leadmeter replay --price-book."
	case t.Cut:
		d.More = "The " + words.Count(screen.PastShown) + " in which most would have been stopped are listed. For all, run leadmeter replay --price-book."
	}
	for _, f := range t.Listed {
		d.Rows = append(d.Rows, pastLines(f)...)
	}
	p.Diff = d
	return v.Show(http.StatusOK, Books(p))
}

func pastTotals(totals []screen.Total) (list []PastTotal) {
	for _, of := range totals {
		most := max(of.Was, of.Would)
		t := PastTotal{Credit: of.Type, Was: words.Num(of.Was), Is: words.Num(of.Would), WasW: unit.Share(of.Was, most, frame.BarUnits), IsW: unit.Share(of.Would, most, frame.BarUnits), Change: "the same"}
		switch change := of.Would - of.Was; {
		case of.Was == 0 && change > 0:
			t.Change = "none before"
		case change > 0:
			t.Change = "+" + words.Count(unit.Share(change, of.Was, 100)) + " %"
			if change > of.Was { // share goes no further than the whole
				t.Change = "+" + words.Num(change)
			}
		case change < 0:
			t.Change = "−" + words.Count(unit.Share(-change, of.Was, 100)) + " %"
		}
		list = append(list, t)
	}
	return list
}

func pastLines(f screen.BookFigure) (lines []PastLine) {
	first, stops := "", f.Stops
	if !f.First.IsZero() {
		first = unit.InstantText(f.First, time.UTC) + ", by the limit of the " + f.LimitedBy
	}
	for _, t := range f.Totals {
		lines = append(lines, PastLine{Workspace: f.Workspace, Name: f.Name, Credit: t.Type, Was: words.Num(t.Was), Would: words.Num(t.Would), Stops: stops, First: first})
		first, stops = "", 0 // once a workspace
	}
	return lines
}
