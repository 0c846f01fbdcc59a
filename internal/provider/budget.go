package provider

import (
	"context"
	"sync"
)

// Budget counts how often each source is asked in a day, so that no mistake of
// ours uses up an account with one.
type Budget interface {
	// Take counts one ask of the provider on the day, a date in UTC, unless most
	// have been counted already; false is that. An error counts as false.
	Take(ctx context.Context, provider, day string, most int) (bool, error)
}

// MemoryBudget is a Budget that a restart forgets. The zero value is ready.
type MemoryBudget struct {
	mu   sync.Mutex
	day  string
	used map[string]int
}

// Take is Budget's.
func (b *MemoryBudget) Take(_ context.Context, provider, day string, most int) (bool, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.day != day {
		b.day, b.used = day, map[string]int{}
	}
	if b.used[provider] >= most {
		return false, nil
	}
	b.used[provider]++
	return true, nil
}
