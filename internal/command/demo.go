package command

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/leadmeter/leadmeter/internal/mail"
	"github.com/leadmeter/leadmeter/internal/sample"
	"github.com/leadmeter/leadmeter/internal/server"
)

type demo struct {
	Listen string `default:"127.0.0.1:8080" help:"Address to listen on."`
	Dir    string `default:"demo-data" help:"Where the demo keeps its database; remove it to start again." type:"path"`
}

// Run fills the demo's database, if it is new, and serves it. A second demo beside
// a running one prints another sign-in link and ends.
func (d *demo) Run(o *output) (err error) {
	address := "sqlite:" + filepath.Join(d.Dir, "leadmeter.db")
	l, listenErr := net.Listen("tcp", d.Listen)
	if listenErr != nil && !answers(d.Listen) {
		return fmt.Errorf("cannot listen on %q: %w; try make demo LISTEN=127.0.0.1:8081", d.Listen, listenErr)
	}
	if err := os.MkdirAll(d.Dir, 0o755); err != nil {
		return err
	}
	secret, err := keyFor(&output{ctx: o.ctx, stdout: io.Discard}, address, "")
	if err != nil {
		return err
	}
	base := publicBase("", d.Listen)
	srv, err := server.Open(o.ctx, server.Config{Listen: d.Listen, SecretKeyFile: secret, Database: address, PublicURL: base, WebhooksPrivate: true,
		Mail: mail.Config{Dir: d.mails(), Base: base}})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	s, err := sample.Fill(o.ctx, srv)
	if err != nil {
		return err
	}
	code, err := srv.Accounts.CreateCode(o.ctx, s.Workspace, s.Admin)
	if err != nil {
		return err
	}
	if err := d.operatorKey(o, srv); err != nil {
		return err
	}
	d.tell(o, code, s)
	if listenErr != nil {
		fmt.Fprintln(o.stdout, "The demo runs already; this link is for it.")
		return nil
	}
	defer l.Close()
	return srv.Serve(o.ctx, l)
}

// mails is where the demo keeps the mails that it does not send.
func (d *demo) mails() string { return filepath.Join(d.Dir, "mails") }

// answers reports whether a leadmeter listens at the address already.
func answers(address string) bool {
	client := http.Client{Timeout: 2 * time.Second}
	r, err := client.Get("http://" + address + "/healthz")
	if err != nil {
		return false
	}
	r.Body.Close()
	return r.StatusCode == http.StatusOK
}

// operatorKey is the demo's own, kept beside its database.
func (d *demo) operatorKey(o *output, srv *server.Server) error {
	file := filepath.Join(d.Dir, "operator.key")
	if _, err := os.Stat(file); err == nil {
		return nil
	}
	key, err := srv.Accounts.CreateOperatorKey(o.ctx, "demo", false)
	if err != nil {
		return err
	}
	return os.WriteFile(file, []byte(key+"\n"), 0o600)
}

func (d *demo) tell(o *output, code string, s sample.Sample) {
	fmt.Fprintf(o.stdout, `
leadmeter demo on %[1]s (Ctrl-C stops it)

  Open this link and press the button, it signs you in once:  %[1]s/sign-in#code=%[2]s

  1. Leads: paste %[4]s and press Look (free), then Capture.
  2. Unlock a mobile phone in the sheet: the button says what it costs, the balance is on top.
  3. Usage: who spent what, where the credits went, what the free rules saved.
  4. Team: give Ada a limit of 5, or assign credits to her alone.
  5. API: curl -H "Authorization: Bearer $(cat %[3]s/operator.key)" %[1]s/v1/workspaces/%[5]s/balance
  6. Mails are not sent but written, as .eml files, to %[6]s

`, publicBase("", d.Listen), code, d.Dir, s.Profile, s.Workspace, d.mails())
}
