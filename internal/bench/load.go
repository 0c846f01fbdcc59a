package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"strings"
)

// load is connections to a server, one a caller. It writes requests that are bytes already and
// reads no more of an answer than whether it is a good one, so that what is measured is the
// server and not its client.
type load struct {
	callers int
	conns   []net.Conn
	answers []*bufio.Reader
	bodies  [][]byte // of the last answers
}

func dial(callers int, address string) (*load, error) {
	l := &load{callers: callers, bodies: make([][]byte, callers)}
	for range callers {
		conn, err := net.Dial("tcp", address)
		if err != nil {
			l.close()
			return nil, err
		}
		l.conns, l.answers = append(l.conns, conn), append(l.answers, bufio.NewReaderSize(conn, 4096))
	}
	return l, nil
}

func (l *load) close() {
	for _, c := range l.conns {
		c.Close()
	}
}

// post sends a caller's n-th request, and checks that so many charges of a batch were made; 0:
// of any answer, only that it is a good one.
func (l *load) post(n int, request []byte, made int) error {
	c := n % l.callers
	if _, err := l.conns[c].Write(request); err != nil {
		return err
	}
	body, err := readAnswer(l.answers[c], l.bodies[c][:0])
	l.bodies[c] = body
	if err == nil && bytes.Count(body, []byte(`"status":201`)) < made {
		err = fmt.Errorf("bench: not every charge of a batch was made: %.2000s", body)
	}
	return err
}

var contentLength, chunked = []byte("Content-Length: "), []byte("Transfer-Encoding: chunked")

// readAnswer reads an answer and appends its body to one before.
func readAnswer(r *bufio.Reader, body []byte) ([]byte, error) {
	length, inChunks, good := 0, false, false
	for first := true; ; first = false {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return body, err
		}
		if first {
			good = bytes.HasPrefix(line, []byte("HTTP/1.1 20"))
		}
		if n, ok := bytes.CutPrefix(line, contentLength); ok {
			length = decimal(n)
		}
		inChunks = inChunks || bytes.HasPrefix(line, chunked)
		if len(line) <= 2 {
			break
		}
	}
	var err error
	if inChunks {
		body, err = readChunks(r, body)
	} else {
		body, err = read(r, body, length)
	}
	if err == nil && !good {
		err = fmt.Errorf("bench: answered %s", body)
	}
	return body, err
}

func readChunks(r *bufio.Reader, body []byte) ([]byte, error) {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return body, err
		}
		n, err := strconv.ParseInt(strings.TrimSpace(line), 16, 32)
		if err != nil {
			return body, err
		}
		if body, err = read(r, body, int(n)); err == nil {
			_, err = r.Discard(2)
		}
		if err != nil || n == 0 {
			return body, err
		}
	}
}

func read(r *bufio.Reader, body []byte, n int) ([]byte, error) {
	from := len(body)
	body = slices.Grow(body, n)[:from+n]
	_, err := io.ReadFull(r, body[from:])
	return body, err
}

func decimal(text []byte) (n int) {
	for _, c := range text {
		if c < '0' || c > '9' {
			break
		}
		n = 10*n + int(c-'0')
	}
	return n
}
