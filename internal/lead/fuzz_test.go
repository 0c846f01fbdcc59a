package lead

import (
	"testing"
	"unicode/utf8"
)

// Each normaliser must be total, bounded, and leave alone what it returned.

func FuzzPhone(f *testing.F) {
	for _, s := range []string{"(202) 224-3121", "+1 202 224 3121 x12", "tel:+39-06-6982", "1-800-FLOWERS", "+521 55 1234 5678", "12;phone-context=+1", "+12022243121;ext=12"} {
		for _, country := range []string{"US", "", "DE", "MX", "AR", "BR", "??"} {
			f.Add(s, country)
		}
	}
	f.Fuzz(func(t *testing.T, raw, country string) {
		once, err := Phone(raw, country)
		if err != nil {
			if once != "" || len(err.Error()) > 500 {
				t.Fatalf("Phone(%q, %q) = %q, %v", raw, country, once, err)
			}
			return
		}
		if number := line(once, ""); !isE164(number) {
			t.Fatalf("Phone(%q, %q) = %q, which is not E.164", raw, country, once)
		}
		if twice, err := Phone(once, ""); err != nil || twice != once {
			t.Fatalf("Phone(%q, %q) = %q, and of that %q, %v", raw, country, once, twice, err)
		}
	})
}

// FuzzTexts reads cells with several values, and dates: each value stands for itself.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"O: 044 123 45 67/68, M 079 123 45 67", "+1 202 555 0142; Fax +1 202 555 0143", "\"Gage, Eli\" <eli@g.example>; (b@g.example)", "2026-11-20 10:00", "4915112345678.0", "1-800-FLOWERS", "+33 6 6X XX XX 83"} {
		f.Add(s, "CH")
	}
	f.Fuzz(func(t *testing.T, raw, country string) {
		numbers, _ := Phones(raw, country)
		for _, n := range numbers {
			if again, left := Phones(n.Value, ""); len(again) != 1 || len(left) != 0 || again[0].Value != n.Value {
				t.Fatalf("Phones(%q, %q) has %q, and of that %v, %v", raw, country, n.Value, again, left)
			}
		}
		addresses, _ := Emails(raw)
		for _, a := range addresses {
			if again, err := Email(a); err != nil || again != a {
				t.Fatalf("Emails(%q) has %q, and of that %q, %v", raw, a, again, err)
			}
		}
		if d, err := Date(raw); err == nil && (d.Year() < 1970 || d.Year() > 3000) {
			t.Fatalf("Date(%q) = %v", raw, d)
		}
		VerifierStatus(raw)
		if keys := NameKeys(raw); len(keys) > maxNameKeys {
			t.Fatalf("%q", keys)
		}
		for _, key := range CompanyKeys(raw) {
			if len(key) > maxKey {
				t.Fatalf("%q", key)
			}
		}
	})
}

func stable(t *testing.T, name string, normalise func(string) (string, error), raw string, limit int) {
	once, err := normalise(raw)
	if err != nil {
		if once != "" || len(err.Error()) > 500 {
			t.Fatalf("%s(%q) = %q, %v", name, raw, once, err)
		}
		return
	}
	if len(once) > limit || !utf8.ValidString(once) {
		t.Fatalf("%s(%q) = %q", name, raw, once)
	}
	if twice, err := normalise(once); err != nil || twice != once {
		t.Fatalf("%s(%q) = %q, and of that %q, %v", name, raw, once, twice, err)
	}
}

func FuzzProfileURL(f *testing.F) {
	for _, s := range []string{"https://de.linkedin.com/in/Ada/?x", "linkedin.com/sales/lead/AC,x,y", "github.com/%41%2f%25", "http://www.www.www.com/a//b", "xn--a.example/É"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) { stable(t, "ProfileURL", ProfileURL, raw, maxURL) })
}

func FuzzEmail(f *testing.F) {
	for _, s := range []string{"ada@example.com", "mailto:Ada@EXAMPLE.com?x", "A <é@münchen.example>", "İ@example.com", "a@xn--mnchen-3ya.example"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		stable(t, "Email", Email, raw, maxEmail)
		stable(t, "Domain", Domain, raw, maxHost)
	})
}

func FuzzNameKey(f *testing.F) {
	for _, s := range []string{"Dr. Ada Lovelace-King, Ph.D.", "Lovelace, Ada", "M. R. Smith", "Müller GmbH & Co. KG", "The A/S", "ガガ राम 한글 ﷺ", "p h d m sc"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) {
		total := func(key func(string) string) func(string) (string, error) {
			return func(s string) (string, error) { return key(s), nil }
		}
		stable(t, "NameKey", total(NameKey), raw, maxKey)
		stable(t, "CompanyKey", total(CompanyKey), raw, maxKey)
		SplitName(raw)
	})
}

func BenchmarkPhone(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Phone("202-224-3121", "US"); err != nil {
			b.Fatal(err)
		}
	}
}
