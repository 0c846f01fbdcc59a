package unit_test

import (
	"encoding/json"
	"math/big"
	"testing"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/credits/unit"
)

// Rule G6: amounts are exact decimals with up to six places.
func TestG6ParseAmount(t *testing.T) {
	for text, want := range map[string]unit.Amount{
		"0": 0, "-0": 0, "1": 1_000_000, "0.1": 100_000, "0.000001": 1, "-0.000001": -1, "12.5": 12_500_000, "007": 7_000_000,
		"1e2": 100_000_000, "1E2": 100_000_000, "1e-6": 1, "1.5e+1": 15_000_000, "100000e-5": 1_000_000, "0.10000000": 100_000,
		"1000000000": unit.MaxAmount, "-1000000000": -unit.MaxAmount, "1000000000.000000": unit.MaxAmount, "1e9": unit.MaxAmount,
		"0.0000000000e30": 0,
	} {
		if got, err := unit.ParseAmount(text); err != nil || got != want {
			t.Errorf("%q reads %d, %v; want %d", text, got, err, want)
		}
	}
	for _, text := range []string{
		"", "-", ".", "-.", "+", "1,5", "1 ", " 1", "1/3", "0x10", "0b1", "1_000", "Inf", "NaN", "abc", "1e", "e1", "1e2e3", "--1", "1-", "1..2",
		"0.0000001", "1e-7", "1e31", "1e-31", "1e99999999999999999999", "1000000000.000001", "1000000001", "-1000000000.000001", "9223372036854775808",
		"99999999999999999999999999999999", "1.0000001", "١",
	} {
		if got, err := unit.ParseAmount(text); err == nil {
			t.Errorf("%q is taken for %s", text, got)
		}
	}
}

// Rule G6: what is written is read as the same amount, and shortest.
func TestG6AmountRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a := unit.Amount(rapid.Int64Range(-int64(unit.MaxAmount), int64(unit.MaxAmount)).Draw(t, "amount"))
		back, err := unit.ParseAmount(a.String())
		if err != nil || back != a {
			t.Fatalf("%d is written %q and read %d, %v", int64(a), a, back, err)
		}
		exact, ok := new(big.Rat).SetString(a.String())
		if !ok || exact.Cmp(big.NewRat(int64(a), 1_000_000)) != 0 {
			t.Fatalf("%d is written %q", int64(a), a)
		}
		text, err := json.Marshal(struct{ A unit.Amount }{a})
		var got struct{ A unit.Amount }
		if err != nil || json.Unmarshal(text, &got) != nil || got.A != a {
			t.Fatalf("%d goes through JSON as %s to %d", int64(a), text, got.A)
		}
	})
}

// Rule G6: a JSON number alone, never a text, never through a float.
func TestG6AmountJSON(t *testing.T) {
	var got struct {
		A unit.Amount
		Q unit.Quota
	}
	for _, text := range []string{`{"A":"1"}`, `{"A":null}`, `{"A":true}`, `{"A":[1]}`, `{"A":0.0000001}`, `{"A":1e40}`, `{"Q":"unlimited"}`} {
		if err := json.Unmarshal([]byte(text), &got); err == nil {
			t.Errorf("%s is taken for %+v", text, got)
		}
	}
	if err := json.Unmarshal([]byte(`{"A":9007199.254740993,"Q":null}`), &got); err == nil {
		t.Error("nine decimals are taken")
	}
	if err := json.Unmarshal([]byte(`{"A":900719925.474099,"Q":null}`), &got); err != nil || got.A != 900_719_925_474_099 || !got.Q.Unlimited {
		t.Errorf("read %+v, %v", got, err)
	}
	if err := json.Unmarshal([]byte(`{"Q":0}`), &got); err != nil || got.Q != unit.Of(0) {
		t.Errorf("a quota of none reads %+v, %v", got.Q, err)
	}
}

// FuzzG6ParseAmount compares with exact rational arithmetic.
func FuzzG6ParseAmount(f *testing.F) {
	for _, s := range []string{"0", "1", "-1.5", "0.000001", "1e2", "1E-6", "1000000000", "1000000000.000001", "00.10", "1.", ".5", "+1", "1_0", "9e18", "0e99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := unit.ParseAmount(s)
		if err != nil {
			if a != 0 {
				t.Fatalf("%q is refused and is %d", s, a)
			}
			return
		}
		exact, ok := new(big.Rat).SetString(s)
		if !ok || exact.Cmp(big.NewRat(int64(a), 1_000_000)) != 0 {
			t.Fatalf("%q is taken for %d millionths", s, int64(a))
		}
		if a > unit.MaxAmount || a < -unit.MaxAmount {
			t.Fatalf("%q is beyond the bound: %s", s, a)
		}
		if back, err := unit.ParseAmount(a.String()); err != nil || back != a {
			t.Fatalf("%q is written %q and read %s, %v", s, a, back, err)
		}
	})
}
