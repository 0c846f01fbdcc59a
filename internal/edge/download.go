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
}

func newDownload(w http.ResponseWriter, idle time.Duration) *download {
	d := &download{ResponseWriter: w, control: http.NewResponseController(w), idle: idle}
	// The request is all here. Left as it is, its deadline would end the answer.
	_ = d.control.SetReadDeadline(time.Time{})
	d.move()
	return d
}

func (d *download) move() {
	d.moved = time.Now()
	_ = d.control.SetWriteDeadline(d.moved.Add(d.idle)) // only a test's recorder has none
}

// Write fails once the client read nothing for as long as it may.
func (d *download) Write(p []byte) (n int, err error) {
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
