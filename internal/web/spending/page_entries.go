package spending

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/usage"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

const (
	entriesOnUsage = 20
	entriesPerPage = 50
)

// entryFields are the parameters that choose entries, beside the days.
var entryFields = []string{"member", "credit", "field", "outcome", "channel", "kind"}

// entryFilter reads which entries are asked for.
func (v *visit) entryFilter(d days) store.EntryFilter {
	q := v.URL.Query()
	f := store.EntryFilter{
		Workspace: v.Scope.Workspace.ID, Member: q.Get("member"), Credit: q.Get("credit"), Kind: q.Get("kind"),
		Field: q.Get("field"), Outcome: q.Get("outcome"), Channel: q.Get("channel"), From: d.from.UnixMicro(), To: d.to.UnixMicro(),
	}
	if before, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil && before > 0 {
		f.Before = before
	}
	return f
}

func (v *visit) entriesPage() error {
	view, err := v.Look()
	if err != nil {
		return err
	}
	periods, _, err := v.Periods(view)
	if err != nil {
		return err
	}
	zone := view.Current.Zone()
	d := v.rangeShown(view, periods)
	f := v.entryFilter(d)
	f.Limit = entriesPerPage
	q := d.query(zone)
	p := EntriesPage{
		Page: v.Page, Range: frame.PeriodText(unit.Period{Start: d.from, End: d.to}, zone), From: d.from.In(zone).Format(time.DateOnly),
		To: d.to.In(zone).Add(-time.Nanosecond).Format(time.DateOnly), Error: d.problem, Back: frame.WithQuery("/usage", q),
	}
	if d.earlier {
		p.Period = p.From
	}
	for _, name := range entryFields {
		if value := v.URL.Query().Get(name); value != "" {
			q.Set(name, value)
		}
	}
	var older int64
	if p.Entries, older, err = v.entryRows(view, f, true); err != nil {
		return err
	}
	if older > 0 {
		p.Older = frame.WithQuery("/usage/entries", q, "before", frame.Itoa64(older))
	}
	if f.Before > 0 {
		p.Newest = frame.WithQuery("/usage/entries", q)
	}
	p.CSV = frame.WithQuery("/entries.csv", q)
	if err := v.entryChoices(&p, view, d); err != nil {
		return err
	}
	p.Page.Title, p.Page.Nav = "Ledger entries", "usage"
	return v.Show(http.StatusOK, Entries(p))
}

// entryChoices offers what the days have.
func (v *visit) entryChoices(p *EntriesPage, view *credits.View, d days) error {
	cube, err := v.App.Reports.Cube(v.Context(), v.Scope, usage.Ask{From: d.from, To: d.to})
	if err != nil {
		return err
	}
	names, err := v.App.Accounts.MemberNames(v.Context(), v.Scope)
	if err != nil {
		return err
	}
	names[""] = "The workspace itself"
	q := v.URL.Query()
	p.Members = options(cube, "member", q, "Everybody", func(key string) string { return names[key] })
	p.Fields = options(cube, "field", q, "Any field", func(key string) string {
		if key == "" {
			return "Other charges"
		}
		return words.FieldLabel(key)
	})
	p.Outcome = options(cube, "outcome", q, "Any outcome", words.OutcomeName)
	p.Channel = options(cube, "channel", q, "Any channel", func(key string) string {
		if key == "" {
			return "None"
		}
		return words.ChannelName(key)
	})
	p.Credits = []frame.Option{{Value: "", Label: "Any type", Selected: q.Get("credit") == ""}}
	for _, c := range view.Book.Credits {
		p.Credits = append(p.Credits, frame.Option{Value: c, Label: words.Capital(c), Selected: q.Get("credit") == c})
	}
	p.Kinds = []frame.Option{{Value: "", Label: "Any kind", Selected: q.Get("kind") == ""}}
	for _, k := range []string{unit.KindCharge, unit.KindFree, unit.KindHold, unit.KindRelease, unit.KindRefund, unit.KindGrant} {
		p.Kinds = append(p.Kinds, frame.Option{Value: k, Label: words.Capital(k), Selected: q.Get("kind") == k})
	}
	answers, amounts := cube.Count(q.Get("member"), q.Get("credit"), q.Get("field"), q.Get("outcome"), q.Get("channel"))
	spent := words.CostText(frame.Costs(view.Book, amounts))
	switch q.Get("kind") { // day sums know what was spent on how many answers, and no kinds
	case "":
		p.Count = words.Plural(int(answers), "answer", "answers") + ", " + spent
	case unit.KindCharge:
		p.Count = spent
	}
	return nil
}

// options are the groups of a cube to choose from; what is chosen is always one.
func options(cube *usage.Cube, by string, q url.Values, any string, label func(key string) string) []frame.Option {
	chosen := q.Get(by)
	list := []frame.Option{{Value: "", Label: any, Selected: chosen == ""}}
	for _, g := range cube.Report(by, nil).Data {
		list = append(list, frame.Option{Value: orNone(g.Key), Label: label(g.Key), Selected: orNone(g.Key) == chosen})
	}
	if !slices.ContainsFunc(list, func(o frame.Option) bool { return o.Selected }) {
		key := chosen
		if key == store.None {
			key = ""
		}
		name := label(key)
		if name == "" {
			name = chosen
		}
		list = append(list, frame.Option{Value: chosen, Label: name, Selected: true})
	}
	return list
}

