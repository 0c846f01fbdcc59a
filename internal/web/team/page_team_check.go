package team

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// checkWithin bounds how long a page may run the past again.
const checkWithin = 8 * time.Second

// fillTeam fills one amount in for the members that are ticked. It saves nothing.
func (v *visit) fillTeam() error {
	if _, _, err := v.teamForm(); err != nil {
		return err
	}
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
	members, view, err := v.teamForm()
	if err != nil {
		return err
	}
	changes, problems := v.allocationChanges(members, view)
	if len(problems) > 0 {
		return v.refuseTeam("Nothing was checked: an amount is not a number of credits.", problems)
	}
	p, err := v.retyped(map[string]string{})
	if err != nil {
		return err
	}
	if p.Check, err = v.whatIf(members, view, changes); err != nil {
		return err
	}
	return v.Show(http.StatusOK, Team(p))
}

// whatIf runs last period again, as it is and with the changes; where there was no
// earlier period, the one that runs.
func (v *visit) whatIf(members []store.Member, view *credits.View, changes []allocationChange) (*WhatIf, error) {
	ctx, cancel := context.WithTimeout(v.Context(), checkWithin)
	defer cancel()
	periods, _, err := v.Periods(view)
	if err != nil {
		return nil, err
	}
	p, w := periods[0], &WhatIf{Note: "This period so far: there was no earlier one with use. "}
	if len(periods) > 1 {
		p, w.Note = periods[1], ""
	}
	w.Note += "What was refused at the time is not known, so it is not counted. Plans and seats are those of today."
	w.Period = frame.PeriodText(p, view.Current.Zone())
	ask := credits.WhatIf{From: p.Start, To: p.End, Workspace: v.Scope.Workspace.ID}
	var now, then credits.WouldBe
	err = v.App.Ledger.Rerun(ctx, ask, func(r credits.WouldBe) { now = r })
	if err == nil {
		set := map[string]map[string]unit.Allocation{}
		for _, c := range changes {
			if set[c.member] == nil {
				set[c.member] = map[string]unit.Allocation{}
			}
			set[c.member][c.credit] = c.set
		}
		ask.Allocations = map[string]map[string]map[string]unit.Allocation{v.Scope.Workspace.ID: set}
		if err = v.App.Ledger.Rerun(ctx, ask, func(r credits.WouldBe) { then = r }); err == nil {
			w.tell(now, then, members, view)
			return w, nil
		}
	}
	if errors.Is(err, context.DeadlineExceeded) && v.Context().Err() == nil {
		w.Note = "There is too much history to check it here in time. Nothing is saved; the operator can run leadmeter replay."
		return w, nil
	}
	return nil, err
}

// tell writes who would have been stopped, and when first.
func (w *WhatIf) tell(now, then credits.WouldBe, members []store.Member, view *credits.View) {
	w.Now, w.Then = now.Stops, then.Stops
	for _, s := range then.Stopped {
		name := "The workspace itself"
		if n := slices.IndexFunc(members, func(m store.Member) bool { return m.ID == s.Member }); n >= 0 {
			name = members[n].Name
		} else if s.Member != "" {
			name = "Somebody who was removed"
		}
		when := frame.LongTime(s.At, view.Current.Zone())
		w.Stops = append(w.Stops, WhatIfStop{When: when, Name: name, Why: s.Refusal.Message})
		n := slices.IndexFunc(w.Members, func(l WhatIfLine) bool { return l.Name == name })
		if n < 0 {
			n = len(w.Members)
			w.Members = append(w.Members, WhatIfLine{Name: name, First: when})
		}
		w.Members[n].Times++
	}
	w.More = then.Stops - len(then.Stopped)
	if w.More > 0 {
		w.Note += " The table counts the first " + words.Count(len(then.Stopped)) + "."
	}
}
