package server_test

import (
	"flag"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/directory"
	"pgregory.net/rapid"
)

// modelPerson is somebody whom the workspace captured, in a model of its sheet: their own words,
// and whom the team merged them into. While either of the two is hidden, that merge is none.
type modelPerson struct {
	own             map[string]bool // "tag …", "list …", "note …"
	into            string          // empty: nobody
	order           int             // of the merge into it
	dropped         map[string]bool // what the team took off the lead that they came to
	hidden, erased  bool
	id, lead, value string
}

type sheetModel struct {
	*merging
	people        map[string]*modelPerson
	names         []string
	merged, words int
}

func (s *sheetModel) live(who string) bool {
	p := s.people[who]
	return p.into != "" && !p.hidden && !s.people[p.into].hidden
}

// root is whose lead somebody is in.
func (s *sheetModel) root(who string) string {
	for s.live(who) {
		who = s.people[who].into
	}
	return who
}

// shows is what the lead of somebody shows, with whom it has.
func (s *sheetModel) shows(who string) map[string]bool {
	all := maps.Clone(s.people[who].own)
	for _, other := range s.names {
		if s.live(other) && s.people[other].into == who {
			for w := range s.shows(other) {
				if !s.people[other].dropped[w] {
					all[w] = true
				}
			}
		}
	}
	all["value "+s.people[who].value] = true
	return all
}

func (s *sheetModel) drop(who, word string) {
	delete(s.people[who].own, word)
	for _, other := range s.names {
		if s.live(other) && s.people[other].into == who && s.shows(other)[word] {
			s.people[other].dropped[word] = true
		}
	}
}

// leads are those whose own lead is on the sheet.
func (s *sheetModel) leads() (list []string) {
	for _, who := range s.names {
		if p := s.people[who]; !p.hidden && !p.erased && s.root(who) == who {
			list = append(list, who)
		}
	}
	return list
}

