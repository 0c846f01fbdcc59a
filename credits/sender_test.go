package credits_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

// frozen is a server that owns one workspace, and answers nothing until it is told to.
type frozen struct {
	workspace string
	thaw      chan struct{}
}

func (f *frozen) Owner(workspace string) credits.Peer {
	if workspace == f.workspace {
		return f
	}
	return nil
}

func (f *frozen) Failed() {}

func (f *frozen) Charges(context.Context, []byte) ([]byte, error) {
	<-f.thaw
	return nil, errors.New("frozen")
}

// sends is a committer that may send w0's charges to a frozen server, and remembers both workspaces.
func sends(t *testing.T, room int) (p *pair, s *credits.Sender) {
	p = openPair(t, "postgres", 2)
	f := &frozen{"w0", make(chan struct{})}
	t.Cleanup(func() { close(f.thaw) }) // before the ledger is closed
	p.b.Share(f)
	s = credits.SenderOf(p.b, room)
	for range 3 { // then the accounts are remembered, and decided ahead
		for _, ws := range p.workspaces {
			if err := s.Take(p.charge(ws, 1, p.key())); err != nil {
				t.Fatal(err)
			}
		}
	}
	return p, s
}

// A charge that came together with one for a server that does not answer is not kept waiting.
func TestFrozenPeerKeepsNoOthersWaiting(t *testing.T) {
	p, s := sends(t, 8)
	s.Away("w0")
	s.Queue(p.charge("w0", 1, p.key()))
	other := s.Queue(p.charge("w1", 1, p.key()))
	go s.Run()
	if answered, err := other(5 * time.Second); !answered || err != nil {
		t.Errorf("answered %v, %v", answered, err)
	}
}

// However many come while a frame is about to go, no batch is larger than it may be.
func TestBatchesBesideFrames(t *testing.T) {
	const many = 4 * credits.MaxBatch
	p, s := sends(t, many+1)
	before := p.b.Commits()
	s.Away("w0")
	s.Queue(p.charge("w0", 1, p.key()))
	var answers []func(time.Duration) (bool, error)
	for range many {
		answers = append(answers, s.Queue(p.charge("w1", 1, p.key())))
	}
	go s.Run()
	for n, answer := range answers {
		if answered, err := answer(10 * time.Second); !answered || err != nil {
			t.Fatalf("charge %d: answered %v, %v", n, answered, err)
		}
	}
	if commits := p.b.Commits() - before; commits < many/credits.MaxBatch {
		t.Errorf("%d charges in %d commits", many, commits)
	}
}

// What is queued when a ledger closes is decided, also where a workspace is found at that moment to
// be another server's.
func TestCloseDecidesWhatIsQueued(t *testing.T) {
	p, s := sends(t, credits.MaxBatch+100)
	p.must(p.a, p.charge("w0", 1, p.key()))
	s.Contend("w0", 2)
	var answers []func(time.Duration) (bool, error)
	for n := range credits.MaxBatch + 100 {
		answers = append(answers, s.Queue(p.charge("w0", 1, fmt.Sprint("queued ", n))))
	}
	s.Rest()
	for n, answer := range answers {
		if answered, err := answer(0); !answered || err != nil {
			t.Fatalf("charge %d: answered %v, %v", n, answered, err)
		}
	}
}

// Only who is in the way again and again, and soon, is sent charges: by this process's clock, as the
// workspace's own time may be still.
func TestChangesFarApart(t *testing.T) {
	p, s := sends(t, 1)
	now := time.Minute
	credits.ClockOf(p.b, func() time.Duration { return now })
	for _, c := range []struct {
		after time.Duration
		sends bool
	}{{2 * time.Second, false}, {time.Second / 2, true}} {
		s.Contend("w0", 2)
		now += c.after
		p.must(p.a, p.charge("w0", 1, p.key()))
		if err := s.Take(p.charge("w0", 1, p.key())); err != nil {
			t.Fatal(err)
		}
		if s.Sends("w0") != c.sends {
			t.Errorf("changed by another server after %s: it is sent charges: %v", c.after, s.Sends("w0"))
		}
	}
}
