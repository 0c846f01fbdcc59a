package credits_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
)

// args are the words of a line: those with = by name, those after "by" and "for"
// likewise, the others by place.
type args struct {
	t     testing.TB
	line  int
	words []string
	names map[string]string
	order []string // words with =, as written
}

func parseArgs(t testing.TB, line int, words []string) args {
	a := args{t: t, line: line, names: map[string]string{}}
	for n := 0; n < len(words); n++ {
		if words[n] == "by" && n+1 < len(words) {
			a.names["by"] = words[n+1]
			n++
			continue
		}
		if name, value, ok := strings.Cut(words[n], "="); ok {
			a.names[name] = value
			a.order = append(a.order, words[n])
			continue
		}
		a.words = append(a.words, words[n])
	}
	return a
}

func (a args) word(n int) string {
	if n >= len(a.words) {
		a.t.Fatalf("line %d: %v has no word %d", a.line, a.words, n)
	}
	return a.words[n]
}

func (a args) has(word string) bool {
	for _, w := range a.words {
		if w == word {
			return true
		}
	}
	return false
}

func (a args) text(name, without string) string {
	if v, ok := a.names[name]; ok {
		return v
	}
	return without
}

func (a args) number(name string, without int) int {
	v, ok := a.names[name]
	if !ok {
		return without
	}
	n, err := strconv.Atoi(v)
	if err != nil {
		a.t.Fatalf("line %d: %s=%s is not a number", a.line, name, v)
	}
	return n
}

// whole is a word that is a number.
func (a args) whole(n int) int {
	v, err := strconv.Atoi(a.word(n))
	if err != nil {
		a.t.Fatalf("line %d: %q is not a number", a.line, a.word(n))
	}
	return v
}

func (a args) amount(s string) credits.Amount {
	v, err := credits.ParseAmount(s)
	if err != nil {
		a.t.Fatalf("line %d: amount %q: %v", a.line, s, err)
	}
	return v
}

func (a args) duration(name, without string) time.Duration {
	d, err := time.ParseDuration(a.text(name, without))
	if err != nil {
		a.t.Fatalf("line %d: %v", a.line, err)
	}
	return d
}

// command reads a line's command.
func (s *script) command(a args) credits.Command {
	r := credits.Request{
		Workspace: s.workspace, Member: a.text("by", ""), At: s.now, Channel: "api", Key: a.text("key", ""),
	}
	if r.Key != "" {
		r.Fingerprint = []byte(a.text("print", "same"))
	}
	switch a.word(0) {
	case "charge":
		return &credits.Charge{Request: r, Credit: a.word(1), Amount: a.amount(a.word(2))}
	case "hold":
		return &credits.Hold{Request: r, ID: a.word(1), Credit: a.word(2), Amount: a.amount(a.word(3)), ExpiresIn: a.duration("for", "10m")}
	case "settle":
		return &credits.Settle{Request: r, Hold: a.word(1), Lines: settleLines(a), Final: a.has("final")}
	case "release":
		return &credits.Release{Request: r, Hold: a.word(1)}
	case "extend":
		return &credits.Extend{Request: r, Hold: a.word(1), ExpiresIn: a.duration("for", "10m")}
	case "capture":
		return s.capture(r, a)
	case "report":
		return &credits.Report{Request: r, Entry: int64(a.whole(1)), Reason: a.word(2), Values: [][]byte{[]byte("x")}}
	case "decide":
		return &credits.Decide{Request: r, Entry: int64(a.whole(1)), Refund: a.has("refund")}
	case "grant":
		return &credits.GiveGrant{Request: r, ID: a.word(1), Credit: a.word(2), Amount: a.amount(a.word(3)), Kind: a.word(4), Note: "a gift"}
	case "endgrant":
		return &credits.EndGrant{Request: r, ID: a.word(1)}
	case "plan":
		name := ""
		if len(a.words) > 1 {
			name = a.word(1)
		}
		return &credits.ChangePlan{Request: r, Plan: name, Seats: a.number("seats", 0)}
	case "cancel":
		return &credits.Cancel{Request: r, Now: a.word(1) == "now"}
	case "reactivate":
		name := ""
		if len(a.words) > 1 {
			name = a.word(1)
		}
		return &credits.Reactivate{Request: r, Plan: name}
	case "assign":
		set := credits.Allocation{Mode: a.word(3)}
		if len(a.words) > 4 {
			set.Amount = a.amount(a.word(4))
		}
		return &credits.Allocate{Request: r, For: a.word(1), Sets: map[string]credits.Allocation{a.word(2): set}}
	case "remove":
		return &credits.Remove{Request: r, Gone: a.word(1)}
	}
	s.t.Fatalf("line %d: %q is no event", a.line, a.word(0))
	return nil
}

