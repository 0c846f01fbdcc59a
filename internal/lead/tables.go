package lead

import (
	_ "embed"
	"strings"
	"sync"
)

// The tables that say which values identify nobody and which names are one. Each file
// states its source.
var (
	//go:embed roles.txt
	rolesText string
	//go:embed placeholders.txt
	placeholdersText string
	//go:embed nicknames.txt
	nicknamesText string
	//go:embed nicknames_more.txt
	moreNicknamesText string
)

// lines are a table's lines without its comments.
func lines(text string) []string {
	var list []string
	for line := range strings.SplitSeq(text, "\n") {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			list = append(list, line)
		}
	}
	return list
}

var roles = sync.OnceValue(func() map[string]bool { return set(strings.Join(lines(rolesText), " ")) })

var placeholders = sync.OnceValue(func() map[string]bool { return set(strings.Join(lines(placeholdersText), " ")) })

// beginnings are the letters that a word and its other forms begin with.
var beginnings = sync.OnceValue(func() map[string]string {
	letters := map[string]string{}
	for _, line := range append(lines(nicknamesText), lines(moreNicknamesText)...) {
		words, all := strings.Fields(line), ""
		for i, w := range words {
			if words[i] = loosely(w); words[i] != "" {
				all += words[i][:1]
			}
		}
		for _, w := range words {
			letters[w] += all
		}
	}
	return letters
})

// nicknames are the names that a word may be short for, itself among them, all folded as
// by loosely.
var nicknames = sync.OnceValue(func() map[string][]string {
	full := map[string][]string{}
	for _, line := range append(lines(nicknamesText), lines(moreNicknamesText)...) {
		words := strings.Fields(line)
		name := loosely(words[0])
		for _, w := range words {
			if w = loosely(w); w != "" {
				full[w] = append(full[w], name)
			}
		}
	}
	return full
})
