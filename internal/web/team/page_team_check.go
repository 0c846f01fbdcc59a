package team

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/words"
)

// fillTeam fills one amount in for the members that are ticked. It saves nothing.
func (v *visit) fillTeam() error {
	credit, mode, amount := v.PostFormValue("bulk.credit"), v.PostFormValue("bulk.mode"), strings.TrimSpace(v.PostFormValue("bulk.amount"))
	chosen := v.PostForm["chosen"]
	if len(chosen) == 0 {
		return v.refuseTeam("Nothing was filled in: tick the members first.", map[string]string{})
	}
	if n, err := unit.ParseAmount(amount); mode != unit.FromPool && (err != nil || n < 0) {
		return v.refuseTeam("Nothing was filled in: the amount must be a number of credits; 0 is none.", map[string]string{})
	}
	if mode == unit.FromPool {
		amount = ""
	}
	for _, id := range chosen {
		v.PostForm.Set("mode."+id+"."+credit, mode)
		v.PostForm.Set("amount."+id+"."+credit, amount)
	}
	p, err := v.retyped(map[string]string{})
	if err != nil {
		return err
	}
	p.Filled = "Filled in for " + words.Plural(len(chosen), "member", "members") + ". Nothing is saved yet: check it, then save."
	return v.Show(http.StatusOK, Team(p))
}

// checkTeam shows how last period would have gone with the amounts as typed. It
// saves nothing.
func (v *visit) checkTeam() error {
	t, err := v.App.Screens.Team(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	changes, problems := v.allocationChanges(t.Members)
	if len(problems) > 0 {
		return v.refuseTeam("Nothing was checked: an amount is not a number of credits.", problems)
	}
	p, err := v.retyped(map[string]string{})
	if err != nil {
		return err
	}
	if p.Check, err = v.whatIf(changes); err != nil {
		return err
	}
	return v.Show(http.StatusOK, Team(p))
}

// whatIf runs last period again, as it is and with the changes; where there was no
// earlier period, the one that runs.
func (v *visit) whatIf(changes []allocationChange) (*WhatIf, error) {
	limits := map[string]map[string]unit.Allocation{}
	for _, c := range changes {
		if limits[c.member] == nil {
			limits[c.member] = map[string]unit.Allocation{}
		}
		limits[c.member][c.credit] = c.set
	}
	t, err := v.App.Screens.Trial(v.Context(), v.Scope, limits)
	if err != nil {
		return nil, err
	}
	w := &WhatIf{Period: words.PeriodText(t.Period, v.Zone), Now: t.Now, Then: t.Then}
	if t.Endless {
		w.Note = "There is too much history to check it here in time. Nothing is saved; the operator can run leadmeter replay."
		return w, nil
	}
	if t.Runs {
		w.Note = "This period so far: there was no earlier one with use. "
	}
	w.Note += "What was refused at the time is not known, so it is not counted. Plans and seats are those of today."
	w.tell(t, v.Zone)
	return w, nil
}

// tell writes who would have been stopped, and when first.
func (w *WhatIf) tell(t screen.Trial, zone *time.Location) {
	for _, s := range t.Stops {
		when := words.DayTime(s.At, zone)
		w.Stops = append(w.Stops, WhatIfStop{When: when, Name: s.Who, Why: s.Why})
		n := slices.IndexFunc(w.Members, func(l WhatIfLine) bool { return l.Name == s.Who })
		if n < 0 {
			n = len(w.Members)
			w.Members = append(w.Members, WhatIfLine{Name: s.Who, First: when})
		}
		w.Members[n].Times++
	}
	if w.More = t.Then - len(t.Stops); w.More > 0 {
		w.Note += " The table counts the first " + words.Count(len(t.Stops)) + "."
	}
}
