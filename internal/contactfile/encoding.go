package contactfile

import (
	"bufio"
	"bytes"
	"io"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

// The encodings that are read.
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
	guess    *westernGuess // nil: nothing is guessed
}

// read is the encoding, as far as the file has been read.
func (t *text) read() string {
	if t.guess != nil && t.guess.western {
		return Windows1252
	}
	return t.encoding
}

// newText finds out how a file is written. UTF-16 is what a spreadsheet saves as
// "Unicode text"; without a mark it shows by its zero bytes.
func newText(r io.Reader, contentType string) (*text, error) {
	b := bufio.NewReaderSize(r, 4<<10)
	head, err := b.Peek(1 << 10)
	if err != nil && err != io.EOF {
		return nil, err
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
	if even, odd := zeros(head); odd*4 > len(head) && even == 0 {
		return utf16(UTF16LE, unicode.LittleEndian, unicode.IgnoreBOM)
	} else if even*4 > len(head) && odd == 0 {
		return utf16(UTF16BE, unicode.BigEndian, unicode.IgnoreBOM)
	}
	_, params, _ := mime.ParseMediaType(contentType)
	switch strings.ToLower(params["charset"]) {
	case "utf-8", "utf8":
		return &text{Reader: b, encoding: UTF8}, nil
	case "windows-1252", "cp1252", "iso-8859-1", "latin1":
		guess := &westernGuess{src: b, western: true}
		return &text{Reader: guess, encoding: Windows1252, guess: guess}, nil
	}
	guess := &westernGuess{src: b}
	return &text{Reader: guess, encoding: UTF8, guess: guess}, nil
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

// westernGuess reads UTF-8 until the first letter beyond ASCII shows what the
// file is: if it is no UTF-8, all that follows is Windows-1252. A file whose
// first such letter was good UTF-8 stays UTF-8, and a bad row in it is a bad row.
type westernGuess struct {
	src              io.Reader
	western, settled bool
	in, out          []byte // read and not looked at; ready to be handed on
	buf              [8 << 10]byte
	err              error
}

func (g *westernGuess) Read(p []byte) (int, error) {
	if g.settled && len(g.out) == 0 && len(g.in) == 0 {
		if g.err != nil {
			return 0, g.err
		}
		return g.src.Read(p)
	}
	for range 100 { // a reader that never has anything is broken
		if len(g.out) > 0 {
			break
		}
		if g.err != nil && len(g.in) == 0 {
			return 0, g.err
		}
		g.fill()
	}
	if len(g.out) == 0 {
		return 0, io.ErrNoProgress
	}
	n := copy(p, g.out)
	g.out = g.out[n:]
	return n, nil
}

// fill reads on and looks at what was read.
func (g *westernGuess) fill() {
	kept := copy(g.buf[:], g.in)
	n := 0
	if g.err == nil {
		n, g.err = g.src.Read(g.buf[kept:])
	}
	all := g.buf[:kept+n]
	g.in = nil
	if !g.western {
		i := bytes.IndexFunc(all, func(r rune) bool { return r >= utf8.RuneSelf })
		switch {
		case i < 0 || g.settled:
			g.out = all
			return
		case !utf8.FullRune(all[i:]) && g.err == nil: // its rest is still to come
			g.out = all[:i]
			g.in = append(g.in, all[i:]...)
			return
		}
		if r, size := utf8.DecodeRune(all[i:]); r != utf8.RuneError || size > 1 {
			g.settled = true
			g.out = all
			return
		}
		g.western = true
	}
	g.out = make([]byte, 0, len(all)*3)
	for _, c := range all {
		if r := charmap.Windows1252.DecodeByte(c); r != utf8.RuneError {
			g.out = utf8.AppendRune(g.out, r)
		} else { // no letter in Windows-1252 either: the row is to be refused
			g.out = append(g.out, c)
		}
	}
}
