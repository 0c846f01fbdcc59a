package provider_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
)

func TestStopsAtTheFirstVerified(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		likely := says("a", found(email("guess@engines.example", lead.Likely)), lead.WorkEmail)
		none := says("b", outcome(provider.NotFound), lead.WorkEmail)
		sure := says("c", found(email("ada@engines.example", lead.Verified)), lead.WorkEmail)
		late := says("d", found(email("late@engines.example", lead.Verified)), lead.WorkEmail)
		r := waterfall(t, 0, provider.Options{}, quick, likely, none, sure, late).Find(t.Context(), ada(lead.WorkEmail))
		got := r.Field(lead.WorkEmail)
		if got.Verdict != provider.FieldFound || tries(got) != "a:found b:not_found c:found " || len(late.asks) != 0 {
			t.Errorf("%s after %s", got.Verdict, tries(got))
		}
		if len(got.Values) != 2 || got.Values[0].Value != "ada@engines.example" || got.Values[0].Source != "c" || len(r.Person.Values) != 2 {
			t.Errorf("the best is not first: %+v", got.Values)
		}
	})
}

func TestPhonesStopAtTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, v := range []lead.Value{mobile, {Field: lead.WorkPhone, Value: "+442079460018"}, {Field: lead.PersonalEmail, Value: "a@home.example", Status: lead.Unverified}} {
			a, b := says("a", found(v), v.Field), says("b", found(v), v.Field)
			r := waterfall(t, 0, provider.Options{}, quick, a, b).Find(t.Context(), ada(v.Field))
			if r.Field(v.Field).Verdict != provider.FieldFound || len(b.asks) != 0 {
				t.Errorf("%s: %s, and b was asked %d times", v.Field, r.Field(v.Field).Verdict, len(b.asks))
			}
		}
	})
}

// One call brings all that a source may still give.
func TestAskedOnceForEveryField(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := says("a", found(email("ada@engines.example", lead.Verified)), lead.WorkEmail, lead.MobilePhone)
		b := says("b", found(mobile), lead.WorkEmail, lead.MobilePhone)
		r := waterfall(t, 0, provider.Options{}, quick, a, b).Find(t.Context(), ada(lead.WorkEmail, lead.MobilePhone))
		if len(a.asks) != 1 || len(a.asks[0].Fields) != 2 || len(b.asks) != 1 || len(b.asks[0].Fields) != 1 || b.asks[0].Fields[0] != lead.MobilePhone {
			t.Errorf("a was asked %v, b %v", a.asks, b.asks)
		}
		if got := tries(r.Field(lead.MobilePhone)); got != "a:not_found b:found " {
			t.Error(got)
		}
		if len(r.Attempts) != 2 {
			t.Errorf("%d attempts", len(r.Attempts))
		}
	})
}

// Only "every source has nothing" is not found.
func TestWhatIsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for o, want := range map[provider.Outcome]provider.Verdict{
			provider.NotFound: provider.FieldMissing, provider.RateLimited: provider.FieldUnknown, provider.OutOfQuota: provider.FieldUnknown,
			provider.Forbidden: provider.FieldUnknown, provider.Invalid: provider.FieldUnknown, provider.Failed: provider.FieldUnknown,
			provider.OptedOut: provider.FieldOptedOut, provider.Found: provider.FieldMissing, // found nothing of this field
		} {
			none, odd := says("a", outcome(provider.NotFound), lead.WorkEmail), says("b", outcome(o), lead.WorkEmail)
			for i, w := range []*provider.Waterfall{waterfall(t, 0, provider.Options{}, quick, none, odd), waterfall(t, 0, provider.Options{}, quick, odd, none)} {
				if got := w.Find(t.Context(), ada(lead.WorkEmail)).Field(lead.WorkEmail); got.Verdict != want {
					t.Errorf("%d: %s is %s, want %s", i, o, got.Verdict, want)
				}
			}
			sure := says("c", found(email("ada@engines.example", lead.Verified)), lead.WorkEmail)
			if got := waterfall(t, 0, provider.Options{}, quick, odd, sure).Find(t.Context(), ada(lead.WorkEmail)).Field(lead.WorkEmail); o != provider.OptedOut && got.Verdict != provider.FieldFound {
				t.Errorf("%s before a find is %s", o, got.Verdict)
			}
		}
		r := waterfall(t, 0, provider.Options{}, quick, says("a", outcome(provider.NotFound), lead.WorkEmail)).Find(t.Context(), ada(lead.MobilePhone))
		if got := r.Field(lead.MobilePhone); got.Verdict != provider.FieldMissing || len(got.Tried) != 0 {
			t.Errorf("a field that nobody gives is %s", got.Verdict)
		}
	})
}

func TestWithheldIsNotNotFound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := found(email("ada@engines.example", lead.Verified))
		a.Withheld = []lead.Field{lead.MobilePhone}
		r := waterfall(t, 0, provider.Options{}, quick, says("a", a, lead.WorkEmail, lead.MobilePhone)).Find(t.Context(), ada(lead.WorkEmail, lead.MobilePhone))
		if got := r.Field(lead.MobilePhone); got.Verdict != provider.FieldUnknown || tries(got) != "a:forbidden " {
			t.Errorf("%s after %s", got.Verdict, tries(got))
		}
	})
}

func TestWhoObjectedIsGivenToNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first := found(mobile)
		first.Person.FullName = "Ada Lovelace"
		b, c := says("b", outcome(provider.OptedOut), lead.WorkEmail), says("c", found(email("ada@engines.example", lead.Verified)), lead.WorkEmail)
		r := waterfall(t, 0, provider.Options{}, quick, says("a", first, lead.MobilePhone), b, c).Find(t.Context(), ada(lead.MobilePhone, lead.WorkEmail))
		text, _ := json.Marshal(r)
		if strings.Contains(string(text), "Ada") || strings.Contains(string(text), "+44") || len(c.asks) != 0 {
			t.Errorf("given all the same: %s", text)
		}
		for _, f := range r.Fields {
			if f.Verdict != provider.FieldOptedOut {
				t.Errorf("%s is %s", f.Field, f.Verdict)
			}
		}
	})
}

// An answer about somebody else is dropped, however alike the names are.
func TestAnswersAboutSomebodyElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		person := func(profile, address string) provider.Answer {
			a := found(email(address, lead.Verified))
			a.Person.FullName, a.Person.LinkedInURL = "Ada Lovelace", profile
			return a
		}
		for name, c := range map[string]struct {
			q    provider.Query
			a    provider.Answer
			keep bool
		}{
			"the same profile":             {provider.Query{LinkedInURL: "https://uk.linkedin.com/in/ADA/"}, person("linkedin.com/in/ada", "ada@engines.example"), true},
			"another profile":              {provider.Query{LinkedInURL: "https://linkedin.com/in/ada"}, person("linkedin.com/in/ada-2", "ada@engines.example"), false},
			"another form of profile":      {provider.Query{LinkedInURL: "https://linkedin.com/sales/lead/abc"}, person("linkedin.com/in/ada", "ada@engines.example"), true},
			"no profile":                   {provider.Query{LinkedInURL: "https://linkedin.com/in/ada"}, person("", "ada@engines.example"), true},
			"the same email":               {provider.Query{Email: "Ada@engines.example"}, person("", "ada@engines.example"), true},
			"a colleague's email":          {provider.Query{Email: "ada@engines.example"}, person("", "charles@engines.example"), false},
			"a new job":                    {provider.Query{Email: "ada@engines.example"}, person("", "ada@looms.example"), true},
			"her profile, another address": {provider.Query{Email: "ada@engines.example", LinkedInURL: "https://linkedin.com/in/ada"}, person("linkedin.com/in/ada", "a.l@engines.example"), true},
			"another profile, her address": {provider.Query{Email: "ada@engines.example", LinkedInURL: "https://linkedin.com/in/ada"}, person("linkedin.com/in/bob", "ada@engines.example"), false},
		} {
			c.q.Fields = []lead.Field{lead.WorkEmail}
			r := waterfall(t, 0, provider.Options{}, quick, says("a", c.a, lead.WorkEmail)).Find(t.Context(), c.q)
			kept := r.Field(lead.WorkEmail).Verdict == provider.FieldFound
			if kept != c.keep || !kept && (len(r.Person.Values) > 0 || r.Person.FullName != "") {
				t.Errorf("%s: kept %t, %+v", name, kept, r.Person)
			}
		}
		// Of two sources that mean two people by one name, the first is believed.
		a, b := person("linkedin.com/in/ada", ""), person("linkedin.com/in/other-ada", "other@engines.example")
		a.Person.Values = []lead.Value{mobile}
		r := waterfall(t, 0, provider.Options{}, quick, says("a", a, lead.MobilePhone), says("b", b, lead.WorkEmail)).Find(t.Context(), ada(lead.MobilePhone, lead.WorkEmail))
		if r.Field(lead.WorkEmail).Verdict != provider.FieldMissing || r.Field(lead.MobilePhone).Verdict != provider.FieldFound {
			t.Errorf("two people were joined: %+v", r.Person)
		}
	})
}

func TestOrderIsChecked(t *testing.T) {
	sources := []provider.Source{{Provider: says("a", found(), lead.WorkEmail)}, {Provider: says("b", found(), lead.WorkEmail, lead.MobilePhone)}}
	for want, order := range map[string]map[lead.Field][]string{
		"":                               {lead.WorkEmail: {"b", "a"}, lead.MobilePhone: {}},
		`"c", which is no provider`:      {lead.WorkEmail: {"c"}},
		`"a", which does not give`:       {lead.MobilePhone: {"a"}},
		`"a" twice`:                      {lead.WorkEmail: {"a", "b", "a"}},
		`provider_order.fax is no field`: {"fax": {"a"}},
	} {
		w, err := provider.NewWaterfall(sources, order, 0, provider.Options{})
		if want == "" {
			if err != nil || fmt.Sprint(w.Gives()) != "[work_email]" {
				t.Errorf("%v", err)
			}
		} else if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %s, got %v", want, err)
		}
	}
	if _, err := provider.NewWaterfall(append(sources, sources[0]), nil, 0, provider.Options{}); err == nil {
		t.Error("two of one name")
	}
}

func TestCancelReturnsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		slow := &fake{name: "slow", gives: []lead.Field{lead.WorkEmail}, ask: func(ctx context.Context, _ provider.Query) provider.Answer {
			<-ctx.Done()
			return outcome(provider.Failed)
		}}
		next := says("next", outcome(provider.NotFound), lead.WorkEmail)
		limits := quick
		limits.PauseAfter = 1
		w := waterfall(t, time.Hour, provider.Options{}, limits, slow, next)
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		begun := time.Now()
		r := w.Find(ctx, ada(lead.WorkEmail))
		if took := time.Since(begun); took != 3*time.Second || r.Field(lead.WorkEmail).Verdict != provider.FieldUnknown || len(next.asks) != 0 {
			t.Errorf("%s after %v", r.Field(lead.WorkEmail).Verdict, took)
		}
		if s := w.Standings(); s[0].State != "closed" || s[0].UnderWay != 0 {
			t.Errorf("a search that was stopped counts against the source: %+v", s[0])
		}
	})
}
