package command

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"text/template"

	"github.com/goccy/go-yaml"
)

const chartDir = "../../deploy/helm/leadmeter"

// rendered is the chart with some values, as helm renders it; the functions are those that the
// chart uses of it.
func rendered(t *testing.T, set map[string]any) (files map[string]string, err error) {
	t.Helper()
	values := map[string]any{}
	read(t, "values.yaml", &values)
	for name, value := range set {
		values[name] = value
	}
	chart := map[string]any{}
	read(t, "Chart.yaml", &chart)
	all := template.New("")
	all.Funcs(template.FuncMap{
		"include": func(name string, data any) (string, error) {
			var b strings.Builder
			err := all.ExecuteTemplate(&b, name, data)
			return b.String(), err
		},
		"toYaml": func(v any) (string, error) {
			text, err := yaml.Marshal(v)
			return strings.TrimSuffix(string(text), "\n"), err
		},
		"nindent": func(n int, s string) string {
			pad := "\n" + strings.Repeat(" ", n)
			return pad + strings.ReplaceAll(s, "\n", pad)
		},
		"required": func(message string, v any) (any, error) {
			if v == nil || v == "" {
				return nil, errors.New(message)
			}
			return v, nil
		},
		"default": func(other, v any) any {
			if v == nil || v == "" {
				return other
			}
			return v
		},
		"quote":      func(v any) string { return fmt.Sprintf("%q", fmt.Sprint(v)) },
		"trunc":      func(n int, s string) string { return s[:min(n, len(s))] },
		"trimSuffix": func(end, s string) string { return strings.TrimSuffix(s, end) },
		"sha256sum":  func(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) },
		"int":        func(v any) int { var n int; _, _ = fmt.Sscan(fmt.Sprint(v), &n); return n },
	})
	names, err := filepath.Glob(chartDir + "/templates/*")
	if err != nil || len(names) < 6 {
		t.Fatal("the chart has no templates", err)
	}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := all.New(filepath.Base(name)).Parse(string(text)); err != nil {
			t.Fatal(err)
		}
	}
	data := map[string]any{
		"Values": values, "Chart": map[string]any{"Name": chart["name"], "Version": chart["version"], "AppVersion": chart["appVersion"]},
		"Release": map[string]any{"Name": "leads", "Namespace": "sales", "Service": "Helm"},
	}
	files = map[string]string{}
	for _, name := range names {
		base := filepath.Base(name)
		if strings.HasPrefix(base, "_") {
			continue
		}
		var b bytes.Buffer
		if err := all.ExecuteTemplate(&b, base, data); err != nil {
			return nil, err
		}
		files[base] = b.String()
	}
	return files, nil
}

func read(t *testing.T, name string, into any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(chartDir, name))
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
}

var chartSecrets = map[string]any{
	"database":  map[string]any{"secret": "leadmeter-database", "key": "address"},
	"secretKey": map[string]any{"secret": "leadmeter-key", "key": "secret.key"},
}

// with adds values to those that the chart needs.
func with(more map[string]any) map[string]any {
	values := map[string]any{}
	for _, set := range []map[string]any{chartSecrets, more} {
		for name, value := range set {
			values[name] = value
		}
	}
	return values
}

// The chart without its Secrets says what is missing; with them, and with everything that can be
// set, each file is one that Kubernetes reads, by names that fit each other.
func TestChart(t *testing.T) {
	if _, err := rendered(t, nil); err == nil || !strings.Contains(err.Error(), "database.secret must name the Secret") {
		t.Errorf("without a Secret: %v", err)
	}
	some := []any{map[string]any{"name": "x", "emptyDir": map[string]any{}}}
	for name, set := range map[string]map[string]any{
		"least": with(nil),
		"one":   with(map[string]any{"replicas": 1}),
		"all": with(map[string]any{
			"config":           map[string]any{"public_url": "https://leads.example.com", "trusted_proxies": []any{"10.0.0.0/8"}},
			"env":              []any{map[string]any{"name": "LEADMETER_MAIL_PASSWORD", "value": "x"}},
			"imagePullSecrets": []any{map[string]any{"name": "pull"}}, "extraVolumes": some, "extraVolumeMounts": []any{map[string]any{"name": "x", "mountPath": "/x"}},
			"service":        map[string]any{"port": 8080, "annotations": map[string]any{"a": "b"}},
			"ingress":        map[string]any{"enabled": true, "className": "nginx", "host": "leads.example.com", "tlsSecret": "tls", "annotations": map[string]any{"a": "b"}},
			"podAnnotations": map[string]any{"a": "b"}, "nodeSelector": map[string]any{"a": "b"}, "tolerations": []any{map[string]any{"key": "a"}}, "affinity": map[string]any{"nodeAffinity": map[string]any{}},
		}),
	} {
		files, err := rendered(t, set)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		kinds := map[string]map[string]any{}
		for file, text := range files {
			if file == "NOTES.txt" || strings.TrimSpace(text) == "" {
				continue
			}
			object := map[string]any{}
			if err := yaml.UnmarshalWithOptions([]byte(text), &object, yaml.Strict()); err != nil {
				t.Errorf("%s: %s: %v\n%s", name, file, err, text)
			}
			kinds[fmt.Sprint(object["kind"])] = object
		}
		want := []string{"ConfigMap", "Deployment", "Service"}
		if name != "one" {
			want = append(want, "PodDisruptionBudget") // of one server it would keep every node from being drained
		}
		if name == "all" {
			want = append(want, "Ingress")
		}
		if len(kinds) != len(want) {
			t.Errorf("%s: %d objects, not %v", name, len(kinds), want)
		}
		pod := at(t, kinds["Deployment"], "spec", "template")
		labels := at(t, pod, "metadata", "labels")
		for _, object := range want[1:] {
			if object == "Ingress" {
				continue
			}
			selector := at(t, kinds[object], "spec", "selector")
			if inner, is := selector["matchLabels"]; is {
				selector = inner.(map[string]any)
			}
			for label, value := range selector {
				if labels[label] != value {
					t.Errorf("%s: %s is for %v, and the pods are %v", name, object, selector, labels)
				}
			}
			if len(selector) != 2 {
				t.Errorf("%s: %s is for %v", name, object, selector)
			}
		}
	}
}

// at follows keys into an object.
func at(t *testing.T, object map[string]any, keys ...string) map[string]any {
	t.Helper()
	for _, key := range keys {
		next, is := object[key].(map[string]any)
		if !is {
			t.Fatalf("there is no %s in %v", key, object)
		}
		object = next
	}
	return object
}

// A server that sleeps before it stops needs Kubernetes 1.30: before, that is off, and a hook without
// it is refused.
func TestChartNeedsAKubernetesThatKnowsItsHook(t *testing.T) {
	c, _ := ofChart(t)
	var chart struct {
		KubeVersion string `yaml:"kubeVersion"`
	}
	read(t, "Chart.yaml", &chart)
	minor := 0
	if _, err := fmt.Sscanf(chart.KubeVersion, ">=1.%d.", &minor); err != nil || c.Lifecycle.PreStop.Sleep.Seconds > 0 && minor < 30 {
		t.Errorf("the chart sleeps for %d s and takes Kubernetes %s: %v", c.Lifecycle.PreStop.Sleep.Seconds, chart.KubeVersion, err)
	}
}
