package credits_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// TestLedgerAgainstModel plays random histories on the ledger and on the model:
// rules P1, P3, P4, G2, G3, G4, G6, C6, C7, C8, C9, D1 to D5 and D7. After every
// step both say the same of every balance, and the ledger adds up (rule S3).
func TestLedgerAgainstModel(t *testing.T) {
	st := testdb.Open(t, "sqlite")
	book, err := credits.ParseBook([]byte(modelBook))
	if err != nil {
		t.Fatal(err)
	}
	books := credits.Books{book.Name: book}
	cases := 0
	rapid.Check(t, func(rt *rapid.T) {
		cases++
		m := &machine{st: st, l: credits.New(st, books), workspace: fmt.Sprint("case", cases)}
		defer func() { m.l.Close() }()
		now := time.Date(2026, 1, rapid.IntRange(1, 31).Draw(rt, "day"), rapid.IntRange(0, 23).Draw(rt, "hour"), 0, 0, 0, time.UTC)
		plan := rapid.SampledFrom(slices.Sorted(mapKeys(modelPlans))).Draw(rt, "plan")
		if err := open(st, books, subscription{m.workspace, book.Name, plan, "UTC", 2, 1}, now); err != nil {
			rt.Fatal(err)
		}
		m.model = newModel(now, plan)
		m.model.start = time.Time{} // the first period began on its anchor
		rt.Repeat(map[string]func(*rapid.T){
			"":           m.check,
			"wait":       m.wait,
			"charge":     m.charge,
			"hold":       m.hold,
			"settle":     m.settle,
			"release":    m.release,
			"extend":     m.extend,
			"capture":    m.capture,
			"preview":    m.capture,
			"verified":   m.verified,
			"report":     m.report,
			"allocate":   m.allocate,
			"remove":     m.remove,
			"grant":      m.grant,
			"endGrant":   m.endGrant,
			"plan":       m.plan,
			"cancel":     m.cancel,
			"reactivate": m.reactivate,
			"again":      m.again,
			"restart":    m.restart,
			"archive":    m.archive,
			"restore":    m.restore,
		})
	})
}

