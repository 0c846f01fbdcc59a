package server_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/descope/virtualwebauthn"

	"github.com/leadmeter/leadmeter/internal/server"
	"github.com/leadmeter/leadmeter/internal/signin"
)

// device is somebody's laptop: it holds passkeys and signs with them.
type device struct {
	party  virtualwebauthn.RelyingParty
	screen virtualwebauthn.Authenticator
	key    virtualwebauthn.Credential
}

// newKey is one whose coordinates are 32 bytes long: the library's own leaves leading
// zeros out, which the standard forbids.
func newKey() virtualwebauthn.Credential {
	for {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			panic(err)
		}
		point, err := key.PublicKey.Bytes()
		if err != nil {
			panic(err)
		}
		if point[1] == 0 || point[33] == 0 {
			continue
		}
		text, err := x509.MarshalPKCS8PrivateKey(key)
		if err != nil {
			panic(err)
		}
		return virtualwebauthn.NewCredentialWithImportedKey(virtualwebauthn.KeyTypeEC2, text)
	}
}

func newDevice(options virtualwebauthn.AuthenticatorOptions) *device {
	return &device{
		party:  virtualwebauthn.RelyingParty{Name: "leadmeter", ID: "leads.localhost", Origin: publicURL},
		screen: virtualwebauthn.NewAuthenticatorWithOptions(options),
		key:    newKey(),
	}
}

