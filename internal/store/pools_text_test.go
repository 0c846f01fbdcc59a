package store_test

import (
	"math"
	"slices"
	"testing"

	"github.com/leadmeter/leadmeter/internal/store"
)

func TestPoolsText(t *testing.T) {
	for _, pools := range [][]store.Pool{
		nil,
		{{Workspace: "ws", Credit: "standard"}},
		{
			{Workspace: "ws", Credit: "standard", PeriodStart: math.MinInt64, PeriodEnd: math.MaxInt64, Used: 1, Held: 2, Reserved: 3, Allowance: -1, Rolled: 4, CarryNum: 5, CarryDen: 6},
			{Workspace: "ws", Credit: "premium_2", PeriodStart: 1_764_547_200_000_000, Used: math.MaxInt64},
		},
	} {
		got, err := store.ParsePools("ws", store.PoolsText(pools))
		if err != nil || !slices.Equal(got, pools) {
			t.Errorf("%+v is read as %+v, %v", pools, got, err)
		}
	}
}

// What no server wrote is not taken for a balance.
func TestPoolsTextThatIsDamaged(t *testing.T) {
	good := store.PoolsText([]store.Pool{{Credit: "standard", Used: 7}})
	for _, text := range []string{"standard", "standard 1 2 3", good + " 1", good + "\n", good + " ", " ", "\n" + good, " 1 2 3 4 5 6 7 8 9", good + "\n" + good, "standard 1 2 x 4 5 6 7 8 9", "standard  1 2 3 4 5 6 7 8 9",
		"standard 0 0 -1 0 0 0 0 0 0", "standard 0 0 0 -1 0 0 0 0 0", "standard 0 0 0 0 -1 0 0 0 0", "standard 0 0 99999999999999999999 0 0 0 0 0 0"} {
		if got, err := store.ParsePools("ws", text); err == nil {
			t.Errorf("%q is read as %+v", text, got)
		}
	}
}
