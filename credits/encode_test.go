package credits

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// anyResult draws what a command may answer.
func anyResult() *rapid.Generator[Result] {
	text := rapid.OneOf(rapid.Just(""), rapid.StringMatching(`[a-z_]{1,12}`), rapid.SampledFrom(shortWords), rapid.String())
	entry := rapid.OneOf(rapid.Just(""), rapid.Map(rapid.Int64Range(1, 1<<38), EntryID), rapid.SampledFrom([]string{"ent_07", "ent_0", "ent_-1", "hold_1"}))
	amount := rapid.Custom(func(t *rapid.T) Amount { return Amount(rapid.Int64Range(0, int64(MaxAmount)).Draw(t, "amount")) })
	quota := rapid.Custom(func(t *rapid.T) Quota {
		if rapid.Bool().Draw(t, "unlimited") {
			return Unlimited
		}
		return Of(amount.Draw(t, "of"))
	})
	at := rapid.Custom(func(t *rapid.T) time.Time {
		at := time.UnixMicro(rapid.Int64Range(0, 4e15).Draw(t, "at")).UTC()
		switch rapid.IntRange(0, 100).Draw(t, "odd") {
		case 0:
			return at.Add(1)
		case 1:
			return at.In(time.FixedZone("", 3600))
		}
		return at
	})
	balance := rapid.Custom(func(t *rapid.T) Balance {
		return Balance{Allowance: quota.Draw(t, "a"), Used: amount.Draw(t, "u"), Held: amount.Draw(t, "h"), Available: quota.Draw(t, "v")}
	})
	line := rapid.Custom(func(t *rapid.T) Line {
		l := Line{Field: text.Draw(t, "f"), Outcome: Outcome(text.Draw(t, "o")), Reason: text.Draw(t, "n"), Credit: text.Draw(t, "c"), Amount: amount.Draw(t, "a"), Entry: entry.Draw(t, "e")}
		if rapid.Bool().Draw(t, "dated") {
			l.VerifiedAt = at.Draw(t, "va")
		}
		return l
	})
	hold := rapid.Custom(func(t *rapid.T) *HoldState {
		return &HoldState{text.Draw(t, "id"), text.Draw(t, "m"), text.Draw(t, "c"), amount.Draw(t, "a"), amount.Draw(t, "r"), text.Draw(t, "s"), at.Draw(t, "ca"), at.Draw(t, "ea")}
	})
	return rapid.Custom(func(t *rapid.T) Result {
		r := Result{
			Lines: rapid.SliceOfN(line, 0, 4).Draw(t, "lines"), Entry: entry.Draw(t, "entry"),
			Charged:  rapid.MapOfN(text, amount, 0, 3).Draw(t, "charged"),
			Balances: rapid.MapOfN(text, balance, 0, 3).Draw(t, "balances"), At: at.Draw(t, "at"),
		}
		if rapid.Bool().Draw(t, "held") {
			r.Hold = hold.Draw(t, "hold")
		}
		if rapid.Bool().Draw(t, "kept") {
			r.Keep, _ = json.Marshal(map[string]string{text.Draw(t, "name"): text.Draw(t, "value")})
		}
		return r
	})
}

// Rule C9: an answer that is JSON is written as encoding/json would write it, whatever it holds.
func TestC9AnswersAreWrittenAsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyResult().Draw(t, "result")
		want, err := json.Marshal(answer{Result: &r})
		if err != nil {
			t.Fatal(err)
		}
		if got := encodeJSON(&r); string(got) != string(want) {
			t.Fatalf("wrote %s\nnot   %s", got, want)
		}
	})
}
