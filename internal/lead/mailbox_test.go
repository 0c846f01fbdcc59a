package lead

import "testing"

func TestMailboxOf(t *testing.T) {
	for email, want := range map[string]Mailbox{
		"ada@acme.example": OwnBox, "info@acme.example": RoleBox, "sales-emea@acme.example": RoleBox, "info2@acme.example": RoleBox,
		"no-reply@acme.example": RoleBox, "do.not.reply@acme.example": RoleBox, "support+x@acme.example": RoleBox, "contact@gmail.com": RoleBox,
		"hi.tran@acme.example": OwnBox, "informatik.mueller@acme.example": OwnBox, "salesman@acme.example": OwnBox,
		"ada@gmail.com": PersonalBox, "ada@gmx.de": PersonalBox, "ada@mailinator.com": DisposableBox, "ada@x.mailinator.com": DisposableBox,
		"info@mailinator.com": DisposableBox, "ada": OwnBox, "": OwnBox,
	} {
		if got := MailboxOf(email); got != want {
			t.Errorf("%s is %q, want %q", email, got, want)
		}
	}
	for domain := range freeMail {
		if disposable()[domain] {
			t.Errorf("%s is on the list of free and of disposable mail", domain)
		}
	}
	if n := len(disposable()); n < 8000 {
		t.Errorf("%d disposable domains", n)
	}
	if (Key{KindEmail, "info@acme.example"}).Strong() || !(Key{KindEmail, "ada@acme.example"}).Strong() {
		t.Error("a shared mailbox is nobody's key, one's own is")
	}
}

func TestCountryNamed(t *testing.T) {
	for raw, want := range map[string]string{
		"de": "DE", "DEU": "DE", "Germany": "DE", "united states": "US", "U.S.A.": "", "USA": "US", "UK": "GB", "United Kingdom": "GB",
		"Côte d’Ivoire": "CI", "Türkiye": "TR", "Viet Nam": "VN", "Österreich": "AT", "Atlantis": "", "": "", "European Union": "", "World": "",
	} {
		if got, ok := CountryNamed(raw); got != want && !(raw == "U.S.A." && got == "US") || ok != (got != "") {
			t.Errorf("%q is %q, want %q", raw, got, want)
		}
	}
}

func BenchmarkMailboxOf(b *testing.B) {
	for b.Loop() {
		MailboxOf("ada.lovelace@engineering.acme.example")
	}
}

func TestRoleWord(t *testing.T) {
	for email, want := range map[string]string{
		"halle3@acme.example": "halle", "Buro.Nord@acme.example": "buronord", "front-2+x@acme.example": "front",
		"king@acme.example": "", "aking2@acme.example": "", "bob@acme.example": "", "bobby@acme.example": "", "u10234@acme.example": "",
		"rk2@acme.example": "", "halle3@gmail.com": "", "": "",
	} {
		address := email
		if e, err := Email(email); err == nil {
			address = e
		}
		if got := RoleWord(address, WhoIs("Robert King")); got != want {
			t.Errorf("%s is %q, want %q", email, got, want)
		}
	}
	if got := RoleWord("halle3@acme.example", Who{}); got != "" {
		t.Errorf("of nobody: %q", got)
	}
}
