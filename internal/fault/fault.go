// Package fault is the closed set of things that go wrong, each with a message
// that may be shown and a cause that goes to the log alone. One table says which
// HTTP status and code each kind has.
package fault

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind is what went wrong.
type Kind string

// The kinds, named as the API names them.
const (
	Invalid         Kind = "invalid_request"
	Unauthenticated Kind = "unauthenticated"
	Insufficient    Kind = "insufficient_credits"
	NotAllowed      Kind = "not_allowed"
	NotFound        Kind = "not_found"
	Conflict        Kind = "conflict"
	Expired         Kind = "expired"
	Cancelled       Kind = "subscription_cancelled"
	TooLarge        Kind = "payload_too_large"
	Mismatch        Kind = "idempotency_mismatch"
	RateLimited     Kind = "rate_limited"
	FairUse         Kind = "fair_use"
	Internal        Kind = "internal"
	Overloaded      Kind = "overloaded"
)

var statuses = map[Kind]int{
	Invalid: 400, Unauthenticated: 401, Insufficient: 402, NotAllowed: 403, NotFound: 404, Conflict: 409, Expired: 410,
	Cancelled: 409, TooLarge: 413, Mismatch: 422, RateLimited: 429, FairUse: 429, Internal: 500, Overloaded: 503,
}

// Status is the kind's HTTP status.
func (k Kind) Status() int {
	if s, ok := statuses[k]; ok {
		return s
	}
	return 500
}

// Field is one wrong member of a request and what would be right.
type Field struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error is a fault. Message is safe to show; Cause is not and is never shown.
type Error struct {
	Kind    Kind
	Message string
	Fields  []Field
	Cause   error
	// RetryAfter is how long to wait before the same request can do better; 0: not said.
	RetryAfter time.Duration
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return fmt.Sprintf("%s: %v", strings.TrimSuffix(e.Message, "."), e.Cause)
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Cause }

// Seconds is RetryAfter as HTTP's Retry-After takes it: whole seconds, at least one where
// something is said, and 0 where nothing is.
func (e *Error) Seconds() int { return int(math.Ceil(e.RetryAfter.Seconds())) }

// New makes a fault whose message may be shown.
func New(kind Kind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// Wrong is an Invalid fault of one field.
func Wrong(field, format string, args ...any) *Error {
	message := fmt.Sprintf(format, args...)
	return &Error{Kind: Invalid, Message: field + " " + message, Fields: []Field{{field, message}}}
}

// Length refuses a text of fewer or more characters, nil where it fits. They are counted as a
// reader counts them, no matter how many bytes each takes.
func Length(field, text string, least, most int) error {
	switch n := utf8.RuneCountInString(text); {
	case n >= least && n <= most:
		return nil
	case least == 0:
		return Wrong(field, "must have at most %d characters", most)
	}
	return Wrong(field, "must have %d to %d characters", least, most)
}

// Clean reports whether a text may be kept: valid UTF-8 without a NUL.
func Clean(text string) bool { return utf8.ValidString(text) && strings.IndexByte(text, 0) < 0 }

// FieldsOf are the fields that a fault names.
func FieldsOf(err error) []Field {
	var e *Error
	if !errors.As(err, &e) {
		return nil
	}
	return e.Fields
}

// Wrap keeps a cause for the log behind a message that may be shown.
func Wrap(kind Kind, cause error, message string) *Error {
	return &Error{Kind: kind, Message: message, Cause: cause}
}

// Is reports whether err is a fault of the kind.
func Is(err error, kind Kind) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind == kind
}