// json posts what the script posts, and reads what it reads.
func (v *visitor) json(path string, in any) (status int, out is, raw string) {
	v.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		v.Fatal(err)
	}
	answer, err := v.client.Post(v.base+path, "application/json", strings.NewReader(string(body)))
	if err != nil {
		v.Fatal(err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.Fatal(err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		v.Fatalf("%s was answered with %d %s", path, answer.StatusCode, text)
	}
	return answer.StatusCode, out, string(text)
}

// add makes a passkey of the device's, as the script does.
func (v *visitor) add(d *device, name string) (status int, out is) {
	v.Helper()
	status, out, raw := v.json("/settings/passkeys/ask", is{})
	if status != http.StatusOK {
		return status, out
	}
	options, err := virtualwebauthn.ParseAttestationOptions(`{"publicKey":` + raw + `}`)
	if err != nil {
		v.Fatal(err)
	}
	d.screen.Options.UserHandle = []byte(options.UserID)
	d.screen.AddCredential(d.key)
	status, out, _ = v.json("/settings/passkeys", is{"name": name, "credential": json.RawMessage(virtualwebauthn.CreateAttestationResponse(d.party, d.screen, d.key, *options))})
	return status, out
}

// sign signs in with the device, as the script does.
func (v *visitor) sign(d *device, next string) (status int, out is) {
	v.Helper()
	status, out, raw := v.json("/sign-in/passkey/ask", is{})
	if status != http.StatusOK {
		return status, out
	}
	options, err := virtualwebauthn.ParseAssertionOptions(`{"publicKey":` + raw + `}`)
	if err != nil {
		v.Fatal(err)
	}
	status, out, _ = v.json("/sign-in/passkey", is{"next": next, "credential": json.RawMessage(virtualwebauthn.CreateAssertionResponse(d.party, d.screen, d.key, *options))})
	return status, out
}

func named(c *server.Config) { c.PublicURL = publicURL }

// A passkey signs in by itself and is both factors; renamed it stays, removed it does
// not; nothing else than it gets in by it.
func TestPasskeys(t *testing.T) {
	gated(t, named, func(w *world, clock *hands) {
		ws := w.plainWorkspace("Acme")
		mel, boss := w.newMember(ws, "mel@acme.example", "Mel", "member"), w.newMember(ws, "boss@acme.example", "Bo", "admin")
		v, laptop := w.signedInAs(ws, mel), newDevice(virtualwebauthn.AuthenticatorOptions{})
		if status, out := v.add(laptop, "My laptop"); status != http.StatusOK {
			t.Fatal(out)
		}
		w.same("added", w.audits(ws, "passkey.added"), 1)
		v.get("/settings/sign-in").has("The passkey is added.")
		if !strings.Contains(v.page, `value="My laptop"`) {
			t.Error("the passkey's name is not shown")
		}
		v.has("not used yet")
		w.mailed("mel@acme.example", "My laptop", `(passkey was added)`)
		v.setUp("/settings/sign-in/app", clock) // which a passkey does without

		other := w.visitor()
		before := w.audits(ws, "signed-in")
		if status, out := other.sign(laptop, "/usage"); status != http.StatusOK || out["to"] != "/usage" {
			t.Fatalf("signing in was answered with %d %v", status, out)
		}
		other.wantIn(true)
		w.same("signed in", w.audits(ws, "signed-in"), before+1)
		other.has("Passkey")
		v.get("/settings/sign-in").has("used Mar 2, 2026")

		// What was signed is good once, and only where it was asked for.
		_, _, raw := other.json("/sign-in/passkey/ask", is{})
		options, err := virtualwebauthn.ParseAssertionOptions(`{"publicKey":` + raw + `}`)
		if err != nil {
			t.Fatal(err)
		}
		signed := json.RawMessage(virtualwebauthn.CreateAssertionResponse(laptop.party, laptop.screen, laptop.key, *options))
		thief := w.visitor()
		thief.json("/sign-in/passkey/ask", is{})
		if status, _, _ := thief.json("/sign-in/passkey", is{"credential": signed}); status != http.StatusUnauthorized {
			t.Errorf("another browser's answer is taken: %d", status)
		}
		if status, _, _ := other.json("/sign-in/passkey", is{"credential": signed}); status != http.StatusOK {
			t.Errorf("the answer is refused: %d", status)
		}
		if status, _, _ := other.json("/sign-in/passkey", is{"credential": signed}); status != http.StatusUnauthorized {
			t.Errorf("the answer is taken twice: %d", status)
		}
		thief.wantIn(false)

		for what, d := range map[string]*device{
			"another site": {virtualwebauthn.RelyingParty{ID: "leads.localhost", Origin: "http://evil.localhost"}, laptop.screen, laptop.key},
			"another name": {virtualwebauthn.RelyingParty{ID: "evil.localhost", Origin: publicURL}, laptop.screen, laptop.key},
			"another key":  {laptop.party, laptop.screen, newKey()},
			"nobody verified": {laptop.party, virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{
				UserHandle: laptop.screen.Options.UserHandle, UserNotVerified: true}), laptop.key},
			"another handle": {laptop.party, virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{
				UserHandle: []byte(strings.TrimPrefix(ws, "ws_") + "/" + strings.TrimPrefix(boss, "mem_"))}), laptop.key},
			"the operator's": {laptop.party, virtualwebauthn.NewAuthenticatorWithOptions(virtualwebauthn.AuthenticatorOptions{UserHandle: []byte("operator")}), laptop.key},
		} {
			thief := w.visitor()
			if status, out := thief.sign(d, ""); status != http.StatusUnauthorized {
				t.Errorf("%s: answered with %d %v", what, status, out)
			}
			thief.wantIn(false)
		}
		// One that does not check who holds it is not kept.
		careless := newDevice(virtualwebauthn.AuthenticatorOptions{UserNotVerified: true})
		if status, _ := v.add(careless, "x"); status != http.StatusBadRequest {
			t.Errorf("a passkey without verification is answered with %d", status)
		}

		id := v.found(`action="/settings/passkeys/(pk_[a-z0-9]+)"`)
		chief := w.signedInAs(ws, boss)
		chief.post("/settings/passkeys/"+id, "name", "Mine")
		if chief.post("/settings/passkeys/"+id+"/remove", "x", "y"); !strings.Contains(chief.page, "Removed.") {
			t.Error(chief.status)
		}
		v.post("/settings/passkeys/"+id, "name", strings.Repeat("x", 61)).has("Not renamed")
		v.post("/settings/passkeys/"+id, "name", "Old laptop").has("Renamed.")
		w.same("renamed", w.audits(ws, "passkey.renamed"), 1)
		if !strings.Contains(v.page, `value="Old laptop"`) {
			t.Error("it was not renamed, or removed by somebody else")
		}
		v.post("/settings/passkeys/" + id + "/remove").has("Removed.")
		w.same("removed", w.audits(ws, "passkey.removed"), 1)
		gone := w.visitor()
		if status, out := gone.sign(laptop, ""); status != http.StatusUnauthorized || !strings.Contains(out["error"].(string), "was removed") {
			t.Errorf("a removed passkey is answered with %d %v", status, out)
		}
	})
}

