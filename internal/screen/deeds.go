package screen

import (
	"cmp"
	"context"
	"strings"

	"github.com/leadmeter/leadmeter/internal/account"
)

// maxDeeds bounds the deeds of a day that are shown.
const maxDeeds = 100

// Deeds are what was done within a day and can be undone by who looks, newest first.
func (s *Screens) Deeds(ctx context.Context, sc *account.Scope) (list []Deed, err error) {
	names, err := s.actorNames(ctx, sc)
	if err != nil {
		return nil, err
	}
	deeds, err := s.Accounts.Deeds(ctx, sc, maxDeeds)
	for _, d := range deeds {
		if d.Kind == account.LimitsSet {
			member, _, _ := strings.Cut(d.Subject, " ")
			d.About = names[member]
		}
		list = append(list, Deed{d, cmp.Or(names[d.Actor], "A key")}) // one that was revoked, or that the viewer may not see
	}
	return list, err
}
