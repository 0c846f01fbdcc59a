package lead

import (
	"encoding/json"
	"slices"
	"testing"
	"time"
)

func TestFields(t *testing.T) {
	want := []Field{"work_email", "work_phone", "personal_email", "mobile_phone"}
	if !slices.Equal(Fields, want) {
		t.Fatalf("Fields = %v, want %v", Fields, want)
	}
	for _, f := range Fields {
		if got, ok := ParseField(string(f)); !ok || got != f {
			t.Errorf("ParseField(%q) = %q, %v", f, got, ok)
		}
		if f.IsEmail() == f.IsPhone() {
			t.Errorf("%s is both or neither of email and phone", f)
		}
	}
	for _, s := range []string{"", "email", "Work_Email", "work_email "} {
		if _, ok := ParseField(s); ok {
			t.Errorf("ParseField(%q) is a field", s)
		}
	}
	if got := MobilePhone.Label(); got != "mobile phone" {
		t.Errorf("Label = %q", got)
	}
}

func TestEmailStatus(t *testing.T) {
	for raw, want := range map[string]string{
		"": Unverified, " ": Unverified, "Verified": Verified, " LIKELY ": Likely, "unverified": Unverified, "bounced": Bounced,
		"valid": "", "deliverable": "", "ok": "",
	} {
		if got, ok := EmailStatus(raw); got != want || ok != (want != "") {
			t.Errorf("EmailStatus(%q) = %q, %v; want %q", raw, got, ok, want)
		}
	}
}

func phones(field Field, numbers ...string) []Value {
	var values []Value
	for _, n := range numbers {
		values = append(values, Value{Field: field, Value: n})
	}
	return values
}

// Rule C4: a work phone that is the company's main line is not sold.
func TestMainLineC4(t *testing.T) {
	for _, c := range []struct {
		name, main, country string
		values              []Value
		want                bool
	}{
		{"the line itself", "+12022243121", "US", phones(WorkPhone, "+12022243121"), true},
		{"however it was written", "(202) 224-3121", "US", phones(WorkPhone, "202.224.3121", "tel:+1-202-224-3121"), true},
		{"an extension on it", "+12022243121", "", phones(WorkPhone, "+12022243121;ext=12"), true},
		{"written with an extension itself", "202-224-3121 x0", "US", phones(WorkPhone, "+12022243121"), true},
		{"a direct dial beside it", "+12022243121", "US", phones(WorkPhone, "+12022243121", "+12022243441"), false},
		{"a direct dial with an extension", "+12022243121", "US", phones(WorkPhone, "+12022243441;ext=12"), false},
		{"another country's number of the same digits", "+12022243121", "US", phones(WorkPhone, "+442022243121"), false},
		{"no work phone", "+12022243121", "US", nil, false},
		{"a mobile that is the line is not a work phone", "+12022243121", "US", phones(MobilePhone, "+12022243121"), false},
		{"a mobile does not make it sellable", "+12022243121", "US", append(phones(WorkPhone, "+12022243121"), phones(MobilePhone, "+14155550123")...), true},
		{"no known line", "", "US", phones(WorkPhone, "+12022243121"), false},
		{"a line that is no number", "front desk", "US", phones(WorkPhone, "front desk"), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := Person{CompanyPhone: c.main, Country: c.country, Values: c.values}
			if got := p.MainLineOnly(); got != c.want {
				t.Errorf("MainLineOnly = %v, want %v", got, c.want)
			}
		})
	}
}

func TestPersonJSONLeavesOutWhatIsUnknown(t *testing.T) {
	p := Person{ID: "per_1", Values: []Value{{Field: MobilePhone, Value: "+14155550123"}}}
	got, err := json.Marshal(p)
	if want := `{"id":"per_1","values":[{"field":"mobile_phone","value":"+14155550123"}]}`; err != nil || string(got) != want {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	p.Values[0].VerifiedAt = time.Date(2026, 3, 1, 5, 0, 0, 0, time.UTC)
	got, _ = json.Marshal(p.Values[0])
	if want := `{"field":"mobile_phone","value":"+14155550123","verified_at":"2026-03-01T05:00:00Z"}`; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestValuesOf(t *testing.T) {
	p := Person{Values: append(phones(WorkPhone, "+1", "+2"), phones(MobilePhone, "+3")...)}
	if got := p.ValuesOf(WorkPhone); len(got) != 2 || got[0].Value != "+1" || got[1].Value != "+2" {
		t.Errorf("ValuesOf = %v", got)
	}
	if got := p.ValuesOf(WorkEmail); got != nil {
		t.Errorf("ValuesOf = %v, want none", got)
	}
}
