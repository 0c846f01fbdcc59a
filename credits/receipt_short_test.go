package credits

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/internal/store"
)

// Rule C9: whatever an answer holds and however it is kept, it reads as its JSON does, and a short
// one of which a part is missing does not read as another.
func TestC9AnswersReadAsWritten(t *testing.T) {
	short := 0
	rapid.Check(t, func(t *rapid.T) {
		r := anyResult().Draw(t, "result")
		at := r.At.UnixMicro() + rapid.SampledFrom([]int64{0, 0, 1, -1e12}).Draw(t, "later")
		kept := encodeAnswer(nil, at, &r, nil)
		read := func(b []byte) (string, error) {
			a, err := decodeAnswer(&store.Receipt{At: at, Answer: b})
			if err != nil {
				return "", err
			}
			if a.Result.Keep == nil && len(r.Keep) > 0 {
				t.Fatal("what was kept is lost")
			}
			text, err := json.Marshal(a)
			return string(text), err
		}
		want, err := read(encodeJSON(&r))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := read(kept); err != nil || got != want {
			t.Fatalf("read %s, %v\nnot  %s", got, err, want)
		}
		if kept[0] != shortAnswer {
			return
		}
		short++
		if _, err := read(kept[:rapid.IntRange(1, len(kept)-1).Draw(t, "cut")]); err == nil {
			t.Fatal("a part of an answer reads as an answer")
		}
	})
	if short == 0 { // under the race detector there are twenty
		t.Error("no answer was short")
	}
}

// Answers are read for ever, so what is written today must not change: of a capture, a settlement
// and a hold, and every word that has a place.
func TestShortAnswersStayReadable(t *testing.T) {
	at := time.Date(2026, 3, 10, 9, 0, 0, 0, time.UTC)
	balances := map[string]Balance{
		"premium":  {Allowance: Of(5000), Used: 1000, Available: Of(4000)},
		"standard": {Allowance: Unlimited, Used: 250, Available: Unlimited},
	}
	for _, of := range []struct {
		name, kept string
		result     Result
	}{
		{"a capture", "02000002020e2e01ffff9ec1d1ab0e0cd00fc18db701081000000000c28db701010cd00f020c00904ed00f0000c03e0a01f4030001000e7b226964223a226361705f31227d", Result{At: at, Charged: map[string]Amount{"premium": 1000}, Balances: balances, Keep: json.RawMessage(`{"id":"cap_1"}`), Lines: []Line{
			{Field: "work_email", Outcome: "charged", Reason: "verified_too_long_ago", VerifiedAt: at.AddDate(-1, 0, 0), Credit: "premium", Amount: 1000, Entry: "ent_3000001"},
			{Field: "mobile_phone", Outcome: "not_found", Entry: "ent_3000002"},
		}}},
		{"a hold", "020007000000010d686f6c645f310b6d656d5f310af403f4032400809c9c3900", Result{At: at, Entry: "ent_7", Hold: &HoldState{"hold_1", "mem_1", "standard", 250, 250, "open", at, at.Add(time.Minute)}}},
		{"every word", "02000019020000000000000400000000000006000000000000080000000000000a0000000000000c0000000000000e00000000000010000000000000120000000000001400000000000016000000000000180000000000001a0000000000001c0000000000001e00000000000020000000000000220000000000002400000000000026000000000000280000000000002a0000000000002c0000000000002e000000000000300000000000003200000000000000000000", Result{At: at, Lines: func() (list []Line) {
			for _, word := range strings.Fields("work_email work_phone personal_email mobile_phone standard premium charged not_found same_as_main_line verified_in_directory not_verified already_owned suppressed provider_error insufficient_credits subscription_cancelled not_allowed open settled released expired fair_use verified_too_long_ago verified_at_unknown_time fetched") {
				list = append(list, Line{Field: word})
			}
			return list
		}()}},
	} {
		if got := hex.EncodeToString(encodeAnswer(nil, micros(at), &of.result, nil)); got != of.kept {
			t.Errorf("%s is kept as\n%s, not\n%s", of.name, got, of.kept)
		}
		b, err := hex.DecodeString(of.kept)
		if err != nil {
			t.Fatal(err)
		}
		a, err := decodeAnswer(&store.Receipt{At: micros(at), Answer: b})
		if err != nil {
			t.Fatal(err)
		}
		if got, want := string(encodeJSON(a.Result)), string(encodeJSON(&of.result)); got != want {
			t.Errorf("%s reads as %s, not %s", of.name, got, want)
		}
	}
}
