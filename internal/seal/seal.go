// Package seal keeps secrets: the API keys of sources, encrypted at rest, and
// in memory in values that never print themselves.
//
// A sealed text is AES-256-GCM with a random nonce, bound to the name of the
// row that holds it: moved to another row it does not open. It promises nothing
// against who reads this process's memory, and never writes anything itself.
package seal

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
)

// version begins every sealed text, so that another cipher can come after this one.
const version = "seal1."

// mute is what a secret says of itself, no matter who asks.
type mute struct{}

const redacted = "[redacted]"

func (mute) String() string               { return redacted }
func (mute) GoString() string             { return redacted }
func (mute) Format(f fmt.State, _ rune)   { _, _ = f.Write([]byte(redacted)) }
func (mute) LogValue() slog.Value         { return slog.StringValue(redacted) }
func (mute) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// Secret is a text that never prints itself. The zero value is empty.
type Secret struct {
	mute
	text *string // behind a pointer: printing a struct around it shows an address
}

// Hide makes a secret of a text.
func Hide(text string) Secret { return Secret{text: &text} }

// Reveal is the text itself: for the header that needs it, and nothing else.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Key seals and opens. It never prints itself.
type Key struct {
	mute
	aead *cipher.AEAD
}

// ParseKey reads a key of 32 bytes, written in hex or base64 (either alphabet,
// with or without padding). The error never repeats what was given.
func ParseKey(text string) (Key, error) {
	text = strings.TrimRight(strings.TrimSpace(text), "=")
	raw, err := hex.DecodeString(text)
	if err != nil {
		raw, err = base64.RawStdEncoding.DecodeString(strings.NewReplacer("-", "+", "_", "/").Replace(text))
	}
	if err != nil || len(raw) != 32 {
		return Key{}, errors.New("the sealing key must be 32 bytes in hex or base64, such as openssl rand -hex 32 prints")
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return Key{}, err
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	return Key{aead: &aead}, err
}

// ReadKey reads a key from a file that nobody but its owner and group may read.
func ReadKey(path string) (Key, error) {
	info, err := os.Stat(path)
	if err != nil {
		return Key{}, fmt.Errorf("the sealing key's file: %w", err)
	}
	if info.Mode().Perm()&0o007 != 0 {
		return Key{}, fmt.Errorf("the sealing key's file %s may be read by everybody (mode %04o): chmod 600 it, and make a new key if others have accounts here", path, info.Mode().Perm())
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Key{}, fmt.Errorf("the sealing key's file: %w", err)
	}
	return ParseKey(string(text))
}

// Seal encrypts a secret for the row called name.
func (k Key) Seal(name string, secret Secret) (string, error) {
	if k.aead == nil {
		return "", errors.New("there is no sealing key")
	}
	sealed := (*k.aead).Seal(nil, nil, []byte(secret.Reveal()), []byte(version+name))
	return version + base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Open decrypts what Seal made for the row called name. Another key, another
// row and a changed text give one and the same error.
func (k Key) Open(name, sealed string) (Secret, error) {
	if k.aead == nil {
		return Secret{}, errors.New("there is no sealing key")
	}
	text, known := strings.CutPrefix(sealed, version)
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if !known || err != nil {
		return Secret{}, fmt.Errorf("the secret of %s is not sealed in a form that this version knows", name)
	}
	plain, err := (*k.aead).Open(nil, nil, raw, []byte(version+name))
	if err != nil {
		return Secret{}, fmt.Errorf("the secret of %s does not open: it was sealed with another key or for another row, or was changed", name)
	}
	return Hide(string(plain)), nil
}
