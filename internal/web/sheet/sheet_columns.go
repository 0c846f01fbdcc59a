package sheet

import (
	"slices"
	"strconv"
	"strings"
)

// SheetColumn is a column of the lead sheet as somebody sees it.
type SheetColumn struct {
	Name  string // person, title, company, a field, lists, tags, owner, captured, location, domain or notes
	Label string
	Sort  string // what a click on its head sorts by; empty: nothing
	Width int    // pixels
	Field bool   // a field of contact data, with its unlock button
	Shown bool
}

// Bounds of a column's width, in pixels.
const (
	narrowest = 90
	widest    = 600
)

// sheetColumns are all there are, in their usual order; those that are shown at
// first say so.
var sheetColumns = []SheetColumn{
	{Name: "person", Label: "Person", Sort: "name", Width: 180, Shown: true},
	{Name: "title", Label: "Title", Sort: "title", Width: 180, Shown: true},
	{Name: "company", Label: "Company", Sort: "company", Width: 150, Shown: true},
	{Name: "work_email", Label: "Work email", Width: 270, Field: true, Shown: true},
	{Name: "mobile_phone", Label: "Mobile", Width: 176, Field: true, Shown: true},
	{Name: "work_phone", Label: "Work phone", Width: 150, Field: true, Shown: true},
	{Name: "personal_email", Label: "Personal email", Width: 200, Field: true, Shown: true},
	{Name: "owner", Label: "Owner", Sort: "owner", Width: 130, Shown: true},
	{Name: "captured", Label: "Captured", Sort: "captured", Width: 96, Shown: true},
	{Name: "lists", Label: "Lists", Width: 130},
	{Name: "tags", Label: "Tags", Width: 130},
	{Name: "location", Label: "Location", Width: 140},
	{Name: "domain", Label: "Domain", Width: 150},
	{Name: "notes", Label: "Notes", Width: 220},
}

// SheetLayout is which columns are shown, in which order, how wide, and how many
// stay in sight when the sheet is moved sideways.
type SheetLayout struct {
	Columns []SheetColumn // every column, the shown ones first
	Frozen  int
	Density string // compact or comfortable
}

// compact is the usual height of a row.
const (
	compact     = "compact"
	comfortable = "comfortable"
)

func (l SheetLayout) shown() []SheetColumn {
	n := slices.IndexFunc(l.Columns, func(c SheetColumn) bool { return !c.Shown })
	if n < 0 {
		n = len(l.Columns)
	}
	return l.Columns[:n]
}

// has reports whether a column is shown.
func (l SheetLayout) has(name string) bool {
	return slices.ContainsFunc(l.shown(), func(c SheetColumn) bool { return c.Name == name })
}

// width is the sheet's, in pixels, with the column that chooses rows.
func (l SheetLayout) width() int {
	sum := pickWidth
	for _, c := range l.shown() {
		sum += c.Width
	}
	return sum
}

const pickWidth = 44

// text is how a layout is kept and written in addresses: person.240,company.180;1, or with
// ;comfortable behind it.
func (l SheetLayout) text() string {
	var parts []string
	for _, c := range l.shown() {
		parts = append(parts, c.Name+"."+strconv.Itoa(c.Width))
	}
	text := strings.Join(parts, ",") + ";" + strconv.Itoa(l.Frozen)
	if l.Density != compact {
		text += ";" + l.Density
	}
	return text
}

// LayoutOf reads a layout. What it does not know it leaves out; nothing left is
// the usual layout, so that no text can make a sheet without columns.
func LayoutOf(text string) SheetLayout {
	names, rest, _ := strings.Cut(text, ";")
	frozen, density, _ := strings.Cut(rest, ";")
	l := SheetLayout{Frozen: 1, Density: compact}
	if density == comfortable {
		l.Density = comfortable
	}
	if n, err := strconv.Atoi(frozen); err == nil {
		l.Frozen = n
	}
	others := slices.Clone(sheetColumns)
	for part := range strings.SplitSeq(names, ",") {
		name, width, _ := strings.Cut(part, ".")
		n := slices.IndexFunc(others, func(c SheetColumn) bool { return c.Name == name })
		if n < 0 {
			continue
		}
		c := others[n]
		others = slices.Delete(others, n, n+1)
		if px, err := strconv.Atoi(width); err == nil {
			c.Width = min(max(px, narrowest), widest)
		}
		c.Shown = true
		l.Columns = append(l.Columns, c)
	}
	if len(l.Columns) == 0 {
		for _, c := range sheetColumns {
			if c.Shown {
				l.Columns = append(l.Columns, c)
			}
		}
		others = slices.DeleteFunc(others, func(c SheetColumn) bool { return c.Shown })
	}
	l.Frozen = min(max(l.Frozen, 0), 3, len(l.Columns))
	for _, c := range others {
		c.Shown = false
		l.Columns = append(l.Columns, c)
	}
	return l
}
