package frame

import (
	"testing"

	"github.com/leadmeter/leadmeter/credits"
)

func TestNumbers(t *testing.T) {
	for in, want := range map[credits.Amount]string{
		0: "0", credits.Credit: "1", -1500 * credits.Credit: "-1,500", 1234567*credits.Credit + credits.Credit/4: "1,234,567.25", 333_333: "0.333333", 999 * credits.Credit: "999", 1000 * credits.Credit: "1,000",
	} {
		if got := Num(in); got != want {
			t.Errorf("num(%d) = %q, want %q", in, got, want)
		}
	}
	if got := CostText([]Cost{{Type: "standard"}, {Type: "premium", Amount: 2 * credits.Credit}}); got != "2 premium" {
		t.Error(got)
	}
	if got := AtMost(nil); got != "free" {
		t.Error(got)
	}
}
