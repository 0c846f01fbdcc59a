package server_test

import (
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// Calls go straight down: a package may import only what is listed below it, and
// docs/ARCHITECTURE.md names every package.
func TestLayers(t *testing.T) {
	const module = "github.com/leadmeter/leadmeter/"
	below := map[string][]string{
		"internal/fault":       {},
		"internal/history":     {},
		"internal/ident":       {},
		"internal/lead":        {},
		"internal/contactfile": {"internal/lead"},
		"internal/find":        {"internal/lead"},
		"internal/seal":        {},
		"internal/throttle":    {},
		"internal/job":         {"internal/store"},
		"internal/live":        {"internal/fault", "internal/store"},
		"internal/outbound":    {"internal/fault"},
		"internal/edge":        {"internal/fault"},
		"internal/store":       {"credits/unit", "internal/fault", "internal/lead"},
		"credits/unit":         {},
		"credits":              {"credits/unit", "internal/store"},
		"client":               {"credits/unit"},
		"internal/account":     {"credits", "internal/fault", "internal/ident", "internal/lead", "internal/outbox", "internal/store"},
		"internal/directory":   {"internal/contactfile", "internal/fault", "internal/find", "internal/ident", "internal/job", "internal/lead", "internal/store"},
		"internal/enrich":      {"credits", "internal/directory", "internal/fault", "internal/ident", "internal/job", "internal/lead", "internal/provider", "internal/seal", "internal/store"},
		"internal/capture":     {"credits", "credits/unit", "internal/account", "internal/directory", "internal/fault", "internal/find", "internal/ident", "internal/lead", "internal/provider", "internal/enrich", "internal/store"},
		"internal/bulk":        {"credits", "internal/account", "internal/capture", "internal/contactfile", "internal/directory", "internal/fault", "internal/ident", "internal/job", "internal/lead", "internal/outbox", "internal/store"},
		"internal/archive":     {"credits", "internal/account", "internal/fault", "internal/ident", "internal/store"},
		"internal/copying":     {"credits", "internal/ident", "internal/store"},
		"internal/webhook":     {"credits", "internal/account", "internal/fault", "internal/ident", "internal/mail", "internal/outbound", "internal/outbox", "internal/seal", "internal/store"},
		"internal/alert":       {"credits", "internal/account", "internal/export", "internal/fault", "internal/mail", "internal/outbox", "internal/store", "internal/usage", "internal/words"},
		"internal/push":        {"internal/account", "internal/capture", "internal/export", "internal/fault", "internal/ident", "internal/outbound", "internal/outbox", "internal/seal", "internal/store"},
		"internal/outbox":      {"internal/ident", "internal/job", "internal/store"},
		"internal/mail":        {"internal/fault", "internal/ident", "internal/outbox", "internal/seal", "internal/store"},
		"internal/signin":      {"internal/account", "internal/fault", "internal/ident", "internal/lead", "internal/mail", "internal/seal", "internal/store", "internal/words"},
		"internal/usage":       {"credits", "credits/unit", "internal/account", "internal/fault", "internal/store"},
		"internal/export":      {"credits", "internal/account", "internal/capture", "internal/contactfile", "internal/fault", "internal/lead", "internal/store", "internal/usage"},
		"internal/api":         {"credits", "internal/account", "internal/alert", "internal/bulk", "internal/capture", "internal/contactfile", "internal/directory", "internal/edge", "internal/export", "internal/fault", "internal/find", "internal/ident", "internal/lead", "internal/provider", "internal/push", "internal/screen", "internal/seal", "internal/enrich", "internal/signin", "internal/store", "internal/throttle", "internal/usage", "internal/webhook", "internal/words"},

		"internal/words":         {"credits/unit"},
		"internal/screen":        {"credits", "credits/unit", "internal/account", "internal/alert", "internal/bulk", "internal/capture", "internal/fault", "internal/ident", "internal/lead", "internal/push", "internal/signin", "internal/store", "internal/usage", "internal/webhook", "internal/words"},
		"internal/web":           {"internal/edge", "internal/web/capturing", "internal/web/frame", "internal/web/gate", "internal/web/operator", "internal/web/settings", "internal/web/sheet", "internal/web/spending", "internal/web/team"},
		"internal/web/static":    {},
		"docs":                   {},
		"internal/web/frame":     {"credits/unit", "internal/account", "internal/alert", "internal/bulk", "internal/capture", "internal/contactfile", "internal/directory", "internal/edge", "internal/enrich", "internal/export", "internal/fault", "internal/ident", "internal/lead", "internal/live", "internal/mail", "internal/push", "internal/screen", "internal/seal", "internal/signin", "internal/throttle", "internal/usage", "internal/web/static", "internal/webhook", "internal/words"},
		"internal/web/gate":      {"credits/unit", "internal/account", "internal/fault", "internal/lead", "internal/signin", "internal/throttle", "internal/web/frame", "internal/words"},
		"internal/web/sheet":     {"credits/unit", "internal/account", "internal/bulk", "internal/capture", "internal/export", "internal/fault", "internal/lead", "internal/screen", "internal/web/frame", "internal/words"},
		"internal/web/capturing": {"credits/unit", "internal/account", "internal/bulk", "internal/capture", "internal/contactfile", "internal/edge", "internal/export", "internal/fault", "internal/find", "internal/lead", "internal/screen", "internal/web/frame", "internal/web/sheet", "internal/words"},
		"internal/web/team":      {"credits/unit", "internal/account", "internal/fault", "internal/screen", "internal/web/frame", "internal/words"},
		"internal/web/spending":  {"credits/unit", "internal/account", "internal/capture", "internal/export", "internal/fault", "internal/screen", "internal/usage", "internal/web/frame", "internal/words"},
		"internal/web/settings":  {"credits/unit", "docs", "internal/account", "internal/alert", "internal/fault", "internal/lead", "internal/push", "internal/screen", "internal/web/frame", "internal/webhook", "internal/words"},
		"internal/web/operator":  {"credits/unit", "internal/account", "internal/contactfile", "internal/directory", "internal/edge", "internal/enrich", "internal/export", "internal/fault", "internal/lead", "internal/mail", "internal/provider", "internal/sample/people", "internal/screen", "internal/seal", "internal/web/frame", "internal/web/spending", "internal/words"},

		"internal/peer":    {"credits", "internal/ident", "internal/store"},
		"internal/testdb":  {"internal/store"},
		"internal/mutants": {},

		"cmd/leadmeter":                {"internal/command"},
		"internal/command":             {"credits", "internal/archive", "internal/bench", "internal/bulk", "internal/contactfile", "internal/copying", "internal/directory", "internal/mail", "internal/provider", "internal/sample", "internal/seal", "internal/server", "internal/signin", "internal/store", "internal/throttle"},
		"internal/server":              {"credits", "internal/account", "internal/alert", "internal/api", "internal/bulk", "internal/capture", "internal/contactfile", "internal/copying", "internal/directory", "internal/edge", "internal/export", "internal/ident", "internal/live", "internal/mail", "internal/outbox", "internal/peer", "internal/provider", "internal/provider/catalogue", "internal/push", "internal/screen", "internal/seal", "internal/enrich", "internal/signin", "internal/store", "internal/throttle", "internal/usage", "internal/web", "internal/webhook"},
		"internal/bench":               {"client", "credits", "internal/account", "internal/bulk", "internal/capture", "internal/directory", "internal/ident", "internal/lead", "internal/peer", "internal/server", "internal/store"},
		"internal/sample":              {"credits", "internal/account", "internal/capture", "internal/fault", "internal/ident", "internal/lead", "internal/sample/people", "internal/server", "internal/store"},
		"internal/sample/people":       {},
		"internal/extensionzip":        {},
		"internal/browser":             {},
		"internal/browser/chrome":      {},
		"internal/browser/pace":        {"credits", "internal/account", "internal/browser/chrome", "internal/capture", "internal/fault", "internal/ident", "internal/lead", "internal/sample/people", "internal/server", "internal/store"},
		"internal/browser/screenshots": {"internal/account", "internal/browser/chrome", "internal/mail", "internal/sample", "internal/server", "internal/store"},

		"internal/provider":                {"internal/fault", "internal/ident", "internal/lead", "internal/outbound", "internal/seal"},
		"internal/provider/hunter":         {"internal/lead", "internal/provider"},
		"internal/provider/peopledatalabs": {"internal/lead", "internal/provider"},
		"internal/provider/dropcontact":    {"internal/lead", "internal/provider"},
		"internal/provider/generic":        {"internal/lead", "internal/provider"},
		"internal/provider/providertest":   {"internal/lead", "internal/outbound", "internal/provider", "internal/seal"},
		"internal/provider/catalogue": {"internal/provider", "internal/provider/dropcontact", "internal/provider/generic",
			"internal/provider/hunter", "internal/provider/peopledatalabs"},
	}
	page, err := os.ReadFile("../../docs/ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("go", "list", "-f", "{{.ImportPath}} {{join .Imports \" \"}}", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(strings.ReplaceAll(line, module, ""))
		allowed, listed := below[fields[0]]
		if !listed {
			t.Errorf("%s is not listed here: say what is below it", fields[0])
			continue
		}
		found++
		if fields[0] != "cmd/leadmeter" && !strings.Contains(string(page), path.Base(fields[0])+"/") {
			t.Errorf("docs/ARCHITECTURE.md does not name %s", fields[0])
		}
		for _, imported := range fields[1:] {
			ours := strings.Contains(line, module+imported)
			if strings.HasPrefix(fields[0]+"/", "internal/web/") && (imported == "internal/store" || ours && imported == "credits") {
				t.Errorf("%s imports %s: what a page shows is decided in internal/screen", fields[0], imported)
			}
			if ours && !slices.Contains(allowed, imported) {
				t.Errorf("%s imports %s, which is not below it", fields[0], imported)
			}
		}
	}
	if found != len(below) {
		t.Errorf("%d of %d packages were found", found, len(below))
	}
}
