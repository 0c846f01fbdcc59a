package credits_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/credits"
)

// someHold draws a hold that was placed, open or not.
func (m *machine) someHold(t *rapid.T) (string, *mHold) {
	if len(m.holds) == 0 {
		t.Skip("no hold yet")
	}
	id := rapid.SampledFrom(m.holds).Draw(t, "hold")
	return id, m.model.holds[id]
}

// over holds a closed hold's answer; true: the step is done.
func over(t *rapid.T, h *mHold, no *credits.Refusal) bool {
	if h.open != (no == nil || no.Code != credits.Conflict) {
		t.Fatalf("the hold is open: %v, and answered %v", h.open, no)
	}
	return !h.open
}

func (m *machine) settle(t *rapid.T) {
	id, h := m.someHold(t)
	var lines []credits.SettleLine
	var sum credits.Amount
	for range rapid.IntRange(0, 3).Draw(t, "lines") {
		line := credits.SettleLine{Outcome: credits.NotFound}
		if rapid.Bool().Draw(t, "charged") {
			line = credits.SettleLine{Outcome: credits.Charged, Amount: min(amount(t), max(1, h.remaining))}
		}
		sum += line.Amount
		lines = append(lines, line)
	}
	final := rapid.Bool().Draw(t, "final")
	_, no := m.spend(t, "", func(r credits.Request) credits.Command {
		return &credits.Settle{Request: r, Hold: id, Lines: lines, Final: final}
	})
	if over(t, h, no) {
		return
	}
	if sum > h.remaining {
		if no == nil || no.Code != credits.Invalid {
			t.Fatalf("%s of a hold of %s were settled: %v", sum, h.remaining, no)
		}
		return
	}
	if no != nil {
		t.Fatal(no)
	}
	h.pool.move(h.member, sum, -sum)
	h.remaining -= sum
	if final || h.remaining == 0 {
		h.close()
	}
}

func (m *machine) release(t *rapid.T) {
	id, h := m.someHold(t)
	_, no := m.spend(t, "", func(r credits.Request) credits.Command { return &credits.Release{Request: r, Hold: id} })
	if !over(t, h, no) {
		h.close()
	}
}

func (m *machine) extend(t *rapid.T) {
	id, h := m.someHold(t)
	last := rapid.SampledFrom([]time.Duration{time.Second, time.Hour, 10 * 24 * time.Hour}).Draw(t, "for")
	_, no := m.spend(t, "", func(r credits.Request) credits.Command {
		return &credits.Extend{Request: r, Hold: id, ExpiresIn: last}
	})
	if !over(t, h, no) {
		h.expires = m.model.now.Add(last)
	}
}

func (m *machine) capture(t *rapid.T) {
	who := member(t)
	person := rapid.SampledFrom([]string{"p1", "p2", "p3"}).Draw(t, "person")
	fields := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b1", "b2", "g1", "g2"}), 1, 5).Draw(t, "fields")
	var findings []credits.Finding
	for _, f := range fields {
		finding := credits.Finding{Field: f, Values: rapid.IntRange(0, 2).Draw(t, "values")}
		finding.Failed = finding.Values == 0 && rapid.Bool().Draw(t, "failed")
		if f == "a" && rapid.Bool().Draw(t, "verified") {
			finding.Verified, finding.VerifiedAt = true, m.model.now
		}
		if len(m.holds) > 0 && rapid.Bool().Draw(t, "held") {
			finding.Hold = rapid.SampledFrom(m.holds).Draw(t, "from")
			if h := m.model.holds[finding.Hold]; h.open && rapid.Bool().Draw(t, "its own") {
				who = h.member
			}
		}
		findings = append(findings, finding)
	}
	m.take(t, who, person, findings, rapid.Bool().Draw(t, "all"))
}

