package spending

import (
	"reflect"
	"testing"

	"github.com/leadmeter/leadmeter/credits/unit"
	"github.com/leadmeter/leadmeter/internal/screen"
	"github.com/leadmeter/leadmeter/internal/web/frame"
)

// A bar is a member's part of what they may use, and none where that has no end.
func TestMemberBarIsAPartOfWhatTheyMayUse(t *testing.T) {
	n := func(n int64) unit.Amount { return unit.Amount(n) * unit.Credit }
	used := func(w int) []frame.Segment { return []frame.Segment{{W: w, Look: "used"}} }
	for _, c := range []struct {
		name string
		of   screen.MemberCredit
		bar  []frame.Segment
		text string
	}{
		{"the pool", screen.MemberCredit{Mode: unit.FromPool, Used: n(42), Of: unit.Of(n(420))}, used(100), "of 420 in the pool"},
		{"a limit", screen.MemberCredit{Mode: unit.Limited, Amount: n(84), Used: n(42), Of: unit.Of(n(84))}, used(500), "of at most 84"},
		{"assigned", screen.MemberCredit{Mode: unit.Assigned, Amount: n(42), Used: n(42), Of: unit.Of(n(42))}, used(1000), "of 42 assigned"},
		{"no end", screen.MemberCredit{Mode: unit.FromPool, Used: n(42), Of: unit.Unlimited}, nil, "from the pool"},
		{"who is gone", screen.MemberCredit{Mode: unit.FromPool, Used: n(42)}, nil, "from the pool"},
		{"none allowed", screen.MemberCredit{Mode: unit.Limited, Of: unit.Of(0)}, nil, "none allowed"},
	} {
		if bar := memberBar(c.of); !reflect.DeepEqual(bar, c.bar) {
			t.Errorf("%s is drawn as %v, want %v", c.name, bar, c.bar)
		}
		if text := memberLimit(c.of); text != c.text {
			t.Errorf("%s is said as %q, want %q", c.name, text, c.text)
		}
	}
}
