package credits_test

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/history"
)

// recorder is one caller, who writes down what it sends and is told.
type recorder struct {
	*recording
	n, size int // of the caller; how many commands it sends at once
	dice    *rand.Rand
	ledger  *credits.Ledger
	calls   map[string][]history.Call
	open    []*asked // holds to be ended
	lost    []*asked // sent, and the answer never came
	old     []*asked // answered, to be sent again some time
	count   int
}

// asked is a command and what it is for the checker.
type asked struct {
	workspace string
	command   credits.Command
	call      history.Call // Key, Request, Pool, Need and Lines
	shared    bool         // others send under its key too
	held      bool         // it is a hold, and somebody will end it
}

func newRecorder(r *recording, n, size int) *recorder {
	return &recorder{
		recording: r, n: n, size: size, dice: rand.New(rand.NewPCG(r.seed, uint64(n))), ledger: r.ledgers[n%len(r.ledgers)],
		calls: map[string][]history.Call{},
	}
}

// run sends so many commands, and in the end asks again for every answer that
// was lost.
func (r *recorder) run(commands int) {
	for sent := 0; sent < commands; sent += r.size {
		batch := make([]*asked, 0, r.size)
		for len(batch) < r.size {
			batch = append(batch, r.next())
		}
		r.send(batch, true)
		if r.dice.IntN(4) == 0 {
			r.read()
		}
	}
	r.send(r.lost, false)
	r.lost = nil
}

// next is a command: a new one, or one sent before.
func (r *recorder) next() *asked {
	switch roll := r.dice.IntN(100); {
	case roll < 4 && len(r.lost) > 0:
		last := r.lost[len(r.lost)-1]
		r.lost = r.lost[:len(r.lost)-1]
		return last
	case roll < 8 && len(r.old) > 0:
		return r.old[r.dice.IntN(len(r.old))]
	case roll < 22 && len(r.open) > 0:
		n := r.dice.IntN(len(r.open))
		hold := r.open[n]
		r.open[n] = r.open[len(r.open)-1]
		r.open = r.open[:len(r.open)-1]
		return r.end(hold)
	case roll < 40:
		return r.hold()
	case roll < 50:
		return r.capture()
	case roll < 58:
		return r.shared()
	case r.dice.IntN(1500) == 0:
		return r.grant()
	default:
		return r.charge()
	}
}

// request begins a command in some workspace under a key of its own.
func (r *recorder) request() (string, credits.Request) {
	ws := recorded[0]
	if r.dice.IntN(2) == 0 {
		ws = recorded[1+r.dice.IntN(len(recorded)-1)]
	}
	r.count++
	return ws, credits.Request{Workspace: ws, Member: fmt.Sprint("m", r.n%3), At: crashNow, Key: fmt.Sprintf("%d-%d", r.n, r.count)}
}

func (r *recorder) amount() credits.Amount {
	return credits.Amount(r.dice.Int64N(8)+1) * credits.Credit / 4
}

func (r *recorder) pool() string {
	if r.dice.IntN(8) == 0 {
		return "premium"
	}
	return "standard"
}

// ask completes a command for the checker; its request is told by its text.
func (r *recorder) ask(req *credits.Request, command credits.Command, pool string, need credits.Amount, lines ...history.Line) *asked {
	hash := maphash.String(r.hash, fmt.Sprint(pool, need, lines))
	req.Fingerprint = fmt.Append(nil, hash)
	return &asked{workspace: req.Workspace, command: command, call: history.Call{
		Key: req.Key, Request: hash, Pool: pool, Need: int64(need), Lines: lines,
	}}
}

func (r *recorder) charge() *asked {
	_, req := r.request()
	return r.chargeOf(req, r.pool(), r.amount())
}

func (r *recorder) chargeOf(req credits.Request, pool string, amount credits.Amount) *asked {
	c := &credits.Charge{Request: req, Credit: pool, Amount: amount, Note: req.Key}
	return r.ask(&c.Request, c, pool, amount, history.Line{Kind: credits.KindCharge, Amount: int64(amount)})
}

// shared is a charge under a key that other callers use, and now and then for
// another amount. Its key moves on with the number of what was sent.
func (r *recorder) shared() *asked {
	_, req := r.request()
	req.Key = fmt.Sprintf("shared-%d-%d", r.count/50, r.dice.IntN(4))
	amount := credits.Credit
	if r.dice.IntN(5) == 0 {
		amount = 2 * credits.Credit
	}
	a := r.chargeOf(req, "standard", amount)
	a.shared = true
	return a
}

func (r *recorder) hold() *asked {
	_, req := r.request()
	pool, amount := r.pool(), r.amount()
	c := &credits.Hold{Request: req, ID: req.Key, Credit: pool, Amount: amount, ExpiresIn: time.Hour}
	return r.ask(&c.Request, c, pool, amount, history.Line{Kind: credits.KindHold, Amount: int64(amount)})
}

