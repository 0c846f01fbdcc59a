package store

// Sight says whose usage, entries and jobs a read may see (rule S5). The zero value
// sees nobody's.
type Sight struct {
	all     bool
	members []string
}

// Everybody sees every member's and the workspace's own.
func Everybody() Sight { return Sight{all: true} }

// Only sees these members'.
func Only(members ...string) Sight { return Sight{members: members} }

// All reports whether everybody's is seen.
func (s Sight) All() bool { return s.all }

// Sees reports whether a member's is seen; of the workspace itself where the id is
// empty.
func (s Sight) Sees(member string) bool {
	for _, m := range s.members {
		if m == member {
			return true
		}
	}
	return s.all
}

// seen is a condition on a column with a member's id, behind AND; the parameter is in
// its place whatever the sight.
func (t *transaction) seen(s Sight, column string, parameter int) (condition string, argument any) {
	if s.all {
		return ` AND $` + itoa(parameter) + ` = ''`, ""
	}
	if len(s.members) == 0 {
		return ` AND $` + itoa(parameter) + ` <> ''`, ""
	}
	return ` AND ` + column + ` ` + t.anyOf(parameter), t.texts(s.members)
}
