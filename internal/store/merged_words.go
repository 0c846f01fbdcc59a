package store

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
)

// again is how a merge that was taken apart is made again, as what the team has deleted from the
// lead stays deleted. It holds hashes and no words: they may be of somebody who is erased.
type again struct {
	Without []string `json:",omitempty"` // words that are not given again, as wordHash has them
	At      int      `json:",omitempty"` // where in the notes the text was
	Rest    string   `json:",omitempty"` // hash of the notes without it, as At is good for no others
}

// wordHash tells apart words of a kind: a list, a tag, a line of notes.
func wordHash(kind, word string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + word))
	return hex.EncodeToString(sum[:8])
}

const lineOfNotes = "notes"

// wordsOf is what the team has written on a lead, hidden or not.
func (t Merges) wordsOf(l Lead) (w written, err error) {
	w.Notes = oneLineEnd(l.Notes)
	for _, of := range []label{lists, tags} {
		if *w.labels(of), err = t.tx().Labels().at(of, l.Workspace, l.ID); err != nil {
			return w, err
		}
	}
	return w, nil
}

// give writes on a lead what is on one that is merged into it, and tells what was new there.
func (t Merges) give(kept Lead, was wasLead, how again, at int64) (*written, error) {
	has, err := t.wordsOf(kept)
	if err != nil {
		return nil, err
	}
	gave := &written{Notes: withoutLines(was.Notes, how.Without)}
	for _, of := range []label{lists, tags} {
		for _, name := range *was.labels(of) {
			if slices.Contains(*has.labels(of), name) || slices.Contains(how.Without, wordHash(of.column, name)) {
				continue
			}
			if err := t.tx().Labels().add(of, kept.Workspace, kept.ID, name); err != nil {
				return nil, err
			}
			*gave.labels(of) = append(*gave.labels(of), name)
		}
	}
	if gave.Notes == "" {
		return gave, nil
	}
	place, err := t.placeOf(kept, has.Notes, how, at)
	if err != nil {
		return nil, err
	}
	notes := JoinNotes(JoinNotes(strings.TrimRight(has.Notes[:place], "\n"), gave.Notes), strings.TrimLeft(has.Notes[place:], "\n"))
	return gave, t.tx().Leads().UpdateNotes(kept.Workspace, kept.ID, notes)
}

// placeOf is where in a lead's notes those of somebody who is merged into it go: where they were,
// before those of anyone who was merged later, or to the end.
func (t Merges) placeOf(kept Lead, notes string, how again, at int64) (int, error) {
	if how.Rest == wordHash(lineOfNotes, notes) {
		return how.At, nil
	}
	list, err := t.Of(kept.Workspace, []string{kept.ID})
	for _, m := range direct(list) {
		if m.At > at && m.was.Gave != nil {
			if n := pieceOf(notes, m.was.Gave.Notes); n >= 0 {
				return n, err
			}
		}
	}
	return len(notes), err
}

// takeBack takes from a lead what a merge gave it and is still there as it was. A list or tag
// that somebody else who is merged into it has stays, as theirs.
func (t Merges) takeBack(kept Lead, m Merge) (how again, err error) {
	has, err := t.wordsOf(kept)
	if err != nil {
		return how, err
	}
	gave := m.was.Gave
	if gave == nil {
		gave = &m.was.written
	}
	how.Without = m.was.Without
	for _, of := range []label{lists, tags} {
		for _, name := range *m.was.labels(of) {
			if !slices.Contains(*has.labels(of), name) {
				how.Without = append(how.Without, wordHash(of.column, name))
			}
		}
		for _, name := range *gave.labels(of) {
			if !slices.Contains(*has.labels(of), name) {
				continue
			}
			if err := t.takeLabel(of, name, m); err != nil {
				return how, err
			}
		}
	}
	left, at, gone := cut(has.Notes, gave.Notes)
	for _, line := range gone {
		how.Without = append(how.Without, wordHash(lineOfNotes, line))
	}
	slices.Sort(how.Without)
	how.Without = slices.Compact(how.Without)
	if left == has.Notes {
		return how, nil
	}
	if at >= 0 {
		how.At, how.Rest = at, wordHash(lineOfNotes, left)
	}
	return how, t.tx().Leads().UpdateNotes(kept.Workspace, kept.ID, left)
}

// takeLabel takes a list or tag off a lead that a merge gave it.
func (t Merges) takeLabel(of label, name string, from Merge) error {
	list, err := t.Of(from.Workspace, []string{from.Lead})
	if err != nil {
		return err
	}
	for _, m := range direct(list) {
		if m.Person == from.Person || !slices.Contains(*m.was.labels(of), name) || slices.Contains(m.was.Without, wordHash(of.column, name)) {
			continue
		}
		if m.was.Gave != nil {
			*m.was.Gave.labels(of) = append(*m.was.Gave.labels(of), name)
		}
		return t.write(m)
	}
	return t.tx().Labels().drop(of, from.Workspace, from.Lead, name)
}

// JoinNotes puts one text of notes after another.
func JoinNotes(a, b string) string {
	if b == "" {
		return a
	}
	return strings.TrimSpace(a + "\n\n" + b)
}

func oneLineEnd(text string) string { return strings.ReplaceAll(text, "\r\n", "\n") }

// cut takes a text out of notes: in one piece, and at says where it was, or line by line, and at
// is negative. gone are the lines that were not there.
func cut(notes, text string) (left string, at int, gone []string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return notes, -1, nil
	}
	if n := pieceOf(notes, text); n >= 0 {
		before := strings.TrimRight(notes[:n], "\n")
		return JoinNotes(before, strings.TrimLeft(notes[n+len(text):], "\n")), len(before), nil
	}
	lines := strings.Split(notes, "\n")
	for line := range strings.SplitSeq(text, "\n") {
		if strings.TrimSpace(line) == "" {
			continue
		}
		n := len(lines) - 1
		for n >= 0 && lines[n] != line {
			n--
		}
		if n < 0 {
			gone = append(gone, line)
		} else {
			lines = slices.Delete(lines, n, n+1)
		}
	}
	if left = strings.Join(lines, "\n"); left != notes {
		left = fewBlank(left)
	}
	return left, -1, gone
}

// pieceOf is where notes have a text as whole lines, the last time; negative: nowhere.
func pieceOf(notes, text string) int {
	for end := len(notes); text != ""; {
		n := strings.LastIndex(notes[:end], text)
		if n < 0 {
			break
		}
		before, after := notes[:n], notes[n+len(text):]
		if (before == "" || strings.HasSuffix(before, "\n")) && (after == "" || strings.HasPrefix(after, "\n")) {
			return n
		}
		end = n + len(text) - 1
	}
	return -1
}

// withoutLines is a text without the lines of these hashes.
func withoutLines(text string, hashes []string) string {
	lines := strings.Split(text, "\n")
	kept := slices.DeleteFunc(slices.Clone(lines), func(line string) bool {
		return slices.Contains(hashes, wordHash(lineOfNotes, line))
	})
	if len(kept) == len(lines) {
		return strings.TrimSpace(text)
	}
	return fewBlank(strings.Join(kept, "\n"))
}

// fewBlank leaves one blank line where lines between blank ones were taken out.
func fewBlank(text string) string {
	for strings.Contains(text, "\n\n\n") {
		text = strings.ReplaceAll(text, "\n\n\n", "\n\n")
	}
	return strings.TrimSpace(text)
}