// take captures findings of a person, here and in the model.
func (m *machine) take(t *rapid.T, who, person string, findings []credits.Finding, all bool) {
	result, no := m.spend(t, who, func(r credits.Request) credits.Command {
		return &credits.Capture{Request: r, Person: person, Findings: findings, AllOrNothing: all}
	})
	held := slices.ContainsFunc(findings, func(f credits.Finding) bool { return m.model.holdFor(who, f) != nil })
	if m.model.cancelled && !held {
		m.stopped(t, no, "standard", who, 1)
		return
	}
	outcomes, paidFrom, refused := m.model.capture(person, who, findings, all)
	if refused != (no != nil && (no.Code == credits.Insufficient || no.Code == credits.Cancelled)) {
		t.Fatalf("refused: %v, and answered %v", refused, no)
	}
	for n, o := range outcomes {
		line := result.Lines[n]
		if line.Outcome != o {
			t.Fatalf("%s of %s is %s, and answered %s", findings[n].Field, person, o, line.Outcome)
		}
		if o != credits.Charged || refused {
			continue
		}
		seq, _ := credits.EntrySeq(line.Entry)
		c := &mCharge{pool: m.model.pools[line.Credit], member: who, person: person, field: findings[n].Field, amount: line.Amount, at: m.model.now}
		if h := paidFrom[n]; h != nil {
			c.pool = h.pool
		}
		m.model.charges[seq] = c
	}
}

// verified captures what the directory held verified, of several people in a row: free
// as long as the day's meters allow (rule C13).
func (m *machine) verified(t *rapid.T) {
	who := member(t)
	for range rapid.IntRange(1, 3).Draw(t, "people") {
		m.take(t, who, rapid.SampledFrom([]string{"p1", "p2", "p3", "p4", "p5"}).Draw(t, "person"), []credits.Finding{{Field: "a", Values: 1, Verified: true, VerifiedAt: m.model.now}}, false)
	}
}

// report reports a charge for a person's field.
func (m *machine) report(t *rapid.T) {
	if len(m.model.charges) == 0 {
		t.Skip("nothing was charged yet")
	}
	seq := rapid.SampledFrom(slices.Sorted(maps.Keys(m.model.charges))).Draw(t, "entry")
	who := member(t)
	result, no := m.spend(t, who, func(r credits.Request) credits.Command {
		return &credits.Report{Request: r, Entry: seq, Reason: "wrong_number", Values: [][]byte{{1}}}
	})
	want := m.model.report(seq, who)
	if want == "" {
		if no == nil || no.Code != credits.Conflict {
			t.Fatalf("entry %d cannot be reported, and answered %v", seq, no)
		}
		return
	}
	if no != nil || string(result.Lines[0].Outcome) != want {
		t.Fatalf("a report of entry %d is %s, and answered %+v, %v", seq, want, result.Lines, no)
	}
}

func (m *machine) allocate(t *rapid.T) {
	who := rapid.SampledFrom([]string{"ada", "bob"}).Draw(t, "for")
	credit := creditType(t)
	set := credits.Allocation{Mode: rapid.SampledFrom([]string{credits.FromPool, credits.Limited, credits.Assigned}).Draw(t, "mode")}
	if set.Mode != credits.FromPool {
		set.Amount = rapid.SampledFrom([]credits.Amount{0, credits.Credit, 4 * credits.Credit, 15 * credits.Credit}).Draw(t, "set")
	}
	_, err := m.l.Do(ctx, &credits.Allocate{Request: m.request(""), For: who, Sets: map[string]credits.Allocation{credit: set}})
	no := refusal(t, err)
	if set.Mode == credits.Assigned && set.Amount > m.model.assignable(who, credit) {
		if no == nil || no.Code != credits.Conflict {
			t.Fatalf("%s can be assigned %s, %s were: %v", who, m.model.assignable(who, credit), set.Amount, no)
		}
		return
	}
	if no != nil {
		t.Fatal(no)
	}
	m.model.allocs[mMember{who, credit}] = set
	if set.Mode == credits.FromPool {
		delete(m.model.allocs, mMember{who, credit})
	}
}

func (m *machine) remove(t *rapid.T) {
	who := rapid.SampledFrom([]string{"ada", "bob"}).Draw(t, "gone")
	if _, err := m.l.Do(ctx, &credits.Remove{Request: m.request(""), Gone: who}); err != nil {
		t.Fatal(err)
	}
	for _, c := range modelCredits {
		delete(m.model.allocs, mMember{who, c})
	}
}

// ended compares the refusals of what needs a subscription; true: both refuse.
func (m *machine) ended(t *rapid.T, err error, code string) bool {
	no := refusal(t, err)
	if m.model.cancelled != (no != nil) || no != nil && no.Code != code {
		t.Fatalf("cancelled: %v, and answered %v", m.model.cancelled, no)
	}
	return no != nil
}