// settleLines reads charged=1 not_found=0 …, in order.
func settleLines(a args) []credits.SettleLine {
	var lines []credits.SettleLine
	for _, word := range a.order {
		name, value, _ := strings.Cut(word, "=")
		if name == "key" || name == "print" {
			continue
		}
		lines = append(lines, credits.SettleLine{Outcome: credits.Outcome(name), Amount: a.amount(value)})
	}
	return lines
}

// capture reads work_email=fetched+verified@2026-01-01T00:00:00Z work_phone=2 …
func (s *script) capture(r credits.Request, a args) credits.Command {
	c := &credits.Capture{Request: r, Person: a.word(1), AllOrNothing: a.has("all")}
	if limit := a.text("autocap", ""); limit != "" {
		amount := a.amount(limit)
		c.AutoCap = &amount
	}
	if a.has("save") {
		c.Lead = &credits.Lead{ID: "lead_" + c.Person}
	}
	for _, word := range a.order {
		name, value, _ := strings.Cut(word, "=")
		if name == "key" || name == "print" || name == "autocap" {
			continue
		}
		f := credits.Finding{Field: name, Values: 1, Data: []byte(`["x"]`)}
		for part := range strings.SplitSeq(value, "+") {
			s.finding(a, &f, part)
		}
		c.Findings = append(c.Findings, f)
	}
	return c
}

func (s *script) finding(a args, f *credits.Finding, part string) {
	name, at, _ := strings.Cut(part, "@")
	switch name {
	case "found":
	case "none":
		f.Values = 0
	case "failed":
		f.Failed, f.Values = true, 0
	case "suppressed":
		f.Suppressed = true
	case "main":
		f.MainLine = true
	case "likely":
		f.Graded = true
	case "verified":
		f.Graded, f.Verified = true, true
		if at != "" {
			f.VerifiedAt = mustTime(s.t, at)
		}
	case "fetched":
		f.Fetched = true
	case "auto":
		f.Auto = true
	case "from":
		f.Hold = at
	default:
		n, err := strconv.Atoi(name)
		if err != nil {
			s.t.Fatalf("line %d: a finding cannot be %q", a.line, part)
		}
		f.Values = n
	}
}

// look tells what a reader sees.
func (s *script) look(a args) []string {
	var members []string
	if a.word(0) == "member" {
		members = []string{a.word(1)}
	}
	view, err := s.ledger.Look(ctx, s.workspace, members, s.now)
	if err != nil {
		s.t.Fatalf("line %d: %v", a.line, err)
	}
	switch a.word(0) {
	case "period":
		words := []string{
			view.Current.Period.Start.UTC().Format(time.RFC3339Nano) + ".." + view.Current.Period.End.UTC().Format(time.RFC3339Nano),
			"plan=" + view.Current.Plan.Name, fmt.Sprintf("seats=%d", view.Current.Seats), fmt.Sprintf("cancelled=%v", view.Current.Cancelled),
		}
		if next := view.Current.Next; next != nil {
			words = append(words, fmt.Sprintf("next=%s@%s", next.Plan.Name, next.At.UTC().Format(time.RFC3339Nano)), fmt.Sprintf("next.seats=%d", next.Seats))
		}
		return words
	case "member":
		for _, m := range view.Members[a.word(1)] {
			if m.Credit == a.word(2) {
				return []string{"mode=" + m.Mode, "amount=" + m.Amount.String(), "used=" + m.Used.String(), "held=" + m.Held.String(), "available=" + m.Available.String()}
			}
		}
	case "balance":
		if c, ok := view.Credit(a.word(1)); ok {
			return append(balanceWords(c.Balance),
				"plan="+c.Granted.Plan.String(), "recurring="+c.Granted.Recurring.String(), "once="+c.Granted.Once.String(), "rollover="+c.Granted.Rollover.String(),
				"assigned="+c.Assigned.String(), "free="+c.Free.String(), "pool="+c.Pool.String())
		}
	}
	s.t.Fatalf("line %d: nothing to look at", a.line)
	return nil
}

// entries tells the newest entries, oldest first: kind:amount:outcome:after.
func (s *script) entries(a args) []string {
	limit, err := strconv.Atoi(a.word(1))
	if err != nil {
		s.t.Fatal(err)
	}
	var words []string
	err = s.st.View(ctx, func(tx *store.Tx) error {
		list, err := tx.Entries().List(store.EntryFilter{Workspace: s.workspace, Sight: store.Everybody(), Limit: limit})
		for _, e := range list {
			after := "unlimited"
			if e.BalanceAfter != nil {
				after = credits.Amount(*e.BalanceAfter).String()
			}
			start := time.UnixMicro(e.PeriodStart).UTC().Format("2006-01-02")
			words = append([]string{fmt.Sprintf("%d:%s:%s:%s:%s:%s", e.Seq, e.Kind, credits.Amount(e.Amount), e.Outcome, after, start)}, words...)
			words = append(words, fmt.Sprintf("%d.waived=%s", e.Seq, credits.Amount(e.Waived)))
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return words
}
