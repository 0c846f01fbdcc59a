package lead

import (
	"strings"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// countryLanguages are those in which countries are read. Where two languages mean
// different countries by one name the first counts.
var countryLanguages = []language.Tag{language.English, language.German, language.French, language.Spanish, language.Italian, language.Portuguese, language.Dutch,
	language.Polish, language.Swedish, language.Danish, language.Norwegian, language.Finnish, language.Czech, language.Hungarian, language.Romanian, language.Turkish,
	language.Russian, language.Ukrainian, language.Greek, language.Japanese, language.Chinese, language.TraditionalChinese, language.Korean}

// countryNames are the names of countries in these languages, folded, and what people
// write for a few of them.
var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{
		"usa": "US", "united states of america": "US", "america": "US", "uk": "GB", "great britain": "GB", "england": "GB", "scotland": "GB",
		"wales": "GB", "northern ireland": "GB", "holland": "NL", "the netherlands": "NL", "czech republic": "CZ", "czechia": "CZ", "south korea": "KR",
		"korea": "KR", "korea republic of": "KR", "russian federation": "RU", "viet nam": "VN", "uae": "AE", "deutschland": "DE", "osterreich": "AT", "schweiz": "CH",
		"suisse": "CH", "espana": "ES", "italia": "IT", "brasil": "BR", "mexico": "MX", "turkey": "TR", "turkiye": "TR", "hong kong": "HK", "macau": "MO", "taiwan": "TW",
		"sverige": "SE", "norge": "NO", "danmark": "DK", "suomi": "FI", "polska": "PL", "belgique": "BE", "belgie": "BE", "ivory coast": "CI", "burma": "MM",
	}
	for _, tag := range countryLanguages {
		addCountries(names, display.Regions(tag))
	}
	return names
})

// addCountries adds the names of one language.
func addCountries(names map[string]string, in display.Namer) {
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			region, err := language.ParseRegion(string(a) + string(b))
			if err != nil || !region.IsCountry() || region.String() != string(a)+string(b) || region.Canonicalize() != region {
				continue
			}
			name := strings.Join(foldWords(in.Name(region)), " ")
			if _, known := names[name]; !known && name != "" {
				names[name] = region.String()
			}
		}
	}
}

// CountryNamed reads a country's code, as Country does, or its name in one of the
// languages that files come in: "Germany" and "Deutschland" are "DE". False means that it names no country.
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
