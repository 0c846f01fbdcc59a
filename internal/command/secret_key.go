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

// keyFor is the file of a server's secret key: the one that is named, or keyBeside. Where it is missing
// it is made, if nothing was sealed with another one and no other server has one.
func keyFor(o *output, database, named string) (file string, err error) {
	file, found := named, false
	if named == "" {
		file, found, err = keyBeside(database)
	} else if _, missing := os.Lstat(named); !errors.Is(missing, fs.ErrNotExist) {
		found = true // and read, or refused, when the server opens
	}
	if err != nil || found || file == "" {
		return file, err
	}
	st, err := store.Open(o.ctx, database) // makes its folder, too
	if err != nil {
		return "", err
	}
	sealed, others := false, false
	err = st.View(o.ctx, func(tx *store.Tx) (err error) {
		if sealed, err = tx.Settings().AnySealed(); err == nil && st.Engine() != "sqlite" {
			var used string
			used, err = tx.Settings().KeyUsed()
			others = used != ""
		}
		return err
	})
	if err = errors.Join(err, st.Close()); err != nil {
		return "", err
	}
	switch {
	case sealed:
		return "", fmt.Errorf("the database has passwords and tokens that another secret key opens, and %s is missing: put its copy there, or name it with secret_key_file. If it is lost, begin with a new one, made with openssl rand -hex 32; what it does not open is typed again", file)
	case others:
		return "", fmt.Errorf("the servers of this database have a secret key, and %s is missing: put a copy of theirs there. If it is lost, make a new one with openssl rand -hex 32, the same for all", file)
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
