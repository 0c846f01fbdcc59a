package contactfile

import (
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"unicode/utf8"
)

// ndjsonRows reads a JSON object a line, its members named like the columns.
type ndjsonRows struct {
	window
	broken  string // the beginning of the line that was refused last
	mapping map[string]column
}

func newNDJSON(r io.Reader, mapping map[string]column) *ndjsonRows {
	return &ndjsonRows{window: window{src: r}, mapping: mapping}
}

func (n *ndjsonRows) describe(u *Understood) {
	u.Format = FormatNDJSON
}

func (n *ndjsonRows) next(raw *rawRow) (advance int, err error) {
	for {
		line, err := n.line()
		if err == io.EOF {
			return advance, io.EOF
		}
		advance++
		if err != nil {
			raw.cells = []string{n.broken}
			return advance, err
		}
		line = bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff")))
		if len(line) == 0 {
			continue
		}
		raw.cells = []string{plain(line[:min(len(line), maxKeptRow)])}
		return advance, raw.object(line, n.mapping)
	}
}

// line is the next line, good until the one after it is asked for.
func (n *ndjsonRows) line() ([]byte, error) {
	if !n.have(1) {
		return nil, n.err
	}
	for seen := 0; ; {
		if i := bytes.IndexByte(n.left()[seen:], '\n'); i >= 0 && seen+i <= maxRow {
			line := n.left()[:seen+i]
			n.start += seen + i + 1
			return line, nil
		}
		if seen = len(n.left()); seen > maxRow {
			n.broken = plain(n.left()[:maxKeptRow])
			n.skipLine("\n")
			return nil, badRow("the line is longer than 1 MiB")
		}
		if n.have(seen + 1) {
			continue
		}
		if n.err != io.EOF {
			return nil, n.err
		}
		line := n.left()
		n.start = n.end
		return line, nil
	}
}

// object takes a line's members. A member named twice rejects the line: which
// of the two was meant is anybody's guess.
func (r *rawRow) object(line []byte, mapping map[string]column) error {
	if !utf8.Valid(line) {
		return badRow("the line is not UTF-8 text")
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return badRow("the line is not a JSON object")
	}
	seen := make(map[string]bool)
	for dec.More() {
		key, err := dec.Token()
		name, _ := key.(string)
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			return badRow("the line is not valid JSON")
		}
		name = columnName(name)
		if name == "" || !isColumnName(name) {
			return badRow("the line has a member whose name is no column's")
		}
		known := columnNamed(name)
		to, mapped := mapping[name]
		if known != extra {
			name = columnNames[known]
		}
		if seen[name] {
			return badRow("the line names %s twice", name)
		}
		if mapped {
			known = to
		}
		if seen[name] = true; len(seen) > maxColumns {
			return badRow("the line has more than %d members", maxColumns)
		}
		if err := r.member(known, name, value); err != nil {
			return err
		}
	}
	if _, err := dec.Token(); err != nil {
		return badRow("the line is not valid JSON")
	}
	if _, err := dec.Token(); err != io.EOF {
		return badRow("the line goes on after its JSON object")
	}
	return nil
}

// member takes one member.
func (r *rawRow) member(known column, name string, value json.RawMessage) error {
	text, ok := scalar(value)
	if !ok && known != extra && known.isList() && value[0] == '[' {
		text, ok = list(value)
	}
	if !ok && known == extra {
		text, ok = compact(value), true
	}
	switch {
	case known == left:
	case strings.Contains(text, "\x00"):
		return badRow("%s holds a NUL character", name)
	case !ok:
		r.problems = append(r.problems, Problem{Column: name, Message: "must be text"})
	case known == extra && text != "" && len(r.extra) >= MaxExtras:
		r.problems = append(r.problems, Problem{Column: name, Message: tooManyExtras})
	case known == extra:
		r.keep(name, text)
	case len(text) > maxCell:
		return badRow("%s is longer than 64 KiB", name)
	default:
		r.put(known, "", text)
	}
	return nil
}

func (c column) isList() bool {
	switch c {
	case workEmail, personalEmails, workPhones, mobilePhones, email, phone, homePhone:
		return true
	}
	return false
}

// scalar is a string as it is, a number as it was written, and nothing for null.
func scalar(value json.RawMessage) (string, bool) {
	switch c := value[0]; {
	case c == 'n':
		return "", true
	case c == '"':
		var s string
		err := json.Unmarshal(value, &s)
		return s, err == nil
	case c == '-' || c >= '0' && c <= '9':
		return string(value), true
	}
	return "", false
}

// list joins an array as a cell of CSV would have it.
func list(value json.RawMessage) (string, bool) {
	var parts []json.RawMessage
	if json.Unmarshal(value, &parts) != nil {
		return "", false
	}
	texts := make([]string, len(parts))
	for i, part := range parts {
		text, ok := scalar(part)
		if !ok {
			return "", false
		}
		texts[i] = text
	}
	return strings.Join(texts, ";"), true
}

// compact is any other value as JSON without spaces.
func compact(value json.RawMessage) string {
	var b bytes.Buffer
	if json.Compact(&b, value) != nil {
		return ""
	}
	return b.String()
}
