package operator

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

const (
	// pastDays is how far back another book is tried, pastWithin how long that may
	// take, and pastShown how many workspaces are listed.
	pastDays   = 30
	pastWithin = 20 * time.Second
	pastShown  = 100
)

func (v *visit) booksPage() error {
	p, _, err := v.books(v.URL.Query().Get("book"))
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Books(p))
}

// books is the page with a book of the server's; the first where there is none of
// that name.
func (v *visit) books(name string) (BooksPage, *credits.Book, error) {
	books := v.App.Ledger.Books()
	names := slices.Sorted(maps.Keys(books))
	if books[name] == nil {
		name = names[0]
	}
	v.Page.Notices = v.Notices()
	p := BooksPage{Page: v.Page, Name: name, Parts: bookParts(books[name]), Form: BookForm{Key: frame.NewKey(), With: []frame.Option{{Value: "", Label: "The text below", Selected: false}}}}
	for _, n := range names {
		p.Books = append(p.Books, frame.Option{Value: n, Label: words.Capital(n), Selected: n == name})
		if n != name {
			p.Form.With = append(p.Form.With, frame.Option{Value: n, Label: words.Capital(n), Selected: false})
		}
	}
	p.Form.Text = books[name].Source()
	p.Page.Title, p.Page.Nav = "Price books", "operator"
	return p, books[name], nil
}

// compareBooks shows what another book has differently, and the past under both.
// It writes nothing.
func (v *visit) compareBooks() error {
	p, book, err := v.books(v.PostFormValue("book"))
	if err != nil {
		return err
	}
	p.Form.Text = v.PostFormValue("text")
	other := v.App.Ledger.Books()[v.PostFormValue("with")]
	for n := range p.Form.With {
		p.Form.With[n].Selected = p.Form.With[n].Value == v.PostFormValue("with")
	}
	if other == nil {
		if strings.TrimSpace(p.Form.Text) == "" {
			p.Form.Error = "Write a book here, or choose one to compare with."
		} else if other, err = credits.ParseBook([]byte(p.Form.Text)); err != nil {
			p.Form.Error = words.Capital(strings.TrimSuffix(err.Error(), ".")) + "."
		}
		if p.Form.Error != "" {
			return v.Show(http.StatusUnprocessableEntity, Books(p))
		}
	}
	d := BookDiff{Other: other.Name, Lines: diffBooks(book, other)}
	if err := v.past(&d, book, other); err != nil {
		return err
	}
	p.Diff = &d
	return v.Show(http.StatusOK, Books(p))
}

// past runs the last days of the workspaces on a book through another one.
func (v *visit) past(d *BookDiff, book, other *credits.Book) error {
	ctx, cancel := context.WithTimeout(v.Context(), pastWithin)
	defer cancel()
	to := v.App.Accounts.Clock().UTC()
	from := to.AddDate(0, 0, -pastDays)
	d.Past = "From " + from.Format("2 January 2006") + " to now, workspaces on " + book.Name
	was, would := map[string]unit.Amount{}, map[string]unit.Amount{}
	var all []credits.WouldBe
	err := v.App.Ledger.Rerun(ctx, credits.WhatIf{Book: other, On: book.Name, From: from, To: to}, func(r credits.WouldBe) {
		d.Checked++
		if r.Stops > 0 {
			d.Stopped++
		}
		for _, credit := range r.Types() {
			was[credit] += r.Was[credit]
			would[credit] += r.Would[credit]
		}
		if len(r.Types()) > 0 {
			all = append(all, r)
		}
	})
	switch {
	case errors.Is(err, context.DeadlineExceeded) && v.Context().Err() == nil:
		d.More = "There is too much history to check all of it here in time. For the rest, run leadmeter replay --price-book."
	case err != nil:
		return err
	}
	d.Totals = pastTotals(was, would)
	slices.SortStableFunc(all, func(a, b credits.WouldBe) int { return b.Stops - a.Stops })
	if len(all) > pastShown {
		all = all[:pastShown]
		if d.More == "" {
			d.More = "The " + words.Count(pastShown) + " in which most would have been stopped are listed. For all, run leadmeter replay --price-book."
		}
	}
	return v.App.Store.View(v.Context(), func(tx *store.Tx) error {
		for _, r := range all {
			ws, _, err := tx.Workspace(r.Workspace)
			if err != nil {
				return err
			}
			d.Rows = append(d.Rows, pastLines(r, ws.Name)...)
		}
		return nil
	})
}

func pastTotals(was, would map[string]unit.Amount) (list []PastTotal) {
	types := maps.Clone(was)
	maps.Copy(types, would)
	for _, credit := range slices.Sorted(maps.Keys(types)) {
		most := max(was[credit], would[credit])
		t := PastTotal{Credit: credit, Was: words.Num(was[credit]), Is: words.Num(would[credit]), WasW: frame.Share(was[credit], most, frame.BarUnits), IsW: frame.Share(would[credit], most, frame.BarUnits), Change: "the same"}
		switch change := would[credit] - was[credit]; {
		case was[credit] == 0 && change > 0:
			t.Change = "none before"
		case change > 0:
			t.Change = "+" + words.Count(frame.Share(change, was[credit], 100)) + " %"
			if change > was[credit] { // share goes no further than the whole
				t.Change = "+" + words.Num(change)
			}
		case change < 0:
			t.Change = "−" + words.Count(frame.Share(-change, was[credit], 100)) + " %"
		}
		list = append(list, t)
	}
	return list
}

func pastLines(r credits.WouldBe, name string) (lines []PastLine) {
	first, stops := "", r.Stops
	if len(r.Stopped) > 0 {
		s := r.Stopped[0]
		first = s.At.Format("2 Jan, 15:04 UTC") + ", by the limit of the " + s.Refusal.LimitedBy
	}
	for _, credit := range r.Types() {
		lines = append(lines, PastLine{Workspace: r.Workspace, Name: name, Credit: credit, Was: words.Num(r.Was[credit]), Would: words.Num(r.Would[credit]), Stops: stops, First: first})
		first, stops = "", 0 // once a workspace
	}
	return lines
}
