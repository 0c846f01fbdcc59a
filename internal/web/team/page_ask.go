package team

import (
	"errors"
	"net/http"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// maxRequests bounds the wishes on a page.
const maxRequests = 50

func creditOptions(view *credits.View) []frame.Option {
	var list []frame.Option
	for _, c := range view.Book.Credits {
		list = append(list, frame.Option{Value: c, Label: words.Capital(c), Selected: false})
	}
	return list
}

// openRequests are the wishes that wait for an admin (rule D6).
func (v *visit) openRequests() ([]RequestLine, error) {
	rows, err := v.App.Accounts.Requests(v.Context(), v.Scope, account.RequestOpen, "", maxRequests)
	if err != nil {
		return nil, err
	}
	var asked []string
	for _, r := range rows {
		asked = append(asked, r.Member)
	}
	view, err := v.Look(asked...)
	if err != nil {
		return nil, err
	}
	var list []RequestLine
	for _, r := range rows {
		m, err := v.App.Accounts.Member(v.Context(), v.Scope, r.Member)
		if fault.Is(err, fault.NotFound) {
			continue // removed
		}
		if err != nil {
			return nil, err
		}
		list = append(list, requestLine(r, m.Name, view))
	}
	return list, nil
}

func requestLine(r store.CreditRequest, name string, view *credits.View) RequestLine {
	line := RequestLine{ID: r.ID, Key: frame.NewKey(), Name: name, Type: r.Credit, Amount: unit.Amount(r.Amount), Reason: r.Reason, When: frame.LongTime(frame.MicroTime(r.CreatedAt), view.Current.Zone()), Status: r.Status, Said: "waits for an admin"}
	switch r.Status {
	case account.RequestGranted:
		line.Said = "granted " + words.Num(unit.Amount(r.Granted))
	case account.RequestDeclined:
		line.Said = "declined"
	}
	for _, of := range view.Members[r.Member] {
		if of.Credit == r.Credit {
			line.Pool = of.Mode == unit.FromPool
			line.Now = mayUse(of)
		}
	}
	return line
}

func mayUse(of credits.MemberView) string {
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
	case "part":
		amount, err := unit.ParseAmount(strings.TrimSpace(v.PostFormValue("amount")))
		if err != nil || amount <= 0 {
			return v.To("/team", "danger", "Nothing was granted: the part must be a number of credits.")
		}
		decision = account.GrantPart(amount)
	case "none":
		decision = account.Decline()
	default:
		return fault.Wrong("answer", "must be all, part or none")
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

func (v *visit) askPage() error { return v.showAsk(http.StatusOK, AskPage{}) }

func (v *visit) showAsk(status int, p AskPage) error {
	view, err := v.Look(v.Who.Member)
	if err != nil {
		return err
	}
	p.Page, p.Key = v.Page, frame.NewKey()
	chosen := v.FormValue("credit")
	for _, o := range creditOptions(view) {
		o.Selected = o.Value == chosen
		p.Types = append(p.Types, o)
	}
	for _, of := range view.Members[v.Who.Member] {
		has := "you have " + mayUse(of)
		if of.Mode == unit.FromPool {
			has = "you draw on the pool"
		}
		p.Now = append(p.Now, words.Capital(of.Credit)+": "+has+"; "+words.Quota(of.Available)+" available now.")
	}
	err = v.App.Store.View(v.Context(), func(tx *store.Tx) error {
		rows, err := tx.CreditRequests(v.Scope.Workspace.ID, "", store.Only(v.Who.Member), "", maxRequests)
		for _, r := range rows {
			p.Requests = append(p.Requests, requestLine(r, v.Page.UserName, view))
		}
		return err
	})
	if err != nil {
		return err
	}
	p.Page.Title, p.Page.Nav = "Ask for more credits", "team"
	return v.Show(status, Ask(p))
}

// ask notes a member's wish (rule D6).
func (v *visit) ask() error {
	view, err := v.Look()
	if err != nil {
		return err
	}
	p := AskPage{Amount: strings.TrimSpace(v.PostFormValue("amount")), Reason: v.PostFormValue("reason")}
	amount, err := unit.ParseAmount(p.Amount)
	if err != nil || amount <= 0 {
		p.Error = "Must be a number of credits, more than 0."
		return v.showAsk(http.StatusUnprocessableEntity, p)
	}
	_, err = v.MakeOnce(v.Scope.Workspace.ID, func(tx *store.Tx) (string, error) {
		r, err := v.App.Accounts.AskForMore(tx, v.Scope, view.Book, account.NewRequest{Member: v.Who.Member, Credit: v.PostFormValue("credit"), Amount: amount, Reason: p.Reason})
		return r.ID, err
	})
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		p.Error = words.Capital(f.Message) + "."
		return v.showAsk(http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return v.To("/ask", "success", "Asked. Your admins see it on their team page.")
}
