package store

import (
	"encoding/json"
	"strings"

	"github.com/leadmeter/leadmeter/internal/lead"
)

// LeadFilter chooses leads of one workspace.
type LeadFilter struct {
	Workspace string
	Query     string // words, each somewhere in name, title, company, domain or location; empty: any
	List, Tag string
	Member    string
	Has       string // a field that was delivered, or HasVerifiedEmail
	Lacks     string // a field that was not
	// Title, Company and Place are words, each somewhere in that text; Company looks into the
	// domain too.
	Title, Company, Place string
	Status                string   // StatusVerified or StatusUnverified, of the work email
	Paid                  []string // one of these fields was charged; nil: any
	Free                  bool     // none was
	From, To              int64    // captured at >= From, < To; 0: open
	// IDs are the only ones to choose from; nil: all.
	IDs   []string
	owner *string // who captured it; nil: anybody
	// Sort is captured, name, title, company or ByOwner; Down reverses it.
	Sort string
	Down bool
	// Cursor says where a list continues, as package capture writes it; capture makes the
	// three below of it.
	Cursor string
	// AfterKey and AfterID continue a list after its last row; AfterID empty: from the start.
	AfterKey string
	AfterAt  int64
	AfterID  string
	// Back lists what is before that row instead, from the nearest on.
	Back  bool
	Limit int
}

// What a filter may ask of a work email.
const (
	StatusVerified   = "verified"
	StatusUnverified = "unverified" // likely, or not verified at all
)

var leadSorts = map[string]string{"captured": "l.captured_at", "name": "l.name_key", "title": "l.title_key", "company": "l.company_key"}

// few is up to how many leads are found by the filter alone and then sorted. With
// more, the sort's own index is walked, and finds a page of them soon.
const few = 2000

// narrow reports whether the filter leaves anything out.
func (f LeadFilter) narrow() bool {
	return f.Query+f.List+f.Tag+f.Member+f.Has+f.Lacks+f.Title+f.Company+f.Place+f.Status != "" || f.owner != nil || f.Paid != nil || f.Free || f.From != 0 || f.To != 0 || f.IDs != nil
}

// where writes the filter's conditions; its parameters come back in order. It
// asks for nothing that the index leads_sheet does not hold, except for what was paid. In a walk the order's
// index is to be used and no other, which SQLite is told by a sign.
func (t Leads) where(f LeadFilter, walk bool) (string, []any) {
	cond, args := []string{"l.workspace_id = $1", shown("l.lead_id")}, []any{f.Workspace}
	add := func(text string, v any) {
		args = append(args, v)
		cond = append(cond, strings.ReplaceAll(text, "?", "$"+itoa(len(args))))
	}
	find, id, person := "strpos", "l.lead_id", "l.person_id"
	if t.sqlite {
		find = "instr"
		if walk {
			id, person = "+l.lead_id", "+l.person_id"
		}
	}
	for _, word := range words(f.Query) {
		add(find+`(l.search, ?) > 0`, word)
	}
	for _, in := range []struct{ query, before, after string }{{f.Title, "%\n", "\n%\n%\n%"}, {f.Company, "%\n%\n", "\n%"}, {f.Place, "%\n%\n%\n%\n", ""}} {
		for _, word := range words(in.query) {
			add(`l.search LIKE ? ESCAPE '!'`, in.before+"%"+likeEscape.Replace(word)+"%"+in.after)
		}
	}
	if f.List != "" {
		add(id+` IN (SELECT x.lead_id FROM lead_lists x WHERE x.workspace_id = $1 AND x.list = ?)`, f.List)
	}
	if f.Tag != "" {
		add(id+` IN (SELECT x.lead_id FROM lead_tags x WHERE x.workspace_id = $1 AND x.tag = ?)`, f.Tag)
	}
	if f.Member != "" {
		add(`l.member_id = ?`, f.Member)
	}
	if f.owner != nil {
		add(`l.member_id = ?`, *f.owner)
	}
	if f.Has != "" {
		add(`l.has & ? <> 0`, hasBits[f.Has])
	}
	if f.Lacks != "" {
		add(`l.has & ? = 0`, hasBits[f.Lacks])
	}
	switch f.Status {
	case StatusVerified:
		add(`l.has & ? <> 0`, int64(hasVerifiedEmail))
	case StatusUnverified:
		add(`l.has & ? = `+itoa(hasWorkEmail), int64(hasWorkEmail|hasVerifiedEmail))
	}
	const charged = ` (SELECT r.person_id FROM reveals r WHERE r.workspace_id = $1 AND r.outcome = 'charged'`
	if f.Paid != nil {
		args = append(args, t.texts(f.Paid))
		cond = append(cond, person+` IN`+charged+` AND r.field `+t.anyOf(len(args))+`)`)
	}
	if f.Free {
		cond = append(cond, person+` NOT IN`+charged+`)`)
	}
	if f.From != 0 {
		add(`l.captured_at >= ?`, f.From)
	}
	if f.To != 0 {
		add(`l.captured_at < ?`, f.To)
	}
	if f.IDs != nil {
		args = append(args, t.texts(f.IDs))
		cond = append(cond, `l.lead_id `+t.anyOf(len(args)))
	}
	return strings.Join(cond, " AND "), args
}

// likeEscape lets a pattern find a text as it is.
var likeEscape = strings.NewReplacer("!", "!!", "%", "!%", "_", "!_")

