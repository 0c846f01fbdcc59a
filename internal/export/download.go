package export

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// atOnce bounds the exports that a workspace runs at once: clients that stop reading
// keep their own places and nobody else's.
const atOnce = 4

// running counts the exports that run, by workspace.
type running struct {
	mu sync.Mutex
	of map[string]int
}

// Enter takes a place for an export of a workspace, or of the server where it is
// empty; leave gives it back. Fault: RateLimited when all are taken.
func (e *Export) Enter(workspace string) (leave func(), err error) {
	r := &e.running
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.of[workspace] >= atOnce {
		return nil, fault.New(fault.RateLimited, "%d exports of this workspace are running. Wait until one of them ends and try again.", atOnce)
	}
	if r.of == nil {
		r.of = map[string]int{}
	}
	r.of[workspace]++
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.of[workspace]--; r.of[workspace] == 0 {
			delete(r.of, workspace)
		}
	}, nil
}

// Spool has a file written to the disk and then hands it over: no row is read while
// its receiver is slow, and a file that cannot be finished is never begun to be sent.
func Spool(write func(w io.Writer) error, send func(f io.Reader) error) error {
	f, err := os.CreateTemp("", "leadmeter-export-")
	if err != nil {
		return fmt.Errorf("export: %w", err)
	}
	defer f.Close()
	if err := os.Remove(f.Name()); err != nil { // it ends with the program, however that ends
		defer os.Remove(f.Name()) // where an open file keeps its name
	}
	if err := write(f); err != nil {
		return err
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("export: %w", err)
	}
	if err := send(f); err != nil {
		panic(http.ErrAbortHandler) // half a file must not look complete
	}
	return nil
}

// checkEvery is how often it is looked whether a reader may still have what they read.
const checkEvery = time.Second

// checked is a download that ends when its reader loses the right to it.
type checked struct {
	io.Writer
	still func() error
	at    time.Time
}

// While is a writer that asks still once a second and fails with its error.
func While(w io.Writer, still func() error) io.Writer {
	return &checked{Writer: w, still: still, at: time.Now()}
}

func (c *checked) Write(p []byte) (int, error) {
	if time.Since(c.at) >= checkEvery {
		if err := c.still(); err != nil {
			return 0, err
		}
		c.at = time.Now()
	}
	return c.Writer.Write(p)
}
