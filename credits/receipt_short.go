package credits

import (
	"encoding/binary"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/internal/store"
)

// shortAnswer begins the answer to any other command that was not refused: what JSON says in some
// 400 bytes of a capture takes about 50. It is read for ever: a change of what follows needs another
// first byte, and shortWords may only grow.
const shortAnswer = 2

// shortWords are texts that a short answer names by their place here.
var shortWords = []string{"",
	"work_email", "work_phone", "personal_email", "mobile_phone",
	"standard", "premium",
	"charged", "not_found", "same_as_main_line", "verified_in_directory", "not_verified", "already_owned", "suppressed",
	"provider_error", "insufficient_credits", "subscription_cancelled", "not_allowed",
	"open", "settled", "released", "expired",
	"fair_use", "verified_too_long_ago", "verified_at_unknown_time", "fetched",
}

var shortPlaces = func() map[string]uint64 {
	places := map[string]uint64{}
	for n, word := range shortWords {
		places[word] = uint64(n)
	}
	return places
}()

// appendShort writes an answer whose receipt is of an instant in microseconds; false: it says what
// only JSON can, such as a time in another zone or of nanoseconds.
func (r *Result) appendShort(b []byte, at int64) ([]byte, bool) {
	w := shortWriter{b: append(b, shortAnswer), at: at, fits: true}
	w.instant(r.At)
	w.entry(r.Entry)
	w.count(len(r.Lines))
	for n := range r.Lines {
		l := &r.Lines[n]
		w.word(l.Field)
		w.word(string(l.Outcome))
		w.word(l.Reason)
		w.flag(!l.VerifiedAt.IsZero())
		if !l.VerifiedAt.IsZero() {
			w.instant(l.VerifiedAt)
		}
		w.word(l.Credit)
		w.amount(l.Amount)
		w.entry(l.Entry)
	}
	w.count(len(r.Charged))
	for _, credit := range slices.Sorted(maps.Keys(r.Charged)) {
		w.word(credit)
		w.amount(r.Charged[credit])
	}
	w.count(len(r.Balances))
	for _, credit := range slices.Sorted(maps.Keys(r.Balances)) {
		x := r.Balances[credit]
		w.word(credit)
		w.quota(x.Allowance)
		w.amount(x.Used)
		w.amount(x.Held)
		w.quota(x.Available)
	}
	w.flag(r.Hold != nil)
	if h := r.Hold; h != nil {
		w.word(h.ID)
		w.word(h.Member)
		w.word(h.Credit)
		w.amount(h.Amount)
		w.amount(h.Remaining)
		w.word(h.Status)
		w.instant(h.CreatedAt)
		w.instant(h.ExpiresAt)
	}
	w.count(len(r.Keep))
	return append(w.b, r.Keep...), w.fits
}

type shortWriter struct {
	b    []byte
	at   int64
	fits bool
}

func (w *shortWriter) number(v uint64) { w.b = binary.AppendUvarint(w.b, v) }
func (w *shortWriter) count(n int)     { w.number(uint64(n)) }
func (w *shortWriter) amount(a Amount) { w.b = binary.AppendVarint(w.b, int64(a)) }

func (w *shortWriter) flag(is bool) {
	if is {
		w.b = append(w.b, 1)
	} else {
		w.b = append(w.b, 0)
	}
}

// word writes a place in shortWords, doubled, or a text after its length, doubled and one more.
func (w *shortWriter) word(text string) {
	if n, known := shortPlaces[text]; known {
		w.number(2 * n)
		return
	}
	w.number(2*uint64(len(text)) + 1)
	w.b = append(w.b, text...)
}

// entry writes the number of an entry's id; 0: there is none.
func (w *shortWriter) entry(id string) {
	seq, is := EntrySeq(id)
	w.fits = w.fits && (id == "" || is && EntryID(seq) == id)
	w.number(uint64(seq))
}

func (w *shortWriter) quota(q Quota) {
	w.flag(q.Unlimited)
	if !q.Unlimited {
		w.amount(q.Amount)
	}
}

// instant writes how long after the receipt's a time is.
func (w *shortWriter) instant(t time.Time) {
	w.fits = w.fits && t.Location() == time.UTC && t.Equal(instant(micros(t)))
	w.b = binary.AppendVarint(w.b, micros(t)-w.at)
}

var errShortAnswer = errors.New("credits: a receipt cannot be read")

func (r *Result) readShort(first *store.Receipt) error {
	s := shortReader{b: first.Answer[1:], at: first.At}
	r.At, r.Entry = s.instant(), s.entry()
	for range s.count() {
		l := Line{Field: s.word(), Outcome: Outcome(s.word()), Reason: s.word()}
		if s.flag() {
			l.VerifiedAt = s.instant()
		}
		l.Credit, l.Amount, l.Entry = s.word(), s.amount(), s.entry()
		r.Lines = append(r.Lines, l)
	}
	for range s.count() {
		if r.Charged == nil {
			r.Charged = map[string]Amount{}
		}
		credit := s.word()
		r.Charged[credit] = s.amount()
	}
	for range s.count() {
		if r.Balances == nil {
			r.Balances = map[string]Balance{}
		}
		credit := s.word()
		r.Balances[credit] = Balance{Allowance: s.quota(), Used: s.amount(), Held: s.amount(), Available: s.quota()}
	}
	if s.flag() {
		r.Hold = &HoldState{s.word(), s.word(), s.word(), s.amount(), s.amount(), s.word(), s.instant(), s.instant()}
	}
	if n := s.count(); n > 0 {
		r.Keep = s.take(n)
	}
	if s.failed || len(s.b) > 0 {
		return errShortAnswer
	}
	return nil
}

// shortReader reads what shortWriter wrote.
type shortReader struct {
	b      []byte
	at     int64
	failed bool
}

func (s *shortReader) take(n int) []byte {
	if n < 0 || n > len(s.b) {
		s.failed, s.b = true, nil
		return nil
	}
	some := s.b[:n:n]
	s.b = s.b[n:]
	return some
}

func (s *shortReader) number() uint64 {
	v, n := binary.Uvarint(s.b)
	s.skip(n)
	return v
}

func (s *shortReader) signed() int64 {
	v, n := binary.Varint(s.b)
	s.skip(n)
	return v
}

// skip goes past a number of so many bytes; none: it cannot be read.
func (s *shortReader) skip(n int) {
	if n <= 0 {
		n = -1
	}
	s.take(n)
}

// count is how many follow, each in a byte at least.
func (s *shortReader) count() int {
	v := s.number()
	if v > uint64(len(s.b)) {
		s.failed, s.b = true, nil
		return 0
	}
	return int(v)
}

func (s *shortReader) amount() Amount     { return Amount(s.signed()) }
func (s *shortReader) instant() time.Time { return instant(s.at + s.signed()) }
func (s *shortReader) flag() bool         { return s.number() == 1 }

func (s *shortReader) word() string {
	v := s.number()
	if v&1 == 1 {
		return string(s.take(int(v >> 1)))
	}
	if v>>1 >= uint64(len(shortWords)) {
		s.failed = true
		return ""
	}
	return shortWords[v>>1]
}

func (s *shortReader) entry() string {
	seq := s.number()
	if seq == 0 {
		return ""
	}
	return EntryID(int64(seq))
}

func (s *shortReader) quota() Quota {
	if s.flag() {
		return Unlimited
	}
	return Of(s.amount())
}
