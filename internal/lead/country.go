package lead

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// countryNames are the English names of countries, folded, and what people write
// for a few of them.
var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{
		"usa": "US", "united states of america": "US", "america": "US", "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB",
		"wales": "GB", "northern ireland": "GB", "holland": "NL", "the netherlands": "NL", "czech republic": "CZ", "czechia": "CZ", "south korea": "KR",
		"korea": "KR", "korea republic of": "KR", "russian federation": "RU", "viet nam": "VN", "uae": "AE", "deutschland": "DE", "osterreich": "AT", "schweiz": "CH",
		"suisse": "CH", "espana": "ES", "italia": "IT", "brasil": "BR", "mexico": "MX", "turkey": "TR", "turkiye": "TR", "hong kong": "HK", "macau": "MO", "taiwan": "TW",
		"sverige": "SE", "norge": "NO", "danmark": "DK", "suomi": "FI", "polska": "PL", "belgique": "BE", "belgie": "BE", "ivory coast": "CI", "burma": "MM",
	}
	english := display.English.Regions()
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			region, err := language.ParseRegion(string(a) + string(b))
			if err != nil || !region.IsCountry() || region.String() != string(a)+string(b) || region.Canonicalize() != region {
				continue
			}
			if name := english.Name(region); name != "" {
				names[strings.Join(foldWords(name), " ")] = region.String()
			}
		}
	}
	return names
})

// CountryNamed reads a country's code, as Country does, or its English name:
// "Germany" is "DE". False means that it names no country.
func CountryNamed(raw string) (string, bool) {
	if code, ok := Country(raw); ok {
		return code, true
	}
	if len(raw) > maxText {
		return "", false
	}
	code, ok := countryNames()[strings.Join(foldWords(raw), " ")]
	return code, ok
}