// expected is the sheet as it must be, a line a lead.
func (s *sheetModel) expected() string {
	var lines []string
	for _, who := range s.leads() {
		lines = append(lines, s.people[who].lead+" "+strings.Join(slices.Sorted(maps.Keys(s.shows(who))), ", "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// actual is the sheet as it is.
func (s *sheetModel) actual() string {
	var lines []string
	for _, one := range s.get(s.operator, client.In(s.ws, "leads"))["data"].([]any) {
		words := map[string]bool{}
		l := one.(is)
		for kind, list := range map[string]any{"tag ": l["tags"], "list ": l["lists"]} {
			for _, w := range list.([]any) {
				words[kind+w.(string)] = true
			}
		}
		for line := range strings.SplitSeq(l["notes"].(string), "\n") {
			if line != "" {
				words["note "+line] = true
			}
		}
		for _, v := range l["fields"].(is)["work_email"].(is)["values"].([]any) {
			words["value "+v.(is)["value"].(string)] = true
		}
		lines = append(lines, l["id"].(string)+" "+strings.Join(slices.Sorted(maps.Keys(words)), ", "))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// write puts what a lead shows on it, as a team does that edits all of it.
func (s *sheetModel) write(who string, change func(words map[string]bool)) {
	words := s.shows(who)
	change(words)
	body := is{"tags": []string{}, "lists": []string{}}
	notes := s.get(s.operator, client.In(s.ws, "leads", s.people[who].lead))["notes"].(string)
	var lines []string
	for line := range strings.SplitSeq(notes, "\n") {
		if line == "" || words["note "+line] {
			lines = append(lines, line)
		}
		delete(words, "note "+line)
	}
	for _, w := range slices.Sorted(maps.Keys(words)) {
		kind, word, _ := strings.Cut(w, " ")
		switch kind {
		case "note":
			lines = append(lines, word)
		case "tag", "list":
			body[kind+"s"] = append(body[kind+"s"].([]string), word)
		}
	}
	body["notes"] = strings.Join(lines, "\n")
	s.call(s.operator, "PATCH", client.In(s.ws, "leads", s.people[who].lead), body, 200)
}

// show is what becomes of merges when somebody is shown again: two leads that are one already
// are not merged the other way round.
func (s *sheetModel) show(who string) {
	var again []string
	for _, other := range s.names {
		if s.people[other].into == who && !s.people[other].hidden {
			again = append(again, other)
		}
	}
	slices.SortFunc(again, func(a, b string) int { return s.people[b].order - s.people[a].order })
	if s.people[who].into != "" && !s.people[s.people[who].into].hidden {
		again = append(again, who)
	}
	s.people[who].hidden = false
	to := map[string]string{}
	for _, other := range again {
		to[other], s.people[other].into = s.people[other].into, ""
	}
	for _, other := range again {
		if s.root(to[other]) != other {
			s.people[other].into = to[other]
		}
	}
}

func (s *sheetModel) step(rt *rapid.T) {
	leads := s.leads()
	pick := func(of []string, what string) string {
		if len(of) == 0 {
			return ""
		}
		return rapid.SampledFrom(of).Draw(rt, what)
	}
	switch rapid.SampledFrom([]string{"merge", "merge", "merge", "suppress", "suppress", "lift", "lift", "split", "add", "add", "drop", "erase", "capture"}).Draw(rt, "step") {
	case "merge":
		keep, other := pick(leads, "keep"), pick(leads, "other")
		if keep == other {
			return
		}
		s.mergeBeside(rapid.Bool().Draw(rt, "captured meanwhile"), keep, other)
		s.merged++
		p := s.people[other]
		p.into, p.order, p.dropped = keep, s.merged, map[string]bool{}
	case "suppress":
		if who := pick(s.those(func(p *modelPerson) bool { return !p.hidden && !p.erased }), "who"); who != "" {
			s.merging.suppress(who)
			s.people[who].hidden = true
		}
	case "lift":
		if who := pick(s.those(func(p *modelPerson) bool { return p.hidden && !p.erased }), "who"); who != "" {
			s.lifts(who)
		}
	case "split":
		var in []string
		for _, who := range s.names {
			if s.live(who) && !s.people[who].erased {
				in = append(in, who)
			}
		}
		if who := pick(in, "who"); who != "" {
			s.split(s.root(who), who)
			s.people[who].into = ""
		}
	case "add":
		if who := pick(leads, "who"); who != "" {
			s.words++
			word := fmt.Sprint(rapid.SampledFrom([]string{"note", "tag", "list"}).Draw(rt, "kind"), " w", s.words)
			s.write(who, func(words map[string]bool) { words[word] = true })
			s.people[who].own[word] = true
		}
	case "drop":
		if who := pick(leads, "who"); who != "" {
			var on []string // a word that several people have is dropped by nobody: whose it was is not known
			for w := range s.shows(who) {
				if !strings.Contains(w, " shared") && !strings.HasPrefix(w, "value ") {
					on = append(on, w)
				}
			}
			slices.Sort(on)
			if word := pick(on, "word"); word != "" {
				s.write(who, func(words map[string]bool) { delete(words, word) })
				s.drop(who, word)
			}
		}
	case "erase":
		if rapid.IntRange(0, 3).Draw(rt, "erases") > 0 {
			return
		}
		if who := pick(s.those(func(p *modelPerson) bool { return !p.erased }), "who"); who != "" {
			s.merging.erase(who)
			s.erases(who)
		}
	case "capture":
		if who := pick(s.those(func(p *modelPerson) bool { return !p.hidden && !p.erased }), "who"); who != "" {
			s.free(who)
		}
	}
}

func (s *sheetModel) those(are func(p *modelPerson) bool) (list []string) {
	for _, who := range s.names {
		if are(s.people[who]) {
			list = append(list, who)
		}
	}
	return list
}

func (s *sheetModel) lifts(who string) {
	s.Helper()
	if err := s.lifting(directory.Suppression{Person: s.people[who].id}); err != nil {
		s.Fatal(err)
	}
	s.show(who)
}

// erases: no row about merges has a word of somebody who is erased.
func (s *sheetModel) erases(who string) {
	s.Helper()
	p := s.people[who]
	p.hidden, p.erased, p.into = true, true, ""
	for _, other := range s.people {
		if other.into == who {
			other.into = ""
		}
	}
	kept := s.rowsOfMerges()
	for word := range p.own {
		if _, w, _ := strings.Cut(word, " "); !strings.HasPrefix(w, "shared") && strings.Contains(kept, `"`+w+`"`) {
			s.Errorf("%s was erased, and %q is kept in %s", who, w, kept)
		}
	}
}

// rowsOfMerges is all that is kept of what was merged.
func (s *sheetModel) rowsOfMerges() string {
	s.Helper()
	db := s.database()
	defer db.Close()
	rows, err := db.QueryContext(ctx, `SELECT was FROM lead_merges WHERE workspace_id = $1 UNION ALL SELECT was FROM paused_merges WHERE workspace_id = $1`, s.ws)
	if err != nil {
		s.Fatal(err)
	}
	defer rows.Close()
	var all strings.Builder
	for rows.Next() {
		var was string
		if err := rows.Scan(&was); err != nil {
			s.Fatal(err)
		}
		all.WriteString(was + "\n")
	}
	return strings.ReplaceAll(all.String(), `\n`, `"`) // a line of notes is quoted as a word is
}

// free: somebody who is shown was paid for, and is in the lead that the model says.
func (s *sheetModel) free(who string) {
	s.Helper()
	out := s.post(s.ada, client.In(s.ws, "captures"), is{"person": is{"id": s.people[who].id}, "fields": []string{"work_email"}}, 200)
	s.same(who+" is owned", s.outcome(out, "work_email"), "already_owned")
	s.same(who+"'s lead", out["lead"], s.people[s.root(who)].lead)
}

// hides: nothing that was written of somebody who is hidden is in any list, filter or export.
func (s *sheetModel) hides() {
	s.Helper()
	shown := map[string]bool{}
	for _, who := range s.leads() {
		maps.Copy(shown, s.shows(who))
	}
	var csv, cards []byte
	for path, into := range map[string]*[]byte{"leads.csv": &csv, "leads.vcf": &cards} {
		if _, err := s.operator.Do(ctx, http.MethodGet, client.In(s.ws, path), "", nil, into); err != nil {
			s.Fatal(err)
		}
	}
	all := string(csv) + string(cards) + fmt.Sprint(s.get(s.operator, client.In(s.ws, "lists")))
	for _, who := range s.names {
		for word := range s.people[who].own {
			kind, w, _ := strings.Cut(word, " ")
			if shown[word] || !s.people[who].hidden {
				continue
			}
			if strings.Contains(all+"\n", w+"\n") || strings.Contains(all, w+";") || strings.Contains(all, w+",") {
				s.Errorf("%s of %s, who is hidden, is exported: %s", word, who, all)
			}
			if kind != "note" {
				s.same("leads with "+word, len(s.get(s.operator, client.In(s.ws, "leads")+"?"+kind+"="+w)["data"].([]any)), 0)
			}
		}
	}
}

// Whatever is merged, split, suppressed, lifted, erased and written in whatever order, the sheet
// shows what a model says: nothing of people who are hidden, everybody else as they were paid for,
// and after all is lifted, everybody (rules C6, C12).
func TestMergesFollowTheModel(t *testing.T) {
	run := 0
	if checks := flag.Lookup("rapid.checks"); checks.Value.String() == checks.DefValue { // nobody asks for more
		t.Cleanup(func() { _ = checks.Value.Set(checks.DefValue) })
		if err := checks.Value.Set("40"); err != nil { // a fifth of it with -short
			t.Fatal(err)
		}
	}
	start(t, func(w *world) {
		rapid.Check(w.T, func(rt *rapid.T) {
			run++
			s := &sheetModel{merging: &merging{world: w, ws: w.workspace("pro", 2, nil), lead: map[string]string{}, person: map[string]string{}}, people: map[string]*modelPerson{}}
			_, s.ada = w.member(s.ws, "Ada")
			file := "full_name,company,linkedin_url,work_email,work_email_status,work_email_verified_at\n"
			for _, who := range []string{"anna", "bert", "cleo", "dora", "emil"} {
				s.names = append(s.names, who)
				file += fmt.Sprintf("%s Run%s,Mco,https://linkedin.com/in/m-%s-%d,%s-%d@mco.example,verified,2020-01-01\n", who, letters(run), who, run, who, run)
			}
			w.load("text/csv", file)
			for n, who := range s.names {
				out := s.post(s.ada, client.In(s.ws, "captures"), is{"person": profile(fmt.Sprintf("m-%s-%d", who, run)), "fields": []string{"work_email"}}, 200)
				p := &modelPerson{id: out["person"].(is)["id"].(string), lead: out["lead"].(string), value: fmt.Sprintf("%s-%d@mco.example", who, run), own: map[string]bool{"tag t" + who: true, "list l" + who: true, "note n" + who: true}}
				s.person[who], s.lead[who], s.people[who] = p.id, p.lead, p
				p.own[fmt.Sprint("tag shared", n%2)], p.own[fmt.Sprint("list sharedlist", n%3)] = true, true
			}
			for _, who := range s.names {
				s.write(who, func(map[string]bool) {})
			}
			used := w.credit(s.ws, "standard")["used"]
			for range rapid.IntRange(5, 25).Draw(rt, "steps") {
				s.step(rt)
				if got, want := s.actual(), s.expected(); got != want {
					rt.Fatalf("the sheet is\n%s\nwant\n%s", got, want)
				}
			}
			s.hides()
			for _, who := range s.those(func(p *modelPerson) bool { return p.hidden && !p.erased }) {
				s.lifts(who)
			}
			if got, want := s.actual(), s.expected(); got != want {
				rt.Fatalf("all is lifted, and the sheet is\n%s\nwant\n%s", got, want)
			}
			for _, who := range s.those(func(p *modelPerson) bool { return !p.erased }) {
				s.free(who)
			}
			w.same("used", w.credit(s.ws, "standard")["used"], used)
		})
	})
}

// letters writes a number as a name has it.
func letters(n int) (text string) {
	for ; n > 0; n /= 26 {
		text += string(rune('a' + n%26))
	}
	return text
}
