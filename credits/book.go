package credits

import (
	"embed"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

// Book is a price book: which credit types there are, what each field costs,
// what is free and for how long, and the plans that are sold (rule G1).
type Book struct {
	Name      string           `yaml:"name"`
	Credits   []string         `yaml:"credits"`    // credit types, in the order shown
	Prices    []Item           `yaml:"prices"`     // what can be bought
	OwnedDays int              `yaml:"owned_days"` // rule C6; 0: nothing is ever owned
	Plans     map[string]*Plan `yaml:"plans"`
	// Reports says what becomes of data that is reported bad (rule C11).
	Reports Reports `yaml:"reports"`
	// ReportDays and ReportsPerPeriod are Reports.Days and Reports.PerMember as older
	// books write them.
	ReportDays       int `yaml:"report_days"`
	ReportsPerPeriod int `yaml:"reports_per_period"`

	byField map[string]*Item
	source  string
}

// Reports bounds what is given back for bad data without the operator's word.
type Reports struct {
	Days      int `yaml:"days"`       // after the charge; 0: nothing can be reported
	PerMember int `yaml:"per_member"` // reports in a period
	// Of a workspace and period: a share of the charges for people's data, in percent,
	// and what may be reported whatever the share is.
	SharePercent int `yaml:"share_percent"`
	AtLeast      int `yaml:"at_least"`
}

// shippedShare is the workspace's cap of a book that names none.
var shippedShare = Reports{SharePercent: 10, AtLeast: 5}

// allows reports whether another report may be answered at once, after so many of the
// member and of the workspace in a period with so many charges.
func (r Reports) allows(member, workspace, charges int64) bool {
	return member < int64(r.PerMember) && workspace < max(int64(r.AtLeast), charges*int64(r.SharePercent)/100)
}

// Source is the book as it was written.
func (b *Book) Source() string { return b.source }

// Item is a line of a price book: one field, or a group of fields that is
// charged together.
type Item struct {
	Name   string   `yaml:"name"`
	Fields []string `yaml:"fields"`
	Credit string   `yaml:"credit"`
	Amount string   `yaml:"price"` // decimal or fraction, as written
	// Per is "field" (each field is charged once per person) or "person" (the
	// group is charged once per person), rule C1.
	Per string `yaml:"per"`
	// VerifiedFreeDays is how long a verified value that the directory already
	// held is free (rule C5); 0: never.
	VerifiedFreeDays int `yaml:"verified_free_days"`
	// Unlock keeps the fields out of a capture that names none (rule U1).
	Unlock bool `yaml:"unlock"`

	price Price
}

// Price is what the item costs.
func (i *Item) Price() Price { return i.price }

// PerPerson reports whether the item's fields are charged together, once.
func (i *Item) PerPerson() bool { return i.Per == "person" }

// Plan is what a workspace subscribes to: an interval and an amount per credit type.
type Plan struct {
	Name     string              `yaml:"-" json:"name"`
	Interval Interval            `yaml:"interval" json:"interval"`
	Credits  map[string]Included `yaml:"credits" json:"credits"`
	// FairUse is read from the book and never kept with a subscription.
	FairUse FairUse `yaml:"fair_use" json:"-"`
}

// Included is what a plan holds of one credit type. A type that a plan does not
// name it does not include: none, not unlimited.
type Included struct {
	Amount  Quota `json:"amount"`
	PerSeat bool  `json:"per_seat,omitempty"`
	// RolloverCap is how much of what was left comes along into the next
	// period (rule G5). 0, as in every shipped book: nothing.
	RolloverCap Amount `json:"rollover_cap,omitempty"`
}

// UnmarshalYAML reads {amount: 15, per: seat, rollover_cap: 5}.
func (i *Included) UnmarshalYAML(b []byte) error {
	var raw struct {
		Amount      string `yaml:"amount"`
		Per         string `yaml:"per"`
		RolloverCap string `yaml:"rollover_cap"`
	}
	if err := yaml.UnmarshalWithOptions(b, &raw, yaml.DisallowUnknownField()); err != nil {
		return err
	}
	if raw.Amount == "unlimited" {
		i.Amount = Unlimited
	} else {
		a, err := ParseAmount(raw.Amount)
		if err != nil || a < 0 {
			return fmt.Errorf("amount %q must be a number of credits or unlimited", raw.Amount)
		}
		i.Amount = Of(a)
	}
	switch raw.Per {
	case "seat":
		i.PerSeat = true
	case "", "workspace":
	default:
		return fmt.Errorf("per %q must be seat or workspace", raw.Per)
	}
	if raw.RolloverCap == "" {
		return nil
	}
	limit, err := ParseAmount(raw.RolloverCap)
	if err != nil || limit < 0 {
		return fmt.Errorf("rollover_cap %q must be a number of credits", raw.RolloverCap)
	}
	i.RolloverCap = limit
	return nil
}

// quota is what the plan gives of a credit type to so many seats.
func (p *Plan) quota(credit string, seats int) Quota {
	in, ok := p.Credits[credit]
	if !ok {
		return Quota{}
	}
	if in.Amount.Unlimited || !in.PerSeat {
		return in.Amount
	}
	if in.Amount.Amount > MaxAmount/Amount(seats) {
		return Of(MaxAmount)
	}
	return Of(in.Amount.Amount * Amount(seats))
}

// ParseBook reads a price book and refuses what it does not know, with a
// sentence that names the line or the key.
func ParseBook(text []byte) (*Book, error) {
	b := &Book{source: string(text)}
	if err := yaml.UnmarshalWithOptions(text, b, yaml.DisallowUnknownField()); err != nil {
		return nil, fmt.Errorf("price book: %w", err)
	}
	if err := b.complete(); err != nil {
		return nil, fmt.Errorf("price book %q: %w", b.Name, err)
	}
	return b, nil
}

func (b *Book) complete() error {
	if b.Name == "" {
		return errors.New("needs a name")
	}
	if len(b.Credits) == 0 {
		return errors.New("names no credit types")
	}
	for _, c := range b.Credits {
		if !validName(c) {
			return fmt.Errorf("credit type %q must be lower case letters, digits and underscores", c)
		}
	}
	if b.OwnedDays < 0 {
		return errors.New("owned_days must not be negative")
	}
	if b.Reports == (Reports{}) {
		b.Reports = shippedShare
		b.Reports.Days, b.Reports.PerMember = b.ReportDays, b.ReportsPerPeriod
	} else if b.ReportDays != 0 || b.ReportsPerPeriod != 0 {
		return errors.New("reports takes the place of report_days and reports_per_period; name only one of them")
	}
	if r := b.Reports; min(r.Days, r.PerMember, r.SharePercent, r.AtLeast) < 0 || r.SharePercent > 100 {
		return errors.New("reports: days, per_member and at_least must not be negative, share_percent must be from 0 to 100")
	}
	b.byField = map[string]*Item{}
	for n := range b.Prices {
		if err := b.completeItem(&b.Prices[n]); err != nil {
			return err
		}
	}
	for name, plan := range b.Plans {
		plan.Name = name
		plan.FairUse.complete()
		switch plan.Interval {
		case Day, Week, Month, Year:
		default:
			return fmt.Errorf("plan %q: interval %q must be day, week, month or year", name, plan.Interval)
		}
		for credit := range plan.Credits {
			if !slices.Contains(b.Credits, credit) {
				return fmt.Errorf("plan %q: %q is not one of the book's credit types", name, credit)
			}
		}
	}
	return nil
}

func (b *Book) completeItem(i *Item) error {
	var err error
	if i.price, err = ParsePrice(i.Amount); err != nil {
		return fmt.Errorf("price of %q: %w", i.Name, err)
	}
	if !slices.Contains(b.Credits, i.Credit) {
		return fmt.Errorf("price of %q: %q is not one of the book's credit types", i.Name, i.Credit)
	}
	switch i.Per {
	case "":
		i.Per = "field"
	case "field", "person":
	default:
		return fmt.Errorf("price of %q: per %q must be field or person", i.Name, i.Per)
	}
	if i.VerifiedFreeDays < 0 {
		return fmt.Errorf("price of %q: verified_free_days must not be negative", i.Name)
	}
	if len(i.Fields) == 0 {
		return fmt.Errorf("price of %q names no fields", i.Name)
	}
	for _, f := range i.Fields {
		if b.byField[f] != nil {
			return fmt.Errorf("field %q has two prices", f)
		}
		b.byField[f] = i
	}
	return nil
}

// Item is the line that prices a field, nil when the book does not sell it.
func (b *Book) Item(field string) *Item { return b.byField[field] }

// Sells reports whether the book knows the credit type.
func (b *Book) Sells(credit string) bool { return slices.Contains(b.Credits, credit) }

// PlanNames lists the plans in alphabetical order.
func (b *Book) PlanNames() []string {
	names := make([]string, 0, len(b.Plans))
	for n := range b.Plans {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}

func validName(s string) bool {
	return s != "" && len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789_") == ""
}

//go:embed books/*.yaml
var shipped embed.FS

// Books is a set of price books by name.
type Books map[string]*Book

// UsualBook is the price book of a workspace that is made without naming one.
const UsualBook = "classic"

// ShippedBooks returns the books that come with the program: every file of the folder books.
func ShippedBooks() Books {
	files, err := shipped.ReadDir("books")
	if err != nil {
		panic(err) // embedded at build
	}
	books := Books{}
	for _, f := range files {
		text, err := shipped.ReadFile("books/" + f.Name())
		if err != nil {
			panic(err) // embedded at build
		}
		book, err := ParseBook(text)
		if err != nil {
			panic(err) // a shipped book is tested
		}
		books[book.Name] = book
	}
	return books
}
