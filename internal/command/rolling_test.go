package command

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/leadmeter/leadmeter/client"
	"github.com/leadmeter/leadmeter/internal/testdb"
)

// pod is a server as the chart's Deployment starts it, outside a container.
type pod struct {
	t        *testing.T
	base     string
	metrics  string
	cmd      *exec.Cmd
	problems bytes.Buffer
}

// container is what the Deployment says of its one container.
type container struct {
	Args []string
	Env  []struct {
		Name, Value string
		ValueFrom   map[string]map[string]string `yaml:"valueFrom"`
	}
	VolumeMounts []struct {
		Name      string
		MountPath string `yaml:"mountPath"`
	} `yaml:"volumeMounts"`
	ReadinessProbe, LivenessProbe struct {
		HTTPGet struct{ Path, Port string } `yaml:"httpGet"`
	}
	Lifecycle struct {
		PreStop struct{ Sleep struct{ Seconds int } } `yaml:"preStop"`
	}
}

// ofChart is the container, and the configuration that the chart gives it.
func ofChart(t *testing.T) (c container, config string) {
	t.Helper()
	files, err := rendered(t, chartSecrets)
	if err != nil {
		t.Fatal(err)
	}
	var deployment struct {
		Spec struct {
			Template struct {
				Spec struct{ Containers []container }
			}
		}
	}
	var configMap struct{ Data map[string]string }
	if err := yaml.Unmarshal([]byte(files["deployment.yaml"]), &deployment); err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal([]byte(files["config.yaml"]), &configMap); err != nil {
		t.Fatal(err)
	}
	return deployment.Spec.Template.Spec.Containers[0], configMap.Data["leadmeter.yaml"]
}

// startPod starts a server with what the chart says, its paths in a folder and its port any.
func startPod(t *testing.T, c container, config, database string) *pod {
	t.Helper()
	root := t.TempDir()
	file := func(path, text string) {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o440); err != nil {
			t.Fatal(err)
		}
	}
	file("/etc/leadmeter/leadmeter.yaml", config)
	file("/etc/leadmeter-key/secret.key", strings.Repeat("5a", 32))
	for _, m := range c.VolumeMounts {
		if err := os.MkdirAll(filepath.Join(root, m.MountPath), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	set := map[string]string{}
	for _, e := range c.Env {
		value := e.Value
		switch {
		case e.ValueFrom["secretKeyRef"]["name"] == "leadmeter-database":
			value = database
		case strings.HasPrefix(value, "/"):
			value = root + value
		}
		set[e.Name] = value
	}
	return startServer(t, root, c.Args, set, c.LivenessProbe.HTTPGet.Path, c.ReadinessProbe.HTTPGet.Path)
}

// startServer starts a server in a folder with some variables, on any ports of this machine, and waits
// until its probes are answered.
func startServer(t *testing.T, root string, args []string, set map[string]string, probes ...string) *pod {
	t.Helper()
	port, metrics := freePort(t), freePort(t)
	p := &pod{t: t, base: "http://127.0.0.1:" + port, metrics: "http://127.0.0.1:" + metrics + "/metrics", cmd: exec.Command(os.Args[0], args...)}
	p.cmd.Dir = root
	p.cmd.Env = []string{asProgram + "=1", "TMPDIR=" + root + "/tmp"}
	set["LEADMETER_LISTEN"], set["LEADMETER_METRICS_LISTEN"] = "127.0.0.1:"+port, "127.0.0.1:"+metrics
	if set["LEADMETER_PEERS_LISTEN"] != "" {
		set["LEADMETER_PEERS_LISTEN"] = "[127.0.0.1]:0"
	}
	for name, value := range set {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.Stderr = &p.problems
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p.cmd.ProcessState == nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
	for _, probe := range probes {
		p.until(probe)
	}
	return p
}

// chartOnPostgres is what the chart starts, and a new database with an operator's key.
func chartOnPostgres(t *testing.T) (c container, config, database, key string) {
	t.Helper()
	database = testdb.Address(t, "postgres")
	if code, _, said := command("migrate", "--database", database); code != 0 {
		t.Fatal(said)
	}
	_, key, _ = command("key", "create", "--operator", "--database", database)
	c, config = ofChart(t)
	return c, config, database, strings.TrimSpace(key)
}

// funded is a new workspace with more credits than a load uses.
func funded(t *testing.T, operator *client.Client, name string) string {
	t.Helper()
	var made struct{ ID string }
	if _, err := operator.Do(t.Context(), "POST", "/v1/workspaces", client.NewKey(), map[string]any{"name": name, "plan": "pro", "seats": 5}, &made); err != nil {
		t.Fatal(err)
	}
	if _, err := operator.Do(t.Context(), "POST", "/v1/workspaces/"+made.ID+"/grants", client.NewKey(), map[string]any{"credit": "standard", "amount": 1000000, "kind": "once", "note": "load"}, nil); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// until waits for a probe to be answered with 200.
func (p *pod) until(probe string) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		r, err := http.Get(p.base + probe)
		if err == nil {
			r.Body.Close()
			if r.StatusCode == http.StatusOK {
				return
			}
		}
	}
	p.t.Fatalf("%s was never answered with 200: %s", probe, p.problems.String())
}

// stop is how Kubernetes ends a server: SIGTERM, and a wait.
func (p *pod) stop() {
	p.t.Helper()
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	kill := time.AfterFunc(time.Minute, func() { _ = p.cmd.Process.Kill() })
	defer kill.Stop()
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("a server ended with %v: %s", err, p.problems.String())
	}
}

