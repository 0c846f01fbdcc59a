package find

import (
	"testing"

	"github.com/leadmeter/leadmeter/internal/lead"
)

func TestMask(t *testing.T) {
	for text, want := range map[string]string{
		"":                                "",
		"Ada Byron":                       "Ada Byron",
		"Ada  Byron":                      "Ada  Byron",
		"ada@acme.example":                "…",
		"Ada <ada@acme.example>":          "Ada …",
		"Call +4915112345678 now":         "Call … now",
		"Area 51 Labs, since 1998":        "Area 51 Labs, since 1998",
		"Head of ops (ada [at] acme.com)": "Head of ops (ada [at] acme.com)",
	} {
		if got := Mask(text); got != want {
			t.Errorf("%q is shown as %q, want %q", text, got, want)
		}
	}
	if p := MaskPerson(lead.Person{CompanySize: "1001-5000", Title: "x@y.example"}); p.CompanySize != "1001-5000" || p.Title != "…" {
		t.Errorf("%+v", p)
	}
}
