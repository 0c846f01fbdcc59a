package credits

import (
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/leadmeter/leadmeter/internal/store"
)

// A receipt holds the answer to a command, for ever. There is one for every charge,
// so what a plain charge answers is written in about 20 bytes, and what another command does in
// about 50 (receipt_short.go). A refusal is JSON, which begins with a brace, and so is every other
// answer of a version before.

// answer is a receipt's content.
type answer struct {
	Result  *Result  `json:"result,omitempty"`
	Refusal *Refusal `json:"refusal,omitempty"`
}

func (s *state) keep(key string, fingerprint []byte, result Result, refusal *Refusal) {
	row := s.receipts[key]
	at := micros(s.now)
	row.Receipt = store.Receipt{Workspace: s.acct.Workspace, Key: key, Fingerprint: fingerprint, At: at, Answer: encodeAnswer(row.plain[:0], at, &result, refusal)}
	row.exists, row.dirty = true, true
}

// replay gives the first answer again, or says that the key was used for
// another request.
func replay(first *store.Receipt, again []byte) (Result, *Refusal) {
	if string(first.Fingerprint) != string(again) {
		return Result{}, refuse(Mismatch, "This idempotency key was used for a different request. Send a new key, or the first request unchanged.")
	}
	a, err := decodeAnswer(first)
	if err != nil {
		panic(err) // a receipt is what keep wrote
	}
	if a.Refusal != nil {
		return Result{Replayed: true}, a.Refusal
	}
	a.Result.Replayed = true
	return *a.Result, nil
}

// encodeAnswer writes the answer of a receipt of an instant; a plain one into room.
func encodeAnswer(room []byte, at int64, result *Result, refusal *Refusal) []byte {
	if refusal == nil {
		if b, ok := result.appendPlain(room); ok {
			return b
		}
		if b, ok := result.appendShort(make([]byte, 0, 128), at); ok {
			return b
		}
		return encodeJSON(result)
	}
	text, err := json.Marshal(answer{Refusal: refusal})
	if err != nil {
		panic(err) // a Refusal always encodes
	}
	return text
}

func encodeJSON(result *Result) []byte {
	return append(result.appendJSON(append(make([]byte, 0, 256), `{"result":`...)), '}')
}

func decodeAnswer(r *store.Receipt) (a answer, err error) {
	switch {
	case len(r.Answer) > 0 && r.Answer[0] == plainAnswer:
		a.Result = &Result{}
		return a, a.Result.readPlain(r)
	case len(r.Answer) > 0 && r.Answer[0] == shortAnswer:
		a.Result = &Result{}
		return a, a.Result.readShort(r)
	}
	return a, json.Unmarshal(r.Answer, &a)
}

// plainAnswer begins the answer to a command that made one entry and charged one
// amount of one credit type, and said nothing else.
const plainAnswer = 1

// appendPlain writes such an answer: the entry's number, the amount, what is used and
// held, the allowance (0: unlimited) and the credit type. The instant is the receipt's,
// and what is available follows.
func (r *Result) appendPlain(b []byte) ([]byte, bool) {
	seq, entry := EntrySeq(r.Entry)
	if !entry || len(r.Lines) > 0 || r.Hold != nil || len(r.Keep) > 0 || len(r.Charged) != 1 || len(r.Balances) != 1 {
		return nil, false
	}
	for credit, amount := range r.Charged {
		x, same := r.Balances[credit]
		if !same {
			return nil, false
		}
		allowance := uint64(0)
		if !x.Allowance.Unlimited {
			allowance = uint64(x.Allowance.Amount) + 1
		}
		b = append(b, plainAnswer)
		for _, n := range [...]uint64{uint64(seq), uint64(amount), uint64(x.Used), uint64(x.Held), allowance} {
			b = binary.AppendUvarint(b, n)
		}
		b = append(b, credit...)
	}
	return b, true
}

var errPlainAnswer = errors.New("credits: the receipt of a charge is cut off")

func (r *Result) readPlain(first *store.Receipt) error {
	b := first.Answer[1:]
	var n [5]uint64
	for i := range n {
		var size int
		if n[i], size = binary.Uvarint(b); size <= 0 {
			return errPlainAnswer
		}
		b = b[size:]
	}
	credit := string(b)
	used, held, allowance := Amount(n[2]), Amount(n[3]), int64(n[4])-1
	r.Entry, r.At = EntryID(int64(n[0])), instant(first.At)
	r.Charged = map[string]Amount{credit: Amount(n[1])}
	r.Balances = map[string]Balance{credit: balanceOf(&store.Pool{Used: int64(used), Held: int64(held), Allowance: allowance})}
	return nil
}
