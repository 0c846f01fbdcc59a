package command

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/leadmeter/leadmeter/internal/seal"
	"github.com/leadmeter/leadmeter/internal/store"
	"github.com/leadmeter/leadmeter/internal/testdb"
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

// Servers that start at the same instant have one key: what one of them seals the other opens, and
// so do both after their next start.
func TestSecretKeyOfServersThatStartTogether(t *testing.T) {
	for range 5 {
		db := "sqlite:" + filepath.Join(t.TempDir(), "x.db")
		st, err := store.Open(t.Context(), db)
		if err == nil {
			err = st.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		var all sync.WaitGroup
		var keys [8]string
		begin := make(chan struct{})
		for n := range keys {
			all.Go(func() {
				<-begin
				file, err := keyFor(&output{ctx: t.Context(), stdout: io.Discard}, db, "")
				if err != nil {
					t.Error(err)
					return
				}
				key, err := os.ReadFile(file) // as it is when the server opens
				if err != nil {
					t.Error(err)
				}
				keys[n] = string(key)
			})
		}
		close(begin)
		all.Wait()
		for _, key := range keys {
			if key != keys[0] {
				t.Fatalf("servers that started together have different keys")
			}
		}
	}
}

// A link to a key that is not there, as of a volume that is not mounted, is not written over.
func TestSecretKeyThatIsALinkToNothing(t *testing.T) {
	dir := t.TempDir()
	file, elsewhere := filepath.Join(dir, "secret.key"), filepath.Join(dir, "volume", "secret.key")
	if err := os.Symlink(elsewhere, file); err != nil {
		t.Fatal(err)
	}
	if _, err := served(t, "--database=sqlite:"+filepath.Join(dir, "x.db")); err == nil {
		t.Error("a server starts with another key than the one that is linked")
	}
	if to, err := os.Readlink(file); err != nil || to != elsewhere {
		t.Errorf("the link is %q, %v", to, err)
	}
}

// A folder that the database makes has the key from the first start on, too.
func TestSecretKeyInANewFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "var", "leadmeter")
	if said, err := served(t, "--database=sqlite:"+filepath.Join(dir, "x.db")); err != nil {
		t.Fatalf("%v, %s", err, said)
	}
	if _, err := seal.ReadKey(filepath.Join(dir, "secret.key")); err != nil {
		t.Error(err)
	}
}

// A database that came back without its key does not get another one, with which its passwords and
// tokens would stay closed.
func TestSecretKeyOfADatabaseThatHasSecrets(t *testing.T) {
	dir := t.TempDir()
	db, file := "sqlite:"+filepath.Join(dir, "x.db"), filepath.Join(dir, "secret.key")
	if said, err := served(t, "--database="+db); err != nil {
		t.Fatalf("%v, %s", err, said)
	}
	keep := func(do func(tx *store.Tx) error) {
		t.Helper()
		st, err := store.Open(t.Context(), db)
		if err == nil {
			err = errors.Join(st.Update(t.Context(), do), st.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	key, err := seal.ReadKey(file)
	if err != nil {
		t.Fatal(err)
	}
	keep(func(tx *store.Tx) error {
		sealed, err := key.Seal("x", seal.Hide("a source's key"))
		if err != nil {
			return err
		}
		return tx.Providers().PutKey("x", sealed)
	})
	if err := os.Rename(file, filepath.Join(dir, "kept")); err != nil {
		t.Fatal(err)
	}
	if said, err := served(t, "--database="+db); err == nil || !strings.Contains(err.Error(), file+" is missing") {
		t.Errorf("%v, %s", err, said)
	}
	if _, err := os.Lstat(file); err == nil {
		t.Error("another key was made")
	}
	if said, err := served(t, "--database="+db, "--secret-key-file="+filepath.Join(dir, "kept")); err != nil {
		t.Errorf("with its key: %v, %s", err, said)
	}
	keep(func(tx *store.Tx) error {
		_, err := tx.Providers().DropKey("x")
		return err
	})
	if said, err := served(t, "--database="+db); err != nil || !strings.Contains(said, "Made the secret key") {
		t.Errorf("with nothing sealed: %v, %s", err, said)
	}
}

// A key that cannot be written leaves nothing, and the start says what to do.
func TestSecretKeyThatCannotBeMade(t *testing.T) {
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "not"), 0o700); err != nil {
		t.Fatal(err)
	}
	if made, err := makeKey(filepath.Join(dir, "not", "there", "secret.key")); made || err == nil {
		t.Errorf("a key in no folder: %v, %v", made, err)
	}
	if made, err := makeKey(filepath.Join(dir, "not")); made || err != nil {
		t.Errorf("in a folder's place: %v, %v", made, err)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".secret.key-*")); len(left) > 0 {
		t.Errorf("%v were left", left)
	}
}

// A Postgres has a key where a file is named: it is made if it is missing and no other server has one, so
// that no two servers have different ones.
func TestSecretKeyOfPostgres(t *testing.T) {
	database, dir := "--database="+testdb.Address(t, "postgres"), t.TempDir()
	file, other := filepath.Join(dir, "secret.key"), filepath.Join(dir, "other.key")
	if said, err := served(t, database); err != nil || strings.Contains(said, "secret key") {
		t.Errorf("where none is named: %v, %s", err, said)
	}
	if said, err := served(t, database, "--secret-key-file="+file); err != nil || !strings.Contains(said, "Made the secret key "+file) {
		t.Fatalf("the first start: %v, %s", err, said)
	}
	if said, err := served(t, database, "--secret-key-file="+file); err != nil || strings.Contains(said, "secret key") {
		t.Errorf("the second start: %v, %s", err, said)
	}
	if said, err := served(t, database, "--secret-key-file="+other); err == nil || !strings.Contains(err.Error(), other+" is missing: put a copy of theirs there") {
		t.Errorf("another server without the key: %v, %s", err, said)
	}
	if _, err := os.Lstat(other); err == nil {
		t.Error("another key was made")
	}
	// The operator may begin with another one; the log says it once.
	if _, err := makeKey(other); err != nil {
		t.Fatal(err)
	}
	var log heard
	before := slog.Default()
	slog.SetDefault(slog.New(slog.NewTextHandler(&log, nil)))
	defer slog.SetDefault(before)
	for n := range 2 {
		if said, err := served(t, database, "--secret-key-file="+other); err != nil {
			t.Errorf("with another key: %v, %s", err, said)
		}
		if times := strings.Count(log.String(), "another secret key"); times != 1 {
			t.Errorf("after start %d the log says %d times that the key is another one", n+1, times)
		}
	}
}
