package bulk

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"github.com/leadmeter/leadmeter/internal/contactfile"
)

// readingOf guesses how a file is best read; another way can be chosen on its page. Error:
// why it cannot be read in any.
func readingOf(body []byte, contentType string) (string, error) {
	_, err := rowsIn(body, contentType, Reading{As: ReadTable}, func(Row) {})
	if err == nil || contentType != "text/csv" && contentType != Pasted {
		return ReadTable, err
	}
	file, e := contactfile.Read(bytes.NewReader(body), "text/csv", contactfile.Options{Lenient: true, NoHeader: true})
	if e != nil {
		return "", err
	}
	first, e := file.Next()
	if e != nil {
		return "", err
	}
	second, _ := file.Next() // without one the first is somebody
	named := slices.ContainsFunc(first.Cells, tells)
	switch delimiter := file.Understood().Delimiter; {
	case headed(first.Cells, second.Cells):
		return ReadTable, nil
	case contentType != Pasted && !named:
		return ReadTable, nil
	case contentType == Pasted && (len(first.Cells) == 1 || delimiter == "," && (len(first.Cells) == 2 || !named)):
		return ReadLines, nil
	}
	return ReadRows, nil
}

// tells is a cell that no header has: an address, or a profile.
func tells(cell string) bool {
	return strings.Contains(cell, "@") || strings.Contains(strings.ToLower(cell), "linkedin.com/")
}

// headed tells a header of several columns by the row below it, which holds numbers, addresses or
// profiles where the header has words.
func headed(first, second []string) bool {
	if len(first) < 2 || len(second) != len(first) {
		return false
	}
	for n, cell := range first {
		number := strings.ContainsFunc(second[n], unicode.IsDigit) && !strings.ContainsFunc(second[n], unicode.IsLetter)
		if strings.ContainsFunc(cell, unicode.IsLetter) && !tells(cell) && (number || tells(second[n])) {
			return true
		}
	}
	return false
}
