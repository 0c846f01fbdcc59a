package web

import (
	"errors"
	"net/http"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/store"
)

// maxRequests bounds the wishes on a page.
const maxRequests = 50

func creditOptions(view *credits.View) []Option {
	var list []Option
	for _, c := range view.Book.Credits {
		list = append(list, Option{c, capital(c), false})
	}
	return list
}

// openRequests are the wishes that wait for an admin (rule D6).
func (v *visit) openRequests() ([]RequestLine, error) {
	rows, err := v.app.Accounts.Requests(v.Context(), v.scope, account.RequestOpen, "", maxRequests)
	if err != nil {
		return nil, err
	}
	var asked []string
	for _, r := range rows {
		asked = append(asked, r.Member)
	}
	view, err := v.look(asked...)
	if err != nil {
		return nil, err
	}
	var list []RequestLine
	for _, r := range rows {
		m, err := v.app.Accounts.Member(v.Context(), v.scope, r.Member)
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
	line := RequestLine{ID: r.ID, Key: newKey(), Name: name, Type: r.Credit, Amount: credits.Amount(r.Amount), Reason: r.Reason, When: longTime(microTime(r.CreatedAt), view), Status: r.Status, Said: "waits for an admin"}
	switch r.Status {
	case account.RequestGranted:
		line.Said = "granted " + num(credits.Amount(r.Granted))
	case account.RequestDeclined:
		line.Said = "declined"
	}
	for _, of := range view.Members[r.Member] {
		if of.Credit == r.Credit {
			line.Pool = of.Mode == credits.FromPool
			line.Now = mayUse(of)
		}
	}
	return line
}

func mayUse(of credits.MemberView) string {
	switch of.Mode {
	case credits.Limited:
		return "at most " + num(of.Amount) + " from the pool"
	case credits.Assigned:
		return num(of.Amount) + " assigned"
	}
	return "draws on the pool"
}

// decideRequest grants all, part or none of a wish.
func (a *App) decideRequest(v *visit) error {
	var decision account.Decision
	switch v.PostFormValue("answer") {
	case "all":
		decision = account.GrantAll()
	case "part":
		amount, err := credits.ParseAmount(strings.TrimSpace(v.PostFormValue("amount")))
		if err != nil || amount <= 0 {
			return v.to("/team", "danger", "Nothing was granted: the part must be a number of credits.")
		}
		decision = account.GrantPart(amount)
	case "none":
		decision = account.Decline()
	default:
		return fault.Wrong("answer", "must be all, part or none")
	}
	r, err := a.Accounts.DecideRequest(v.Context(), v.scope, v.PathValue("request"), decision)
	if fault.Is(err, fault.Invalid) {
		return v.to("/team", "danger", "Nothing was granted: "+faultText(err)+".")
	}
	text, refused := refusalText(err)
	if fault.Is(err, fault.Conflict) || refused {
		if !refused {
			text = errorText(err)
		}
		return v.to("/team", "danger", "Nothing was granted: "+text)
	}
	if err != nil {
		return err
	}
	if r.Status == account.RequestDeclined {
		return v.to("/team", "success", "Declined. The member sees it.")
	}
	return v.to("/team", "success", "Granted "+num(credits.Amount(r.Granted))+" "+r.Credit+". It counts at once.")
}

func (a *App) askPage(v *visit) error { return v.showAsk(http.StatusOK, AskPage{}) }

func (v *visit) showAsk(status int, p AskPage) error {
	view, err := v.look(v.who.Member)
	if err != nil {
		return err
	}
	p.Page, p.Key = v.page, newKey()
	chosen := v.FormValue("credit")
	for _, o := range creditOptions(view) {
		o.Selected = o.Value == chosen
		p.Types = append(p.Types, o)
	}
	for _, of := range view.Members[v.who.Member] {
		has := "you have " + mayUse(of)
		if of.Mode == credits.FromPool {
			has = "you draw on the pool"
		}
		p.Now = append(p.Now, capital(of.Credit)+": "+has+"; "+quota(of.Available)+" available now.")
	}
	err = v.app.Store.View(v.Context(), func(tx *store.Tx) error {
		rows, err := tx.CreditRequests(v.scope.Workspace.ID, "", store.Only(v.who.Member), "", maxRequests)
		for _, r := range rows {
			p.Requests = append(p.Requests, requestLine(r, v.page.UserName, view))
		}
		return err
	})
	if err != nil {
		return err
	}
	p.Page.Title, p.Page.Nav = "Ask for more credits", "team"
	return v.show(status, Ask(p))
}

// ask notes a member's wish (rule D6).
func (a *App) ask(v *visit) error {
	view, err := v.look()
	if err != nil {
		return err
	}
	p := AskPage{Amount: strings.TrimSpace(v.PostFormValue("amount")), Reason: v.PostFormValue("reason")}
	amount, err := credits.ParseAmount(p.Amount)
	if err != nil || amount <= 0 {
		p.Error = "Must be a number of credits, more than 0."
		return v.showAsk(http.StatusUnprocessableEntity, p)
	}
	_, err = v.makeOnce(v.scope.Workspace.ID, func(tx *store.Tx) (string, error) {
		r, err := a.Accounts.AskForMore(tx, v.scope, view.Book, account.NewRequest{Member: v.who.Member, Credit: v.PostFormValue("credit"), Amount: amount, Reason: p.Reason})
		return r.ID, err
	})
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		p.Error = capital(f.Message) + "."
		return v.showAsk(http.StatusUnprocessableEntity, p)
	}
	if err != nil {
		return err
	}
	return v.to("/ask", "success", "Asked. Your admins see it on their team page.")
}
