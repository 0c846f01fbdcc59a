package server_test

import (
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/client"
)

// fieldFile is a file of testdata/field: each was read wrongly once.
func fieldFile(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile("testdata/field/" + name + ".csv")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// imported imports a file and returns its report.
func (w *world) imported(file, source string) is {
	w.Helper()
	path := "/v1/directory/imports"
	if source != "" {
		path += "?source=" + source
	}
	id := w.post(w.operator, path, client.File{Type: "text/csv", Content: strings.NewReader(file)}, 202)["id"].(string)
	for {
		if r := w.get(w.operator, "/v1/directory/imports/"+id); r["status"] != "running" {
			return r
		}
		if err := ctx.Err(); err != nil {
			w.Fatal(err)
		}
	}
}

// described is what a report says of rows, a line each.
func described(report is) string {
	var lines []string
	for _, e := range report["errors"].([]any) {
		lines = append(lines, fmt.Sprintf("%v: %v", e.(is)["row"], e.(is)["message"]))
	}
	return strings.Join(lines, "\n")
}

// asked is what a capture of everything by a reference delivers: the status, or the name and
// the values.
func (w *world) asked(ws string, person is) string {
	w.Helper()
	body := is{"person": person, "fields": []string{"work_email", "work_phone", "personal_email", "mobile_phone"}, "mode": "preview"}
	status, text, answer := w.try(client.In(ws, "captures"), body)
	if status != 200 {
		return text
	}
	words := []string{fmt.Sprint(answer["person"].(is)["full_name"])}
	for _, f := range []string{"work_email", "work_phone", "personal_email", "mobile_phone"} {
		for _, v := range answer["fields"].(is)[f].(is)["values"].([]any) {
			words = append(words, fmt.Sprint(v.(is)["value"]))
		}
	}
	return strings.Join(words, " ")
}

func (w *world) try(path string, body is) (status int, text string, out is) {
	w.Helper()
	_, err := w.operator.Do(ctx, http.MethodPost, path, "", body, &out)
	if p, ok := err.(*client.Problem); ok {
		return p.Status, fmt.Sprint(p.Status, " ", p.Detail), nil
	}
	if err != nil {
		w.Fatal(err)
	}
	return 200, "", out
}

func page(u string) is            { return is{"linkedin_url": u} }
func mailed(a string) is          { return is{"email": a} }
func called(name, firm string) is { return is{"full_name": name, "company": firm} }

// fieldCase is files in the order in which they come, and what asking for people gives.
type fieldCase struct {
	name, source string // source: the public report that the kind is known from; empty: a file of testdata/field
	files        []string
	told         string // what the last report says among others
	asked        []ask
}

type ask struct {
	person is
	want   string // the beginning of what comes of it
}

// Every file of the field gives the right people, on both engines and over HTTP.
func TestFieldIdentity(t *testing.T) { runFields(t, fieldIdentity) }

func runFields(t *testing.T, cases []fieldCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			start(t, func(w *world) {
				ws := w.workspace("enterprise", 1, nil)
				var report is
				for _, f := range c.files {
					if !strings.Contains(f, "\n") {
						f = fieldFile(t, f)
					}
					source := ""
					if rest, of, found := strings.Cut(f, "\n@"); found {
						f, source = rest, strings.TrimSpace(of)
					}
					report = w.imported(f, source)
				}
				if said := described(report); !strings.Contains(said, c.told) {
					t.Errorf("the report says\n%s\nand not %q", said, c.told)
				}
				for _, a := range c.asked {
					if got := w.asked(ws, a.person); !strings.HasPrefix(got, a.want) {
						t.Errorf("%v gives\n%s\nwant\n%s", a.person, got, a.want)
					}
				}
			})
		})
	}
}

const (
	severalMatch  = "409 Several people match"
	nobodyMatches = "404 " // as by an address that nobody has: rule C13
)

