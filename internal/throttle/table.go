package throttle

import (
	"container/list"
	"sync"

	"golang.org/x/time/rate"
)

// table remembers a limiter for each of many names. When it is full the name that was idle
// for the longest makes room, and no other: anyone who floods the table with names resets
// nobody's counter but, one at a time, those that had the longest to recover.
type table struct {
	every  rate.Limit
	atOnce int
	max    int

	mu    sync.Mutex
	known map[string]*list.Element
	used  *list.List // the name used last comes first
}

type limited struct {
	name string
	*rate.Limiter
}

func newTable(every rate.Limit, atOnce, max int) *table {
	return &table{every: every, atOnce: atOnce, max: max, known: map[string]*list.Element{}, used: list.New()}
}

// allow takes one of a name's times; false: it has none left for now.
func (t *table) allow(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.known[name]
	if e != nil {
		t.used.MoveToFront(e)
	} else {
		if t.used.Len() >= t.max {
			idle := t.used.Back()
			t.used.Remove(idle)
			delete(t.known, idle.Value.(*limited).name)
		}
		e = t.used.PushFront(&limited{name, rate.NewLimiter(t.every, t.atOnce)})
		t.known[name] = e
	}
	return e.Value.(*limited).Allow()
}

// spent reports whether a name has no times left for now.
func (t *table) spent(name string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.known[name]
	return e != nil && e.Value.(*limited).Tokens() < 1
}
