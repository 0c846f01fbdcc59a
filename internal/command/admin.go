package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/contactfile"
	"github.com/leadmeter/leadmeter/internal/directory"
	"github.com/leadmeter/leadmeter/internal/server"
)

// existing refuses to make an empty database where one was to be read.
func existing(address string) error {
	path, ok := strings.CutPrefix(address, "sqlite:")
	if !ok {
		return nil
	}
	if _, err := os.Stat(path); err != nil {
		return fmt.Errorf("there is no database at %s", path)
	}
	return nil
}

// withoutPassword is a database's address as it may be shown.
func withoutPassword(address string) string {
	if u, err := url.Parse(address); err == nil && u.User != nil {
		return u.Redacted()
	}
	return address
}

func open(o *output, address string) (*server.Server, error) {
	return server.Open(o.ctx, server.Config{Database: address})
}

type key struct {
	Create keyCreate `cmd:"" help:"Create an operator's key and print it, this once."`
}

type keyCreate struct {
	database
	Operator bool   `required:"" help:"The key may do everything."`
	Name     string `default:"command line" help:"What the key is for."`
	ReadOnly bool   `help:"The key may only read."`
}

// Run creates the key and prints it.
func (c *keyCreate) Run(o *output) (err error) {
	srv, err := open(o, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	secret, err := srv.Accounts.CreateOperatorKey(o.ctx, c.Name, c.ReadOnly)
	if err != nil {
		return err
	}
	fmt.Fprintln(o.stdout, secret)
	return nil
}

type signIn struct {
	database
	PublicURL string `name:"public-url" help:"How browsers reach the server, for the whole link." env:"LEADMETER_PUBLIC_URL"`
	Listen    string `help:"Address that the server listens on, for the link where there is no public URL." env:"LEADMETER_LISTEN"`
	Config    string `help:"YAML file of the server, which may say both." type:"path" env:"LEADMETER_CONFIG"`
	Reset     bool   `name:"reset-second-factor" help:"First take the operator's second factor and passkeys away, and sign the operator out everywhere: for a lost phone."`
}

// Run prints a code for the sign-in page.
func (c *signIn) Run(o *output) (err error) {
	if err := existing(c.Database); err != nil {
		return err
	}
	srv, err := open(o, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	if c.Reset {
		if err := srv.SignIn.ResetOperator(o.ctx); err != nil {
			return err
		}
		fmt.Fprintln(o.stderr, "The operator's second factor and passkeys are gone.")
	}
	code, err := srv.Accounts.CreateCode(o.ctx, "", "")
	if err != nil {
		return err
	}
	base, err := c.base()
	if err != nil {
		return err
	}
	if base == "" {
		fmt.Fprintln(o.stderr, "Enter this code once, within 24 hours, under “Have a sign-in code?” on the server's page /sign-in.")
		fmt.Fprintln(o.stdout, code)
		return nil
	}
	fmt.Fprintf(o.stderr, "Open this link once, within 24 hours. It is for the server at %s with the database %s.\n", base, withoutPassword(c.Database))
	fmt.Fprintln(o.stdout, base+"/sign-in#code="+code)
	return nil
}

// base is how browsers reach the server, as far as flags, variables and the file say; empty:
// they do not.
func (c *signIn) base() (string, error) {
	s := serve{Config: c.Config, PublicURL: c.PublicURL, Listen: c.Listen}
	if c.Config != "" {
		if err := s.read(func(flag string) bool {
			return flag == "public-url" && c.PublicURL != "" || flag == "listen" && c.Listen != ""
		}); err != nil {
			return "", err
		}
	}
	return publicBase(s.PublicURL, s.Listen), nil
}

// publicBase is how browsers reach a server; empty: nobody said.
func publicBase(publicURL, listen string) string {
	if publicURL != "" {
		return strings.TrimSuffix(publicURL, "/")
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil {
		return ""
	}
	// A browser makes passkeys for localhost, and for no address.
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() || host == "127.0.0.1" || host == "::1" {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port)
}

type importC struct {
	database
	File    string            `arg:"" help:"A .csv, .xlsx, .vcf or .ndjson file." type:"existingfile"`
	Source  string            `help:"Who supplied the file, such as crm-export: kept with every value, and told apart from the ids of others."`
	Map     map[string]string `help:"What a column is: NAME=COLUMN, NAME=extra to keep it as it is, NAME= to leave it out. May be given several times." placeholder:"NAME=COLUMN"`
	Preview bool              `help:"Say what the file would be understood as, and write nothing."`
}

// Run imports the file and reports every bad row.
func (c *importC) Run(o *output) (err error) {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	srv, err := open(o, c.Database)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	source, err := contactfile.SourceName(c.Source)
	if err != nil {
		return err
	}
	file := directory.File{Content: f, ContentType: contactfile.ContentTypeOf(c.File), Name: filepath.Base(c.File), Mapping: c.Map, Source: source}
	if c.Preview {
		p, err := srv.Directory.PreviewFile(file)
		if err != nil {
			return err
		}
		return preview(o, p)
	}
	i, err := srv.Directory.BeginFile(o.ctx, file)
	if err != nil {
		return err
	}
	done, err := i.Run(o.ctx)
	if err != nil {
		return fmt.Errorf("%s %w", done.Message, err)
	}
	report, err := srv.Directory.Report(o.ctx, done.ID)
	if err != nil {
		return err
	}
	for _, p := range report.Problems {
		if p.Row == 0 { // of the file as a whole
			fmt.Fprintln(o.stderr, capital(p.Message))
			continue
		}
		fmt.Fprintf(o.stderr, "row %d: %s\n", p.Row, p.Message)
	}
	if more := report.Import.Problems - int64(len(report.Problems)); more > 0 {
		fmt.Fprintf(o.stderr, "and %d more problems\n", more)
	}
	for _, advice := range report.Advice() {
		fmt.Fprintln(o.stderr, advice)
	}
	fmt.Fprintf(o.stdout, "%s read, %s imported, %s rejected\n", plural(done.Rows, "row", "rows"), plural(done.Imported, "row", "rows"), plural(done.Rejected, "row", "rows"))
	fmt.Fprintf(o.stdout, "%d new, %d updated, %d joined people known apart, %d said nothing new\n", done.Added, done.Updated, done.Joined, done.Imported-done.Added-done.Updated-done.Joined)
	return nil
}

// preview prints what a file was understood as, with its first rows.
func preview(o *output, p *directory.Preview) error {
	fmt.Fprintf(o.stdout, "read as %s, %s", p.Format, p.Encoding)
	if place := p.Place(); place != "" {
		fmt.Fprintf(o.stdout, ", %s", place)
	}
	fmt.Fprintln(o.stdout)
	for _, c := range p.Columns {
		to := c.Field
		if to == "" {
			to = "(left out)"
		}
		fmt.Fprintf(o.stdout, "  %s -> %s\n", c.Name, to)
	}
	for _, problem := range p.Problems {
		fmt.Fprintln(o.stderr, problem)
	}
	for _, r := range p.Rows {
		text, err := json.Marshal(r.Person)
		if err != nil {
			return err
		}
		fmt.Fprintf(o.stdout, "row %d: %s\n", r.Row, text)
		for _, problem := range r.Problems {
			fmt.Fprintf(o.stderr, "row %d: %s\n", r.Row, problem)
		}
	}
	return nil
}

type verify struct {
	database
	PriceBooks []string `name:"price-books" help:"Files of price books beside the shipped ones." env:"LEADMETER_PRICE_BOOKS"`
}

// Run checks the ledger.
func (c *verify) Run(o *output) (err error) {
	if err := existing(c.Database); err != nil {
		return err
	}
	srv, err := server.Open(o.ctx, server.Config{Database: c.Database, PriceBooks: c.PriceBooks, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	differences := 0
	workspaces, err := srv.Ledger.Verify(o.ctx, func(d credits.Difference) {
		differences++
		fmt.Fprintln(o.stdout, d)
	})
	if err != nil {
		return err
	}
	if differences > 0 {
		fmt.Fprintf(o.stderr, "%s in %s\n", plural(differences, "difference", "differences"), plural(workspaces, "workspace", "workspaces"))
		return exitCode(1)
	}
	fmt.Fprintf(o.stdout, "%s add up\n", plural(workspaces, "workspace", "workspaces"))
	return nil
}

type backup struct {
	database
	File string `arg:"" help:"The copy; it must not exist." type:"path"`
}

// Run copies the database.
func (c *backup) Run(o *output) (err error) {
	if err := existing(c.Database); err != nil {
		return err
	}
	srv, err := server.Open(o.ctx, server.Config{Database: c.Database, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, srv.Close()) }()
	if err := srv.Store.Backup(o.ctx, c.File); err != nil {
		return err
	}
	fmt.Fprintln(o.stdout, "written to "+c.File)
	return nil
}
