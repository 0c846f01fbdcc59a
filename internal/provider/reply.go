package provider

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/outbound"
)

// maxRetryAfter bounds how long a source can tell us to wait.
const maxRetryAfter = time.Hour

// What is wrong with a reply that is read.
var (
	errType = outbound.Failure{Text: "its reply is not application/json"}
	errJSON = outbound.Failure{Text: "its reply is not JSON"}
)

// Call is one request to a source.
type Call = outbound.Call

// Client calls one source.
type Client struct{ *outbound.Client }

// Do makes a call and reads the whole reply, whatever its status. The error is safe to
// show and to log.
func (c Client) Do(ctx context.Context, call Call) (Reply, error) {
	r, err := c.Client.Do(ctx, call)
	return Reply{r}, err
}

// Failure is the answer where a call came to nothing.
func Failure(err error) Answer {
	known := outbound.Failure{Text: "its reply could not be read"}
	errors.As(err, &known)
	return Answer{Outcome: Failed, Detail: known.Text, Again: known.Again}
}

// Reply is what a source sent.
type Reply struct{ outbound.Reply }

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
	return outbound.RetryAfter(r.Header, time.Now(), maxRetryAfter)
}

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
