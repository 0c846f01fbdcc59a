package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// MaxInFlight is how many charges of a stream may wait for their answers.
const MaxInFlight = 1000

// ErrStreamClosed: the stream takes no more charges.
var ErrStreamClosed = errors.New("client: the stream is closed")

// ChargeStream sends charges on one connection that stays open, so that each costs a line and
// no request. It may be used by any number of goroutines; what they send at the same moment is
// sent and charged together. A connection that is lost is opened again, and charges without an
// answer are sent again with their keys: each happens once.
type ChargeStream struct {
	client    *Client
	workspace string
	room      chan struct{} // one for each charge in flight
	wake      chan struct{}
	ended     chan struct{}

	mu     sync.Mutex
	queue  []*streamed // without an answer, in the order in which they are sent
	sent   int         // how many of queue were sent on this connection
	closed bool
	failed error
}

// streamed is a charge and its caller, who waits. One that was answered is used again.
type streamed struct {
	line    []byte
	done    chan struct{} // told once
	balance unit.Balance
	err     error
	gone    bool // its caller left after it was sent: it is not sent again, and not used again
}

var streamedOnes = sync.Pool{New: func() any { return &streamed{done: make(chan struct{}, 1)} }}

// Stream opens a stream of charges in a workspace, until it is closed or the context ends.
func (c *Client) Stream(ctx context.Context, workspace string) *ChargeStream {
	s := &ChargeStream{client: c, workspace: workspace, room: make(chan struct{}, MaxInFlight), wake: make(chan struct{}, 1), ended: make(chan struct{})}
	go s.run(ctx)
	return s
}

// Charge spends an amount of a credit type, once for a key; an empty key is made here. The
// error is a *Problem when the server said no. After any other error the charge may have
// happened: send it again with its key.
func (s *ChargeStream) Charge(ctx context.Context, key, credit string, amount unit.Amount) (unit.Balance, error) {
	if key == "" {
		key = NewKey()
	}
	if err := s.enter(ctx); err != nil {
		return unit.Balance{}, err
	}
	defer func() { <-s.room }()
	one := streamedOnes.Get().(*streamed)
	one.line, one.err = appendLine(one.line[:0], key, credit, amount), nil
	if len(one.line) > maxLine { // the server would end the stream, and with it everybody's
		streamedOnes.Put(one)
		return unit.Balance{}, &Problem{Status: http.StatusRequestEntityTooLarge, Code: "payload_too_large", Detail: fmt.Sprintf("The charge has more than %d bytes. Use a shorter key.", maxLine)}
	}
	s.mu.Lock()
	if s.closed || s.failed != nil {
		s.mu.Unlock()
		return unit.Balance{}, s.why()
	}
	s.queue = append(s.queue, one)
	s.mu.Unlock()
	s.nudge()
	select {
	case <-one.done:
		balance, err := one.balance, one.err
		streamedOnes.Put(one)
		return balance, err
	case <-ctx.Done():
		s.leave(one)
		return unit.Balance{}, ctx.Err()
	}
}

// leave takes back a charge whose caller waits no more, if it was not sent on this connection.
func (s *ChargeStream) leave(one *streamed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one.gone = true
	if n := slices.Index(s.queue, one); n >= s.sent {
		s.queue = slices.Delete(s.queue, n, n+1)
	}
}

// enter waits for a place among the charges in flight.
func (s *ChargeStream) enter(ctx context.Context) error {
	select {
	case s.room <- struct{}{}: // mostly there is one, and asking for it alone is cheaper
		return nil
	default:
	}
	select {
	case s.room <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-s.ended:
		return s.why()
	}
}

// Close takes no more charges, waits for the answers to those that were sent, and ends the
// connection.
func (s *ChargeStream) Close() error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.nudge()
	<-s.ended
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failed
}

func (s *ChargeStream) why() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failed != nil {
		return s.failed
	}
	return ErrStreamClosed
}

func (s *ChargeStream) nudge() {
	select {
	case s.wake <- struct{}{}:
	default: // it is awake
	}
}

// run keeps a connection until the stream ends.
func (s *ChargeStream) run(ctx context.Context) {
	defer close(s.ended)
	pause := 50 * time.Millisecond
	for {
		answered, err := s.connect(ctx)
		if answered {
			pause = 50 * time.Millisecond
		}
		s.mu.Lock()
		s.sent = 0
		s.queue = slices.DeleteFunc(s.queue, func(one *streamed) bool { return one.gone })
		over := s.closed && len(s.queue) == 0
		s.mu.Unlock()
		if over && err == nil {
			return
		}
		if ctx.Err() != nil {
			err = ctx.Err()
		}
		if ctx.Err() != nil || final(err) {
			s.fail(err)
			return
		}
		if over { // nobody waits for the server to come back
			return
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, 2*time.Second)
		case <-ctx.Done():
		}
	}
}

