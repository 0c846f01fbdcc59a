package client

import (
	"bytes"
	"encoding/json"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// The lines of a stream are written and read by the ten thousand a second, so they are appended and
// scanned; what is not written in the plainest way goes to encoding/json, which reads the same.
// TestLinesAreReadAsJSON holds that.

const (
	// maxLine is how long a line of a stream may be for the server, in bytes.
	maxLine = 4096
	// maxAnswerLine bounds the answer to a line of a stream, in bytes.
	maxAnswerLine = 64 << 10
)

// lineAnswer is what a line of a stream came to.
type lineAnswer struct {
	line    int // 0: of the stream itself
	balance unit.Balance
	no      *Problem // the server said no
}

func appendLine(b []byte, key, credit string, amount unit.Amount) []byte {
	b = appendText(append(b, `{"idempotency_key":`...), key)
	b = appendText(append(b, `,"credit":`...), credit)
	b = amount.AppendText(append(b, `,"amount":`...))
	return append(b, '}', '\n')
}

func appendText(b []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			escaped, _ := json.Marshal(text) // a text always encodes
			return append(b, escaped...)
		}
	}
	b = append(append(b, '"'), text...)
	return append(b, '"')
}

func readLine(text []byte) (lineAnswer, error) {
	if a, ok := scanLine(text); ok {
		return a, nil
	}
	var said struct {
		Line int `json:"line"`
		Problem
		Balance unit.Balance `json:"balance"`
	}
	if err := json.Unmarshal(text, &said); err != nil {
		return lineAnswer{}, err
	}
	a := lineAnswer{line: said.Line, balance: said.Balance}
	if said.Line == 0 || said.Status >= 400 {
		a.no = &said.Problem
	}
	return a, nil
}

// scanLine reads the answer to a line that was charged, if it is written without white space,
// escapes and members that are not known.
func scanLine(text []byte) (a lineAnswer, ok bool) {
	s := scanner{text}
	var line, status unit.Amount
	plain := s.object(func(name []byte) bool {
		switch string(name) {
		case "line":
			return s.amount(&line)
		case "status":
			return s.amount(&status)
		case "balance":
			return s.balance(&a.balance)
		case "id", "entry", "credit", "at":
			_, ok := s.text()
			return ok
		case "member":
			_, ok := s.text()
			return ok || s.word("null")
		case "amount":
			var amount unit.Amount
			return s.amount(&amount)
		case "replayed":
			return s.word("true")
		}
		return false
	})
	a.line = int(line / unit.Credit)
	return a, plain && s.word("\n") && len(s.rest) == 0 && status == 201*unit.Credit && line%unit.Credit == 0 && a.line > 0
}

// scanner moves over JSON that is written in the plainest way.
type scanner struct{ rest []byte }

// object reads members, each by a function that is told its name and reads its value.
func (s *scanner) object(member func(name []byte) bool) bool {
	if !s.word("{") {
		return false
	}
	for {
		name, ok := s.text()
		if !ok || !s.word(":") || !member(name) {
			return false
		}
		if !s.word(",") {
			return s.word("}")
		}
	}
}

func (s *scanner) balance(x *unit.Balance) bool {
	*x = unit.Balance{}
	return s.object(func(name []byte) bool {
		switch string(name) {
		case "allowance":
			return s.quota(&x.Allowance)
		case "used":
			return s.amount(&x.Used)
		case "held":
			return s.amount(&x.Held)
		case "available":
			return s.quota(&x.Available)
		}
		return false
	})
}

func (s *scanner) quota(q *unit.Quota) bool {
	if s.word("null") {
		*q = unit.Quota{Unlimited: true}
		return true
	}
	q.Unlimited = false
	return s.amount(&q.Amount)
}

// amount reads digits with at most one point among them.
func (s *scanner) amount(a *unit.Amount) bool {
	n := 0
	for n < len(s.rest) && (s.rest[n] >= '0' && s.rest[n] <= '9' || s.rest[n] == '.') {
		n++
	}
	digits := s.rest[:n]
	if n > 1 && digits[0] == '0' && digits[1] != '.' { // JSON has no such number
		return false
	}
	s.rest = s.rest[n:]
	v, err := unit.ParseAmount(string(digits))
	*a = v
	return err == nil
}

// text reads a quoted text without escapes.
func (s *scanner) text() ([]byte, bool) {
	if len(s.rest) == 0 || s.rest[0] != '"' {
		return nil, false
	}
	end := bytes.IndexByte(s.rest[1:], '"')
	if end < 0 {
		return nil, false
	}
	text := s.rest[1 : end+1]
	for _, c := range text {
		if c < ' ' || c > '~' || c == '\\' {
			return nil, false
		}
	}
	s.rest = s.rest[end+2:]
	return text, true
}

// word moves over a text if it is next.
func (s *scanner) word(w string) bool {
	if len(s.rest) < len(w) || string(s.rest[:len(w)]) != w {
		return false
	}
	s.rest = s.rest[len(w):]
	return true
}
