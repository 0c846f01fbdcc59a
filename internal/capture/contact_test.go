package capture

import "testing"

func TestDialled(t *testing.T) {
	for query, want := range map[string]string{
		"+1 (415) 555-0132": "+14155550132", "0049 30 1234567": "+49301234567", "030 / 1234567": "301234567", "415.555.0132": "4155550132", "  +49301234567 ": "+49301234567",
		"12345": "", "Route 128445566": "", "+49": "", "ada@engines.example": "", "": "", "2026-03-02": "20260302", "123456789012345678901": "",
	} {
		if got := dialled(query); got != want {
			t.Errorf("%q is searched as %q, want %q", query, got, want)
		}
	}
}
