package command

import (
	"bytes"
	"database/sql"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite"

	"github.com/leadmeter/leadmeter/credits"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/sample"
	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// asProgram in the environment has the test's own binary be leadmeter.
const asProgram = "LEADMETER_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(testdb.Main(m))
}

// command runs the program and returns its exit code and what it wrote.
func command(args ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	code = Main(args, &out, &err)
	return code, out.String(), err.String()
}

// A wrong or unknown flag, variable or key of the file stops the start with a
// sentence that names it.
func TestWrongConfiguration(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	db := "--database=sqlite:" + filepath.Join(dir, "x.db")
	for _, c := range []struct {
		args     []string
		env, say string
	}{
		{[]string{"serve", "--lissten=x"}, "", "--lissten"},
		{[]string{"serve", "--database=mysql://x"}, "", "database must be sqlite:PATH or postgres://"},
		{[]string{"serve", "--listen=nowhere", db}, "", `cannot listen on "nowhere"`},
		{[]string{"serve", "--listen=127.0.0.1:0", db}, "LEADMETER_LISTTEN", "LEADMETER_LISTTEN"},
		{[]string{"serve", db, "--config=" + file("a.yaml", "listen: 127.0.0.1:0\ncolour: red\n")}, "", "colour"},
		{[]string{"serve", db, "--config=" + filepath.Join(dir, "none.yaml")}, "", "none.yaml"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--price-books=" + file("b.yaml", "name: b\ncredits: [x]\nprices: [{name: a, fields: [f], credit: y, price: 1}]\n")}, "", `"y" is not one of the book's credit types`},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--price-books=" + file("c.yaml", "name: c\ncredits: [x]\npirces: []\n")}, "", "pirces"},
		{[]string{"verify", "--database=sqlite:" + filepath.Join(dir, "none.db")}, "", "there is no database at"},
		{[]string{"key", "create"}, "", "--operator"},
		{[]string{"import", filepath.Join(dir, "none.csv")}, "", "none.csv"},
		{[]string{"fly"}, "", "fly"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("p1.yaml", "providers: [{name: hunter, kind: hunter}]\n")}, "", "providers[0] (hunter): it has no key"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("p2.yaml", "providers: [{name: hunter, kind: hunter, key_env: NOT_SET_HERE}]\n")}, "", "NOT_SET_HERE"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("p3.yaml", "providers: [{name: hunter, kind: hunter, kye_env: X}]\n")}, "", "kye_env"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("p4.yaml", "provider_order: {work_email: [nobody]}\nproviders: [{name: g, kind: unheard, key_env: X}]\n")}, "", "unheard"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--mail-host=smtp.example.com"}, "", "mail needs public_url"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("m1.yaml", "public_url: https://l.example\nmail: {host: smtp.example.com}\n")}, "", "from must be an address"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("m2.yaml", "public_url: https://l.example\nmail: {host: h, user: u, password_env: NOT_SET_HERE}\n")}, "", "NOT_SET_HERE"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("m3.yaml", "mail: {hots: h}\n")}, "", "hots"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--rate-limit=-1"}, "", "rate_limit must be a number of requests a second"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("r.yaml", "rate_limit: often\n")}, "", "[1:13]"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("s1.yaml", "sign_in: {oidc: [{id: okta, issuer: 'https://o.example', client_id: x}]}\n")}, "", "oidc needs public_url"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("s2.yaml", "public_url: https://l.example\nsign_in: {oidc: [{id: okta, issuer: 'http://o.example', client_id: x}]}\n")}, "", "issuer must begin with https://"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("s3.yaml", "public_url: https://l.example\nsign_in: {oidc: [{id: okta, issuer: 'https://o.example', client_id: x, client_secret_env: NOT_SET_HERE}]}\n")}, "", "NOT_SET_HERE"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("s4.yaml", "public_url: https://l.example\nsign_in: {oidc: [{id: okta, issuer: 'https://o.example', client_id: x, workspaces: [ws_1], join: ws_1}]}\n")}, "", "join needs domains"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("s7.yaml", "public_url: https://l.example\nsign_in: {oidc: [{id: okta, issuer: 'https://o.example', client_id: x}]}\n")}, "", "oidc okta: name in workspaces or in domains"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--trusted-proxies=proxy.example"}, "", "trusted_proxies: \"proxy.example\""},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("t.yaml", "trusted_proxies: [10.0.0.0/8, x]\n")}, "", "trusted_proxies: \"x\""},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("s5.yaml", "sign_in: {oidc: [{id: okta, isuer: x}]}\n")}, "", "isuer"},
		{[]string{"serve", "--listen=127.0.0.1:0", db, "--config=" + file("s6.yaml", "public_url: https://l.example\nsign_in: {oidc: [{id: 'O K', issuer: 'https://o.example', client_id: x}]}\n")}, "", "lower-case letters"},
		{[]string{"source", "set-key", "hunter", "--database=sqlite:" + filepath.Join(t.TempDir(), "keyless.db")}, "", "--secret-key-file"},
		{[]string{"source", "drop-key", "hunter", db}, "", "no key of"},
	} {
		if c.env != "" {
			t.Setenv(c.env, "x")
		}
		code, _, stderr := command(c.args...)
		if code == 0 || !strings.Contains(stderr, c.say) {
			t.Errorf("leadmeter %v: exit %d, says %q, want %q", c.args, code, stderr, c.say)
		}
		if c.env != "" {
			os.Unsetenv(c.env)
		}
	}
}

