package capturing

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/account"
	"github.com/leadmeter/leadmeter/internal/bulk"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/edge"
	"github.com/leadmeter/leadmeter/internal/export"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

const (
	// maxBulk bounds the form with its file, and inMemory what of it is not on the
	// disk, in bytes.
	maxBulk  = 16 << 20
	inMemory = 1 << 20
	// jobsShown bounds the list.
	jobsShown = 20
)

func (v *visit) bulkPage() error { return v.showBulk(http.StatusOK, "", "") }

func (v *visit) showBulk(status int, pasted, wrong string) error {
	form, err := v.captureForm(pasted, nil)
	if err != nil {
		return err
	}
	p := BulkPage{Page: v.Page, Form: form, Error: wrong}
	jobs, err := v.App.Screens.Jobs(v.Context(), v.Scope, jobsShown)
	if err != nil {
		return err
	}
	for _, j := range jobs {
		p.Jobs = append(p.Jobs, BulkLine{Link: frame.BulkPath(j.ID), When: frame.LongTime(j.CreatedAt, v.Zone), Who: j.Who, Status: j.Status, Rows: int(j.Rows), Done: int(j.Done), Charged: j.Charged})
	}
	p.Page.Title, p.Page.Nav = "Capture many", "capture"
	return v.Show(status, Bulk(p))
}

// beginBulk estimates a job, which then waits for its button.
func (v *visit) beginBulk() error {
	if err := v.ParseMultipartForm(inMemory); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		return edge.Unread(err)
	}
	if err := v.Arrived(); err != nil {
		return edge.Unread(err)
	}
	if err := frame.CleanForm(v.Form); err != nil {
		return err
	}
	pasted := v.PostFormValue("people")
	people := pastedPeople(pasted)
	file, err := v.filePeople()
	if err != nil {
		return v.refuseBulk(pasted, err)
	}
	once := v.Once()
	ask := bulk.Ask{Member: v.Who.Member, People: append(people, file...), List: strings.TrimSpace(v.PostFormValue("list")), GoesOn: v.PostFormValue("goes_on") == "on", Key: once.Key, Fingerprint: once.Print, ConfirmAbove: -1}
	for _, name := range v.PostForm["fields"] {
		if f, ok := lead.ParseField(name); ok {
			ask.Fields = append(ask.Fields, f)
		}
	}
	switch {
	case len(ask.People) == 0:
		return v.showBulk(http.StatusUnprocessableEntity, pasted, "Name at least one person, or choose a file.")
	case len(ask.Fields) == 0:
		return v.showBulk(http.StatusUnprocessableEntity, pasted, "Choose at least one field to ask for.")
	}
	j, err := v.App.Bulk.Begin(v.Context(), v.Scope, ask)
	if err != nil {
		return v.refuseBulk(pasted, err)
	}
	return v.To(frame.BulkPath(j.ID), "", "")
}

// refuseBulk shows the form again with what is wrong with it.
func (v *visit) refuseBulk(pasted string, err error) error {
	var f *fault.Error
	if errors.As(err, &f) && f.Kind == fault.Invalid {
		return v.showBulk(http.StatusUnprocessableEntity, pasted, words.Capital(f.Message)+".")
	}
	return err
}

// pastedPeople reads one person a line, as the capture bar does.
func pastedPeople(text string) (people []bulk.Person) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && len(people) <= bulk.MaxRows {
			people = append(people, bulk.Person{Reference: frame.WhoText(line)})
		}
	}
	return people
}

// filePeople reads the file of the form, if there is one.
func (v *visit) filePeople() ([]bulk.Person, error) {
	file, header, err := v.FormFile("file")
	if errors.Is(err, http.ErrMissingFile) || err == nil && header.Size == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, fault.New(fault.Invalid, "The file was incomplete")
	}
	defer file.Close()
	body, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return bulk.ReadFile(body, contactfile.ContentTypeOf(header.Filename))
}

func (v *visit) bulkJobPage() error {
	job, err := v.bulkJob()
	if err != nil {
		return err
	}
	v.Page.Title, v.Page.Nav = "Bulk capture", "capture"
	return v.Show(http.StatusOK, BulkCapture(BulkJobPage{Page: v.Page, Job: job}))
}

func (v *visit) bulkProgress() error {
	job, err := v.bulkJob()
	if err != nil {
		return err
	}
	return v.Show(http.StatusOK, BulkProgress(job))
}

func (v *visit) bulkJob() (BulkJob, error) {
	j, err := v.App.Screens.Job(v.Context(), v.Scope, v.PathValue("bulk"))
	if err != nil {
		return BulkJob{}, err
	}
	out := BulkJob{
		Path: frame.BulkPath(j.ID), When: frame.LongTime(j.CreatedAt, v.Zone), Who: j.Who, Status: j.Status, Message: j.Message, List: j.List,
		Rows: int(j.Rows), Done: int(j.Done), Charged: j.Charged, Cap: j.Cap, Min: j.Min, Likely: j.Likely, Most: j.Most, GoesOn: j.GoesOn, Key: frame.NewKey(), MayOrder: j.MayOrder,
	}
	if !j.GoesOnAt.IsZero() {
		out.Refills = frame.LongTime(j.GoesOnAt, v.Zone)
	}
	for _, name := range slices.Sorted(maps.Keys(j.Counts)) {
		switch name {
		case bulk.RowCaptured, bulk.RowWaiting:
		case bulk.RowNobody, bulk.RowFailed:
			out.Left = append(out.Left, BulkOutcome{bulkOutcomeName(name), int(j.Counts[name])})
		default:
			out.Outcomes = append(out.Outcomes, BulkOutcome{bulkOutcomeName(name), int(j.Counts[name])})
		}
	}
	return out, nil
}

func bulkOutcomeName(name string) string {
	switch name {
	case bulk.RowNobody:
		return "Nobody matches"
	case bulk.RowFailed:
		return "Rows without a name, profile or email"
	}
	return words.OutcomeName(name)
}

func (v *visit) goBulk() error { return v.orderBulk(v.App.Bulk.Go) }

func (v *visit) stopBulk() error { return v.orderBulk(v.App.Bulk.Cancel) }

func (v *visit) orderBulk(order func(ctx context.Context, s *account.Scope, id string, o bulk.Order) (bulk.Job, error)) error {
	once := v.Once()
	j, err := order(v.Context(), v.Scope, v.PathValue("bulk"), bulk.Order{Key: once.Key, Fingerprint: once.Print})
	if fault.Is(err, fault.Conflict) { // it went on meanwhile: the page shows how it stands
		return v.To(frame.BulkPath(v.PathValue("bulk")), "", "")
	}
	if err != nil {
		return err
	}
	return v.To(frame.BulkPath(j.ID), "", "")
}

func (v *visit) bulkResults() error {
	return v.CSV("results.csv", "", func(write export.Row) error {
		return v.App.Bulk.Results(v.Context(), v.Scope, v.PathValue("bulk"), write)
	})
}
