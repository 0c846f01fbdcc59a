package capture

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/ident"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

// looked is what a lookup came to: who, what was found, and what was set aside
// for it.
type looked struct {
	match    directory.Match
	findings []credits.Finding
	holds    []string
	at       time.Time // when it ended, by the workspace's clock
	asked    bool      // a source, which took its time
	before   string    // the person's name before it was asked; empty: nobody was known
}

// wish is a field that a capture asks for.
type wish struct {
	field lead.Field
	auto  bool
	ask   bool // a source is asked for it
	price credits.Amount
	item  *credits.Item
	// What came of setting its price aside: a hold, or why there is none.
	hold    string
	refused *credits.Refusal
}

// look finds the person and what is known of the fields asked for. What the
// directory does not know is asked of the sources: first the credits are held,
// field by field in the order asked, then the sources are asked with no
// transaction open. A field that nothing can be held for is not looked up.
func (svc *Service) look(ctx context.Context, s *account.Scope, ask Ask, member string) (*looked, error) {
	began := time.Now()
	var c choice
	if err := svc.Store.Snapshot(ctx, func(ctx context.Context) (err error) {
		c, err = svc.choose(ctx, s, ask, member)
		return err
	}); err != nil {
		return nil, err
	}
	ask.Person = c.ref
	match, wishes := c.match, c.wishes
	l := &looked{match: match, at: s.Now}
	if !c.asking {
		if c.unknown != nil {
			return nil, c.unknown
		}
		for _, w := range wishes {
			l.findings = append(l.findings, w.finding(match))
		}
		return l, nil
	}
	l.asked, l.before = true, match.Person.Name()
	if err := svc.hold(ctx, s, ask, member, wishes, l); err != nil {
		svc.release(ctx, s, l)
		return nil, err
	}
	if err := svc.search(ctx, s, ask, wishes, l); err != nil {
		svc.release(ctx, s, l)
		return nil, err
	}
	if s.Workspace.Clock == "" {
		l.at = s.Now.Add(time.Since(began))
	}
	return l, nil
}

// choice is whom a capture means and what it asks for, as one state of the database has it.
type choice struct {
	ref     lead.Reference // as it may be used
	match   directory.Match
	unknown error // the directory knows nobody; a source may
	wishes  []wish
	asking  bool // a source is asked
}

func (svc *Service) choose(ctx context.Context, s *account.Scope, ask Ask, member string) (c choice, err error) {
	ref, key, err := svc.payable(ctx, s, ask, member)
	if err != nil {
		return c, err
	}
	c.ref, ask.Person = ref, ref
	if c.match, err = svc.find(ctx, s, ref, key); err != nil {
		if !fault.Is(err, fault.NotFound) || !svc.Sources.Any() || ref.ID != "" {
			return c, err
		}
		c.unknown = err
		if barred, e := svc.Directory.Barred(ctx, ref); e != nil || barred {
			return c, errors.Join(e, err)
		}
	}
	if c.match.Suppressed {
		return c, directory.Nobody()
	}
	c.wishes, c.asking, err = svc.wishes(ctx, s, ask, c.match, member, key.of(c.match))
	return c, err
}

// find is whom a reference means in the directory, with what may be sold of them. An
// address that it claims finds its own person alone, and only where it may be sold. Any
// other counts as one that nobody has: an unknown address, one that bounced and a former
// one have one answer (rule C13).
func (svc *Service) find(ctx context.Context, s *account.Scope, ref lead.Reference, key claim) (directory.Match, error) {
	match, err := svc.found(ctx, s, ref, svc.Directory.Find)
	if key.address == "" || err == nil && key.of(match) != "" {
		return match, err
	}
	held := key.of(match) != "" // by somebody of another name than was given
	beside, other := svc.found(ctx, s, ref, svc.Directory.FindBeside)
	if held && !fault.Is(other, fault.Conflict) {
		return match, err
	}
	return beside, other
}

