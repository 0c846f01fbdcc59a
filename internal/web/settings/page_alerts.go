package settings

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// crossingsShown is how many crossings the page has.
const crossingsShown = 50

func (v *visit) alertsPage() error {
	p, err := v.alerts()
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Alerts(p))
}

func (v *visit) alerts() (p AlertsPage, err error) {
	view, err := v.Look()
	if err != nil {
		return p, err
	}
	set, err := v.App.Alerts.Settings(v.Context(), v.Scope, view.Book)
	if err != nil {
		return p, err
	}
	every, err := v.App.Alerts.UsageMail(v.Context(), v.Scope, v.Who.Member)
	if err != nil {
		return p, err
	}
	m, err := v.App.Accounts.Member(v.Context(), v.Scope, v.Who.Member)
	if err != nil {
		return p, err
	}
	recent, err := v.App.Alerts.List(v.Context(), v.Scope, crossingsShown)
	if err != nil {
		return p, err
	}
	p = AlertsPage{Page: v.Page, MailOff: !v.App.Mail.On(), Key: frame.NewKey(), UsageKey: frame.NewKey(), Email: m.Email, Mails: "admins are",
		Every: []frame.Option{{Value: "", Label: "Never", Selected: every == alert.Never}, {Value: alert.Weekly, Label: "Each week, on Monday", Selected: every == alert.Weekly}, {Value: alert.Monthly, Label: "Each month", Selected: every == alert.Monthly}}}
	for _, c := range view.Credits {
		p.Marks = append(p.Marks, AlertMark{Type: c.Credit, Percents: percentText(set[c.Credit]), Now: usedText(c)})
	}
	for _, r := range recent {
		at := frame.MicroTime(r.At)
		p.Recent = append(p.Recent, CrossingLine{Type: r.Credit, When: frame.LongTime(at, view.Current.Zone()), ISO: at.Format(time.RFC3339),
			What: strconv.FormatInt(r.Percent, 10) + "% of " + words.Num(unit.Amount(r.Allowance)), Period: frame.MicroTime(r.PeriodStart).In(view.Current.Zone()).Format("2 Jan 2006")})
	}
	p.Page.Title, p.Page.Nav = "Alerts", "settings"
	return p, nil
}

// usedText is how the share stands now.
func usedText(c credits.CreditView) string {
	if c.Allowance.Unlimited {
		return "Unlimited: there is nothing to run out of."
	}
	return words.Num(c.Used) + " of " + words.Quota(c.Allowance) + " used now."
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

func (v *visit) saveAlerts() error {
	view, err := v.Look()
	if err != nil {
		return err
	}
	change, typed, wrong := alert.Percents{}, map[string]string{}, map[string]string{}
	for _, credit := range view.Book.Credits {
		typed[credit] = v.PostFormValue("percents." + credit)
		if change[credit], err = readPercents(typed[credit]); err != nil {
			wrong[credit] = words.Capital(err.Error()) + "."
		}
	}
	if len(wrong) == 0 {
		_, err = v.App.Alerts.SetSettings(v.Context(), v.Scope, view.Book, change)
		var f *fault.Error
		switch {
		case errors.As(err, &f) && f.Kind == fault.Invalid:
			wrong[strings.TrimPrefix(f.Fields[0].Field, "percents.")] = words.Capital(f.Fields[0].Message) + "."
		case err != nil:
			return err
		default:
			return v.To("/settings/alerts", "success", "Saved. What is reached already is told in a moment.")
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
	return v.Show(http.StatusUnprocessableEntity, Alerts(p))
}

func (v *visit) saveUsageMail() error {
	every := v.PostFormValue("every")
	if err := v.App.Alerts.SetUsageMail(v.Context(), v.Scope, v.Who.Member, every); err != nil {
		return account.FromRefusal(err)
	}
	if every == alert.Never {
		return v.To("/settings/alerts", "success", "Saved. No usage is mailed to you.")
	}
	return v.To("/settings/alerts", "success", "Saved. The first mail comes at the next turn.")
}
