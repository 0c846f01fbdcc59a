package credits_test

import (
	"slices"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/credits"
)

// Rules C1 to C6 and C10: what a finding means, for every outcome that a finding
// can come to.
func TestC10Judge(t *testing.T) {
	now := mustTime(t, "2026-06-01T00:00:00Z")
	days := func(n int) time.Time { return now.AddDate(0, 0, -n) }
	owned := func(field string, o credits.Outcome, at time.Time) []credits.Owned {
		return []credits.Owned{{Field: field, Outcome: o, At: at}}
	}
	email := func(f credits.Finding) credits.Finding { f.Field = "work_email"; return f }
	phone := func(f credits.Finding) credits.Finding { f.Field = "work_phone"; return f }
	reached := map[credits.Outcome]bool{}
	for _, c := range []struct {
		rule, name string
		book       string
		finding    credits.Finding
		owned      []credits.Owned
		want       credits.Outcome
		price      string
		waived     bool
	}{
		{"C1", "a mobile costs premium", "classic", credits.Finding{Field: "mobile_phone", Values: 3}, nil, credits.Charged, "1 premium", false},
		{"C1", "a direct dial costs standard", "classic", phone(credits.Finding{Values: 1}), nil, credits.Charged, "1 standard", false},
		{"C1", "a personal email costs standard", "classic", credits.Finding{Field: "personal_email", Values: 2}, nil, credits.Charged, "1 standard", false},
		{"C1", "a verified work email costs standard", "classic", email(credits.Finding{Values: 1, Graded: true, Verified: true, Fetched: true}), nil, credits.Charged, "1 standard", false},
		{"C1", "a phone of the universal book", "universal", phone(credits.Finding{Values: 1}), nil, credits.Charged, "10 universal", false},
		{"C1", "the group was paid", "universal", phone(credits.Finding{Values: 1}), owned("mobile_phone", credits.Charged, days(10)), credits.AlreadyOwned, "", true},
		{"C1", "another group was paid", "universal", phone(credits.Finding{Values: 1}), owned("work_email", credits.Charged, days(10)), credits.Charged, "10 universal", false},
		{"C1", "the group was seen free, not paid", "universal", email(credits.Finding{Values: 1, Graded: true, Verified: true}), owned("personal_email", credits.NotVerified, days(10)), credits.Charged, "1 universal", false},
		{"C1", "the group was paid too long ago", "universal", phone(credits.Finding{Values: 1}), owned("mobile_phone", credits.Charged, days(366)), credits.Charged, "10 universal", false},
		{"C1", "in the classic book each field is paid by itself", "classic", phone(credits.Finding{Values: 1}), owned("mobile_phone", credits.Charged, days(10)), credits.Charged, "1 standard", false},

		{"C3", "not found", "classic", phone(credits.Finding{}), nil, credits.NotFound, "", false},
		{"C3", "a source's error", "classic", phone(credits.Finding{Failed: true}), nil, credits.ProviderError, "", false},
		{"C3", "a group that was paid and is not found", "universal", phone(credits.Finding{}), owned("mobile_phone", credits.Charged, days(1)), credits.NotFound, "", false},

		{"C4", "the main line", "classic", phone(credits.Finding{Values: 1, MainLine: true}), nil, credits.SameAsMainLine, "", true},

		{"C5", "verified yesterday, in the directory", "classic", email(credits.Finding{Values: 1, Graded: true, Verified: true, VerifiedAt: days(1)}), nil, credits.VerifiedInDirectory, "", true},
		{"C5", "verified 90 days ago", "classic", email(credits.Finding{Values: 1, Graded: true, Verified: true, VerifiedAt: days(90)}), nil, credits.VerifiedInDirectory, "", true},
		{"C5", "verified a moment before that", "classic", email(credits.Finding{Values: 1, Graded: true, Verified: true, VerifiedAt: days(90).Add(-1)}), nil, credits.Charged, "1 standard", false},
		{"C5", "nobody knows when", "classic", email(credits.Finding{Values: 1, Graded: true, Verified: true}), nil, credits.Charged, "1 standard", false},
		{"C5", "verified again", "classic", email(credits.Finding{Values: 1, Graded: true, Verified: true, VerifiedAt: now, Fetched: true}), nil, credits.Charged, "1 standard", false},
		{"C5", "only likely", "classic", email(credits.Finding{Values: 1, Graded: true, VerifiedAt: days(1)}), nil, credits.NotVerified, "", false},
		{"C5", "only likely, though fetched", "classic", email(credits.Finding{Values: 1, Graded: true, Fetched: true}), nil, credits.NotVerified, "", false},

		{"C6", "charged before", "classic", phone(credits.Finding{Values: 1}), owned("work_phone", credits.Charged, days(365)), credits.AlreadyOwned, "", true},
		{"C6", "charged too long before", "classic", phone(credits.Finding{Values: 1}), owned("work_phone", credits.Charged, days(365).Add(-1)), credits.Charged, "1 standard", false},
		{"C6", "verified in the directory before", "classic", email(credits.Finding{Values: 1, Graded: true, Verified: true, Fetched: true}), owned("work_email", credits.VerifiedInDirectory, days(200)), credits.AlreadyOwned, "", true},
		{"C6", "shown free as the main line before", "classic", phone(credits.Finding{Values: 1}), owned("work_phone", credits.SameAsMainLine, days(1)), credits.Charged, "1 standard", false},
		{"C6", "shown unverified before", "classic", email(credits.Finding{Values: 1, Graded: true, Verified: true}), owned("work_email", credits.NotVerified, days(1)), credits.Charged, "1 standard", false},
		{"C6", "not found before", "classic", phone(credits.Finding{Values: 1}), owned("work_phone", credits.NotFound, days(1)), credits.Charged, "1 standard", false},
		{"C6", "owned, and the source fails", "classic", phone(credits.Finding{Failed: true}), owned("work_phone", credits.Charged, days(1)), credits.AlreadyOwned, "", true},
		{"C6", "owned, and nothing is found now", "classic", phone(credits.Finding{}), owned("work_phone", credits.Charged, days(1)), credits.AlreadyOwned, "", true},

		{"C12", "suppressed, though owned", "classic", phone(credits.Finding{Values: 1, Suppressed: true}), owned("work_phone", credits.Charged, days(1)), credits.Suppressed, "", false},
		{"C10", "nothing that the book sells", "classic", credits.Finding{Field: "shoe_size", Values: 1}, nil, credits.NotAllowedOutcome, "", false},
	} {
		t.Run(c.rule+" "+c.name, func(t *testing.T) {
			v := credits.ShippedBooks()[c.book].Judge(c.finding, c.owned, now)
			reached[v.Outcome] = true
			if v.Outcome != c.want || v.Waived != c.waived {
				t.Errorf("want %s (waived %v), got %s (waived %v)", c.want, c.waived, v.Outcome, v.Waived)
			}
			if v.Outcome == credits.Charged {
				if got := v.Item.Price().String() + " " + v.Item.Credit; got != c.price {
					t.Errorf("want the price %s, got %s", c.price, got)
				}
			}
		})
	}
	// The two that a balance decides are reached in testdata/c7_order.txt and g4_cancel.txt.
	for _, o := range append(slices.Clone(credits.FreeOutcomes), credits.Charged, credits.NotAllowedOutcome) {
		if !reached[o] {
			t.Errorf("no case comes to %s", o)
		}
	}
}

