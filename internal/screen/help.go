package screen

import (
	"context"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/words"
)

// Help is what the answers about credits stand on.
type Help struct {
	Credits
	AutoUnlock string // on, off or member
	DailyCap   *unit.Amount
	Everyone   bool // sees the team's usage
	OwnedDays  int  // for how long what was paid for is owned; 0: not at all
	Reports    credits.Reports
	Free       []FreeAnswers // of this period
	// SearchPages is how many pages of search results a member may see in a day; nil: any number.
	SearchPages *int64
}

// FreeAnswers are the answers of this period that one rule made free.
type FreeAnswers struct {
	Outcome string
	Answers int
	Saved   []words.Cost
}

// Help reads it.
func (s *Screens) Help(ctx context.Context, sc *account.Scope) (h Help, err error) {
	view, err := s.look(ctx, sc)
	if err != nil {
		return h, err
	}
	cube, err := s.Reports.Cube(ctx, sc, usage.Ask{})
	if err != nil {
		return h, err
	}
	set := account.SettingsOf(sc.Workspace)
	h = Help{
		Credits: creditsOf(view, ""), AutoUnlock: sc.Workspace.AutoUnlock, DailyCap: set.DailyCap, Everyone: set.UsageVisibleTo == account.VisibleToEveryone,
		OwnedDays: view.Book.OwnedDays, Reports: view.Book.Reports,
	}
	if pages := view.Book.FairUse(view.Current.Plan.Name).SearchPages; !pages.Unlimited {
		h.SearchPages = &pages.Most
	}
	for _, l := range linesOf(cube.Report("outcome", nil), h.Types) {
		if unit.Outcome(l.Key).Free() {
			h.Free = append(h.Free, FreeAnswers{Outcome: l.Key, Answers: l.Answers, Saved: l.Saved})
		}
	}
	return h, nil
}