var fieldIdentity = []fieldCase{
	{name: "14 a locked address", files: []string{"14-locked-email"}, told: "is a placeholder and nobody's address", asked: []ask{
		{called("Xena Marsh", "Marshco"), "Xena Marsh +447700900141"}, {called("Yul Brook", "Brookco"), "Yul Brook +447700900142"}, {mailed("email_not_unlocked@domain.com"), "404"}}},
	{name: "30 the identity is in the query", files: []string{"30-profile-view-id"}, asked: []ask{
		{page("https://www.linkedin.com/profile/view?id=100200300"), "Ann Colley +447700900151"}, {page("linkedin.com/profile/view?trk=x&id=400500600"), "Ben Dovecot +447700900152"},
		{page("https://www.linkedin.com/profile/view?id=1"), "404"}}},
	{name: "31 a search page", files: []string{"31-headless"}, told: "is not the URL of a person's profile", asked: []ask{
		{called("Cid Ember", "Ember Co"), "Cid Ember +447700900153"}, {called("Dee Flint", "Flint Co"), "Dee Flint +447700900154"}}},
	{name: "34 invisible characters", files: []string{"34-profile-zwsp"}, asked: []ask{
		{page("https://www.linkedin.com/in/kit-mole-x34"), "Kit Mole"}, {page("linkedin.com/in/les-nye-x34"), "Les Nye les@nye.example.com"}}},
	{name: "35 forms of one profile", files: []string{"35-profile-forms"}, asked: []ask{
		{page("https://www.linkedin.com/in/mia-%25C3%25B6lde-x35"), "Mia Olde"}, {page("https://www.linkedin.com/m/in/mia-%C3%B6lde-x35/"), "Mia Olde"},
		{page("https://www.linkedin.com/in/mia-ölde-x35)."), "Mia Olde"}, {page("<https://www.linkedin.com/in/mia-ölde-x35>"), "Mia Olde"},
		{page("https://www.google.com/url?q=https://www.linkedin.com/in/mia-%25C3%25B6lde-x35&sa=D"), "Mia Olde"}}},
	{name: "36 roles in other languages", files: []string{"36-role-languages"}, asked: []ask{
		{called("Nia Pardo", "Pardo SL"), "Nia Pardo ventas@pardo.example.com +34612345601"}, {called("Oto Pardo", "Pardo SL"), "Oto Pardo ventas@pardo.example.com +34612345602"},
		{called("Pia Ruel", "Ruel SA"), "Pia Ruel accueil@ruel.example.com +33639980101"}, {called("Qui Ruel", "Ruel SA"), "Qui Ruel accueil@ruel.example.com +33639980102"},
		{called("Ron Stahl", "Stahl GmbH"), "Ron Stahl bewerbung@stahl.example.com +4915155501001"}, {called("Ute Veen", "Veen BV"), "Ute Veen commercial@veen.example.com +31612345602"}}},
	{name: "43 a job mover", files: []string{"43-job-mover-1", "43-job-mover-2"}, asked: []ask{{page("linkedin.com/in/mo-vance-x43"), "Mo Vance mo@newco.example.com +12025550132"}}},
	{name: "43 a job mover, the newer file first", files: []string{"43-job-mover-2", "43-job-mover-1"}, asked: []ask{{page("linkedin.com/in/mo-vance-x43"), "Mo Vance mo@newco.example.com +12025550132"}}},
	{name: "44 a namesake with another key", files: []string{"44-one-namesake"}, asked: []ask{
		{is{"linkedin_url": "https://www.linkedin.com/in/jane-tarn-other", "full_name": "Jane Tarn", "company": "Tarnco"}, "409 A person of this name and company has another linkedin_url"},
		{is{"email": "other@tarnco.example.com", "full_name": "Jane Tarn", "company": "Tarnco"}, "409 A person of this name and company has another email"},
		{is{"linkedin_url": "https://www.linkedin.com/in/jane-tarn-x44", "full_name": "Jane Tarn", "company": "Tarnco"}, "Jane Tarn jane.tarn@tarnco.example.com +447700900231"},
		{called("Jane Tarn", "Tarnco"), "Jane Tarn jane.tarn@tarnco.example.com +447700900231"}}},
	{name: "93 ids without a source", files: []string{"93-id-no-source-a", "93-id-no-source-b"}, asked: []ask{
		{mailed("ivy@crane.example.com"), "Ivy Crane ivy@crane.example.com +12025550151"}, {mailed("jay@drake.example.com"), "Jay Drake jay@drake.example.com +12025550152"}}},
	{name: "93 the other way round", files: []string{"93-id-no-source-b", "93-id-no-source-a"}, asked: []ask{
		{mailed("ivy@crane.example.com"), "Ivy Crane ivy@crane.example.com +12025550151"}, {mailed("jay@drake.example.com"), "Jay Drake jay@drake.example.com +12025550152"}}},
	{name: "111 one number of six", files: []string{"111-same-line-many"}, told: `6 people of "S111" share the number "+442079460111"`, asked: []ask{
		{called("Sl 0", "S111"), "Sl 0 +442079460111"}, {called("Sl 5", "S111"), "Sl 5 +442079460111"}}},
}

