package credits_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// TestScripts plays testdata/*.txt on both engines: one event a line with its
// result, each file the proof of the rules that it names. testdata/README says
// how a line reads.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	testdb.Each(t, func(t *testing.T, st *store.Store) {
		for _, file := range files {
			name := strings.TrimSuffix(filepath.Base(file), ".txt")
			t.Run(name, func(t *testing.T) { play(t, st, name, file) })
		}
	})
}

// script is a file being played.
type script struct {
	t         *testing.T
	st        *store.Store
	prefix    string // of workspace ids, so that files share a database
	books     credits.Books
	ledger    *credits.Ledger
	now       time.Time
	workspace string
	all       []string // workspaces opened
}

func play(t *testing.T, st *store.Store, name, file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := &script{t: t, st: st, prefix: name + "/", books: credits.ShippedBooks()}
	text = s.readBooks(text)
	s.ledger = newLedger(t, st, s.books)
	lines := bufio.NewScanner(bytes.NewReader(text))
	for n := 1; lines.Scan(); n++ {
		line, _, _ := strings.Cut(lines.Text(), "#")
		if strings.TrimSpace(line) == "" {
			continue
		}
		event, want, answers := strings.Cut(line, "->")
		got := s.event(n, strings.Fields(event))
		if answers {
			s.compare(n, strings.TrimSpace(event), strings.Fields(want), got)
		} else if len(got) > 0 && got[0] != "ok" {
			t.Errorf("line %d: %s\n   got %s", n, strings.TrimSpace(event), strings.Join(got, " "))
		}
	}
	for _, ws := range s.all {
		checkInvariants(t, st, s.ledger, ws, s.now)
	}
}

// readBooks takes the price books out of a script and leaves blank lines: what
// stands between a line "book" and a line "end" is one, as YAML.
func (s *script) readBooks(text []byte) []byte {
	var rest, book bytes.Buffer
	inside := false
	for line := range strings.Lines(string(text)) {
		switch word := strings.TrimSpace(line); {
		case word == "book":
			inside = true
			rest.WriteString("\n")
		case inside && word == "end":
			b, err := credits.ParseBook(book.Bytes())
			if err != nil {
				s.t.Fatal(err)
			}
			s.books[b.Name] = b
			book.Reset()
			inside = false
			rest.WriteString("\n")
		case inside:
			book.WriteString(line)
			rest.WriteString("\n")
		default:
			rest.WriteString(line)
		}
	}
	return rest.Bytes()
}

// compare holds a line's result against what the file says: each word must be
// in the result, which may say more.
func (s *script) compare(n int, event string, want, got []string) {
	for _, word := range want {
		if !slices.Contains(got, word) {
			s.t.Errorf("line %d: %s\n  want %s\n   got %s", n, event, strings.Join(want, " "), strings.Join(got, " "))
			return
		}
	}
}

// event carries out a line and tells its result in words.
func (s *script) event(n int, words []string) []string {
	args := parseArgs(s.t, n, words)
	switch words[0] {
	case "rules":
		return nil
	case "at":
		s.now = s.instant(args.word(1))
		return nil
	case "open":
		return s.open(args)
	case "in":
		s.workspace = s.prefix + args.word(1)
		return nil
	case "restart":
		s.ledger.Close()
		s.ledger = newLedger(s.t, s.st, s.books)
		return nil
	case "check":
		checkInvariants(s.t, s.st, s.ledger, s.workspace, s.now)
		return nil
	case "balance", "member", "period":
		return s.look(args)
	case "entries":
		return s.entries(args)
	}
	result, err := s.ledger.Do(ctx, s.command(args))
	return s.answer(args, result, refusal(s.t, err))
}

// instant reads an absolute time, or +1h from where the script stands.
func (s *script) instant(word string) time.Time {
	if d, err := time.ParseDuration(word); err == nil {
		return s.now.Add(d)
	}
	return mustTime(s.t, word)
}

func (s *script) open(a args) []string {
	s.workspace = s.prefix + a.word(1)
	sub := subscription{s.workspace, a.word(2), a.word(3), a.text("zone", "UTC"), a.number("seats", 1), a.number("anchor", 1)}
	if err := open(s.st, s.books, sub, s.now); err != nil {
		return []string{"error", err.Error()}
	}
	s.all = append(s.all, s.workspace)
	return []string{"ok"}
}

// answer tells a command's result: ok or the refusal's code, then what it says.
func (s *script) answer(a args, r credits.Result, no *credits.Refusal) []string {
	if no != nil {
		return s.refused(r, no)
	}
	words := []string{"ok"}
	say := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	if r.Replayed {
		say("replayed")
	}
	if r.Entry != "" {
		say("entry=%s", r.Entry)
	}
	for n, line := range r.Lines {
		name := line.Field
		if name == "" {
			name = fmt.Sprintf("line%d", n+1)
		}
		say("%s=%s", name, line.Outcome)
		say("%s.amount=%s", name, line.Amount)
		if line.Entry == "" {
			say("%s.entry=none", name)
		}
	}
	for credit, amount := range r.Charged {
		say("charged.%s=%s", credit, amount)
	}
	for credit, b := range r.Balances {
		for _, word := range balanceWords(b) {
			if credit == "standard" || len(r.Balances) == 1 {
				say("%s", word)
			}
			say("%s.%s", credit, word)
		}
	}
	if r.Hold != nil {
		say("status=%s", r.Hold.Status)
		say("remaining=%s", r.Hold.Remaining)
		say("expires=%s", r.Hold.ExpiresAt.Format(time.RFC3339Nano))
	}
	say("at=%s", r.At.Format(time.RFC3339Nano))
	return words
}

func balanceWords(b credits.Balance) []string {
	return []string{
		"allowance=" + b.Allowance.String(), "used=" + b.Used.String(),
		"held=" + b.Held.String(), "available=" + b.Available.String(),
	}
}

func (s *script) refused(r credits.Result, no *credits.Refusal) []string {
	words := []string{no.Code}
	say := func(format string, args ...any) { words = append(words, fmt.Sprintf(format, args...)) }
	if r.Replayed {
		say("replayed")
	}
	say("field=%s", no.Field)
	say("credit=%s", no.Credit)
	say("limited_by=%s", no.LimitedBy)
	say("needed=%s", no.Needed)
	say("available=%s", no.Available)
	if no.RefillsAt == nil {
		say("refills=never")
	} else {
		say("refills=%s", no.RefillsAt.Format(time.RFC3339Nano))
	}
	if no.Rooms != nil {
		say("room.workspace=%s", no.Rooms.Workspace)
		say("room.pool=%s", no.Rooms.Pool)
		if no.Rooms.Member != nil {
			say("room.member=%s", no.Rooms.Member)
		}
	}
	return words
}
