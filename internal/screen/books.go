package screen

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/words"
)

const (
	// pastDays is how far back another book is tried, pastWithin how long that may
	// take, and PastShown how many workspaces are listed.
	pastDays   = 30
	pastWithin = 20 * time.Second
	PastShown  = 100
)

// Books is a price book of the server's in words, among all of them.
type Books struct {
	Names  []string
	Name   string // of the one that is shown
	Source string // as it was written
	Parts  []BookPart
}

// BookPart is some lines of a book under a heading.
type BookPart struct {
	Title string
	Lines []BookLine
}

// BookLine is one price, window or amount, in words.
type BookLine struct{ What, Text string }

// BookChange is a line that differs; empty: the book has none.
type BookChange struct{ What, Now, Then string }

// Books shows a book of the server's; the first where there is none of that name.
func (s *Screens) Books(name string) Books {
	books := s.Ledger.Books()
	b := Books{Names: slices.Sorted(maps.Keys(books)), Name: name}
	if books[name] == nil {
		b.Name = b.Names[0]
	}
	b.Source, b.Parts = books[b.Name].Source(), bookParts(books[b.Name])
	return b
}

// BookTrial is two books side by side, and the past under both.
type BookTrial struct {
	Other    string // the other book's name
	Changes  []BookChange
	From     time.Time    // the past that was run again, until now
	Checked  int          // workspaces
	Stopped  int          // those in which somebody would have been stopped
	Totals   []Total      // of all workspaces
	Listed   []BookFigure // those in which most would have been stopped
	Cut      bool         // not all are listed
	TimedOut bool         // not all were reached in time
}

// Total is one credit type of all workspaces.
type Total struct {
	Type       string
	Was, Would unit.Amount
}

// BookFigure is one workspace.
type BookFigure struct {
	Workspace, Name string
	Totals          []Total
	Stops           int
	First           time.Time // when somebody would have been stopped first; zero: never
	LimitedBy       string    // by what
}

// BadBook is a price book that cannot be read, in a sentence.
type BadBook string

func (b BadBook) Error() string { return string(b) }

// TryBook compares a book of the server's with another of its books, or with a text. The
// error is a BadBook for a text that is no book. It writes nothing.
func (s *Screens) TryBook(ctx context.Context, name, with, text string) (t BookTrial, err error) {
	book, other := s.Ledger.Books()[s.Books(name).Name], s.Ledger.Books()[with]
	switch {
	case other != nil:
	case strings.TrimSpace(text) == "":
		return t, BadBook("Write a book here, or choose one to compare with.")
	default:
		if other, err = credits.ParseBook([]byte(text)); err != nil {
			return t, BadBook(words.Capital(strings.TrimSuffix(err.Error(), ".")) + ".")
		}
	}
	t = BookTrial{Other: other.Name, Changes: diffBooks(book, other)}
	return t, s.past(ctx, &t, book, other)
}

// past runs the last days of the workspaces on a book through another one.
func (s *Screens) past(ctx context.Context, t *BookTrial, book, other *credits.Book) error {
	within, cancel := context.WithTimeout(ctx, pastWithin)
	defer cancel()
	to := s.Accounts.Clock().UTC()
	t.From = to.AddDate(0, 0, -pastDays)
	was, would := map[string]unit.Amount{}, map[string]unit.Amount{}
	var all []credits.WouldBe
	err := s.Ledger.Rerun(within, credits.WhatIf{Book: other, On: book.Name, From: t.From, To: to}, func(r credits.WouldBe) {
		t.Checked++
		if r.Stops > 0 {
			t.Stopped++
		}
		for _, credit := range r.Types() {
			was[credit] += r.Was[credit]
			would[credit] += r.Would[credit]
		}
		if len(r.Types()) > 0 {
			all = append(all, r)
		}
	})
	if t.TimedOut = errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil; err != nil && !t.TimedOut {
		return err
	}
	types := maps.Clone(was)
	maps.Copy(types, would)
	for _, credit := range slices.Sorted(maps.Keys(types)) {
		t.Totals = append(t.Totals, Total{credit, was[credit], would[credit]})
	}
	slices.SortStableFunc(all, func(a, b credits.WouldBe) int { return b.Stops - a.Stops })
	t.Cut = len(all) > PastShown
	return s.Store.View(ctx, func(tx *store.Tx) error {
		names := deskNames{}
		for _, r := range all[:min(len(all), PastShown)] {
			one := figureOf(r)
			var err error
			if one.Name, err = names.workspace(tx, r.Workspace); err != nil {
				return err
			}
			t.Listed = append(t.Listed, one)
		}
		return nil
	})
}

func figureOf(r credits.WouldBe) BookFigure {
	f := BookFigure{Workspace: r.Workspace, Stops: r.Stops}
	for _, credit := range r.Types() {
		f.Totals = append(f.Totals, Total{credit, r.Was[credit], r.Would[credit]})
	}
	if len(r.Stopped) > 0 {
		f.First, f.LimitedBy = r.Stopped[0].At, r.Stopped[0].Refusal.LimitedBy
	}
	return f
}