// The commands of the guide: a key, an import with a bad row, a backup, a check.
func TestCommands(t *testing.T) {
	dir := t.TempDir()
	db := "--database=sqlite:" + filepath.Join(dir, "x.db")
	if code, out, _ := command("key", "create", "--operator", db); code != 0 || !strings.HasPrefix(out, "lm_operator_") {
		t.Fatalf("key create: exit %d, %q", code, out)
	}
	people := filepath.Join(dir, "people.csv")
	if err := os.WriteFile(people, []byte("full_name,company,work_phones,country\nAda Lovelace,Engines,202-555-0111,US\n,,,\nAlan Turing,Engines,12,US\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, said := command("import", people, db)
	if code != 0 || !strings.Contains(out, "2 rows imported") || !strings.Contains(said, "row 3: work_phones") {
		t.Errorf("import: exit %d, %q, %q", code, out, said)
	}
	copied := filepath.Join(dir, "copy.db")
	if code, _, said := command("backup", copied, db); code != 0 {
		t.Errorf("backup: exit %d, %q", code, said)
	}
	if code, _, said := command("backup", copied, db); code == 0 || !strings.Contains(said, "exists already") {
		t.Errorf("a second backup over the first: exit %d, %q", code, said)
	}
	if code, out, said := command("verify", "--database=sqlite:"+copied); code != 0 || !strings.Contains(out, "add up") {
		t.Errorf("verify: exit %d, %q, %q", code, out, said)
	}
	moved := "sqlite:" + filepath.Join(dir, "moved.db")
	from := "--from=sqlite:" + copied
	if code, _, said := command("copy", from); code == 0 || !strings.Contains(said, "--to is needed") {
		t.Errorf("copy to nowhere: exit %d, %q", code, said)
	}
	if code, out, said := command("copy", from, "--to="+moved); code != 0 || !strings.Contains(out, "Compared every row") || !strings.Contains(out, "Serve "+moved) {
		t.Errorf("copy: exit %d, %q, %q", code, out, said)
	}
	if code, _, said := command("sign-in", "--database=sqlite:"+copied); code == 0 || !strings.Contains(said, "was moved to "+moved) {
		t.Errorf("a command on what was moved: exit %d, %q", code, said)
	}
	if code, _, said := command("verify", "--database=sqlite:"+copied); code != 0 {
		t.Errorf("verify of what was moved: exit %d, %q", code, said)
	}
	if code, out, _ := command("copy", from, "--to="+moved); code != 0 || !strings.Contains(out, "complete already") {
		t.Errorf("copy again: exit %d, %q", code, out)
	}
	if code, out, said := command("copy", from, "--undo"); code != 0 || !strings.Contains(out, "may be served again") {
		t.Errorf("undo: exit %d, %q, %q", code, out, said)
	}
	if code, _, said := command("sign-in", "--database=sqlite:"+copied); code != 0 {
		t.Errorf("a command after undo: exit %d, %q", code, said)
	}
	for flags, base := range map[string]string{"--public-url=https://l.example/": "https://l.example", "--listen=0.0.0.0:9000": "http://localhost:9000", "--listen=127.0.0.1:9000": "http://localhost:9000", "--listen=10.0.0.7:9000": "http://10.0.0.7:9000"} {
		if code, out, said := command("sign-in", flags, db); code != 0 || !strings.HasPrefix(out, base+"/sign-in#code=") || !strings.Contains(said, "Open this link once") {
			t.Errorf("sign-in %s: %d, %q, %q", flags, code, out, said)
		}
	}
	if _, _, said := command("sign-in", db); !strings.Contains(said, "Have a sign-in code?") {
		t.Errorf("sign-in says %q", said)
	}
	if code, out, said := command("sign-in", "--reset-second-factor", db); code != 0 || len(strings.TrimSpace(out)) != 32 || !strings.Contains(said, "second factor") {
		t.Errorf("sign-in: exit %d, %q, %q", code, out, said)
	}
	if code, out, _ := command("version"); code != 0 || !strings.HasPrefix(out, "leadmeter ") {
		t.Errorf("version: exit %d, %q", code, out)
	}
}

// Verify finds what was tampered with (rule S3), each by itself.
func TestVerifyFindsTampering(t *testing.T) {
	original := filepath.Join(t.TempDir(), "sample.db")
	srv, err := server.Open(t.Context(), server.Config{Database: "sqlite:" + original})
	if err != nil {
		t.Fatal(err)
	}
	s, err := sample.Fill(t.Context(), srv)
	if err != nil {
		t.Fatal(err)
	}
	hold := &credits.Hold{Request: credits.Request{Workspace: s.Workspace, At: srv.Accounts.Clock()}, ID: "hold_1", Credit: "standard", Amount: credits.Credit, ExpiresIn: credits.MaxHold}
	if _, err := srv.Ledger.Do(t.Context(), hold); err != nil {
		t.Fatal(err)
	}
	if err := srv.Close(); err != nil {
		t.Fatal(err)
	}
	if code, out, said := command("verify", "--database=sqlite:"+original); code != 0 {
		t.Fatalf("the untouched ledger: exit %d, %s%s", code, out, said)
	}
	for name, c := range map[string]struct{ sql, say string }{
		"a deleted entry":               {`DELETE FROM entries WHERE (seq & 274877906943) = 20`, "entry 21 follows entry 19"},
		"the newest entry deleted":      {`DELETE FROM entries WHERE seq = (SELECT max(seq) FROM entries)`, "the account counts"},
		"a changed amount":              {`UPDATE entries SET amount = amount + 1000000 WHERE seq = (SELECT max(seq) FROM entries WHERE kind = 'charge')`, "the entries sum up to"},
		"a changed running balance":     {`UPDATE entries SET balance_after = balance_after - 1 WHERE seq = (SELECT max(e.seq) FROM entries e JOIN entries b ON b.seq = e.seq - 1 AND b.credit = e.credit AND b.period_start = e.period_start WHERE e.kind = 'charge')`, "states a balance"},
		"a balance that nobody spent":   {`UPDATE accounts SET pools = pools || char(10) || 'extra 1 2 1 0 0 -1 0 0 0'`, "used says"},
		"a balance that is no number":   {`UPDATE accounts SET pools = replace(pools, 'standard ', 'standard x')`, "cannot be read"},
		"an account without balances":   {`UPDATE accounts SET pools = ''`, "has entries and no balance"},
		"a past balance off a little":   {`UPDATE past_pools SET used = used + 1 WHERE used > 0`, "used says"},
		"a past balance that is newer":  {`INSERT INTO past_pools SELECT workspace_id, 9000000000000000, 'standard', 9000000000000001, 0, 0, 0, 0, 0, 0, 0 FROM accounts`, "was followed by one"},
		"a member's balance":            {`UPDATE shares SET used = used + 1000000 WHERE used > 0`, "of member"},
		"a hold without its entry":      {`INSERT INTO holds SELECT workspace_id, 'hold_2', '', 'standard', period_start, 1, 1, expires_at, created_at, 'open', '', '' FROM holds WHERE hold_id = 'hold_1'`, "hold hold_2 has no entry"},
		"a hold gone":                   {`DELETE FROM holds`, "no such hold"},
		"a hold that keeps too much":    {`UPDATE holds SET remaining = remaining + 1`, "the entries leave"},
		"an assignment without its sum": {`UPDATE allocations SET amount = amount + 1 WHERE mode = 'assigned'`, "assigned"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "copy.db")
			if code, _, said := command("backup", path, "--database=sqlite:"+original); code != 0 {
				t.Fatal(said)
			}
			db, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			r, err := db.Exec(c.sql)
			if err != nil {
				t.Fatal(err)
			}
			if n, _ := r.RowsAffected(); n == 0 {
				t.Fatal("nothing was tampered with")
			}
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			code, out, _ := command("verify", "--database=sqlite:"+path)
			if code != 1 || !strings.Contains(out, c.say) {
				t.Errorf("exit %d, says %q, want %q", code, out, c.say)
			}
		})
	}
}