// end settles a hold, in part or in whole, or releases it.
func (r *recorder) end(hold *asked) *asked {
	h := hold.command.(*credits.Hold)
	req := h.Request
	req.Key = "f" + h.ID
	if r.dice.IntN(3) == 0 {
		c := &credits.Release{Request: req, Hold: h.ID}
		return r.ask(&c.Request, c, h.Credit, 0, history.Line{Kind: credits.KindRelease, Amount: int64(h.Amount)})
	}
	part := h.Amount
	if r.dice.IntN(2) == 0 {
		part = credits.Amount(r.dice.Int64N(int64(h.Amount)) + 1)
	}
	c := &credits.Settle{Request: req, Hold: h.ID, Final: true, Lines: []credits.SettleLine{{Outcome: credits.Charged, Amount: part}, {Outcome: credits.NotFound}}}
	lines := []history.Line{{Kind: credits.KindCharge, Amount: int64(part)}, {Kind: credits.KindFree}}
	if part < h.Amount {
		lines = append(lines, history.Line{Kind: credits.KindRelease, Amount: int64(h.Amount - part)})
	}
	return r.ask(&c.Request, c, h.Credit, 0, lines...)
}

func (r *recorder) capture() *asked {
	_, req := r.request()
	c := &credits.Capture{Request: req, Person: req.Key, AllOrNothing: true, Findings: []credits.Finding{{Field: "work_phone", Values: 1}}}
	lines := []history.Line{{Kind: credits.KindCharge, Amount: int64(credits.Credit)}}
	if r.dice.IntN(2) == 0 {
		c.Findings = append(c.Findings, credits.Finding{Field: "work_email"})
		lines = append(lines, history.Line{Kind: credits.KindFree})
	}
	return r.ask(&c.Request, c, "standard", credits.Credit, lines...)
}

func (r *recorder) grant() *asked {
	_, req := r.request()
	pool, amount := r.pool(), 300*credits.Credit
	c := &credits.GiveGrant{Request: req, ID: req.Key, Credit: pool, Amount: amount, Kind: credits.Once}
	return r.ask(&c.Request, c, pool, 0, history.Line{Kind: credits.KindGrant, Amount: int64(amount)})
}

// send carries commands out together, or each by itself, and writes down what
// came back. Some answers are lost on the way, where they may be.
func (r *recorder) send(batch []*asked, mayLose bool) {
	commands := make([]credits.Command, len(batch))
	for n, a := range batch {
		commands[n] = a.command
	}
	if r.size < 100 { // one at a time
		for n, a := range batch {
			invoke := r.clock()
			result, err := r.ledger.Do(ctx, commands[n])
			r.told(a, invoke, result, err, mayLose)
		}
		return
	}
	invoke := r.clock()
	for n, answer := range together(r.ledger, commands) {
		r.told(batch[n], invoke, answer.Result, answer.Err, mayLose)
	}
}

// together carries commands out all at once; what stops all of them is each one's
// answer.
func together(l *credits.Ledger, commands []credits.Command) []credits.Answer {
	answers, err := l.DoAll(ctx, commands)
	if err != nil {
		answers = slices.Repeat([]credits.Answer{{Err: err}}, len(commands))
	}
	return answers
}

func (r *recorder) told(a *asked, invoke int64, result credits.Result, err error, mayLose bool) {
	call := a.call
	call.Invoke, call.Reply = invoke, r.clock()
	if mayLose && r.dice.IntN(50) == 0 {
		call.Outcome, call.Reply = history.Unknown, history.Forever
		r.calls[a.workspace] = append(r.calls[a.workspace], call)
		r.lost = append(r.lost, a)
		return
	}
	no := refusal(r.t, err)
	switch {
	case no == nil:
		call.Outcome, call.Entry = history.Applied, firstEntry(result)
		call.Balance = int64(result.Balances[call.Pool].Available.Amount)
	case no.Code == credits.Insufficient:
		call.Outcome, call.Balance = history.Refused, int64(no.Available)
	case no.Code == credits.Mismatch && a.shared:
		call.Outcome = history.Mismatched
	default:
		r.t.Errorf("%s: %v", call.Key, no)
	}
	r.calls[a.workspace] = append(r.calls[a.workspace], call)
	r.keep(a, call.Outcome)
}

// keep remembers what may be sent again, and holds that are to be ended.
func (r *recorder) keep(a *asked, outcome history.Outcome) {
	if _, hold := a.command.(*credits.Hold); hold && outcome == history.Applied && !a.held {
		a.held = true
		r.open = append(r.open, a)
	}
	if len(r.old) < 500 {
		r.old = append(r.old, a)
	} else {
		r.old[r.dice.IntN(len(r.old))] = a
	}
}

func firstEntry(result credits.Result) int64 {
	id := result.Entry
	if id == "" && len(result.Lines) > 0 {
		id = result.Lines[0].Entry
	}
	seq, _ := credits.EntrySeq(id)
	return seq
}

// read looks at a balance, as a page does.
func (r *recorder) read() {
	ws, pool := recorded[r.dice.IntN(len(recorded))], r.pool()
	call := history.Call{Pool: pool, Invoke: r.clock(), Outcome: history.Read}
	view, err := r.ledger.Look(ctx, ws, nil, crashNow)
	if err != nil {
		r.t.Error(err)
		return
	}
	call.Reply, call.Entry = r.clock(), view.Seq
	c, _ := view.Credit(pool)
	call.Balance = int64(c.Available.Amount)
	r.calls[ws] = append(r.calls[ws], call)
}
