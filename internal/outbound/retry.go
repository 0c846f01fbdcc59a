package outbound

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// RetryAfter is how long the other side asks to wait, at most so long; 0: it does not
// say, or says nothing that can be read.
func RetryAfter(h http.Header, now time.Time, most time.Duration) time.Duration {
	text := strings.TrimSpace(h.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return bounded(time.Duration(min(seconds, most.Seconds())*float64(time.Second)), most)
	}
	if at, err := http.ParseTime(text); err == nil {
		return bounded(at.Sub(now), most)
	}
	return 0
}

func bounded(d, most time.Duration) time.Duration { return max(0, min(d, most)) }
