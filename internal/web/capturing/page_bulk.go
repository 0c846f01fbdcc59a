package capturing

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/capture"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// bulkRowsShown is how many rows of a job a page shows.
const bulkRowsShown = 50

// bulkJobPage is a job with the rows that the address chooses.
func (v *visit) bulkJobPage() error {
	j, err := v.App.Screens.Job(v.Context(), v.Scope, v.PathValue("bulk"))
	if err != nil {
		return err
	}
	f := v.bulkFilter()
	after, _ := strconv.ParseInt(v.FormValue("after"), 10, 64) // what is no number begins at the first
	rows, next, err := v.App.Bulk.Rows(v.Context(), v.Scope, j.ID, f, max(after, 0), bulkRowsShown)
	if err != nil {
		return err
	}
	p := BulkJobPage{Page: v.Page, Job: v.bulkJob(j, f), RowsTitle: "All rows", Here: bulkRowsPath(j.ID, f, after), CSV: bulkCSVPath(j.ID, f)}
	if f != (bulk.Filter{}) {
		of := saidOf(rowSaid, f.Outcome)
		if f.Found != "" {
			of = saidOf(foundSaid, f.Found)
		}
		p.RowsTitle, p.RowsHelp, p.All = "Rows: "+of.name, of.about, bulkRowsPath(j.ID, bulk.Filter{}, 0)
	}
	if after > 0 {
		p.First = bulkRowsPath(j.ID, f, 0)
	}
	if next > 0 {
		p.Next = bulkRowsPath(j.ID, f, next)
	}
	for _, r := range rows {
		row := bulkRow(r)
		p.MayChoose = p.MayChoose || j.MayOrder && j.Status == bulk.Waiting && len(row.Several) > 0
		p.Rows = append(p.Rows, row)
	}
	p.Page.Title, p.Page.Nav = "Bulk capture", "capture"
	return v.Show(http.StatusOK, BulkCapture(p))
}

func (v *visit) bulkFilter() bulk.Filter {
	return bulk.Filter{Found: v.FormValue("found"), Outcome: v.FormValue("outcome")}
}

// bulkRowsPath is the page of a job's rows after a number.
func bulkRowsPath(id string, f bulk.Filter, after int64) string {
	q := bulkQuery(f)
	if after > 0 {
		q.Set("after", strconv.FormatInt(after, 10))
	}
	if len(q) == 0 {
		return frame.BulkPath(id)
	}
	return frame.BulkPath(id) + "?" + q.Encode()
}