// An id without a source in one report after another, and what the report recommends.
func TestFieldReportRecommendsASource(t *testing.T) {
	start(t, func(w *world) {
		if advice := fmt.Sprint(w.imported(fieldFile(t, "93-id-no-source-a"), "")["advice"]); !strings.Contains(advice, "source") {
			t.Errorf("the report advises %s", advice)
		}
		if advice := w.imported(fieldFile(t, "93-id-no-source-a"), "hubspot")["advice"]; advice != nil {
			t.Errorf("with a source the report advises %v", advice)
		}
	})
}

// Erasing one person erases nobody else, now or later: by an identity in the query, by a key
// that contradicting names claim, and by a role address.
func TestFieldErasureIsOfOne(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("enterprise", 1, nil)
		w.imported(fieldFile(t, "92-erase"), "")
		erase := func(person is) {
			w.Helper()
			id := w.post(w.operator, client.In(ws, "lookups"), is{"person": person}, 200)["person"].(is)["id"].(string)
			w.call(w.operator, http.MethodDelete, "/v1/directory/people/"+id, nil, 204)
		}
		erase(called("Era One", "Era92"))
		w.same("the other", w.asked(ws, called("Era Two", "Fra92")), "Era Two era.two@fra92.example.com +447911123402")
		w.same("told of a later row", described(w.imported(fieldFile(t, "92b-after-erase"), "")), "")
		w.same("a later row", w.asked(ws, called("Era Three", "Gra92")), "Era Three era.three@gra92.example.com")
		w.same("the same again", described(w.imported(fieldFile(t, "92-erase"), "")), "1: is on the suppression list")
		w.imported("full_name,company,work_email,mobile_phones\nIda Holm,Holm92,front@holm92.example.com,+447911123403\nKai Rood,Rood92,front@holm92.example.com,+447911123404\n", "")
		erase(called("Ida Holm", "Holm92"))
		w.same("who shares an address", w.asked(ws, called("Kai Rood", "Rood92")), "Kai Rood front@holm92.example.com +447911123404")
		// A contested address joins the same name alone, and so bars the same name alone.
		contested := func(row int) string {
			return fmt.Sprintf("%d: email: \"front@holm92.example.com\" belongs to people of contradicting names; it joins only rows of the same name", row)
		}
		w.same("rows of both", described(w.imported("full_name,company,work_email\nIda Holm,Holm92,front@holm92.example.com\nI. Holm,Holm92,front@holm92.example.com\nKai Rood,Rood92,front@holm92.example.com\nLea Funk,Funk92,front@holm92.example.com\n", "")),
			strings.Join([]string{"1: is on the suppression list", contested(2), contested(3), contested(4)}, "\n"))
		status, text, _ := w.try("/v1/directory/suppressions", is{"email": "front@holm92.example.com"})
		w.same("an address of several is nobody's", fmt.Sprint(status, strings.Contains(text, "Several people")), "409 true")
		w.post(w.operator, "/v1/directory/suppressions", is{"email": "era.three@gra92.example.com"}, 201)
		w.same("suppressed", w.asked(ws, called("Era Three", "Gra92"))[:3], "404")
		w.imported("full_name,company,work_email\nMax Funk,Gra92,era.three@gra92.example.com\n", "")
		w.same("who has the address since", w.asked(ws, called("Max Funk", "Gra92")), "Max Funk era.three@gra92.example.com")
	})
}

