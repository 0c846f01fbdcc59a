package api

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	exact "github.com/go-json-experiment/json"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// A stream is charges and their answers on one connection, a line each, in one order. Lines
// that are there are decided together while more arrive. Each has a key, so anyone who lost the
// connection sends the lines that were not answered again.

const (
	streamPath = "/v1/workspaces/{ws}/charges/stream"
	ndjson     = "application/x-ndjson"
	// maxLine bounds a line of a stream, in bytes.
	maxLine = 4096
	// streamGroup is how many lines are handed to the ledger at once at most, and streamAhead
	// how many such groups may wait for their answers: a client that does not read is not read.
	streamGroup, streamAhead = 256, 8
	// maxStreams bounds the streams of a workspace at once.
	maxStreams = 32
	// stillEvery is how often it is asked whether the key may go on.
	stillEvery = time.Second
)

// streams counts those of each workspace.
type streams struct {
	mu   sync.Mutex
	open map[string]int
}

// enter takes a place; leave gives it back. Fault: RateLimited.
func (s *streams) enter(ws string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open[ws] >= maxStreams {
		return nil, fault.New(fault.RateLimited, "This workspace has %d streams open. End one, or send the charges on one that is open.", maxStreams)
	}
	if s.open == nil {
		s.open = map[string]int{}
	}
	s.open[ws]++
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.open[ws]--; s.open[ws] == 0 {
			delete(s.open, ws)
		}
	}, nil
}

func (a *API) streamOperation(h huma.API) {
	text := &huma.Schema{Type: huma.TypeString}
	lines := map[string]*huma.MediaType{ndjson: {Schema: text}}
	op := huma.Operation{
		OperationID: "stream-charges", Method: http.MethodPost, Path: streamPath, Tags: []string{groupOf(streamPath)},
		Summary:     "Charges and their answers on one connection, one a line",
		Description: "Each line of the body is a charge as POST …/charges takes it, with an idempotency_key. Each line of the answer says its line and its status, in the order of the lines (blank ones are counted and not answered), with what POST …/charges would answer; replayed says that the key was charged before. Answers come while lines are sent. A line that was not answered is sent again with its key.",
		Parameters:  []*huma.Param{{Name: "ws", In: "path", Required: true, Schema: text}},
		RequestBody: &huma.RequestBody{Required: true, Content: lines},
		Responses:   map[string]*huma.Response{"200": {Description: "An answer a line.", Content: lines}},
	}
	a.routes.declare(op, operation{body: math.MaxInt64 - 1, both: true})
	a.routes.HandleFunc(op.Method+" "+op.Path, a.chargeStream)
	h.OpenAPI().AddOperation(&op)
}

// streamed are lines that were handed to the ledger together, or refused before.
type streamed struct {
	lines   []int             // their numbers
	charges []*credits.Charge // nil: refused
	refused []error
	pending *credits.Pending
	last    error // why the stream ends after these
}

func (a *API) chargeStream(w http.ResponseWriter, r *http.Request) {
	ws := r.PathValue("ws")
	leave, err := a.streams.enter(ws)
	if err == nil {
		defer leave()
		if kind, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); strings.TrimSpace(kind) != ndjson {
			err = fault.Wrong("Content-Type", "must be %s", ndjson)
		}
	}
	if err == nil {
		_, err = a.enter(r.Context(), ws)
	}
	if err != nil {
		WriteProblem(w, err)
		return
	}
	w.Header().Set("Content-Type", ndjson)
	w.WriteHeader(http.StatusOK)
	control := http.NewResponseController(w)
	_ = control.Flush()
	ctx, cancel := context.WithCancel(r.Context())
	groups := make(chan streamed, streamAhead)
	asked := r.Body.(*askingContext)
	in := &streamReader{api: a, ctx: ctx, ws: ws, lines: bufio.NewReaderSize(asked.ReadCloser, 64<<10), still: asked.still}
	go in.run(groups)
	complete := a.answerStream(w, control, asked.admitted, groups)
	cancel()
	if !complete { // nobody answers any more: the connection ends
		_ = control.SetReadDeadline(time.Now())
	}
	for range groups {
	}
}

// answerStream writes the answers of groups until there are no more, the client does not read
// them, the key ends or the server stops; complete: the body came to its end.
func (a *API) answerStream(w http.ResponseWriter, control *http.ResponseController, admitted func() error, groups <-chan streamed) (complete bool) {
	check := time.NewTicker(stillEvery)
	defer check.Stop()
	var b []byte
	for {
		var g streamed
		var more bool
		select {
		case g, more = <-groups:
			if !more {
				return true
			}
		case <-check.C:
			if err := admitted(); err != nil {
				_, _ = w.Write(appendRefusal(nil, 0, err)) // the client may have gone
				return false
			}
			continue
		case <-a.Stopping:
			return false
		}
		b = g.appendAnswers(b[:0])
		if _, err := w.Write(b); err != nil {
			return false
		}
		if g.last != nil {
			return errors.Is(g.last, io.EOF)
		}
		if len(groups) == 0 && control.Flush() != nil {
			return false
		}
	}
}

// streamReader reads lines and hands them to the ledger.
type streamReader struct {
	api   *API
	ctx   context.Context
	ws    string
	lines *bufio.Reader
	read  int          // lines so far, blank ones too
	still func() error // whether the key may go on; a group knows of one that ended before it
}

