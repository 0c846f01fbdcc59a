package provider_test

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"github.com/leadmeter/leadmeter/internal/lead"
	"github.com/leadmeter/leadmeter/internal/provider"
	"github.com/leadmeter/leadmeter/internal/provider/catalogue"
	"github.com/leadmeter/leadmeter/internal/provider/providertest"
	"github.com/leadmeter/leadmeter/internal/seal"
)

func settings(t testing.TB, text string) provider.Settings {
	t.Helper()
	var s provider.Settings
	if err := yaml.NewDecoder(bytes.NewReader([]byte(text)), yaml.DisallowUnknownField()).Decode(&s); err != nil {
		t.Fatalf("%s\n%s", yaml.FormatError(err, false, false), text)
	}
	return s
}

func oneKey(provider.Config) (seal.Secret, error) { return seal.Hide(providertest.Key), nil }

// Every example of the operator's documentation is a configuration that works.
func TestDocumentedExamples(t *testing.T) {
	text, err := os.ReadFile("../../docs/providers.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := regexp.MustCompile("(?s)```yaml\n(.*?)```").FindAllStringSubmatch(string(text), -1)
	if len(examples) < 5 {
		t.Fatalf("%d examples were found", len(examples))
	}
	for _, example := range examples {
		w, err := provider.Build(settings(t, example[1]), catalogue.Kinds, oneKey, provider.BuildOptions{})
		if err != nil {
			t.Errorf("%v\n%s", err, example[1])
			continue
		}
		if len(w.Gives()) == 0 {
			t.Errorf("nothing is given by\n%s", example[1])
		}
		w.Close()
	}
}

func TestRefusedSettings(t *testing.T) {
	for want, text := range map[string]string{
		"providers[0].name must be":                                               "providers: [{kind: hunter}]",
		"providers[0].name must":                                                  "providers: [{name: Hunter Two, kind: hunter}]",
		"providers[1] (h): another provider has":                                  "providers: [{name: h, kind: hunter}, {name: h, kind: hunter}]",
		`providers[0] (h).kind "hunterr" is not known`:                            "providers: [{name: h, kind: hunterr}]",
		"one of " + strings.Join(slices.Sorted(maps.Keys(catalogue.Kinds)), ", "): "providers: [{name: h}]",
		"providers[0] (h).url must begin with https":                              "providers: [{name: h, kind: hunter, url: 'http://api.hunter.io'}]",
		"providers[0] (h).url must be a URL":                                      "providers: [{name: h, kind: hunter, url: 'api.hunter.io'}]",
		"providers[0] (g).url is missing":                                         "providers: [{name: g, kind: generic}]",
		"(h).url has a name or password":                                          "providers: [{name: h, kind: hunter, url: 'https://me:hush@api.hunter.io'}]",
		"(h).url must end before any ?":                                           "providers: [{name: h, kind: hunter, url: 'https://api.hunter.io/?api_key=hush'}]",
		"(h).fields: the kind hunter does not give":                               "providers: [{name: h, kind: hunter, fields: [mobile_phone]}]",
		"(h).min_likelihood is not read":                                          "providers: [{name: h, kind: hunter, min_likelihood: 3}]",
		"(h).callback_url is not read":                                            "providers: [{name: h, kind: hunter, callback_url: 'https://a.example'}]",
		"(d).callback_url must end before":                                        "providers: [{name: d, kind: dropcontact, callback_url: 'https://a.example/?token=hush'}]",
		"(h).concurrency must be":                                                 "providers: [{name: h, kind: hunter, concurrency: -1}]",
		"(h).per_second must be":                                                  "providers: [{name: h, kind: hunter, per_second: .nan}]",
		"(h).retries must be":                                                     "providers: [{name: h, kind: hunter, retries: 99}]",
		"(h).timeout (seconds) must be":                                           "providers: [{name: h, kind: hunter, timeout: 1h}]",
		"(g).http is missing":                                                     "providers: [{name: g, kind: generic, url: 'https://a.example'}]",
		`provider_order.work_email names "x", which is no provide`:                "providers: [{name: h, kind: hunter}]\nprovider_order: {work_email: [x]}",
		"provider_deadline must be":                                               "provider_deadline: -1s",
	} {
		_, err := provider.Build(settings(t, text), catalogue.Kinds, oneKey, provider.BuildOptions{})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s\nwant %q\ngot  %v", text, want, err)
		}
	}
	s := settings(t, "providers: [{name: h, kind: hunter, key_env: HUNTER_KEY}]")
	for want, keys := range map[string]func(provider.Config) (seal.Secret, error){
		"it has no key":       func(provider.Config) (seal.Secret, error) { return seal.Secret{}, nil },
		"its key: no such":    func(provider.Config) (seal.Secret, error) { return seal.Secret{}, errors.New("no such variable") },
		"its key has a space": func(provider.Config) (seal.Secret, error) { return seal.Hide("hush\r\nX: y"), nil },
	} {
		if _, err := provider.Build(s, catalogue.Kinds, keys, provider.BuildOptions{}); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// From the file's text to an answer over TLS, through everything.
func TestFromFileToAnswer(t *testing.T) {
	server := providertest.NewServer(t)
	server.Script(providertest.Step{Status: 200, Body: `{"mail":"Ada@Engines.example","cost":2}`}.Reply)
	text := fmt.Sprintf(`
providers:
  - name: crm
    kind: generic
    url: %s/api/
    allow_private: true
    retries: 0
    http:
      request: {method: POST, path: /find, headers: {X-Key: "{key}"}, body: {who: "{full_name}", deep: [{at: "{domain}"}], limit: 1}}
      answer:
        status: {404: not_found}
        cost: cost
        values: [{field: work_email, value: mail}]
`, server.URL)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	var attempts []provider.Attempt
	w, err := provider.Build(settings(t, text), catalogue.Kinds, oneKey, provider.BuildOptions{
		RootCAs: roots, Options: provider.Options{Stats: func(a provider.Attempt) { attempts = append(attempts, a) }}})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	r := w.Find(t.Context(), ada(lead.WorkEmail))
	if v := r.Person.Values; len(v) != 1 || v[0].Value != "ada@engines.example" || v[0].Source != "crm" || v[0].Status != lead.Unverified {
		t.Errorf("%+v after %+v", v, r.Attempts)
	}
	if len(attempts) != 1 || attempts[0].Cost != "2" || !attempts[0].Asked || attempts[0].Latency <= 0 {
		t.Errorf("%+v", attempts)
	}
	requests, bodies := server.Seen()
	if requests[0].URL.Path != "/api/find" || requests[0].Header.Get("X-Key") != providertest.Key || bodies[0] != `{"deep":[{"at":"engines.example"}],"limit":1,"who":"Ada Lovelace"}` {
		t.Errorf("asked %s with %s", requests[0].URL, bodies[0])
	}
	if printed := fmt.Sprintf("%v %+v %#v", w, w, r); strings.Contains(printed, providertest.Key) {
		t.Error("printing it prints the key")
	}
}
