package contactfile

import (
	"maps"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// census counts what a file's columns hold, to tell at its end which of them were
// of no use, and which might have been.
type census struct {
	columns map[string]*counts
}

// counts is what was seen in one column.
type counts struct {
	to                     column
	filled                 int
	asked                  int // cells that were looked at
	emails, phones, people int
	statuses, dates        int // of emails; words and dates
}

const (
	maxLookedAt = 100 // cells of a column
	maxTold     = 20  // columns of a file
)

// column begins to count a column. It may be asked for again.
func (c *census) column(name string, to column) *counts {
	if c.columns == nil {
		c.columns = map[string]*counts{}
	}
	of := c.columns[name]
	if of == nil && len(c.columns) < maxColumns {
		of = &counts{to: to}
		c.columns[name] = of
	}
	return of
}

// cell counts one cell.
func (c *counts) cell(cell string) {
	if c == nil || cell == "" || c.to != extra && c.filled > 0 {
		return
	}
	if cell = strings.TrimSpace(cell); cell == "" {
		return
	}
	if c.filled++; c.to != extra || c.asked >= maxLookedAt || len(cell) > 200 {
		return
	}
	c.asked++
	switch {
	case strings.Contains(cell, "@"):
		if _, err := lead.Email(cell); err == nil {
			c.emails++
		}
	case strings.Contains(cell, "linkedin.com/"):
		if isProfile(cell) {
			c.people++
		}
	case looksLikePhone(cell):
		c.phones++
	case isStatus(cell):
		c.statuses++
	case looksLikeDate(cell):
		c.dates++
	}
}

// verifies tells a header that speaks of checking in some language: a file has dates of many
// other things.
func verifies(header string) bool {
	name := squash(header)
	return slices.ContainsFunc([]string{"verif", "valid", "check", "pruf", "gepr", "controll", "kontrol"}, func(stem string) bool { return strings.Contains(name, stem) })
}

func isStatus(cell string) bool {
	_, known := lead.VerifierStatus(cell)
	return known
}

// looksLikeDate tells a date that is written as one: a number alone may be anything.
func looksLikeDate(cell string) bool {
	if !strings.ContainsAny(cell, "-/. ") {
		return false
	}
	_, err := lead.Date(cell)
	return err == nil
}

// looksLikePhone tells a number that has its country's code. What has none may be
// anything: an id, a date, a sum.
func looksLikePhone(cell string) bool {
	if cell = strings.TrimLeft(cell, "' ("); !strings.HasPrefix(cell, "+") && !strings.HasPrefix(cell, "00") || len(cell) < 8 {
		return false
	}
	_, err := lead.Phone(cell, "")
	return err == nil
}

// problems is what the file as a whole gives reason to tell.
func (c *census) problems(rows int) (list []Problem) {
	for _, name := range slices.Sorted(maps.Keys(c.columns)) {
		of := c.columns[name]
		if of.to == extra || of.filled > 0 || rows == 0 {
			continue
		}
		message := "is empty in every row"
		if columnNamed(columnName(name)) != of.to {
			message = "is read as " + of.to.name() + " and " + message
		}
		list = append(list, Problem{Message: "Column " + name + " " + message})
	}
	return append(list[:min(len(list), maxTold)], c.unread()...)
}

// unread are the columns that lead nowhere and hold what others are read for.
func (c *census) unread() (list []Problem) {
	for _, name := range slices.Sorted(maps.Keys(c.columns)) {
		of := c.columns[name]
		kind := ""
		switch {
		case of.emails*2 > of.asked:
			kind = "email addresses"
		case of.phones*2 > of.asked:
			kind = "phone numbers"
		case of.people*2 > of.asked:
			kind = "profiles"
		case of.statuses*2 > of.asked:
			kind = "the status of emails"
		case of.dates*2 > of.asked && verifies(name):
			kind = "when emails were verified"
		default:
			continue
		}
		list = append(list, Problem{Message: "Column " + name + " is not read, and looks like " + kind + "; map it to a column if it is"})
	}
	return list[:min(len(list), maxTold)]
}