// found is what a search of the directory came to, with what may be sold of it. The match is
// perhaps of another name than was given: then there is a fault beside it.
func (svc *Service) found(ctx context.Context, s *account.Scope, ref lead.Reference, find func(context.Context, lead.Reference) (directory.Match, error)) (directory.Match, error) {
	match, err := find(ctx, ref)
	match, e := svc.sellable(ctx, s, match)
	if e != nil {
		err = e
	}
	return match, err
}

// wishes are the fields that are asked for, key's before all others where the person
// was named by it, and whether a source must be asked for any of them.
func (svc *Service) wishes(ctx context.Context, s *account.Scope, ask Ask, match directory.Match, member string, key lead.Field) (wishes []wish, asking bool, err error) {
	if len(ask.Fields) > 0 && !svc.Sources.Any() {
		for _, f := range first(ask.Fields, key) {
			wishes = append(wishes, wish{field: f})
		}
		return wishes, false, nil
	}
	v, err := svc.Ledger.Look(ctx, s.Workspace.ID, nil, s.Now)
	if err != nil {
		return nil, false, account.FromRefusal(err)
	}
	book, auto := v.Book, len(ask.Fields) == 0
	fields, err := svc.fields(ctx, s, book, member, ask.Fields)
	if err != nil {
		return nil, false, err
	}
	var owned []credits.Owned
	if svc.Sources.Any() && match.Person.ID != "" {
		if owned, _, err = svc.owned(ctx, s, match.Person.ID); err != nil {
			return nil, false, err
		}
	}
	for _, f := range first(fields, key) {
		w := wish{field: f, item: book.Item(string(f))}
		w.auto = auto && w.item != nil && w.item.Unlock
		w.ask = svc.asks(book, match, f, owned, s.Now)
		asking = asking || w.ask
		if w.item != nil && book.Judge(svc.expect(book, match, f, owned, s.Now), owned, s.Now).Outcome == credits.Charged {
			w.price = w.item.Price().Ceil()
		}
		wishes = append(wishes, w)
	}
	return wishes, asking, nil
}

// asks tells whether a source is asked for a field: one may have it, and the
// directory has nothing, or nothing verified.
func (svc *Service) asks(book *credits.Book, match directory.Match, f lead.Field, owned []credits.Owned, now time.Time) bool {
	if !svc.Sources.Gives(f) || match.Suppressed {
		return false
	}
	o := book.Judge(Observe(match, f), owned, now).Outcome
	return o == credits.NotFound || o == credits.NotVerified
}

// expect is what a field comes to at most: as the directory knows it, or found
// by a source.
func (svc *Service) expect(book *credits.Book, match directory.Match, f lead.Field, owned []credits.Owned, now time.Time) credits.Finding {
	if svc.asks(book, match, f, owned, now) {
		return credits.Finding{Field: string(f), Values: 1, Fetched: true}
	}
	return Observe(match, f)
}

// holdMargin is how much longer than its lookup a hold may last.
const holdMargin = time.Minute

// hold sets the price of every wish aside, one that is paid once per person once
// (rules C7, C8). A wish that cannot be paid keeps the refusal.
func (svc *Service) hold(ctx context.Context, s *account.Scope, ask Ask, member string, wishes []wish, l *looked) error {
	var commands []credits.Command
	var of [][]int // the wishes that a command is for
	for n := range wishes {
		w := &wishes[n]
		if w.price == 0 {
			continue
		}
		if m := payer(wishes[:n], w); m >= 0 {
			for c := range of {
				if of[c][0] == m {
					of[c] = append(of[c], n)
				}
			}
			continue
		}
		commands = append(commands, &credits.Hold{
			Request: credits.Request{Workspace: s.Workspace.ID, Member: member, At: s.Now, Channel: ask.Channel, Capture: ask.id},
			ID:      ident.New("hold"), Credit: w.item.Credit, Amount: w.price, ExpiresIn: svc.Sources.Longest() + holdMargin,
		})
		of = append(of, []int{n})
	}
	answers, stopped := svc.Ledger.DoAll(ctx, commands)
	for c, answer := range answers {
		var refusal *credits.Refusal
		switch {
		case answer.Err == nil:
			l.holds = append(l.holds, answer.Result.Hold.ID)
		case stopped == nil && (!errors.As(answer.Err, &refusal) || refusal.Code != credits.Insufficient || ask.AllOrNothing):
			stopped = answer.Err
		}
		for _, n := range of[c] {
			if wishes[n].refused = refusal; answer.Err == nil {
				wishes[n].hold = answer.Result.Hold.ID
			}
		}
	}
	return account.FromRefusal(stopped)
}

