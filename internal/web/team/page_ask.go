package team

import (
	"cmp"
	"errors"
	"net/http"
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

func creditOptions(types []string) []frame.Option {
	var list []frame.Option
	for _, c := range types {
		list = append(list, frame.Option{Value: c, Label: words.Capital(c), Selected: false})
	}
	return list
}

func (v *visit) requestLines(list []screen.Request) (lines []RequestLine) {
	for _, r := range list {
		line := RequestLine{
			ID: r.ID, Key: frame.NewKey(), Name: r.Name, Type: r.Type, Amount: r.Amount, Reason: r.Reason, When: v.Time(r.At), Status: r.Status,
			Said: "waits for an admin", Pool: r.Now.Mode == unit.FromPool, Now: mayUse(r.Now),
		}
		switch r.Status {
		case account.RequestGranted:
			line.Said = "granted " + words.Num(r.Granted)
		case account.RequestDeclined:
			line.Said = "declined"
		}
		lines = append(lines, line)
	}
	return lines
}

func mayUse(of screen.Share) string {
	switch of.Mode {
	case unit.Limited:
		return "at most " + words.Num(of.Amount) + " from the pool"
	case unit.Assigned:
		return words.Num(of.Amount) + " assigned"
	}
	return "draws on the pool"
}

// decideRequest grants all, part or none of a wish.
func (v *visit) decideRequest() error {
	var decision account.Decision
	switch v.PostFormValue("answer") {
	case "all":
		decision = account.GrantAll()
	case "part", "assign":
		amount, err := unit.ParseAmount(strings.TrimSpace(v.PostFormValue("amount")))
		if err != nil || amount <= 0 {
			return v.To("/team", "danger", "Nothing was granted: the amount must be a number of credits, more than 0.")
		}
		if decision = account.GrantPart(amount); v.PostFormValue("answer") == "assign" {
			decision = account.Assign(amount)
		}
	case "none":
		decision = account.Decline()
	default:
		return fault.Wrong("answer", "must be all, part, assign or none")
	}
	r, err := v.App.Accounts.DecideRequest(v.Context(), v.Scope, v.PathValue("request"), decision)
	if fault.Is(err, fault.Invalid) { // the one thing that can be wrong is the part
		names, err := v.App.Accounts.MemberNames(v.Context(), v.Scope)
		if err != nil {
			return err
		}
		asked := words.Num(unit.Amount(r.Amount))
		return v.To("/team", "danger", "Nothing was granted. Enter an amount above 0, up to "+asked+". "+frame.NameOr(names, r.Member)+" asked for "+asked+".")
	}
	text, refused := frame.RefusalText(err)
	if fault.Is(err, fault.Conflict) || refused {
		if !refused {
			text = frame.ErrorText(err)
		}
		return v.To("/team", "danger", "Nothing was granted: "+text)
	}
	if err != nil {
		return err
	}
	if r.Status == account.RequestDeclined {
		return v.To("/team", "success", "Declined. The member sees it.")
	}
	return v.To("/team", "success", "Granted "+words.Num(unit.Amount(r.Granted))+" "+r.Credit+". It counts at once.")
}

func (v *visit) askPage() error {
	return v.showAsk(http.StatusOK, AskPage{Amount: v.URL.Query().Get("amount")})
}

func (v *visit) showAsk(status int, p AskPage) error {
	of, err := v.App.Screens.Asking(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	p.Page, p.Key = v.Page, frame.NewKey()
	chosen := v.FormValue("credit")
	for _, o := range creditOptions(of.Types) {
		o.Selected = o.Value == chosen
		p.Types = append(p.Types, o)
	}
	for _, mine := range of.Mine {
		has, can := "you have "+mayUse(mine), "An admin can raise it."
		if mine.Mode == unit.FromPool {
			has, can = "you draw on the pool", "An admin can assign you credits of your own, or ask the operator for an add-on to the pool."
		}
		p.Now = append(p.Now, words.Capital(mine.Credit)+": "+has+"; "+words.Quota(mine.Available)+" available now. "+can)
	}
	p.Requests = v.requestLines(of.Requests)
	p.Page.Title, p.Page.Nav = "Ask for more credits", "team"
	return v.Show(status, Ask(p))
}

// ask notes a member's wish (rule D6).
func (v *visit) ask() error {
	p := AskPage{Amount: strings.TrimSpace(v.PostFormValue("amount")), Reason: v.PostFormValue("reason")}
	amount, err := unit.ParseAmount(p.Amount)
	if err != nil || amount <= 0 {
		p.Error = "Must be a number of credits, more than 0."
		return v.showAsk(http.StatusUnprocessableEntity, p)
	}
	credit := v.PostFormValue("credit")
	asked, err := v.App.Accounts.Ask(v.Context(), v.Scope, v.Once(), account.NewRequest{Member: v.Who.Member, Credit: credit, Amount: amount, Reason: p.Reason})
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		p.Error = words.Capital(f.Message) + "."
		return v.showAsk(http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	text := "Asked. Your admins see it on their team page."
	if asked > 0 {
		text = "You asked for " + words.CostText([]words.Cost{{Type: credit, Amount: asked}}) + " already. Your admins see it on their team page."
	}
	return v.To(cmp.Or(frame.LocalTarget(v.PostFormValue("back")), "/ask"), "success", text)
}
