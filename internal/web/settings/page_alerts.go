package settings

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/alert"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

func (v *visit) alertsPage() error {
	p, err := v.alerts()
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, Alerts(p))
}

func (v *visit) alerts() (p AlertsPage, err error) {
	of, err := v.App.Screens.AlertSettings(v.Context(), v.Scope)
	if err != nil {
		return p, err
	}
	p = AlertsPage{Page: v.Page, MailOff: !v.App.Mail.On(), Key: frame.NewKey(), UsageKey: frame.NewKey(), Email: of.Email, Mails: "admins are",
		Every: []frame.Option{{Value: "", Label: "Never", Selected: of.Every == alert.Never}, {Value: alert.Weekly, Label: "Each week, on Monday", Selected: of.Every == alert.Weekly}, {Value: alert.Monthly, Label: "Each month", Selected: of.Every == alert.Monthly}}}
	for _, c := range of.List {
		p.Marks = append(p.Marks, AlertMark{Type: c.Credit, Percents: percentText(of.Marks[c.Credit]), Now: usedText(c)})
	}
	for _, r := range of.Recent {
		p.Recent = append(p.Recent, CrossingLine{Type: r.Type, When: v.Time(r.At), ISO: r.At.Format(time.RFC3339),
			What: strconv.Itoa(r.Percent) + "% of " + words.Num(r.Allowance), Period: words.FullDay(r.Period, v.Zone)})
	}
	p.Page.Title, p.Page.Nav = "Alerts", "settings"
	return p, nil
}

// usedText is how the share stands now.
func usedText(c screen.Credit) string {
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
	book, err := v.App.Accounts.Book(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	change, typed, wrong := alert.Percents{}, map[string]string{}, map[string]string{}
	for _, credit := range book.Credits {
		typed[credit] = v.PostFormValue("percents." + credit)
		if change[credit], err = readPercents(typed[credit]); err != nil {
			wrong[credit] = words.Capital(err.Error()) + "."
		}
	}
	if len(wrong) == 0 {
		_, err = v.App.Alerts.SetSettings(v.Context(), v.Scope, book, change)
		var f *fault.Error
		switch {
		case errors.As(err, &f) && f.Kind == fault.Invalid:
			wrong[strings.TrimPrefix(f.Fields[0].Field, "percents.")] = words.Capital(f.Fields[0].Message) + "."
		case err != nil:
			return err
		default:
			return v.To("/settings/alerts", "success", "Saved. Alerts for percentages you have already passed are sent within a minute.")
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
