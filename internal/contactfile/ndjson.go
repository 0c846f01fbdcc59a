package contactfile

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"mime"
	"strings"
	"unicode/utf8"
)

// ndjsonRows reads a JSON object a line, its members named like the columns of a
// CSV. Objects with the same members are understood once.
type ndjsonRows struct {
	window
	broken  string // the beginning of the line that was refused last
	mapping map[string]column
	count   *census
	layouts map[string]*layout
}

// maxLayouts bounds how many kinds of objects are remembered.
const maxLayouts = 100

// newJSONText is NDJSON as UTF-8, which it is unless its sender names a charset.
func newJSONText(r io.Reader, contentType string) (*text, error) {
	_, params, _ := mime.ParseMediaType(contentType)
	if charset := strings.TrimSpace(params["charset"]); charset != "" {
		return declared(bufio.NewReader(r), charset)
	}
	return &text{Reader: r, encoding: UTF8}, nil
}

// newNDJSON begins to read a file. JSON that is no NDJSON is refused, for every one of
// its lines would be.
func newNDJSON(r io.Reader, mapping map[string]column, count *census) (*ndjsonRows, error) {
	n := &ndjsonRows{window: window{src: r}, mapping: mapping, count: count, layouts: map[string]*layout{}}
	n.have(maxSample)
	if n.err != nil && n.err != io.EOF {
		return nil, n.err
	}
	return n, jsonInstead(n.left())
}

// jsonInstead tells an array, and objects over several lines, by the beginning of a file.
func jsonInstead(head []byte) error {
	head = bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))
	if bytes.HasPrefix(head, []byte("[")) {
		return formatError("the file is a JSON array and not NDJSON; write one object a line, for example with jq -c '.[]'")
	}
	line, rest, more := bytes.Cut(head, []byte("\n"))
	line = bytes.TrimSpace(line)
	if !more || !bytes.HasPrefix(line, []byte("{")) || json.Valid(line) {
		return nil
	}
	pretty := false
	switch rest = bytes.TrimSpace(rest); {
	case len(line) == 1:
		pretty = bytes.HasPrefix(rest, []byte(`"`)) || bytes.HasPrefix(rest, []byte("}"))
	default:
		var value json.RawMessage
		dec := json.NewDecoder(bytes.NewReader(head))
		pretty = dec.Decode(&value) == nil && dec.InputOffset() > int64(len(line))
	}
	if pretty {
		return formatError("the file is pretty-printed JSON and not NDJSON; write each object in one line, for example with jq -c .")
	}
	return nil
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
		return advance, n.object(raw, line)
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
func (n *ndjsonRows) object(raw *rawRow, line []byte) error {
	if !utf8.Valid(line) {
		return badRow("the line is not UTF-8 text")
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return badRow("the line is not a JSON object")
	}
	seen := make(map[string]bool)
	var names []string
	var values []json.RawMessage
	for dec.More() {
		key, err := dec.Token()
		name, _ := key.(string)
		var value json.RawMessage
		if err != nil || dec.Decode(&value) != nil {
			return badRow("the line is not valid JSON")
		}
		plain := columnName(name)
		if plain == "" || !isColumnName(plain) {
			return badRow("the line has a member whose name is no column's")
		}
		if known := columnNamed(plain); known != extra {
			plain = columnNames[known]
		}
		if seen[plain] {
			return badRow("the line names %s twice", plain)
		}
		if seen[plain] = true; len(seen) > maxColumns {
			return badRow("the line has more than %d members", maxColumns)
		}
		names, values = append(names, name), append(values, value)
	}
	if _, err := dec.Token(); err != nil {
		return badRow("the line is not valid JSON")
	}
	if _, err := dec.Token(); err != io.EOF {
		return badRow("the line continues after its JSON object")
	}
	names, values = flatten(names, values)
	return n.members(raw, names, values)
}

// members lays an object's values where their names lead.
func (n *ndjsonRows) members(raw *rawRow, names []string, values []json.RawMessage) error {
	l, err := n.layout(names)
	if err != nil {
		return err
	}
	cells := make([]string, len(values))
	for i, value := range values {
		if cells[i], err = raw.member(&l.places[i], value); err != nil {
			return err
		}
	}
	return l.put(raw, cells)
}

// layout is what an object's names were understood as.
func (n *ndjsonRows) layout(names []string) (*layout, error) {
	key := strings.Join(names, "\x00")
	if l := n.layouts[key]; l != nil {
		return l, nil
	}
	l, _, err := arrange(names, only(n.mapping, names))
	if l == nil {
		return nil, badRow("the line has a member whose name is no column's")
	}
	if err != nil && err != errNobody {
		return nil, badRow("%s", err)
	}
	for i := range l.places { // which of an object's members are kept is told in its line
		if p := &l.places[i]; p.to == extra || p.to == left && p.kind < 0 && aliased(p.written) == extra {
			if _, mapped := n.mapping[columnName(p.written)]; !mapped {
				p.to = extra
			}
		}
	}
	l.count(n.count)
	if len(n.layouts) < maxLayouts {
		n.layouts[key] = l
	}
	return l, nil
}

// member is one value as a cell of CSV would have it.
func (r *rawRow) member(p *place, value json.RawMessage) (string, error) {
	text, ok := scalar(value)
	if !ok && value[0] == '[' && (p.to.isList() || p.to == linkedInURL) {
		text, ok = list(value)
	}
	if !ok && (p.to == extra || p.to == left) {
		text, ok = compact(value), true
	}
	switch {
	case strings.Contains(text, "\x00"):
		return "", badRow("%s holds a NUL character", p.name)
	case !ok:
		r.problems = append(r.problems, Problem{Column: p.name, Message: "must be text"})
	case len(text) > maxCell && p.to == extra:
		r.keep(p.name, text)
		return "", nil
	case len(text) > maxCell:
		return "", badRow("%s is longer than 64 KiB", p.name)
	}
	return text, nil
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
