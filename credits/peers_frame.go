package credits

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"

	"github.com/leadmeter/leadmeter/internal/store"
)

// FrameVersion names the form of frames. Servers send frames to those alone that have the same one.
const FrameVersion = 1

// A frame of charges is its version, their number, and for each: the workspace (empty: the same as
// of the charge before), member, key, fingerprint, capture, channel, what comes back with the answer,
// credit type and note, each after its length; its flags; its instant in microseconds; the amount.
//
// The frame of answers has for each charge its flags, and if it is answered, its instant, and the answer
// as a receipt keeps it, after its length.

const ownKey = 1 // flag of a charge

// Flags of an answer.
const (
	isAnswered = 1 << iota
	isReplayed
	isQuiet
)

var errFrame = errors.New("credits: a frame of another server cannot be read")

func appendCharges(b []byte, calls []*call) []byte {
	b = append(b, FrameVersion)
	b = binary.AppendUvarint(b, uint64(len(calls)))
	before := ""
	for _, call := range calls {
		c := call.command.(*Charge)
		ws := c.Workspace
		if ws == before {
			ws = ""
		}
		before = c.Workspace
		for _, text := range [...]string{ws, c.Member, c.Key} {
			b = appendSized(b, text)
		}
		b = appendSized(b, c.Fingerprint)
		for _, text := range [...]string{c.Capture, c.Channel, string(c.Keep), c.Credit, c.Note} {
			b = appendSized(b, text)
		}
		flags := byte(0)
		if c.Own {
			flags = ownKey
		}
		b = append(b, flags)
		b = binary.AppendVarint(b, micros(c.At))
		b = binary.AppendVarint(b, int64(c.Amount))
	}
	return b
}

func appendSized[T string | []byte](b []byte, text T) []byte {
	return append(binary.AppendUvarint(b, uint64(len(text))), text...)
}

// frameReader reads texts without copying each: all are parts of one.
type frameReader struct {
	shortReader
	all string
}

func (r *frameReader) sized() string {
	n := r.count()
	from := len(r.all) - len(r.b)
	r.take(n)
	if r.failed {
		return ""
	}
	return r.all[from : from+n]
}

func readCharges(frame []byte) ([]Command, error) {
	if len(frame) == 0 || frame[0] != FrameVersion {
		return nil, errFrame
	}
	r := frameReader{shortReader{b: frame[1:]}, string(frame[1:])}
	n := r.count()
	if r.failed || n > maxFrame {
		return nil, errFrame
	}
	rows, commands := make([]Charge, n), make([]Command, n)
	before := ""
	for i := range rows {
		c := &rows[i]
		if c.Workspace = r.sized(); c.Workspace == "" {
			c.Workspace = before
		}
		before = c.Workspace
		c.Member, c.Key = r.sized(), r.sized()
		c.Fingerprint = r.take(r.count())
		c.Capture, c.Channel = r.sized(), r.sized()
		if keep := r.sized(); keep != "" {
			c.Keep = json.RawMessage(keep)
		}
		c.Credit, c.Note = r.sized(), r.sized()
		c.Own = r.number() == ownKey
		c.At = instant(r.signed())
		c.Amount = r.amount()
		commands[i] = c
	}
	if r.failed || len(r.b) > 0 {
		return nil, errFrame
	}
	return commands, nil
}

// Answer carries out a frame of charges that another server sends, by whose name it is told from
// others, and returns the frame of their answers. What failed, or found no room while the context lasts, is not answered there.
func (l *Ledger) Answer(ctx context.Context, from string, frame []byte) ([]byte, error) {
	commands, err := readCharges(frame)
	if err != nil {
		return nil, err
	}
	p, err := l.start(ctx, commands, from)
	if err != nil {
		return nil, err
	}
	answers := p.Wait()
	b := make([]byte, 1, 1+64*len(answers))
	b[0] = FrameVersion
	var room []byte
	for n := range answers {
		a := &answers[n]
		var refusal *Refusal
		if a.Err != nil && (!errors.As(a.Err, &refusal) || refusal.Code == Overloaded) {
			b = append(b, 0)
			continue
		}
		flags := byte(isAnswered)
		if a.Result.Replayed {
			flags |= isReplayed
		}
		if c := p.calls[n]; c != nil && c.quiet {
			flags |= isQuiet
		}
		at := micros(a.Result.At)
		room = encodeAnswer(room[:0], at, &a.Result, refusal)
		b = append(b, flags)
		b = binary.AppendVarint(b, at)
		b = appendSized(b, room)
	}
	return b, nil
}

// readAnswers gives calls the answers of a frame, if all of it can be read. It returns the workspaces
// that nobody else has commands for.
func readAnswers(frame []byte, calls []*call) (quiet []string, err error) {
	if len(frame) == 0 || frame[0] != FrameVersion {
		return nil, errFrame
	}
	r := shortReader{b: frame[1:]}
	type told struct {
		answer
		flags uint64
		at    int64
	}
	list := make([]told, len(calls))
	for n := range list {
		t := &list[n]
		if t.flags = r.number(); t.flags&isAnswered == 0 {
			continue
		}
		t.at = r.signed()
		text := r.take(r.count())
		if r.failed {
			return nil, errFrame
		}
		if t.answer, err = decodeAnswer(&store.Receipt{Answer: text, At: t.at}); err != nil {
			return nil, err
		}
		if (t.Result == nil) == (t.Refusal == nil) {
			return nil, errFrame
		}
	}
	if r.failed || len(r.b) > 0 {
		return nil, errFrame
	}
	for n, t := range list {
		if t.flags&isAnswered == 0 {
			continue
		}
		c := calls[n]
		c.answered, c.refusal = true, t.Refusal
		replayed := t.flags&isReplayed != 0
		switch {
		case t.Result != nil:
			c.result = *t.Result
			c.result.Replayed = replayed
		case replayed:
			c.result = Result{Replayed: true}
		case instant(t.at).IsZero(): // nothing was decided
			c.result = Result{}
		default:
			c.result = Result{At: instant(t.at), Keep: c.command.request().Keep}
		}
		if ws := c.command.request().Workspace; t.flags&isQuiet != 0 && (len(quiet) == 0 || quiet[len(quiet)-1] != ws) {
			quiet = append(quiet, ws)
		}
	}
	return quiet, nil
}