func bulkCSVPath(id string, f bulk.Filter) string {
	path := frame.BulkPath(id) + "/results.csv"
	if q := bulkQuery(f); len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

func bulkQuery(f bulk.Filter) url.Values {
	q := url.Values{}
	for name, value := range map[string]string{"found": f.Found, "outcome": f.Outcome} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return q
}

// bulkProgress is how far a job is; when it has ended the rows beside it ask for themselves again.
func (v *visit) bulkProgress() error {
	j, err := v.App.Screens.Job(v.Context(), v.Scope, v.PathValue("bulk"))
	if err != nil {
		return err
	}
	if j.Status != bulk.Running {
		v.W.Header().Set("HX-Trigger", "bulk-ended")
	}
	return v.Show(http.StatusOK, BulkProgress(v.bulkJob(j, bulk.Filter{})))
}

func (v *visit) bulkJob(j screen.Job, shown bulk.Filter) BulkJob {
	out := BulkJob{
		Path: frame.BulkPath(j.ID), When: v.Time(j.CreatedAt), Who: j.Who, Status: j.Status, Message: j.Message, List: j.List,
		Rows: int(j.Rows), Done: int(j.Done), Charged: j.Charged, Cap: j.Cap, Min: j.Min, Likely: j.Likely, Most: j.Most, Key: frame.NewKey(), MayOrder: j.MayOrder,
		Left: j.Left, Repeated: int(j.Found[bulk.FoundRepeated]), Expires: v.Time(j.CreatedAt.Add(bulk.EstimateFor)),
	}
	if !j.GoesOnAt.IsZero() {
		out.Refills = v.Time(j.GoesOnAt)
	}
	var fields []string
	for _, f := range j.Fields {
		fields = append(fields, words.FieldLabel(string(f)))
	}
	out.Fields = strings.Join(fields, ", ")
	for _, stop := range j.Stops {
		out.Stops = append(out.Stops, *v.refusal(&stop))
	}
	count := func(of said, n int64, f bulk.Filter) BulkCount {
		return BulkCount{Name: of.name, About: of.about, Count: int(n), Link: bulkRowsPath(j.ID, f, 0) + "#rows", Here: f == shown}
	}
	if j.Status == bulk.Waiting {
		out.foundCounts(j, count)
		if j.File != "" {
			out.Columns = bulkColumnsPath(j.File)
		}
		return out
	}
	if left := j.Rows - j.Done; left > 0 {
		out.Counts = append(out.Counts, count(saidOf(rowSaid, bulk.RowWaiting), left, bulk.Filter{Outcome: bulk.RowWaiting}))
	}
	for _, of := range rowSaid {
		if n := j.Counts[of.word]; n > 0 {
			out.Counts = append(out.Counts, count(of, n, bulk.Filter{Outcome: of.word}))
		}
	}
	for _, word := range slices.Sorted(maps.Keys(j.Counts)) {
		if !slices.ContainsFunc(rowSaid, func(s said) bool { return s.word == word }) {
			out.Outcomes = append(out.Outcomes, count(saidOf(nil, word), j.Counts[word], bulk.Filter{Outcome: word}))
		}
	}
	return out
}

// foundCounts are what the estimate found.
func (out *BulkJob) foundCounts(j screen.Job, count func(of said, n int64, f bulk.Filter) BulkCount) {
	for _, of := range foundSaid {
		n := j.Found[of.word]
		if n == 0 {
			continue
		}
		if chosen := j.Found[bulk.FoundChosen]; of.word == capture.FoundAmbiguous && chosen > 0 {
			of.about = words.Count(int(chosen)) + " chosen, " + words.Count(int(n-chosen)) + " to choose."
		}
		out.Counts = append(out.Counts, count(of, n, bulk.Filter{Found: of.word}))
	}
	if n := j.Counts[bulk.RowFailed]; n > 0 {
		out.Counts = append(out.Counts, count(saidOf(rowSaid, bulk.RowFailed), n, bulk.Filter{Outcome: bulk.RowFailed}))
	}
	for _, cost := range j.Most {
		out.free = out.free || cost.Amount > 0
	}
	out.free = out.free || j.Found[bulk.FoundFree] > 0
}

// bulkRow is a row with what was found of it, or what came of it.
func bulkRow(r bulk.JobRow) BulkRow {
	out := BulkRow{No: int(r.No), Given: givenText(r.Reference)}
	if r.Message != "" {
		out.Why = sentence(r.Message)
	}
	of := saidOf(rowSaid, r.Status)
	if r.Status == bulk.RowWaiting && r.Found != "" {
		of = saidOf(foundSaid, r.Found)
	}
	out.Outcome, out.Look = of.name, of.look
	if p := r.Person; p != nil {
		out.Name, out.About = p.Person.Name(), aboutText(p.Person)
		if id := firstOf(r.Lead, p.Lead); id != "" {
			out.Lead = "/leads/" + url.PathEscape(id)
		}
	}
	for n, l := range r.Several {
		if out.TooMany = n >= capture.MaxSeveral; out.TooMany {
			break
		}
		chosen := r.Person != nil && r.Person.Person.ID == l.Person.ID
		if chosen && r.Status == bulk.RowWaiting {
			out.Outcome, out.Look = "Chosen", "good"
		}
		out.Several = append(out.Several, BulkPerson{ID: l.Person.ID, Name: l.Person.Name(), About: aboutText(l.Person), Chosen: chosen})
	}
	for _, f := range lead.Fields {
		if o := r.Outcomes[f]; o != "" {
			look := words.Field{Outcome: unit.Outcome(o)}.Said().Look
			out.Fields = append(out.Fields, BulkFieldOutcome{Label: words.FieldLabel(string(f)), Outcome: words.OutcomeName(o), Look: look})
		}
	}
	return out
}

func firstOf(texts ...string) string {
	for _, text := range texts {
		if text != "" {
			return text
		}
	}
	return ""
}

// givenText is what a row names somebody by.
func givenText(r lead.Reference) string {
	return joined(r.FullName, firstOf(r.Company, r.CompanyDomain), r.LinkedInURL, r.Email, r.SourceID)
}

func aboutText(p lead.Person) string { return joined(p.Title, p.Company, p.Location) }

// sentence is a reason as a sentence of its own.
func sentence(text string) string { return strings.TrimSuffix(words.Capital(text), ".") + "." }

// joined are the texts that are not empty.
func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), " · ")
}

// chooseBulk keeps whom ambiguous rows mean.
func (v *visit) chooseBulk() error {
	choices := bulk.Choices{}
	for name := range v.PostForm {
		if no, is := strings.CutPrefix(name, "choice-"); is {
			row, err := strconv.ParseInt(no, 10, 64)
			if err != nil {
				return fault.Wrong("choices", "must be of rows by their numbers")
			}
			choices[row] = v.PostForm.Get(name)
		}
	}
	id := v.PathValue("bulk")
	back := v.PostFormValue("back")
	if !strings.HasPrefix(back, frame.BulkPath(id)) {
		back = frame.BulkPath(id)
	}
	_, err := v.App.Bulk.Choose(v.Context(), v.Scope, id, choices)
	if fault.Is(err, fault.Conflict) {
		return v.To(frame.BulkPath(id), "warning", frame.FaultText(err))
	}
	if err != nil {
		return err
	}
	return v.To(back, "success", "Kept. The estimate counts whom you chose.")
}

func (v *visit) goBulk() error { return v.orderBulk(v.App.Bulk.Go) }

func (v *visit) stopBulk() error { return v.orderBulk(v.App.Bulk.Cancel) }

func (v *visit) orderBulk(order func(ctx context.Context, s *account.Scope, id string, o bulk.Order) (bulk.Job, error)) error {
	once := v.Once()
	j, err := order(v.Context(), v.Scope, v.PathValue("bulk"), bulk.Order{Key: once.Key, Fingerprint: once.Print})
	if fault.Is(err, fault.Conflict) { // it went on meanwhile: the page shows how far it is
		return v.To(frame.BulkPath(v.PathValue("bulk")), "", "")
	}
	if err != nil {
		return err
	}
	return v.To(frame.BulkPath(j.ID), "", "")
}

func (v *visit) bulkResults() error {
	return v.CSV("results.csv", "", func(write export.Row) error {
		return v.App.Bulk.Results(v.Context(), v.Scope, v.PathValue("bulk"), v.bulkFilter(), write)
	})
}
