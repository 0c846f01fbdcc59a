package operator

import (
	"slices"
	"strings"

	"github.com/leadmeter/leadmeter/internal/enrich"
	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
	"github.com/leadmeter/leadmeter/internal/words"
)

// SourceLine is an upstream source and its last thirty days.
type SourceLine struct {
	Name, Kind, State, Look      string
	Gone                         bool // it was asked, and is no source any more
	Asked, Found, Missed, Failed int
	Rate, Latency, Cost          string
}

// sourceLines are the sources that there are, and those that were asked and have gone.
func sourceLines(list []enrich.Listed, days []screen.Source) (lines []SourceLine) {
	for _, l := range list {
		state, look := sourceState(l)
		line := SourceLine{Name: l.Name, Kind: l.Kind, State: state, Look: look, Rate: "–", Latency: "–", Cost: "0"}
		if n := slices.IndexFunc(days, func(d screen.Source) bool { return d.Name == l.Name }); n >= 0 {
			line.count(days[n])
		}
		lines = append(lines, line)
	}
	for _, d := range days {
		if !slices.ContainsFunc(list, func(l enrich.Listed) bool { return l.Name == d.Name }) {
			line := SourceLine{Name: d.Name, Gone: true, State: "Removed", Rate: "–", Latency: "–"}
			line.count(d)
			lines = append(lines, line)
		}
	}
	return lines
}

// count enters what a source was asked.
func (l *SourceLine) count(d screen.Source) {
	l.Asked, l.Found, l.Missed, l.Failed, l.Cost = d.Asked, d.Found, d.Missed, d.Failed, words.Num(d.Cost)
	if d.Asked > 0 {
		l.Rate = frame.Itoa(d.Found*100/d.Asked) + " %"
		l.Latency = frame.Itoa64(d.Latency.Milliseconds()) + " ms"
	}
}

// sourceState is how a source is doing, and how that looks.
func sourceState(l enrich.Listed) (state, look string) {
	switch {
	case l.Broken != "":
		return "Not usable", "stop"
	case l.Paused:
		return "Paused", "warn"
	case l.Resting:
		return "Left alone after failures", "warn"
	}
	return "On", "good"
}

// SourcePage is one source, or the form of a new one.
type SourcePage struct {
	Page    frame.Page
	Source  enrich.Listed
	New     bool
	Form    SourceForm
	Kinds   []string
	Sealing bool // a key can be kept
	Key     string
	Try     SourceTrial
}

// SourceForm is a source as it was typed. Errors are by field.
type SourceForm struct {
	Name, Kind, URL, Daily, More string
	Fields                       []string
	AllowPrivate                 bool
	Errors                       map[string]string
}

// sourceForm is the form as a source fills it in.
func sourceForm(k enrich.Kept) SourceForm {
	f := SourceForm{Name: k.Name, Kind: k.Kind, URL: k.URL, More: k.More, AllowPrivate: k.AllowPrivate}
	if k.Daily > 0 {
		f.Daily = frame.Itoa(k.Daily)
	}
	for _, one := range k.Fields {
		f.Fields = append(f.Fields, string(one))
	}
	return f
}

// SourceTrial is what a source said of one person.
type SourceTrial struct {
	Who, Error, Cost string
	Rows             []TrialRow
	Calls            []string
}

// TrialRow is one field of it.
type TrialRow struct{ Field, Verdict, Look, Values string }

// trial says what came back, field by field, and what each call came to.
func trial(who string, r provider.Result) SourceTrial {
	t := SourceTrial{Who: who, Cost: "not said"}
	for _, f := range r.Fields {
		row := TrialRow{Field: words.FieldLabel(string(f.Field)), Verdict: verdictText(f), Look: verdictLook(f.Verdict)}
		var values []string
		for _, v := range f.Values {
			if v.Status != "" {
				values = append(values, v.Value+" ("+v.Status+")")
				continue
			}
			values = append(values, v.Value)
		}
		row.Values = strings.Join(values, ", ")
		t.Rows = append(t.Rows, row)
	}
	var costs []string
	for _, a := range r.Attempts {
		if a.Cost != "" {
			costs = append(costs, a.Cost)
		}
		call := words.Capital(outcomeText(a.Outcome)) + ", " + frame.Itoa64(a.Latency.Milliseconds()) + " ms"
		if a.Detail != "" {
			call += ": " + a.Detail
		}
		t.Calls = append(t.Calls, call)
	}
	if len(costs) > 0 {
		t.Cost = strings.Join(costs, " + ") + " of its units"
	}
	return t
}

func verdictText(f provider.FieldResult) string {
	if f.Verdict == provider.FieldUnknown && len(f.Tried) > 0 {
		return outcomeText(f.Tried[len(f.Tried)-1].Outcome)
	}
	switch f.Verdict {
	case provider.FieldFound:
		return "found"
	case provider.FieldMissing:
		return "not found"
	case provider.FieldPending:
		return "still looking"
	case provider.FieldOptedOut:
		return "the person objected"
	}
	return "could not say"
}

func verdictLook(v provider.Verdict) string {
	switch v {
	case provider.FieldFound:
		return "good"
	case provider.FieldMissing:
		return ""
	}
	return "warn"
}

// outcomeText is what came of asking, in words.
func outcomeText(o provider.Outcome) string {
	switch o {
	case provider.Found:
		return "found"
	case provider.NotFound:
		return "not found"
	case provider.Pending:
		return "still looking"
	case provider.RateLimited:
		return "asked too fast"
	case provider.OutOfQuota:
		return "your account with it, or its daily budget, is used up"
	case provider.Forbidden:
		return "it refuses the key, or your plan hides the data"
	case provider.OptedOut:
		return "the person objected"
	case provider.Invalid:
		return "too little is known of the person to ask it"
	}
	return "it failed"
}

func isField(chosen []string, f lead.Field) bool { return slices.Contains(chosen, string(f)) }

// keyHelp says what an empty key means.
func keyHelp(v SourcePage) string {
	switch {
	case !v.Sealing:
		return "Needs secret_key_file in the configuration, which seals it."
	case v.New:
		return "Kept sealed, and never shown again."
	}
	return "Leave empty to keep the one there is."
}
