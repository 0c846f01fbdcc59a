package lead

import (
	"strings"
	"testing"
)

func TestPhone(t *testing.T) {
	for _, c := range []struct{ raw, country, want, err string }{
		{"(202) 224-3121", "US", "+12022243121", ""},
		{"202-224-3121", "us", "+12022243121", ""},
		{"202-224-3121", "USA", "+12022243121", ""},
		{"+1 202 224 3121", "", "+12022243121", ""},
		{"+1 202 224 3121", "DE", "+12022243121", ""},
		{"+1 202 224 3121", "Atlantis", "+12022243121", ""},
		{"tel:+1-202-224-3121", "", "+12022243121", ""},
		{"tel:202-224-3121", "US", "+12022243121", ""},
		{"1-202-224-3121", "US", "+12022243121", ""},
		{"202-224-3121 x12", "US", "+12022243121;ext=12", ""},
		{"202-224-3121 ext. 007", "US", "+12022243121;ext=007", ""},
		{"+12022243121;ext=12", "", "+12022243121;ext=12", ""},
		{"２０２ ２２４ ３１２１", "US", "+12022243121", ""},
		{"089 123456", "DE", "+4989123456", ""},
		{"+39 06 6982", "", "+39066982", ""},
		{"020 7946 0958", "UK", "+442079460958", ""},
		{"12", "US", "", `"12" is not a phone number in US`},
		{"224-3121", "US", "", `"224-3121" is not a phone number in US`},
		{"202-224-3121", "", "", `"202-224-3121" is not a phone number with a country code, and no country is given`},
		{"202-224-3121", "Atlantis", "", `"202-224-3121" is not a phone number with a country code, and no country is given`},
		{"+999 12", "", "", `"+999 12" is not a phone number`},
		{"", "US", "", "the phone number is empty"},
		{strings.Repeat("2", 5000), "US", "", `"` + strings.Repeat("2", 64) + `…" is not a phone number in US`},
	} {
		got, err := Phone(c.raw, c.country)
		if got != c.want || sentence(err) != c.err {
			t.Errorf("Phone(%.40q, %q) = %q, %q; want %q, %q", c.raw, c.country, got, sentence(err), c.want, c.err)
		}
	}
}

