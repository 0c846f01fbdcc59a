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

// usualNames are what people write for a few countries beside their names in English and in the
// main language.
var usualNames = map[string][]string{
	"US": {"USA", "US", "United States of America", "America"}, "GB": {"UK", "Great Britain"}, "AE": {"UAE"}, "NL": {"Holland", "The Netherlands"},
	"CZ": {"Czech Republic", "Czechia"}, "KR": {"South Korea", "Korea", "Korea, Republic of"}, "RU": {"Russian Federation"}, "VN": {"Viet Nam"},
	"CH": {"Suisse"}, "BE": {"Belgique", "België"}, "TR": {"Turkey", "Türkiye"}, "HK": {"Hong Kong"}, "MO": {"Macau"}, "TW": {"Taiwan"}, "CI": {"Ivory Coast"},
	"MM": {"Burma"}, "DE": {"Deutschland"}, "AT": {"Österreich"}, "ES": {"España"}, "IT": {"Italia"}, "BR": {"Brasil"}, "MX": {"Mexico"},
	"SE": {"Sverige"}, "NO": {"Norge"}, "DK": {"Danmark"}, "FI": {"Suomi"}, "PL": {"Polska"},
}

// countryNames are the names of countries in these languages, folded, and what people
// write for a few of them.
var countryNames = sync.OnceValue(func() map[string]string {
	names := map[string]string{"england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB"}
	for code, list := range usualNames {
		for _, name := range list {
			names[strings.Join(foldWords(name), " ")] = code
		}
	}
	for _, tag := range countryLanguages {
		addCountries(names, display.Regions(tag))
	}
	return names
})

// CountryNames are the names by which people look for a country: in English, in its main
// language, and what is usual beside them. Empty: the code, as Country writes it, is of none.
func CountryNames(code string) []string {
	region, err := language.ParseRegion(code)
	if err != nil {
		return nil
	}
	var names []string
	main, _ := language.Compose(region)
	base, _ := main.Base()
	for _, in := range []display.Namer{display.Regions(language.English), display.Regions(language.Make(base.String()))} {
		if in != nil {
			names = append(names, in.Name(region))
		}
	}
	return append(names, usualNames[code]...)
}

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
