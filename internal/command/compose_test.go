package command

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// composeFile is what compose.servers.yaml may say; what is not here fails the test.
type composeFile struct {
	Server   any `yaml:"x-server"`
	Settings any `yaml:"x-settings"`
	Services map[string]struct {
		Image       string
		Build       map[string]string
		Environment map[string]string
		Ports       []string
		Volumes     []string
		Restart     string
		HealthCheck map[string]any `yaml:"healthcheck"`
		DependsOn   any            `yaml:"depends_on"`
	}
	Networks map[string]struct {
		IPAM struct{ Config []struct{ Subnet string } }
	}
	Volumes map[string]any
}

func readCompose(t *testing.T) (f composeFile) {
	t.Helper()
	text, err := os.ReadFile("../../deploy/compose.servers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`\$\{POSTGRES_PASSWORD[^}]*\}`).ReplaceAll(text, []byte("secret"))
	text = regexp.MustCompile(`\$\{PUBLIC_URL:-([^}]*)\}`).ReplaceAll(text, []byte("$1"))
	if rest := regexp.MustCompile(`\$\{?\w+`).Find(text); rest != nil {
		t.Fatalf("the file asks for %s, which this test does not know", rest)
	}
	if err := yaml.UnmarshalWithOptions(text, &f, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return f
}

// The servers of the compose file start together, as they do there, and work as one: they share the key
// that one of them makes, each takes what the other began, and they send each other charges.
func TestComposedServers(t *testing.T) {
	testdb.Slow(t)
	f := readCompose(t)
	database := testdb.Address(t, "postgres")
	proxy, err := os.ReadFile("../../deploy/Caddyfile")
	if err != nil {
		t.Fatal(err)
	}
	data := t.TempDir() // the volume that they share
	var servers []*pod
	var starting sync.WaitGroup
	var mu sync.Mutex
	for name, s := range f.Services {
		if s.Build["dockerfile"] != "deploy/Containerfile" {
			continue
		}
		if !strings.Contains(string(proxy), " "+name+":8080") {
			t.Errorf("the proxy does not know %s", name)
		}
		if got := s.Environment["LEADMETER_PEERS_LISTEN"]; got != name+":7070" {
			t.Errorf("%s is reached by the others at %q", name, got)
		}
		if got := s.Environment["LEADMETER_TRUSTED_PROXIES"]; got != f.Networks["default"].IPAM.Config[0].Subnet {
			t.Errorf("%s trusts %q, and the network is %v", name, got, f.Networks)
		}
		at, err := url.Parse(s.Environment["LEADMETER_DATABASE"])
		if user := f.Services["postgres"].Environment["POSTGRES_USER"]; err != nil || at.Host != "postgres:5432" || at.User.Username() != user || at.Path != "/"+user {
			t.Errorf("%v is not the database of the file's own Postgres", at)
		}
		if !slices.Equal(s.Volumes, []string{"data:/data"}) {
			t.Errorf("%s has the volumes %v", name, s.Volumes)
		}
		set := map[string]string{"LEADMETER_DATABASE": database}
		for key, value := range s.Environment {
			if set[key] == "" {
				set[key] = strings.Replace(value, "/data/", data+"/", 1)
			}
		}
		starting.Go(func() {
			p := startServer(t, data, []string{"serve"}, set, "/healthz", "/readyz")
			mu.Lock()
			defer mu.Unlock()
			servers = append(servers, p)
		})
	}
	starting.Wait()
	if len(servers) != 2 || len(f.Services["proxy"].Ports) != 1 {
		t.Fatalf("%d servers started", len(servers))
	}
	if _, err := os.Stat(filepath.Join(data, "secret.key")); err != nil {
		t.Errorf("no key was made: %v", err)
	}
	for _, p := range servers {
		if strings.Contains(p.problems.String(), "secret key") {
			t.Errorf("a server says %s", p.problems.String())
		}
	}
	_, key, _ := command("key", "create", "--operator", "--database", database)
	of := func(p *pod) *client.Client { return &client.Client{Server: p.base, Key: strings.TrimSpace(key)} }
	var made struct{ ID string }
	if _, err := of(servers[0]).Do(t.Context(), "POST", "/v1/workspaces", client.NewKey(), map[string]any{"name": "Acme", "plan": "pro", "seats": 500}, &made); err != nil {
		t.Fatal(err)
	}
	n := 0
	for end := time.Now().Add(30 * time.Second); servers[0].sent()+servers[1].sent() == 0; n++ {
		if time.Now().After(end) {
			t.Fatal("no charge was sent to the other server")
		}
		var both sync.WaitGroup
		for _, p := range servers {
			both.Go(func() {
				for range 4 {
					if _, err := of(p).Charge(t.Context(), made.ID, client.NewKey(), "standard", 1); err != nil {
						t.Error(err)
					}
				}
			})
		}
		both.Wait()
	}
	var balance struct {
		Credits map[string]struct{ Used any }
	}
	if _, err := of(servers[1]).Do(t.Context(), "GET", "/v1/workspaces/"+made.ID+"/balance", "", nil, &balance); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(balance.Credits["standard"].Used), fmt.Sprintf("%.6f", float64(8*n)/1e6); got != strings.TrimRight(want, "0") {
		t.Errorf("%s used after %d charges, want %s", got, 8*n, want)
	}
	for _, p := range servers {
		p.stop()
	}
}
