package browser_test

import (
	"bytes"
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/leadmeter/leadmeter/internal/command"
)

// docs/guides/operator.md, from an empty server to a copy that was checked.
func TestOperatorGuide(t *testing.T) {
	w := start(t, "")
	w.beforeServer() // the server starts a second time behind one address
	g := readGuide(t, "operator")
	tab := w.tab()

	g.section("Start the server")
	g.command("serve")
	g.command("sign-in") // what both print
	tab.goTo("/sign-in#code=" + w.code(""))
	g.follow(tab, "Sign in to …")
	g.at(tab)

	g.section("Choose your sign-in")
	g.fill(tab, "main", "Email", "op@first.example")
	g.fill(tab, "main", "New password", "a long enough one 7")
	g.follow(tab, "Set password")
	tab.has(".steps li:nth-child(1)", "Done")

	g.section("Name your organization")
	g.fill(tab, "main", "Organization", "First Inc.")
	g.follow(tab, "Save name")
	tab.wantJS(`document.querySelector("#ws-name").value`, "First Inc.")

	g.section("Create the first workspace")
	g.at(tab)
	tab.has("main", "Set up this server")
	g.fill(tab, "main", "Name", "First")
	g.fill(tab, "main", "First admin’s email", "ada@first.example")
	g.fill(tab, "main", "First admin’s name", "Ada First")
	g.follow(tab, "Create workspace")
	tab.has("#notices", "Ada First is its admin.")

	g.section("Add people")
	g.follow(tab, "Add 200 made-up people")
	tab.has("#notices", "200 made-up people")
	g.follow(tab, "Import more")
	g.at(tab)
	g.upload(tab, "File", "people.csv", people)
	g.follow(tab, "Preview")
	g.follow(tab, "Import")
	tab.has("#imports tbody tr:first-child", "done")

	g.section("Send a test mail")
	tab.goTo("/operator/set-up")
	g.follow(tab, "Set up mail")
	g.fill(tab, "main", "Server", "smtp.example.com")
	g.find(tab, "Encryption", fields, "main")
	g.fill(tab, "main", "Sender", "no-reply@example.com")
	g.fill(tab, "main", "User", "")
	g.fill(tab, "main", "Password", "")
	g.follow(tab, "Save mail server")
	tab.has("main", "Saved.")
	w.restartWithMail()
	tab.goTo("/operator/set-up")
	g.fill(tab, "main", "Send a test mail to", "op@first.example")
	g.follow(tab, "Send")
	w.mailed("This server sends mail", `(?i)Subject: (.+)`)
	tab.goTo("/operator/set-up")
	tab.has(".steps li:nth-child(5)", "Done")

	g.section("Capture the first lead")
	profile := tab.js(`document.querySelector("#example").value`)
	g.follow(tab, "Continue as …")
	g.follow(tab, "Sign in to …")
	g.fill(tab, "main", "Profile URL, email, or name and company", profile)
	g.press(tab, "Capture")
	tab.wait(`document.querySelector("#lead-rows .person")`)

	g.section("Hand out the browser extension")
	tab.goTo(w.connection())
	g.follow(tab, "The codes match: approve")
	op := w.signedIn("")
	op.goTo("/operator/set-up")
	op.has("h1 + .tag", "6 of 6 done")
	op.has("#extension-title", "Done")

	g.section("Back up")
	dir := t.TempDir()
	for _, c := range []string{g.command("backup") + " --database=" + w.config.Database, g.command("verify")} {
		if !strings.HasPrefix(w.config.Database, "sqlite:") {
			continue // the guide is about one server with a file
		}
		var out, problems bytes.Buffer
		if code := command.Main(strings.Fields(strings.ReplaceAll(c, "/backups", dir)), &out, &problems); code != 0 {
			t.Errorf("leadmeter %s: exit %d: %s", c, code, problems.String())
		}
	}
	g.end()
}

// restartWithMail starts the server again, with mails in a directory.
func (w *world) restartWithMail() {
	w.Helper()
	if err := w.server.Close(); err != nil {
		w.Fatal(err)
	}
	w.config.Mail.Dir, w.config.Mail.Base = filepath.Join(w.TempDir(), "mails"), "https://leads.example.com"
	w.open()
	w.runs(slices.Collect(maps.Values(w.server.Senders()))...)
}

// runs does work of the server in the background until the test ends.
func (w *world) runs(works ...func(context.Context)) {
	w.Helper()
	running, stop := context.WithCancel(ctx)
	done := make(chan struct{}, len(works))
	for _, work := range works {
		go func() { work(running); done <- struct{}{} }()
	}
	w.Cleanup(func() {
		stop()
		for range works {
			<-done
		}
	})
}

// file writes a file to upload.
func (w *world) file(name, text string) string {
	w.Helper()
	path := filepath.Join(w.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		w.Fatal(err)
	}
	return path
}
