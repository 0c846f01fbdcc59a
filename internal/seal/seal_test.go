package seal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/leadmeter/leadmeter/internal/seal"
)

var raw = []byte("0123456789abcdefghijklmnopqrstuv")

func key(t testing.TB, text string) seal.Key {
	t.Helper()
	k, err := seal.ParseKey(text)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestSealOpens(t *testing.T) {
	k := key(t, hex.EncodeToString(raw))
	rapid.Check(t, func(t *rapid.T) {
		name, secret := rapid.String().Draw(t, "name"), rapid.String().Draw(t, "secret")
		sealed, err := k.Seal(name, seal.Hide(secret))
		if err != nil {
			t.Fatal(err)
		}
		opened, err := k.Open(name, sealed)
		if err != nil || opened.Reveal() != secret {
			t.Fatalf("%q opened as %q, %v", secret, opened.Reveal(), err)
		}
		if again, _ := k.Seal(name, seal.Hide(secret)); again == sealed {
			t.Fatal("two sealings are the same: the nonce was used twice")
		}
		if _, err := k.Open(name+"x", sealed); err == nil {
			t.Fatal("it opened in another row")
		}
		at := rapid.IntRange(6, len(sealed)-1).Draw(t, "at")
		changed := []byte(sealed)
		changed[at] ^= 1
		if opened, err := k.Open(name, string(changed)); err == nil {
			t.Fatalf("changed at %d it opened as %q", at, opened.Reveal())
		}
	})
}

func TestKeysAreReadInHexAndBase64(t *testing.T) {
	sealed, _ := key(t, hex.EncodeToString(raw)).Seal("row", seal.Hide("secret"))
	for _, text := range []string{
		strings.ToUpper(hex.EncodeToString(raw)) + "\n", base64.StdEncoding.EncodeToString(raw), base64.URLEncoding.EncodeToString(raw),
		base64.RawStdEncoding.EncodeToString(raw), base64.RawURLEncoding.EncodeToString(raw),
	} {
		if opened, err := key(t, text).Open("row", sealed); err != nil || opened.Reveal() != "secret" {
			t.Errorf("%d characters: %v", len(text), err)
		}
	}
	for _, text := range []string{"", "short", hex.EncodeToString(raw[:31]), hex.EncodeToString(append(raw, 1)), strings.Repeat("z!", 32)} {
		if _, err := seal.ParseKey(text); err == nil || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: %v", text, err)
		}
	}
	other := bytes.Repeat([]byte{7}, 32)
	if _, err := key(t, hex.EncodeToString(other)).Open("row", sealed); err == nil {
		t.Error("another key opened it")
	}
	for _, text := range []string{"", "secret", "seal1.", "seal1.!!", "seal2." + sealed[6:]} {
		if _, err := key(t, hex.EncodeToString(raw)).Open("row", text); err == nil {
			t.Errorf("%q opened", text)
		}
	}
	if _, err := (seal.Key{}).Seal("row", seal.Hide("x")); err == nil {
		t.Error("no key sealed")
	}
	if _, err := (seal.Key{}).Open("row", sealed); err == nil {
		t.Error("no key opened")
	}
}

func TestKeyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(hex.EncodeToString(raw)+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ReadKey(path); err != nil {
		t.Error(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.ReadKey(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("a file for everybody: %v", err)
	}
	if _, err := seal.ReadKey(path + "x"); err == nil {
		t.Error("no file is a key")
	}
}

// Whatever prints a secret, alone or inside something, prints nothing of it.
func TestSecretsNeverPrint(t *testing.T) {
	const canary = "canary-7d1f"
	secret, k := seal.Hide(canary), key(t, hex.EncodeToString(raw))
	type around struct {
		S seal.Secret
		K seal.Key
		s seal.Secret
		k seal.Key
	}
	whole := around{secret, k, secret, k}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%c", "%t", "%b"} {
		for _, v := range []any{secret, &secret, k, &k, whole, &whole, []seal.Secret{secret}, map[string]seal.Key{"k": k}} {
			fmt.Fprintf(&out, verb+"\n", v)
		}
	}
	text, _ := json.Marshal(whole)
	out.Write(text)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "s", secret, "k", k, "w", whole)
	slog.New(slog.NewTextHandler(&out, nil)).Info("m", "s", secret, "k", k, "w", whole)
	for _, bad := range []string{canary, hex.EncodeToString([]byte(canary)), strings.ToUpper(hex.EncodeToString([]byte(canary))), string(raw), hex.EncodeToString(raw)} {
		if strings.Contains(out.String(), bad) {
			t.Errorf("%q was printed", bad)
		}
	}
	if secret.Reveal() != canary || (seal.Secret{}).Reveal() != "" {
		t.Error("the secret is lost")
	}
}
