package store

import (
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
)

// shardNames are the tables of one group of shards, by the names that they have on their node.
// No names: a plain Postgres, or the coordinator.
type shardNames struct {
	of map[string]string // by table
	// everywhere are those of the tables that each node has, for reading: Citus itself writes all.
	everywhere map[string]string
	// central are those that only the coordinator has, the directory's above all.
	central map[string]bool
	// divided are those that no statement with a name put in may have beside: on the coordinator a
	// statement is either Citus' or reads the tables that are here.
	divided map[string]bool
	known   sync.Map // statements, as they were written and with the names put in
	texts   atomic.Int64
}

// namedTable is a table in a statement, and what follows: our keywords are in capitals, so a small
// letter is the name that the statement calls it by.
var namedTable = regexp.MustCompile(`\b(INTO|UPDATE|DELETE FROM|FROM|JOIN) ([a-z_]+)\b( [a-z])?`)

// in is a statement with the names of the shards. A table that the statement has no other name for
// keeps its own beside it.
func (n *shardNames) in(sql string) string {
	if n == nil {
		return sql
	}
	if known, ok := n.known.Load(sql); ok {
		return known.(string)
	}
	if n.mentions(sql, n.divided) {
		n.remember(sql, sql)
		return sql
	}
	named := namedTable.ReplaceAllStringFunc(sql, func(found string) string {
		p := namedTable.FindStringSubmatch(found)
		shard, is := n.of[p[2]]
		if !is && (p[1] == "FROM" || p[1] == "JOIN") {
			shard, is = n.everywhere[p[2]]
		}
		switch {
		case !is:
			return found
		case p[3] != "":
			return p[1] + " " + shard + p[3]
		}
		return p[1] + " " + shard + " AS " + p[2]
	})
	n.remember(sql, named)
	return named
}

// maxTexts bounds the statements that are remembered: a few have a number of their caller's in them.
const maxTexts = 5000

func (n *shardNames) remember(sql, named string) {
	if n.texts.Add(1) > maxTexts {
		n.known.Clear()
		n.texts.Store(0)
	}
	n.known.Store(strings.Clone(sql), named)
}

// isCentral tells of a statement that the coordinator alone can answer.
func (n *shardNames) isCentral(sql string) bool {
	return n != nil && n.mentions(sql, n.central)
}

func (n *shardNames) mentions(sql string, any map[string]bool) bool {
	if len(any) == 0 {
		return false
	}
	for _, table := range namedTable.FindAllStringSubmatch(sql, -1) {
		if any[table[2]] {
			return true
		}
	}
	return false
}
