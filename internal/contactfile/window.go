package contactfile

import (
	"bytes"
	"io"
)

// window is the part of a file that is held in memory: what was read and is
// still to be understood. It grows to the longest row, and rows are bounded.
type window struct {
	src        io.Reader
	buf        []byte
	start, end int   // what of buf is still to be understood
	err        error // of src, io.EOF included; the window may hold more
}

func (w *window) left() []byte { return w.buf[w.start:w.end] }

// have makes n bytes available from start, if there are so many. What lies
// before start is lost.
func (w *window) have(n int) bool {
	for w.end-w.start < n {
		if w.err != nil {
			return false
		}
		if w.start > 0 && w.end == len(w.buf) {
			w.end = copy(w.buf, w.left())
			w.start = 0
		}
		if w.end == len(w.buf) {
			w.buf = append(w.buf, make([]byte, max(len(w.buf), 64<<10))...)
		}
		w.read()
	}
	return true
}

func (w *window) read() {
	for range 100 { // a reader that never has anything is broken
		n, err := w.src.Read(w.buf[w.end:])
		w.end, w.err = w.end+n, err
		if n > 0 || err != nil {
			return
		}
	}
	w.err = io.ErrNoProgress
}

// skipLine moves past the next line end, however far that is. The ends are the
// characters that end a line; a CRLF is one.
func (w *window) skipLine(ends string) {
	for w.have(1) {
		i := bytes.IndexAny(w.left(), ends)
		if i < 0 {
			w.start = w.end
			continue
		}
		cr := w.buf[w.start+i] == '\r'
		w.start += i + 1
		if cr && w.have(1) && w.buf[w.start] == '\n' {
			w.start++
		}
		return
	}
}
