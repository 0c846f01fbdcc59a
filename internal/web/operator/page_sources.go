package operator

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/leadmeter/leadmeter/internal/enrich"
	"github.com/leadmeter/leadmeter/internal/fault"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

const sourcesPath = "/operator/sources"

// newSourcePage has the form of a new source.
func (v *visit) newSourcePage() error {
	return v.showNewSource(http.StatusOK, SourceForm{Kind: "hunter"})
}

func (v *visit) showNewSource(status int, form SourceForm) error {
	p := SourcePage{Page: v.Page, New: true, Form: form, Kinds: v.App.Sources.KindNames(), Sealing: v.App.Sources.Seal != nil, Key: frame.NewKey()}
	p.Page.Title, p.Page.Nav = "Add a source", "sources"
	return v.Show(status, Source(p))
}

// sourcePage is one source.
func (v *visit) sourcePage() error {
	v.Page.Notices = v.Notices()
	return v.showSource(http.StatusOK, nil)
}

func (v *visit) showSource(status int, change func(p *SourcePage)) error {
	of, err := v.App.Sources.Listed(v.PathValue("source"))
	if err != nil {
		return err
	}
	p := SourcePage{Page: v.Page, Source: of, Form: sourceForm(of.Kept), Kinds: v.App.Sources.KindNames(), Sealing: v.App.Sources.Seal != nil, Key: frame.NewKey()}
	if change != nil {
		change(&p)
	}
	p.Page.Title, p.Page.Nav = of.Name, "sources"
	return v.Show(status, Source(p))
}

// typedSource is what the form says. Err is a fault of a field.
func (v *visit) typedSource(name string) (f SourceForm, k enrich.Kept, err error) {
	text := func(field string) string { return strings.TrimSpace(v.PostFormValue(field)) }
	f = SourceForm{Name: name, Kind: text("kind"), URL: text("url"), Daily: text("daily"), More: v.PostFormValue("more"), Fields: v.PostForm["fields"], AllowPrivate: v.PostFormValue("allow_private") != ""}
	k = enrich.Kept{Name: f.Name, Kind: f.Kind, URL: f.URL, More: f.More, AllowPrivate: f.AllowPrivate}
	for _, one := range f.Fields {
		k.Fields = append(k.Fields, lead.Field(one))
	}
	if f.Daily != "" {
		if k.Daily, err = strconv.Atoi(f.Daily); err != nil || k.Daily < 0 {
			err = fault.Wrong("daily", "must be a number, or empty for no limit")
		}
	}
	return f, k, err
}

// saveSource adds or changes one; refused shows the form with what is wrong with it.
func (v *visit) saveSource(name string, adds bool, done string, refused func(f SourceForm) error) error {
	f, k, err := v.typedSource(name)
	if err == nil {
		err = v.App.Sources.Save(v.Context(), k, seal.Hide(strings.TrimSpace(v.PostFormValue("key"))), adds)
	}
	if fields := fault.FieldsOf(err); len(fields) > 0 {
		f.Errors = map[string]string{}
		for _, wrong := range fields {
			f.Errors[wrong.Field] = words.Capital(strings.TrimSuffix(wrong.Message, ".")) + "."
		}
		return refused(f)
	}
	if err != nil {
		return err
	}
	return v.To(sourcePath(name), "success", done)
}

func sourcePath(name string) string { return sourcesPath + "/" + url.PathEscape(name) }

func (v *visit) addSource() error {
	return v.saveSource(strings.TrimSpace(v.PostFormValue("name")), true, "Added. It is asked from now on. Test it below.",
		func(f SourceForm) error { return v.showNewSource(http.StatusUnprocessableEntity, f) })
}

func (v *visit) changeSource() error {
	return v.saveSource(v.PathValue("source"), false, "Saved. It counts from now on.", func(f SourceForm) error {
		return v.showSource(http.StatusUnprocessableEntity, func(p *SourcePage) { p.Form = f })
	})
}

// pauseSource stops asking a source, or asks it again.
func (v *visit) pauseSource() error {
	paused, name := v.PostFormValue("do") != "resume", v.PathValue("source")
	if err := v.App.Sources.Pause(v.Context(), name, paused); err != nil {
		return err
	}
	if paused {
		return v.To(sourcePath(name), "success", "Paused. It is not asked until you resume it.")
	}
	return v.To(sourcePath(name), "success", "Resumed. It is asked again.")
}

func (v *visit) removeSource() error {
	if err := v.App.Sources.Remove(v.Context(), v.PathValue("source")); err != nil {
		return err
	}
	return v.To("/operator/server", "success", "Removed. What it found stays in the directory.")
}

// trySource asks a source for one person and shows what came back.
func (v *visit) trySource() error {
	who := strings.TrimSpace(v.PostFormValue("who"))
	refuse := func(why string) error {
		return v.showSource(http.StatusUnprocessableEntity, func(p *SourcePage) { p.Try = SourceTrial{Who: who, Error: why} })
	}
	ref := lead.Typed(who)
	if problems := ref.Validate(); len(problems) > 0 {
		return refuse("Must be a profile URL, an email address, or a name and a company with a comma between.")
	}
	if _, err := v.App.Sources.Listed(v.PathValue("source")); err != nil {
		return err
	}
	r, err := v.App.Sources.Try(v.Context(), v.PathValue("source"), ref)
	switch fields := fault.FieldsOf(err); {
	case len(fields) > 0:
		return refuse("It was not asked: its " + fields[0].Field + " " + strings.TrimSuffix(fields[0].Message, ".") + ".")
	case fault.Is(err, fault.NotFound):
		return refuse("This person is on the suppression list. Nobody is told about them.")
	case err != nil:
		return err
	}
	return v.showSource(http.StatusOK, func(p *SourcePage) { p.Try = trial(who, r) })
}