// Two servers of one database, as the chart starts them, are replaced one after the other while
// 16 callers charge one pool: no charge fails, and each is in the ledger once.
func TestRollingRestart(t *testing.T) {
	testdb.Slow(t)
	c, config, database, key := chartOnPostgres(t)
	pods := []*pod{startPod(t, c, config, database), startPod(t, c, config, database)}
	operator := &client.Client{Server: pods[0].base, Key: key}
	ws := funded(t, operator, "Acme")
	var served atomic.Pointer[[]string] // whom the service sends requests to
	var heard [16]atomic.Pointer[[]string]
	service := func(of ...*pod) {
		var bases []string
		for _, p := range of {
			bases = append(bases, p.base)
		}
		served.Store(&bases)
	}
	service(pods...)
	over := make(chan struct{})
	var callers sync.WaitGroup
	var charged, failed atomic.Int64
	defer callers.Wait()
	finish := sync.OnceFunc(func() { close(over) })
	defer finish()
	for n := range heard {
		callers.Go(func() {
			for i := n; ; i++ {
				select {
				case <-over:
					return
				default:
				}
				to := served.Load()
				heard[n].Store(to)
				bases := *to
				via := &client.Client{Server: bases[i%len(bases)], Key: operator.Key}
				if _, err := via.Charge(t.Context(), ws, client.NewKey(), "standard", 1_000_000); err != nil {
					failed.Add(1)
					t.Errorf("a charge failed: %v", err)
					return
				}
				charged.Add(1)
			}
		})
	}
	for n := range pods {
		more := startPod(t, c, config, database) // maxSurge 1
		other := pods[1-n]
		before := charged.Load()
		service(other, more)
		for i := range heard { // what preStop waits for
			for end := time.Now().Add(time.Minute); heard[i].Load() != served.Load() && failed.Load() == 0 && time.Now().Before(end); {
				time.Sleep(time.Millisecond)
			}
		}
		pods[n].stop()
		pods[n] = more
		for end := time.Now().Add(10 * time.Second); charged.Load() == before && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
	}
	finish()
	callers.Wait()
	if c.Lifecycle.PreStop.Sleep.Seconds < 1 {
		t.Error("the chart leaves nobody time to route past a server that ends")
	}
	var balance struct {
		Credits map[string]struct{ Used json.Number }
	}
	operator.Server = pods[1].base
	if _, err := operator.Do(t.Context(), "GET", "/v1/workspaces/"+ws+"/balance", "", nil, &balance); err != nil {
		t.Fatal(err)
	}
	if got := balance.Credits["standard"].Used.String(); failed.Load() > 0 || charged.Load() == 0 || got != fmt.Sprint(charged.Load()) {
		t.Errorf("%d charges, %d failed, %s used", charged.Load(), failed.Load(), got)
	}
	for _, p := range pods {
		p.stop()
	}
	if code, out, said := command("verify", "--database", database); code != 0 {
		t.Errorf("verify: %s %s", out, said)
	}
	t.Logf("%d charges while both servers were replaced", charged.Load())
}
