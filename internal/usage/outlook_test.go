package usage

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/credits"
)

// days makes a history that ended yesterday, where today is the weekday given.
func daysOf(today time.Weekday, amounts ...credits.Amount) []Spent {
	var list []Spent
	for n, a := range amounts {
		back := len(amounts) - n
		list = append(list, Spent{Weekday: time.Weekday(((int(today)-back)%7 + 7) % 7), Amount: a})
	}
	return list
}

func anyHistory() *rapid.Generator[History] {
	return rapid.Custom(func(t *rapid.T) History {
		today := time.Weekday(rapid.IntRange(0, 6).Draw(t, "today"))
		amounts := rapid.SliceOfN(rapid.Int64Range(-5, 60), 0, 60).Draw(t, "amounts")
		var list []credits.Amount
		for _, a := range amounts {
			list = append(list, credits.Amount(a)*credits.Credit/4)
		}
		return History{
			Past: daysOf(today, list...), Weekday: today, Ahead: rapid.IntRange(1, 40).Draw(t, "ahead"),
			Today:     credits.Amount(rapid.Int64Range(0, 20).Draw(t, "so far")) * credits.Credit,
			Available: credits.Of(credits.Amount(rapid.Int64Range(0, 400).Draw(t, "available")) * credits.Credit),
		}
	})
}

// when puts Never behind every day.
func when(day int) int {
	if day == Never {
		return 1 << 20
	}
	return day
}

func TestForecastIsInOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHistory().Draw(t, "history")
		o := Forecast(h)
		if !o.Known {
			if o.Chance != 0 || o.Middle != 0 {
				t.Fatalf("says %+v of what is not known", o)
			}
			return
		}
		if when(o.Early) > when(o.Likely) || when(o.Likely) > when(o.Late) || o.Least > o.Middle || o.Middle > o.Most || o.Least < 0 {
			t.Fatalf("out of order: %+v", o)
		}
		if o.Early >= h.Ahead || o.Late >= h.Ahead || o.Early < Never || o.Chance < 0 || o.Chance > 100 {
			t.Fatalf("outside the period: %+v", o)
		}
		if o != Forecast(h) {
			t.Fatal("another time, another answer")
		}
	})
}

// More credits never run out earlier: a top-up is no negative use.
func TestForecastTopUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHistory().Draw(t, "history")
		before := Forecast(h)
		h.Available = h.Available.Plus(credits.Of(credits.Amount(rapid.Int64Range(0, 100).Draw(t, "top-up")) * credits.Credit))
		after := Forecast(h)
		if when(after.Early) < when(before.Early) || when(after.Late) < when(before.Late) || after.Chance > before.Chance {
			t.Fatalf("with more it runs out earlier: %+v, then %+v", before, after)
		}
		if after.Middle != before.Middle || after.Most != before.Most {
			t.Fatalf("the pace follows the allowance: %+v, then %+v", before, after)
		}
	})
}

// A day on which more was given back than used is a day without use.
func TestForecastRefunds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHistory().Draw(t, "history")
		clean := h
		clean.Past = append([]Spent(nil), h.Past...)
		for n := range clean.Past {
			clean.Past[n].Amount = max(0, clean.Past[n].Amount)
		}
		if a, b := Forecast(h), Forecast(clean); a != b {
			t.Fatalf("%+v is not %+v", a, b)
		}
	})
}

// The unit does not matter: ten times the use of ten times the credits.
func TestForecastScales(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := anyHistory().Draw(t, "history")
		big := h
		big.Past, big.Today = append([]Spent(nil), h.Past...), h.Today*10
		big.Available.Amount *= 10
		for n := range big.Past {
			big.Past[n].Amount *= 10
		}
		a, b := Forecast(h), Forecast(big)
		if a.Early != b.Early || a.Likely != b.Likely || a.Late != b.Late || a.Chance != b.Chance || a.Middle*10 != b.Middle {
			t.Fatalf("%+v is not %+v", a, b)
		}
	})
}

// The same every day is certain, and its day is arithmetic.
func TestForecastOfAConstantIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		daily, have := rapid.Int64Range(1, 20).Draw(t, "daily"), rapid.Int64Range(1, 300).Draw(t, "have")
		ahead, past := rapid.IntRange(1, 31).Draw(t, "ahead"), rapid.IntRange(7, 50).Draw(t, "past")
		amounts := make([]credits.Amount, past)
		for n := range amounts {
			amounts[n] = credits.Amount(daily) * credits.Credit
		}
		o := Forecast(History{Past: daysOf(time.Wednesday, amounts...), Weekday: time.Wednesday, Ahead: ahead, Available: credits.Of(credits.Amount(have) * credits.Credit)})
		want, chance := int((have+daily-1)/daily)-1, 100
		if want >= ahead {
			want, chance = Never, 0
		}
		if o.Early != want || o.Late != want || o.Chance != chance {
			t.Fatalf("%d a day, %d there, %d days: %+v, want day %d", daily, have, ahead, o, want)
		}
	})
}

// Who rests at weekends does not run out on one.
func TestForecastKnowsWeekends(t *testing.T) {
	var amounts []credits.Amount
	for n := range 35 { // Monday first
		a := credits.Amount(3+n*5%7) * credits.Credit
		if n%7 >= 5 {
			a = 0
		}
		amounts = append(amounts, a)
	}
	for have := range credits.Amount(120) {
		o := Forecast(History{Past: daysOf(time.Monday, amounts...), Weekday: time.Monday, Ahead: 28, Available: credits.Of((have + 1) * credits.Credit)})
		for _, day := range []int{o.Early, o.Likely, o.Late} {
			if day != Never && day%7 >= 5 {
				t.Fatalf("with %d it runs out on day %d, a weekend", have+1, day)
			}
		}
	}
}

func TestForecastNeedsAWeek(t *testing.T) {
	six := daysOf(time.Friday, 0, 0, 0, 0, 2, 2, 2, 2, 2, 2)
	if o := Forecast(History{Past: six, Weekday: time.Friday, Ahead: 10, Available: credits.Of(5)}); o.Known || o.Days != 6 {
		t.Errorf("six days of use are enough: %+v", o)
	}
	seven := daysOf(time.Friday, 0, 2, 2, 2, 2, 2, 2, 2)
	if o := Forecast(History{Past: seven, Weekday: time.Friday, Ahead: 10, Available: credits.Of(5)}); !o.Known || o.Days != 7 {
		t.Errorf("seven are not: %+v", o)
	}
	if o := Forecast(History{Past: seven, Weekday: time.Friday, Ahead: 10, Available: credits.Unlimited}); o.Early != Never || o.Chance != 0 || o.Middle != 20 {
		t.Errorf("what is unlimited runs out: %+v", o)
	}
}