// Rule C5: a verified value that is charged says why, and a charge that could not have been
// free says nothing.
func TestC5ReasonOfACharge(t *testing.T) {
	now := mustTime(t, "2026-06-01T00:00:00Z")
	long := now.AddDate(0, 0, -91)
	book := credits.ShippedBooks()["classic"]
	for name, c := range map[string]struct {
		finding credits.Finding
		want    credits.Reason
	}{
		"long ago":         {credits.Finding{Field: "work_email", Values: 1, Graded: true, Verified: true, VerifiedAt: long}, credits.Reason{Code: credits.ReasonTooLongAgo, VerifiedAt: long}},
		"at no known time": {credits.Finding{Field: "work_email", Values: 1, Graded: true, Verified: true}, credits.Reason{Code: credits.ReasonUnknownTime}},
		"fetched":          {credits.Finding{Field: "work_email", Values: 1, Graded: true, Verified: true, VerifiedAt: now, Fetched: true}, credits.Reason{Code: credits.ReasonFetched}},
		"free":             {credits.Finding{Field: "work_email", Values: 1, Graded: true, Verified: true, VerifiedAt: now}, credits.Reason{}},
		"never free":       {credits.Finding{Field: "mobile_phone", Values: 1, Fetched: true}, credits.Reason{}},
	} {
		if got := book.Judge(c.finding, nil, now).Reason; got != c.want {
			t.Errorf("%s: want the reason %v, got %v", name, c.want, got)
		}
	}
}

// Rule C10: each outcome is paid, free or refused, and says whether it delivers.
func TestC10Outcomes(t *testing.T) {
	for o, want := range map[credits.Outcome][4]bool{ // free, delivers, owns, saves
		credits.Charged:             {false, true, true, false},
		credits.NotFound:            {true, false, false, false},
		credits.SameAsMainLine:      {true, true, false, true},
		credits.VerifiedInDirectory: {true, true, true, true},
		credits.NotVerified:         {true, true, false, false},
		credits.AlreadyOwned:        {true, true, false, true},
		credits.Suppressed:          {true, false, false, false},
		credits.ProviderError:       {true, false, false, false},
		credits.InsufficientCredits: {false, false, false, false},
		credits.CancelledOutcome:    {false, false, false, false},
		credits.NotAllowedOutcome:   {false, false, false, false},
	} {
		if got := [4]bool{o.Free(), o.Delivers(), o.Owns(), o.Saves()}; got != want {
			t.Errorf("%s: free, delivers, owns, saves: want %v, got %v", o, want, got)
		}
	}
}

// Rule C6: a book whose window is 0 owns nothing.
func TestC6SwitchedOff(t *testing.T) {
	book := credits.ShippedBooks()["classic"]
	book.OwnedDays = 0
	now := mustTime(t, "2026-06-01T00:00:00Z")
	v := book.Judge(credits.Finding{Field: "work_phone", Values: 1}, []credits.Owned{{Field: "work_phone", Outcome: credits.Charged, At: now}}, now)
	if v.Outcome != credits.Charged {
		t.Errorf("want charged, got %s", v.Outcome)
	}
}
