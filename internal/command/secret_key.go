package command

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/leadmeter/leadmeter/internal/store"
)

// keyBeside is the file that has the secret key of a SQLite database for which no other is named:
// secret.key in its folder. Other databases have none, as several servers share theirs. A link to a
// file that is not there is found, so that nothing takes its place: its volume may not be mounted.
func keyBeside(database string) (file string, found bool, err error) {
	path, ok := strings.CutPrefix(database, "sqlite:")
	if !ok || path == "" {
		return "", false, nil
	}
	file = filepath.Join(filepath.Dir(path), "secret.key")
	switch _, err = os.Lstat(file); {
	case err == nil:
		return file, true, nil
	case errors.Is(err, fs.ErrNotExist):
		return file, false, nil
	}
	return "", false, fmt.Errorf("the secret key's file: %w", err)
}

// makeKey writes a new key to a file, whole or not at all; false: there is one already, such as of a
// server that started at the same time.
func makeKey(file string) (made bool, err error) {
	var key [32]byte
	_, _ = rand.Read(key[:])                                     // never fails
	f, err := os.CreateTemp(filepath.Dir(file), ".secret.key-*") // for its owner alone
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, os.Remove(f.Name())) }()
	_, err = f.WriteString(hex.EncodeToString(key[:]) + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return false, err
	}
	switch err = os.Link(f.Name(), file); { // a rename would take the place of another's
	case errors.Is(err, fs.ErrExist):
		return false, nil
	case err != nil:
		return false, err
	}
	if dir, err := os.Open(filepath.Dir(file)); err == nil { // what is sealed with it lasts; so must its name
		_ = dir.Sync() // not every system can
		_ = dir.Close()
	}
	return true, nil
}

// ownKey is keyBeside, made where it is missing and nothing was sealed with another one.
func ownKey(o *output, database string) (file string, err error) {
	file, found, err := keyBeside(database)
	if err != nil || found || file == "" {
		return file, err
	}
	st, err := store.Open(o.ctx, database) // makes its folder, too
	if err != nil {
		return "", err
	}
	sealed := false
	err = st.View(o.ctx, func(tx *store.Tx) (err error) {
		sealed, err = tx.Settings().AnySealed()
		return err
	})
	if err = errors.Join(err, st.Close()); err != nil {
		return "", err
	}
	if sealed {
		return "", fmt.Errorf("the database has passwords and tokens that another secret key opens, and %s is missing: put its copy there, or name it with secret_key_file. If it is lost, begin with a new one, made with openssl rand -hex 32; what it does not open is typed again", file)
	}
	made, err := makeKey(file)
	if err != nil {
		return "", fmt.Errorf("a secret key could not be made: %w; name one with secret_key_file", err)
	}
	if made {
		fmt.Fprintf(o.stdout, "Made the secret key %s. It opens the passwords and tokens that are kept in the database: keep a copy of it apart from the backups.\n", file)
	}
	return file, nil
}
