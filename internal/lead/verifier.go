package lead

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
)

//go:embed verifier.txt
var verifierText string

var verifierWords = sync.OnceValue(func() map[string]string {
	words := map[string]string{}
	for line := range strings.Lines(verifierText) {
		status, list, found := strings.Cut(line, ":")
		if !found || strings.HasPrefix(line, "#") {
			continue
		}
		for _, word := range strings.Fields(list) {
			words[word] = status
		}
	}
	return words
})

// VerifierStatus reads an email's status in the words of those who verify addresses:
// "Deliverable" is Verified, "catch-all" is Likely. Nothing said means Unverified;
// false means a word that no verifier is known to use, which is not guessed at,
// because Verified is what costs money.
func VerifierStatus(raw string) (string, bool) {
	if status, ok := EmailStatus(raw); ok {
		return status, true
	}
	if strings.EqualFold(strings.TrimSpace(raw), Former) { // as our own exports say
		return Former, true
	}
	if len(raw) > maxText {
		return "", false
	}
	word := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, strings.Join(foldWords(raw), ""))
	status, ok := verifierWords()[word]
	return status, ok
}