// latestEntries are the newest of the days, and whether there are more.
func (v *visit) latestEntries(view *credits.View, d days) ([]frame.Entry, bool, error) {
	list, older, err := v.entryRows(view, store.EntryFilter{Workspace: v.Scope.Workspace.ID, From: d.from.UnixMicro(), To: d.to.UnixMicro(), Limit: entriesOnUsage}, false)
	return list, older > 0, err
}

// entryRows are a page of what the visitor may see of the ledger; older is where the next one begins, 0 for
// none. With report, what can be reported bad has a form for it.
func (v *visit) entryRows(view *credits.View, f store.EntryFilter, report bool) (list []frame.Entry, older int64, err error) {
	if f.Sight, err = v.App.Accounts.Visible(v.Context(), v.Scope); err != nil {
		return nil, 0, err
	}
	perPage := f.Limit
	f.Limit++
	var rows []store.Entry
	var reports []store.Report
	people := map[string]string{}
	err = v.App.Store.View(v.Context(), func(tx *store.Tx) (err error) {
		if rows, err = tx.Entries(f); err != nil || len(rows) == 0 {
			return err
		}
		if len(rows) > perPage {
			rows = rows[:perPage]
			older = rows[perPage-1].Seq
		}
		if reports, err = tx.ReportsOf(f.Workspace, rows[len(rows)-1].Seq, rows[0].Seq); err != nil {
			return err
		}
		people, err = peopleOf(tx, f.Workspace, rows)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	names, err := v.App.Accounts.MemberNames(v.Context(), v.Scope)
	list = v.EntriesOf(rows, view, names, people)
	for n, e := range rows {
		switch i := slices.IndexFunc(reports, func(r store.Report) bool { return r.Seq == e.Seq }); {
		case i >= 0:
			list[n].Reported = reportText(reports[i].Status)
		case report && e.Kind == unit.KindCharge && e.Field != "" && v.Who.Can(account.ReportData) && view.Book.Reports.Days > 0 &&
			v.Scope.Now.Sub(frame.MicroTime(e.At)) < time.Duration(view.Book.Reports.Days)*24*time.Hour:
			list[n].ReportKey, list[n].Reasons = frame.NewKey(), reasons(lead.Field(e.Field))
			list[n].ReportGives = reportGives(e, view.Current)
		}
	}
	return list, older, err
}

func peopleOf(tx *store.Tx, ws string, rows []store.Entry) (map[string]string, error) {
	people := map[string]string{}
	for _, e := range rows {
		if e.Person == "" || people[e.Person] != "" {
			continue
		}
		l, found, err := tx.Lead(ws, frame.LeadID(e.Person))
		if err != nil {
			return nil, err
		}
		if found {
			people[e.Person] = l.FullName
		}
	}
	return people, nil
}

func reasons(f lead.Field) []frame.Option {
	first := frame.Option{Value: capture.WrongNumber, Label: "Wrong number", Selected: true}
	if f.IsEmail() {
		first = frame.Option{Value: capture.Bounced, Label: "It bounced", Selected: true}
	}
	return []frame.Option{first, {Value: capture.WrongPerson, Label: "Another person’s", Selected: false}}
}

// reportGives says before a report whether the credit comes back, as credits.Report decides it.
func reportGives(e store.Entry, c credits.Current) string {
	switch {
	case c.Cancelled:
		return "The subscription is cancelled, so no credit comes back."
	case !c.Refundable(frame.MicroTime(e.PeriodStart)):
		return "The period that paid is over, so no credit comes back."
	}
	return "The credit comes back."
}

func reportText(status string) string {
	switch status {
	case unit.Refunded:
		return "Reported bad: the credit came back."
	case unit.Closed:
		return "Reported bad after its period."
	case unit.Review:
		return "Reported bad: the operator looks at it."
	}
	return "Reported bad: declined."
}

// reportEntry says that what was charged for is bad (rule C11).
func (v *visit) reportEntry() error {
	r, err := v.App.Desk.Report(v.Context(), v.Scope, v.PathValue("entry"), v.PostFormValue("reason"), v.LedgerRequest(v.Scope))
	back := "/usage/entries"
	if from, err := url.Parse(v.Referer()); err == nil && from.Host == v.Host && from.Path == back {
		back = cmp.Or(frame.LocalTarget(from.RequestURI()), back) // with its filter
	}
	if fault.Is(err, fault.Conflict) || fault.Is(err, fault.Invalid) {
		return v.To(back, "danger", frame.ErrorText(err))
	}
	if err != nil {
		return err
	}
	text := "Reported. These values are not sold to your workspace again."
	switch r.Status {
	case unit.Refunded:
		text = "Reported. " + words.Num(r.Amount) + " " + r.Credit + " came back."
	case unit.Review:
		text = "Reported. You reported many in this period, so the operator looks at it before the credit comes back."
	case unit.Closed:
		text += " The period that paid is over, so no credit comes back."
	}
	return v.To(back, "success", text)
}

func (v *visit) entriesCSV() error {
	view, err := v.Look()
	if err != nil {
		return err
	}
	periods, _, err := v.Periods(view)
	if err != nil {
		return err
	}
	f := v.entryFilter(v.rangeShown(view, periods))
	f.Before = 0
	return v.CSV("entries.csv", "", func(write export.Row) error { return v.App.Export.Entries(v.Context(), v.Scope, f, write) })
}