func sentence(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestCountry(t *testing.T) {
	for raw, want := range map[string]string{
		"us": "US", "USA": "US", " de ": "DE", "UK": "GB", "": "", "United States": "", "ZZ": "", "EU": "", "001": "", "U": "",
	} {
		if got, ok := Country(raw); got != want || ok != (want != "") {
			t.Errorf("Country(%q) = %q, %v; want %q", raw, got, ok, want)
		}
	}
}

func TestCountriesInTheirLanguages(t *testing.T) {
	for raw, want := range map[string]string{
		"Germany": "DE", "Deutschland": "DE", "Allemagne": "DE", "Vereinigtes Königreich": "GB", "Royaume-Uni": "GB", "Reino Unido": "GB", "Estados Unidos": "US", "USA": "US",
		"Stany Zjednoczone": "US", "Niederlande": "NL", "Österreich": "AT", "Россия": "RU", "日本": "JP", "Schweiz": "CH", "Atlantis": "", "": "", "Georgia": "GE", "Türkei": "TR",
	} {
		if got, ok := CountryNamed(raw); got != want || ok != (want != "") {
			t.Errorf("CountryNamed(%q) = %q, %v; want %q", raw, got, ok, want)
		}
	}
}

// table checks a normaliser: an empty want is a refusal.
func table(t *testing.T, name string, normalise func(string) (string, error), cases [][2]string) {
	t.Helper()
	for _, c := range cases {
		got, err := normalise(c[0])
		if got != c[1] || (err == nil) != (c[1] != "") {
			t.Errorf("%s(%.80q) = %q, %v; want %q", name, c[0], got, err, c[1])
		}
	}
}

func TestEmail(t *testing.T) {
	table(t, "Email", Email, [][2]string{
		{"ada@example.com", "ada@example.com"},
		{" Ada.King+News@EXAMPLE.com ", "ada.king+news@example.com"},
		{"mailto:ada@example.com?subject=Hello", "ada@example.com"},
		{"Ada King <ada@example.com>", "ada@example.com"},
		{"ada@münchen.example", "ada@xn--mnchen-3ya.example"},
		{"ada@XN--MNCHEN-3YA.example", "ada@xn--mnchen-3ya.example"},
		{"JOSÉ@example.com", "josé@example.com"},
		{"jose\u0301@example.com", "josé@example.com"},
		{"ada@example.com.", "ada@example.com"},
		{"ada@www.example.com", "ada@www.example.com"},
		{strings.Repeat("a", 64) + "@example.com", strings.Repeat("a", 64) + "@example.com"},
		{strings.Repeat("a", 65) + "@example.com", ""},
		{"a@" + strings.Repeat(strings.Repeat("b", 60)+".", 4) + "example.com", ""},
		{"", ""}, {"ada", ""}, {"@example.com", ""}, {"ada@", ""}, {"ada@localhost", ""}, {"ada@1.2.3.4", ""},
		{"a@b@example.com", ""}, {".ada@example.com", ""}, {"a..b@example.com", ""}, {"a b@example.com", ""},
		{"ada@-example.com", ""}, {"ada@exa mple.com", ""}, {"ada@exa_mple.com", ""}, {"ada@example..com", ""},
		{"ada@example.com\x00", ""}, {"ad\xffa@example.com", ""}, {"ada;bob@example.com", ""}, {`"ada"@example.com`, ""},
	})
}

func TestDomain(t *testing.T) {
	table(t, "Domain", Domain, [][2]string{
		{"senate.gov", "senate.gov"}, {"https://www.Senate.gov/about?x#y", "senate.gov"}, {"//www.senate.gov", "senate.gov"},
		{"senate.gov:443", "senate.gov"}, {"www.senate.gov.", "senate.gov"}, {"www.com", "www.com"}, {"www2.acme.com", "www2.acme.com"},
		{"bücher.example", "xn--bcher-kva.example"}, {"HTTP://BÜCHER.example/", "xn--bcher-kva.example"}, {"a--b.example", "a--b.example"},
		{"", ""}, {"senate", ""}, {"10.0.0.1", ""}, {"[::1]", ""}, {"ada@senate.gov", ""}, {"sen ate.gov", ""}, {"a..b", ""},
		{"xn--a.example", ""}, {strings.Repeat("a.", 200) + "com", ""}, {"a\x00.com", ""},
	})
}

func TestProfileURL(t *testing.T) {
	table(t, "ProfileURL", ProfileURL, [][2]string{
		{"linkedin.com/in/ada", "linkedin.com/in/ada"},
		{"https://www.linkedin.com/in/Ada-Lovelace/", "linkedin.com/in/ada-lovelace"},
		{"HTTP://de.linkedin.com/in/ada?trk=x#about", "linkedin.com/in/ada"},
		{"https://www.linkedin.com/in/ada/de", "linkedin.com/in/ada"},
		{"https://m.linkedin.com//in//ada//overlay/contact-info/", "linkedin.com/in/ada"},
		{"https://www.linkedin.com/mwlite/in/ada", "linkedin.com/in/ada"},
		{"https://www.linkedin.com/in/jos%C3%A9-%e5%bc%a0", "linkedin.com/in/josé-张"},
		{"https://www.linkedin.com/in/jose%CC%81", "linkedin.com/in/josé"},
		{"https://www.linkedin.com:443/in/ada", "linkedin.com/in/ada"},
		{"https://www.linkedin.com/sales/lead/ACwAAA12,NAME_SEARCH,x1Yz?_ntb=q", "linkedin.com/sales/lead/acwaaa12"},
		{"https://www.linkedin.com/sales/people/ACwAAA12,NAME_SEARCH", "linkedin.com/sales/lead/acwaaa12"},
		{"https://www.linkedin.com/pub/ada/1/2/3", "linkedin.com/pub/ada/1/2/3"},
		{"https://www.xing.com/profile/Ada_Lovelace/cv", "xing.com/profile/ada_lovelace"},
		{"https://github.com/ada", "github.com/ada"},
		// Whom the query identifies, and who are not told apart by it.
		{"https://www.linkedin.com/profile/view?id=100200300", "linkedin.com/profile/view?id=100200300"},
		{"https://www.linkedin.com/profile/view?authType=name&id=100200300&trk=x", "linkedin.com/profile/view?id=100200300"},
		{"https://www.linkedin.com/profile/view?trk=x", ""}, {"https://www.linkedin.com/profile/view", ""}, {"https://www.linkedin.com/profile/view?id=", ""},
		{"https://www.linkedin.com/recruiter/profile/509045058,VFKE,CAP?searchId=2", "linkedin.com/profile/view?id=509045058"},
		{"https://www.facebook.com/profile.php?id=1001&sk=about", "facebook.com/profile.php?id=1001"}, {"https://m.facebook.com/people/Ada-King/1001/", "facebook.com/profile.php?id=1001"},
		{"https://www.facebook.com/ada.king/photos", "facebook.com/ada.king"}, {"https://www.facebook.com/pages/Acme/123", ""}, {"https://www.facebook.com/groups/ada", ""},
		{"https://mobile.twitter.com/ada/status/1", "x.com/ada"}, {"https://x.com/intent/user?screen_name=Ada", "x.com/ada"}, {"https://x.com/search?q=ada", ""}, {"https://x.com/home", ""},
		{"https://github.com/ada/engine", ""}, {"https://github.com/orgs/acme", ""}, {"https://scholar.google.de/citations?hl=de&user=aBc", "scholar.google.com/citations?user=abc"},
		{"https://team.example/people?id=7&utm_source=x", "team.example/people?id=7"}, {"https://team.example/?b=2&a=1", "team.example/?a=1&b=2"}, {"https://team.example/?utm_source=x", ""},
		// What programs write where there is no profile.
		{"https://www.linkedin.com/in/undefined", ""}, {"https://www.linkedin.com/in/null/", ""}, {"https://www.linkedin.com/in/me", ""}, {"https://www.linkedin.com/in/unavailable", ""},
		{"https://www.linkedin.com/search/results/people/headless?origin=SHARED&keywords=x1", ""}, {"https://www.linkedin.com/search/results/all/?keywords=ada", ""},
		{"https://www.linkedin.com/pub/dir/Ada/King", ""}, {"https://www.linkedin.com/feed/update/urn:li:1", ""}, {"https://www.linkedin.com/school/x", ""}, {"https://acme.example/team/undefined", ""},
		// What stands around an address.
		{"https://www.linkedin.com/m/in/mia-x35", "linkedin.com/in/mia-x35"}, {"https://www.linkedin.com/in/mia-%25C3%25B6lde-x35", "linkedin.com/in/mia-ölde-x35"},
		{"https://www.linkedin.com/in/mia-x35).", "linkedin.com/in/mia-x35"}, {"<https://www.linkedin.com/in/mia-x35>", "linkedin.com/in/mia-x35"}, {"linkedin.com/in/mia-x35,", "linkedin.com/in/mia-x35"},
		{"https://www.google.com/url?q=https://www.linkedin.com/in/mia-x35&sa=U", "linkedin.com/in/mia-x35"},
		{"https://www.google.co.uk/url?sa=t&url=https%3A%2F%2Fuk.linkedin.com%2Fin%2Fmia-x35&usg=A", "linkedin.com/in/mia-x35"},
		{"https://www.linkedin.com/authwall?trk=x&sessionRedirect=https%3A%2F%2Fwww.linkedin.com%2Fin%2Fmia-x35", "linkedin.com/in/mia-x35"},
		{"https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fwww.linkedin.com%2Fin%2Fmia-x35&data=1", "linkedin.com/in/mia-x35"},
		{"https://web.archive.org/web/20200101/https://www.linkedin.com/in/mia-x35", "linkedin.com/in/mia-x35"}, {"https://www.google.com/search?q=mia", ""},
		{"https://www.linkedin.com/in/kit-mole-x34\u200b", "linkedin.com/in/kit-mole-x34"}, {"\u200ehttps://www.linkedin.com/in/les-nye-x34", "linkedin.com/in/les-nye-x34"}, {"https://www.linkedin.com/in/a\u200bda", "linkedin.com/in/ada"},
		{"https://example.com/a%2Fb%3Fc%25", "example.com/a%2fb%3fc%25"},
		{"", ""}, {"ada", ""}, {"linkedin.com", ""}, {"https://www.linkedin.com/in/", ""}, {"https://linkedin.com/sales/lead/,x", ""},
		{"https://www.linkedin.com/company/acme", ""}, {"https://acme.example/", ""}, {"javascript:alert(1)", ""},
		{"javascript://example.com/%0aalert(1)", ""}, {"ftp://example.com/ada", ""}, {"https://ada@example.com/x", ""},
		{"https://example.com/../ada", ""}, {"https://example.com/%zz", ""}, {"https://example.com/%f", ""}, {"https://example.com/%ff", ""},
		{"https://example.com/a b", ""}, {"https://example.com/a\x00", ""}, {"https://example.com/" + strings.Repeat("a", 3000), ""},
	})
	if strings.Contains(func() string { s, _ := ProfileURL("notlinkedin.com/in/ada/x"); return s }(), "/in/ada/x") == false {
		t.Error("a site whose name only ends in linkedin.com is another site")
	}
}

func TestNameKey(t *testing.T) {
	for raw, want := range map[string]string{
		"Ada Lovelace": "ada lovelace", "  ADA   lovelace ": "ada lovelace", "Lovelace, Ada": "ada lovelace",
		"Dr. Ada Lovelace, PhD": "ada lovelace", "Prof. Dr. Ada Lovelace Ph.D., M.D.": "ada lovelace", "Ada Lovelace, CISSP": "ada lovelace",
		"Martin Luther King, Jr.": "martin luther king", "King Jr., Martin Luther": "king jr martin luther",
		"José Ñúñez": "jose nunez", "Jose\u0301 Nunez": "jose nunez", "Søren Ærø": "soren aero", "Łukasz Strauß": "lukasz strauss",
		"Conan O'Brien": "conan obrien", "Conan O’Brien": "conan obrien", "Jean-Luc Picard": "jean luc picard",
		"J. R. R. Tolkien": "jrr tolkien", "J.R.R. Tolkien": "jrr tolkien", "M. R. Smith": "m r smith", "Mr. Smith": "smith",
		"Dr.Who": "who", "Dr": "dr", "Jr.": "jr", "Jack Ma": "jack ma", "van Gogh, Vincent": "vincent van gogh",
		"ΣΟΦΟΣ": "σοφοσ", "Юрий": "юрии", "राम": "राम", "ガガ": "ガガ", "李小龙": "李小龙", "한글": "한글", "ａｄａ": "ada",
		"Ada 🎉 Lovelace": "ada lovelace", "A\u00adda": "ada", "!!!": "", "": "", "\xff\xfe": "",
	} {
		if got := NameKey(raw); got != want {
			t.Errorf("NameKey(%q) = %q, want %q", raw, got, want)
		}
	}
	if got := NameKey(strings.Repeat("ab ", 100_000)); len(got) > maxKey {
		t.Errorf("a key of %d bytes", len(got))
	}
}

func TestCompanyKey(t *testing.T) {
	for raw, want := range map[string]string{
		"Acme Inc.": "acme", "ACME, LLC": "acme", "Acme Co., Ltd.": "acme", "Müller GmbH & Co. KG": "muller", "Acme S.A.": "acme",
		"Acme B.V.": "acme", "Foo A/S": "foo", "Enel S.p.A.": "enel", "The Home Depot": "home depot", "AT&T Corp": "at and t",
		"Ford Motor Company": "ford motor", "Limited": "limited", "The Limited": "limited", "The": "the", "United States Senate": "united states senate",
		"Bath and Body": "bath and body", "": "", "株式会社": "株式会社", "株式会社クオン": "クオン", "クオン㈱": "クオン", "ООО «Ромашка»": "ромашка",
		"Tata Consultancy Services Pvt. Ltd.": "tata consultancy services", "Acme, Inc. (formerly Widget Corp)": "acme", "Źródło sp. z o.o.": "zrodlo",
		"深圳市腾讯计算机系统有限公司": "深圳市腾讯计算机系统", "주식회사 카카오": "카카오", "PT Telkom Tbk": "telkom", "Foo Holdings Private Limited": "foo holdings",
	} {
		if got := CompanyKey(raw); got != want {
			t.Errorf("CompanyKey(%q) = %q, want %q", raw, got, want)
		}
	}
}

func TestSplitName(t *testing.T) {
	for raw, want := range map[string][2]string{
		"Ada Lovelace": {"Ada", "Lovelace"}, "Dr. Ada  Lovelace, PhD": {"Ada", "Lovelace"}, "Lovelace, Ada": {"Ada", "Lovelace"},
		"Ludwig van Beethoven": {"Ludwig", "van Beethoven"}, "Vincent van der Berg Jr.": {"Vincent", "van der Berg"},
		"Mary Ann Smith": {"Mary Ann", "Smith"}, "Madonna": {"Madonna", ""}, "": {"", ""}, "van Dyck": {"van", "Dyck"},
	} {
		if first, last := SplitName(raw); first != want[0] || last != want[1] {
			t.Errorf("SplitName(%q) = %q, %q; want %q", raw, first, last, want)
		}
	}
}
