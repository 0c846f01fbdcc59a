package screen

import (
	"context"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/words"
)

// CaptureForm is what a capture can ask for, and what that costs.
type CaptureForm struct {
	Credits
	Fields []CaptureField
	Plain  []lead.Field // what a capture asks for that names nothing
	Lists  []string
	Prices Prices
}

// Prices is what each combination of fields that are sold costs at most, by the fields joined by
// commas.
type Prices map[string][]words.Cost

func pricesOf(book *credits.Book) Prices {
	return credits.Combined(sold(itemsOf(book)), func(fields []string) []words.Cost { return costs(book.Credits, book.AtMost(fields)) })
}

// sold are the fields that a price book sells.
func sold(items Items) (fields []string) {
	for _, f := range lead.Fields {
		if items.Of(string(f)) != nil {
			fields = append(fields, string(f))
		}
	}
	return fields
}

// Prices reads them, with what is sold.
func (s *Screens) Prices(ctx context.Context, sc *account.Scope) (Items, Prices, error) {
	view, err := s.look(ctx, sc)
	if err != nil {
		return nil, nil, err
	}
	return itemsOf(view.Book), pricesOf(view.Book), nil
}

// CaptureField is a field that is sold.
type CaptureField struct {
	Field  string
	AtMost words.Cost
	Plain  bool // a plain capture asks for it
	Auto   bool // because the setting unlocks it
}

// CaptureForm reads it.
func (s *Screens) CaptureForm(ctx context.Context, sc *account.Scope) (c CaptureForm, err error) {
	view, err := s.look(ctx, sc, own(sc)...)
	if err != nil {
		return c, err
	}
	auto, err := s.Accounts.AutoUnlocks(ctx, sc, sc.Member)
	if err != nil {
		return c, err
	}
	c.Credits, c.Plain = creditsOf(view, sc.Member), capture.PlainFields(view.Book, auto)
	for _, f := range sold(c.Items) {
		item := c.Items.Of(f)
		c.Fields = append(c.Fields, CaptureField{
			Field: f, AtMost: words.Cost{Type: item.Type, Amount: item.AtMost}, Plain: !item.Unlock || auto, Auto: item.Unlock && auto,
		})
	}
	c.Prices = pricesOf(view.Book)
	c.Lists, err = s.Captures.Lists(ctx, sc)
	return c, err
}

// AtMost is what fields cost at most, in whatever order they are named.
func (c CaptureForm) AtMost(fields []string) []words.Cost {
	var sold []string
	for _, f := range c.Fields {
		if slices.Contains(fields, f.Field) {
			sold = append(sold, f.Field)
		}
	}
	if len(sold) == 0 {
		return c.Costs(nil)
	}
	return c.Prices[strings.Join(sold, ",")]
}

// Job is a bulk capture as it is now.
type Job struct {
	bulk.Job
	Who                             string // began it
	Min, Likely, Most, Charged, Cap []words.Cost
	MayOrder                        bool // the viewer may start and stop it
	// Stops are the limits that would let nothing be captured, one a credit type, and Left is what
	// may be spent of each that is needed and is less than it may cost; Job alone sets them.
	Stops []Stopped
	Left  []words.Cost
}

// Jobs are the newest bulk captures.
func (s *Screens) Jobs(ctx context.Context, sc *account.Scope, limit int) (list []Job, err error) {
	jobs, err := s.Bulk.Jobs(ctx, sc, "", limit)
	if err != nil {
		return nil, err
	}
	return s.jobs(ctx, sc, jobs)
}

// Job reads one bulk capture.
func (s *Screens) Job(ctx context.Context, sc *account.Scope, id string) (Job, error) {
	j, err := s.Bulk.Job(ctx, sc, id)
	if err != nil {
		return Job{}, err
	}
	list, err := s.jobs(ctx, sc, []bulk.Job{j})
	if err != nil {
		return Job{}, err
	}
	return list[0], s.affordable(ctx, sc, &list[0])
}

func (s *Screens) jobs(ctx context.Context, sc *account.Scope, jobs []bulk.Job) (list []Job, err error) {
	c, err := s.Credits(ctx, sc)
	if err != nil {
		return nil, err
	}
	names, err := s.Accounts.MemberNames(ctx, sc)
	for _, j := range jobs {
		one := Job{Job: j, Who: names[j.Member], Charged: c.Costs(j.Charged)}
		one.MayOrder = sc.Can(account.CaptureMany) && (sc.Manages() || j.Member != "" && j.Member == sc.Member)
		if len(j.Cap) > 0 {
			one.Cap = c.Costs(j.Cap)
		}
		for _, t := range c.Types {
			e := j.Estimate[t]
			one.Min = append(one.Min, words.Cost{Type: t, Amount: e.Min})
			one.Likely = append(one.Likely, words.Cost{Type: t, Amount: e.Likely})
			one.Most = append(one.Most, words.Cost{Type: t, Amount: e.Max})
		}
		list = append(list, one)
	}
	return list, err
}
