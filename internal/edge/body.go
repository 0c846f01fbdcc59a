package edge

import (
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// extendEvery is how much of a file must arrive, in bytes, before it is given more
// time: a byte now and then is no progress.
const extendEvery = 16 << 10

// body is a request's body that ends at its route's limit.
type body struct {
	io.ReadCloser
	limit, left int64
	since       int64  // bytes since the deadline was moved
	extend      func() // moves the deadline; nil: it stays
	ended       bool   // all of it was read
	over        bool   // it is larger than the limit
}

// Read fails with TooLarge where there is more than the limit.
func (b *body) Read(p []byte) (int, error) {
	if b.over {
		return 0, TooLarge(b.limit)
	}
	if len(p) == 0 {
		return 0, nil
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.ReadCloser.Read(p)
	if int64(n) > b.left {
		b.over = true
		n = int(b.left)
		b.left = 0
		return n, TooLarge(b.limit)
	}
	b.left -= int64(n)
	if b.extend != nil {
		if b.since += int64(n); b.since >= extendEvery {
			b.since = 0
			b.extend()
		}
	}
	switch {
	case errors.Is(err, io.EOF):
		b.ended = true
	case err != nil:
		err = Unread(err)
	}
	return n, err
}

// Close leaves the body open: what is left of it is read after the answer.
func (b *body) Close() error { return nil }

// drain reads at most so many bytes more.
func (b *body) drain(most int64) {
	if n, err := io.Copy(io.Discard, io.LimitReader(b.ReadCloser, most)); err == nil && n < most {
		b.ended = true
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
