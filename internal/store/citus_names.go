package store

import (
	"regexp"
	"strings"
	"sync"
)

// shardNames are the tables of one group of shards, by the names that they have on their node.
// No names: a plain Postgres, or the coordinator.
type shardNames struct {
	of map[string]string // by table
	// everywhere are those of the tables that each node has, for reading: Citus itself writes all.
	everywhere map[string]string
	// central are those that only the coordinator has, the directory's above all.
	central map[string]bool
	known   sync.Map // statements, as they were written and with the names put in
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
	n.known.Store(strings.Clone(sql), named)
	return named
}

// isCentral tells of a statement that the coordinator alone can answer.
func (n *shardNames) isCentral(sql string) bool {
	if n == nil {
		return false
	}
	for _, table := range namedTable.FindAllStringSubmatch(sql, -1) {
		if n.central[table[2]] {
			return true
		}
	}
	return false
}
