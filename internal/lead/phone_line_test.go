package lead_test

import (
	"testing"

	"github.com/leadmeter/leadmeter/internal/lead"
)

func TestLineOf(t *testing.T) {
	for number, want := range map[string]lead.Line{
		"+447911123456":        lead.LineMobile,
		"+442079460018":        lead.LineFixed,
		"+442079460018;ext=12": lead.LineFixed,
		"+4915112345678":       lead.LineMobile,
		"+493012345678":        lead.LineFixed,
		"+33612345678":         lead.LineMobile,
		"+33142685300":         lead.LineFixed,
		"+33975123456":         lead.LineFixed,   // voice over IP: a desk, not a pocket
		"+12022243121":         lead.LineUnknown, // North America does not tell
		"+18002255288":         lead.LineShared,
		"+449098790000":        lead.LineShared,
		"+99912345678":         lead.LineUnknown,
		"02079460018":          lead.LineUnknown,
		"":                     lead.LineUnknown,
	} {
		if got := lead.LineOf(number); got != want {
			t.Errorf("%q is %q, want %q", number, got, want)
		}
	}
}