func mapKeys[K comparable, V any](m map[K]V) func(yield func(K) bool) {
	return func(yield func(K) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

type machine struct {
	st        *store.Store
	l         *credits.Ledger
	workspace string
	model     *model
	n         int      // of commands sent
	holds     []string // ids given
	grants    []string
	said      []sent
}

// sent is a command with a key and what it was answered.
type sent struct {
	command func(print string) credits.Command
	answer  string
}

// members: two people and the workspace itself.
func member(t *rapid.T) string {
	return rapid.SampledFrom([]string{"", "ada", "bob"}).Draw(t, "member")
}

func creditType(t *rapid.T) string { return rapid.SampledFrom(modelCredits).Draw(t, "credit") }

func amount(t *rapid.T) credits.Amount {
	return rapid.SampledFrom([]credits.Amount{1, 250_000, credits.Credit, 2 * credits.Credit, 5 * credits.Credit, 9_500_000, 20 * credits.Credit}).Draw(t, "amount")
}

func (m *machine) request(member string) credits.Request {
	m.n++
	return credits.Request{Workspace: m.workspace, Member: member, At: m.model.now, Channel: "api"}
}

// spend sends a command with a key, and keeps its answer for again.
func (m *machine) spend(t *rapid.T, member string, command func(r credits.Request) credits.Command) (credits.Result, *credits.Refusal) {
	r := m.request(member)
	r.Key = fmt.Sprint("key", m.n)
	send := func(print string) credits.Command {
		again := r
		again.Fingerprint = []byte(print)
		return command(again)
	}
	result, err := m.l.Do(ctx, send("same"))
	no := refusal(t, err)
	if no == nil || no.Code == credits.Insufficient || no.Code == credits.Cancelled {
		m.said = append(m.said, sent{send, answerText(t, result, no)})
	}
	return result, no
}

func answerText(t *rapid.T, r credits.Result, no *credits.Refusal) string {
	text, err := json.Marshal(map[string]any{"result": r, "refusal": no})
	if no != nil {
		text, err = json.Marshal(no)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// again sends an earlier request once more, or another under its key (rule C9).
func (m *machine) again(t *rapid.T) {
	if len(m.said) == 0 {
		t.Skip("nothing was sent yet")
	}
	first := rapid.SampledFrom(m.said).Draw(t, "first")
	if rapid.Bool().Draw(t, "other") {
		_, err := m.l.Do(ctx, first.command("other"))
		if no := refusal(t, err); no == nil || no.Code != credits.Mismatch {
			t.Fatalf("another request under the key was answered %v", no)
		}
		return
	}
	result, err := m.l.Do(ctx, first.command("same"))
	if got := answerText(t, result, refusal(t, err)); got != first.answer || !result.Replayed {
		t.Fatalf("the first answer was\n%s, the second, replayed %v,\n%s", first.answer, result.Replayed, got)
	}
}

// restart forgets what the ledger keeps in memory.
func (m *machine) restart(*rapid.T) {
	books := m.l.Books()
	m.l.Close()
	m.l = credits.New(m.st, books)
}

func (m *machine) wait(t *rapid.T) {
	to := m.model.now
	switch rapid.IntRange(0, 6).Draw(t, "until") {
	case 0:
		to = to.Add(time.Second)
	case 1:
		to = to.Add(7 * time.Minute)
	case 2:
		to = to.Add(25 * time.Hour)
	case 3:
		to = to.AddDate(0, 0, 11)
	case 4:
		to = to.AddDate(0, rapid.IntRange(1, 5).Draw(t, "months"), 3)
	case 5:
		to = later(to, m.model.end)
	case 6:
		to = later(to, m.model.end.Add(-time.Millisecond))
	}
	m.model.advance(to)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// stopped compares a refusal for lack of credits with the model; true: both refuse.
func (m *machine) stopped(t *rapid.T, no *credits.Refusal, credit, who string, need credits.Amount) bool {
	if m.model.cancelled {
		if no == nil || no.Code != credits.Cancelled {
			t.Fatalf("cancelled, and answered %v", no)
		}
		return true
	}
	have, by := m.model.spendable(credit, who, need)
	if have >= need {
		if no != nil {
			t.Fatalf("%s may spend %s %s, needs %s, and is refused: %v", who, have, credit, need, no)
		}
		return false
	}
	if no == nil || no.Code != credits.Insufficient || no.LimitedBy != by || no.Available != have || no.Needed != need {
		t.Fatalf("%s may spend %s %s, needs %s and is stopped by the %s; answered %+v", who, have, credit, need, by, no)
	}
	return true
}

func (m *machine) charge(t *rapid.T) {
	who, credit, n := member(t), creditType(t), amount(t)
	_, no := m.spend(t, who, func(r credits.Request) credits.Command {
		return &credits.Charge{Request: r, Credit: credit, Amount: n}
	})
	if !m.stopped(t, no, credit, who, n) {
		m.model.pools[credit].move(who, n, 0)
	}
}

func (m *machine) hold(t *rapid.T) {
	who, credit, n := member(t), creditType(t), amount(t)
	last := rapid.SampledFrom([]time.Duration{time.Second, 10 * time.Minute, 3 * 24 * time.Hour, credits.MaxHold}).Draw(t, "for")
	id := fmt.Sprint("hold", m.n)
	_, no := m.spend(t, who, func(r credits.Request) credits.Command {
		return &credits.Hold{Request: r, ID: id, Credit: credit, Amount: n, ExpiresIn: last}
	})
	if m.stopped(t, no, credit, who, n) {
		return
	}
	p := m.model.pools[credit]
	p.move(who, 0, n)
	m.model.holds[id] = &mHold{pool: p, member: who, credit: credit, remaining: n, expires: m.model.now.Add(last), open: true}
	m.holds = append(m.holds, id)
}