// A source's key is kept sealed, opened at the start with the secret key alone,
// and never printed.
func TestSealedSourceKey(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.db")
	key := filepath.Join(dir, "secret.key")
	if err := os.WriteFile(key, []byte(strings.Repeat("0f", 32)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	const secret = "hunter-key-that-nobody-sees"
	stdin := os.Stdin
	defer func() { os.Stdin = stdin }()
	in := filepath.Join(dir, "in")
	if err := os.WriteFile(in, []byte(secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	var err error
	if os.Stdin, err = os.Open(in); err != nil {
		t.Fatal(err)
	}
	code, out, said := command("source", "set-key", "hunter", "--database=sqlite:"+path, "--secret-key-file="+key)
	if code != 0 || strings.Contains(out+said, secret) {
		t.Fatalf("exit %d, %q, %q", code, out, said)
	}
	sources := provider.Settings{Providers: []provider.Config{{Name: "hunter", Kind: "hunter"}}}
	open := func(file string) error {
		srv, err := server.Open(t.Context(), server.Config{Database: "sqlite:" + path, Sources: sources, SecretKeyFile: file})
		if err == nil {
			err = srv.Close()
		}
		return err
	}
	if err := open(key); err != nil {
		t.Errorf("with the secret key: %v", err)
	}
	other := filepath.Join(dir, "other.key")
	if err := os.WriteFile(other, []byte(strings.Repeat("1e", 32)), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"", other, filepath.Join(dir, "none")} {
		if err := open(file); err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("with the secret key %q: %v", file, err)
		}
	}
	for _, end := range []string{"", "-wal"} {
		if text, _ := os.ReadFile(path + end); bytes.Contains(text, []byte(secret)) {
			t.Errorf("%s holds the key as it is", path+end)
		}
	}
	if code, _, said := command("source", "drop-key", "hunter", "--database=sqlite:"+path); code != 0 {
		t.Errorf("drop: exit %d, %q", code, said)
	}
}
