package team

import (
	"errors"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// groupLines are the groups that the visitor sees.
func groupLines(t screen.Team) []GroupLine {
	names := map[string]string{}
	for _, m := range t.Members {
		names[m.ID] = m.Name
	}
	var lines []GroupLine
	for _, g := range t.Groups {
		line := GroupLine{ID: g.ID, Name: g.Name, Yours: g.Yours, Managers: listed(g.Managers, names), Members: listed(g.Members, names), Budgets: g.Budgets}
		if t.Edit {
			line.Form, line.DropKey = formOf(g, t), frame.NewKey()
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

// formOf changes a group; one without an id is a new one.
func formOf(g screen.Group, t screen.Team) *GroupForm {
	f := &GroupForm{ID: g.ID, Key: frame.NewKey(), Name: g.Name}
	for _, m := range t.Members {
		f.Members = append(f.Members, frame.Option{Value: m.ID, Label: m.Name, Selected: slices.Contains(g.Members, m.ID)})
		if m.Role != account.Regular {
			f.Managers = append(f.Managers, frame.Option{Value: m.ID, Label: m.Name, Selected: slices.Contains(g.Managers, m.ID)})
		}
	}
	for _, c := range t.Types {
		one := BudgetInput{Type: c}
		for _, b := range g.Budgets {
			if b.Type == c && b.Given {
				one.Amount = b.Amount.String()
			}
		}
		f.Budgets = append(f.Budgets, one)
	}
	return f
}

// saveGroup makes or changes a group.
func (v *visit) saveGroup() error {
	book, err := v.App.Accounts.Book(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	g := account.GroupForm{ID: v.PathValue("group"), Name: v.PostFormValue("name"), Members: unique(v.PostForm["member"]), Managers: unique(v.PostForm["manager"]), Budgets: map[string]unit.Amount{}}
	for _, c := range book.Credits {
		text := strings.TrimSpace(v.PostFormValue("budget." + c))
		if text == "" {
			continue
		}
		amount, err := unit.ParseAmount(text)
		if err != nil || amount < 0 {
			return v.To("/team", "danger", "The group was not saved: what a manager may give out must be a number of credits.")
		}
		g.Budgets[c] = amount
	}
	err = v.App.Accounts.KeepGroup(v.Context(), v.Scope, v.Once(), g)
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
