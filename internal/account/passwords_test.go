package account

import (
	"strings"
	"testing"
)

// What guessers try first is refused in every simple dress, and so is what anybody can read
// of its owner; what people are told to choose is taken.
func TestCommonPasswordsAreRefused(t *testing.T) {
	about := []string{"ada.byron@engines.example", "Analytical Engines"}
	for _, bad := range []string{
		"password123", "Password123!", "PASSWORD2026", "p@ssw0rd1234", "P4ssword!!!!", "passwordpassword", "qwertyuiop", "QwertyUiop1", "1234567890", "0123456789", "0987654321!",
		"aaaaaaaaaaaa", "abcabcabcabc", "1212121212", "iloveyou2026", "!!welcome2026", "Summer2026!", "letmein12345", "basketball", "1qaz2wsx3edc", "football1234", "..........",
		"leadmeter1", "LeadMeter2026!", "L3admet3r99", "ada.byron@engines.example", "ada.byron2026", "AdaByron2026!", "engines2026", "analytical engines", "AnalyticalEngines1", "engines.example",
		"short", strings.Repeat("long", 51),
	} {
		if err := checkPassword(bad, about...); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	for _, good := range []string{
		"correct horse battery", "another password", "a third password", "vinegar-tuba-ocelot", "Tr0mbone under the 7th sea", "kXv9!mQz2w#L", "ada likes engines and rain", "東京の夜は静かに更ける",
	} {
		if err := checkPassword(good, about...); err != nil {
			t.Errorf("%q: %v", good, err)
		}
	}
	if n := len(commonPasswords()); n < 5000 {
		t.Errorf("%d passwords are listed", n)
	}
}
