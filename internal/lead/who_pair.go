package lead

import "slices"

// pair is a word of one name and the word of another that it matches, by their places.
type pair [2]int

// pairs are the matching words at places that are allowed.
func (w Who) pairs(o Who, allowed func(i, j int) bool) (list []pair) {
	for i, x := range w.words {
		for j, y := range o.words {
			if allowed(i, j) && matches(x, y) {
				list = append(list, pair{i, j})
			}
		}
	}
	return list
}

func (w Who) last() int { return len(w.words) - 1 }

// givenPairs are the words that may be the given name of both. A word in the middle of both
// names proves nothing: Juan Carlos Perez and Luis Carlos Gomez share no name.
func (w Who) givenPairs(o Who) []pair {
	return w.pairs(o, func(i, j int) bool {
		return (i == 0 || j == 0) && (i < w.last() || w.last() == 0) && (j < o.last() || o.last() == 0)
	})
}

// familyPairs are the words that may be the family name of both.
func (w Who) familyPairs(o Who) []pair {
	return w.pairs(o, func(i, j int) bool {
		return (i == w.last() || j == o.last()) && (i > 0 || w.last() == 0) && (j > 0 || o.last() == 0)
	})
}

// disjoint tells that a pair of a and a pair of b have no word in common.
func disjoint(a, b []pair) bool {
	return slices.ContainsFunc(a, func(p pair) bool {
		return slices.ContainsFunc(b, func(q pair) bool { return p[0] != q[0] && p[1] != q[1] })
	})
}

// turned tells that one name has the family name first.
func (w Who) turned(o Who) bool { return w.familyFirst(o) || o.familyFirst(w) }

// familyFirst tells that w begins with the last word of o, and has a given name of o behind it.
func (w Who) familyFirst(o Who) bool {
	family := w.pairs(o, func(i, j int) bool { return i == 0 && j == o.last() })
	given := w.pairs(o, func(i, j int) bool { return i > 0 && j < o.last() && (i == w.last() || j == 0) })
	return disjoint(family, given)
}