func (m *machine) grant(t *rapid.T) {
	credit, n := creditType(t), amount(t)
	kind := rapid.SampledFrom([]string{credits.Once, credits.Recurring}).Draw(t, "kind")
	id := fmt.Sprint("grant", m.n)
	_, err := m.l.Do(ctx, &credits.GiveGrant{Request: m.request(""), ID: id, Credit: credit, Amount: n, Kind: kind})
	if m.ended(t, err, credits.Cancelled) {
		return
	}
	if kind == credits.Once {
		m.model.pools[credit].once += n
		return
	}
	m.model.recurring = append(m.model.recurring, mGrant{id: id, credit: credit, amount: n})
	m.grants = append(m.grants, id)
}

func (m *machine) endGrant(t *rapid.T) {
	if len(m.grants) == 0 {
		t.Skip("no add-on yet")
	}
	id := rapid.SampledFrom(m.grants).Draw(t, "grant")
	if _, err := m.l.Do(ctx, &credits.EndGrant{Request: m.request(""), ID: id}); err != nil {
		t.Fatal(err)
	}
	for n := range m.model.recurring {
		if g := &m.model.recurring[n]; g.id == id && g.endsAt.IsZero() {
			g.endsAt = m.model.end
		}
	}
}

func drawPlan(t *rapid.T) string {
	return rapid.SampledFrom([]string{"small", "big", "calls", "weekly"}).Draw(t, "plan")
}

func (m *machine) plan(t *rapid.T) {
	name := drawPlan(t)
	_, err := m.l.Do(ctx, &credits.ChangePlan{Request: m.request(""), Plan: name})
	if !m.ended(t, err, credits.Cancelled) {
		m.model.changePlan(name)
	}
}

func (m *machine) cancel(t *rapid.T) {
	now := rapid.Bool().Draw(t, "now")
	_, err := m.l.Do(ctx, &credits.Cancel{Request: m.request(""), Now: now})
	if m.ended(t, err, credits.Conflict) {
		return
	}
	m.model.cancelAt = m.model.end
	if now {
		m.model.cancelAt, m.model.cancelled = m.model.now, true
	}
}

func (m *machine) reactivate(t *rapid.T) {
	name := drawPlan(t)
	_, err := m.l.Do(ctx, &credits.Reactivate{Request: m.request(""), Plan: name})
	if no := refusal(t, err); m.model.cancelAt.IsZero() != (no != nil) {
		t.Fatalf("cancelled at %v, and answered %v", m.model.cancelAt, no)
	} else if no == nil {
		m.model.reactivate(name)
	}
}

// check compares everything that a reader sees, and adds the ledger up.
func (m *machine) check(t *rapid.T) {
	names := []string{"ada", "bob"}
	view, err := m.l.Look(ctx, m.workspace, names, m.model.now)
	if err != nil {
		t.Fatal(err)
	}
	if !view.Current.Period.End.Equal(m.model.end) || view.Current.Plan.Name != m.model.plan || view.Current.Cancelled != m.model.cancelled {
		t.Fatalf("the model has %s until %s, cancelled %v; the ledger %s until %s, %v", m.model.plan, m.model.end, m.model.cancelled,
			view.Current.Plan.Name, view.Current.Period.End, view.Current.Cancelled)
	}
	for _, c := range view.Credits {
		p := m.model.pools[c.Credit]
		allowance := m.model.allowance(c.Credit)
		want := credits.Balance{Allowance: credits.Of(allowance), Used: p.used, Held: p.held, Available: credits.Of(allowance - p.used - p.held)}
		if c.Balance != want {
			t.Fatalf("%s: the model has %+v, the ledger %+v", c.Credit, want, c.Balance)
		}
		for _, who := range names {
			for _, v := range view.Members[who] {
				own := p.member(who)
				have, _ := m.model.spendable(c.Credit, who, 0)
				if v.Credit == c.Credit && (v.Used != own.used || v.Held != own.held || v.Available != credits.Of(have)) {
					t.Fatalf("%s of %s: the model has %+v and %s to spend, the ledger %+v", c.Credit, who, own, have, v)
				}
			}
		}
	}
	for _, wrong := range wrongs(t, m.st, m.l, m.workspace, m.model.now) {
		t.Error(wrong)
	}
}
