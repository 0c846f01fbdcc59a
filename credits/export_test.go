package credits

// CommitHere carries out one command on the caller's goroutine instead of the
// committer's, so that all its system calls are of one thread. Nobody else may
// use the ledger meanwhile.
func (l *Ledger) CommitHere(c Command) (Result, error) {
	alone := &call{command: c, done: make(chan struct{})}
	l.commit([]*call{alone})
	return l.wait(alone)
}
