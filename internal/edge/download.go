package edge

import (
	"net/http"
	"time"
)

// piece is the most that is handed to the network at once, in bytes: progress is
// seen between two pieces.
const piece = 64 << 10

// download moves the deadline of an answer on while its client reads.
type download struct {
	http.ResponseWriter
	control *http.ResponseController
	idle    time.Duration
	moved   time.Time
	begun   bool
}

func newDownload(w http.ResponseWriter, idle time.Duration) *download {
	return &download{ResponseWriter: w, control: http.NewResponseController(w), idle: idle}
}

// begin lets the answer outlast the request's deadline, which until then bounds how
// long a form may take to arrive.
func (d *download) begin() {
	if !d.begun {
		d.begun = true
		_ = d.control.SetReadDeadline(time.Time{})
		d.move()
	}
}

// WriteHeader begins the answer.
func (d *download) WriteHeader(status int) {
	d.begin()
	d.ResponseWriter.WriteHeader(status)
}

func (d *download) move() {
	d.moved = time.Now()
	_ = d.control.SetWriteDeadline(d.moved.Add(d.idle)) // only a test's recorder has none
}

// Write fails once the client read nothing for as long as it may.
func (d *download) Write(p []byte) (n int, err error) {
	d.begin()
	for {
		if time.Since(d.moved) > d.idle/8 {
			d.move()
		}
		m, err := d.ResponseWriter.Write(p[:min(len(p), piece)])
		n += m
		if p = p[m:]; err != nil || len(p) == 0 {
			return n, err
		}
	}
}

// Unwrap is for http.ResponseController.
func (d *download) Unwrap() http.ResponseWriter { return d.ResponseWriter }
