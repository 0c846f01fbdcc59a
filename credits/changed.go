package credits

import "sync"

// maxChanged bounds the workspaces remembered as changed; further ones are
// forgotten, and anyone who follows the ledger finds them in the database.
const maxChanged = 50_000

// changed are the workspaces that this process's commits touched since somebody
// last asked.
type changed struct {
	mu         sync.Mutex
	workspaces map[string]struct{}
}

func (c *changed) note(b *batch) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.workspaces == nil {
		c.workspaces = map[string]struct{}{}
	}
	for _, s := range b.order {
		if len(c.workspaces) < maxChanged {
			c.workspaces[s.acct.Workspace] = struct{}{}
		}
	}
}

// Changed hands over the workspaces whose ledger this process has written, or
// tried to, since it was last asked. It is a hint for those who follow the ledger:
// what other processes wrote, and what a crash forgot, is in the database alone.
func (l *Ledger) Changed() []string {
	l.changed.mu.Lock()
	taken := l.changed.workspaces
	l.changed.workspaces = nil
	l.changed.mu.Unlock()
	list := make([]string, 0, len(taken))
	for w := range taken {
		list = append(list, w)
	}
	return list
}
