package words

import (
	"testing"

	"github.com/leadmeter/leadmeter/credits/unit"
)

func TestNumbers(t *testing.T) {
	for in, want := range map[unit.Amount]string{
		0: "0", unit.Credit: "1", -1500 * unit.Credit: "-1,500", 1234567*unit.Credit + unit.Credit/4: "1,234,567.25", 333_333: "0.333333", 999 * unit.Credit: "999", 1000 * unit.Credit: "1,000",
	} {
		if got := Num(in); got != want {
			t.Errorf("num(%d) = %q, want %q", in, got, want)
		}
	}
	if got := CostText([]Cost{{Type: "standard"}, {Type: "premium", Amount: 2 * unit.Credit}}); got != "2 premium" {
		t.Error(got)
	}
	if got := AtMost(nil); got != "free" {
		t.Error(got)
	}
}