// maxWords bounds what a search looks for.
const maxWords = 8

func words(query string) []string {
	w := strings.Fields(lead.Fold(query))
	return w[:min(len(w), maxWords)]
}

// Count is how many leads the filter chooses, from the first one on.
func (t Leads) Count(f LeadFilter) (n int, err error) {
	where, args := t.where(f, false)
	_, err = t.one(`SELECT count(*) FROM leads l WHERE `+where, []any{&n}, args...)
	return n, err
}

// List lists leads in the filter's order.
func (t Leads) List(f LeadFilter) ([]Lead, error) {
	if f.Sort == ByOwner {
		list, _, err := t.sheetByOwner(f)
		return list, err
	}
	ids, all, err := t.few(f)
	if err != nil {
		return nil, err
	}
	if all {
		f = f.only(ids)
	}
	return t.walk(f)
}

// Sheet is a page of leads and how many the filter chooses in all, from the first
// one on.
func (t Leads) Sheet(f LeadFilter) (list []Lead, total int, err error) {
	if f.Sort == ByOwner {
		return t.sheetByOwner(f)
	}
	ids, all, err := t.few(f)
	if err != nil {
		return nil, 0, err
	}
	if all {
		list, err = t.walk(f.only(ids))
		return list, len(ids), err
	}
	if total, err = t.Count(f); err != nil {
		return nil, 0, err
	}
	list, err = t.walk(f)
	return list, total, err
}

// only is the filter after its conditions were asked: what is left is the order.
func (f LeadFilter) only(ids []string) LeadFilter {
	return LeadFilter{Workspace: f.Workspace, IDs: ids, Sort: f.Sort, Down: f.Down, AfterKey: f.AfterKey, AfterAt: f.AfterAt, AfterID: f.AfterID, Back: f.Back, Limit: f.Limit}
}

// IDs are the ids of at most limit leads that the filter chooses, in no order.
func (t Leads) IDs(f LeadFilter, limit int) (ids []string, err error) {
	where, args := t.where(f, false)
	err = t.q.query(`SELECT l.lead_id FROM leads l WHERE `+where+` LIMIT `+itoa(limit), func(scan scanner) error {
		var id string
		err := scan(&id)
		ids = append(ids, id)
		return err
	}, args...)
	return ids, err
}

// few finds the leads of a filter that chooses few of them; all is false
// where it chooses more, or everything.
func (t Leads) few(f LeadFilter) (ids []string, all bool, err error) {
	if !f.narrow() {
		return nil, false, nil
	}
	ids, err = t.IDs(f, few+1)
	if ids == nil {
		ids = []string{}
	}
	return ids, len(ids) <= few, err
}

// walk reads a page in the order of an index.
func (t Leads) walk(f LeadFilter) ([]Lead, error) {
	where, args := t.where(f, f.IDs == nil)
	order, op := " ASC", ">"
	if f.Down != f.Back {
		order, op = " DESC", "<"
	}
	if f.AfterID != "" {
		var key any = lead.Fold(f.AfterKey)
		if f.Sort == "captured" {
			key = f.AfterAt
		}
		args = append(args, key, f.AfterID)
		where += ` AND (` + leadSorts[f.Sort] + `, l.lead_id) ` + op + ` ($` + itoa(len(args)-1) + `, $` + itoa(len(args)) + `)`
	}
	by := leadSorts[f.Sort]
	if t.sqlite && f.IDs != nil { // few: find them by their ids, then sort
		by = "+" + by
	}
	sql := `SELECT ` + leadColumns + ` FROM leads l WHERE ` + where + ` ORDER BY ` + by + order + `, l.lead_id` + order + ` LIMIT ` + itoa(f.Limit)
	var list []Lead
	err := t.q.query(sql, func(scan scanner) error {
		l := Lead{LeadRow: LeadRow{Workspace: f.Workspace}}
		err := scanLead(scan, &l)
		list = append(list, l)
		return err
	}, args...)
	return list, err
}

// anyOf is the condition that a column is one of the texts in a parameter, and
// texts is that parameter: one statement however many they are.
func (t *transaction) anyOf(parameter int) string {
	if t.sqlite {
		return `IN (SELECT value FROM json_each($` + itoa(parameter) + `))`
	}
	return `= ANY($` + itoa(parameter) + `::text[])`
}

func (t *transaction) texts(list []string) any {
	if !t.sqlite {
		return list
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // texts can be written
	}
	return string(text)
}

// PeopleWithNumber are those of whom a number was delivered to a workspace that has
// these digits in it, at most limit. The part is digits, perhaps after a plus. Every
// number that was delivered is read; its last digits are looked for first, as how it
// begins it has in common with many.
func (t Leads) PeopleWithNumber(ws, part string, limit int) (people []string, err error) {
	last := part[max(0, len(part)-7):]
	err = t.q.query(`SELECT DISTINCT person_id FROM reveals WHERE workspace_id = $1 AND field IN ('work_phone', 'mobile_phone') AND data LIKE $2 AND data LIKE $3 AND outcome IN `+delivered+` AND person_id NOT IN (SELECT h.person_id FROM hidden_people h) LIMIT `+itoa(limit), func(scan scanner) error {
		var p string
		err := scan(&p)
		people = append(people, p)
		return err
	}, ws, "%"+last+"%", "%"+part+"%")
	return people, err
}
