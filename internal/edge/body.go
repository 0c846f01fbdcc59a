package edge

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
)

const (
	// extendEvery is how much of a file must arrive, in bytes, before it is given more
	// time: a byte now and then is no progress.
	extendEvery = 16 << 10
	// maxAside is how much of a body that nobody reads is read before the answer, in
	// bytes and in time, so that the connection stays good.
	maxAside    = 16 << 10
	asideWithin = 50 * time.Millisecond
)

// exchange is a request with a body and its answer: the body ends at its route's limit,
// and an answer ahead of the body's end closes the connection.
type exchange struct {
	http.ResponseWriter
	io.ReadCloser

	limit, left int64
	since       int64         // bytes since the deadline was moved
	idle        time.Duration // how long a file may pause; 0: the deadline stays
	stream      time.Duration // how long either direction may pause; 0: it is no stream
	expects     bool          // the client sends nothing before it is told to continue
	streams     bool          // HTTP/2: a body ends with its stream, and not with the connection
	ended       bool          // all of the body was read
	over        bool          // it is larger than the limit
	answered    bool
	refused     bool
	answer      time.Duration // how long the client may take to read the answer
	began       time.Time
	written     int  // of the answer, in bytes
	timed       bool // the answer has its time
}

func newExchange(w http.ResponseWriter, r *http.Request, limit int64, answer time.Duration) *exchange {
	x := &exchange{ResponseWriter: w, ReadCloser: r.Body, limit: limit, left: limit, answer: answer, began: time.Now()}
	x.expects, x.streams = strings.EqualFold(r.Header.Get("Expect"), "100-continue"), r.ProtoMajor > 1
	return x
}

// Read fails with TooLarge where there is more than the limit.
func (x *exchange) Read(p []byte) (int, error) {
	if x.over {
		return 0, TooLarge(x.limit)
	}
	if int64(len(p)) > x.left+1 {
		p = p[:x.left+1]
	}
	if x.stream > 0 {
		_ = x.control().SetReadDeadline(time.Now().Add(x.stream))
	}
	n, err := x.ReadCloser.Read(p)
	if int64(n) > x.left {
		n, x.left, x.over = int(x.left), 0, true
		return n, TooLarge(x.limit)
	}
	x.left -= int64(n)
	if x.idle > 0 {
		if x.since += int64(n); x.since >= extendEvery {
			x.since = 0
			_ = x.control().SetReadDeadline(time.Now().Add(x.idle))
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		x.ended = true
	case err != nil:
		err = Unread(err)
	}
	return n, err
}

// Close leaves the body open: what is left of it is read after the answer.
func (x *exchange) Close() error { return nil }

func (x *exchange) control() *http.ResponseController {
	return http.NewResponseController(x.ResponseWriter)
}

// Unwrap is for http.ResponseController.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// WriteHeader begins the answer.
func (x *exchange) WriteHeader(status int) {
	x.refused = status >= http.StatusBadRequest
	x.begin()
	x.ResponseWriter.WriteHeader(status)
}

func (x *exchange) Write(p []byte) (int, error) {
	x.begin()
	x.written += len(p)
	x.time()
	if x.stream > 0 {
		_ = x.control().SetWriteDeadline(time.Now().Add(x.stream))
	}
	return x.ResponseWriter.Write(p)
}

const (
	// atOnce is how many bytes of an answer go into a connection's buffer without waiting, and
	// soon is how long a request may have taken for the time that it was given at its start to
	// be enough for them. A deadline of their own would cost more than writing them.
	atOnce = 2 << 10
	soon   = time.Second
)

// time gives the answer its time, however long the request took.
func (x *exchange) time() {
	if x.timed || x.written <= atOnce && time.Since(x.began) < soon {
		return
	}
	x.timed = true
	_ = x.control().SetWriteDeadline(time.Now().Add(x.answer)) // only a test's recorder has none
}

// begin says that the connection ends with the answer where the body was not read to its end:
// its rest must never be read as another request, and net/http waits for the rest of a body
// unless the connection ends. A small rest that is there already is read instead.
func (x *exchange) begin() {
	if x.answered {
		return
	}
	x.answered = true
	x.time()
	if x.ended || x.stream > 0 && !x.refused {
		return
	}
	if !x.over && !x.expects {
		x.drain(maxAside, asideWithin)
	}
	if !x.ended && !x.streams {
		x.Header().Set("Connection", "close")
	}
}

// finish sends the answer and then reads what is left of the body, within bounds: a
// connection that is closed while the client still sends is reset, and the client
// never sees the answer.
func (x *exchange) finish(within time.Duration) {
	x.begin()
	if !x.ended && !x.expects && x.control().Flush() == nil {
		x.drain(maxDiscard, within)
	}
}

// drain reads and throws away at most so many bytes for so long.
func (x *exchange) drain(most int64, within time.Duration) {
	_ = x.control().SetReadDeadline(time.Now().Add(within))
	if n, err := io.Copy(io.Discard, io.LimitReader(x.ReadCloser, most)); err == nil && n < most {
		x.ended = true
		_ = x.control().SetReadDeadline(time.Time{}) // the next request has its own
	}
}

// TooLarge is the refusal of a body over a limit in bytes.
func TooLarge(limit int64) error {
	return fault.New(fault.TooLarge, "The request is larger than the %s that this address takes. Nothing was changed.", megabytes(limit))
}

// Unread is the refusal of a body that did not arrive.
func Unread(err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	var slow net.Error
	if errors.As(err, &slow) && slow.Timeout() {
		return fault.Wrap(fault.Invalid, err, "The request's body did not arrive in time. Nothing was changed. Send it again.")
	}
	return fault.Wrap(fault.Invalid, err, "The request's body did not arrive completely. Nothing was changed. Send it again.")
}

func megabytes(bytes int64) string {
	if bytes%(1<<20) == 0 {
		return fmt.Sprintf("%d MB", bytes>>20)
	}
	return fmt.Sprintf("%.2g MB", float64(bytes)/(1<<20))
}
