package screen

import (
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// EntryLine is a line of the ledger for reading: a capture with its fields, or one other entry.
type EntryLine struct {
	Entry          // of a capture what its fields share; its Field, Rule and Type are empty
	Fields []Entry // of a capture, in the order asked
	Spent  []Spent // of a capture, per credit type that it spent
}

// Spent is what a capture spent of one credit type, and what was available after it.
type Spent struct {
	Type   string
	Amount unit.Amount
	After  unit.Quota
}

// perLine is the most entries that a line has: one for each field of a capture.
var perLine = len(lead.Fields)

// lineRows puts rows of the ledger, newest first, into lines. A capture pays for all of its
// fields in one command, so its entries follow each other.
func lineRows(rows []store.Entry) (lines [][]store.Entry) {
	for n, e := range rows {
		if n > 0 && ofOneCapture(rows[n-1], e) {
			last := len(lines) - 1
			lines[last] = append(lines[last], e)
			continue
		}
		lines = append(lines, []store.Entry{e})
	}
	return lines
}

func ofOneCapture(a, b store.Entry) bool {
	return a.Capture != "" && a.Capture == b.Capture && isField(a) && isField(b)
}

// isField: the entry is the answer about one field, rather than a hold, a release or a refund.
func isField(e store.Entry) bool {
	return e.Field != "" && (e.Kind == unit.KindCharge || e.Kind == unit.KindFree)
}

// pageOfLines is at most limit lines of the rows that were read, at most most of them. older says
// that there are others after them. No line is a part of a capture.
func pageOfLines(rows []store.Entry, limit, most int) (lines [][]store.Entry, older bool) {
	lines = lineRows(rows)
	if len(rows) == most { // there may be others, of the last line's capture too
		older = true
		if len(lines) > 1 {
			lines = lines[:len(lines)-1]
		}
	}
	if len(lines) > limit {
		lines, older = lines[:limit], true
	}
	return lines, older
}

// entryLines are entries, newest first, in lines.
func entryLines(rows []store.Entry, list []Entry) (lines []EntryLine) {
	for _, of := range lineRows(rows) {
		one := list[:len(of)]
		list = list[len(of):]
		if of[0].Capture == "" || !isField(of[0]) {
			lines = append(lines, EntryLine{Entry: one[0]})
			continue
		}
		lines = append(lines, captureLine(one))
	}
	return lines
}

// captureLine is a capture by the entries of its fields, newest first.
func captureLine(newest []Entry) EntryLine {
	l := EntryLine{Entry: newest[0]}
	l.Field, l.Rule, l.Type, l.Amount, l.After = "", "", "", 0, unit.Unlimited
	for n := len(newest) - 1; n >= 0; n-- {
		e := newest[n]
		l.Fields = append(l.Fields, e)
		if e.Amount != 0 {
			l.spend(e)
		}
	}
	return l
}

func (l *EntryLine) spend(e Entry) {
	for n, s := range l.Spent {
		if s.Type == e.Type {
			l.Spent[n].Amount, l.Spent[n].After = s.Amount+e.Amount, e.After
			return
		}
	}
	l.Spent = append(l.Spent, Spent{e.Type, e.Amount, e.After})
}