// An address that several people claim is nobody's, but for a workspace that was delivered it
// of one of them: it means that lead.
func TestAddressOfOnesOwnLead(t *testing.T) {
	start(t, func(w *world) {
		w.imported("full_name,company,work_email\nIda Holm,Holm94,k.rood@holm94.example.com\nKai Rood,Rood94,k.rood@holm94.example.com\n", "")
		ws, other := w.workspace("enterprise", 1, nil), w.workspace("enterprise", 1, nil)
		by := is{"email": "k.rood@holm94.example.com"}
		both := func(ws string) string {
			return w.asked(ws, by)[:3]
		}
		w.same("before it was delivered", both(ws), "404")
		id := w.post(w.operator, client.In(ws, "captures"), is{"person": called("Kai Rood", "Rood94"), "fields": []string{"work_email"}}, 200)["person"].(is)["id"]
		w.same("looked up", w.post(w.operator, client.In(ws, "lookups"), is{"person": by}, 200)["person"].(is)["id"], id)
		again := w.post(w.operator, client.In(ws, "captures"), is{"person": by, "fields": []string{"work_email"}}, 200)
		w.same("captured again", fmt.Sprint(again["person"].(is)["id"], again["charged"]), fmt.Sprint(id, is{"standard": 0, "premium": 0}))
		w.same("with another's name", w.post(w.operator, client.In(ws, "lookups"), is{"person": is{"email": by["email"], "full_name": "Ida Holm"}}, 200)["person"].(is)["full_name"], "Ida Holm")
		w.same("in another workspace", both(other), "404")
		w.post(w.operator, client.In(ws, "captures"), is{"person": called("Ida Holm", "Holm94"), "fields": []string{"work_email"}}, 200)
		w.same("delivered of both", both(ws), "404")
	})
}

// Rows of a bulk capture by an id alone say what they need, and by an id with its source find.
func TestFieldBulkByIDs(t *testing.T) {
	start(t, func(w *world) {
		ws := w.workspace("enterprise", 1, nil)
		w.imported("id,full_name,company,mobile_phones\nB1,Bulk One,Bulkco,+447911123405\n\n", "crm")
		job := func(text string) string {
			w.Helper()
			id := w.post(w.operator, client.In(ws, "bulk-captures"), client.File{Type: "text/csv", Content: strings.NewReader(text)}, 202)["id"].(string)
			w.working(func() { w.until(w.operator, client.In(ws, "bulk-captures", id), status("done")) })
			var raw []byte
			if _, err := w.operator.Do(ctx, http.MethodGet, client.In(ws, "bulk-captures", id, "results.csv"), "", nil, &raw); err != nil {
				w.Fatal(err)
			}
			return string(raw)
		}
		if got := job(fieldFile(t, "71-bulk-ids-only")); strings.Count(got, "an id needs its source") != 2 {
			t.Errorf("ids alone give\n%s", got)
		}
		if got := job("id,source,full_name\nB1,crm,\n"); !strings.Contains(got, "1,captured") {
			t.Errorf("an id with its source gives\n%s", got)
		}
	})
}

// The tables' names are told apart.
func TestFieldCasesHaveNames(t *testing.T) {
	var names []string
	for _, c := range append(slices.Clone(fieldIdentity), knownIdentity...) {
		if slices.Contains(names, c.name) {
			t.Errorf("two cases are called %q", c.name)
		}
		names = append(names, c.name)
	}
	for _, c := range knownIdentity {
		if !strings.Contains(c.source, ".") {
			t.Errorf("%q names no source", c.name)
		}
	}
	if len(knownIdentity) < 25 {
		t.Errorf("%d known cases", len(knownIdentity))
	}
}