// run hands over groups until the body ends.
func (s *streamReader) run(groups chan<- streamed) {
	defer close(groups)
	for {
		var g streamed
		texts, last := s.next(&g)
		g.last = last
		s.start(&g, texts)
		if len(texts) == 0 && errors.Is(last, io.EOF) {
			return
		}
		select {
		case groups <- g:
		case <-s.ctx.Done():
			return
		}
		if last != nil {
			return
		}
	}
}

// next are the lines that are there and not blank, at least one unless the stream ends.
func (s *streamReader) next(g *streamed) (texts [][]byte, last error) {
	for len(texts) < streamGroup {
		if len(texts) > 0 && !s.ready() {
			return texts, nil
		}
		text, err := s.lines.ReadSlice('\n')
		if len(text) > maxLine || errors.Is(err, bufio.ErrBufferFull) {
			return texts, fault.New(fault.TooLarge, "A line has more than %d bytes. The stream ends here.", maxLine)
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return texts, edge.Unread(err)
		}
		s.read++
		if text = bytes.TrimSpace(text); len(text) > 0 {
			texts, g.lines = append(texts, bytes.Clone(text)), append(g.lines, s.read)
		}
		if err != nil {
			return texts, err
		}
	}
	return texts, nil
}

// ready reports whether a complete line is there without waiting.
func (s *streamReader) ready() bool {
	there, _ := s.lines.Peek(s.lines.Buffered())
	return bytes.IndexByte(there, '\n') >= 0
}

// start hands the charges of lines to the ledger, and waits while it has no room.
func (s *streamReader) start(g *streamed, texts [][]byte) {
	if len(texts) == 0 {
		return
	}
	g.charges, g.refused = make([]*credits.Charge, len(texts)), make([]error, len(texts))
	commands := make([]credits.Command, 0, len(texts))
	err := s.still()
	var scope *account.Scope
	if err == nil {
		scope, err = s.api.enter(s.ctx, s.ws)
	}
	for n, text := range texts {
		if err != nil {
			g.refused[n] = err
			continue
		}
		if g.charges[n], g.refused[n] = s.charge(scope, text); g.refused[n] == nil {
			commands = append(commands, g.charges[n])
		}
	}
	if len(commands) > 0 {
		if g.pending, err = s.api.Ledger.Start(s.ctx, commands); err != nil {
			g.last = err
		}
	}
}

// charge is what a line asks for.
func (s *streamReader) charge(scope *account.Scope, text []byte) (*credits.Charge, error) {
	in, err := readLine(text)
	if err != nil {
		return nil, err
	}
	if in.Key == "" {
		return nil, fault.Wrong("idempotency_key", "is needed on every line: by it a line that was not answered is sent again")
	}
	return s.api.command(s.ctx, scope, in.Body, in.Body.request(s.ctx, scope, in.Key))
}

// readLine reads a line as POST …/charges reads its body and header, so that both are one
// request under one key.
func readLine(text []byte) (*chargeIn, error) {
	in := &chargeIn{}
	if parsePlain(text, in, len(fastMembers)) && len(in.Key) <= maxKey {
		return in, nil
	}
	if err := strictText(text); err != nil {
		return nil, err
	}
	var line struct {
		Member      string `json:"member"`
		Credit      string `json:"credit"`
		Amount      Amount `json:"amount"`
		Description string `json:"description"`
		Key         string `json:"idempotency_key"`
	}
	if err := exact.Unmarshal(text, &line, exact.RejectUnknownMembers(true)); err != nil {
		at := "line"
		var wrong *exact.SemanticError
		if errors.As(err, &wrong) && wrong.JSONPointer != "" {
			at = place(wrong.JSONPointer)
		}
		return nil, fault.Wrong(at, "does not fit: a line is an object with amount (a number) and the texts credit, idempotency_key and, if wanted, description and member")
	}
	if err := errors.Join(fault.Length("description", line.Description, 0, maxDescription), fault.Length("idempotency_key", line.Key, 0, maxKey)); err != nil {
		return nil, err
	}
	in.Body, in.Key = ChargeIn{Member: line.Member, Credit: line.Credit, Amount: line.Amount, Description: line.Description}, line.Key
	return in, nil
}

// appendAnswers appends a line for each of a group's.
func (g streamed) appendAnswers(b []byte) []byte {
	var answers []credits.Answer
	if g.pending != nil {
		answers = g.pending.Wait()
	}
	for n, c := range g.charges {
		if g.refused[n] != nil {
			b = appendRefusal(b, g.lines[n], g.refused[n])
			continue
		}
		if len(answers) == 0 { // they were not taken
			b = appendRefusal(b, g.lines[n], g.last)
			continue
		}
		b = appendAnswer(b, g.lines[n], c, answers[0])
		answers = answers[1:]
	}
	if g.last != nil && !errors.Is(g.last, io.EOF) {
		b = appendRefusal(b, 0, g.last)
	}
	return b
}

func appendAnswer(b []byte, line int, c *credits.Charge, a credits.Answer) []byte {
	if a.Err != nil {
		return appendRefusal(b, line, a.Err)
	}
	out := chargeOut(c, a.Result)
	b = strconv.AppendInt(append(b, `{"line":`...), int64(line), 10)
	b = append(b, `,"status":201,`...)
	if a.Result.Replayed {
		b = append(b, `"replayed":true,`...)
	}
	return append(out.appendMembers(b), "}\n"...)
}

// appendRefusal appends the problem of a line; line 0 is the stream's own.
func appendRefusal(b []byte, line int, err error) []byte {
	b = strconv.AppendInt(append(b, `{"line":`...), int64(line), 10)
	return append(append(b, ','), newProblem(err).text()[1:]...)
}