// notStream is an answer of something that is no leadmeter, such as a proxy at a wrong address.
type notStream struct {
	status int
	error
}

// final reports whether another connection would come to the same.
func final(err error) bool {
	var no *Problem
	var not notStream
	status := 0
	switch {
	case errors.As(err, &no):
		status = no.Status
	case errors.As(err, &not):
		status = not.status
	}
	return errors.Is(err, bufio.ErrBufferFull) || status > 0 && status < 500 && status != http.StatusTooManyRequests && status != http.StatusRequestTimeout
}

// fail answers everything that waits.
func (s *ChargeStream) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failed = err
	for _, one := range s.queue {
		one.err = err
		one.done <- struct{}{}
	}
	s.queue = nil
}

// connect sends what waits on a new connection and reads the answers until it ends.
func (s *ChargeStream) connect(ctx context.Context) (answered bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	body, lines := io.Pipe()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.client.Server+In(s.workspace, "charges", "stream"), body)
	if err != nil {
		return false, &Problem{Status: http.StatusBadRequest, Code: "invalid_request", Detail: err.Error()}
	}
	r.Header.Set("Authorization", "Bearer "+s.client.Key)
	r.Header.Set("Content-Type", "application/x-ndjson")
	h := s.client.HTTP
	if h == nil {
		h = http.DefaultClient
	}
	sender := make(chan struct{})
	go func() {
		defer close(sender)
		s.send(ctx, lines)
	}()
	// A sender that outlived its connection would take lines from the next one's.
	defer func() {
		cancel()
		body.Close()
		<-sender
	}()
	answer, err := h.Do(r)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
		p := &Problem{Status: answer.StatusCode}
		if json.Unmarshal(text, p) != nil || p.Code == "" {
			return false, notStream{answer.StatusCode, fmt.Errorf("POST %s: %s", r.URL.Path, answer.Status)}
		}
		return false, p
	}
	return s.read(answer.Body)
}

// send writes lines until the stream is closed and empty, or the connection ends.
func (s *ChargeStream) send(ctx context.Context, to *io.PipeWriter) {
	defer to.Close()
	var b bytes.Buffer
	for {
		b.Reset()
		s.mu.Lock()
		for ; s.sent < len(s.queue) && b.Len() < 64<<10; s.sent++ {
			b.Write(s.queue[s.sent].line)
		}
		over := s.closed && s.sent == len(s.queue)
		s.mu.Unlock()
		if b.Len() > 0 {
			if _, err := to.Write(b.Bytes()); err != nil {
				return
			}
			continue
		}
		if over {
			return
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return
		}
	}
}

// read hands each answer to its charge, those that came together at once.
func (s *ChargeStream) read(from io.Reader) (answered bool, err error) {
	lines := bufio.NewReaderSize(from, maxAnswerLine)
	said := make([]lineAnswer, 0, MaxInFlight)
	for {
		text, err := lines.ReadSlice('\n')
		if errors.Is(err, io.EOF) && len(text) == 0 {
			return answered, nil
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			return answered, fmt.Errorf("client: an answer of more than %d bytes: %w", maxAnswerLine, err)
		}
		if err != nil {
			return answered, err
		}
		a, err := readLine(text)
		if err != nil {
			return answered, err
		}
		if a.line == 0 { // of the stream itself
			s.deliver(said)
			return answered, a.no
		}
		said = append(said, a)
		if there, _ := lines.Peek(lines.Buffered()); len(said) < MaxInFlight && bytes.IndexByte(there, '\n') >= 0 {
			continue
		}
		if !s.deliver(said) {
			return answered, errors.New("client: an answer to nothing")
		}
		said, answered = said[:0], true
	}
}

// deliver wakes the callers of the first charges in the queue; false: there are not so many.
func (s *ChargeStream) deliver(said []lineAnswer) bool {
	s.mu.Lock()
	n := min(len(said), s.sent)
	ones := s.queue[:n:n]
	s.queue, s.sent = s.queue[n:], s.sent-n
	s.mu.Unlock()
	for i, one := range ones {
		if one.balance = said[i].balance; said[i].no != nil {
			one.err = said[i].no
		}
		one.done <- struct{}{}
	}
	return n == len(said)
}
