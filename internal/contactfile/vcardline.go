package contactfile

import (
	"bytes"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// vcardLines reads a vCard's lines, unfolded, each of bounded length.
type vcardLines struct {
	window
	card []byte // the card as it is written, to be put right; its beginning
	at   int    // how many lines were read
}

func (l *vcardLines) keep()        { l.card = append(l.card[:0], "BEGIN:VCARD\r\n"...) }
func (l *vcardLines) kept() string { return plain(l.card) }

// line is the next line as it is written, without its end and good until the next
// is asked for. Long: it has more than maxCell bytes, of which the first come.
func (l *vcardLines) line() (line []byte, long bool, err error) {
	if !l.have(1) {
		return nil, false, l.err
	}
	l.at++
	for seen := 0; ; {
		left := l.left()
		if i := bytes.IndexAny(left[seen:], lineEnds); i >= 0 {
			end, after := seen+i, seen+i+1
			if left[end] == '\r' && l.have(after+1) && l.left()[after] == '\n' {
				after++
			}
			line = l.left()[:end]
			l.start += after
			break
		}
		if seen = len(left); seen > maxCell {
			line, long = append([]byte(nil), left[:maxCell]...), true
			l.skipLine(lineEnds)
			break
		}
		if l.have(seen + 1) {
			continue
		}
		if l.err != io.EOF {
			return nil, false, l.err
		}
		line, l.start = left, l.end
		break
	}
	if room := maxCardText - len(l.card); room > len(line)+2 {
		l.card = append(append(l.card, line...), '\r', '\n')
	}
	return line, long, nil
}

// peekPlain is the next line without the space around it.
func (l *vcardLines) peekPlain() (string, error) {
	line, _, err := l.line()
	return strings.TrimSpace(strings.TrimPrefix(string(line), "\ufeff")), err
}

// vcardProperty is one line of a card.
type vcardProperty struct {
	name   string // upper case, without its group; empty: it is no property
	group  string // lower case
	params string // as they are written
	value  string // as it is written, unfolded
	quoted bool   // quoted-printable
	long   bool   // it was longer than maxCell and is not here
}

// property is the next property. Blank lines are passed over.
func (l *vcardLines) property() (vcardProperty, error) {
	var p vcardProperty
	line, long, err := l.line()
	for err == nil && len(bytes.TrimSpace(line)) == 0 {
		line, long, err = l.line()
	}
	if err != nil {
		return p, err
	}
	p.long = long
	whole := bytes.Clone(line)
	printable := isQuotedPrintable(whole)
	for {
		soft := printable && bytes.HasSuffix(whole, []byte("="))
		if soft {
			whole = whole[:len(whole)-1]
		}
		if !l.have(1) {
			if l.err != io.EOF {
				return p, l.err
			}
			break
		}
		c := l.left()[0]
		if !soft && c != ' ' && c != '\t' {
			break
		}
		more, long, err := l.line()
		if err != nil {
			return p, err
		}
		if len(more) > 0 && (c == ' ' || c == '\t') && !soft {
			more = more[1:]
		}
		if p.long = p.long || long || len(whole)+len(more) > maxCell; !p.long {
			whole = append(whole, more...)
		}
	}
	p.split(whole)
	p.quoted = printable
	return p, nil
}

// head is where a property's value begins: past the first colon outside quotes.
func head(line []byte) int {
	quoted := false
	for i, c := range line {
		if c == '"' {
			quoted = !quoted
		}
		if c == ':' && !quoted {
			return i
		}
	}
	return -1
}

func isQuotedPrintable(line []byte) bool {
	i := head(line)
	return i >= 0 && bytes.Contains(bytes.ToUpper(line[:i]), []byte("QUOTED-PRINTABLE"))
}

func (p *vcardProperty) split(line []byte) {
	i := head(line)
	if i <= 0 {
		return
	}
	name, params, _ := strings.Cut(string(line[:i]), ";")
	if dot := strings.LastIndexByte(name, '.'); dot >= 0 {
		p.group, name = strings.ToLower(strings.TrimSpace(name[:dot])), name[dot+1:]
	}
	p.name = strings.ToUpper(strings.TrimSpace(name))
	if strings.ContainsFunc(p.name, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' }) || len(p.name) > maxName {
		p.name = ""
	}
	p.params, p.value = params, string(line[i+1:])
}

// types are the words that say what kind a value is, in lower case: those of TYPE
// and, in 2.1, those that stand alone.
func (p *vcardProperty) types() string {
	var words []string
	for param := range strings.SplitSeq(strings.ToLower(p.params), ";") {
		name, value, named := strings.Cut(param, "=")
		switch {
		case !named:
			words = append(words, name)
		case name == "type":
			words = append(words, strings.ReplaceAll(strings.Trim(value, `"`), ",", " "))
		}
	}
	return strings.Join(words, " ")
}

// decoded is the value out of the encodings of 2.1. Without a charset it is UTF-8 or
// what its bytes tell, as in a CSV: Outlook writes the Windows code page and does not
// say so. A charset that nobody knows leaves it as it is, and what is no text then is
// left out.
func (p *vcardProperty) decoded() string {
	value := p.value
	if p.quoted {
		value = unquote(value)
	}
	for param := range strings.SplitSeq(p.params, ";") {
		if name, charset, _ := strings.Cut(param, "="); strings.EqualFold(name, "CHARSET") && p.quoted {
			if enc, err := htmlindex.Get(strings.Trim(charset, `"`)); err == nil {
				if text, err := enc.NewDecoder().String(value); err == nil {
					value = text
				}
			}
		}
	}
	if p.quoted && !utf8.ValidString(value) {
		if c, err := detect([]byte(value)); err == nil && c != nil {
			value, _ = c.encoding.NewDecoder().String(value)
		} else if err != nil {
			value, _ = western.encoding.NewDecoder().String(value)
		}
	}
	if !utf8.ValidString(value) {
		value = strings.ToValidUTF8(value, "")
	}
	return value
}

// unquote undoes quoted-printable; what is no code stays as it is.
func unquote(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] == '=' && i+2 < len(s) {
			if high, low := hexDigit(s[i+1]), hexDigit(s[i+2]); high >= 0 && low >= 0 {
				b = append(b, byte(high<<4|low))
				i += 2
				continue
			}
		}
		b = append(b, s[i])
	}
	return string(b)
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c >= 'A' && c <= 'F':
		return int(c-'A') + 10
	case c >= 'a' && c <= 'f':
		return int(c-'a') + 10
	}
	return -1
}

// text is the value as a text of one line.
func (p *vcardProperty) text() string {
	return strings.Join(strings.Fields(unescape(p.decoded())), " ")
}

// parts are the components of a structured value; there are always seven.
func (p *vcardProperty) parts() [7]string {
	var parts [7]string
	n, begin, value := 0, 0, p.decoded()
	for i := 0; i <= len(value); i++ {
		switch {
		case i < len(value) && value[i] == '\\':
			i++
		case i == len(value) || value[i] == ';':
			if n < len(parts) {
				parts[n] = strings.Join(strings.Fields(unescape(value[begin:min(i, len(value))])), " ")
			}
			n, begin = n+1, i+1
		}
	}
	return parts
}

var escapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\N`, "\n", `\,`, ",", `\;`, ";", `\:`, ":")

func unescape(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	return escapes.Replace(s)
}
