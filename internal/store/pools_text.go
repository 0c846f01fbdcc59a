package store

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// An account's row has the newest pool of each credit type, so that a charge writes one row of
// balances and not two: a line of text for each, which both engines and their migrations can make.
// Pools that a newer one of their type has followed are rows of past_pools.

// PoolsText is pools as an account's row has them.
func PoolsText(pools []Pool) string {
	b := make([]byte, 0, 96*len(pools))
	for i := range pools {
		p := &pools[i]
		if i > 0 {
			b = append(b, '\n')
		}
		b = append(b, p.Credit...)
		for _, n := range p.numbers() {
			b = strconv.AppendInt(append(b, ' '), *n, 10)
		}
	}
	return string(b)
}

// numbers are a pool's values in the order of its text.
func (p *Pool) numbers() [9]*int64 {
	return [...]*int64{&p.PeriodStart, &p.PeriodEnd, &p.Used, &p.Held, &p.Reserved, &p.Allowance, &p.Rolled, &p.CarryNum, &p.CarryDen}
}

// PoolsError is a pool of an account that cannot be read.
type PoolsError struct{ Workspace, Line string }

func (e *PoolsError) Error() string {
	return fmt.Sprintf("the account of %s has a pool that cannot be read: %q", e.Workspace, e.Line)
}

// ParsePools reads the text of a workspace's account. The error is a *PoolsError.
func ParsePools(ws, text string) ([]Pool, error) {
	if text == "" {
		return nil, nil
	}
	pools := make([]Pool, 0, 1+strings.Count(text, "\n"))
	for line := range strings.SplitSeq(text, "\n") {
		p := Pool{Workspace: ws}
		if !p.read(line) || p.Used < 0 || p.Held < 0 || p.Reserved < 0 || slices.ContainsFunc(pools, func(o Pool) bool { return o.Credit == p.Credit }) {
			return nil, &PoolsError{ws, line}
		}
		pools = append(pools, p)
	}
	return pools, nil
}

func (p *Pool) read(line string) bool {
	credit, rest, more := strings.Cut(line, " ")
	p.Credit = credit
	more = more && credit != ""
	for _, n := range p.numbers() {
		var number string
		var err error
		if !more {
			return false
		}
		number, rest, more = strings.Cut(rest, " ")
		if *n, err = strconv.ParseInt(number, 10, 64); err != nil {
			return false
		}
	}
	return !more
}
