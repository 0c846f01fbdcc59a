package account

import (
	"context"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/fault"
)

// Who would wait for too long, or behind too many, is told that the server is busy.
func TestHashingIsBounded(t *testing.T) {
	a := New(nil, nil, time.Now)
	a.hashing.within = 20 * time.Millisecond
	for range maxHashing {
		a.hashing.free <- struct{}{}
	}
	if _, err := a.hash(context.Background(), "x", make([]byte, 16)); !fault.Is(err, fault.Overloaded) {
		t.Errorf("after the deadline: %v", err)
	}
	a.hashing.within = time.Hour
	a.hashing.waiting.Store(maxQueue)
	if _, err := a.hash(context.Background(), "x", make([]byte, 16)); !fault.Is(err, fault.Overloaded) {
		t.Errorf("behind %d others: %v", maxQueue, err)
	}
	a.hashing.waiting.Store(0)
	<-a.hashing.free
	if _, err := a.hash(context.Background(), "x", make([]byte, 16)); err != nil || a.Hashes() != 1 {
		t.Errorf("with room: %v, %d hashes", err, a.Hashes())
	}
	if left := a.hashing.waiting.Load(); left != 0 {
		t.Errorf("%d wait for ever", left)
	}
}
