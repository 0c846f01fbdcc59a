package directory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
)

// No list has all the words that companies use for role addresses such as sales@. They give
// themselves away, though: people who have nothing else in common have an address of the same word at different
// companies (halle3@one.example, halle@two.example), and it carries no name of theirs. From then
// on such an address proves nobody to be anybody, as if the word were on the list.

// roleAddress is an address that may be a role address, and the key of its word. The word belongs to the
// first person who has it, until it proves to be a role: then it is contested.
type roleAddress struct{ email, word store.KeyRow }

func roleAddressesOf(strong []store.KeyRow, who lead.Who) (list []roleAddress) {
	for _, k := range strong {
		if k.Kind == lead.KindEmail {
			if word := lead.RoleWord(k.Key, who); word != "" {
				list = append(list, roleAddress{k, store.KeyRow{Kind: byRoleWord, Key: word}})
			}
		}
	}
	return list
}

// asked are the keys whose holders decide about an arrival.
func (a *arrival) asked() []store.KeyRow {
	if len(a.roles) == 0 {
		return a.strong
	}
	keys := append(slices.Clone(a.strong), a.digest()) // which is its key should all be role addresses
	for _, d := range a.roles {
		keys = append(keys, d.word)
	}
	return keys
}

// dropRoleAddresses takes role addresses from what an arrival is recognised by.
func (p *placing) dropRoleAddresses(a *arrival, o *outcome) {
	if len(a.roles) == 0 {
		return
	}
	a.strong = slices.Clone(a.strong)
	for _, d := range a.roles {
		if !p.contested[d.word] && p.elsewhere(d, a.who) {
			p.contest(d.word)
		}
		if !p.contested[d.word] {
			continue
		}
		if !p.contested[d.email] {
			p.contest(d.email)
		}
		a.strong = slices.DeleteFunc(a.strong, func(k store.KeyRow) bool { return k == d.email })
		o.problems = append(o.problems, fmt.Sprintf("%s: people at several companies have an address like this one, as role addresses do; it joins nobody", keyLabel(d.email)))
	}
	a.identify()
}

// elsewhere tells that somebody else, of a contradicting name, has an address of the word at
// another domain.
func (p *placing) elsewhere(d roleAddress, who lead.Who) bool {
	e := p.owner[d.word]
	if e == nil || e.gone {
		return false
	}
	_, domain, _ := strings.Cut(d.email.Key, "@")
	return slices.ContainsFunc(e.units, func(u *unit) bool {
		return lead.Contradict(lead.KindEmail, u.who, who) && slices.ContainsFunc(u.keys, func(k store.KeyRow) bool {
			_, at, _ := strings.Cut(k.Key, "@")
			return k.Kind == lead.KindEmail && at != domain && lead.RoleWord(k.Key, u.who) == d.word.Key
		})
	})
}

// keepRoleWords notes the words of an arrival's addresses with who it is: one that is new, until
// somebody elsewhere has it; and by a role address they are found beside their name.
func (p *placing) keepRoleWords(a *arrival, e *entry) {
	for _, d := range a.roles {
		switch first := p.owner[d.word]; {
		case p.contested[d.word]:
			e.finds = append(e.finds, d.email, ofName(d.email, a.who))
		case first == nil || first.gone:
			p.owner[d.word] = e
			e.finds = append(e.finds, d.word)
		}
	}
}