// The operator has passkeys too; a removed member's are worth nothing; where a second
// factor is asked for, a passkey is one.
func TestPasskeysAreAFactor(t *testing.T) {
	gated(t, named, func(w *world, _ *hands) {
		operator, key := w.signedInAs("", ""), newDevice(virtualwebauthn.AuthenticatorOptions{})
		if status, out := operator.add(key, "Key ring"); status != http.StatusOK {
			t.Fatal(out)
		}
		again := w.visitor()
		if status, out := again.sign(key, ""); status != http.StatusOK {
			t.Fatal(out)
		}
		again.get("/").at("/operator/set-up")

		ws := w.plainWorkspace("Acme")
		mel := w.newMember(ws, "mel@acme.example", "Mel", "member")
		chief := w.signedInAs(ws, w.newMember(ws, "boss@acme.example", "Bo", "admin"))
		v, phone := w.signedInAs(ws, mel), newDevice(virtualwebauthn.AuthenticatorOptions{})
		v.add(phone, "")
		chief.post("/settings/sign-in/policy", "second_factor", "on").has("Saved.")
		v.post("/sign-out")
		v.byCode(ws, mel)
		v.at("/sign-in/second")
		v.has("Your passkey does for both steps.")
		v.lacks("six digits")
		v.post("/sign-in/second", "code", "123456")
		v.wantIn(false)
		if status, out := v.sign(phone, ""); status != http.StatusOK {
			t.Fatal(out)
		}
		v.wantIn(true)
		w.call(w.operator, http.MethodDelete, "/v1/workspaces/"+ws+"/members/"+mel, nil, 204)
		gone := w.visitor()
		if status, _ := gone.sign(phone, ""); status != http.StatusUnauthorized {
			t.Errorf("a removed member's passkey is answered with %d", status)
		}
	})
}

// Where there can be no passkeys, it is said why.
func TestPasskeysNeedAName(t *testing.T) {
	for url, why := range map[string]string{
		"":                          "this server was reached by an IP address",
		"http://leads.example.com":  "begins with http://",
		"http://127.0.0.1:8080":     "this server was reached by an IP address",
		"https://leads.example.com": "",
	} {
		t.Run(url, func(t *testing.T) {
			w := openWith(t, server.Config{Database: "sqlite:" + t.TempDir() + "/x.db", PublicURL: url})
			if _, got := w.server.SignIn.Site("127.0.0.1:8080"); !strings.Contains(got, why) || (got == "") != (why == "") {
				t.Errorf("says %q", got)
			}
			if strings.HasPrefix(url, "http") { // such cookies go nowhere here
				return
			}
			ws := w.plainWorkspace("Acme")
			v := w.signedInAs(ws, w.newMember(ws, "mel@acme.example", "Mel", "member"))
			v.get("/settings/sign-in").has(why)
			v.get("/sign-in")
			if strings.Contains(v.page, `data-passkey="sign-in"`) {
				t.Error("the button is shown")
			}
			if status, _, _ := v.json("/settings/passkeys/ask", is{}); status != http.StatusForbidden {
				t.Errorf("answered with %d", status)
			}
		})
	}
	for host, origin := range map[string]string{"localhost:8080": "http://localhost:8080", "localhost": "http://localhost", "[::1]:80": "", "leads.example.com": "", "192.168.1.4:80": ""} {
		if site, why := (&signin.Service{}).Site(host); site.Origin != origin || (why == "") != (origin != "") {
			t.Errorf("%s: %+v %q", host, site, why)
		}
	}
}
