package command

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/seal"
)

// heard is what a command wrote so far.
type heard struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.text.String()
}

// served is what a server that is started and stopped says.
func served(t *testing.T, args ...string) (said string, err error) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), 20*time.Second)
	defer stop()
	var out heard
	go func() {
		for !strings.Contains(out.String(), "listens on") && ctx.Err() == nil {
			time.Sleep(5 * time.Millisecond)
		}
		stop()
	}()
	err = run(ctx, append([]string{"serve", "--listen=127.0.0.1:0", "--metrics-listen=off"}, args...), &out, &out)
	if errors.Is(err, context.Canceled) { // it was stopped before it served
		err = nil
	}
	return out.String(), err
}

// A SQLite server has a secret key from its first start on: the one that is named, or its own, which
// is made once.
func TestSecretKeyIsMadeOnce(t *testing.T) {
	dir := t.TempDir()
	db, file := "--database=sqlite:"+filepath.Join(dir, "x.db"), filepath.Join(dir, "secret.key")
	first, err := served(t, db)
	if err != nil || !strings.Contains(first, "Made the secret key "+file) {
		t.Fatalf("the first start: %v, %s", err, first)
	}
	if _, err := seal.ReadKey(file); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the key has the mode %v, %v", info.Mode(), err)
	}
	made, _ := os.ReadFile(file)
	again, err := served(t, db)
	if now, _ := os.ReadFile(file); err != nil || strings.Contains(again, "secret key") || !bytes.Equal(now, made) {
		t.Errorf("the second start: %v, %s", err, again)
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".secret.key-*"))
	if len(left) > 0 {
		t.Errorf("%v were left", left)
	}

	other := t.TempDir()
	if said, err := served(t, "--database=sqlite:"+filepath.Join(other, "x.db"), "--secret-key-file="+file); err != nil || strings.Contains(said, "secret key") {
		t.Errorf("with a key that is named: %v, %s", err, said)
	}
	if _, err := os.Stat(filepath.Join(other, "secret.key")); !os.IsNotExist(err) {
		t.Errorf("a key was made beside one that is named: %v", err)
	}

	// A file that others may read, or that holds no key, stops the start; it is never written over.
	if err := os.WriteFile(file, []byte("no key\n"), fs.FileMode(0o600)); err != nil {
		t.Fatal(err)
	}
	if said, err := served(t, db); err == nil || !strings.Contains(err.Error(), "32 bytes in hex or base64") {
		t.Errorf("with a damaged key: %v, %s", err, said)
	}
}
