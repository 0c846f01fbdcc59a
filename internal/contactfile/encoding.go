package contactfile

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings that every file may have. Others are named as declared.
const (
	UTF8        = "UTF-8"
	UTF16LE     = "UTF-16 LE"
	UTF16BE     = "UTF-16 BE"
	Windows1252 = "Windows-1252"
)

// text is a file as UTF-8. What it is written in is told by a byte order mark,
// by what the sender says, or by the bytes themselves.
type text struct {
	io.Reader
	encoding string
	guess    *guess // nil: nothing is guessed
}

// read is the encoding, as far as the file has been read, and whether it was guessed.
func (t *text) read() (name string, guessed bool) {
	if t.guess != nil && t.guess.codec != nil {
		return t.guess.codec.name, true
	}
	return t.encoding, false
}

// maxSample is how much of a file is looked at to find out what it is written in.
const maxSample = 64 << 10

// newText finds out how a file is written. UTF-16 is what a spreadsheet saves as
// "Unicode text"; without a mark it shows by its zero bytes. A declared charset is
// obeyed, or the file is refused.
func newText(r io.Reader, contentType string) (*text, error) {
	b := bufio.NewReaderSize(r, maxSample)
	head, err := b.Peek(maxSample)
	if err != nil && err != io.EOF && len(head) == 0 {
		return nil, err
	}
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return nil, errArchive
	}
	if bytes.HasPrefix(head, []byte(legacy)) {
		return nil, errLegacy
	}
	utf16 := func(name string, order unicode.Endianness, mark unicode.BOMPolicy) (*text, error) {
		return &text{Reader: transform.NewReader(b, unicode.UTF16(order, mark).NewDecoder()), encoding: name}, nil
	}
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe")):
		return utf16(UTF16LE, unicode.LittleEndian, unicode.ExpectBOM)
	case bytes.HasPrefix(head, []byte("\xfe\xff")):
		return utf16(UTF16BE, unicode.BigEndian, unicode.ExpectBOM)
	case bytes.HasPrefix(head, []byte("\ufeff")):
		return &text{Reader: b, encoding: UTF8}, nil
	}
	if even, odd := zeros(head[:min(len(head), 1<<10)]); odd*4 > min(len(head), 1<<10) && even == 0 {
		return utf16(UTF16LE, unicode.LittleEndian, unicode.IgnoreBOM)
	} else if even*4 > min(len(head), 1<<10) && odd == 0 {
		return utf16(UTF16BE, unicode.BigEndian, unicode.IgnoreBOM)
	}
	_, params, _ := mime.ParseMediaType(contentType)
	if charset := strings.TrimSpace(params["charset"]); charset != "" {
		return declared(b, charset)
	}
	g := &guess{src: b}
	if err := g.look(head); err != nil {
		return nil, err
	}
	return &text{Reader: g, encoding: UTF8, guess: g}, nil
}

// declared reads a file in the charset that its sender names.
func declared(b *bufio.Reader, charset string) (*text, error) {
	enc, err := htmlindex.Get(charset)
	if err != nil {
		return nil, formatError("the charset %.64q is not known; save the file as CSV UTF-8 and send it with charset=utf-8, or name another charset such as windows-1252 or shift_jis", charset)
	}
	name := encodingName(enc)
	if name == UTF8 {
		return &text{Reader: b, encoding: UTF8}, nil
	}
	return &text{Reader: transform.NewReader(b, enc.NewDecoder()), encoding: name}, nil
}

// encodingNames are the usual names of those that htmlindex names otherwise.
var encodingNames = map[string]string{"utf-8": UTF8, "utf-16le": UTF16LE, "utf-16be": UTF16BE, "gbk": "GBK", "gb18030": "GB18030", "big5": "Big5",
	"euc-jp": "EUC-JP", "euc-kr": "EUC-KR", "shift_jis": "Shift_JIS", "iso-2022-jp": "ISO-2022-JP", "koi8-r": "KOI8-R", "koi8-u": "KOI8-U", "ibm866": "IBM866"}

// encodingName is an encoding's usual name.
func encodingName(enc encoding.Encoding) string {
	name, err := htmlindex.Name(enc)
	if usual := encodingNames[name]; err != nil || usual != "" {
		return usual
	}
	if strings.HasPrefix(name, "iso") {
		return strings.ToUpper(name)
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

func zeros(head []byte) (even, odd int) {
	for i, c := range head[:len(head)&^1] {
		if c == 0 && i%2 == 0 {
			even++
		} else if c == 0 {
			odd++
		}
	}
	return even, odd
}

// guess reads UTF-8 unless the first letters beyond ASCII show that the file is
// something else; then it is all that. A file whose first such letter was good UTF-8
// stays UTF-8, and a bad row in it is a bad row.
type guess struct {
	src     io.Reader
	codec   *codec // nil: UTF-8
	settled bool
	decoder io.Reader // of src, where it is not UTF-8
	in      []byte    // read and not looked at, of buf
	buf     []byte
	err     error
}

// look settles the question by the beginning of the file, if that is more than ASCII.
func (g *guess) look(head []byte) error {
	i := bytes.IndexFunc(head, func(r rune) bool { return r >= utf8.RuneSelf })
	if i < 0 {
		return nil
	}
	codec, err := detect(head[max(0, i-1):])
	if err != nil {
		return err
	}
	g.settle(codec, g.src)
	return nil
}

func (g *guess) settle(c *codec, rest io.Reader) {
	g.settled, g.codec = true, c
	if c != nil {
		g.decoder = transform.NewReader(rest, c.encoding.NewDecoder())
	}
}

func (g *guess) Read(p []byte) (int, error) {
	switch {
	case g.decoder != nil:
		return g.decoder.Read(p)
	case g.settled && len(g.in) == 0:
		if g.err != nil {
			return 0, g.err
		}
		return g.src.Read(p)
	case len(g.in) == 0:
		if g.buf == nil {
			g.buf = make([]byte, 32<<10)
		}
		n := 0
		n, g.err = g.src.Read(g.buf)
		g.in = g.buf[:n]
		if n == 0 {
			return 0, g.err
		}
		if i := bytes.IndexFunc(g.in, func(r rune) bool { return r >= utf8.RuneSelf }); i >= 0 {
			return g.late(p, i)
		}
	}
	n := copy(p, g.in)
	g.in = g.in[n:]
	return n, nil
}

// late settles the question where the first letter beyond ASCII stands far into the
// file: there nothing is refused any more, and what cannot be told is Windows-1252.
func (g *guess) late(p []byte, i int) (int, error) {
	for len(g.in)-i < utf8.UTFMax && g.err == nil { // the letter's rest is still to come
		buf := make([]byte, utf8.UTFMax)
		n := 0
		n, g.err = g.src.Read(buf)
		g.in = append(g.in, buf[:n]...)
	}
	codec, err := detect(g.in[max(0, i-1):])
	if err != nil {
		codec = western
	}
	if codec == nil {
		g.settled = true
	} else {
		rest := io.MultiReader(bytes.NewReader(g.in), g.src)
		g.in = nil
		g.settle(codec, rest)
		return g.decoder.Read(p)
	}
	n := copy(p, g.in)
	g.in = g.in[n:]
	return n, nil
}
