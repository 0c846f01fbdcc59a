package spending

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

const entriesPerPage = 50

// entryFields are the parameters that choose entries, beside the days.
var entryFields = []string{"member", "credit", "field", "outcome", "channel", "kind"}

// entryAsk reads which entries are asked for.
func (v *visit) entryAsk() screen.EntryAsk {
	q := v.URL.Query()
	ask := screen.EntryAsk{Member: q.Get("member"), Credit: q.Get("credit"), Kind: q.Get("kind"), Field: q.Get("field"), Outcome: q.Get("outcome"), Channel: q.Get("channel"), Limit: entriesPerPage}
	if before, err := strconv.ParseInt(q.Get("before"), 10, 64); err == nil && before > 0 {
		ask.Before = before
	}
	return ask
}

func (v *visit) entriesPage() error {
	ask := v.entryAsk()
	l, err := v.App.Screens.Entries(v.Context(), v.Scope, v.rangeAsk(), ask)
	if err != nil {
		return err
	}
	q := v.daysQuery(l.Range)
	p := EntriesPage{
		Page: v.Page, Dates: v.dates("/usage/entries", l.Range, l.Periods, entryFields...), Days: v.daysQuery(l.Range), Back: frame.WithQuery("/usage", q), Entries: v.EntryLinesOf(l.Entries),
	}
	p.Partly = cmp.Or(ask.Credit, ask.Kind, ask.Field, ask.Outcome) != ""
	for _, name := range entryFields {
		if value := v.URL.Query().Get(name); value != "" {
			q.Set(name, value)
		}
	}
	if l.Older > 0 {
		p.Older = frame.WithQuery("/usage/entries", q, "before", frame.Itoa64(l.Older))
	}
	if ask.Before > 0 {
		p.Newest = frame.WithQuery("/usage/entries", q)
	}
	p.CSV = frame.WithQuery("/entries.csv", q)
	v.entryChoices(&p, l, ask)
	p.Page.Title, p.Page.Nav = "Ledger entries", "usage"
	return v.Show(http.StatusOK, Entries(p))
}

// entryChoices offers what the days have.
func (v *visit) entryChoices(p *EntriesPage, l screen.Ledger, ask screen.EntryAsk) {
	p.Members = options(l.Members, ask.Member, "Everybody", func(key string) string {
		if key == "" {
			return "The workspace itself"
		}
		return ""
	})
	p.Fields = options(l.Fields, ask.Field, "Any field", screen.FieldName)
	p.Outcome = options(l.Outcomes, ask.Outcome, "Any outcome", words.OutcomeName)
	p.Channel = options(l.Channels, ask.Channel, "Any channel", screen.ChannelName)
	p.Credits = []frame.Option{{Value: "", Label: "Any type", Selected: ask.Credit == ""}}
	for _, c := range l.Types {
		p.Credits = append(p.Credits, frame.Option{Value: c, Label: words.Capital(c), Selected: ask.Credit == c})
	}
	p.Kinds = []frame.Option{{Value: "", Label: "Any kind", Selected: ask.Kind == ""}}
	for _, k := range []string{unit.KindCharge, unit.KindFree, unit.KindHold, unit.KindRelease, unit.KindRefund, unit.KindGrant} {
		p.Kinds = append(p.Kinds, frame.Option{Value: k, Label: words.Capital(k), Selected: ask.Kind == k})
	}
	spent := words.CostText(l.Spent)
	switch ask.Kind { // day sums know what was spent on how many answers, and no kinds
	case "":
		p.Count = words.Plural(l.Answers, "answer", "answers") + ", " + spent
	case unit.KindCharge:
		p.Count = spent
	}
}

// options are what the days have to choose from; what is chosen is always one, by the name
// that it has without the days.
func options(choices []screen.Choice, chosen, any string, name func(key string) string) []frame.Option {
	list := []frame.Option{{Value: "", Label: any, Selected: chosen == ""}}
	for _, c := range choices {
		list = append(list, frame.Option{Value: orNone(c.Key), Label: c.Name, Selected: orNone(c.Key) == chosen})
	}
	if !slices.ContainsFunc(list, func(o frame.Option) bool { return o.Selected }) {
		key := chosen
		if key == screen.None {
			key = ""
		}
		list = append(list, frame.Option{Value: chosen, Label: cmp.Or(name(key), chosen), Selected: true})
	}
	return list
}

// orNone is how the entries without a value are asked for.
func orNone(key string) string { return cmp.Or(key, screen.None) }

// reportEntry says that what was charged for is bad (rule C11).
func (v *visit) reportEntry() error {
	r, err := v.App.Captures.Report(v.Context(), v.Scope, v.PathValue("entry"), v.PostFormValue("reason"), v.Scope.Request(v.Once()))
	back := "/usage/entries"
	if from, err := url.Parse(v.Referer()); err == nil && from.Host == v.Host && from.Path == back {
		back = cmp.Or(frame.LocalTarget(from.RequestURI()), back) // with its filter
	}
	if to := frame.LocalTarget(v.PostFormValue("back")); strings.HasPrefix(to, "/leads/") {
		back = to // reported beside the value
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
	d, err := v.App.Screens.Days(v.Context(), v.Scope, v.rangeAsk())
	if err != nil {
		return err
	}
	ask := v.entryAsk()
	ask.From, ask.To, ask.Before, ask.Limit = d.From, d.To, 0, 0
	return v.CSV("entries.csv", "", func(write export.Row) error {
		return v.App.Export.Entries(v.Context(), v.Scope, ask.Filter(v.Scope), write)
	})
}
