package team

import (
	"errors"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// groupLines are the groups that the visitor sees: an admin all, others those that
// they look after or are in.
func (v *visit) groupLines(groups []store.Group, members []store.Member, view *credits.View, sight store.Sight, edit bool) []GroupLine {
	names := map[string]string{}
	for _, m := range members {
		names[m.ID] = m.Name
	}
	var lines []GroupLine
	for _, g := range groups {
		yours := slices.Contains(g.Managers, v.Who.Member)
		if !edit && !yours && !slices.Contains(g.Members, v.Who.Member) {
			continue
		}
		line := GroupLine{ID: g.ID, Name: g.Name, Yours: yours, Managers: listed(g.Managers, names), Members: listed(g.Members, names)}
		whole := !slices.ContainsFunc(g.Members, func(m string) bool { return !sight.Sees(m) })
		for _, c := range view.Book.Credits {
			if !whole {
				break // what the members' limits come to is not theirs to see
			}
			amount, given := g.Budgets[c]
			b := GroupBudget{Type: c, Given: given, Amount: unit.Amount(amount)}
			for _, m := range g.Members {
				for _, of := range view.Members[m] {
					if of.Credit == c && of.Mode == unit.Limited {
						b.Out += of.Amount
					}
				}
			}
			line.Budgets = append(line.Budgets, b)
		}
		if edit {
			form := groupFormOf(g, members, view)
			line.Form, line.DropKey = &form, frame.NewKey()
		}
		lines = append(lines, line)
	}
	return lines
}

func listed(ids []string, names map[string]string) string {
	var list []string
	for _, id := range ids {
		if names[id] != "" {
			list = append(list, names[id])
		}
	}
	if len(list) == 0 {
		return "nobody"
	}
	return strings.Join(list, ", ")
}

func (v *visit) newGroup(members []store.Member, view *credits.View) *GroupForm {
	form := groupFormOf(store.Group{}, members, view)
	return &form
}

func groupFormOf(g store.Group, members []store.Member, view *credits.View) GroupForm {
	f := GroupForm{ID: g.ID, Key: frame.NewKey(), Name: g.Name}
	for _, m := range members {
		f.Members = append(f.Members, frame.Option{Value: m.ID, Label: m.Name, Selected: slices.Contains(g.Members, m.ID)})
		if m.Role != account.Regular {
			f.Managers = append(f.Managers, frame.Option{Value: m.ID, Label: m.Name, Selected: slices.Contains(g.Managers, m.ID)})
		}
	}
	for _, c := range view.Book.Credits {
		amount := ""
		if n, given := g.Budgets[c]; given {
			amount = unit.Amount(n).String()
		}
		f.Budgets = append(f.Budgets, BudgetInput{c, amount})
	}
	return f
}

// saveGroup makes or changes a group.
func (v *visit) saveGroup() error {
	view, err := v.Look()
	if err != nil {
		return err
	}
	g := store.Group{ID: v.PathValue("group"), Name: v.PostFormValue("name"), Members: unique(v.PostForm["member"]), Managers: unique(v.PostForm["manager"]), Budgets: map[string]int64{}}
	for _, c := range view.Book.Credits {
		text := strings.TrimSpace(v.PostFormValue("budget." + c))
		if text == "" {
			continue
		}
		amount, err := unit.ParseAmount(text)
		if err != nil || amount < 0 {
			return v.To("/team", "danger", "The group was not saved: what a manager may give out must be a number of credits.")
		}
		g.Budgets[c] = int64(amount)
	}
	_, err = v.MakeOnce(v.Scope.Workspace.ID, func(tx *store.Tx) (string, error) {
		saved, err := v.App.Accounts.SaveGroup(tx, v.Scope, g)
		return saved.ID, err
	})
	var f *fault.Error
	if errors.As(err, &f) && (f.Kind == fault.Invalid || f.Kind == fault.Conflict) {
		return v.To("/team", "danger", "The group was not saved: "+f.Message+".")
	}
	if err != nil {
		return err
	}
	return v.To("/team", "success", "The group is saved.")
}

func unique(list []string) []string {
	slices.Sort(list)
	return slices.Compact(list)
}

func (v *visit) dropGroup() error {
	if err := v.App.Accounts.DropGroup(v.Context(), v.Scope, v.PathValue("group")); err != nil {
		return err
	}
	return v.To("/team", "success", "The group is gone. Its members and their amounts stay.")
}