// payer is the earlier wish whose price pays for this one too; -1: none.
func payer(earlier []wish, w *wish) int {
	if w.item.PerPerson() {
		for n := range earlier {
			if earlier[n].item == w.item && earlier[n].price > 0 {
				return n
			}
		}
	}
	return -1
}

// search asks the sources and turns what they say into findings.
func (svc *Service) search(ctx context.Context, s *account.Scope, ask Ask, wishes []wish, l *looked) error {
	var fields []lead.Field
	for _, w := range wishes {
		if w.ask && w.refused == nil {
			fields = append(fields, w.field)
		}
	}
	verdicts := map[lead.Field]provider.Verdict{}
	if len(fields) > 0 {
		found, err := svc.Sources.Find(ctx, l.match, ask.Person, fields)
		if err != nil {
			return err
		}
		verdicts = found.Fields
		if l.match, err = svc.sellable(ctx, s, found.Match); err != nil {
			return err
		}
	}
	if l.match.Person.ID == "" || l.match.Suppressed {
		return nowhere(wishes, verdicts)
	}
	for _, w := range wishes {
		l.findings = append(l.findings, w.judged(l.match, verdicts[w.field]))
	}
	return nil
}

// nowhere is why nobody was found: for lack of credits to look, because the
// sources could not say, or because there is nobody.
func nowhere(wishes []wish, verdicts map[lead.Field]provider.Verdict) error {
	for _, w := range wishes {
		if w.refused != nil && len(verdicts) == 0 {
			return account.FromRefusal(w.refused)
		}
	}
	for _, v := range verdicts {
		if v == provider.FieldUnknown || v == provider.FieldPending {
			return fault.New(fault.NotFound, "Nobody in the directory matches, and the sources that could know more could not say just now. Nothing was charged; try again later.")
		}
	}
	return directory.Nobody()
}

// finding is what the directory alone says of a wish.
func (w *wish) finding(match directory.Match) credits.Finding {
	f := Observe(match, w.field)
	f.Auto = w.auto
	return f
}

// judged is what the directory says of a wish after the sources were asked.
func (w *wish) judged(match directory.Match, v provider.Verdict) credits.Finding {
	f := w.finding(match)
	switch v {
	case provider.FieldFound:
		f.Fetched = true
	case provider.FieldOptedOut:
		f = credits.Finding{Field: string(w.field), Suppressed: true}
	case provider.FieldUnknown, provider.FieldPending:
		f.Failed = f.Values == 0
	}
	f.Hold, f.Refused = w.hold, w.refused
	return f
}

// release gives back what a lookup held that no capture settled. Should this
// fail, the holds time out.
func (svc *Service) release(ctx context.Context, s *account.Scope, l *looked) {
	if len(l.holds) == 0 {
		return
	}
	commands := make([]credits.Command, len(l.holds))
	for n, id := range l.holds {
		commands[n] = &credits.Release{Request: credits.Request{Workspace: s.Workspace.ID, At: s.Now}, Hold: id}
	}
	answers, err := svc.Ledger.DoAll(context.WithoutCancel(ctx), commands)
	if err != nil {
		slog.Warn("holds were not released; they will time out", "error", err)
	}
	for _, a := range answers {
		var no *credits.Refusal
		if a.Err != nil && !errors.As(a.Err, &no) { // a refusal: it is over already
			slog.Warn("a hold was not released; it will time out", "error", a.Err)
		}
	}
}
