package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxRetryAfter bounds how long a source can tell us to wait.
const maxRetryAfter = time.Hour

// Reply is what a source sent, read whole.
type Reply struct {
	Status int
	Header http.Header
	Body   []byte
}

// JSON reads the body, which must say that it is JSON and be exactly one value.
// Numbers stay the text that they were.
func (r Reply) JSON() (Doc, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" && !strings.HasSuffix(kind, "+json") {
		return Doc{}, errType
	}
	return ParseDoc(r.Body)
}

// ParseDoc reads one JSON value. The error is safe to show.
func ParseDoc(body []byte) (Doc, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return Doc{}, errJSON
	}
	if _, err := decoder.Token(); err != io.EOF {
		return Doc{}, errJSON
	}
	return Doc{value}, nil
}

// RetryAfter is how long the source asks us to wait, zero where it does not say.
func (r Reply) RetryAfter() time.Duration {
	text := strings.TrimSpace(r.Header.Get("Retry-After"))
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return bounded(time.Duration(min(seconds, maxRetryAfter.Seconds()) * float64(time.Second)))
	}
	if at, err := http.ParseTime(text); err == nil {
		return bounded(time.Until(at))
	}
	return 0
}

func bounded(d time.Duration) time.Duration { return max(0, min(d, maxRetryAfter)) }

// Problem is the answer that a status alone gives, for those that are no
// success. A 404 is Failed, because a wrong address answers so too: a source
// whose 404 means "not found" must show that it is the source that speaks.
func (r Reply) Problem() Answer {
	a := Answer{Outcome: Failed, Detail: fmt.Sprintf("HTTP %d", r.Status), RetryAfter: r.RetryAfter()}
	switch {
	case r.Status == 400, r.Status == 422:
		a.Outcome = Invalid
	case r.Status == 401, r.Status == 403:
		a.Outcome = Forbidden
	case r.Status == 402:
		a.Outcome = OutOfQuota
	case r.Status == 429:
		a.Outcome, a.Again = RateLimited, true
	case r.Status == 451:
		a.Outcome = OptedOut
	case r.Status >= 500:
		a.Again = true
	case r.Status >= 300 && r.Status < 400:
		a.Detail += ": redirects are not followed"
	}
	return a
}

// Amount is a source's cost as decimal text, or empty where it is none.
func Amount(text string) string {
	text = strings.TrimSpace(text)
	whole, fraction, _ := strings.Cut(text, ".")
	digits := whole + fraction
	if whole == "" || len(digits) > 18 || strings.Trim(digits, "0123456789") != "" || strings.HasSuffix(text, ".") {
		return ""
	}
	return text
}
