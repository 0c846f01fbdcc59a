package web

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/fault"
)

// crossingsShown is how many crossings the page has.
const crossingsShown = 50

func (a *App) alertsPage(v *visit) error {
	p, err := v.alerts()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, Alerts(p))
}

func (v *visit) alerts() (p AlertsPage, err error) {
	view, err := v.look()
	if err != nil {
		return p, err
	}
	set, err := v.app.Alerts.Settings(v.Context(), v.scope, view.Book)
	if err != nil {
		return p, err
	}
	every, err := v.app.Alerts.UsageMail(v.Context(), v.scope, v.who.Member)
	if err != nil {
		return p, err
	}
	m, err := v.app.Accounts.Member(v.Context(), v.scope, v.who.Member)
	if err != nil {
		return p, err
	}
	recent, err := v.app.Alerts.List(v.Context(), v.scope, crossingsShown)
	if err != nil {
		return p, err
	}
	p = AlertsPage{Page: v.page, MailOff: !v.app.Mail.On(), Key: newKey(), UsageKey: newKey(), Email: m.Email, Mails: "admins are",
		Every: []Option{{"", "Never", every == alert.Never}, {alert.Weekly, "Each week, on Monday", every == alert.Weekly}, {alert.Monthly, "Each month", every == alert.Monthly}}}
	for _, c := range view.Credits {
		p.Marks = append(p.Marks, AlertMark{Type: c.Credit, Percents: percentText(set[c.Credit]), Now: usedText(c)})
	}
	for _, r := range recent {
		at := microTime(r.At)
		p.Recent = append(p.Recent, CrossingLine{Type: r.Credit, When: longTime(at, view), ISO: at.Format(time.RFC3339),
			What: strconv.FormatInt(r.Percent, 10) + "% of " + num(credits.Amount(r.Allowance)), Period: microTime(r.PeriodStart).In(view.Current.Zone()).Format("2 Jan 2006")})
	}
	p.Page.Title, p.Page.Nav = "Alerts", "settings"
	return p, nil
}

// usedText is how the share stands now.
func usedText(c credits.CreditView) string {
	if c.Allowance.Unlimited {
		return "Unlimited: there is nothing to run out of."
	}
	return num(c.Used) + " of " + quota(c.Allowance) + " used now."
}

func percentText(list []int64) string {
	var texts []string
	for _, p := range list {
		texts = append(texts, strconv.FormatInt(p, 10))
	}
	return strings.Join(texts, ", ")
}

// readPercents reads what somebody typed: numbers, with commas or spaces between.
func readPercents(text string) ([]int64, error) {
	list := []int64{}
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '%' }) {
		n, err := strconv.ParseInt(word, 10, 64)
		if err != nil {
			return nil, errors.New("must be whole percentages from 1 to 100, such as 80, 100")
		}
		list = append(list, n)
	}
	return list, nil
}

func (a *App) saveAlerts(v *visit) error {
	view, err := v.look()
	if err != nil {
		return err
	}
	change, typed, wrong := alert.Percents{}, map[string]string{}, map[string]string{}
	for _, credit := range view.Book.Credits {
		typed[credit] = v.PostFormValue("percents." + credit)
		if change[credit], err = readPercents(typed[credit]); err != nil {
			wrong[credit] = capital(err.Error()) + "."
		}
	}
	if len(wrong) == 0 {
		_, err = a.Alerts.SetSettings(v.Context(), v.scope, view.Book, change)
		var f *fault.Error
		switch {
		case errors.As(err, &f) && f.Kind == fault.Invalid:
			wrong[strings.TrimPrefix(f.Fields[0].Field, "percents.")] = capital(f.Fields[0].Message) + "."
		case err != nil:
			return err
		default:
			return v.to("/settings/alerts", "success", "Saved. What is reached already is told in a moment.")
		}
	}
	p, err := v.alerts()
	if err != nil {
		return err
	}
	for n := range p.Marks {
		m := &p.Marks[n]
		m.Percents, m.Error = typed[m.Type], wrong[m.Type]
	}
	return v.show(http.StatusUnprocessableEntity, Alerts(p))
}

func (a *App) saveUsageMail(v *visit) error {
	every := v.PostFormValue("every")
	if err := a.Alerts.SetUsageMail(v.Context(), v.scope, v.who.Member, every); err != nil {
		return account.FromRefusal(err)
	}
	if every == alert.Never {
		return v.to("/settings/alerts", "success", "Saved. No usage is mailed to you.")
	}
	return v.to("/settings/alerts", "success", "Saved. The first mail comes at the next turn.")
}
