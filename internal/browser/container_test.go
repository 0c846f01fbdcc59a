package browser_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/leadmeter/leadmeter/internal/browser/chrome"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// asProgram in the environment has the test's own binary be leadmeter.
const asProgram = "LEADMETER_TEST_PROGRAM"

// container is what an image, or a service of the compose file, starts.
type container struct {
	command     []string // entry point and arguments
	environment map[string]string
	directory   string // where it starts
	volumes     []string
	port        string // the one that is published
}

// image reads deploy/Containerfile: the last image of it is the one that runs.
func image(t *testing.T) container {
	t.Helper()
	text, err := os.ReadFile("../../deploy/Containerfile")
	if err != nil {
		t.Fatal(err)
	}
	c := container{environment: map[string]string{}}
	var entry, arguments []string
	for line := range strings.SplitSeq(string(text), "\n") {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch word {
		case "FROM":
			c = container{environment: map[string]string{}}
		case "WORKDIR":
			c.directory = rest
		case "VOLUME":
			c.volumes = append(c.volumes, rest)
		case "EXPOSE":
			c.port = rest
		case "ENV":
			for pair := range strings.FieldsSeq(rest) {
				name, value, _ := strings.Cut(pair, "=")
				c.environment[name] = value
			}
		case "ENTRYPOINT":
			err = json.Unmarshal([]byte(rest), &entry)
		case "CMD":
			err = json.Unmarshal([]byte(rest), &arguments)
		}
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
	}
	c.command = append(entry, arguments...)
	return c
}

// service is what the compose file makes of the image. A key that is not here fails the test: it
// may change how the server starts.
type service struct {
	Image       string
	Build       map[string]string
	Command     []string
	Environment map[string]string
	Ports       []string
	Volumes     []string
	Restart     string
	HealthCheck map[string]any `yaml:"healthcheck"`
	DependsOn   map[string]any `yaml:"depends_on"`
}

// composed reads deploy/compose.yaml, with what its user says filled in.
func composed(t *testing.T) (server container, postgres service) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	filled := regexp.MustCompile(`\$\{POSTGRES_PASSWORD[^}]*\}`).ReplaceAll(text, []byte("secret"))
	if rest := regexp.MustCompile(`\$\{?\w+`).Find(filled); rest != nil {
		t.Fatalf("compose.yaml asks for %s, which this test does not know", rest)
	}
	var file struct {
		Services map[string]service
		Volumes  map[string]any
	}
	if err := yaml.UnmarshalWithOptions(filled, &file, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	of, c := file.Services["leadmeter"], image(t)
	if of.Build["dockerfile"] != "deploy/Containerfile" {
		t.Errorf("the image is built from %q", of.Build["dockerfile"])
	}
	if len(of.Command) > 0 {
		c.command = append(c.command[:1], of.Command...)
	}
	maps.Copy(c.environment, of.Environment)
	for _, v := range of.Volumes {
		name, path, _ := strings.Cut(v, ":")
		if _, named := file.Volumes[name]; !named || !slices.Contains(c.volumes, path) {
			t.Errorf("the volume %q is not one of the file and of the image", v)
		}
	}
	_, c.port, _ = strings.Cut(strings.TrimPrefix(of.Ports[0], "127.0.0.1:"), ":")
	return c, file.Services["postgres"]
}

// start runs it outside a container: its volumes are a folder, its port any that is free.
func (c container) start(t *testing.T, database string) (link string) {
	t.Helper()
	if c.command[0] != "/leadmeter" {
		t.Fatalf("the entry point is %q", c.command[0])
	}
	if got := c.environment["LEADMETER_LISTEN"]; got != "0.0.0.0:"+c.port {
		t.Fatalf("the server listens on %q, and port %s is published", got, c.port)
	}
	if !slices.Contains(c.volumes, c.directory) {
		t.Errorf("%s, where the server keeps its key, is not on a volume", c.directory)
	}
	dir := t.TempDir()
	cmd := exec.Command(os.Args[0], c.command[1:]...)
	cmd.Dir = filepath.Join(dir, c.directory)
	if err := os.MkdirAll(cmd.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	cmd.Env = []string{asProgram + "=1", "LEADMETER_METRICS_LISTEN=off"}
	for name, value := range c.environment {
		if !strings.HasPrefix(name, "LEADMETER_") {
			t.Errorf("the server does not read %s", name)
		}
		switch name {
		case "LEADMETER_LISTEN":
			value = "127.0.0.1:0"
		case "LEADMETER_DATABASE":
			value = strings.Replace(value, "sqlite:/", "sqlite:"+dir+"/", 1)
			if database != "" {
				value = database
			}
		}
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if text := strings.TrimSpace(lines.Text()); strings.Contains(text, "/sign-in#code=") {
			link = text
			break
		}
	}
	if link == "" {
		t.Fatalf("no link was printed: %v: %s", cmd.Wait(), problems.String())
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		end := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		defer end.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the server ended with %v: %s", err, problems.String())
		}
	})
	return link
}

// The first hour with the settings of the image alone, and with those of the compose file.
func TestFirstHourInAContainer(t *testing.T) {
	if testing.Short() {
		t.Skip("-short leaves out the browser")
	}
	if _, err := chrome.Path(); err != nil {
		t.Fatal(err)
	}
	hour := func(t *testing.T, c container, database string) {
		link, err := url.Parse(c.start(t, database))
		if err != nil {
			t.Fatal(err)
		}
		w := &world{T: t, begun: time.Now(), base: link.Scheme + "://" + link.Host}
		w.firstHour(strings.TrimPrefix(link.Fragment, "code="))
	}
	t.Run("image", func(t *testing.T) { hour(t, image(t), "") })
	t.Run("compose", func(t *testing.T) {
		database := testdb.Address(t, "postgres")
		c, postgres := composed(t)
		at, err := url.Parse(c.environment["LEADMETER_DATABASE"])
		if err != nil {
			t.Fatal(err)
		}
		password, _ := at.User.Password()
		user := postgres.Environment["POSTGRES_USER"] // its database has the same name
		if at.Host != "postgres:5432" || at.User.Username() != user || at.Path != "/"+user || password != postgres.Environment["POSTGRES_PASSWORD"] {
			t.Errorf("%s is not the database of the file's own Postgres", at.Redacted())
		}
		hour(t, c, database)
	})
}

// A setting or a flag that the server does not know stops it, so the test above finds one in the
// compose file.
func TestContainerRefusesUnknownSettings(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ setting, flag, say string }{{"LEADMETER_LISTTEN", "", "LEADMETER_LISTTEN"}, {"", "--lissten", "--lissten"}} {
		cmd := exec.Command(os.Args[0], slices.DeleteFunc([]string{"serve", c.flag}, func(s string) bool { return s == "" })...)
		cmd.Dir, cmd.Env = t.TempDir(), []string{asProgram + "=1", c.setting + "=x"}
		if c.setting == "" {
			cmd.Env = cmd.Env[:1]
		}
		if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), c.say) {
			t.Errorf("%v: %s", err, out)
		}
	}
}
